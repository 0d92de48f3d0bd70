"""A thread as ordered rows: pages of whole branches, and what a viewer may see.

The shared page (no viewer of its own) depends on nothing but the thread's version, so views may
cache it; a viewer's own pending comments are laid over it here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.conf import settings
from django.db.models import Q

from comments.models import Comment, Thread
from comments.status import Status

INDENT_LEVELS = 6

# What is neither on the page nor needed to decide about it stays in the database.
NOT_READ = ("body", "user_agent", "referrer", "honeypot", "ip_address", "author_email")


@dataclass(frozen=True)
class Viewer:
    """Who is reading. Shape: `own` are keys of a guest's comments, proved by a signed cookie."""

    user: Any = None
    own: frozenset[str] = frozenset()

    @property
    def own_comments(self) -> Q | None:
        """The comments this viewer wrote, or None when they cannot have written any."""
        if self.user is not None and self.user.is_authenticated:
            return Q(author=self.user)
        return Q(submission_key__in=self.own, author=None) if self.own else None

    def wrote(self, comment: Comment) -> bool:
        if self.user is not None and self.user.is_authenticated:
            return comment.author_id == self.user.pk
        return comment.author_id is None and comment.submission_key in self.own


ANYONE = Viewer()


@dataclass
class Row:
    """One comment on the page, and where it stands in the nested list.

    Shape: after the row come a list of replies (`opens`) or the ends of `closes` lists.
    """

    comment: Comment
    level: int
    parent: Comment | None = None
    is_own: bool = False
    opens: bool = False
    closes: int = 0

    @property
    def is_tombstone(self) -> bool:
        return not self.comment.is_public() and not self.is_waiting

    @property
    def is_waiting(self) -> bool:
        """A viewer's own comment that nobody else sees yet. Spam is not told that it is."""
        return self.is_own and self.comment.status in (Status.PENDING, Status.SPAM)

    @property
    def is_indented(self) -> bool:
        return self.level < INDENT_LEVELS

    @property
    def names_parent(self) -> bool:
        """Whether indentation no longer shows whom this answers, and their name may be shown."""
        shown = self.parent is not None and self.parent.is_public()
        return shown and self.level >= INDENT_LEVELS

    @property
    def closing(self) -> range:
        return range(self.closes)


@dataclass(frozen=True)
class ThreadPage:
    thread: Thread
    rows: list[Row]
    number: int
    count: int

    @property
    def previous(self) -> int | None:
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        return self.number + 1 if self.number < self.count else None


def read_page(thread: Thread, number: int = 1, viewer: Viewer = ANYONE) -> ThreadPage:
    """Return a page of a thread, oldest first. A number out of range gives the nearest page.

    Queries: 1 up to COMMENTS_PAGE_SIZE comments, 2 above.
    """
    pages = page_ranges(thread)
    number = min(max(number, 1), len(pages))
    first, end = pages[number - 1]
    shown = Q(approved_revision__isnull=False) | Q(living_replies__gt=0)
    if viewer.own_comments is not None:
        shown |= viewer.own_comments & Q(status__in=(Status.PENDING, Status.SPAM))
    comments = thread.comments.filter(shown).defer(*NOT_READ).order_by("path")
    if first:
        comments = comments.filter(path__gte=first)
    if end:
        comments = comments.filter(path__lt=end)
    return ThreadPage(thread, arrange(comments, viewer), number, len(pages))


def page_ranges(thread: Thread) -> list[tuple[str, str]]:
    """Return the [first, end) range of paths of each page; an empty end is open.

    Whole branches, each page filled until COMMENTS_PAGE_SIZE is reached. Queries: 0 or 1.
    """
    size = settings.COMMENTS_PAGE_SIZE
    if thread.approved_count <= size:
        return [("", "")]
    branches = thread.comments.shown().filter(depth=0).order_by("path")
    starts, held = [""], 0
    for path, living in branches.values_list("path", "living_replies"):
        if held >= size:
            starts.append(path)
            held = 0
        held += 1 + living
    return list(zip(starts, [*starts[1:], ""], strict=True))


def page_of(comment: Comment) -> int:
    """Return the number of the page a comment stands on."""
    for number, (_first, end) in enumerate(page_ranges(comment.thread), start=1):
        if not end or comment.path < end:
            return number
    raise AssertionError("the last range is open")


def has_own(thread: Thread, viewer: Viewer) -> bool:
    """Tell whether a viewer wrote anything here, so that the shared page will not do for them."""
    own = viewer.own_comments
    return own is not None and thread.comments.filter(own).exists()


def arrange(comments: Iterable[Comment], viewer: Viewer = ANYONE) -> list[Row]:
    """Turn comments in path order into rows of a nested list, in one pass.

    A row's level is how many of its ancestors stand on this page, whatever is missing between.
    """
    rows: list[Row] = []
    above: list[Row] = []
    by_id: dict[int, Comment] = {}
    for comment in comments:
        while above and not comment.path.startswith(above[-1].comment.path):
            above.pop()
        row = Row(
            comment,
            level=len(above),
            parent=by_id.get(comment.parent_id or 0),
            is_own=viewer.wrote(comment),
        )
        rows.append(row)
        above.append(row)
        by_id[comment.pk] = comment
    for row, following in zip_longest(rows, rows[1:]):
        next_level = following.level if following else 0
        row.opens = next_level > row.level
        row.closes = max(row.level - next_level, 0)
    return rows
