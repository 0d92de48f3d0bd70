"""What the desk's pages and the admin beside it need: the queue's length, names of checks,
addresses, addresses of parts that may not be there.
"""

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode

from comments.desk import queues
from comments.models import Comment
from comments.spam.names import name_of
from comments.status import Status

register = template.Library()
register.filter("check_name", name_of)

MOST_SHOWN = 999


@register.simple_tag
def pending_count() -> int:
    """Return how many comments wait for an editor, counted as far as a queue is. Queries: 1."""
    return _pending_up_to(queues.COUNTED_TO + 1)


@register.filter
def counted(count: int) -> str:
    """Return such a count in words: "10,000+" where counting ended."""
    return queues.shown(count)


@register.simple_tag
def pending_shown() -> str:
    """Return how many wait, for every page's head: "12", "999+", nothing for none. Queries: 1."""
    count = _pending_up_to(MOST_SHOWN + 1)
    return f"{MOST_SHOWN}+" if count > MOST_SHOWN else str(count or "")


def _pending_up_to(most: int) -> int:
    waiting = Comment.objects.filter(status=Status.PENDING).order_by()
    return waiting.values("pk")[:most].count()


@register.simple_tag
def desk_link(name: str, *args: Any, **query: Any) -> str:
    """Return an address within the admin, or nothing where no part of the desk answers to it."""
    try:
        address = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address
