"""What was done with a post: who, when, why, the last first."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.models import Act, PublishingLogEntry
from blog.room.guards import for_authors, post_to_write

PAGE = 50
# Their detail is the moment that a post or its changes were to come at.
OF_A_MOMENT = frozenset([Act.SCHEDULE, Act.APPEAR, Act.SCHEDULE_CHANGE, Act.CHANGE])
MOST_DIGITS = 18


@require_safe
@for_authors
def post_log(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the log of one post. Queries: 1, beside the guards'."""
    post = post_to_write(request.user, pk)
    before = request.GET.get("before", "")
    entries = post.log.order_by("-pk")
    if before.isdecimal() and len(before) <= MOST_DIGITS:
        entries = entries.filter(pk__lt=int(before))
    found = list(entries[: PAGE + 1])
    context = {
        "post": post,
        "rows": [_row(entry) for entry in found[:PAGE]],
        "is_first": not before,
        "next": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    return render(request, "blog/room/log.html", context)


def _row(entry: PublishingLogEntry) -> dict[str, Any]:
    moment = moment_in(entry)
    return {
        "entry": entry,
        "moment": moment if entry.act in OF_A_MOMENT else None,
        "detail": "" if moment else entry.detail,
        "has_moved": entry.old_status != entry.new_status,
    }


def moment_in(entry: PublishingLogEntry) -> datetime | None:
    """Return the moment that an act was about: its own, or the one that it gave up."""
    try:
        return datetime.fromisoformat(entry.detail)
    except ValueError:
        return None
