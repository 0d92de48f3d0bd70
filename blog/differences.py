"""How two texts differ: paragraph by paragraph, and word by word where one was changed. Pure.

Joining what is the same and what was added gives the new text to the letter; what is the same and
what was removed, the old one. However hostile the texts, the work is bounded: what would take too
long to compare by words is shown as wholly replaced.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import NamedTuple

import regex

SAME, REMOVED, ADDED = "same", "removed", "added"
# A line with the empty ones after it.
PARAGRAPH = regex.compile(r"[^\n]+\n*|\n+")
SENTENCE = regex.compile(r"[^.!?\u3002\uff01\uff1f]*[.!?\u3002\uff01\uff1f]*\s*")
# A word with the blanks after it. Scripts that put no blanks between words go letter by letter,
# and no letter is cut from its accents.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = regex.compile(
    rf"\n|[[\p{{L}}\p{{M}}\p{{N}}_]--[{UNSPACED}]]+[^\S\n]*|\X[^\S\n]*", regex.VERSION1
)
# Words removed and added in one stretch of changed paragraphs, and steps for all of them together:
# a fraction of a second.
MOST_EDITS = 400
MOST_STEPS = 300_000
# What a comparison costs before its first step.
LEAST_STEPS = 60
# Longer than this no stretch is cut into words at once.
MOST_CHARACTERS = 500_000
# What has less in common than this is easier to read as replaced.
LEAST_SHARED = 0.2
# Unchanged paragraphs that stay in sight on either side of a change.
IN_SIGHT = 2


class Part(NamedTuple):
    """Shape: `kind` is "same", "removed" or "added"."""

    kind: str
    text: str

    @property
    def is_break(self) -> bool:
        """Tell whether nothing of it can be seen but that a line ends."""
        return not self.line

    @property
    def line(self) -> str:
        return self.text.rstrip("\n")

    @property
    def ending(self) -> str:
        """Return the line ends after it: on a page they stand outside of its marks."""
        return self.text[len(self.line) :]


@dataclass(frozen=True)
class Paragraph:
    parts: tuple[Part, ...]

    @property
    def is_same(self) -> bool:
        return all(part.kind == SAME for part in self.parts)


@dataclass(frozen=True)
class Stretch:
    """Paragraphs in a row. Shape: `is_folded` is what a reader of the changes need not see."""

    paragraphs: tuple[Paragraph, ...]
    is_folded: bool


@dataclass
class Budget:
    steps: int


def difference(old: str, new: str) -> list[Paragraph]:
    """Return both texts as one, paragraph by paragraph."""
    return list(_in_paragraphs(parts_of(old, new)))


def parts_of(old: str, new: str) -> list[Part]:
    """Return both texts as one: no two parts in a row are of one kind, none is empty."""
    return _joined(_cut(old, new, (PARAGRAPH, SENTENCE), Budget(MOST_STEPS)))


def folded(paragraphs: Sequence[Paragraph], *, in_sight: int = IN_SIGHT) -> list[Stretch]:
    """Return the paragraphs in stretches; those far from every change are to be folded away."""
    near: set[int] = set()
    for at, paragraph in enumerate(paragraphs):
        if not paragraph.is_same:
            near.update(range(at - in_sight, at + in_sight + 1))
    runs = groupby(range(len(paragraphs)), key=lambda at: at not in near)
    stretches = []
    for is_far, run in runs:
        these = tuple(paragraphs[at] for at in run)
        stretches.append(Stretch(these, is_folded=is_far and len(these) > 1))
    return stretches


# --- paragraphs and sentences -----------------------------------------------------------------

Pair = tuple[int, int]


def _cut(old: str, new: str, cuts: Sequence[regex.Pattern[str]], budget: Budget) -> list[Part]:
    """Return how two texts differ that are cut by the first of `cuts`."""
    parts: list[Part] = []
    for is_same, removed, added in _aligned(cuts[0].findall(old), cuts[0].findall(new)):
        if is_same:
            parts.append(Part(SAME, "".join(removed)))
        else:
            parts += _changed(removed, added, cuts[1:], budget)
    return parts


def _aligned(before: list[str], after: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
    """Yield what two texts share, and between that what is only in the one and the other."""
    at, new_at = 0, 0
    for anchor, new_anchor in [*_anchors(before, after), (len(before), len(after))]:
        gap, new_gap = before[at:anchor], after[new_at:new_anchor]
        head, tail = _shared_ends(gap, new_gap)
        end, new_end = len(gap) - tail, len(new_gap) - tail
        yield True, gap[:head], new_gap[:head]
        yield False, gap[head:end], new_gap[head:new_end]
        yield True, gap[end:], new_gap[new_end:]
        at, new_at = anchor, new_anchor


def _shared_ends(one: list[str], other: list[str]) -> Pair:
    """Return how many items two lists have in common at their beginning, and then at their end."""
    head = _shared(one, other)
    return head, _shared(one[head:][::-1], other[head:][::-1])


def _shared(one: list[str], other: list[str]) -> int:
    most = min(len(one), len(other))
    return next((at for at in range(most) if one[at] != other[at]), most)


def _anchors(before: list[str], after: list[str]) -> list[Pair]:
    """Return where the same paragraph stands once in each text, in the order of both."""
    once, new_once = _standing_once(before), _standing_once(after)
    pairs = [(at, new_once[text]) for text, at in once.items() if text in new_once]
    return _longest_rising(pairs)


def _standing_once(texts: list[str]) -> dict[str, int]:
    counts = Counter(texts)
    return {text: at for at, text in enumerate(texts) if counts[text] == 1}


def _longest_rising(pairs: list[Pair]) -> list[Pair]:
    """Return as many pairs as rise in their second number too; they rise in the first already."""
    lowest: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_old, new) in enumerate(pairs):
        length = bisect_left(lowest, new)
        before.append(last[length - 1] if length else -1)
        lowest[length : length + 1] = [new]
        last[length : length + 1] = [at]
    rising = []
    at = last[-1] if last else -1
    while at >= 0:
        rising.append(pairs[at])
        at = before[at]
    return rising[::-1]


# --- words ------------------------------------------------------------------------------------


def _changed(
    removed: list[str], added: list[str], finer: Sequence[regex.Pattern[str]], budget: Budget
) -> list[Part]:
    """Return how changed pieces differ by words: all together, each with its own, or cut finer."""
    old, new = "".join(removed), "".join(added)
    whole = [Part(REMOVED, old), Part(ADDED, new)]
    if not (old and new) or budget.steps <= 0:
        return whole
    if parts := _by_words(old, new, budget):
        return parts
    if 1 < len(removed) == len(added) < budget.steps // LEAST_STEPS:
        pairs = zip(removed, added, strict=True)
        return [part for one, other in pairs for part in _changed([one], [other], finer, budget)]
    if finer:
        return _cut(old, new, finer, budget)
    return whole


def _by_words(old: str, new: str, budget: Budget) -> list[Part]:
    """Return the parts, or none where that takes too long or hardly anything is the same."""
    if len(old) + len(new) > MOST_CHARACTERS:
        return []
    before, after = WORD.findall(old), WORD.findall(new)
    head, tail = _shared_ends(before, after)
    end, new_end = len(before) - tail, len(after) - tail
    pairs = _common_pairs(before[head:end], after[head:new_end], budget)
    if pairs is None:
        return []
    middle = _around(before[head:end], after[head:new_end], pairs)
    same_head, same_tail = "".join(before[:head]), "".join(before[end:])
    parts = [Part(SAME, same_head), *middle, Part(SAME, same_tail)]
    in_common = sum(len(part.text) for part in parts if part.kind == SAME)
    return parts if in_common >= LEAST_SHARED * min(len(old), len(new)) else []


def _around(before: list[str], after: list[str], pairs: list[Pair]) -> Iterator[Part]:
    steps = pairwise([(-1, -1), *pairs, (len(before), len(after))])
    for (at, new_at), (next_at, next_new) in steps:
        yield Part(REMOVED, "".join(before[at + 1 : next_at]))
        yield Part(ADDED, "".join(after[new_at + 1 : next_new]))
        yield Part(SAME, "".join(before[next_at : next_at + 1]))


def _common_pairs(before: list[str], after: list[str], budget: Budget) -> list[Pair] | None:
    """Return where the words stand that both have, after the fewest edits; None when too many.

    Source: E. W. Myers, An O(ND) Difference Algorithm, 1986.
    """
    length, new_length = len(before), len(after)
    budget.steps -= LEAST_STEPS + length + new_length
    if not (before and after):
        return []
    # Of each number of edits: how far they lead at most on each diagonal.
    rounds: list[dict[int, int]] = [{1: 0}]
    for edits in range(min(MOST_EDITS, length + new_length) + 1):
        row: dict[int, int] = {}
        for line in range(-edits, edits + 1, 2):
            begun = at = _start_on(rounds[-1], line, edits)
            while at < length and at - line < new_length and before[at] == after[at - line]:
                at += 1
            row[line] = at
            budget.steps -= 1 + at - begun
            if at >= length and at - line >= new_length:
                return _walked_back(rounds, length, new_length)
        rounds.append(row)
        if budget.steps <= 0:
            return None
    return None


def _is_added(row: dict[int, int], line: int, edits: int) -> bool:
    return line == -edits or (line != edits and row[line - 1] < row[line + 1])


def _start_on(row: dict[int, int], line: int, edits: int) -> int:
    """Return where one more edit enters a diagonal: by an added word, or by a removed one."""
    return row[line + 1] if _is_added(row, line, edits) else row[line - 1] + 1


def _walked_back(rounds: list[dict[int, int]], at: int, new_at: int) -> list[Pair]:
    pairs = []
    for edits in range(len(rounds) - 1, -1, -1):
        row, line = rounds[edits], at - new_at
        while at > _start_on(row, line, edits):
            at, new_at = at - 1, new_at - 1
            pairs.append((at, new_at))
        is_added = _is_added(row, line, edits)
        at, new_at = (at, new_at - 1) if is_added else (at - 1, new_at)
    return pairs[::-1]


# --- parts ------------------------------------------------------------------------------------


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Join parts of one kind, and put what was removed before what was added in its place."""
    joined: list[Part] = []
    for is_same, run in groupby((part for part in parts if part.text), lambda p: p.kind == SAME):
        these = list(run)
        for kind in (SAME,) if is_same else (REMOVED, ADDED):
            text = "".join(part.text for part in these if part.kind == kind)
            joined += [Part(kind, text)] if text else []
    return joined


def _in_paragraphs(parts: Iterable[Part]) -> Iterator[Paragraph]:
    open_parts: list[Part] = []
    for kind, text in parts:
        for piece in PARAGRAPH.findall(text):
            open_parts.append(Part(kind, piece))
            if piece.endswith("\n"):
                yield Paragraph(tuple(open_parts))
                open_parts = []
    if open_parts:
        yield Paragraph(tuple(open_parts))
