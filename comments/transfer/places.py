"""What an import knows already: the map's rows, and where their comments stand now."""

from collections.abc import Iterable
from dataclasses import dataclass

from comments.models import Comment
from comments.status import Status
from comments.transfer.records import ImportMap

KIND = "comment"
# Of a tombstone whose comment came after all, on another page; its external id is its own key.
LEFT_PLACE = "place"
AT_ONCE = 500


@dataclass(frozen=True)
class Place:
    """Where a comment stands, as its replies need to know it."""

    comment_id: int | None
    thread_id: int
    path: str
    status: Status


class Known:
    """What is known of some ids of a source. Shape: `gone` are rows whose comments are no more.

    Queries: 2 for each 500 ids.
    """

    def __init__(self, source: str, external_ids: Iterable[str]) -> None:
        rows = ImportMap.objects.known(source, KIND, sorted(external_ids))
        self.places = _places(rows)
        self.rows = {external: rows[external] for external in self.places}
        self.gone = [row.pk for external, row in rows.items() if external not in self.places]

    def is_stone(self, external_id: str) -> bool:
        """Tell whether only a comment's place is known, since it was missing."""
        return external_id in self.rows and not self.rows[external_id].digest

    def forget(self, external_ids: Iterable[str]) -> None:
        for external_id in external_ids:
            del self.rows[external_id], self.places[external_id]


def _places(rows: dict[str, ImportMap]) -> dict[str, Place]:
    by_object = {row.object_id: external for external, row in rows.items()}
    wanted, places = list(by_object), {}
    for start in range(0, len(wanted), AT_ONCE):
        found = Comment.objects.filter(pk__in=wanted[start : start + AT_ONCE])
        for pk, thread_id, path, status in found.values_list("pk", "thread_id", "path", "status"):
            places[by_object[pk]] = Place(pk, thread_id, path, Status(status))
    return places
