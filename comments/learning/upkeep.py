"""The learner's upkeep, beside the requests: folds on what came, stores checkpoints, and has the
learner stand down while it does worse than the rules.

catch_up() is called every some seconds in each process; rebuild() by whoever wants all anew.
"""

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from django.utils import timezone

from comments.learning import checkpoints
from comments.learning.checkpoints import Folded, Version
from comments.learning.examples import ONLY, differing, locked_state, restore
from comments.learning.memory import Memory, current_version, memory
from comments.learning.record import DAMAGED, compared, since, why_worse
from comments.learning.standing_down import compare
from comments.learning.texts import all_after
from comments.learning.thresholds import set_by_editors
from comments.models import DiscussionRules, LearnerCheckpoint, LearnerState, Thread
from comments.rulebook import compose
from comments.spam.learner.cutoffs import Cutoffs
from comments.spam.learner.features import features_of
from comments.spam.learner.model import Model
from comments.spam.learner.state import DamagedModel, dump, load
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
    # Else the next look would begin where this one did, and never come to an end.
    _keep(other, version, is_due=not is_done)
    if other.model is not None and (is_done or held.model is None):
        held.take(Folded(other.model, other.upto), other.version)
        held.is_behind = not is_done
    return is_done


def _keep(held: Memory, version: Version, is_due: bool = False) -> None:
    if held.model is not None and (is_due or checkpoints.is_due(held.upto)):
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


@dataclass(frozen=True)
class Rebuilt:
    """Shape: `wrong` of the comments that were looked at had an example that the log does not
    tell of, or none that it does; `is_whole` unless time ran out first.
    """

    looked: int = 0
    wrong: int = 0
    is_whole: bool = True


def rebuild(tell: Callable[[int], None] = lambda count: None, seconds: float = math.inf) -> Rebuilt:
    """Make the examples what the log says, and the model of them from nothing.

    `tell`: is told of how many comments more. May be cut off, and begun again. What is not folded
    when time runs out, catch_up() folds.
    """
    until = time.monotonic() + seconds
    done = Rebuilt()
    for count, wrong in restore():
        done = Rebuilt(done.looked + count, done.wrong + wrong)
        tell(count)
        if time.monotonic() > until:
            return replace(done, is_whole=False)
    _begin_anew()
    while not catch_up():
        if time.monotonic() > until:
            return replace(done, is_whole=False)
    return done


def _begin_anew() -> None:
    """Let no process go on from what it holds or what is stored."""
    with turn():
        state = locked_state()
        state.epoch += 1
        state.save(update_fields=["epoch"])
        LearnerCheckpoint.objects.all().delete()
    memory.forget()


# --- is it right? -------------------------------------------------------------------------------


def verify(tell: Callable[[int], None] = lambda count: None) -> Iterator[str]:
    """Yield what is wrong: examples that the log does not lead to, checkpoints that are not what
    the examples make. Changes nothing.
    """
    wrong = 0
    for count, differ in differing():
        wrong += differ
        tell(count)
    if wrong:
        yield f"{wrong:,} comments do not teach what the log says."
    yield from _verify_checkpoints()


def _verify_checkpoints() -> Iterator[str]:
    model, at = Model(), 0
    for stored in LearnerCheckpoint.objects.order_by("upto").iterator(chunk_size=1):
        for told in all_after(at, stored.upto):
            model.learn(features_of(told.written), told.is_spam)
        at = stored.upto
        try:
            is_same = dump(load(bytes(stored.data))) == dump(model)
        except DamagedModel as error:
            yield f"The checkpoint at {stored.upto} cannot be read: {error}"
        else:
            if not is_same:
                yield f"The checkpoint at {stored.upto} is not what the examples make."
