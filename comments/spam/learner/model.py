"""The model: online logistic regression over hashed features, in whole numbers only.

A score is what speaks for spam less what speaks against it, in log-odds. `learn` takes one standing
decision of a person; a model is what comes of all of them in their order, and of nothing else. Each
is judged before it is learnt from, so how well the model did is known without a test set. Whole
numbers add up alike in any order and on any machine, which sums of floats do not.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs, Record, choose_cutoffs, record_of
from comments.spam.learner.features import SLOTS, Features

# Before it has seen so many of each kind, it advises.
ENOUGH = 50
# Weights count in this part of a log-odd.
UNIT = 1 << 16
# How far one decision moves a score, at most, and how sure a right one must be to move nothing.
RATE = 3.0
MARGIN = 1.0
# Of so many decisions of late, some are gone through again with every new one.
REMEMBERED = 1000
REHEARSED = 4
# So many of the last decisions tell how good the model is.
WINDOW = 500


class Judged(NamedTuple):
    """What the model said of a comment before it learnt what a person decided."""

    score: float
    is_spam: bool


class Lesson(NamedTuple):
    slots: NDArray[np.uint32]
    is_spam: bool


@dataclass(eq=False)
class Model:
    """Shape: `weights` in UNITs of a log-odd, one a slot; `ham` and `spam` count what was
    learnt.
    """

    weights: NDArray[np.int32] = field(default_factory=lambda: np.zeros(SLOTS, np.int32))
    ham: int = 0
    spam: int = 0
    lessons: list[Lesson] = field(default_factory=list)
    judged: deque[Judged] = field(default_factory=lambda: deque(maxlen=WINDOW))

    @property
    def learnt(self) -> int:
        return self.ham + self.spam

    @property
    def is_ready(self) -> bool:
        """Tell whether it has seen enough of each kind to do more than advise."""
        return min(self.ham, self.spam) >= ENOUGH

    def score(self, features: Features) -> float:
        """Return the log-odds that this is spam; 0 of an empty model."""
        return self._score(features.slots)

    def learn(self, features: Features, is_spam: bool) -> float:
        """Take in what a person decided. Returns the score that it had before."""
        before = self.score(features)
        self.judged.append(Judged(before, is_spam))
        self._train(Lesson(features.slots, is_spam))
        self._remember(Lesson(features.slots, is_spam))
        self._rehearse()
        return before

    def cutoffs(self) -> Cutoffs | None:
        """Return from where a score is ham or spam; None before the model is ready."""
        return choose_cutoffs(self.judged) if self.is_ready else None

    def verdict(self, score: float) -> Verdict:
        """Return what a score says; unsure of everything before the model is ready."""
        cutoffs = self.cutoffs()
        return cutoffs.verdict(score) if cutoffs else Verdict.UNSURE

    def record(self) -> Record:
        """Return how well it did of late, judged each time before it learnt."""
        return record_of(self.judged)

    def _score(self, slots: NDArray[np.uint32]) -> float:
        total = int(self.weights[slots].sum(dtype=np.int64))
        return total / (UNIT * math.sqrt(max(1, len(slots))))

    def _train(self, lesson: Lesson) -> None:
        """Learn from an error, or from what was nearly one."""
        score = self._score(lesson.slots)
        margin = score if lesson.is_spam else -score
        if margin <= MARGIN:
            step = _steepness(margin) * RATE / math.sqrt(max(1, len(lesson.slots)))
            self.weights[lesson.slots] += round(UNIT * step) * (1 if lesson.is_spam else -1)

    def _remember(self, lesson: Lesson) -> None:
        if len(self.lessons) < REMEMBERED:
            self.lessons.append(lesson)
        else:
            self.lessons[(self.learnt) % REMEMBERED] = lesson
        if lesson.is_spam:
            self.spam += 1
        else:
            self.ham += 1

    def _rehearse(self) -> None:
        for number in range(self.learnt * REHEARSED, (self.learnt + 1) * REHEARSED):
            self._train(self.lessons[_scattered(number) % len(self.lessons)])


def learn_all(decisions: Iterable[tuple[Features, bool]], model: Model | None = None) -> Model:
    """Return the model that comes of these decisions in their order, after those of `model`."""
    model = model or Model()
    for features, is_spam in decisions:
        model.learn(features, is_spam)
    return model


def _steepness(margin: float) -> float:
    """Return how far a score is from where it should be, from 0 to 1.

    The logistic curve itself would need an exponential, which machines round differently.
    """
    return 0.5 - 0.5 * margin / math.sqrt(4 + margin * margin)


def _scattered(number: int) -> int:
    """Return a number that has no visible order in the order of its argument."""
    number = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return ((number ^ (number >> 32)) * 0xD6E8FEB86659FD93 & 0xFFFFFFFFFFFFFFFF) >> 33
