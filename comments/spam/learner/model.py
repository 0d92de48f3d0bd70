"""The model: what speaks for spam in a comment less what speaks against it, in log-odds.

Two halves are added up. One counts in how many spam and ham comments each feature was; the other is
a logistic regression that learns from errors and near-errors what those counts get wrong. `learn`
takes one standing decision of a person, and a model is what comes of all of them in their order and
of nothing else. Each is judged before it is learnt from, so how well the model does is known.

Sums are of whole numbers, and all else is what every machine rounds alike: a model has the same
bits wherever it was made.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs, Record, choose_cutoffs, choose_middle, record_of
from comments.spam.learner.features import SLOTS, Features

Slots = NDArray[np.uint32]

# Before it has seen so many of each kind, it advises.
ENOUGH = 50
# Of the last decisions, so many tell how good the model is and where its cut-offs are.
WINDOW = 500

# Weights are counted in this part of a log-odd.
UNIT = 1 << 16
# How far one decision moves a score, at most, and how sure a right one must be to move nothing.
RATE = 3.0
MARGIN = 2.0
# How much more may be learnt from one of the rarer kind.
MOST_FAVOURED = 3.0
# Of so many decisions of late, some are gone through again with every new one.
REMEMBERED = 1000
REPEATED = 8
# Says a feature was in so many comments, all of one kind, half of that is believed.
SEEN_OFTEN = 1.0
COUNT_AT_MOST = np.iinfo(np.uint16).max


class Judged(NamedTuple):
    """What the model said of a comment before it learnt what a person decided.

    Shape: `middle` is the weight that had the score 0 then.
    """

    score: float
    is_spam: bool
    middle: float = 0.0

    @property
    def weight(self) -> float:
        return self.score + self.middle


class Lesson(NamedTuple):
    slots: Slots
    is_spam: bool


@dataclass(eq=False)
class Model:
    """Shape: `weights`, `in_ham` and `in_spam` have a place for each slot; `ham` and `spam` count
    the comments learnt, `features_of_…` what was in them all; `lessons` and `judged` are the last.
    """

    weights: NDArray[np.int32] = field(default_factory=lambda: np.zeros(SLOTS, np.int32))
    in_ham: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(SLOTS, np.uint16))
    in_spam: NDArray[np.uint16] = field(default_factory=lambda: np.zeros(SLOTS, np.uint16))
    ham: int = 0
    spam: int = 0
    features_of_ham: int = 0
    features_of_spam: int = 0
    lessons: list[Lesson] = field(default_factory=list)
    judged: deque[Judged] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _middle: float = 0.0
    _middle_of: int = 0

    @property
    def learnt(self) -> int:
        return self.ham + self.spam

    @property
    def is_ready(self) -> bool:
        """Tell whether it has seen enough of each kind to do more than advise."""
        return min(self.ham, self.spam) >= ENOUGH

    # --- judging ----------------------------------------------------------------------------

    def score(self, features: Features) -> float:
        """Return the log-odds that this is spam; 0 of an empty model."""
        return self._weight(features.slots) - self.middle

    @property
    def middle(self) -> float:
        """Return what weight is neither spam nor ham: where the errors of late were the fewest."""
        if self._middle_of != self.learnt:
            rows = [(row.weight, row.is_spam) for row in self.judged]
            self._middle, self._middle_of = choose_middle(rows), self.learnt
        return self._middle

    def evidence(self, slots: Slots) -> NDArray[np.int64]:
        """Return what each feature says, in UNITs: their sum, over the root of their number, is
        what a text weighs."""
        return self.weights[slots] + self._counted(slots)

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

    def _weight(self, slots: Slots) -> float:
        return int(self.evidence(slots).sum()) / (UNIT * math.sqrt(max(1, len(slots))))

    def _counted(self, slots: Slots) -> NDArray[np.int64]:
        """Return what the counts say of each feature.

        They are weighed as if there were as much ham as spam: what is in every text says nothing
        then, although there is more of it in the longer ones. What was in both, or in one comment
        only, says little; squared, it says still less beside what is sure.
        """
        if not self.features_of_ham or not self.features_of_spam:
            return np.zeros(len(slots), np.int64)
        everything = self.features_of_ham + self.features_of_spam
        ham = self.in_ham[slots] * (everything / (2 * self.features_of_ham))
        spam = self.in_spam[slots] * (everything / (2 * self.features_of_spam))
        leaning = (spam - ham) / (spam + ham + SEEN_OFTEN)
        return np.rint(leaning * np.abs(leaning) * UNIT).astype(np.int64)

    # --- learning ---------------------------------------------------------------------------

    def learn(self, features: Features, is_spam: bool) -> float:
        """Take in what a person decided. Returns the score that it had before."""
        before = self.score(features)
        self.judged.append(Judged(before, is_spam, self.middle))
        lesson = Lesson(features.slots, is_spam)
        self._correct(lesson)
        self._remember(lesson)
        self._repeat()
        self._count(lesson)
        return before

    def _correct(self, lesson: Lesson) -> None:
        """Learn from an error, or from what was nearly one."""
        weight = self._weight(lesson.slots)
        margin = weight if lesson.is_spam else -weight
        if margin <= MARGIN:
            far = RATE * self._favour(lesson.is_spam) * _urgency(margin)
            step = round(UNIT * far / math.sqrt(max(1, len(lesson.slots))))
            self.weights[lesson.slots] += step if lesson.is_spam else -step

    def _favour(self, is_spam: bool) -> float:
        own, other = (self.spam, self.ham) if is_spam else (self.ham, self.spam)
        return min(MOST_FAVOURED, max(1.0, math.sqrt((other + 1) / (own + 1))))

    def _remember(self, lesson: Lesson) -> None:
        if len(self.lessons) < REMEMBERED:
            self.lessons.append(lesson)
        else:
            self.lessons[self.learnt % REMEMBERED] = lesson

    def _repeat(self) -> None:
        for number in range(self.learnt * REPEATED, (self.learnt + 1) * REPEATED):
            self._correct(self.lessons[_scattered(number) % len(self.lessons)])

    def _count(self, lesson: Lesson) -> None:
        counts = self.in_spam if lesson.is_spam else self.in_ham
        counts[lesson.slots] = np.minimum(counts[lesson.slots], COUNT_AT_MOST - 1) + 1
        if lesson.is_spam:
            self.spam += 1
            self.features_of_spam += len(lesson.slots)
        else:
            self.ham += 1
            self.features_of_ham += len(lesson.slots)


def learn_all(decisions: Iterable[tuple[Features, bool]], model: Model | None = None) -> Model:
    """Return the model that comes of these decisions in their order, after those of `model`."""
    model = model or Model()
    for features, is_spam in decisions:
        model.learn(features, is_spam)
    return model


def _urgency(margin: float) -> float:
    """Return how much is to be learnt where a score is so far on the right side, up to a half.

    The most where the model is undecided. The surer it is that a decision is wrong the less, for
    people err too. Roots are rounded alike on every machine, exponentials are not.
    """
    far = 4 + margin * margin
    return 4 / (far * math.sqrt(far))


def _scattered(number: int) -> int:
    """Return a number that has no visible order in the order of its argument."""
    number = (number * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    return ((number ^ (number >> 32)) * 0xD6E8FEB86659FD93 & 0xFFFFFFFFFFFFFFFF) >> 33
