"""Which file an address in a blog's texts stands for, and which files belong to which post.

All of it comes from the database, so it does not matter in which file or run of an import a file
was listed. attachments.py brings the files in and asks here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import unquote, urlsplit

from blog.models import Attachment
from blog.transfer.text.picture_addresses import COPY
from comments.transfer.records import ImportMap

KIND = "attachment"
# Begins the ids of files that a text shows and no export lists.
SHOWN = "url:"
BATCH = 500

Key = tuple[str, str, str]


def key_of(url: str) -> Key | None:
    """Return what makes an address that of one file: host, path and query, or None for no address.

    http and https, and a host with and without www, are the same.
    """
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "").removeprefix("www."), unquote(parts.path), parts.query
    except ValueError:
        return None


class FilesByAddress:
    """Shape: rows are keys of attachments. A blog has many: of addresses only hashes are held."""

    def __init__(self) -> None:
        self._rows: dict[int, int] = {}
        self._scaled: dict[int, int] = {}  # by the name without "-scaled"

    def add(self, url: str, row: int) -> None:
        if key := key_of(url):
            self._rows[hash(key)] = row
            if key[1].rpartition(".")[0].endswith("-scaled"):
                self._scaled.setdefault(hash(_original(key)), row)

    def exact(self, url: str) -> int | None:
        """Return the file that stood at this very address, whatever size a query asks of it."""
        key = key_of(url)
        if key is None:
            return None
        return self._rows.get(hash(key)) or self._rows.get(hash((*key[:2], "")))

    def find(self, url: str) -> int | None:
        """Return the file at an address, or else the one that it is a smaller copy of.

        A name may end in a size of its own accord, so what stood there itself always comes first.
        """
        key = key_of(url)
        if key is None:
            return None
        original = hash(_original(key))
        return self.exact(url) or self._rows.get(original) or self._scaled.get(original)


def _original(key: Key) -> Key:
    return key[0], COPY.sub("", key[1]), ""


class KnownFiles:
    """Those of one source. Shape: posts and files by the numbers they have there, as text."""

    def __init__(self) -> None:
        self.by_address = FilesByAddress()
        self._of_post: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._waiting: defaultdict[str, dict[str, int]] = defaultdict(dict)

    @classmethod
    def read(cls, source: str, awaited: Iterable[tuple[str, str, int]]) -> "KnownFiles":
        """Return what is known by now. Queries: 3 for each BATCH of files."""
        known = cls()
        for number, row, url, post_number in _listed(source):
            known.by_address.add(url, row)
            if post_number:
                known._of_post[post_number].append((_rank(number), row))
        for number, post_number, row in awaited:
            known._of_post[post_number].append((_rank(number), row))
            known._waiting[post_number][number] = row
        return known

    def of_post(self, post_number: str) -> list[int]:
        """Return the keys of the files uploaded to a post, in the order of their numbers."""
        return [row for _rank, row in sorted(self._of_post.get(post_number, ()))]

    def no_longer_waiting(self, post_number: str) -> dict[str, int]:
        """Return the keys of what waited for a post that is here now, once, by their numbers."""
        return self._waiting.pop(post_number, {})


def _listed(source: str) -> Iterator[tuple[str, int, str, str]]:
    """Yield each file of a source: its number, its key, where it was, its post's number."""
    known = ImportMap.objects.of(source, KIND).order_by("pk")
    listed = list(known.values_list("external_id", "object_id"))
    for start in range(0, len(listed), BATCH):
        batch = listed[start : start + BATCH]
        rows = Attachment.objects.only("source_url", "post").in_bulk([key for _no, key in batch])
        posts = _post_numbers(source, {row.post_id for row in rows.values() if row.post_id})
        for number, key in batch:
            if row := rows.get(key):
                is_shown = number.startswith(SHOWN)
                post_number = "" if is_shown else posts.get(row.post_id or 0, "")
                yield number, key, row.source_url, post_number


def _post_numbers(source: str, keys: set[int]) -> dict[int, str]:
    posts = ImportMap.objects.of(source, "post").filter(object_id__in=keys)
    return dict(posts.values_list("object_id", "external_id"))


def _rank(number: str) -> int:
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 20 else 0
