"""Where rows came from before: what an import remembers moves with the site.

So a WordPress file that was imported at the old place is still known at the new one.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from comments.transfer.records import ImportMap, ImportRun

# The source of what came in a site's own zip; only that move itself needs to remember it.
SITE = "site:"
MOST_IDS = 500
# Shape: source, external id, digest, position, and whether nobody changed the row since.
Origin = list[Any]


def origins(kind: str, versions: dict[int, int]) -> defaultdict[int, list[Origin]]:
    """Return by id where each of these rows came from; `versions` are those they have now.

    Queries: 1 for each 500.
    """
    found: defaultdict[int, list[Origin]] = defaultdict(list)
    ids = list(versions)
    for start in range(0, len(ids), MOST_IDS):
        rows = ImportMap.objects.filter(kind=kind, object_id__in=ids[start : start + MOST_IDS])
        for row in rows.exclude(source__startswith=SITE):
            is_untouched = row.left_at_version == versions[row.object_id]
            origin = [row.source, row.external_id, row.digest, row.position, is_untouched]
            found[row.object_id].append(origin)
    for each in found.values():
        each.sort()
    return found


def remembered(
    run: ImportRun, kind: str, object_id: int, version: int, told: Iterable[Origin]
) -> list[ImportMap]:
    """Return the rows, unsaved, that bring the memory of earlier imports to this site."""
    return [
        ImportMap(
            source=source,
            kind=kind,
            external_id=external_id,
            object_id=object_id,
            digest=digest,
            position=position,
            left_at_version=version if is_untouched else 0,
            # Not this run's doing: taking this run back takes away what it made, once.
            is_made=False,
            run=run,
        )
        for source, external_id, digest, position, is_untouched in told
    ]
