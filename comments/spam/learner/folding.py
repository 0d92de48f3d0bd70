"""A text as the learner compares it: entities decoded, compatible and look-alike letters made
one, marks and unseen characters gone, lower case, single spaces. Every character knows where it
came from.

Whoever sends spam chooses how it is written; what is undone here is reported as "disguised".
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Of a longer text only this much is looked at, and of what is left of it its two ends.
MOST = 20_000
HEAD, TAIL = 3000, 1000

Places = NDArray[np.int64]

# What is repeated gives nothing back: of a link that does not end, each part is looked at once.
MARKUP = re.compile(
    r"""&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});"""
    r"""|<a\s[^<>]{0,200}?href=["']?(?P<href>[^<>"']{0,2000}+)["']?[^<>]{0,200}+>"""
    r"""|</?[a-zA-Z][^<>]{0,200}>"""
)
# Letters of other scripts that look like Latin ones: folded in words that have Latin letters too.
LOOK_ALIKE = str.maketrans(
    "авекмнорстухіјѕԁԛԝһαβεηικμνορτυχωɡıʟɪ",
    "abekmhopctyxijsdqwhabenikuvoptyxwgili",
)
MIXED = re.compile(r"(?<![^\W\d_])(?=[^\W\d_]*[a-z])(?=[^\W\d_]*[Ͱ-ӿԀ-ԯɡıʟɪ])[^\W\d_]+")
# Marks that stand on letters of several scripts; those of one script are part of its spelling.
MARKS = range(0x300, 0x370)
UNSEEN = re.compile(r"[A-Za-z][­͏​-‏⁠-⁤﻿︀-️]+[A-Za-z]")
# Fewer are a sign of its own, such as ™ or Ⓜ.
ODD_LETTERS = 3
SPELT_OUT = re.compile(r"(?<!\w)\w([ ._*-])\w(?:\1\w){3,}(?!\w)")


# Of all there are, which whoever likes may send one by one, so many are kept.
MOST_FOLDS = 1 << 16


class _Folds(dict[int, str]):
    """What each character is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        if len(self) >= MOST_FOLDS:
            self.clear()
        plain = unicodedata.normalize("NFKD", chr(code))
        plain = "".join(char for char in plain if not _is_dropped(char))
        folded = self[code] = unicodedata.normalize("NFKC", plain).lower().translate(SPACES)
        return folded


def _is_dropped(char: str) -> bool:
    # Surrogates are no characters: nothing could be encoded that holds them.
    return ord(char) in MARKS or unicodedata.category(char) in ("Cf", "Cs")


SPACES = {code: " " for code in range(0x3001) if chr(code).isspace()}
FOLDS = _Folds()


@dataclass(frozen=True)
class Folded:
    """Shape: `text` begins and ends with a space; `plain` is what was decoded, not yet folded."""

    text: str
    plain: str
    is_disguised: bool
    original: str

    @cached_property
    def places(self) -> Places:
        """Return where each character of `text`, and its end, came from in the original."""
        return _places(self.original)


def fold(text: str) -> Folded:
    pieces = _pieces(text[:MOST])
    plain = "".join(piece for _start, _end, piece in pieces)
    folded = plain.translate(FOLDS)
    codes = _codes(f" {folded} ")
    spaced = codes[_kept(codes)].tobytes().decode("utf-32-le")
    latin = spaced if spaced.isascii() else MIXED.sub(_as_latin, spaced)
    is_disguised = latin != spaced or _is_disguised(plain, text)
    return Folded(latin, plain, is_disguised, text)


def _pieces(text: str) -> list[tuple[int, int, str]]:
    """Return (start, end, what it reads as), in order, of all that `text` consists of."""
    if "<" not in text and "&" not in text:
        return [(0, len(text), text)]
    pieces, at = [], 0
    for match in MARKUP.finditer(text):
        pieces += [(at, match.start(), text[at : match.start()]), (*match.span(), _read(match))]
        at = match.end()
    return [*pieces, (at, len(text), text[at:])]


def _read(match: re.Match[str]) -> str:
    if match[0][0] == "&":
        return html.unescape(match[0])
    return f" {html.unescape(match['href'] or '')} "


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))


def _kept(codes: NDArray[np.uint32]) -> NDArray[np.intp]:
    """Return which characters stay: one space of several, and the two ends of a long text."""
    is_space = codes == 32
    is_space[1:] &= is_space[:-1].copy()
    is_space[0] = False
    kept = np.flatnonzero(~is_space)
    return kept if len(kept) <= HEAD + TAIL else np.concatenate((kept[:HEAD], kept[-TAIL:]))


def _as_latin(match: re.Match[str]) -> str:
    return match[0].translate(LOOK_ALIKE)


def _is_disguised(plain: str, text: str) -> bool:
    if SPELT_OUT.search(plain) or (plain is not text and _has_coded_letter(text)):
        return True
    return not plain.isascii() and (bool(UNSEEN.search(plain)) or _has_odd_letters(plain))


def _has_coded_letter(text: str) -> bool:
    return bool(re.search(r"&#(?:6[5-9]|[78]\d|9[07-9]|1[01]\d|12[0-2]);|&#[xX][4-7]", text))


def _has_odd_letters(plain: str) -> bool:
    """Tell whether letters are written as those of an alphabet of signs, such as 𝐚 or ａ."""
    odd = (FOLDS[ord(char)] for char in set(plain) if ord(char) > 0x2100)
    return sum(folded.isascii() and folded.isalpha() for folded in odd) >= ODD_LETTERS


def _places(text: str) -> Places:
    """Return the place in `text` of each character of its folded form, and of that form's end."""
    at: list[int] = [0]
    for start, end, piece in _pieces(text[:MOST]):
        is_literal = piece == text[start:end]
        for offset, char in enumerate(piece):
            at += [start + offset if is_literal else start] * len(FOLDS[ord(char)])
    at += [min(len(text), MOST)]
    folded = "".join(piece for _start, _end, piece in _pieces(text[:MOST])).translate(FOLDS)
    places = np.array(at, np.int64)[_kept(_codes(f" {folded} "))]
    return np.append(places, min(len(text), MOST))
