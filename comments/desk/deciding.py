"""The desk's decisions over HTTP, on one comment or on many; each bound to what its card showed.

Whatever cannot be done is answered with the card as it is now and with every word that was typed.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from comments import moderation
from comments.desk.acts import DONE, bulk_buttons
from comments.desk.answers import (
    MAY_MODERATE,
    admin_frame,
    card_answer,
    card_context,
    done_answer,
    done_line,
    quoted,
    reread,
    see_other,
    stale_facts,
    undo_address,
    wants_fragment,
    way_back,
    with_undo,
)
from comments.desk.cards import read_cards
from comments.desk.filters import Filters
from comments.desk.forms import BulkForm, DecisionForm, parse_seen
from comments.desk.meant import is_key
from comments.desk.offered import Offered
from comments.desk.queues import Queue, matching
from comments.models import Comment
from comments.moderation import BulkResult, Seen, StaleComment, TooMany
from comments.status import Action, IllegalTransition, Status

STAYING = (Action.NOTE,)
MOST_STALE_SHOWN = 25


# --- one ----------------------------------------------------------------------------------------


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def decide(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Act if the comment still is what the card showed; otherwise show it anew."""
    comment = get_object_or_404(Comment, pk=comment_id)
    form, seen = DecisionForm(request.POST), parse_seen(request.POST.get("seen"))
    if seen is None:
        return not_seen(request, comment, form)
    if not form.is_valid():
        return refused(request, comment, form)
    if is_reported_again(request, comment, form.cleaned_data["action"]):
        problem = _("Nothing was done: another reader has reported it meanwhile.")
        return conflict(request, comment, form, problem=problem)
    try:
        entry = moderation.moderate(comment, actor=request.user, seen=seen, **form.cleaned_data)
    except StaleComment as stale:
        return conflict(request, comment, form, **stale_facts(stale))
    except IllegalTransition:
        return conflict(request, comment, form, problem=impossible(comment))
    return done_answer(request, entry, stays=entry.action in STAYING)


def is_reported_again(request: HttpRequest, comment: Comment, action: Action) -> bool:
    """Tell whether there are reports that the card of what is to be kept did not show."""
    shown = request.POST.get("reports", "")
    return action == Action.DISMISS and is_key(shown) and int(shown) < comment.open_reports


def refused(request: HttpRequest, comment: Comment, form: DecisionForm) -> HttpResponse:
    problem = _("Nothing was done. Your words are kept; please look at what is marked.")
    return card_answer(
        request,
        comment.pk,
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        typed=form.typed(),
        problem=problem,
        errors=form.errors,
    )


def conflict(
    request: HttpRequest, comment: Comment, form: DecisionForm, **facts: Any
) -> HttpResponse:
    return card_answer(request, comment.pk, status=HTTPStatus.CONFLICT, typed=form.typed(), **facts)


def not_seen(request: HttpRequest, comment: Comment, form: DecisionForm) -> HttpResponse:
    problem = _("Nothing was done: the page did not say what you saw.")
    return conflict(request, comment, form, problem=problem)


def impossible(comment: Comment) -> str:
    problem = _("Nothing was done: that is not possible for a comment that is %(status)s.")
    return problem % {"status": comment.get_status_display()}


# --- many ---------------------------------------------------------------------------------------


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def decide_on_many(request: HttpRequest) -> HttpResponse:
    """Do one act to the chosen cards, or to all that a filter matches."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        return nothing_done(request, form.in_words())
    try:
        if request.POST.get("everything"):
            return decide_on_all(request, form)
        return decide_on_chosen(request, form)
    except TooMany:
        most = f"{moderation.MOST_AT_ONCE:,}"
        problem = _("Nothing was done: at most %(most)s at once. Please narrow the filter.")
        return nothing_done(request, problem % {"most": most})


def decide_on_all(request: HttpRequest, form: BulkForm) -> HttpResponse:
    """Act on all of a queue as it was when the page was made."""
    queue, as_of = request.POST.get("queue"), request.POST.get("as_of", "")
    reports_as_of = request.POST.get("reports_as_of", "")
    filters, errors = Filters.parse(QueryDict(request.POST.get("filter", "")))
    is_told = is_key(as_of) and is_key(reports_as_of)
    if queue not in Queue.values or errors or not is_told:
        return nothing_done(request, _("Nothing was done: the page did not say which comments."))
    result = moderation.moderate_all(
        matching(Queue(queue), filters),
        actor=request.user,
        as_of=int(as_of),
        reports_as_of=int(reports_as_of),
        **form.cleaned_data,
    )
    return bulk_answer(request, form, result)


def decide_on_chosen(request: HttpRequest, form: BulkForm) -> HttpResponse:
    chosen, unseen = read_chosen(request.POST)
    if not chosen and not unseen:
        return nothing_done(request, _("Nothing was done: choose one or more comments first."))
    result = moderation.moderate_many(chosen, actor=request.user, **form.cleaned_data)
    return bulk_answer(request, form, result, unseen)


def read_chosen(data: QueryDict) -> tuple[list[tuple[Comment, Seen]], int]:
    """Return the chosen comments with what was seen of each, and how many came without that."""
    keys = data.getlist("chosen")
    if data.get("page"):
        keys = [name.removeprefix("seen-") for name in data if name.startswith("seen-")]
    if len(set(keys)) > moderation.MOST_AT_ONCE:
        raise TooMany
    seen = {
        int(key): row
        for key in keys
        if is_key(key) and (row := parse_seen(data.get(f"seen-{key}")))
    }
    comments = Comment.objects.in_bulk(seen)
    chosen = [(comments[key], row) for key, row in seen.items() if key in comments]
    return chosen, len(set(keys)) - len(chosen)


def bulk_answer(
    request: HttpRequest, form: BulkForm, result: BulkResult, unseen: int = 0
) -> HttpResponse:
    """Say what was done. What was not stays selected, and says what happened to it."""
    said = list(said_of(result, form.cleaned_data["action"], unseen))
    if wants_fragment(request):
        return HttpResponse(bulk_fragments(request, form, result, said))
    for level, text in said:
        if level == messages.SUCCESS and result.done:
            text = with_undo(request, text, undo_of(result))
        messages.add_message(request, level, text)
    if not result.stale:
        return see_other(way_back(request))
    statuses = {Status(stale.comment.status) for stale in result.stale}
    context = {
        **admin_frame(request),
        "title": _("Look again"),
        "stale": list(stale_cards(request, form, result.stale)),
        "bulk_buttons": bulk_buttons(statuses, are_reported=False),
        "reasons": Offered(),
        "typed": form.typed(),
        "next": way_back(request),
        "next_quoted": quoted(way_back(request)),
    }
    return render(request, "admin/comments/desk/stale.html", context, status=HTTPStatus.CONFLICT)


def undo_of(result: BulkResult) -> str:
    return undo_address(result.done[0])


def said_of(result: BulkResult, action: Action, unseen: int) -> Iterable[tuple[int, str]]:
    done, stale, illegal = len(result.done), len(result.stale), len(result.illegal)
    if done:
        text = ngettext("%(done)s: %(count)s comment.", "%(done)s: %(count)s comments.", done)
        yield messages.SUCCESS, text % {"done": DONE[action], "count": f"{done:,}"}
    if stale:
        text = ngettext(
            "%(count)s changed meanwhile and was left alone. It is still selected.",
            "%(count)s changed meanwhile and were left alone. They are still selected.",
            stale,
        )
        yield messages.WARNING, text % {"count": f"{stale:,}"}
    if illegal:
        text = _("%(count)s left alone: they are so already, or deleted.")
        yield messages.WARNING, text % {"count": f"{illegal:,}"}
    if unseen:
        text = _("%(count)s left alone: the page did not say what you saw.")
        yield messages.WARNING, text % {"count": f"{unseen:,}"}


def stale_cards(
    request: HttpRequest, form: BulkForm, stale: list[StaleComment]
) -> Iterable[dict[str, Any]]:
    """Yield the context of each card that was not as it was seen: the first of them."""
    shown = {one.comment.pk: one for one in stale[:MOST_STALE_SHOWN]}
    for card in read_cards(reread(list(shown))):
        facts = stale_facts(shown[card.comment.pk])
        yield {**card_context(request, card), **facts, "is_chosen": True}


def bulk_fragments(
    request: HttpRequest, form: BulkForm, result: BulkResult, said: list[tuple[int, str]]
) -> str:
    """Return the lines for what was done, the cards for what was not, and what to say of both."""
    done = str(DONE[form.cleaned_data["action"]])
    parts = [done_line(request, entry.comment, done, entry) for entry in result.done]
    for context in stale_cards(request, form, result.stale):
        parts.append(render_to_string("admin/comments/desk/_card.html", context, request))
    context = {"said": [text for _level, text in said]}
    if result.done:
        context["undo_address"] = undo_of(result)
    parts.append(render_to_string("admin/comments/desk/_said.html", context, request))
    return "".join(parts)


def nothing_done(request: HttpRequest, problem: str) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    context = {"problem": problem, "next": way_back(request)}
    if wants_fragment(request):
        return render(request, "admin/comments/desk/_said.html", {"said": [problem]}, status=status)
    context |= {**admin_frame(request), "title": _("Nothing was done")}
    return render(request, "admin/comments/desk/nothing.html", context, status=status)
