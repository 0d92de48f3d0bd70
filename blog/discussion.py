"""The discussion under a post, as one reader sees it: drawn once for all strangers, and kept.

What comments/ reads and draws is put together here and cached under the thread's version, so there
is no invalidation to get wrong. views.py shows it below the post.
"""

from dataclasses import dataclass, replace

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from blog.caching import key_of
from blog.models import Post
from comments.drawing import draw_page
from comments.guests import viewer_of
from comments.models import Thread
from comments.paging import Place
from comments.readers import STRANGER, Reader, reader_of, remembered_sort
from comments.reading import ThreadPage, read_page

KEEP_SECONDS = 60 * 60 * 24


@dataclass(frozen=True)
class Discussion:
    """Shape: a page that was kept for strangers has no rows; its HTML has them."""

    page: ThreadPage
    html: SafeString
    reader: Reader


def place_asked_for(request: HttpRequest) -> Place:
    return Place.asked_for(request.GET, remembered_sort(request.COOKIES))


def discuss(request: HttpRequest, post: Post, place: Place) -> Discussion:
    """Return a page of a post's thread for this reader.

    Queries: those of read_page(), or none where it is kept; 1 more for who may have something of
    their own here.
    """
    viewer = viewer_of(request)
    reader = reader_of(post.thread, viewer)
    if post.password or reader.has_waiting:
        page = read_page(post.thread, place, viewer.own_comments if reader.has_waiting else None)
        return Discussion(page, html_of(page, reader), reader)
    if reader.is_stranger:
        return _for_strangers(post.thread, place)
    page = _kept_rows(post.thread, place)
    return Discussion(page, html_of(page, reader), reader)


def _for_strangers(thread: Thread, place: Place) -> Discussion:
    key = "thread:" + _key_of(thread, place)
    if (kept := cache.get(key)) is not None:
        html, page = kept
        return Discussion(replace(page, thread=thread), mark_safe(html), STRANGER)
    page = read_page(thread, place)
    html = html_of(page)
    # A place that is not there would be kept beside the page it led to, as often as one likes.
    if page.place == place:
        cache.set(key, (str(html), replace(page, rows=[])), KEEP_SECONDS)
    return Discussion(page, html, STRANGER)


def _kept_rows(thread: Thread, place: Place) -> ThreadPage:
    key = "rows:" + _key_of(thread, place)
    if (kept := cache.get(key)) is not None:
        return replace(kept, thread=thread)
    page = read_page(thread, place)
    if page.place == place:
        cache.set(key, page, KEEP_SECONDS)
    return page


def _key_of(thread: Thread, place: Place) -> str:
    return key_of(thread.pk, thread.version, thread.accepts_comments(), place)


def html_of(page: ThreadPage, reader: Reader = STRANGER) -> SafeString:
    """Draw the list without the request, so that nothing of one reader gets into what is kept."""
    items = mark_safe(draw_page(page, reader))
    return render_to_string("comments/_thread.html", {"thread_page": page, "items": items})
