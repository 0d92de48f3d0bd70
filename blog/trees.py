"""What stands within what: pages below pages, shelves within shelves, read in one query each.

Pure but for the two functions at the end. A parent that is not there ends a chain, and so does one
that was met before: rows may go round in a circle, pages may not.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest
from typing import Generic, Protocol, TypeVar

from blog.models import Category, Post, PostKind


class Placed(Protocol):
    pk: int
    parent_id: int | None


Row = TypeVar("Row", bound=Placed)

# Levels that an outline draws; what is deeper stands at the last of them.
DEEPEST = 6


@dataclass
class Line(Generic[Row]):
    """A row of an outline. Shape: after it a list `opens`, or `closes` of them end."""

    row: Row
    level: int
    opens: bool = False
    closes: int = 0

    @property
    def closing(self) -> range:
        return range(self.closes)


def chain_above(row: Placed, rows: Iterable[Row]) -> list[Row]:
    """Return what a row stands within, outermost first."""
    by_pk = {each.pk: each for each in rows}
    chain: list[Row] = []
    met, above = {row.pk}, row.parent_id
    while above in by_pk and above not in met:
        met.add(above)
        chain.append(by_pk[above])
        above = by_pk[above].parent_id
    return chain[::-1]


def all_below(row: Row, rows: Iterable[Row]) -> list[Row]:
    """Return a row and all that stands within it, at whatever depth."""
    below = _by_parent(rows)
    found, level = {row.pk: row}, [row]
    while level:
        level = [child for each in level for child in below[each.pk] if child.pk not in found]
        found |= {child.pk: child for child in level}
    return list(found.values())


def outline(rows: Iterable[Row]) -> list[Line[Row]]:
    """Return every row once, each above what is below it; those whose parent is missing, on top."""
    rows = list(rows)
    below, known, lines = _by_parent(rows), {row.pk for row in rows}, dict[int, Line[Row]]()
    # Whoever goes round in a circle is cut out of it where it is met: after all the others.
    roots = [row for row in rows if row.parent_id not in known]
    waiting = [(row, 0) for row in [*reversed(rows), *reversed(roots)]]
    while waiting:
        row, level = waiting.pop()
        if row.pk in lines:
            continue
        lines[row.pk] = Line(row, level)
        waiting += [(child, min(level + 1, DEEPEST)) for child in reversed(below[row.pk])]
    return _joined(list(lines.values()))


def _joined(lines: list[Line[Row]]) -> list[Line[Row]]:
    for line, following in zip_longest(lines, lines[1:]):
        next_level = following.level if following else 0
        line.opens = next_level > line.level
        line.closes = max(line.level - next_level, 0)
    return lines


def _by_parent(rows: Iterable[Row]) -> defaultdict[int | None, list[Row]]:
    below: defaultdict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    return below


def public_pages() -> list[Post]:
    """Return every page that everybody may find, without its text, in its place among others."""
    pages = Post.objects.findable().filter(kind=PostKind.PAGE)
    return list(
        pages.only("kind", "title", "slug", "parent_id").order_by("position", "title", "pk")
    )


def all_categories() -> list[Category]:
    return list(Category.objects.all())
