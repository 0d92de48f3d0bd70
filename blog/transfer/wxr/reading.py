"""Reads a WordPress export (WXR 1.0, 1.1 or 1.2) as a stream, in constant memory.

`check()` proves a file readable to its end, `read()` yields what is in it. It knows no model and
writes nothing. The values are in events.py, the elements in elements.py, what is mended on
the way to the parser in xml_repair.py (with comments, whose exports have the same faults).
"""

import codecs
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn, cast
from xml.parsers.expat import errors
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException

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
    "read",
]

CHUNK = 256 * 1024
HEAD = 4096

OnBytes = Callable[[int], None]

_DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0\xfe\xff")
_AS_UTF_8 = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}

_EXPORT_AGAIN = "Export it again from WordPress (Tools > Export)"
_TRUNCATED = (
    "the file ends in the middle: the export was cut off, most often because PHP reached its time "
    f"limit. {_EXPORT_AGAIN}, with a higher max_execution_time or in parts (by author or by "
    "month); a whole export ends with </rss>"
)
_NOT_UTF_8 = "Save it as UTF-8, or export it again from a WordPress whose charset is UTF-8"
_MEND = f"{_EXPORT_AGAIN}, or mend this place in a text editor"


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
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: (
        "something follows the end of the export (</rss>), which a plugin may have printed there"
    ),
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


def read(path: Path, *, on_bytes: OnBytes | None = None) -> Iterator[Event]:
    """Yield the header first, then what the file holds, an item always before its comments.

    `on_bytes` is told after every chunk how many more bytes of the file have been read.

    Raises: NotReadable, from wherever in the file the fault is; OSError.
    """
    yield from _Reader(path, on_bytes).events()


def check(path: Path, on_bytes: OnBytes | None = None) -> Summary:
    """Read the whole file and say what is in it. Raises: NotReadable, OSError."""
    reader = _Reader(path, on_bytes)
    summary = Summary(Header(), Counter(), 0, 0, 0, reader.repair.repairs, path.stat().st_size)
    for event in reader.events():
        match event:
            case CommentBatch():
                summary.comments += len(event.comments)
            case Item():
                summary.counts[event.type] += 1
            case Term():
                summary.terms += 1
            case Author():
                summary.authors += 1
            case Header():
                summary.header = event
    return summary


class _Reader:
    """One reading of one file: bytes -> repaired bytes -> parser -> events."""

    def __init__(self, path: Path, on_bytes: OnBytes | None) -> None:
        self.path = path
        self.on_bytes = on_bytes
        self.repair = Repair()
        self.parser = Parser()

    def events(self) -> Iterator[Event]:
        with self.path.open("rb") as file:
            for chunk in self._repaired(self._utf_8(self._declared(self._chunks(file)))):
                self._parse(chunk)
                yield from self.parser.take_events()
        self._close()
        yield from self.parser.take_events()

    def _refuse(self, reason: str, line: int | None = None) -> NoReturn:
        raise NotReadable(self.path, reason, line)

    # ---- Bytes ----------------------------------------------------------------------------------

    def _chunks(self, file: IO[bytes]) -> Iterator[bytes]:
        packed = file.peek(2)[:2] == b"\x1f\x8b"  # type: ignore[attr-defined]
        source = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if packed else file
        told, size = 0, HEAD
        while chunk := self._next_chunk(source, size):
            size = CHUNK
            yield chunk
            if self.on_bytes:
                self.on_bytes(file.tell() - told)
                told = file.tell()

    def _next_chunk(self, source: IO[bytes], size: int) -> bytes:
        try:
            return source.read(size)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            self._refuse(f"the gzip file is damaged or cut off ({error}). Copy it here again")

    def _declared(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Refuse at its first bytes what cannot be an export, and settle the encoding."""
        head = next(chunks, b"")
        text = head.removeprefix(codecs.BOM_UTF8).lstrip(b"\0 \t\r\n")
        if not text:
            self._refuse(f"the file is empty. {_EXPORT_AGAIN}")
        if head.startswith(b"PK"):
            self._refuse("this is a zip archive. Unpack it, and give the .xml files it holds")
        if head.startswith(_OTHER_ENCODINGS):
            self._refuse(f"the file is not in UTF-8. {_NOT_UTF_8}")
        if not text.startswith(b"<"):
            self._refuse(f"this is not XML: it does not begin with a <. {_EXPORT_AGAIN}", 1)
        yield self._with_plain_declaration(head.removeprefix(codecs.BOM_UTF8))
        yield from chunks

    def _with_plain_declaration(self, head: bytes) -> bytes:
        """Blank an XML declaration that the parser would trip on though the file is good.

        That is one after an empty line, which many a theme prints, or one that says "utf8".
        """
        declaration = _DECLARATION.match(head)
        if declaration is None:
            return head
        encoding = _ENCODING.search(declaration[0])
        name = encoding[1].lower() if encoding else b"utf-8"
        if name not in _AS_UTF_8:
            self._refuse(f"the file is in {name.decode(errors='replace')}. {_NOT_UTF_8}", 1)
        if head.startswith(b"<?xml") and name == b"utf-8":
            return head
        return re.sub(rb"[^\r\n]", b" ", declaration[0]) + head[declaration.end() :]

    def _utf_8(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        lines = 1
        for chunk in chunks:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object.count(b"\n", 0, error.start)
                self._refuse(f"these bytes are not UTF-8. {_NOT_UTF_8}", line)
            lines += chunk.count(b"\n")
            yield chunk

    def _repaired(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        try:
            for chunk in chunks:
                yield self.repair.feed(chunk)
        except MarkupTooLong:
            self._refuse(f"a tag or a comment here has no end. {_MEND}", self.parser.line)
        yield self.repair.close()

    # ---- The parser -----------------------------------------------------------------------------

    def _parse(self, chunk: bytes) -> None:
        try:
            self.parser.feed(chunk)
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
            self._refuse_malformed(error)

    def _close(self) -> None:
        try:
            self.parser.close()
        except SAXParseException as error:
            self._refuse_malformed(error)

    def _refuse_malformed(self, error: SAXParseException) -> NoReturn:
        code = getattr(error.getException(), "code", 0)
        if code in _ENDS_EARLY:
            self._refuse(_TRUNCATED, error.getLineNumber())
        reason = _REASON_OF_CODE.get(code, f"this is not well-formed XML ({error.getMessage()})")
        self._refuse(f"{reason}. {_MEND}", error.getLineNumber())
