"""The bytes of an export in XML, made ready for the parser: proved to be UTF-8, its faults mended.

Knows XML and none of the formats. What is mended, and how, is in xml_repair.py.
"""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from comments.transfer.formats.streams import NOT_UTF_8, UTF_16, chunks, nothing
from comments.transfer.formats.told import Advance, NotReadable
from comments.transfer.formats.xml_repair import MarkupTooLong, Repair, Repairs

DECLARATION = re.compile(rb"\s*<\?xml\s[^>]*\?>")
ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
OTHER_ENCODINGS = (*UTF_16, b"<\0", b"\0<", b"\0\0\xfe\xff")
AS_UTF_8 = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
SAY_UTF_8 = "Save it as UTF-8, and say so in its first line"
NO_END = "a tag or a comment here has no end. Export it again, or mend this place in a text editor"


def xml_bytes(path: Path, repair: Repair, advance: Advance = nothing) -> Iterator[bytes]:
    """Yield what the parser can take; lines stay lines. Raises: NotReadable, OSError."""
    line = 1
    for chunk in _utf_8(path, _declared(path, chunks(path, advance))):
        try:
            mended = repair.feed(chunk)
        except MarkupTooLong as error:
            raise NotReadable(path, NO_END, line) from error
        line += mended.count(b"\n")
        yield mended
    yield repair.close()


def notes_on(repairs: Repairs) -> tuple[tuple[int | None, str], ...]:
    """Return (line, words) of what was mended."""
    told = (
        (repairs.first_line, repairs.control_characters, "characters that no text holds left out"),
        (repairs.cdata_line, repairs.cdata, "marks ]]> within a text taken as words"),
    )
    return tuple(
        (line, f"{words}: {count:,}, the first here") for line, count, words in told if count
    )


def _declared(path: Path, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Refuse at its first bytes what is in another encoding, or nothing at all."""
    head = next(pieces, b"").removeprefix(codecs.BOM_UTF8)
    if head.startswith(OTHER_ENCODINGS):
        raise NotReadable(path, NOT_UTF_8, 1)
    if not head.strip():
        raise NotReadable(path, "the file is empty. Export it again")
    yield _with_plain_declaration(path, head)
    yield from pieces


def _with_plain_declaration(path: Path, head: bytes) -> bytes:
    """Blank a declaration that the parser would trip on: after an empty line, or of "utf8"."""
    declaration = DECLARATION.match(head)
    if declaration is None:
        return head
    encoding = ENCODING.search(declaration[0])
    name = encoding[1].lower() if encoding else b"utf-8"
    if name not in AS_UTF_8:
        told = name.decode(errors="replace")[:40]
        raise NotReadable(path, f"the file is in {told}. {SAY_UTF_8}", 1)
    return re.sub(rb"[^\r\n]", b" ", declaration[0]) + head[declaration.end() :]


def _utf_8(path: Path, pieces: Iterator[bytes]) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for piece in pieces:
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            bad = line + error.object.count(b"\n", 0, error.start)
            raise NotReadable(path, NOT_UTF_8, bad) from error
        line += piece.count(b"\n")
        yield piece
