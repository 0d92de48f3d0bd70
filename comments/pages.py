"""A page of a thread as every way of reading makes it: how much it holds, and where it leads."""

from dataclasses import dataclass, field

from django.conf import settings

from comments.models import Thread
from comments.paging import Place
from comments.rows import Row

INDENT_LEVELS = 6


@dataclass(frozen=True)
class Quoted:
    """A comment above a branch's own page, quoted short."""

    number: int
    name: str
    excerpt: str


@dataclass(frozen=True)
class ThreadPage:
    """Shape: `previous` and `next` are places or None."""

    thread: Thread
    place: Place
    rows: list[Row]
    previous: Place | None = None
    next: Place | None = None
    ancestors: list[Quoted] = field(default_factory=list)
    pinned: Row | None = None

    @property
    def pinned_html(self) -> tuple[int, str, str] | None:
        """What the page says of its pinned comment, wherever else that stands."""
        if (row := self.pinned) is None:
            return None
        return row.number, row.meta_html, row.standing_html or row.body_html

    @property
    def numbers(self) -> set[int]:
        return {row.number for row in self.rows}


def page_size() -> int:
    return settings.COMMENTS_PAGE_SIZE


def branch_size() -> int:
    """Return how many comments of one branch a page of several shows; the others are folded."""
    return max(page_size() // 2, 1)


def fold(rows: list[Row], root: str) -> None:
    """Say at a branch's last row how many more there are."""
    branch = [row for row in rows if row.root == root]
    replies = sum(row.is_public for row in branch[1:])
    branch[-1].more = max(branch[0].living_replies - replies, 0)


def root_number(row: Row) -> int:
    return int(row.root, 36)
