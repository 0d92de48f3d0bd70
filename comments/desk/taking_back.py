"""Undo at the desk: first what it would change, then the exact inverse, of one act or of many."""

from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from comments import moderation
from comments.desk.acts import DECISIONS, DONE
from comments.desk.answers import (
    MAY_MODERATE,
    admin_frame,
    at_card,
    card_answer,
    card_context,
    done_to,
    reread,
    see_other,
    stale_facts,
    undo_address,
    wants_fragment,
    way_back,
    with_undo,
)
from comments.desk.cards import read_cards
from comments.desk.moved import as_json, moved, taken_or_brought
from comments.desk.notices import said_of_reply, say_of_reply
from comments.models import Comment, ModerationLogEntry, Sanction
from comments.moderation import BulkResult, CannotMove, StaleComment, UndoPlan
from comments.prepared import Prepared
from comments.status import Action, IllegalTransition, Status

MOST_SHOWN_AGAIN = 25
LARGEST = 2**63 - 1
# A branch that came here moved, from elsewhere, has no place of ours to go back to.
UNDOABLE = Q(
    action__in=[*(action for action in DECISIONS if action != Action.NOTE), Action.REVISE]
) | Q(action=Action.MOVE, detail__has_key="from")


class LastAct(NamedTuple):
    pk: int
    batch: UUID | None


def last_act_of(user: Any, *, before: int = LARGEST) -> LastAct | None:
    """Return the newest act of an editor's own that can still be undone. Queries: 1.

    `before`: only what was done before that row of the log.
    """
    found = LAST_ACT.rows(user.pk, before)
    return LastAct(*found[0]) if found else None


def _newest_of(user_id: int, before: int) -> QuerySet[ModerationLogEntry, Any]:
    mine = ModerationLogEntry.objects.filter(UNDOABLE, actor=user_id, pk__lt=before)
    return moderation.not_overtaken(mine).order_by("-pk").values_list("pk", "batch")[:1]


# Each page of a queue asks it, and Django took longer to write it than the database to answer it.
LAST_ACT = Prepared(_newest_of, 918273645546372901, 918273645546372902)


def last_undo(user: Any, *, before: int = LARGEST) -> str:
    """Return where the last act is undone, or nothing. Queries: 1."""
    last = last_act_of(user, before=before)
    return undo_address(last) if last else ""


# --- one act ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show what undoing one act would change, or do it."""
    entries = ModerationLogEntry.objects.select_related("comment__thread")
    entry = get_object_or_404(entries, pk=entry_id)
    if request.method != "POST":
        return show_plan(request, moderation.plan_undo(entry), request.path)
    try:
        inverse = moderation.undo(entry, actor=request.user)
    except StaleComment as stale:
        facts = stale_facts(stale)
        facts["problem"] = _("Nothing was undone: somebody was here after that act.")
        return refused(request, entry, **facts)
    except CannotMove as cannot:
        return refused(request, entry, problem=str(cannot))
    except IllegalTransition:
        problem = _("Nothing was undone: this act is undone already, or has nothing to undo.")
        return refused(request, entry, problem=problem)
    return undone(request, inverse)


def undone(request: HttpRequest, inverse: ModerationLogEntry) -> HttpResponse:
    """Answer with the comment as it is again, and with what became of a reply to it."""
    comment, done = inverse.comment, str(DONE[Action.UNDO])
    if not wants_fragment(request):
        messages.success(request, format_html("{}: <bdi>{}</bdi>.", done, comment.author_name))
        say_of_reply(request, inverse)
        return see_other(at_card(way_back(request), comment.pk))
    said, address = said_of_reply(inverse)
    reply = moderation.reply_taken(inverse)
    return card_answer(
        request,
        comment.pk,
        said=f"{done_to(done, comment)} {said}".strip(),
        of_reply=said,
        reply_address=address,
        undo_next=last_undo(request.user),
        act=inverse,
        others=taken_or_brought(reply) if reply else None,
    )


def refused(request: HttpRequest, entry: ModerationLogEntry, **facts: Any) -> HttpResponse:
    """Answer 409 with the comment as it is now, and with the act before as the next to undo."""
    last = last_undo(request.user, before=entry.pk)
    status = HTTPStatus.CONFLICT
    return card_answer(request, entry.comment_id, status=status, undo_next=last, **facts)


# --- a bulk act ---------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def undo_batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Show what undoing a bulk act would change, or do it but for what others acted on since."""
    of_batch = {"batch": batch}
    is_there = ModerationLogEntry.objects.filter(**of_batch).exists()
    if not is_there and not Sanction.objects.filter(**of_batch).exists():
        raise Http404
    if request.method != "POST":
        return show_plan(request, moderation.plan_undo_many(batch), request.path)
    result = moderation.undo_many(batch, actor=request.user)
    count, kept = len(result.done), len(result.stale)
    said = ngettext("Undone: %(count)s comment.", "Undone: %(count)s comments.", count)
    said %= {"count": f"{count:,}"}
    if kept:
        more = _("%(kept)s kept, since somebody acted on them meanwhile.")
        said = f"{said} {more % {'kept': f'{kept:,}'}}"
    if result.lifted:
        ended = len(result.lifted)
        lifted = ngettext("%(count)s measure lifted.", "%(count)s measures lifted.", ended)
        said = f"{said} {lifted % {'count': ended}}"
    if wants_fragment(request):
        return HttpResponse(cards_again(request, result, said))
    if not result.done and result.lifted:
        messages.success(request, said)
    elif not result.done:
        messages.warning(request, _("Nothing was undone: there was nothing left to undo."))
    else:
        messages.success(request, with_undo(request, said, undo_address(result.done[0])))
    return see_other(way_back(request))


def cards_again(request: HttpRequest, result: BulkResult, said: str) -> str:
    """Return the cards of what was undone, the first of them, and what to say of all."""
    undone = {entry.comment_id: entry for entry in result.done}
    parts = []
    for card in read_cards(reread(list(undone)[:MOST_SHOWN_AGAIN])):
        is_reported = card.comment.reported_at is not None
        change = moved(undone.pop(card.comment.pk), is_reported=is_reported)
        context = {**card_context(request, card), "moved": as_json(change)}
        parts.append(render_to_string("admin/comments/desk/_card.html", context, request))
    context = {
        "said": [said],
        "last_undo": last_undo(request.user),
        "moved": moved_unseen(result, list(undone.values())),
    }
    parts.append(render_to_string("admin/comments/desk/_said.html", context, request))
    return "".join(parts)


def moved_unseen(result: BulkResult, undone: list[ModerationLogEntry]) -> str:
    """Return what changed by the acts of which no card is shown again. Queries: 1, or none."""
    if not undone:
        return ""
    again = Comment.objects.filter(log__batch=result.batch, reported_at__isnull=False)
    reported = set(again.values_list("pk", flat=True))
    changes = (moved(entry, is_reported=entry.comment_id in reported) for entry in undone)
    return as_json(*changes)


# --- before it is done --------------------------------------------------------------------------


def show_plan(request: HttpRequest, plan: UndoPlan, address: str) -> HttpResponse:
    counts = [
        (Status(before).label, Status(after).label, count)
        for (before, after), count in sorted(plan.counts.items())
    ]
    moves = [*plan.moves, *plan.replies]
    context = {
        **admin_frame(request),
        "title": _("Undo"),
        "plan": plan,
        "counts": counts,
        "moves": [(move.comment, Status(move.before), Status(move.after)) for move in moves],
        "more": plan.total - len(moves),
        "address": address,
        "next": way_back(request),
    }
    return render(request, "admin/comments/desk/undo.html", context)
