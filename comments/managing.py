"""How one discussion runs, over HTTP: close, reopen, cool, hold, pin. For editors, and for the
page's author in their own discussion. What the acts do is openness.py's, and ruling.py's.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from comments import openness
from comments.finding import is_counted_to
from comments.first_moderators import is_first_moderator
from comments.keeping import words_back
from comments.managing_forms import (
    CloseForm,
    ClosingForm,
    CoolingForm,
    HoldingForm,
    ManagingForm,
    ReopenForm,
)
from comments.models import Comment, Thread
from comments.openness import NotOnThePage
from comments.origin import same_origin_post
from comments.readers import may_run
from comments.rehearsal import change_of_thread, rehearse
from comments.rehearsed import Told, told
from comments.ruling import in_words, latest_changes, rule_thread

REFUSED = 422
TRY_HOLDING = "try-holding"

# What a button's name is, what it needs, what it does, and what is said then.
ACTS: dict[str, tuple[type[ManagingForm], Callable[..., Thread], Any]] = {
    "close": (CloseForm, openness.close, gettext_lazy("The discussion is closed.")),
    "reopen": (ReopenForm, openness.reopen, gettext_lazy("The discussion takes comments again.")),
    "closing": (
        ClosingForm,
        openness.close_by_itself,
        gettext_lazy("It is written down when the discussion closes."),
    ),
    "cooling": (
        CoolingForm,
        openness.cool,
        gettext_lazy("It is written down how the discussion runs."),
    ),
    "holding": (
        HoldingForm,
        rule_thread,
        gettext_lazy("It is written down whose comments wait here."),
    ),
}


def managed_thread(request: HttpRequest, thread_id: int) -> Thread:
    """Return a thread that this person may manage.

    Raises: PermissionDenied; Http404 where they may not even know that it is there.
    """
    thread = get_object_or_404(Thread, pk=thread_id)
    if may_run(thread, request.user):
        return thread
    if not thread.is_public or is_counted_to(thread, thread_id):
        raise Http404
    raise PermissionDenied(_("This is open to editors, and to the author of the page."))


# --- the page -------------------------------------------------------------------------------


@same_origin_post
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show how a discussion runs, or change it as the pressed button says."""
    if not request.user.is_authenticated:
        return signed_out(request)
    thread = managed_thread(request, thread_id)
    if request.method != "POST":
        return manage_page(request, thread)
    name = request.POST.get("action", "")
    is_tried = name == TRY_HOLDING
    name = "holding" if is_tried else name
    if name not in ACTS:
        trouble = _("This page has no such button.")
        return manage_page(request, thread, trouble=trouble, status=REFUSED)
    form_class, act, done = ACTS[name]
    form = form_class(request.POST, thread=thread, user=request.user)
    if request.csrf_failed:  # type: ignore[attr-defined]
        trouble = _("Your sign-in changed since this page was opened. Please send again.")
        return manage_page(request, thread, typed={name: form}, trouble=trouble, status=403)
    if not form.is_valid():
        return manage_page(request, thread, typed={name: form}, status=REFUSED)
    if is_tried:
        tried = rehearse(change_of_thread(thread, **form.asked()), thread=thread)
        typed, said = {name: form}, told(tried, request.user)
        return manage_page(request, thread, typed=typed, said=said)
    act(thread, actor=request.user, **form.asked())
    messages.success(request, done)
    return see_other("comments:manage", thread.pk)


def signed_out(request: HttpRequest) -> HttpResponse:
    """Send a reader to sign in; give a note back to whoever was signed in when they began it."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    reason = _("Your sign-in has ended. Nothing was changed; sign in, then send again.")
    return words_back(request, reason, status=403, body=request.POST.get("note", ""))


def manage_page(
    request: HttpRequest,
    thread: Thread,
    *,
    typed: dict[str, ManagingForm] | None = None,
    trouble: str = "",
    said: Told | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show all forms with the present state; the one of `typed` with what was typed into it.

    `said`: what would have come of that.
    """
    untouched: dict[str, Any] = {"thread": thread, "user": request.user}
    forms = {name: form(**untouched) for name, (form, _act, _done) in ACTS.items()}
    context = {
        "thread": thread,
        "trouble": trouble,
        "told": said,
        "forms": forms | (typed or {}),
        "changes": [(change, list(in_words(change))) for change in latest_changes(thread)],
        "may_moderate": is_first_moderator(thread, request.user),
    }
    response = render(request, "comments/manage.html", context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response


def see_other(to: str, *args: Any) -> HttpResponse:
    response = redirect(reverse(to, args=args))
    response.status_code = 303
    return response


# --- the pin --------------------------------------------------------------------------------


@require_POST
def pin(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Show a comment first in its discussion."""
    comment = managed_comment(request, thread_id, number)
    try:
        thread = openness.pin(comment, actor=request.user)
    except NotOnThePage as gone:
        raise Http404 from gone
    return to_comment(thread, comment)


@require_POST
def unpin(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Show it in its place alone, as all others."""
    comment = managed_comment(request, thread_id, number)
    return to_comment(openness.unpin(comment, actor=request.user), comment)


def managed_comment(request: HttpRequest, thread_id: int, number: int) -> Comment:
    thread = managed_thread(request, thread_id)
    return get_object_or_404(thread.comments.select_related("thread"), number=number)


def to_comment(thread: Thread, comment: Comment) -> HttpResponse:
    """Lead to the comment, or, where nobody reads it, to the page about its discussion."""
    if thread.is_public and comment.is_public():
        return see_other("comments:permalink", thread.handle, comment.number)
    return see_other("comments:manage", thread.pk)
