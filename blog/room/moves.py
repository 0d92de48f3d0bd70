"""The buttons that move a post from one state to another, and what stands beside them.

Who may is asked of the policy each time. Nothing here asks "are you sure": what was done last can
be undone, by a button of the same kind.
"""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import policy, publishing
from blog.models import Act, Post, PostStatus, PublishingLogEntry
from blog.room.answers import moment_of, what_happened
from blog.room.guards import for_authors, post_to_write
from blog.room.logbook import moment_in
from blog.room.move_form import OF_THE_PASSWORD, OF_THE_REVIEW, MoveForm
from blog.states import MOVES, way_back

# So long what somebody did is offered to be undone.
UNDONE_WITHIN = timedelta(hours=1)


@require_POST
@for_authors
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Do what the pressed button says: one act, with what it takes."""
    post = post_to_write(request.user, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.in_words())
        return redirect("blog:edit", pk)
    act = Act(form.cleaned_data["act"])
    if not may_do(request.user, post, act):
        raise PermissionDenied
    if form.cleaned_data["undo"] and not _is_still_undone_by(request.user, post, act):
        messages.error(request, _("It was moved again since."))
        return redirect("blog:edit", pk)
    return _done(request, post, act, form.cleaned_data)


def may_do(user: Any, post: Post, act: Act) -> bool:
    if act in OF_THE_PASSWORD:
        return policy.may_publish(user, post)
    return policy.may_move(user, post, act)


def _done(request: HttpRequest, post: Post, act: Act, data: dict[str, Any]) -> HttpResponse:
    facts = {"actor": request.user, "reason": data["reason"]}
    try:
        if act == Act.LOCK:
            post = publishing.set_password(post, data["password"], **facts)
        elif act == Act.UNLOCK:
            post = publishing.remove_password(post, **facts)
        else:
            # Of all others only a schedule takes a moment: nobody dates a post back.
            at = data["at"] if act == Act.SCHEDULE else None
            post = publishing.move(post, act, at=at, is_undo=data["undo"], **facts)
        messages.success(request, in_words(act, post))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("blog:edit", post.pk)


def in_words(act: Act, post: Post) -> str:
    """Say what readers have of it that an act was done."""
    match act:
        case Act.PUBLISH:
            return _("Published. Readers find it in the lists.")
        case Act.SCHEDULE if post.is_scheduled() and post.published_at:
            when = moment_of(post.published_at)
            return _("Scheduled: readers see it from %(when)s on.") % {"when": when}
        case Act.UNPUBLISH | Act.RESTORE:
            return _("The post is a draft again; only you and the editors see it.")
        case Act.UNLIST:
            return _("Unlisted: whoever has its address reads it, and no list names it.")
        case Act.MAKE_PRIVATE:
            return _("Private: its address shows it to you and the editors, and to nobody else.")
        case Act.ARCHIVE:
            return _("Archived: it stays at its address for the record, and takes no comments.")
        case Act.TRASH:
            return _("In the trash, from which it can be taken out again.")
        case Act.LOCK:
            return _("Readers are asked for the password from now on.")
        case Act.UNLOCK:
            return _("Readers are asked for no password any more.")
    return what_happened(post)


# --- the two that have addresses of their own ---------------------------------------------------


@require_POST
@for_authors
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish a stored post as it is."""
    post = post_to_write(request.user, pk)
    if not policy.may_move(request.user, post, Act.PUBLISH):
        raise PermissionDenied
    try:
        messages.success(request, what_happened(publishing.publish(post, actor=request.user)))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("blog:edit", pk)


@require_POST
@for_authors
def unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    post = post_to_write(request.user, pk)
    act = Act.RESTORE if post.status == PostStatus.TRASH else Act.UNPUBLISH
    if not policy.may_move(request.user, post, act):
        raise PermissionDenied
    try:
        publishing.unpublish(post, actor=request.user)
        messages.success(request, in_words(act, post))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("blog:edit", pk)


# --- what the editor's page shows of them -------------------------------------------------------


def moves_of(user: Any, post: Post) -> dict[str, Any]:
    """Return what this person may do with a post, what was done last, and what undoes it.

    Queries: 1, beside those of who wrote along.
    """
    last = post.log.filter(act__in=[*MOVES, Act.UNSCHEDULE_CHANGE]).order_by("-pk").first()
    return {
        "post": post,
        "buttons": [(act, label_of(act, post)) for act in _buttons(user, post)],
        "may_lock": post.status != PostStatus.TRASH and policy.may_publish(user, post),
        "last": last,
        # The site itself takes changes off the schedule only because they are not fit to be read.
        "held_back": last is not None
        and last.act == Act.UNSCHEDULE_CHANGE
        and last.actor_id is None,
        "undo": _undo(user, post, last),
    }


def _buttons(user: Any, post: Post) -> list[Act]:
    """Return the acts that the form above has no button for."""
    is_out_of_lists = post.status in (PostStatus.UNLISTED, PostStatus.ARCHIVED)
    above = {Act.SCHEDULE} if is_out_of_lists else {Act.PUBLISH, Act.SCHEDULE}
    open_to = policy.acts_open_to(user, post)
    return [act for act in open_to if act not in above | OF_THE_REVIEW]


def label_of(act: Act, post: Post) -> str:
    is_archived = post.status == PostStatus.ARCHIVED
    return {
        Act.PUBLISH: _("Take it out of the archive") if is_archived else _("Put it into the lists"),
        Act.UNPUBLISH: _("Take it back as a draft"),
        Act.UNLIST: _("Show it to whoever has the address, unlisted"),
        Act.MAKE_PRIVATE: _("Make it private"),
        Act.ARCHIVE: _("Archive it"),
        Act.TRASH: _("Put it into the trash"),
        Act.RESTORE: _("Take it out of the trash, as a draft"),
    }[act]


def _is_still_undone_by(user: Any, post: Post, act: Act) -> bool:
    """Tell whether a button that was shown a while ago is still the one, or was pressed before."""
    undo = moves_of(user, post)["undo"]
    is_pressed = act in MOVES and post.status == MOVES[act][1]
    return is_pressed or (undo is not None and undo["act"] == act)


def _undo(user: Any, post: Post, last: PublishingLogEntry | None) -> dict[str, Any] | None:
    """Return the act that takes back what this person did last, if there is one."""
    if last is None or last.actor_id != user.pk or last.new_status != post.status:
        return None
    if last.created_at < timezone.now() - UNDONE_WITHIN:
        return None
    act = way_back(PostStatus(last.old_status), PostStatus(last.new_status))
    moment = moment_in(last)
    if act == Act.PUBLISH and moment is not None and moment > timezone.now():
        act = Act.SCHEDULE
    if act is None or act in OF_THE_REVIEW or act not in policy.acts_open_to(user, post):
        return None
    return {"act": act, "at": moment if act == Act.SCHEDULE else None}
