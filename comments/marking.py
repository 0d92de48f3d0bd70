"""A text with what points at it, and how two texts differ. Pure: no database, no HTML.

desk/dossier.py says which text and which findings; the templates of the desk show the result.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, takewhile
from typing import NamedTuple

WORD = re.compile(r"(?:\w+|[^\w\s])\s*|\s+")
# Comparing costs, at worst, the words times the pairs of equal ones. What an edit changes in prose
# stays far below; what is above is shown as wholly replaced.
MOST_WORDS = 1_000
MOST_EQUAL_PAIRS = 5_000


@dataclass(frozen=True)
class Piece:
    """A stretch of text. Shape: `pointed` are the findings that point at it, `ending` end here."""

    text: str
    pointed: tuple[dict, ...] = ()
    ending: tuple[dict, ...] = ()

    @property
    def verdict(self) -> str:
        """The worst verdict on it, or nothing."""
        verdicts = {finding.get("verdict", "") for finding in self.pointed}
        return "spam" if "spam" in verdicts else next(iter(verdicts), "")


def mark(text: str, findings: Iterable[dict]) -> list[Piece]:
    """Cut `text` wherever a finding's span begins or ends."""
    spans = [(*span, row) for row in findings if (span := span_within(row, len(text)))]
    cuts = {0, len(text)}.union(*((start, end) for start, end, _row in spans))
    return [
        Piece(
            text[start:end],
            tuple(row for first, last, row in spans if first <= start and end <= last),
            tuple(row for _first, last, row in spans if last == end),
        )
        for start, end in pairwise(sorted(cuts))
    ]


def span_within(finding: dict, length: int) -> tuple[int, int] | None:
    """Return a finding's span, or None for one that is missing or not within the text."""
    match finding.get("span"):
        case [int(start), int(end)] if 0 <= start < end <= length:
            return start, end
    return None


class Change(NamedTuple):
    """Shape: `kind` is kept, removed or added."""

    kind: str
    text: str


def difference(old: str, new: str) -> Iterator[Change]:
    """Yield, word by word, what was kept, removed and added to make `new` of `old`."""
    before, after = WORD.findall(old), WORD.findall(new)
    head = shared(before, after)
    tail = shared(before[head:][::-1], after[head:][::-1])
    middle = before[head : len(before) - tail], after[head : len(after) - tail]
    parts = [("kept", before[:head]), *changed(*middle), ("kept", before[len(before) - tail :])]
    return (Change(kind, "".join(words)) for kind, words in parts if words)


def shared(one: list[str], other: list[str]) -> int:
    """Return how many words two lists have in common at their beginning."""
    return sum(
        1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def changed(before: list[str], after: list[str]) -> Iterator[tuple[str, list[str]]]:
    if not are_comparable(before, after):
        yield from (("removed", before), ("added", after))
        return
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, new_start, new_end in matcher.get_opcodes():
        if kind == "equal":
            yield "kept", before[start:end]
        else:
            yield from (("removed", before[start:end]), ("added", after[new_start:new_end]))


def are_comparable(before: list[str], after: list[str]) -> bool:
    """Tell whether comparing the words takes no longer than a page may."""
    counts = Counter(after)
    pairs = sum(counts[word] for word in before)
    return max(len(before), len(after)) <= MOST_WORDS and pairs <= MOST_EQUAL_PAIRS
