"""What the desk's pages and the admin beside it need: the queue's length, names of checks,
addresses, addresses of parts that may not be there.
"""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from comments.models import Comment
from comments.spam.names import name_of
from comments.status import Status

register = template.Library()
register.filter("check_name", name_of)


@register.simple_tag
def pending_count() -> int:
    """Return how many comments wait for an editor. Queries: 1."""
    return Comment.objects.filter(status=Status.PENDING).count()


MOST_SHOWN = 999


@register.simple_tag
def pending_shown() -> str:
    """Return how many wait, for every page's head: "12", "999+", nothing for none. Queries: 1."""
    waiting = Comment.objects.filter(status=Status.PENDING).order_by()
    count = waiting.values("pk")[: MOST_SHOWN + 1].count()
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count or "")


@register.simple_tag
def desk_link(name: str, *args: Any, **query: Any) -> str:
    """Return an address within the admin, or nothing where no part of the desk answers to it."""
    try:
        address = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address
