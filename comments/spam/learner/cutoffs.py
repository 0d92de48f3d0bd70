"""From which scores a comment is ham or spam: chosen from what the model said of this site's own
recent comments before it learnt what people decided of them.

To hold a good comment, or to call it spam, costs much more than to queue spam.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from comments.spam import Verdict

# Of the good comments of late, so many may be above each of the two.
HELD = 0.005
CALLED_SPAM = 0.002
# Never nearer to each other, nor to where the model is undecided, than this. Units: log-odds.
LEAST_SURE = 0.5
# Where the middle is looked for, how many of each kind it takes, and how many to go halfway there.
MIDDLES = np.arange(-24, 25) / 16
FEWEST, SLOWNESS = 10, 300


class HasScore(Protocol):
    @property
    def score(self) -> float: ...
    @property
    def is_spam(self) -> bool: ...


@dataclass(frozen=True)
class Cutoffs:
    """Units: log-odds. What is below `ham` is good, what is at `spam` or above it is spam."""

    ham: float
    spam: float

    def verdict(self, score: float) -> Verdict:
        if score < self.ham:
            return Verdict.HAM
        return Verdict.SPAM if score >= self.spam else Verdict.UNSURE


@dataclass(frozen=True)
class Record:
    """How well a model did: `caught` of the spam, `missed` of it, `blamed` of the ham."""

    caught: int = 0
    missed: int = 0
    blamed: int = 0
    passed: int = 0

    @property
    def precision(self) -> float | None:
        """Return how much of what was called spam was spam; None where nothing was."""
        called = self.caught + self.blamed
        return self.caught / called if called else None

    @property
    def recall(self) -> float | None:
        """Return how much of the spam was called so; None where there was none."""
        spam = self.caught + self.missed
        return self.caught / spam if spam else None


def choose_middle(judged: Sequence[tuple[float, bool]]) -> float:
    """Return the weight which, had it been the limit, had made the fewest errors of late.

    A few decisions say little of that, so it goes there by degrees.
    """
    spam = np.sort([weight for weight, is_spam in judged if is_spam])
    ham = np.sort([weight for weight, is_spam in judged if not is_spam])
    if min(len(spam), len(ham)) < FEWEST:
        return 0.0
    wrong = np.searchsorted(spam, MIDDLES, "right") - np.searchsorted(ham, MIDDLES, "right")
    best = float(MIDDLES[wrong == wrong.min()].mean())
    return best * len(judged) / (len(judged) + SLOWNESS)


def choose_cutoffs(judged: Iterable[HasScore]) -> Cutoffs:
    ham = sorted((row.score for row in judged if not row.is_spam), reverse=True)
    held = _above(ham, HELD)
    return Cutoffs(held, max(_above(ham, CALLED_SPAM), held + LEAST_SURE, LEAST_SURE))


def _above(scores: Sequence[float], share: float) -> float:
    """Return the score that this share of them is above; beyond all when so few are none."""
    if not scores:
        return math.inf
    return math.nextafter(scores[min(len(scores) - 1, int(share * len(scores)))], math.inf)


def record_of(judged: Iterable[HasScore]) -> Record:
    counts = {(True, True): 0, (True, False): 0, (False, True): 0, (False, False): 0}
    for row in judged:
        counts[row.is_spam, row.score > 0] += 1
    return Record(
        caught=counts[True, True],
        missed=counts[True, False],
        blamed=counts[False, True],
        passed=counts[False, False],
    )
