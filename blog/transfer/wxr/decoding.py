"""The bytes of an export -> UTF-8 that begins with the export, whatever stood before it.

Real files have blank lines, marks and PHP's warnings before their first element, and declarations
that are not true. Each line stays the line it was. reading.py hands on what comes out to the
parser; faults behind the beginning are mended in xml_repair.py.
"""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

HEAD = 4096  # Units: bytes. An export begins within them.

Again = Callable[[], Iterator[bytes]]

BEGINNING = re.compile(rb"<\?xml\s|<!DOCTYPE|<rss[\s>]")
_UNSEEN = re.compile(rb"(?:\xef\xbb\xbf|[\0 \t\r\n])*")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")
_OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0\xfe\xff")
_AS_UTF_8 = {"utf-8", "utf8", "us-ascii", "ascii"}
_AS_WINDOWS_1252 = {
    "iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "windows-1252", "cp1252"
}  # fmt: skip
# As browsers read both: the few bytes that Windows-1252 leaves out are those of Latin-1.
# Source: WHATWG Encoding, windows-1252.
_WINDOWS_1252 = "".join(
    bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(256)
)

EXPORT_AGAIN = "Export it again from WordPress (Tools > Export)"
NOT_UTF_8 = "Save it as UTF-8, or export it again from a WordPress whose charset is UTF-8"


class NotText(Exception):
    """The bytes are no text that we know to read; the words say what to do about it."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason, line)


@dataclass(frozen=True)
class Oddity:
    """What is strange about a file that is read all the same."""

    line: int
    what: str


def utf_8(pieces: Iterator[bytes], again: Again, oddities: list[Oddity]) -> Iterator[bytes]:
    """Yield a file as UTF-8, and put into `oddities` what is strange about it.

    `again()` reads it from its beginning once more, where its declaration is to be doubted.

    Raises: NotText.
    """
    head, encoding = _opened(_head(pieces), oddities)
    if encoding in _AS_UTF_8 or _is_utf_8(again()):
        yield from _proved(head, pieces)
        return
    oddities.append(Oddity(1, f"the file is in {encoding}, and was read as Windows-1252"))
    yield _from_windows_1252(head)
    yield from map(_from_windows_1252, pieces)


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD and (piece := next(pieces, b"")):
        head += piece
    return head


def _opened(head: bytes, oddities: list[Oddity]) -> tuple[bytes, str]:
    """Return the head with blanks for all before the export, and the encoding it declares."""
    start = _UNSEEN.match(head).end()  # type: ignore[union-attr]
    if start == len(head):
        raise NotText(f"the file is empty. {EXPORT_AGAIN}")
    if head.startswith(b"PK"):
        raise NotText("this is a zip archive. Unpack it, and give the .xml files it holds")
    if head.startswith(_OTHER_ENCODINGS):
        raise NotText(f"the file is not in UTF-8. {NOT_UTF_8}")
    start = _behind_what_was_printed(head, start, oddities)
    declaration = _DECLARATION.match(head, start)
    encoding = _declared(declaration[0]) if declaration else "utf-8"
    end = declaration.end() if declaration else start
    return re.sub(rb"[^\r\n]", b" ", head[:end]) + head[end:], encoding


def _behind_what_was_printed(head: bytes, start: int, oddities: list[Oddity]) -> int:
    """Return where the export begins, behind a warning of PHP or whatever a plugin printed."""
    beginning = BEGINNING.search(head, start)
    if beginning is not None and beginning.start() > start:
        line = 1 + head.count(b"\n", 0, start)
        oddities.append(Oddity(line, "something stands before the export, and was passed over"))
        return beginning.start()
    if not head.startswith(b"<", start):
        raise NotText(f"this is not XML: it does not begin with a <. {EXPORT_AGAIN}", 1)
    return start


def _declared(declaration: bytes) -> str:
    """Return the encoding that a declaration names. Raises: NotText."""
    found = _ENCODING.search(declaration)
    name = found[1].decode("ascii", "replace").strip().lower() if found else "utf-8"
    if name not in _AS_UTF_8 | _AS_WINDOWS_1252:
        raise NotText(f"the file is in {name[:40]}. {NOT_UTF_8}", 1)
    return name


def _is_utf_8(pieces: Iterator[bytes]) -> bool:
    """Read a file to its end to see whether it is in UTF-8, whatever it declares.

    An editor that saves as UTF-8 leaves the declaration as it was, and no text of some length in
    another encoding happens to be UTF-8.
    """
    try:
        for _piece in _proved(b" ", pieces):
            pass
    except NotText:
        return False
    return True


def _proved(head: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what is UTF-8, and raise at what is not."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    for piece in chain([head], pieces):
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            # The decoder may have kept the start of a character from the piece before.
            kept = len(error.object) - len(piece)
            sound = piece[: max(0, error.start - kept)]
            yield sound
            line += sound.count(b"\n")
            raise NotText(f"these bytes are not UTF-8. {NOT_UTF_8}", line) from error
        yield piece
        line += piece.count(b"\n")


def _from_windows_1252(piece: bytes) -> bytes:
    text, _length = codecs.charmap_decode(piece, "strict", _WINDOWS_1252)
    return text.encode()
