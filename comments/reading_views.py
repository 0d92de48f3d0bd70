"""What a reader of a thread asks for over HTTP: what is new, its rows, their own marks and wishes.

GET changes nothing. What a reader with an account wants is theirs alone; nobody else sees it but
for the count of those who found a comment helpful.
"""

from operator import attrgetter
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from comments import helpful
from comments.drawing import draw_rows
from comments.finding import public_thread
from comments.guests import viewer_of
from comments.models import Comment, Mute, Thread
from comments.origin import same_origin_post
from comments.paging import Place, Sort, number_in
from comments.readers import SORT_COOKIE, note_visit, reader_of
from comments.reading import arrange, renew_lines
from comments.rows import SHOWN, rows_of

MOST_NEW = 200
MOST_ROWS = 50
SORT_SECONDS = 60 * 60 * 24 * 365


# --- while a page is open -------------------------------------------------------------------------


@require_safe
def new_comments(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Tell which comments became public since a version. Queries: 1 where nothing did, else 2."""
    thread = public_thread(thread_id)
    since = number_in(request.GET.get("since"))
    etag = f'"{thread.pk}-{thread.version}-{since}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = JsonResponse(_told_of_new(thread, since))
    response["ETag"] = etag
    patch_cache_control(response, public=True, max_age=0, must_revalidate=True)
    return response


def _told_of_new(thread: Thread, since: int) -> dict[str, Any]:
    new = []
    if thread.version > since:
        shown = thread.comments.public().filter(shown_version__gt=since)
        # In the order of the index, or all that came since would be sorted for the first of it.
        first = shown.order_by("shown_version").values_list("number", flat=True)[:MOST_NEW]
        new = sorted(first)
    return {"version": thread.version, "count": len(new), "numbers": new}


@require_safe
def rows(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Show some comments, each as an item that says what it answers."""
    thread = public_thread(thread_id)
    asked = [number_in(text) for text in request.GET.get("numbers", "").split(",")[:MOST_ROWS]]
    comments = thread.comments.filter(SHOWN, number__in=asked)
    parents = dict(comments.filter(parent__isnull=False).values_list("number", "parent__number"))
    # Put in order here: asked for in the order of paths, SQLite looks through the whole thread.
    shown = sorted(rows_of(comments.order_by()), key=attrgetter("path"))
    renew_lines(shown)
    reader = reader_of(thread, viewer_of(request), shown)
    # Each on its own: the script puts them where they belong.
    alone = [row for each in shown for row in arrange([each])]
    items = draw_rows(alone, thread, reader, parents)
    response = HttpResponse(f'<ol class="rows">\n{items}</ol>')
    return _for_this_reader(response)


@same_origin_post
@require_POST
def seen(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Remember up to which version a reader with an account has seen a thread."""
    _guard(request)
    note_visit(public_thread(thread_id), request.user, number_in(request.POST.get("version")))
    if "back" in request.POST:
        return _back(public_thread(thread_id))
    return HttpResponse(status=204)


def _guard(request: HttpRequest) -> None:
    """Raises: PermissionDenied for who is not signed in, and for a stale or foreign form."""
    if not request.user.is_authenticated or request.csrf_failed:  # type: ignore[attr-defined]
        raise PermissionDenied


# --- the sort -------------------------------------------------------------------------------------


@same_origin_post
@require_POST
def choose_sort(request: HttpRequest, thread_id: int) -> HttpResponse:
    """Lead to the discussion in another order, and remember it on this device."""
    thread = public_thread(thread_id)
    chosen = request.POST.get("sort", "")
    if chosen not in Sort.values:
        raise Http404
    response = redirect(f"{thread.url}?sort={chosen}#discussion")
    response.status_code = 303
    response.set_cookie(
        SORT_COOKIE,
        chosen,
        max_age=SORT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


# --- marks and wishes -----------------------------------------------------------------------------


@login_required
@csrf_protect
@require_http_methods(["GET", "POST"])
def mark_helpful(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Mark a comment as helpful, or take the mark back; GET asks first, after a sign-in."""
    comment = _public_comment(thread_id, number)
    if request.method == "POST":
        try:
            is_marked = helpful.toggle(comment, request.user)
        except helpful.OwnComment as error:
            raise PermissionDenied from error
        if request.headers.get("HX-Request"):
            # The page stays open, and shows the mark in its place.
            comment.refresh_from_db(fields=["helpful_count"])
            return JsonResponse({"count": comment.helpful_count, "marked": is_marked})
        return _changed(request, comment)
    return _asked(request, "comments/helpful.html", comment)


@login_required
@csrf_protect
@require_http_methods(["GET", "POST"])
def mute(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    """Put a comment's author out of this reader's sight. GET, after a sign-in, changes nothing."""
    comment = _public_comment(thread_id, number)
    if request.method == "GET":
        return _changed(request, comment)
    if comment.author_id is None or comment.author_id == request.user.pk:
        raise PermissionDenied
    Mute.objects.get_or_create(user=_reader(request), muted_id=comment.author_id)
    return _changed(request, comment)


@login_required
@csrf_protect
@require_http_methods(["GET", "POST"])
def unmute(request: HttpRequest, thread_id: int, number: int) -> HttpResponse:
    comment = _public_comment(thread_id, number)
    if request.method == "GET":
        return _changed(request, comment)
    Mute.objects.filter(user=_reader(request), muted_id=comment.author_id).delete()
    return _changed(request, comment)


def _reader(request: HttpRequest) -> Any:
    """Return the account of who is signed in, which the views' guard has made sure of."""
    return request.user


def _public_comment(thread_id: int, number: int) -> Comment:
    comments = public_thread(thread_id).comments.public().select_related("thread")
    return get_object_or_404(comments, number=number)


def _changed(request: HttpRequest, comment: Comment) -> HttpResponse:
    response = redirect(comment.get_absolute_url())
    response.status_code = 303
    return response


def _asked(request: HttpRequest, template: str, comment: Comment) -> HttpResponse:
    context = {"comment": comment, "thread": comment.thread}
    return _for_this_reader(render(request, template, context))


def _back(thread: Thread) -> HttpResponse:
    response = redirect(f"{thread.url}{Place().query}#discussion")
    response.status_code = 303
    return response


def _for_this_reader(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ["Cookie"])
    return response
