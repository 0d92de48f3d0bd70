"""What is to be told of the learner: what it has seen, whether it acts and why, how it does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comments.learning.examples import ONLY
from comments.learning.memory import Memory, Version, memory
from comments.learning.record import DAMAGED, WORSE, Line, compared, three_way
from comments.learning.standing_down import Comparison, compare
from comments.learning.thresholds import as_share, in_force, set_by_editors
from comments.models import (
    DiscussionRules,
    LearnerCheckpoint,
    LearnerExample,
    LearnerMode,
    LearnerState,
    Thread,
)
from comments.rulebook import Rulebook, compose
from comments.spam.learner.cutoffs import Record
from comments.spam.learner.model import ENOUGH, Model
from comments.spam.learner.state import DamagedModel


class Doing(StrEnum):
    """What the learner does with what it thinks of a comment."""

    NOTHING = "nothing"
    LEARNING = "learning"
    ADVISING = "advising"
    ACTING = "acting"
    STANDING_DOWN = "standing down"


@dataclass(frozen=True)
class Report:
    """Shape: cut-offs are shares; `against` is what it cost beside the rules; `why` is a code, and
    figures.
    """

    doing: Doing
    ham: int
    spam: int
    enough: int
    examples: int
    checkpoints: int
    is_behind: bool
    # Decisions were learnt from once, and nothing is left of that, or the other way round.
    is_emptied: bool
    stood_down_at: datetime | None
    why: str
    good_below: float
    spam_above: float
    are_its_own: tuple[bool, bool]
    record: Record
    against: Comparison
    lines: list[Line]

    @property
    def is_damaged(self) -> bool:
        return self.why == DAMAGED

    @property
    def worse_by(self) -> tuple[str, ...]:
        """Return what its errors cost when it stood down, those of the rules, of how many."""
        code, *figures = self.why.split() or [""]
        return tuple(figures) if code == WORSE else ()


def read_report(held: Memory = memory) -> Report:
    """Return what there is to tell now. Queries: 5, and 2 where something is new."""
    state = LearnerState.objects.filter(pk=ONLY).first() or LearnerState()
    version = Version(state.number, state.epoch)
    why = state.stood_down_why
    try:
        held.look(version)
    except DamagedModel:
        why = DAMAGED
    model = held.model or Model()
    rules = compose(DiscussionRules.in_force(), Thread())
    cutoffs = in_force(model.cutoffs(), rules)
    judged, examples = list(model.judged), LearnerExample.objects.count()
    rows = compared(judged, held.upto, set_by_editors(rules))
    return Report(
        doing=_doing(rules, model, why),
        ham=model.ham,
        spam=model.spam,
        enough=ENOUGH,
        examples=examples,
        checkpoints=LearnerCheckpoint.objects.count(),
        is_behind=held.version != version,
        is_emptied=bool(examples) != bool(state.number),
        stood_down_at=state.stood_down_at,
        why=why,
        good_below=as_share(cutoffs.ham),
        spam_above=as_share(cutoffs.spam),
        are_its_own=(rules.ham_cutoff is None, rules.spam_cutoff is None),
        record=model.record(),
        against=compare(row.case for row in rows),
        lines=three_way(judged, cutoffs),
    )


def _doing(rules: Rulebook, model: Model, why: str) -> Doing:
    if rules.learner_mode == LearnerMode.OFF:
        return Doing.NOTHING
    if why:
        return Doing.STANDING_DOWN
    if not model.is_ready:
        return Doing.LEARNING
    return Doing.ACTING if rules.learner_mode == LearnerMode.ACT else Doing.ADVISING
