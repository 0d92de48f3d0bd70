"""The model as this process holds it, folded on as examples come.

A comment that comes brings along which examples there are by now (submission.py). A few new ones
are folded in at once; many, or a change of what was folded already, is for the thread in the
background (upkeep.py), and until then the older model does.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from threading import Lock
from time import monotonic
from typing import Any

from comments.learning.checkpoints import EVERY, Folded, Version, newest
from comments.learning.examples import ONLY
from comments.learning.texts import Told, read_after
from comments.models import LearnerState
from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs
from comments.spam.learner.features import Features, Written, features_of
from comments.spam.learner.model import Model
from comments.spam.learner.pointing import Looked, strongest
from comments.spam.learner.reasons import Reasons, reasons_of

# So many new examples are folded in while somebody waits, and the first time as many as may stand
# behind a checkpoint.
MOST_NOW, MOST_AT_FIRST = 50, EVERY + 50
PART = 200
# No score is beyond that. Units: log-odds.
FAR = 1e9


@dataclass(frozen=True)
class Judgement:
    """What the model says of some words. Shape: `cutoffs` are its own, None before it is ready;
    `is_older` where examples changed since it was folded.
    """

    score: float
    cutoffs: Cutoffs | None
    ham: int
    spam: int
    is_older: bool

    def verdict(self, cutoffs: Cutoffs) -> Verdict:
        return cutoffs.verdict(self.score)

    def as_kept(self) -> dict[str, Any]:
        """Return it as the log keeps it. Shape: of JSON, which has no infinity."""
        own = self.cutoffs and [max(-FAR, min(FAR, each)) for each in astuple(self.cutoffs)]
        return {"score": self.score, "cutoffs": own, "ham": self.ham, "spam": self.spam}

    @classmethod
    def of_kept(cls, kept: Mapping[str, Any]) -> "Judgement":
        own = kept["cutoffs"] and Cutoffs(*kept["cutoffs"])
        return cls(kept["score"], own, kept["ham"], kept["spam"], is_older=False)

    @classmethod
    def none(cls) -> "Judgement":
        """Return what a learner says that knows nothing."""
        return cls(0.0, None, 0, 0, is_older=False)


class Memory:
    """One model, for all threads of a process. Whoever reads or trains it holds `lock`."""

    def __init__(self) -> None:
        self.lock = Lock()
        # Held by the one who folds; the others go on with what there is.
        self.turn = Lock()
        self.forget()

    def forget(self) -> None:
        """Forget all: where the database is another one now."""
        self.model: Model | None = None
        self.version = Version(-1, -1)
        self.upto = 0
        self.is_behind = False

    def judge(self, features: Features, version: Version | None = None) -> Judgement | None:
        """Return what the model says, or None while there is none. `version`: of the examples, as
        a submission knows it.

        Queries: none, 1 after a change, 2 at first; 1 more where the version is not known.
        Raises: DamagedModel.
        """
        version = version or current_version()
        self.look(version)
        with self.lock:
            if self.model is None:
                return None
            model = self.model
            is_older = self.version != version
            score = model.score(features)
            return Judgement(score, model.cutoffs(), model.ham, model.spam, is_older)

    def strongest(self, looked: Looked) -> tuple[int, int] | None:
        """Return the place that speaks most for spam, by the model as it is. Queries: none."""
        with self.lock:
            return strongest(self.model, looked) if self.model else None

    def reasons(self, written: Written) -> Reasons | None:
        """Return why some words have their score, by the model as it is. Queries: none."""
        with self.lock:
            return reasons_of(self.model, written) if self.model else None

    def look(self, version: Version) -> None:
        """Fold in what is new, where that is little and nobody else does. Queries: as judge()."""
        if version == self.version or self.is_behind or not self.turn.acquire(blocking=False):
            return
        try:
            if self.model is None or not self.model.learnt:
                self._begin(version)
            elif version.epoch > self.version.epoch:
                self.is_behind = True
            elif version.epoch == self.version.epoch:
                self._go_on(version, MOST_NOW)
        finally:
            self.turn.release()

    def _begin(self, version: Version) -> None:
        folded = newest()
        self.take(folded, Version(folded.upto, version.epoch))
        self._go_on(version, MOST_AT_FIRST)

    def _go_on(self, version: Version, most: int) -> None:
        told = read_after(self.upto, version.number, most + 1)
        self.is_behind = len(told) > most
        if not self.is_behind:
            self.learn(told)
            self.version = version

    # --- for whoever holds the turn -------------------------------------------------------------

    def take(self, folded: Folded, version: Version) -> None:
        """Put a model in the place of the one there is."""
        with self.lock:
            self.model, self.upto, self.version = folded.model, folded.upto, version

    def learn(self, told: list[Told]) -> None:
        """Fold in some examples that follow on those there are."""
        for each in told:
            features = features_of(each.written)
            with self.lock:
                if self.model is not None:
                    self.model.learn(features, each.is_spam)
                    self.upto = each.order

    def fold(self, version: Version, seconds: float) -> bool:
        """Fold in what is new, as long as time is left. Returns whether all is. Queries: 1 for
        each PART.
        """
        until = monotonic() + seconds
        while told := read_after(self.upto, version.number, PART):
            self.learn(told)
            if monotonic() > until:
                return False
        self.version, self.is_behind = version, False
        return True


memory = Memory()


def current_version() -> Version:
    """Return which examples there are. Queries: 1."""
    rows = LearnerState.objects.filter(pk=ONLY).values_list("number", "epoch")
    return Version(*(rows.first() or (0, 0)))
