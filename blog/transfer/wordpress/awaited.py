"""What belongs to a post that has not come yet: remembered until it does, in whatever run that is.

A blog may come in several files: its pictures before its posts, a page before the one above it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Model

from blog.transfer.wordpress.memory import Memory
from comments.transfer.records import ImportMap, ImportRun


@dataclass(frozen=True)
class Waiting:
    """One thing: its number and its post's there, the key of its row here, the run that saw it."""

    number: str
    row: int
    post_number: str
    run: ImportRun


@dataclass
class Awaited:
    """Things of one kind. Shape: numbers are the source's own, as text; `kind` is the map's."""

    memory: Memory
    kind: str

    def keep(self, number: str, row: Model, post_number: str) -> None:
        """Remember that what the source calls `number` belongs to that post."""
        self.memory.keep(self.kind, number, row, digest=post_number[:64], is_made=False)

    def keep_all(self, waiting: Sequence[Waiting]) -> None:
        """Remember many at once. Queries: 1 for each 500."""
        rows = [
            ImportMap(
                source=each.run.source,
                kind=self.kind,
                external_id=each.number,
                object_id=each.row,
                digest=each.post_number[:64],
                is_made=False,
                run=each.run,
            )
            for each in waiting
        ]
        ImportMap.objects.bulk_create(
            rows,
            batch_size=500,
            update_conflicts=True,
            unique_fields=["source", "kind", "external_id"],
            update_fields=["object_id", "digest"],
        )

    def all(self) -> Iterator[tuple[str, str, int]]:
        """Yield what waits: its number, the post's number, and the key of its row here."""
        waiting = ImportMap.objects.of(self.memory.run.source, self.kind).order_by("pk")
        yield from waiting.values_list("external_id", "digest", "object_id")

    def let_go(self, numbers: Sequence[str]) -> None:
        """Forget what waits no longer. Queries: 1 for each 500."""
        waiting = ImportMap.objects.of(self.memory.run.source, self.kind)
        for start in range(0, len(numbers), 500):
            waiting.filter(external_id__in=numbers[start : start + 500]).delete()
