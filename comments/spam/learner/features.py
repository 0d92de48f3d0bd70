"""What is looked at in a comment: pieces of four and five letters, words and pairs of them, links,
its shape and its author's name, each hashed to a slot of the model's table.

`features_of` answers alike on every machine and in every process. It looks at a bounded part of a
text, whatever the text is (folding.py).
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from comments.spam.learner.folding import Folded, fold

SLOT_BITS = 21
SLOTS = 1 << SLOT_BITS
# What the slots mean. A state that was made of other features is of no use: raise it by one
# whenever the same text would get others.
VERSION = 1

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[^\w\s]+|_+")
LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"']+"
    r"|(?<![\w@.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,12}(?![\w.-])(?:/[^\s<>\"']*)?"
)
SCHEME = re.compile(r"^(?:https?://)?(?:www\.)?")
PART_OF_PATH = re.compile(r"[^\W_]+")
REPEATED = re.compile(r"(.)\1\1\1")
PHONE = re.compile(r"\d[\d ()-]{4,}\d")
HANDLE = re.compile(r"(?<!\w)[@#]\w")
MOST_LINKS, MOST_PARTS = 20, 8
PIECES = (4, 5)
Hashes = NDArray[np.uint64]
SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Written:
    """The durable facts of a comment: what is known of it as long as it stands."""

    text: str
    author_name: str = ""
    website: str = ""


@dataclass(frozen=True, eq=False)
class Features:
    """Shape: `slots` in ascending order, each once."""

    slots: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.slots)


@dataclass(frozen=True)
class Seen:
    """Features of one kind. Shape: `starts` and `ends` are places in the folded text; None for
    what stands in no place of it."""

    kind: str
    hashes: Hashes
    starts: NDArray[np.int64] | None = field(default=None)
    ends: NDArray[np.int64] | None = field(default=None)

    @property
    def slots(self) -> NDArray[np.uint32]:
        return (self.hashes >> np.uint64(64 - SLOT_BITS)).astype(np.uint32)


def features_of(written: Written) -> Features:
    return Features(np.unique(np.concatenate([seen.slots for seen in seen_in(written)])))


def seen_in(written: Written, folded: Folded | None = None) -> Iterator[Seen]:
    """Yield all that is looked at, kind by kind."""
    folded = fold(written.text) if folded is None else folded
    text = folded.text
    codes = np.frombuffer(text.encode("utf-32-le"), np.dtype("<u4")).astype(np.uint64)
    for length in PIECES:
        yield _pieces(codes, length)
    words = [(match[0], *match.span()) for match in WORD.finditer(text)]
    yield _placed("word", words)
    yield _placed(
        "pair", [(f"{a} {b}", start, end) for (a, start, _), (b, _, end) in pairwise(words)]
    )
    links = [(match[0], *match.span()) for match in LINK.finditer(text)]
    links = links[:MOST_LINKS]
    parts = [(part, start, end) for link, start, end in links for part in _parts(link)]
    yield _placed("link", parts)
    yield _unplaced("shape", _shape(folded, len(words), len(links)))
    yield _unplaced("author", (match[0] for match in WORD.finditer(fold(written.author_name).text)))
    website = _parts(fold(written.website).text.strip()) if written.website else []
    yield _unplaced("website", website)
    yield _unplaced("disguised", ["disguised"] if folded.is_disguised else [])


def _pieces(codes: Hashes, length: int) -> Seen:
    """Hash every run of so many characters at once."""
    count = max(0, len(codes) - length + 1)
    hashes = np.full(count, length, np.uint64)
    for offset in range(length):
        hashes ^= codes[offset : offset + count]
        hashes *= SPREAD
        hashes ^= hashes >> np.uint64(29)
    hashes *= SPREAD
    starts = np.arange(count)
    return Seen("piece", hashes, starts, starts + length)


def _placed(kind: str, found: list[tuple[str, int, int]]) -> Seen:
    starts = np.array([start for _text, start, _end in found], np.int64)
    ends = np.array([end for _text, _start, end in found], np.int64)
    return Seen(kind, _hashed(kind, (text for text, _start, _end in found)), starts, ends)


def _unplaced(kind: str, found: Iterable[str]) -> Seen:
    return Seen(kind, _hashed(kind, found))


def _hashed(kind: str, texts: Iterable[str]) -> Hashes:
    salt = zlib.crc32(kind.encode())
    hashes = np.array([zlib.crc32(text.encode(), salt) for text in texts], np.uint64)
    hashes *= SPREAD
    hashes ^= hashes >> np.uint64(29)
    return hashes * SPREAD


def _parts(link: str) -> list[str]:
    """Return what a link consists of: its host, the last of that, and the words of its path."""
    host, _slash, path = SCHEME.sub("", link).partition("/")
    host = host.partition("?")[0].partition(":")[0]
    labels = host.split(".")
    above = ".".join(labels[-2:])
    parts = PART_OF_PATH.findall(path)[:MOST_PARTS]
    return ["a link", f"host {host}", f"host {above}", f"top {labels[-1]}", *parts]


def _shape(folded: Folded, words: int, links: int) -> list[str]:
    plain, text = folded.plain, folded.text
    letters = sum(map(str.isalpha, plain))
    capitals = sum(map(str.isupper, plain))
    return [
        f"letters {letters.bit_length()}",
        f"words {words.bit_length()}",
        f"links {links.bit_length()}",
        f"capitals {capitals * 8 // max(1, letters)}",
        f"digits {sum(map(str.isdigit, plain)).bit_length()}",
        f"! {text.count('!').bit_length()}",
        f"? {text.count('?').bit_length()}",
        f"lines {plain.count(chr(10)).bit_length()}",
        f"repeated {bool(REPEATED.search(text))}",
        f"phone {bool(PHONE.search(text))}",
        f"handle {bool(HANDLE.search(text))}",
    ]
