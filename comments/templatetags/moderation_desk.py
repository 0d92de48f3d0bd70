"""What pages of the admin beside the desk's own say of the queue."""

from django import template

from comments.models import Comment
from comments.status import Status

register = template.Library()


@register.simple_tag
def pending_count() -> int:
    """Return how many comments wait for an editor. Queries: 1."""
    return Comment.objects.filter(status=Status.PENDING).count()
