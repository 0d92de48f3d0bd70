"""The discussion under a post, as a reader sees it who may have something of their own there.

The rows that all readers see are cached under the thread's version, so there is no invalidation to
get wrong; what is this reader's is laid over them. strangers.py serves all others.
"""

from dataclasses import dataclass, replace

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from blog.caching import key_of
from blog.models import Post
from comments.blank_form import blank_form
from comments.drawing import draw_page, heading_of, new_on
from comments.forms import comment_form
from comments.guests import read_guest, viewer_of
from comments.models import Thread
from comments.pages import ThreadPage
from comments.paging import Place, Sort
from comments.readers import Reader, reader_of
from comments.reading import read_page

KEEP_SECONDS = 60 * 60 * 24


@dataclass(frozen=True)
class Discussion:
    page: ThreadPage
    html: SafeString
    reader: Reader


def discuss(request: HttpRequest, post: Post, place: Place) -> Discussion:
    """Return a page of a post's thread for this reader.

    Queries: those of read_page(), or none where its rows are kept, twice for a page's author of
    whom something waits here; 1 more for who may have something of their own.
    """
    viewer = viewer_of(request)
    # What a page's author may decide about is asked of the rows that it shows.
    page = _shown_to_all(post, place) if viewer.owns(post.thread) else None
    reader = reader_of(post.thread, viewer, page.rows if page else ())
    if reader.has_waiting:
        page = read_page(post.thread, place, viewer.own_comments)
    page = page or _shown_to_all(post, place)
    return Discussion(page, _html_of(request, page, reader), reader)


def _shown_to_all(post: Post, place: Place) -> ThreadPage:
    # What a password keeps from strangers is kept for nobody.
    return read_page(post.thread, place) if post.password else _kept_rows(post.thread, place)


def _kept_rows(thread: Thread, place: Place) -> ThreadPage:
    key = f"rows:{key_of(thread.pk, thread.version, place)}"
    if (kept := cache.get(key)) is not None:
        return replace(kept, thread=thread)
    page = read_page(thread, place)
    # Of all the places in a long thread one can name as many as one likes.
    if place.is_first:
        cache.set(key, page, KEEP_SECONDS)
    return page


def _html_of(request: HttpRequest, page: ThreadPage, reader: Reader) -> SafeString:
    """Draw the discussion; nothing where nothing is said nor can be."""
    thread = page.thread
    # drawing.py escapes what people typed but the words, which the sanitiser has passed.
    items = mark_safe(draw_page(page, reader))
    is_open = thread.accepts_comments()
    if not thread.approved_count and not is_open:
        return mark_safe("")
    context = {
        "thread": thread,
        "thread_page": page,
        "thread_html": render_to_string(
            "comments/_thread.html", {"thread_page": page, "items": items}
        ),
        "heading": heading_of(thread),
        "version": thread.version,
        "new": new_on(page.rows, reader),
        "reader": reader,
        "sorts": Sort,
    }
    if is_open and not request.user.is_authenticated and not read_guest(request).name:
        context["blank_form"] = blank_form(thread)
    elif is_open:
        context["form"] = comment_form(request, thread)
    return render_to_string("comments/_discussion.html", context, request)
