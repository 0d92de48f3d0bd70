"""What every process keeps of lists and measures, read anew when the database says they changed.

One number in the database counts the changes. A comment that comes asks for it in a query that it
makes anyway (submission.py), so what one process changed holds in all others at once, and nothing
is read twice. What is kept is the business of those who read it: spam/lists.py and barring.py.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from django.db.models import F

from comments.models import ListsVersion

# Measures are taken daily and read quickly, lists are long and seldom touched: the thousands of the
# number are the version of the lists, and the whole of it that of the measures.
OF_MEASURES, OF_LISTS = 1, 1000

Kept = TypeVar("Kept")


class Held(Generic[Kept]):
    """One thing that a process keeps. Shape: `step` is what its changes add to the number."""

    all: "list[Held]" = []

    def __init__(self, read: Callable[[], Kept], step: int) -> None:
        self.read, self.step = read, step
        self.kept: tuple[int, Kept] | None = None
        Held.all.append(self)

    def at(self, number: int | None = None) -> Kept:
        """Return it as it is by `number`. Queries: none, or those of reading it after a change;
        1 more where the number is not known.
        """
        version = (current_number() if number is None else number) // self.step
        kept = self.kept
        # What is read may be newer than the number, never older: then it is read once more.
        if kept is None or kept[0] != version:
            kept = self.kept = (version, self.read())
        return kept[1]


def current_number() -> int:
    """Return how often lists and measures changed. Queries: 1."""
    return ListsVersion.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def count_change(step: int) -> None:
    """Let every process read anew. To be called in the transaction of the change, before what is
    compared there: of two that change something at once, the second waits here for the first.

    Queries: 1; 3 the first time ever.
    """
    row = ListsVersion.objects.filter(pk=1)
    if not row.update(number=F("number") + step):
        # Of two that come first, one finds the other's row.
        ListsVersion.objects.bulk_create([ListsVersion(pk=1, number=0)], ignore_conflicts=True)
        row.update(number=F("number") + step)


def forget() -> None:
    """Forget what this process keeps: where the database is another one now."""
    for each in Held.all:
        each.kept = None
