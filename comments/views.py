"""Writing and finding a comment over HTTP: reply, preview, permalink. And nothing else.

Whatever goes wrong, the answer is a page with the person's words in its box and the reason above.
What people may do to a comment of their own is in own.py.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from comments.drawing import draw_alone
from comments.finding import answered_in, is_counted_to, public_thread, readable_thread
from comments.forms import CommentForm, PreviewForm, comment_form, read_token
from comments.guests import Guest, is_proved_here, read_guest, remember_guest, viewer_of
from comments.keeping import keep_words, words_back
from comments.letters import send_link
from comments.markup import render_comment
from comments.models import PATH_SEGMENT, Comment, DiscussionRules, HeldPeople, Thread
from comments.moderation import Banned, ParentGone, ThreadClosed, moved_from, submit
from comments.network import client_ip
from comments.nudges import mark_of, slips_in, was_asked
from comments.origin import own_pages_only, same_origin_post
from comments.pages import page_size
from comments.paging import FIRST, Place, Sort, number_in
from comments.quoting import quotation_of
from comments.readers import Reader, remembered_sort
from comments.reading import read_page
from comments.slow_mode import TooSoon
from comments.submission import Submission, gather

logger = logging.getLogger("parley.comments")

REFUSED = 422
SIGN_IN_CHANGED = gettext_lazy(
    "Your sign-in changed since this page was opened. Please send again."
)
TOO_MUCH = gettext_lazy("That was a lot at once. Please wait a minute, then send again.")


# --- writing --------------------------------------------------------------------------------


@keep_words
@same_origin_post
@require_POST
def post_comment(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Take a comment: preview it, ask about it, refuse it with its words kept, or admit it."""
    try:
        thread, parent = addressed(request, thread_id)
    except Http404:
        return words_back(request, _("This discussion is not public, or not any more."), status=404)
    form = CommentForm(request.POST, thread=thread, user=request.user, parent=parent)
    if request.csrf_failed:  # type: ignore[attr-defined]
        form.add_error(None, SIGN_IN_CHANGED)
        return refusal(request, thread, form, status=403)
    if not form.is_valid():
        return refusal(request, thread, form)
    if request.POST.get("action") == "preview":
        html = render_comment(form.cleaned_data["body"])
        return reply_page(request, thread, form, form.cleaned_data["parent"], preview=html)
    try:
        submission = with_proof(request, gather(submission_of(request, thread, form)))
        if is_over_the_limit(submission):
            form.add_error(None, TOO_MUCH)
            return refusal(request, thread, form, status=429)
        if slips := slips_in(submission, form, viewer_of(request)):
            return reply_page(request, thread, form, submission.parent, slips=slips, status=REFUSED)
        comment = submit(submission, afterwards=partial(send_link, request))
    except Thread.DoesNotExist:
        return words_back(request, _("This discussion is not public, or not any more."), status=404)
    except Banned as banned:
        return words_back(request, banned.in_words, status=403)
    except ThreadClosed:
        form.add_error(None, _("This discussion was closed while you were writing."))
        return refusal(request, thread, form, status=409)
    except TooSoon as soon:
        form.add_error(None, soon.in_words)
        response = refusal(request, thread, form, status=429)
        response["Retry-After"] = str(soon.seconds)
        return response
    except ParentGone:
        form.add_error(None, _("The comment you answer was removed while you were writing."))
        return refusal(request, thread, form, status=409)
    return admitted(request, form, comment)


def addressed(request: HttpRequest, thread_id: int) -> tuple[Thread, Comment | None]:
    """Return a public thread and, of it, what is answered; read together. Raises: Http404.

    A form from before its page was unlisted names the thread by its number, and is from that page.
    """
    number = number_in(request.POST.get("parent"))
    found = answered_in(thread_id, number) if number else None
    thread, parent = found or (readable_thread(thread_id), None)
    _nonce, age = read_token(request.POST.get("token", ""), thread)
    if is_counted_to(thread, thread_id) and age is None:
        raise Http404
    return thread, parent


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


def with_proof(request: HttpRequest, submission: Submission) -> Submission:
    """Add whether a guest's address is proved, where anything depends on it."""
    if submission.author is not None or submission.rules.held_people != HeldPeople.UNPROVED:
        return submission
    is_proved = is_proved_here(request, submission.author_email)
    return replace(submission, is_address_proved=is_proved)


def printable(header: str) -> str:
    return "".join(char for char in header if char.isprintable())


def is_over_the_limit(submission: Submission) -> bool:
    """Tell whether this source sent so much that even the queue is spared. Moderators may, and a
    form that made its comment already is only led to it.
    """
    recent = submission.recent_from_address
    if recent is None or recent < settings.COMMENTS_REFUSE_LIMIT or submission.twin_id is not None:
        return False
    author = submission.author
    return author is None or not author.has_perm("comments.moderate_comment")


def admitted(request: HttpRequest, form: CommentForm, comment: Comment) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        response = posted(request, comment)
    else:
        # In a long thread it takes queries to say where it stands: the permalink asks them.
        is_long = comment.thread.approved_count > page_size()
        address = comment.get_absolute_url() if is_long else page_address(comment)
        response = HttpResponseRedirect(address, status=303)
    # Whoever repeats a form from elsewhere is led to the comment, but it does not become theirs.
    if form.user is None and comment.ip_address == client_ip(request):
        guest = read_guest(request).with_comment(comment)
        data = form.cleaned_data
        if data["remember"]:
            guest = replace(guest, name=data["name"], email=data["email"], website=data["website"])
        else:
            guest = Guest(own=guest.own)
        remember_guest(response, guest)
    return response


def posted(request: HttpRequest, comment: Comment) -> HttpResponse:
    """Answer htmx with the comment alone; the script moves it to its place."""
    is_changeable = comment.is_changeable(DiscussionRules.in_force())
    reader = Reader(user_id=request.user.pk, own={comment.number: is_changeable})
    item = draw_alone(comment, comment.thread, reader)
    # drawing.py has escaped it.
    context = {"comment": comment, "thread": comment.thread, "item": mark_safe(item)}
    return render(request, "comments/_posted.html", context)


def refusal(
    request: HttpRequest, thread: Thread, form: CommentForm, status: int = REFUSED
) -> HttpResponse:
    form.is_valid()
    parent = form.cleaned_data.get("parent")
    return reply_page(request, thread, form, parent, status=status)


@keep_words
@own_pages_only
@require_POST
def preview(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show words as they would look, for the script that shows them while they are typed.

    Stores nothing and asks nothing: a discussion that is gone is told when the words are sent.
    Queries: 0.
    """
    form = PreviewForm(request.POST)
    is_fine = form.is_valid()
    html = render_comment(form.cleaned_data["body"]) if is_fine else ""
    context = {"html": html, "errors": form["body"].errors}
    text = render_to_string("comments/_preview.html", context)
    response = HttpResponse(text, status=200 if is_fine else REFUSED)
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def reply(request: HttpRequest, thread_id: int, number: int | None = None) -> HttpResponse:
    """Show the form on a page of its own, or, asked by htmx, just the form for its place.

    With `?quote=1` the words to be answered stand in the box.
    """
    thread = public_thread(thread_id)
    parent, body = None, ""
    if number is not None:
        parent = get_object_or_404(thread.comments.public(), number=number)
        if request.GET.get("quote"):
            address = request.build_absolute_uri(parent.get_absolute_url())
            body = quotation_of(parent, address)
    form = comment_form(request, thread, parent, body)
    return reply_page(request, thread, form, parent)


def reply_page(
    request: HttpRequest,
    thread: Thread,
    form: CommentForm,
    parent: Comment | None,
    *,
    preview: str = "",
    slips: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    asked = mark_of(form) if slips or was_asked(form) else ""
    context = {"thread": thread, "form": form, "parent": parent, "preview": preview}
    context |= {"slips": slips, "asked": asked}
    template = "comments/_form.html" if request.htmx else "comments/reply.html"  # type: ignore[attr-defined]
    response = render(request, template, context, status=status)
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie", "HX-Request"])
    return response


# --- permalinks -----------------------------------------------------------------------------


@require_safe
def permalink(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Lead to the comment in its place, in the order this reader likes."""
    try:
        comment = visible_comment(request, thread_id, number)
    except Http404:
        if (moved := moved_from(thread_id, number)) is None:
            raise
        comment = visible_comment(request, moved.thread_id, moved.number)
    sort = request.GET.get("sort") or remembered_sort(request.COOKIES)
    response = redirect(page_address(comment, sort))
    patch_vary_headers(response, ["Cookie"])
    return response


def visible_comment(request: HttpRequest, thread_id: int, number: int) -> Comment:
    """Return a comment that stands on the page or is the reader's own.

    Raises: Http404, for held ones of others as for those that never were. So for those of an
    unlisted page, but to who knows of it: by its key, or by having written there.
    """
    thread = readable_thread(thread_id)
    comments = thread.comments.select_related("thread", "author")
    comment = get_object_or_404(comments, number=number)
    stands = comment.is_public() or comment.living_replies
    is_open = stands and not is_counted_to(thread, thread_id)
    if not is_open and not viewer_of(request).wrote(comment):
        raise Http404
    return comment


def page_address(comment: Comment, sort: str = "") -> str:
    """Return the address of a page that shows a comment. Queries: none for a thread of one page."""
    liked = Place(sort=Sort(sort)) if sort in Sort.values else FIRST
    place = liked
    if comment.thread.approved_count > page_size():
        place = _place_of(comment, liked)
    return f"{comment.thread.url}{place.query}#{comment.anchor}"


def _place_of(comment: Comment, liked: Place) -> Place:
    """Return the first page, or the one that begins with its branch, or a page of its own."""
    beginning = liked.at("from", int(comment.path[:PATH_SEGMENT], 36))
    for place in (liked, beginning):
        if comment.number in read_page(comment.thread, place, Q(pk=comment.pk)).numbers:
            return place
    return Place(branch=comment.number)
