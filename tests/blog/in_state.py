"""Posts in each state that a person knows, put there past all moves: for tests of who may what."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from blog.models import Post, PostStatus
from blog.states import OUT

SCHEDULED = "scheduled"
STATES = (*PostStatus.values, SCHEDULED)


def put(post: Post, state: str) -> Post:
    """Bring a post into a state; what is thrown away was a draft. Return it as it is read now."""
    now = timezone.now()
    later, ago = now + timedelta(days=1), now - timedelta(days=1)
    public_at = {SCHEDULED: later}.get(state, ago if state in OUT else None)
    facts: dict[str, Any] = {
        "status": PostStatus.PUBLISHED if state == SCHEDULED else state,
        "published_at": public_at,
        "first_public_at": public_at,
        "trashed_at": now if state == PostStatus.TRASH else None,
    }
    Post.objects.filter(pk=post.pk).update(**facts)
    return Post.objects.select_related("author", "thread").get(pk=post.pk)
