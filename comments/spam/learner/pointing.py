"""The one place of a text that speaks most for spam: what a finding points at, while people wait.

reasons.py tells more, and takes longer. What was looked at for the score is looked at again, not
found again.
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comments.spam.learner.features import Features, Seen, Written, seen_in
from comments.spam.learner.folding import Folded, fold
from comments.spam.learner.model import Model

WORD = re.compile(r"\S+")
# How much weaker a neighbour may be that is pointed at along with a word.
WEAKER = 0.25


@dataclass(frozen=True, eq=False)
class Looked:
    """All that is looked at in a text, with its places."""

    folded: Folded
    seen: list[Seen]

    @classmethod
    def at(cls, written: Written) -> "Looked":
        folded = fold(written.text)
        return cls(folded, list(seen_in(written, folded)))

    @property
    def features(self) -> Features:
        return Features(np.unique(np.concatenate([seen.slots for seen in self.seen])))


def strongest(model: Model, looked: Looked) -> tuple[int, int] | None:
    """Return the words that speak most for spam, in characters of the text as it was sent; None
    where none does.
    """
    words = [match.span() for match in WORD.finditer(looked.folded.text)]
    if not words:
        return None
    sums = np.concatenate(([0.0], np.cumsum(_weights(model, looked))))
    starts, ends = np.array(words, np.int64).T
    of_words = sums[ends] - sums[starts]
    best = int(of_words.argmax())
    if of_words[best] <= 0:
        return None
    first, last = _along_with(best, of_words >= WEAKER * of_words[best])
    places = looked.folded.places
    start, end = int(places[starts[first]]), int(places[ends[last] - 1]) + 1
    return (start, end) if end > start else None


def _weights(model: Model, looked: Looked) -> NDArray[np.float64]:
    """Return what each character of the folded text speaks for spam: its share of all that it is
    part of. A feature counts once, however often it was met.
    """
    placed = [
        (seen.slots, seen.starts, seen.ends)
        for seen in looked.seen
        if seen.starts is not None and seen.ends is not None
    ]
    slots, starts, ends = (np.concatenate(parts) for parts in zip(*placed, strict=True))
    unique, which, counts = np.unique(slots, return_inverse=True, return_counts=True)
    each = (model.evidence(unique) / counts)[which] / np.maximum(1, ends - starts)
    steps = np.zeros(len(looked.folded.text) + 1)
    np.add.at(steps, starts, each)
    np.subtract.at(steps, ends, each)
    return np.asarray(np.cumsum(steps[:-1]), np.float64)


def _along_with(best: int, is_strong: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and the last of the strong neighbours."""
    first = last = best
    while first > 0 and is_strong[first - 1]:
        first -= 1
    while last + 1 < len(is_strong) and is_strong[last + 1]:
        last += 1
    return first, last
