"""The page of a post as every stranger sees it, made of a shell, a frame and the comments.

The shell (all of the page but its discussion) follows from the post and is made once a process; so
after a new comment only the discussion is drawn again. views.py makes the pages of all others.
"""

from collections import OrderedDict
from collections.abc import Callable
from secrets import token_hex

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from blog.caching import etag_of, not_modified
from blog.facts import Facts
from comments.blank_form import blank_form
from comments.drawing import draw_page
from comments.paging import Place, Sort
from comments.readers import STRANGER
from comments.reading import ThreadPage, read_page

MOST_SHELLS = 128
# Stands where something else will. Made anew by each process and shown to nobody.
MARK = mark_safe(f"<!-- {token_hex(16)} -->")

ShellMaker = Callable[[ThreadPage], str]


def strangers_page(request: HttpRequest, facts: Facts, make_shell: ShellMaker) -> HttpResponse:
    """Return the page, or 304. `make_shell` renders a page with MARK for its discussion.

    Queries: none for who has the page, else those of read_page() and, once, of the shell.
    """
    place = Place.asked_for(request.GET)
    etag = etag_of(facts.key, place)
    if (answer := not_modified(request, etag)) is not None:
        return answer
    page = read_page(facts.thread, place)
    before, after = _shell(request, facts, page, make_shell).split(MARK)
    frame = frame_of(page).split(MARK)
    items = draw_page(page) if len(frame) > 1 else ""
    response = HttpResponse("".join([before, items.join(frame), after]))
    response["ETag"] = etag
    return response


def frame_of(page: ThreadPage) -> str:
    """Return the discussion with MARK for its comments; nothing where nothing can be said."""
    thread = page.thread
    is_open = thread.accepts_comments()
    if not thread.approved_count and not is_open:
        return ""
    context = {
        "thread": thread,
        "thread_page": page,
        "thread_html": render_to_string(
            "comments/_thread.html", {"thread_page": page, "items": MARK}
        ),
        "reader": STRANGER,
        "sorts": Sort,
        "blank_form": blank_form(thread) if is_open else "",
    }
    return render_to_string("comments/_discussion.html", context)


_shells: OrderedDict[tuple, str] = OrderedDict()


def _shell(request: HttpRequest, facts: Facts, page: ThreadPage, make_shell: ShellMaker) -> str:
    """Return the shell of a page, kept in this process for as long as its facts are these."""
    seen_at = (request.scheme, request.get_host(), request.path)
    key = (facts.shell_key, seen_at, page.place, page.previous, page.next)
    shell = _shells.get(key)
    if shell is None:
        shell = _shells[key] = make_shell(page)
        while len(_shells) > MOST_SHELLS:
            _shells.popitem(last=False)
    return shell
