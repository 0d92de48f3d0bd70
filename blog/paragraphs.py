"""A typeset text cut into its paragraphs, and where in it a note on an older one belongs. Pure.

A paragraph here is whatever stands at the top of the text: also a list, a table, a picture. The
HTML is that of markup.py, which went through bleach: its tags are balanced.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import unescape

# As much of a paragraph as it is known by.
QUOTE_MOST = 1000
# What shares fewer of its words is another paragraph, and no changed one.
LEAST_ALIKE = 0.5
# Of its words so many of the rarest lead to what may be it, and so many of those are compared.
MOST_RARE = 12
MOST_LOOKED_AT = 200

TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:[^"'<>]|"[^"]*"|'[^']*')*)>""")
ALT = re.compile(r'\balt="([^"]*)"')
EMPTY = frozenset(["br", "hr", "img", "source", "wbr", "col", "input"])
IN_A_LINE = frozenset([
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "img", "ins", "kbd", "mark", "q", "s",
    "small", "span", "strong", "sub", "sup", "u", "wbr",
])  # fmt: skip


@dataclass(frozen=True)
class Paragraph:
    """Shape: `text` is what can be read of it, on one line; empty where there is nothing."""

    index: int
    html: str
    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        return _words(self.text)


def paragraphs_of(html: str) -> list[Paragraph]:
    pieces = [piece for piece in _pieces(html) if piece.strip()]
    return [Paragraph(index, piece, _text_of(piece)) for index, piece in enumerate(pieces)]


def _pieces(html: str) -> Iterator[str]:
    """Yield what stands at the top, and what stands loose between that in one piece."""
    begun, depth = 0, 0
    for tag in TAG.finditer(html):
        is_end, name = bool(tag[1]), tag[2].lower()
        is_top = depth == 0 and name not in IN_A_LINE
        if is_top and not is_end:
            yield html[begun : tag.start()]
            begun = tag.start()
        if name not in EMPTY:
            depth = max(depth + (-1 if is_end else 1), 0)
        if depth == 0 and name not in IN_A_LINE:
            yield html[begun : tag.end()]
            begun = tag.end()
    yield html[begun:]


def _text_of(html: str) -> str:
    return " ".join(unescape(TAG.sub(_said_by, html)).split())[:QUOTE_MOST]


def _said_by(tag: re.Match[str]) -> str:
    """Return what a tag is to a reader: a picture its words, a block a pause, all else nothing."""
    name = tag[2].lower()
    if name == "img" and (alt := ALT.search(tag[3])):
        return f" {alt[1]} "
    return "" if name in IN_A_LINE - {"br", "img"} else " "


# --- found again ------------------------------------------------------------------------------


class Finder:
    """Finds older paragraphs among those of a text, many of them in one go."""

    def __init__(self, paragraphs: Sequence[Paragraph]) -> None:
        self.paragraphs = paragraphs
        self.by_text: dict[str, list[int]] = defaultdict(list)
        self.by_word: dict[str, list[int]] = defaultdict(list)
        for at, each in enumerate(paragraphs):
            self.by_text[each.text].append(at)
            for word in each.words:
                self.by_word[word].append(at)

    def find(self, quote: str, index: int) -> int | None:
        """Return which paragraph a quote is of: the same one, the most alike, or none any more.

        Of several that are equal it is the one nearest to where it stood, at `index`.
        """
        if same := self.by_text.get(quote):
            return min(same, key=lambda at: abs(at - index))
        words = _words(quote)
        likeness = {at: _likeness(words, self.paragraphs[at].words) for at in self._like(words)}
        best = max(likeness, key=lambda at: (likeness[at], -abs(at - index)), default=None)
        return best if best is not None and likeness[best] >= LEAST_ALIKE else None

    def _like(self, words: frozenset[str]) -> set[int]:
        """Return what is worth a closer look: it shares one of the words that are rare here."""
        known = sorted((word for word in words if word in self.by_word), key=self._rarity)
        found: set[int] = set()
        for word in known[:MOST_RARE]:
            found.update(self.by_word[word][:MOST_LOOKED_AT])
            if len(found) >= MOST_LOOKED_AT:
                break
        return found

    def _rarity(self, word: str) -> tuple[int, str]:
        return len(self.by_word[word]), word


def found_again(quote: str, index: int, paragraphs: Sequence[Paragraph]) -> int | None:
    """Return which paragraph one quote is of."""
    return Finder(paragraphs).find(quote, index)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how much two texts have in common, from 0 to 1: twice what both have, by all."""
    total = len(one) + len(other)
    return 2 * len(one & other) / total if total else 0.0
