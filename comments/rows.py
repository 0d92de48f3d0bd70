"""Rows of a thread: what a page shows of a comment, and how rows are fetched.

reading.py, sorts.py and branches.py say which rows a page has and where each stands; drawing.py
makes HTML of them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from comments.models import PATH_LEVELS, PATH_SEGMENT, Comment, Thread
from comments.prepared import Prepared
from comments.status import Status

# How those that a reader sees are asked for.
Comments = Callable[[], QuerySet[Comment]]
# Beyond every path that begins with one: the digits end with "z".
END = "~"
# No thread has that id, and no comment that number, id or path.
NO_ID, NO_PATH, NO_BRANCH, NO_NUMBER = 918273645546372819, "~~", 2_147_483_646, 2_147_483_645
# So many queries of several ranges are kept written.
MOST_RANGES = 50
SHOWN = Q(approved_revision__isnull=False) | Q(living_replies__gt=0)


@dataclass(slots=True)
class Row:
    """One comment on the page, and where it stands in the nested list.

    Shape: after the row come a list of replies (`opens`) or the ends of `closes` lists; then the
    line that says how many of its branch stand elsewhere (`more`).
    """

    pk: int
    parent_id: int | None
    number: int
    path: str
    kind: str
    status: str
    approved_revision: int | None
    living_replies: int
    author_id: int | None
    author_name: str
    shown_version: int
    helpful_count: int
    score: float
    meta_html: str
    meta_stamp: str
    standing_html: str
    body_html: str
    level: int = 0
    parent: "Row | None" = None
    next_number: int = 0
    opens: bool = False
    closes: int = 0
    more: int = 0

    @property
    def is_public(self) -> bool:
        return self.approved_revision is not None

    @property
    def is_waiting(self) -> bool:
        """Its author's eyes only, for others it is gone. Spam is not told that it is."""
        return not self.is_public and self.status in WAITING

    @property
    def is_tombstone(self) -> bool:
        return not self.is_public and not self.is_waiting

    @property
    def root(self) -> str:
        return self.path[:PATH_SEGMENT]


WAITING = frozenset([Status.PENDING, Status.SPAM])
COLUMNS = tuple(Row.__dataclass_fields__)[: list(Row.__dataclass_fields__).index("level")]


def parent_number(row: Row) -> int:
    """Return the number of what a row answers where it is not on the page, or 0.

    Beyond the last level that a path holds, it does not say so.
    """
    if row.parent_id is None or len(row.path) >= PATH_SEGMENT * PATH_LEVELS:
        return 0
    return int(row.path[-2 * PATH_SEGMENT : -PATH_SEGMENT] or "0", 36)


# --- fetching -----------------------------------------------------------------------------------


def rows_of(comments: QuerySet[Comment]) -> list[Row]:
    return [Row(*values) for values in comments.values_list(*COLUMNS)]


def range_of(thread: Thread, first: str = "", limit: int | None = None) -> list[Row]:
    """Return what stands on the page from a path on, in talk order, for readers of nothing else."""
    asked = (thread.pk,) if limit is None else (thread.pk, first)
    return [Row(*values) for values in _range(limit).rows(*asked)]


@lru_cache(maxsize=8)
def _range(limit: int | None) -> Prepared:
    """Return the query of all of a thread, or of the next `limit` from a path on."""
    if limit is None:
        return Prepared(lambda thread_id: shown_values().filter(thread=thread_id), NO_ID)
    return Prepared(
        lambda thread_id, first: shown_values().filter(thread=thread_id, path__gte=first)[:limit],
        NO_ID,
        NO_PATH,
    )


def ranges_of(thread: Thread, ranges: Sequence[tuple[str, str]]) -> list[Row]:
    """Return what stands on the page in these [first, end) ranges of paths, in no order."""
    bounds = [bound for each in ranges for bound in each]
    return [Row(*values) for values in _ranges_query(len(ranges)).rows(thread.pk, *bounds)]


@lru_cache(maxsize=MOST_RANGES + 1)
def _ranges_query(count: int) -> Prepared:
    def build(thread_id: int, *bounds: str) -> QuerySet[Any, Any]:
        wanted = Q()
        for first, end in batched(bounds):
            wanted |= Q(thread=thread_id, path__gte=first, path__lt=end)
        return shown_values().filter(wanted).order_by()

    return Prepared(build, NO_ID, *(f"{NO_PATH}{bound}" for bound in range(2 * count)))


def batched(bounds: Sequence[str]) -> Iterable[tuple[str, str]]:
    return zip(bounds[::2], bounds[1::2], strict=True)


def shown_values() -> QuerySet[Any, Any]:
    return Comment.objects.filter(SHOWN).order_by("path").values_list(*COLUMNS)


def row_of(comment: Comment) -> Row:
    return Row(*(getattr(comment, name) for name in COLUMNS))
