"""What editors write at the desk: other words for a comment, a reply as the blog, and how a
thread is to run from here on.

Whatever goes wrong, what was typed stands in its box again, with the reason above it.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comments import moderation, openness
from comments.desk.answers import (
    MAY_MODERATE,
    admin_frame,
    at_card,
    card_answer,
    card_context,
    changes_since,
    done_answer,
    reread,
    see_other,
    stale_facts,
    undo_address,
    wants_fragment,
    way_back,
    with_undo,
)
from comments.desk.cards import read_card
from comments.desk.deciding import impossible
from comments.desk.dossier import describe
from comments.desk.forms import ReplyForm, ReviseForm, parse_seen
from comments.desk.moved import Moved, arrived
from comments.desk.notices import comment_address, with_link
from comments.forms import make_token, read_token
from comments.marking import Change, difference
from comments.models import Comment, ModerationLogEntry
from comments.moderation import ParentGone, Seen, StaleComment, ThreadClosed
from comments.openness import NotOnThePage
from comments.slow_mode import TooSoon
from comments.status import Action, IllegalTransition, Status, allowed
from comments.submission import Submission

# What a thread is slowed to from a card; the thread's own page has more.
SLOW_SECONDS = 600


def read_comment(comment_id: int) -> Comment:
    comments = Comment.objects.select_related("thread", "author", "parent")
    return get_object_or_404(comments, pk=comment_id)


def form_answer(
    request: HttpRequest,
    name: str,
    comment: Comment,
    form: Any,
    *,
    status: int = HTTPStatus.OK,
    **said: Any,
) -> HttpResponse:
    """Answer with a form about one comment: on its own for a card, or on a page with the card.

    Where the comment is another one by now, its card comes with the form in it. `said`: what is
    told above the box, and `seen`, where the form is bound to something else than what is shown.
    """
    card, template = read_card(comment), f"admin/comments/desk/_{name}.html"
    context = {**card_context(request, card), "form": form, "comment": comment, "seen": card.seen}
    context |= said
    if wants_fragment(request) and status == HTTPStatus.CONFLICT:
        context["write"] = template
        return render(request, "admin/comments/desk/_card.html", context, status=status)
    if wants_fragment(request):
        return render(request, template, context, status=status)
    context |= admin_frame(request)
    return render(request, f"admin/comments/desk/{name}.html", context, status=status)


# --- other words --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show a comment's words in a box, or put an editor's in their place."""
    comment = read_comment(comment_id)
    if request.method == "POST":
        return revise(request, comment, ReviseForm(request.POST))
    if not can_revise(comment):
        status = HTTPStatus.CONFLICT
        return card_answer(request, comment.pk, status=status, problem=impossible(comment))
    form = ReviseForm(initial={"body": comment.body})
    return form_answer(request, "edit", comment, form, can_save=True)


def can_revise(comment: Comment) -> bool:
    return bool(allowed(Status(comment.status), Action.REVISE))


def revise(request: HttpRequest, comment: Comment, form: ReviseForm) -> HttpResponse:
    seen = parse_seen(request.POST.get("seen"))
    if seen is None:
        problem = _("Nothing was changed: the page did not say what you saw.")
        return edit_conflict(request, comment, form, problem=problem)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return form_answer(request, "edit", comment, form, status=status, seen=seen, can_save=True)
    try:
        entry = moderation.revise(comment, actor=request.user, seen=seen, **form.cleaned_data)
    except StaleComment:
        if saved := saved_before(request, comment, form, seen):
            return done_answer(request, saved, stays=True)
        return edit_conflict(request, comment, form, seen=seen)
    except IllegalTransition:
        return edit_conflict(request, comment, form, problem=impossible(comment))
    return done_answer(request, entry, stays=True)


def saved_before(
    request: HttpRequest, comment: Comment, form: ReviseForm, seen: Seen
) -> ModerationLogEntry | None:
    """Return the act of the first of two presses, where this is the second. Queries: 2."""
    (now,) = reread([comment.pk])
    if (now.revision, now.body) != (seen.revision + 1, form.cleaned_data["body"]):
        return None
    mine = now.log.filter(actor=request.user.pk, action=Action.REVISE, revision=now.revision)
    return mine.first()


@dataclass(frozen=True)
class Theirs:
    """What stands there now, while an editor has other words in the box.

    Shape: `name` is whose words they are, where somebody put them there meanwhile; `changes` lead
    to them from those that were seen, `would_change` from them to those in the box.
    """

    name: str
    changes: list[Change]
    would_change: list[Change]


def edit_conflict(
    request: HttpRequest,
    comment: Comment,
    form: ReviseForm,
    *,
    seen: Seen | None = None,
    problem: str = "",
) -> HttpResponse:
    """Answer 409: what stands there now, whose it is, and the editor's own words in their box.

    Sending them again is bound to what is shown now, and so replaces it with open eyes.
    """
    (now,) = reread([comment.pk])
    since = StaleComment(now, seen).since if seen else []
    theirs = Theirs(
        name=whose_words(now, seen, since),
        changes=changes_since(now, seen) if seen else [],
        would_change=list(difference(now.body, form["body"].value() or "")),
    )
    facts = {
        "problem": problem or not_saved(theirs.name),
        "since": [describe(entry) for entry in reversed(since)],
        "theirs": theirs,
        "can_save": can_revise(now),
    }
    return form_answer(request, "edit", now, form, status=HTTPStatus.CONFLICT, **facts)


def whose_words(now: Comment, seen: Seen | None, since: list[ModerationLogEntry]) -> str:
    """Return who put the words there that stand there now, if they are not those that were seen."""
    if seen is None or now.revision == seen.revision:
        return ""
    # Of the acts on these words, newest first, the last one brought them.
    names = [entry.actor_name for entry in since if entry.revision == now.revision]
    return (names[-1] if names else "") or _("the site")


def not_saved(name: str) -> str:
    if name:
        return _("Your words are not saved: %(name)s changed the text meanwhile.") % {"name": name}
    return _("Your words are not saved: the comment is no longer what you saw.")


# --- a reply ------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def reply(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show the box for a reply, or post it; what waits is approved in the same act."""
    comment = read_comment(comment_id)
    if request.method != "POST":
        form = ReplyForm(user=request.user, initial={"token": make_token(comment.thread)})
        return form_answer(request, "reply", comment, form)
    form, seen = ReplyForm(request.POST, user=request.user), parse_seen(request.POST.get("seen"))
    if seen is None:
        problem = _("Nothing was done: the page did not say what you saw.")
        return reply_refused(request, comment, form, problem=problem)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return form_answer(request, "reply", comment, form, status=status, seen=seen)
    return post_reply(request, comment, form, seen)


def post_reply(request: HttpRequest, comment: Comment, form: ReplyForm, seen: Seen) -> HttpResponse:
    submission = submission_of(request, comment, form)
    twin = Comment.objects.filter(submission_key=submission.submission_key).first()
    if twin is not None:
        return posted_before(request, comment, form, twin)
    try:
        approval, answer = moderation.answer(comment, submission, actor=request.user, seen=seen)
    except StaleComment as stale:
        return reply_refused(request, comment, form, **stale_facts(stale))
    except IllegalTransition:
        return reply_refused(request, comment, form, problem=impossible(comment))
    except ThreadClosed:
        problem = _("Nothing was done: this discussion takes no comments.")
        return reply_refused(request, comment, form, problem=problem)
    except ParentGone:
        problem = _("Nothing was done: readers do not see the comment you answer.")
        return reply_refused(request, comment, form, problem=problem)
    except TooSoon as soon:
        return reply_refused(request, comment, form, problem=soon.in_words)
    return replied(request, comment, answer, approval, arrived(answer))


def submission_of(request: HttpRequest, comment: Comment, form: ReplyForm) -> Submission:
    nonce, seconds_taken = read_token(form.cleaned_data["token"], comment.thread)
    return Submission(
        thread=comment.thread,
        parent=comment,
        author=request.user,
        author_name=form.name,
        author_email="",
        author_website="",
        body=form.cleaned_data["body"],
        submitted_at=timezone.now(),
        submission_key=form.submission_key(comment, nonce),
        seconds_taken=seconds_taken,
    )


def reply_refused(
    request: HttpRequest, comment: Comment, form: ReplyForm, **facts: Any
) -> HttpResponse:
    (now,) = reread([comment.pk])
    return form_answer(request, "reply", now, form, status=HTTPStatus.CONFLICT, **facts)


def posted_before(
    request: HttpRequest, comment: Comment, form: ReplyForm, twin: Comment
) -> HttpResponse:
    """Answer the second of two presses as the first, unless the reply was taken away since."""
    if twin.is_public():
        return replied(request, comment, twin)
    problem = _("Nothing was done: this very reply was posted before, and was taken away since.")
    problem = with_link(problem, comment_address(twin))
    return reply_refused(request, comment, form, problem=problem)


def replied(
    request: HttpRequest,
    comment: Comment,
    answer: Comment,
    approval: ModerationLogEntry | None = None,
    others: Moved | None = None,
) -> HttpResponse:
    """Say that a reply is posted, and offer to take it back with the approval it came with."""
    said = _("Your reply is posted as %(name)s.") % {"name": answer.author_name}
    undo = undo_address(approval) if approval else ""
    if wants_fragment(request):
        return card_answer(
            request, comment.pk, said=said, undo_address=undo, act=approval, others=others
        )
    text = format_html(
        '{} <a href="{}">{}</a>', said, answer.get_absolute_url(), _("See it in its place")
    )
    messages.success(request, with_undo(request, text, undo) if undo else text)
    return see_other(way_back(request))


# --- the thread ---------------------------------------------------------------------------------

THREAD_ACTS = {
    "close": gettext_lazy("The discussion is closed."),
    "reopen": gettext_lazy("The discussion takes comments again."),
    "slow": gettext_lazy("One person may write every ten minutes there."),
    "lift": gettext_lazy("The discussion runs as any other again."),
    "pin": gettext_lazy("The comment is shown first."),
    "unpin": gettext_lazy("The comment is shown in its place alone."),
}


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def run_thread(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Close, slow or lift the discussion that a comment stands in, or pin the comment."""
    comment = read_comment(comment_id)
    act = request.POST.get("act", "")
    if act not in THREAD_ACTS:
        problem = _("Nothing was done: the desk has no such button.")
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return card_answer(request, comment.pk, status=status, problem=problem)
    try:
        do_to_thread(act, comment, request.user)
    except NotOnThePage:
        problem = _("Nothing was done: only what readers see can be shown first.")
        return card_answer(request, comment.pk, status=HTTPStatus.CONFLICT, problem=problem)
    said = str(THREAD_ACTS[act])
    if wants_fragment(request):
        return card_answer(request, comment.pk, said=said)
    messages.success(request, said)
    return see_other(at_card(way_back(request), comment.pk))


def do_to_thread(act: str, comment: Comment, actor: Any) -> None:
    """Raises: NotOnThePage."""
    thread = comment.thread
    match act:
        case "close":
            openness.close(thread, actor=actor)
        case "reopen":
            openness.reopen(thread, actor=actor)
        case "slow":
            openness.cool(
                thread,
                actor=actor,
                is_premoderated=thread.is_premoderated,
                slow_seconds=SLOW_SECONDS,
                note=thread.cooling_note,
            )
        case "lift":
            openness.lift(thread, actor=actor)
        case "pin":
            openness.pin(comment, actor=actor)
        case "unpin":
            openness.unpin(comment, actor=actor)
