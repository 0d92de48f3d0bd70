"""How good scores are, and how sure that is: pure functions of scores and of what people decided.

A figure of several files is the mean of theirs. Its interval comes of drawing the comments anew,
with repetition, within each file.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDS = 1000
CONFIDENCE = 0.95
# Of the spam that is caught where the ham that is blocked with it is counted.
CAUGHT = 0.95


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of some comments. Shape: both arrays are as long; a score above 0 is spam."""

    scores: NDArray[np.float64]
    is_spam: NDArray[np.bool_]

    def drawn_anew(self, rng: np.random.Generator) -> "Outcome":
        rows = rng.integers(0, len(self.scores), len(self.scores))
        return Outcome(self.scores[rows], self.is_spam[rows])


Measure = Callable[[Outcome], float]


@dataclass(frozen=True)
class Interval:
    value: float
    low: float
    high: float


def outcome(scores: Sequence[float], is_spam: Sequence[bool]) -> Outcome:
    return Outcome(np.array(scores, float), np.array(is_spam, bool))


def accuracy(given: Outcome) -> float:
    return float(np.mean((given.scores > 0) == given.is_spam))


def errors(given: Outcome) -> float:
    return float(np.sum((given.scores > 0) != given.is_spam))


def matthews(given: Outcome) -> float:
    """Return the correlation of what was said with what is: 1 for no error, 0 for a guess."""
    said, spam = given.scores > 0, given.is_spam
    caught, passed = float((said & spam).sum()), float((~said & ~spam).sum())
    blamed, missed = float((said & ~spam).sum()), float((~said & spam).sum())
    product = (caught + blamed) * (caught + missed) * (passed + blamed) * (passed + missed)
    return (caught * passed - blamed * missed) / math.sqrt(product) if product else 0.0


def area_lost(given: Outcome) -> float:
    """Return 1 - ROC AUC: how often a ham has a higher score than a spam; a tie is half of that."""
    ham, spam = np.sort(given.scores[~given.is_spam]), given.scores[given.is_spam]
    if not len(ham) or not len(spam):
        return math.nan
    below = np.searchsorted(ham, spam, "left") + np.searchsorted(ham, spam, "right")
    return 1 - float(below.sum()) / (2 * len(ham) * len(spam))


def ham_blocked(given: Outcome) -> float:
    """Return the share of ham that is blocked by the cut-off which catches CAUGHT of the spam."""
    spam = np.sort(given.scores[given.is_spam])
    ham = given.scores[~given.is_spam]
    if not len(ham) or not len(spam):
        return math.nan
    return float(np.mean(ham >= spam[int((1 - CAUGHT) * len(spam))]))


def share_called_spam(given: Outcome) -> float:
    return float(np.mean(given.scores > 0))


def mean_of(measure: Measure, outcomes: Sequence[Outcome]) -> float:
    """Return the mean over the files where the measure has a meaning."""
    values = [value for value in map(measure, outcomes) if not math.isnan(value)]
    return sum(values) / len(values) if values else math.nan


def interval(measure: Measure, outcomes: Sequence[Outcome], rounds: int = ROUNDS) -> Interval:
    """Return the mean of a measure with its bootstrap interval; always the same for the same."""
    rng = np.random.default_rng(20151209)
    drawn = [mean_of(measure, [each.drawn_anew(rng) for each in outcomes]) for _ in range(rounds)]
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(drawn, [tail, 100 - tail])
    return Interval(mean_of(measure, outcomes), float(low), float(high))
