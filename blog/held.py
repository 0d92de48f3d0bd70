"""Kept pages in this process, ready to be sent: cut at the hidden key of their form.

A page of a thousand comments weighs more than a megabyte; to unpack it each time out of a cache
would take longer than to send it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import cached_property
from threading import Lock
from typing import Any, NamedTuple

from django.middleware.gzip import re_accepts_gzip
from django.utils.http import parse_etags

from blog.packing import Packed, pack

Environ = dict[str, Any]
Headers = list[tuple[str, str]]

# Of all pages that a process holds. One of fifty comments takes a tenth of a megabyte.
MOST_BYTES_HELD = 64_000_000
# So much is put together, which is quicker than to send twice.
ONE_PIECE = 250_000
# What depends on how a page is sent, and what says something of a content that is not sent.
RECOUNTED = frozenset(["content-length", "etag", "vary"])
OF_CONTENT = frozenset(["content-type", "content-language"])


class Kept(NamedTuple):
    """A page as a cache keeps it. Shape: `facts` are those that it shows, and its place; between
    `before` and `after` stands the hidden key of its form, if it has one.
    """

    facts: tuple[Any, ...]
    headers: Headers
    before: bytes
    after: bytes

    @property
    def size(self) -> int:
        return len(self.before) + len(self.after)


class Held:
    """A page that can be sent to anybody, each with a hidden key of their own in its form.

    The key says when the form was made, and nobody has been writing since the page was kept.
    """

    def __init__(self, kept: Kept) -> None:
        self.facts, self.before, self.after = kept.facts, kept.before, kept.after
        values = {name.lower(): value for name, value in kept.headers}
        self.etag = values["etag"]
        vary = ("Vary", _with_encoding(values.get("vary", "")))
        self.headers = [pair for pair in kept.headers if pair[0].lower() not in RECOUNTED]
        self.headers.append(vary)
        self.not_modified = [pair for pair in self.headers if pair[0].lower() not in OF_CONTENT]
        self.not_modified.append(("ETag", self.etag))

    @property
    def size(self) -> int:
        """Bytes, compressed or to be."""
        return 2 * (len(self.before) + len(self.after))

    @cached_property
    def packed(self) -> Packed:
        """Made when somebody asks for it first; two threads make the same."""
        return pack(self.before, self.after)

    def send(
        self, environ: Environ, start_response: Any, make_key: Callable[[], str]
    ) -> Iterable[bytes]:
        """Answer a GET or HEAD request, by 304 to who has the page."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and (known == self.etag or self._is_among(parse_etags(known))):
            start_response("304 Not Modified", self.not_modified.copy())
            return []
        key = make_key().encode() if self.after else b""
        if re_accepts_gzip.search(environ.get("HTTP_ACCEPT_ENCODING", "")):
            pieces = [self.packed.around(key)]
            # As Django's own does it: compressed, it is the same page and not the same bytes.
            extra = [("Content-Encoding", "gzip"), ("ETag", f"W/{self.etag}")]
        else:
            rest = key + self.after
            is_long = len(self.before) > ONE_PIECE
            pieces = [self.before, rest] if is_long else [self.before + rest]
            extra = [("ETag", self.etag)]
        length = ("Content-Length", str(sum(map(len, pieces))))
        start_response("200 OK", [*self.headers, *extra, length])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else pieces

    def _is_among(self, tags: list[str]) -> bool:
        return tags == ["*"] or any(tag.removeprefix("W/") == self.etag for tag in tags)


def _with_encoding(vary: str) -> str:
    names = [name for name in vary.split(", ") if name and name.lower() != "accept-encoding"]
    return ", ".join([*names, "Accept-Encoding"])


class Shelf:
    """Holds the pages that were asked for last, up to so many bytes."""

    def __init__(self, most: int = MOST_BYTES_HELD) -> None:
        self.most, self.bytes = most, 0
        self.pages: OrderedDict[str, Held] = OrderedDict()
        self.lock = Lock()

    def get(self, address: str) -> Held | None:
        with self.lock:
            held = self.pages.get(address)
            if held is not None:
                self.pages.move_to_end(address)
            return held

    def put(self, address: str, held: Held) -> None:
        with self.lock:
            self._remove(address)
            self.pages[address] = held
            self.bytes += held.size
            while self.bytes > self.most:
                self._remove(next(iter(self.pages)))

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.bytes = 0

    def _remove(self, address: str) -> None:
        if (held := self.pages.pop(address, None)) is not None:
            self.bytes -= held.size
