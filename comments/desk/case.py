"""The moderation desk inside the admin, over HTTP: read one comment, decide, undo, decide on many.

Every act goes through moderation/, bound to what the editor's page showed (`seen`). What a page
tells of a comment is gathered in dossier.py; admin/ has the list and gives these views addresses.
"""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comments import moderation, reasons
from comments.desk.answers import admin_frame
from comments.desk.dossier import describe, next_pending, read_dossier, text_of
from comments.desk.forms import parse_seen
from comments.desk.leaning import leaning_of
from comments.desk.meant import is_key
from comments.desk.notices import comment_address, report, say_done, say_of_reply
from comments.marking import Change, difference
from comments.markup import is_safe_url
from comments.models import Comment, ModerationLogEntry
from comments.moderation import CannotMove, Seen, StaleComment
from comments.status import Action, IllegalTransition, Status, allowed

MAY_MODERATE = "comments.moderate_comment"

BUTTONS = {
    Action.APPROVE: gettext_lazy("Approve"),
    Action.HOLD: gettext_lazy("Hold"),
    Action.REJECT: gettext_lazy("Reject"),
    Action.MARK_SPAM: gettext_lazy("Spam"),
}


def buttons_for(status: str | None) -> list[tuple[Action, str]]:
    """Return (action, label) of what an editor may do in this status; None is any of them."""
    return [
        (action, str(label))
        for action, label in BUTTONS.items()
        if status is None or allowed(Status(status), action)
    ]


class BulkForm(forms.Form):
    """What to do with the chosen comments, and why."""

    action = forms.TypedChoiceField(choices=BUTTONS.items(), coerce=Action)
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons.choices()  # type: ignore[attr-defined]


class DecisionForm(BulkForm):
    """The same for one comment, with a note."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("For the log; only editors read it."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


# --- one comment ----------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_MODERATE, raise_exception=True)
def comment_page(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Show one comment with all that a decision needs, or take the decision."""
    comments = Comment.objects.select_related("thread", "author", "parent")
    comment = get_object_or_404(comments, pk=comment_id)
    if request.method == "POST":
        return decide(request, comment)
    return show(request, comment, DecisionForm())


def decide(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Act if the comment still is what was seen; otherwise show it anew, with what happened."""
    form, seen = DecisionForm(request.POST), parse_seen(request.POST.get("seen"))
    if seen is None or seen != Seen.of(comment):
        return show_stale(request, comment, seen, form)
    if not form.is_valid():
        return show(request, comment, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        entry = moderation.moderate(comment, actor=request.user, seen=seen, **form.cleaned_data)
    except StaleComment as stale:
        return show_stale(request, stale.comment, seen, form)
    except IllegalTransition:
        return show_illegal(request, comment, form)
    say_done(request, entry)
    return redirect(address_after(request, comment, seen))


def address_after(request: HttpRequest, comment: Comment, seen: Seen) -> str:
    """Return where to go on: the next in the queue, or the list that the editor came from."""
    if seen.status == Status.PENDING and (following := next_pending(comment)):
        return comment_address(following)
    return list_address(request, comment)


def list_address(request: HttpRequest, comment: Comment) -> str:
    """Return the list with the filters it had, or with those of the comment's old status."""
    filters = request.GET.get("_changelist_filters") or f"status={comment.status}"
    return f"{reverse('admin:comments_comment_changelist')}?{filters}"


def show(
    request: HttpRequest,
    comment: Comment,
    form: DecisionForm,
    *,
    status: int = HTTPStatus.OK,
    **extra: Any,
) -> HttpResponse:
    """Answer with the comment's page, its form bound to the comment as it is shown."""
    context = {
        **admin_frame(request),
        "title": _("Comment by %(name)s") % {"name": comment.author_name},
        "comment": comment,
        "dossier": read_dossier(comment),
        "leaning": leaning_of(comment),
        "form": form,
        "buttons": buttons_for(comment.status),
        "seen": Seen.of(comment),
        "thread_address": safe_address(comment.thread.url),
        "list_address": list_address(request, comment),
        "following": next_pending(comment),
        **extra,
    }
    return render(request, "admin/comments/comment/page.html", context, status=status)


def safe_address(url: str) -> str:
    """Return the address of a page if it may be a link, or nothing."""
    return url if is_safe_url(url, relative=True) else ""


def show_stale(
    request: HttpRequest, comment: Comment, seen: Seen | None, form: DecisionForm
) -> HttpResponse:
    """Answer 409: nothing was done, what happened meanwhile, and the form for another decision."""
    since = StaleComment(comment, seen).since if seen else []
    return show(
        request,
        comment,
        form,
        status=HTTPStatus.CONFLICT,
        problem=_("Nothing was done: the comment is no longer what you saw."),
        since=[describe(entry) for entry in reversed(since)],
        changes=changes_since(comment, seen) if seen else [],
    )


def changes_since(comment: Comment, seen: Seen) -> list[Change]:
    """Return how the text differs from what was seen; nothing when it is the same or gone."""
    old = text_of(comment, seen.revision)
    if old is None or old == comment.body:
        return []
    return list(difference(old, comment.body))


def show_illegal(request: HttpRequest, comment: Comment, form: DecisionForm) -> HttpResponse:
    """Answer 409: nothing was done, since no such act leads on from the comment's status."""
    problem = _("Nothing was done: that is not possible for a comment that is %(status)s.")
    problem %= {"status": comment.get_status_display()}
    return show(request, comment, form, status=HTTPStatus.CONFLICT, problem=problem)


# --- undo -----------------------------------------------------------------------------------


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def undo(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Undo one act, if nothing was done to the comment since."""
    entries = ModerationLogEntry.objects.select_related("comment__thread")
    entry = get_object_or_404(entries, pk=entry_id)
    try:
        inverse = moderation.undo(entry, actor=request.user)
    except StaleComment as stale:
        return show_overtaken(request, stale.comment, entry)
    except CannotMove as refused:
        status, problem = HTTPStatus.CONFLICT, str(refused)
        return show(request, entry.comment, DecisionForm(), status=status, problem=problem)
    except IllegalTransition:
        return show_illegal(request, entry.comment, DecisionForm())
    say_done(request, inverse)
    say_of_reply(request, inverse)
    return redirect(comment_address(entry.comment))


def show_overtaken(
    request: HttpRequest, comment: Comment, entry: ModerationLogEntry
) -> HttpResponse:
    """Answer 409: the act was not undone, and what happened after it."""
    problem = _("Nothing was undone: somebody was here after that act.")
    since = [describe(later) for later in comment.log.filter(pk__gt=entry.pk)]
    return show(
        request, comment, DecisionForm(), status=HTTPStatus.CONFLICT, problem=problem, since=since
    )


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def undo_batch(request: HttpRequest, batch: UUID) -> HttpResponse:
    """Undo a bulk act, but for the comments that somebody did something to since."""
    result = moderation.undo_many(batch, actor=request.user)
    if not result.done and not result.stale:
        raise Http404
    report(request, result, _("undone"))
    return redirect("admin:comments_comment_changelist")


# --- many comments --------------------------------------------------------------------------


@require_POST
@permission_required(MAY_MODERATE, raise_exception=True)
def moderate_chosen(request: HttpRequest) -> HttpResponse:
    """Do one act to the chosen rows, each bound to what its row showed."""
    form = BulkForm(request.POST)
    chosen, unseen = read_rows(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was done: that act or that reason is not known here."))
    elif not chosen and not unseen:
        messages.warning(request, _("Nothing was done: choose one or more comments first."))
    else:
        result = moderation.moderate_many(chosen, actor=request.user, **form.cleaned_data)
        report(request, result, form.cleaned_data["action"].label, unseen)
    return redirect(request.get_full_path())


def read_rows(data: QueryDict) -> tuple[list[tuple[Comment, Seen]], int]:
    """Return the chosen comments with what was seen of each, and how many came without that."""
    keys = data.getlist(ACTION_CHECKBOX_NAME)
    seen = {
        int(key): row
        for key in keys
        if is_key(key) and (row := parse_seen(data.get(f"seen-{key}")))
    }
    comments = Comment.objects.in_bulk(seen)
    chosen = [(comments[key], row) for key, row in seen.items() if key in comments]
    return chosen, len(set(keys)) - len(chosen)
