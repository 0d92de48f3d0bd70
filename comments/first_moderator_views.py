"""A page's author moderates its discussion, over HTTP: what waits or is public, and one comment.

Who may and what it does is first_moderators.py's. Only what readers see, and the words that wait,
are shown: where a comment came from and its author's address are for the editors.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from comments.desk.case import changes_since
from comments.desk.dossier import describe
from comments.finding import is_counted_to
from comments.first_moderator_form import ModeratingForm
from comments.first_moderators import (
    LISTED,
    Overruled,
    act,
    acts_for,
    is_first_moderator,
    take_back,
    undoable,
    within_reach,
)
from comments.keeping import keep_words, words_back
from comments.letters import one_line
from comments.managing import see_other, signed_out
from comments.models import Comment, ModerationLogEntry, Thread
from comments.moderation import Seen, StaleComment
from comments.origin import same_origin_post
from comments.own import private
from comments.paging import number_in
from comments.quoting import public_source_of, source_of
from comments.status import Action, IllegalTransition, Status
from comments.views import REFUSED, SIGN_IN_CHANGED

PAGE = 25
EXCERPT = 160
BUTTONS = {
    Action.HOLD: gettext_lazy("Hold for an editor"),
    Action.REJECT: gettext_lazy("Reject"),
}
DONE = {
    Action.HOLD: gettext_lazy("The comment is held. An editor will decide about it."),
    Action.REJECT: gettext_lazy("The comment is rejected."),
    Action.UNDO: gettext_lazy("That is taken back; the comment is as it was before."),
}
OVERRULED = gettext_lazy("An editor decides about this comment, so it is not open to you.")
MEANWHILE = gettext_lazy("Nothing was done: the comment is no longer what you saw.")


# --- whose it is --------------------------------------------------------------------------------


def moderated_thread(request: HttpRequest, thread_id: int) -> Thread:
    """Return a thread that this person moderates as the page's author.

    Raises: PermissionDenied; Http404 where they may not even know that it is there.
    """
    thread = get_object_or_404(Thread, pk=thread_id)
    if thread.owner_id != request.user.pk:
        if not thread.is_public or is_counted_to(thread, thread_id):
            raise Http404
        raise PermissionDenied(_("This is open to the author of the page. Editors have the desk."))
    if not is_first_moderator(thread, request.user):
        raise PermissionDenied(_("On this site the editors alone decide about comments."))
    return thread


# --- the list -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class ListedComment:
    comment: Comment
    excerpt: str
    is_within_reach: bool


@require_safe
def moderation(request: HttpRequest, thread_id: int) -> HttpResponse:
    """List what waits or is public in a discussion, the newest first. Queries: 5 beside the
    session's, however many there are.
    """
    if not request.user.is_authenticated:
        return signed_out(request)
    thread = moderated_thread(request, thread_id)
    comments = thread.comments.filter(LISTED).order_by("-number")
    if before := number_in(request.GET.get("before")):
        comments = comments.filter(number__lt=before)
    page = list(comments[: PAGE + 1])
    shown = page[:PAGE]
    context = {
        "thread": thread,
        "listed": listed(request.user, shown),
        "before": before,
        "next_before": shown[-1].number if len(page) > PAGE else None,
    }
    return private(render(request, "comments/moderation.html", context))


def listed(user: Any, comments: list[Comment]) -> list[ListedComment]:
    reach = within_reach(user, comments)
    return [
        ListedComment(each, one_line(source_of(each)[: 4 * EXCERPT], EXCERPT), each.pk in reach)
        for each in comments
    ]


# --- one comment --------------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def moderate_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Show one comment to the page's author, or do what the pressed button says."""
    if not request.user.is_authenticated:
        return signed_out(request)
    try:
        comment = moderated_comment(request, thread_id, number)
    except (Http404, PermissionDenied) as refused:
        if request.method != "POST":
            raise
        return note_back(request, refused)
    if request.method != "POST":
        return moderating_page(request, comment, ModeratingForm())
    form = ModeratingForm(request.POST)
    if request.csrf_failed:  # type: ignore[attr-defined]
        return moderating_page(request, comment, form, trouble=SIGN_IN_CHANGED, status=403)
    if not form.is_valid():
        return moderating_page(request, comment, form, status=REFUSED)
    return decide(request, comment, form)


def moderated_comment(request: HttpRequest, thread_id: int, number: int) -> Comment:
    """Return a comment of the page that its author knows of. Raises: Http404, PermissionDenied.

    What was sent about one that an editor has removed meanwhile is told so.
    """
    thread = moderated_thread(request, thread_id)
    comment = get_object_or_404(thread.comments.select_related("parent"), number=number)
    comment.thread = thread
    if request.method == "POST" or is_known_of(comment) or acts_for(request.user, comment):
        return comment
    raise Http404


def is_known_of(comment: Comment) -> bool:
    """Tell whether the page's author reads a comment, whatever they may do about it."""
    return comment.is_public() or comment.status == Status.PENDING


def note_back(request: HttpRequest, refused: Exception) -> HttpResponse:
    note = request.POST.get("note", "")
    if isinstance(refused, PermissionDenied):
        return words_back(request, str(refused), status=403, body=note)
    return words_back(request, _("This comment is not here."), status=404, body=note)


def decide(request: HttpRequest, comment: Comment, form: ModeratingForm) -> HttpResponse:
    """Act if the comment still is what was seen; else show it anew, with what happened."""
    data = form.cleaned_data
    seen = data["seen"]
    if seen is None:
        return stale_page(request, comment, None, form)
    try:
        if data["action"] == Action.UNDO:
            take_back(comment, actor=request.user, seen=seen)
        else:
            why = {"reason": data["reason"], "note": data["note"]}
            act(comment, data["action"], actor=request.user, seen=seen, **why)
    except StaleComment as stale:
        return stale_page(request, stale.comment, seen, form)
    except (Overruled, IllegalTransition):
        return moderating_page(request, comment, form, trouble=MEANWHILE, status=409)
    messages.success(request, DONE[data["action"]])
    return see_other("comments:moderate", comment.thread_id, comment.number)


def stale_page(
    request: HttpRequest, comment: Comment, seen: Seen | None, form: ModeratingForm
) -> HttpResponse:
    """Answer 409: nothing was done, what happened meanwhile, and the form for another decision."""
    since = StaleComment(comment, seen).since if seen else []
    shown = seen if seen and is_theirs_to_read(comment, seen) else None
    extra = {
        "since": [describe(entry) for entry in reversed(since)],
        "changes": changes_since(comment, shown) if shown else [],
    }
    return moderating_page(request, comment, form, trouble=MEANWHILE, status=409, **extra)


def is_theirs_to_read(comment: Comment, seen: Seen) -> bool:
    """Tell whether what was seen is known to have been there to be seen: readers saw it, too."""
    earlier = comment.revisions.filter(revision=seen.revision, was_public=True)
    return is_known_of(comment) and earlier.exists()


def moderating_page(
    request: HttpRequest,
    comment: Comment,
    form: ModeratingForm,
    *,
    trouble: Any = "",
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    """Answer with the comment and what its page's author may do, bound to it as it is shown."""
    acts = acts_for(request.user, comment)
    undoes: ModerationLogEntry | None = undoable(request.user, comment)
    is_theirs = is_known_of(comment) or bool(acts or undoes)
    context = {
        "thread": comment.thread,
        "comment": comment,
        "words": source_of(comment) if is_theirs else "",
        "public_words": public_source_of(comment) if comment.standing_html else "",
        "parent": answered(comment),
        "form": form,
        "seen": Seen.of(comment),
        "buttons": [(each, BUTTONS[each]) for each in acts],
        "undoes": undoes,
        "overruled": "" if acts or undoes else OVERRULED,
        "trouble": trouble,
        **extra,
    }
    return private(render(request, "comments/moderate.html", context, status=status))


def answered(comment: Comment) -> dict[str, str] | None:
    """Return who and what a comment answers, as readers see it."""
    parent = comment.parent
    if parent is None:
        return None
    if not parent.is_public():
        return {"name": "", "words": _("A comment that was removed")}
    return {"name": parent.author_name, "words": public_source_of(parent)}
