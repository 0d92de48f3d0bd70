"""Reads a WordPress export (WXR 1.0, 1.1 or 1.2) as a stream, in constant memory.

`check()` proves a file readable to its end, `read()` yields what is in it. It knows no model and
writes nothing. The values are in events.py, the elements in elements.py; on the way to the parser
decoding.py makes UTF-8 of the bytes, and xml_repair.py mends faults (with comments, whose exports
have the same).
"""

import gzip
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NoReturn, cast
from xml.parsers.expat import errors
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException

from blog.transfer.wxr.decoding import BEGINNING, EXPORT_AGAIN, NotText, Oddity, utf_8
from blog.transfer.wxr.elements import Parser, Refused
from blog.transfer.wxr.events import (
    Author,
    Comment,
    CommentBatch,
    Event,
    Header,
    Item,
    NotReadable,
    Term,
    instant,
    possible,
)
from comments.transfer.formats.xml_repair import MarkupTooLong, Repair, Repairs

__all__ = [
    "Author",
    "Comment",
    "CommentBatch",
    "Event",
    "Header",
    "Item",
    "NotReadable",
    "Repairs",
    "Summary",
    "Term",
    "check",
    "instant",
    "possible",
    "read",
]

CHUNK = 256 * 1024

OnBytes = Callable[[int], None]
OnEvent = Callable[[Event], None]

_TRUNCATED = (
    "the file ends in the middle: the export was cut off, most often because PHP reached its time "
    f"limit. {EXPORT_AGAIN}, with a higher max_execution_time or in parts (by author or by "
    "month); a whole export ends with </rss>"
)
_SEVERAL = (
    "a second export begins here, as if files had been joined. Give each in a file of its own"
)
_MEND = f"{EXPORT_AGAIN}, or mend this place in a text editor"


def _codes(*messages: str) -> frozenset[int]:
    return frozenset(errors.codes[message] for message in messages)


_ENDS_EARLY = _codes(
    errors.XML_ERROR_NO_ELEMENTS,
    errors.XML_ERROR_UNCLOSED_TOKEN,
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    errors.XML_ERROR_PARTIAL_CHAR,
)
_REASONS = {
    errors.XML_ERROR_TAG_MISMATCH: "an element is not closed where it should be",
    errors.XML_ERROR_UNBOUND_PREFIX: (
        "an element has a prefix that the top of the file does not declare (as in xmlns:wp=…)"
    ),
    errors.XML_ERROR_UNDEFINED_ENTITY: "an entity such as &nbsp; that XML does not know",
    errors.XML_ERROR_INVALID_TOKEN: (
        "this is not well-formed XML: often a < or & that should be &lt; or &amp;"
    ),
}
_REASON_OF_CODE = {errors.codes[message]: reason for message, reason in _REASONS.items()}


@dataclass(slots=True)
class Summary:
    """What a file holds that was read to its end. Units: `size` is the file's bytes on disk."""

    header: Header
    counts: Counter[str]  # items by their type
    comments: int
    authors: int
    terms: int
    repairs: Repairs
    size: int
    oddities: list[Oddity] = field(default_factory=list)
    logins: set[str] = field(default_factory=set)  # of authors, listed or not


def read(path: Path, *, on_bytes: OnBytes | None = None) -> Iterator[Event]:
    """Yield the header first, then what the file holds, an item always before its comments.

    `on_bytes` is told after every chunk how many more bytes of the file have been read.

    Raises: NotReadable, from wherever in the file the fault is; OSError.
    """
    yield from _Reader(path, on_bytes).events()


def check(path: Path, on_bytes: OnBytes | None = None, on_event: OnEvent | None = None) -> Summary:
    """Read the whole file and say what is in it. Raises: NotReadable, OSError."""
    reader = _Reader(path, on_bytes)
    repairs, size = reader.repair.repairs, path.stat().st_size
    summary = Summary(Header(), Counter(), 0, 0, 0, repairs, size, reader.oddities)
    for event in reader.events():
        if on_event:
            on_event(event)
        match event:
            case CommentBatch():
                summary.comments += len(event.comments)
            case Item():
                summary.counts[event.type] += 1
                summary.logins.add(event.creator)
            case Term():
                summary.terms += 1
            case Author():
                summary.authors += 1
                summary.logins.add(event.login)
            case Header():
                summary.header = event
    return summary


class _BehindTheEnd(Exception):
    """A fault in what follows the export, where nothing is meant."""

    def __init__(self, line: int | None) -> None:
        self.line = line or 1
        super().__init__(line)


class _Reader:
    """One reading of one file: bytes -> UTF-8 -> repaired -> parser -> events."""

    def __init__(self, path: Path, on_bytes: OnBytes | None) -> None:
        self.path = path
        self.on_bytes = on_bytes
        self.oddities: list[Oddity] = []
        self.repair = Repair()
        self.parser = Parser()
        self.fed = 0  # bytes

    def events(self) -> Iterator[Event]:
        text = utf_8(self._pieces(self.on_bytes), self._pieces, self.oddities)
        try:
            for piece in self._repaired(text):
                self._parse(piece)
                yield from self.parser.take_events()
            self._close()
        except _BehindTheEnd as fault:
            self.oddities.append(Oddity(fault.line, "what follows </rss> here was passed over"))
        yield from self.parser.take_events()

    def _refuse(self, reason: str, line: int | None = None) -> NoReturn:
        raise NotReadable(self.path, reason, line)

    def _refuse_unless_behind(self, reason: str, line: int | None) -> NoReturn:
        if self.parser.is_whole:
            raise _BehindTheEnd(line)
        self._refuse(reason, line)

    # ---- Bytes ----------------------------------------------------------------------------------

    def _pieces(self, on_bytes: OnBytes | None = None) -> Iterator[bytes]:
        """Yield the bytes of the file, unpacked."""
        with self.path.open("rb") as file:
            packed = file.peek(2)[:2] == b"\x1f\x8b"
            source = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file
            told = 0
            while piece := self._next(source):
                yield piece
                if on_bytes:
                    on_bytes(file.tell() - told)
                    told = file.tell()

    def _next(self, source: IO[bytes]) -> bytes:
        try:
            return source.read(CHUNK)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            self._refuse(f"the gzip file is damaged or cut off ({error}). Copy it here again")

    def _repaired(self, text: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for piece in text:
                yield self.repair.feed(piece)
        except NotText as fault:
            self._refuse_unless_behind(fault.reason, fault.line)
        except MarkupTooLong:
            reason = f"a tag or a comment here has no end. {_MEND}"
            self._refuse_unless_behind(reason, self.parser.line)
        yield self.repair.close()

    # ---- The parser -----------------------------------------------------------------------------

    def _parse(self, piece: bytes) -> None:
        try:
            self.parser.feed(piece)
            self.parser.require_short_text()
        except Refused as refused:
            self._refuse(str(refused), self.parser.line)
        except DefusedXmlException:
            self._refuse(
                "the file declares a document type or entities, which no export does and which "
                "can be used to attack. Do not import it unless you know who wrote it, and then "
                "remove the <!DOCTYPE …> first",
                self.parser.line,
            )
        except SAXParseException as error:
            unread = piece[max(0, self.parser.fault_at - self.fed) :]
            if self.parser.is_whole and BEGINNING.search(unread):
                self._refuse(_SEVERAL, error.getLineNumber())
            self._refuse_malformed(error)
        self.fed += len(piece)

    def _close(self) -> None:
        try:
            self.parser.close()
        except SAXParseException as error:
            self._refuse_malformed(error)

    def _refuse_malformed(self, error: SAXParseException) -> NoReturn:
        code, line = getattr(error.getException(), "code", 0), error.getLineNumber()
        if code in _ENDS_EARLY:
            self._refuse_unless_behind(_TRUNCATED, line)
        reason = _REASON_OF_CODE.get(code, f"this is not well-formed XML ({error.getMessage()})")
        self._refuse_unless_behind(f"{reason}. {_MEND}", line)
