"""What the desk's pages and the admin beside it need: the queue's length, names of checks,
addresses, addresses of parts that may not be there.
"""

from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from comments.desk import queues
from comments.models import Comment
from comments.spam.names import name_of, verdict_in_words
from comments.status import Status

register = template.Library()
register.filter("check_name", name_of)
register.filter("verdict_in_words", verdict_in_words)

MOST_SHOWN = 999
PARTS = {
    "desk": _("Queues"),
    "desk_people": _("People"),
    "desk_log": _("Log"),
    "desk_morning": _("Morning"),
    "desk_checks": _("Checks"),
    "desk_learner": _("Learner"),
}
DESK_PAGES = ("desk", "comments_comment_")


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


@register.inclusion_tag("admin/comments/desk/_parts.html", takes_context=True)
def desk_parts(context: Context) -> dict[str, Any]:
    """Show the parts of the desk. Shape: `current` is a value of aria-current, or nothing."""
    here = context["request"].resolver_match.url_name
    part = here if here in PARTS else _part_of(here)
    current = {part: "page" if part == here else "true"}
    return {
        "parts": [
            {"address": reverse(f"admin:{name}"), "label": label, "current": current.get(name)}
            for name, label in PARTS.items()
        ]
    }


def _part_of(page: str) -> str:
    """Return which part a page stands in: with the queues, unless it is another part's."""
    if not page.startswith(DESK_PAGES):
        return ""
    return "desk_people" if page == "desk_ban" else "desk"


@register.simple_tag
def desk_link(name: str, *args: Any, **query: Any) -> str:
    """Return an address within the admin, or nothing where no part of the desk answers to it."""
    try:
        address = reverse(f"admin:{name}", args=args)
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode(query)}" if query else address
