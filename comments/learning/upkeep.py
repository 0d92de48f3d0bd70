"""The learner's upkeep, beside the requests: folds on what came, stores checkpoints, and has the
learner stand down while it does worse than the rules.

catch_up() is called every some seconds in each process; rebuild() by whoever wants all anew.
"""

import logging
from collections.abc import Callable

from django.db.models import F
from django.utils import timezone

from comments.learning import checkpoints
from comments.learning.checkpoints import Folded, Version
from comments.learning.examples import ONLY, locked_state, restore
from comments.learning.memory import Memory, current_version, memory
from comments.learning.record import DAMAGED, compared, since, why_worse
from comments.learning.standing_down import compare
from comments.learning.thresholds import set_by_editors
from comments.models import DiscussionRules, LearnerCheckpoint, LearnerState, Thread
from comments.rulebook import compose
from comments.spam.learner.cutoffs import Cutoffs
from comments.turns import turn

# Of the time between two looks, so much may be spent on folding.
SECONDS = 5.0
LONGEST_WHY = LearnerState._meta.get_field("stood_down_why").max_length

logger = logging.getLogger("parley.spam")


def catch_up(held: Memory = memory) -> bool:
    """Fold in what this process does not know yet, as far as the time goes; return whether all is.

    Queries: 1 where nothing changed.
    """
    with held.turn:
        version = current_version()
        if version == held.version and not held.is_behind:
            return True
        if held.model is None or version.epoch != held.version.epoch:
            is_done = _fold_anew(held, version)
        else:
            is_done = held.fold(version, SECONDS)
            _keep(held, version)
        if is_done:
            review(held)
    return is_done


def _fold_anew(held: Memory, version: Version) -> bool:
    """Go on from the newest checkpoint that holds. Until all is folded the older model does."""
    other = Memory()
    folded = checkpoints.newest_readable()
    other.take(folded, Version(folded.upto, version.epoch))
    is_done = other.fold(version, SECONDS)
    _keep(other, version)
    if other.model is not None and (is_done or held.model is None):
        held.take(Folded(other.model, other.upto), other.version)
        held.is_behind = not is_done
    return is_done


def _keep(held: Memory, version: Version) -> None:
    if held.model is not None and checkpoints.is_due(held.upto):
        checkpoints.keep(Folded(held.model, held.upto), version.epoch)


# --- standing down ------------------------------------------------------------------------------


def review(held: Memory) -> None:
    """Let the learner stand down where it does worse than the rules, and act again where it does
    better over what was decided since. Queries: 2 or 3.
    """
    state = LearnerState.objects.filter(pk=ONLY).first()
    if state is None or held.model is None:
        return
    rows = compared(list(held.model.judged), held.upto, _given())
    if state.stood_down_at is None:
        found = compare(row.case for row in rows)
        if found.is_worse:
            stand_down(why_worse(found))
    elif state.stood_down_why == DAMAGED or since(rows, state.stood_down_at).is_better:
        stand_up()


def _given() -> Cutoffs | None:
    return set_by_editors(compose(DiscussionRules.in_force(), Thread()))


def stand_down(why: str) -> None:
    """Write down that the learner stands down, and why, unless it does already. Queries: 1."""
    logger.warning("The learner stands down: %s.", why)
    standing = LearnerState.objects.filter(pk=ONLY, stood_down_at=None)
    standing.update(stood_down_at=timezone.now(), stood_down_why=why[:LONGEST_WHY])


def stand_up() -> None:
    logger.warning("The learner does its part again.")
    LearnerState.objects.filter(pk=ONLY).update(stood_down_at=None, stood_down_why="")


# --- all of it anew -----------------------------------------------------------------------------


def rebuild(tell: Callable[[int], None] = lambda count: None) -> tuple[int, int]:
    """Make the examples what the log says, and the model of them from nothing. Returns how many
    comments were looked at, and of how many the example was wrong.

    `tell`: is told of how many comments more. May be cut off, and begun again.
    """
    looked = wrong = 0
    for count, differing in restore():
        looked, wrong = looked + count, wrong + differing
        tell(count)
    with turn():
        locked_state()
        LearnerState.objects.filter(pk=ONLY).update(epoch=F("epoch") + 1)
        LearnerCheckpoint.objects.all().delete()
    memory.forget()
    while not catch_up():
        pass
    return looked, wrong
