"""Which page stands below which: put there when both are here, in whatever file or run they came.

Acted on once for each word of the file: where a page was moved to here, it stays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from blog.models import Post
from blog.transfer.wordpress.awaited import Awaited
from blog.transfer.wordpress.memory import Memory
from comments.transfer.records import ImportMap

KIND = "page-below"
NOWHERE = frozenset({"", "0"})


@dataclass
class Places:
    """Those of the pages of one source. Shape: numbers are the source's own, as text."""

    memory: Memory

    def want(self, number: str, page: Post, parent_number: str) -> None:
        """Remember that a page that is new or changed there is to stand below another."""
        if parent_number not in NOWHERE:
            self._awaited.keep(number, page, parent_number)

    @transaction.atomic
    def place(self) -> None:
        """Put the pages that wait below those that have come by now. A circle stays open."""
        waiting = list(self._awaited.all())
        parents = self._here({parent_number for _number, parent_number, _page in waiting})
        come = [each for each in waiting if each[1] in parents]
        for _number, parent_number, page in come:
            _put(page, parents[parent_number])
        self._awaited.let_go([number for number, _parent_number, _page in come])

    @property
    def _awaited(self) -> Awaited:
        return Awaited(self.memory, KIND)

    def _here(self, numbers: set[str]) -> dict[str, int]:
        """Return the keys of those that are here. Queries: 2 for each 500."""
        known = ImportMap.objects.known(self.memory.run.source, "post", sorted(numbers))
        here = {number: row.object_id for number, row in known.items()}
        standing = Post.objects.in_bulk(here.values()) if here else {}
        return {number: key for number, key in here.items() if key in standing}


def _put(page: int, below: int) -> None:
    parent = Post.objects.filter(pk=below).first()
    if parent is not None and all(above.pk != page for above in _line_of(parent)):
        Post.objects.filter(pk=page).update(parent=parent)


def _line_of(post: Post) -> Iterator[Post]:
    """Yield a page and those above it."""
    seen: set[int] = set()
    at: Post | None = post
    while at is not None and at.pk not in seen:
        seen.add(at.pk)
        yield at
        at = at.parent
