"""The page of a post as every stranger sees it, made of a shell and the comments.

The shell is all that stays when a comment comes: the post, and the frame of its discussion. It is
made once a process for a version of the post, with marks where the rest belongs; with it a page is
made anew by kept.py, before anything of Django. views.py makes the pages of all others.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from itertools import chain
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


class Asked:
    """What a stranger asks for: a place in the discussion of a post.

    Shape: `seen_at` is the address without what follows the path. `page` is read when it is asked
    for, once.
    """

    def __init__(self, facts: Facts, place: Place, seen_at: str) -> None:
        self.facts, self.place, self.seen_at = facts, place, seen_at

    @cached_property
    def page(self) -> ThreadPage:
        return read_page(self.facts.thread, self.place)

    @cached_property
    def etag(self) -> str:
        return etag_of(self.facts.key, self.place)

    @cached_property
    def shell_key(self) -> tuple[Any, ...]:
        page = self.page
        around = (page.place, page.previous, page.next, tuple(page.ancestors), page.pinned_html)
        return self.facts.shell_key, self.seen_at, around


class Shell:
    """A page with marks in it. Shape: `headers` are those that it was first sent with, but for
    what is another's each time; none before that.
    """

    def __init__(self, html: str) -> None:
        before, _key, after = html.partition(KEY)
        self.before, self.after = MARKS.split(before), MARKS.split(after)
        self.headers: list[tuple[str, str]] = []

    def filled(self, page: ThreadPage) -> tuple[str, str]:
        """Return the page, up to the hidden key of its form and behind it."""
        filling: dict[str, list[str]] = {
            HEADING: [heading_of(page.thread)],
            VERSION: [str(page.thread.version)],
            ITEMS: pieces_of(page),
        }
        return _filled(self.before, filling), _filled(self.after, filling)


def _filled(parts: list[str], filling: dict[str, list[str]]) -> str:
    return "".join(chain.from_iterable(filling.get(part, (part,)) for part in parts))


def strangers_page(request: HttpRequest, asked: Asked, make_shell: ShellMaker) -> HttpResponse:
    """Return the page, or 304. `make_shell` renders a page with this frame for its discussion.

    Queries: none for who has the page, else those of read_page() and, once, of the shell.
    """
    if (answer := not_modified(request, asked.etag)) is not None:
        return answer
    shell = shell_of(asked)
    if shell is None:
        shell = _hold(asked, Shell(make_shell(asked.page, frame_of(asked.page))))
    before, after = shell.filled(asked.page)
    key = token_for(asked.facts.thread_id)
    response = HttpResponse("".join([before, key, after]) if after else before)
    response["ETag"] = asked.etag
    return response


_shells: OrderedDict[tuple[Any, ...], Shell] = OrderedDict()


def shell_of(asked: Asked) -> Shell | None:
    """Return the shell of a page, if this process has made it. Queries: those of read_page()."""
    return _shells.get(asked.shell_key)


def _hold(asked: Asked, shell: Shell) -> Shell:
    _shells[asked.shell_key] = shell
    while len(_shells) > MOST_SHELLS:
        _shells.popitem(last=False)
    return shell


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
