"""Who is looking at which comment: one row an editor, gone by itself, never in the log, no lock."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comments.desk.answers import MAY_MODERATE
from comments.desk.meant import is_key
from comments.models import Comment, Presence
from comments.turns import turn

LASTS = timedelta(seconds=45)
MOST_ASKED = 50
MOST_CHARACTERS = 2_000


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def here(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Write down what an editor has before them; tell who else is on the cards of their page.

    Shape of the answer: {comment id: a sentence}, of those alone that somebody is on.
    """
    comment = get_object_or_404(Comment.objects.only("pk"), pk=comment_id)
    be_here(request.user, comment)
    return JsonResponse(others_on(asked_for(request.POST.get("cards", "")), request.user))


def be_here(user: Any, comment: Comment) -> None:
    """Queries: 1."""
    row = Presence(
        user=user, name=user.get_short_name()[:80], comment=comment, seen_at=timezone.now()
    )
    with turn():
        Presence.objects.bulk_create(
            [row],
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["name", "comment", "seen_at"],
        )


def asked_for(text: str) -> list[int]:
    """Return the comment ids of a list such as "3,4"; what is no id is passed over."""
    words = text[:MOST_CHARACTERS].split(",")[:MOST_ASKED]
    return [int(word) for word in words if is_key(word)]


def others_on(comment_ids: list[int], user: Any) -> dict[int, str]:
    """Return who else is on these comments now. Queries: 1."""
    rows = Presence.objects.filter(
        comment__in=comment_ids, seen_at__gt=timezone.now() - LASTS
    ).exclude(user=user)
    names: dict[int, list[str]] = {}
    for row in rows.order_by("pk"):
        names.setdefault(row.comment_id, []).append(row.name)
    return {
        pk: _("%(name)s is on this one") % {"name": ", ".join(on_it)}
        if len(on_it) == 1
        else _("%(names)s are on this one") % {"names": ", ".join(on_it)}
        for pk, on_it in names.items()
    }
