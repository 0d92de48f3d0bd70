"""The readers' acts over HTTP: reply, preview, edit, delete, permalink. And nothing else.

Whatever goes wrong, the answer is a page with the person's words in its box and the reason above.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from comments.forms import CommentForm, EditForm, read_token
from comments.guests import Guest, read_guest, remember_guest
from comments.markup import render_comment
from comments.models import Comment, Thread
from comments.moderation import ParentGone, Seen, StaleComment, ThreadClosed, delete, edit, submit
from comments.network import client_ip
from comments.origin import same_origin_post
from comments.reading import Row, Viewer, page_of
from comments.submission import Submission

logger = logging.getLogger("parley.comments")

REFUSED = 422
MAX_REQUEST_BYTES = 400_000


def viewer_of(request: HttpRequest) -> Viewer:
    return Viewer(request.user, frozenset(read_guest(request).own))


def comment_form(
    request: HttpRequest, thread: Thread, parent: Comment | None = None
) -> CommentForm:
    """Return an empty form for this reader, filled with what their browser remembers of them."""
    guest = read_guest(request)
    initial: dict[str, Any] = {
        "name": guest.name,
        "email": guest.email,
        "website": guest.website,
        "remember": bool(guest.name),
    }
    if parent is not None:
        initial["parent"] = parent.number
    return CommentForm(thread=thread, user=request.user, initial=initial)


def keep_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 413 before reading a huge body, 400 when it holds something else than text, and 503
    with the words when the database is down.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_REQUEST_BYTES:
            return too_large(request)
        if not is_utf8(request):
            raise BadRequest("The form is not in UTF-8.")
        try:
            return view(request, *args, **kwargs)
        except DatabaseError:
            logger.exception("The database did not answer; the words go back to their author.")
            return unavailable(request)

    return guarded


def is_utf8(request: HttpRequest) -> bool:
    """Tell whether what was sent can be decoded; Django would put U+FFFD into somebody's words."""
    sent = request.body
    if request.content_type == "application/x-www-form-urlencoded":
        sent = unquote_to_bytes(sent)
    try:
        sent.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def too_large(request: HttpRequest) -> HttpResponse:
    context = {"most": f"{settings.COMMENTS_MAX_LENGTH:,}"}
    return HttpResponse(render_to_string("comments/too_large.html", context), status=413)


def unavailable(request: HttpRequest) -> HttpResponse:
    """A page that needs no database: the words as they came, and a button to try again."""
    fields = [(name, value) for name, value in request.POST.items() if name != "body"]
    context = {"body": request.POST.get("body", ""), "fields": fields, "path": request.path}
    response = HttpResponse(render_to_string("comments/unavailable.html", context), status=503)
    response["Retry-After"] = "30"
    return response


# --- writing --------------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_POST
def post_comment(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Take a comment: preview it, refuse it with its words kept, or admit it."""
    thread = public_thread(thread_id)
    form = CommentForm(request.POST, thread=thread, user=request.user)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(
            None, _("Your sign-in changed since this page was opened. Please send again.")
        )
        return refusal(request, thread, form, status=403)
    if not form.is_valid():
        return refusal(request, thread, form)
    if request.POST.get("action") == "preview":
        html = render_comment(form.cleaned_data["body"])
        return reply_page(request, thread, form, form.cleaned_data["parent"], preview=html)
    if is_over_the_limit(request):
        form.add_error(None, _("That was a lot at once. Please wait a minute, then send again."))
        return refusal(request, thread, form, status=429)
    try:
        comment = submit(submission_of(request, thread, form))
    except ThreadClosed:
        form.add_error(None, _("This discussion was closed while you were writing."))
        return refusal(request, thread, form, status=409)
    except ParentGone:
        form.add_error(None, _("The comment you answer was removed while you were writing."))
        return refusal(request, thread, form, status=409)
    return admitted(request, form, comment)


def public_thread(thread_id: int) -> Thread:
    return get_object_or_404(Thread, pk=thread_id, is_public=True)


def submission_of(request: HttpRequest, thread: Thread, form: CommentForm) -> Submission:
    data, user = form.cleaned_data, form.user
    nonce, seconds_taken = read_token(data["token"], thread)
    return Submission(
        thread=thread,
        parent=data["parent"],
        author=user,
        author_name=user.get_short_name()[:80] if user else data["name"],
        author_email=user.email if user else data["email"],
        author_website=getattr(user, "website", "") if user else data["website"],
        body=data["body"],
        submitted_at=timezone.now(),
        submission_key=form.submission_key(nonce),
        ip_address=client_ip(request),
        user_agent=printable(request.headers.get("User-Agent", ""))[:400],
        referrer=printable(request.headers.get("Referer", ""))[:500],
        honeypot=data["subject"],
        seconds_taken=seconds_taken,
    )


def printable(header: str) -> str:
    return "".join(char for char in header if char.isprintable())


def is_over_the_limit(request: HttpRequest) -> bool:
    """Tell whether this source sent so much that even the queue is spared. Moderators may."""
    if request.user.has_perm("comments.moderate_comment"):
        return False
    since = timezone.now() - timedelta(seconds=settings.COMMENTS_FLOOD_WINDOW_SECONDS)
    recent = Comment.objects.filter(ip_address=client_ip(request), created_at__gt=since)
    return recent.count() >= settings.COMMENTS_REFUSE_LIMIT


def admitted(request: HttpRequest, form: CommentForm, comment: Comment) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        row = Row(comment, level=comment.depth, parent=comment.parent, is_own=True)
        response = render(request, "comments/_posted.html", {"row": row, "thread": comment.thread})
    else:
        response = redirect(page_address(comment), permanent=False)
        response.status_code = 303
    if form.user is None:
        guest = read_guest(request).with_comment(comment.pk)
        data = form.cleaned_data
        if data["remember"]:
            guest = replace(guest, name=data["name"], email=data["email"], website=data["website"])
        else:
            guest = Guest(own=guest.own)
        remember_guest(response, guest)
    return response


def refusal(
    request: HttpRequest, thread: Thread, form: CommentForm, status: int = REFUSED
) -> HttpResponse:
    form.is_valid()
    parent = form.cleaned_data.get("parent")
    return reply_page(request, thread, form, parent, status=status)


@require_GET
def reply(request: HttpRequest, thread_id: int, number: int | None = None) -> HttpResponse:
    """Show the form on a page of its own, or, asked by htmx, just the form for its place."""
    thread = public_thread(thread_id)
    parent = None
    if number is not None:
        parent = get_object_or_404(thread.comments.approved(), number=number)
    return reply_page(request, thread, comment_form(request, thread, parent), parent)


def reply_page(
    request: HttpRequest,
    thread: Thread,
    form: CommentForm,
    parent: Comment | None,
    *,
    preview: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {"thread": thread, "form": form, "parent": parent, "preview": preview}
    template = "comments/_form.html" if request.htmx else "comments/reply.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


# --- one's own ------------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_http_methods(["GET", "POST"])
def edit_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Let authors correct their own words within the edit window."""
    comment = own_comment(request, thread_id, number)
    form = EditForm(
        request.POST or None,
        user=request.user,
        initial={"body": comment.body, "seen": Seen.of(comment)},
    )
    if request.method == "GET":
        return own_page(request, "comments/edit.html", comment, form)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(
            None, _("Your sign-in changed since this page was opened. Please send again.")
        )
        return own_page(request, "comments/edit.html", comment, form, status=403)
    if not form.is_valid():
        return own_page(request, "comments/edit.html", comment, form, status=REFUSED)
    try:
        seen = Seen.parse(form.cleaned_data["seen"])
        name = comment.author_name
        comment = edit(
            comment, form.cleaned_data["body"], actor=comment.author, actor_name=name, seen=seen
        )
    except (StaleComment, ValueError):
        form.add_error(None, _("The comment changed meanwhile. Please look, then save again."))
        form.data = {**form.data.dict(), "seen": str(Seen.of(comment))}  # type: ignore[attr-defined]
        return own_page(request, "comments/edit.html", comment, form, status=409)
    return redirect(page_address(comment))


@keep_words
@same_origin_post
@require_http_methods(["GET", "POST"])
def delete_comment(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Ask, then remove one's own comment."""
    comment = own_comment(request, thread_id, number)
    if request.method == "GET" or request.csrf_failed:  # type: ignore[attr-defined]
        return own_page(request, "comments/delete.html", comment, None)
    try:
        delete(
            comment,
            actor=comment.author,
            actor_name=comment.author_name,
            seen=Seen.of(comment),
        )
    except StaleComment:
        return own_page(request, "comments/delete.html", comment, None, status=409)
    return redirect(comment.thread.url)


def own_comment(request: HttpRequest, thread_id: int, number: int) -> Comment:
    """Return the reader's own, still changeable comment. Raises: Http404, PermissionDenied."""
    comment = get_object_or_404(
        Comment.objects.select_related("thread", "author"),
        thread_id=thread_id,
        number=number,
        thread__is_public=True,
    )
    if not viewer_of(request).wrote(comment):
        raise PermissionDenied
    if not comment.is_changeable():
        raise PermissionDenied(_("The time for changing this comment is over."))
    return comment


def own_page(
    request: HttpRequest, template: str, comment: Comment, form: EditForm | None, status: int = 200
) -> HttpResponse:
    context = {"comment": comment, "thread": comment.thread, "form": form}
    response = render(request, template, context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    return response


# --- permalinks -----------------------------------------------------------------------------


@require_GET
def permalink(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Lead to the comment in its place."""
    comment = get_object_or_404(
        Comment.objects.select_related("thread"),
        thread_id=thread_id,
        number=number,
        thread__is_public=True,
    )
    stands = comment.is_approved() or comment.living_replies
    if not stands and not viewer_of(request).wrote(comment):
        raise Http404
    response = redirect(page_address(comment))
    patch_vary_headers(response, ["Cookie"])
    return response


def page_address(comment: Comment) -> str:
    page = page_of(comment)
    query = f"?page={page}" if page > 1 else ""
    return f"{comment.thread.url}{query}#{comment.anchor}"
