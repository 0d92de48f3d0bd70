"""The page of a post as every stranger sees it, made of a shell and the comments.

The shell is all that stays when a comment comes: the post, and the frame of its discussion. It is
made once a process for a version of the post, with marks where the rest belongs. views.py makes the
pages of all others.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from secrets import token_hex
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from blog.caching import etag_of, not_modified
from blog.facts import Facts
from comments.blank_form import blank_form
from comments.drawing import heading_of, pieces_of
from comments.forms import token_for
from comments.pages import ThreadPage
from comments.paging import Place, Sort
from comments.readers import STRANGER
from comments.reading import read_page

MOST_SHELLS = 128
# Stand where something else will. Made anew by each process and shown to nobody.
SECRET = token_hex(16)
HEADING, VERSION, ITEMS, KEY = (
    mark_safe(f"mark-{name}-{SECRET}") for name in ("heading", "version", "items", "key")
)
MARKS = re.compile(f"({HEADING}|{VERSION}|{ITEMS}|{KEY})")

ShellMaker = Callable[[ThreadPage, SafeString], str]


def strangers_page(request: HttpRequest, facts: Facts, make_shell: ShellMaker) -> HttpResponse:
    """Return the page, or 304. `make_shell` renders a page with this frame for its discussion.

    Queries: none for who has the page, else those of read_page() and, once, of the shell.
    """
    place = Place.asked_for(request.GET)
    etag = etag_of(facts.key, place)
    if (answer := not_modified(request, etag)) is not None:
        return answer
    page = read_page(facts.thread, place)
    parts = _shell(request, facts, page, make_shell)
    filled: dict[str, list[str]] = {
        HEADING: [heading_of(facts.thread)],
        VERSION: [str(facts.thread.version)],
        ITEMS: pieces_of(page),
        KEY: [token_for(facts.thread_id)],
    }
    pieces = [piece for part in parts for piece in filled.get(part, (part,))]
    response = HttpResponse("".join(pieces))
    response["ETag"] = etag
    return response


_shells: OrderedDict[tuple[Any, ...], list[str]] = OrderedDict()


def _shell(
    request: HttpRequest, facts: Facts, page: ThreadPage, make_shell: ShellMaker
) -> list[str]:
    """Return the parts of a shell and the marks between them, kept for as long as it is true."""
    seen_at = (request.scheme, request.get_host(), request.path)
    around = (page.place, page.previous, page.next, tuple(page.ancestors), page.pinned_html)
    key = (facts.shell_key, seen_at, around)
    parts = _shells.get(key)
    if parts is None:
        parts = _shells[key] = MARKS.split(make_shell(page, frame_of(page)))
        while len(_shells) > MOST_SHELLS:
            _shells.popitem(last=False)
    return parts


def frame_of(page: ThreadPage) -> SafeString:
    """Return the discussion with marks in it; nothing where nothing is said nor can be."""
    thread = page.thread
    is_open = thread.accepts_comments()
    if not thread.approved_count and not is_open:
        return mark_safe("")
    form = blank_form(thread, key=KEY) if is_open else ""
    listed = render_to_string("comments/_thread.html", {"thread_page": page, "items": ITEMS})
    context = {
        "thread": thread,
        "thread_page": page,
        "thread_html": listed,
        "heading": HEADING,
        "version": VERSION,
        "reader": STRANGER,
        "sorts": Sort,
        "blank_form": form,
    }
    return render_to_string("comments/_discussion.html", context)
