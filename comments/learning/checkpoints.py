"""The model as it was after some of the examples: to go on from, not to fold all of them again.

What is stored is true as long as no example before it changes; examples.py deletes what is not.
"""

import logging
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from comments.learning.examples import locked_state
from comments.models import LearnerCheckpoint, LearnerExample
from comments.spam.learner.model import Model
from comments.spam.learner.state import DamagedModel, dump, load
from comments.turns import turn

# One is written for every so many examples.
EVERY = 250
NEWEST_KEPT = 2

logger = logging.getLogger("parley.spam")


class Version(NamedTuple):
    """Which examples there are: what is folded under one is good under the same."""

    number: int
    epoch: int


class Folded(NamedTuple):
    """A model, and the last example in it."""

    model: Model
    upto: int


def newest() -> Folded:
    """Return the model to go on from, an empty one where none is stored.

    Queries: 1. Raises: DamagedModel.
    """
    stored = LearnerCheckpoint.objects.order_by("-upto").first()
    return Folded(load(bytes(stored.data)), stored.upto) if stored else Folded(Model(), 0)


def newest_readable() -> Folded:
    """Return the same of the newest that can be read; those that cannot are deleted."""
    for upto in LearnerCheckpoint.objects.order_by("-upto").values_list("upto", flat=True):
        try:
            return newest()
        except DamagedModel as error:
            logger.warning("A checkpoint of the learner is of no use and is deleted: %s", error)
            LearnerCheckpoint.objects.filter(upto=upto).delete()
    return Folded(Model(), 0)


def is_due(upto: int) -> bool:
    """Tell whether EVERY examples follow on the newest, up to this one. Queries: 2."""
    newest_kept = LearnerCheckpoint.objects.order_by("-upto").values_list("upto", flat=True)
    since = LearnerExample.objects.filter(order__gt=newest_kept.first() or 0, order__lte=upto)
    return since.values("order")[:EVERY].count() >= EVERY


def keep(folded: Folded, epoch: int) -> bool:
    """Store a model that was folded while the examples were those of an epoch, if they still are.

    Returns whether it was. Queries: 4, or 1.
    """
    data = dump(folded.model)
    with turn():
        if locked_state().epoch != epoch:
            return False
        row = LearnerCheckpoint(upto=folded.upto, data=data)
        LearnerCheckpoint.objects.bulk_create([row], ignore_conflicts=True)
        stored = list(LearnerCheckpoint.objects.order_by("-upto").values_list("upto", flat=True))
        LearnerCheckpoint.objects.filter(upto__in=set(stored) - kept_of(stored)).delete()
    return True


def kept_of(stored: Sequence[int]) -> set[int]:
    """Return which checkpoints stay, of all in descending order: the newest ones, and farther back
    fewer and fewer. One goes where the next is not twice as far back as the one before. Pure.
    """
    kept = list(stored[:NEWEST_KEPT])
    for upto, older in pairwise(stored[NEWEST_KEPT:]):
        if stored[0] - older > 2 * (stored[0] - kept[-1]):
            kept.append(upto)
    # The oldest is the only one for whatever was decided long ago.
    return {*kept, *stored[-1:]}
