"""Is a file of the blog that was imported under its name? Found out before anything is written.

A number is one item's within one blog only, and two blogs may have had one address (localhost, or
none in the file): under one name the one would overwrite the other, number by number.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from blog.transfer.wordpress.importing import source_of
from blog.transfer.wordpress.memory import identity_in
from blog.transfer.wordpress.posts import identity_of, is_another
from blog.transfer.wxr.reading import Event, Item, NotReadable, Summary, check
from comments.transfer.records import ImportMap

BATCH = 500
# By number, as text.
Items = dict[str, str]


class Identities:
    """What numbers stand for in each source, here and in the files checked so far.

    `given`: the name that somebody gave; who gives one says whose the file is, and is believed.
    """

    def __init__(self, given: str = "") -> None:
        self.given = given
        self.checked: defaultdict[str, Items] = defaultdict(dict)

    def check(self, path: Path) -> Summary:
        """Read a whole file and say what is in it. Raises: NotReadable, OSError."""
        items: Items = {}

        def see(event: Event) -> None:
            if isinstance(event, Item):
                items.setdefault(event.post_id, identity_of(event))

        if self.given:
            return check(path)
        summary = check(path, on_event=see)
        self._require_the_same(path, source_of(summary.header, path), items)
        return summary

    def _require_the_same(self, path: Path, source: str, items: Items) -> None:
        before = self.checked[source]
        known = [(number, before[number]) for number in items.keys() & before.keys()]
        known += _imported(source, items)
        others = [number for number, identity in known if is_another(items[number], identity)]
        # A few may have got another date meanwhile.
        if 2 * len(others) > len(known):
            raise NotReadable(
                path,
                f"another blog was imported under this name ({source}), where the number "
                f"{min(others)} is another item. Give --source NAME, with a name of its own; or "
                f"--source {source}, if it is the same blog after all",
            )
        before |= items


def _imported(source: str, numbers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield numbers that are known here, with the identities of their posts. Queries: 1 a BATCH."""
    wanted = list(numbers)
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        rows = ImportMap.objects.of(source, "post").filter(external_id__in=part)
        for number, digest in rows.values_list("external_id", "digest"):
            yield number, identity_in(digest)
