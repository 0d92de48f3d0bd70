"""Files as streams, gzipped or plain: lines of text, or the items of one long JSON list.

Raises NotReadable with the line for what is not UTF-8, cut off, or longer than any comment.
"""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any, cast

from comments.transfer.formats.told import Advance, NotReadable

CHUNK = 256 * 1024
HEAD = 8192
MOST_CHARACTERS = 16_000_000
GZIP = b"\x1f\x8b"
SQLITE = b"SQLite format 3\x00"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

TOO_LONG = "one value here is longer than any comment. Look whether this is the right file"
NOT_UTF_8 = "these bytes are not UTF-8. Save the file as UTF-8, or export it again"
FOLLOWED = "something follows the end of the list here. Give each list as a file of its own"
DAMAGED = "the gzip file is damaged or cut off. Copy it here again"


def nothing(_count: int) -> None:
    """Show no progress."""


def head_of(path: Path) -> bytes:
    """Return the first bytes, of what is inside where it is gzipped."""
    with path.open("rb") as raw:
        return _read(path, _opened(raw), HEAD)


def _opened(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.peek(2)[:2] == GZIP  # type: ignore[attr-defined]
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if packed else raw


def _read(path: Path, file: IO[bytes], size: int) -> bytes:
    try:
        return file.read(size)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise NotReadable(path, DAMAGED) from error


def chunks(path: Path, advance: Advance = nothing) -> Iterator[bytes]:
    """Yield the file's bytes, unpacked. Raises: NotReadable for a damaged gzip file, OSError."""
    with path.open("rb") as raw:
        file, told = _opened(raw), 0
        while chunk := _read(path, file, CHUNK):
            yield chunk
            advance(raw.tell() - told)
            told = raw.tell()


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield the file as only a plain one can be opened: of a gzipped one a copy, for so long."""
    with path.open("rb") as raw:
        is_packed = raw.read(len(GZIP)) == GZIP
    if not is_packed:
        yield path
        return
    with NamedTemporaryFile(prefix="unpacked-") as copy:
        for chunk in chunks(path):
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def texts(path: Path, advance: Advance = nothing) -> Iterator[str]:
    """Yield the file's text, piece by piece, without a byte order mark."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line, is_first = 1, True
    for chunk in chunks(path, advance):
        if is_first and chunk.startswith(UTF_16):
            raise NotReadable(path, NOT_UTF_8, 1)
        is_first = False
        try:
            yield decoder.decode(chunk)
        except UnicodeDecodeError as error:
            bad = line + error.object.count(b"\n", 0, error.start)
            raise NotReadable(path, NOT_UTF_8, bad) from error
        line += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise NotReadable(path, "the file ends in the middle. Export it again", line) from error


def lines(path: Path, advance: Advance = nothing) -> Iterator[tuple[int, str]]:
    """Yield (number, line) of each line that holds something."""
    number, rest = 1, ""
    for text in texts(path, advance):
        *whole, rest = (rest + text).split("\n")
        for line in whole:
            if line.strip():
                yield number, line
            number += 1
        if len(rest) > MOST_CHARACTERS:
            raise NotReadable(path, TOO_LONG, number)
    if rest.strip():
        yield number, rest


def json_of(path: Path, number: int, line: str) -> Any:
    """Return what a line of JSON says. Raises: NotReadable."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = f"this is not JSON ({str(error)[:80]}), or the file ends in the middle"
        raise NotReadable(path, f"{reason}. Export it again", number) from error


def items(path: Path, advance: Advance = nothing) -> Iterator[tuple[int, Any]]:
    """Yield (line, item) for each item of the one JSON list that the file is."""
    pieces = texts(path, advance)
    line, text, at, more = 1, "", 0, 1
    decoder = json.JSONDecoder()
    is_open = False
    while True:
        # Twice as much each time an item is not whole yet: it is parsed again from its start.
        piece = "".join(part for _number, part in zip(range(more), pieces, strict=False))
        text, at = text[at:] + piece, 0
        is_last = not piece
        if len(text) > 4 * MOST_CHARACTERS:
            raise NotReadable(path, TOO_LONG, line)
        while True:
            start = at
            at = _skip(text, at, "[" if not is_open else ",")
            if not is_open:
                if at == len(text) and not is_last:
                    break
                if "[" not in text[start:at]:
                    raise NotReadable(path, "this is not a list in JSON", line)
                is_open = True
            line += text.count("\n", start, at)
            if text[at : at + 1] == "]":
                if text[at + 1 :].strip() or any(piece.strip() for piece in pieces):
                    raise NotReadable(path, FOLLOWED, line)
                return
            try:
                item, end = decoder.raw_decode(text, at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or is_last:
                    reason = "this is not JSON, or the file ends in the middle. Export it again"
                    raise NotReadable(path, reason, line) from error
                more *= 2
                break
            more = 1
            yield line, item
            line += text.count("\n", at, end)
            at = end


def _skip(text: str, at: int, mark: str) -> int:
    """Return where the next item begins, beyond spaces and one mark."""
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    if text[at : at + 1] == mark:
        at += 1
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at
