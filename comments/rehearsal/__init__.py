"""What other rules, lists or cut-offs would have done to the comments of late, before they hold.

Each comment is judged twice (judging.py), as it was first offered and by the facts kept with it
(offers.py). What cannot be told any more is counted as that and never guessed. Nothing is written,
and no other site is asked.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.utils import timezone

from comments.models import Thread
from comments.rehearsal.fates import Fate, Move, with_fates
from comments.rehearsal.judging import Judge, is_idle
from comments.rehearsal.offers import Offer, read_offers
from comments.rehearsal.sources import Sources
from comments.rehearsal.terms import (
    CannotTell,
    Change,
    Missing,
    Terms,
    change_of_lists,
    change_of_rules,
    change_of_thread,
)

__all__ = [
    "Change",
    "Fate",
    "Missing",
    "Move",
    "Rehearsal",
    "Terms",
    "change_of_lists",
    "change_of_rules",
    "change_of_thread",
    "rehearse",
]

DAYS = 90
MOST_COMMENTS = 2_000
# An expression may take its time with every comment; an editor waits no longer than this.
MOST_SECONDS = 5.0


@dataclass
class Rehearsal:
    """Shape: `moves` newest first; `unknown` by why; `is_cut` where there was more to look at."""

    since: datetime
    judged: int = 0
    moves: list[Move] = field(default_factory=list)
    unknown: Counter[Missing] = field(default_factory=Counter)
    is_cut: bool = False
    # What is changed decides about no comment.
    is_idle: bool = False

    @property
    def known(self) -> int:
        """Of how many it can be told."""
        return self.judged - self.unknown.total()

    def as_json(self) -> dict[str, Any]:
        """Return what of it is kept: figures only."""
        moved: dict[str, Counter[str]] = {}
        for move in self.moves:
            of_kind = moved.setdefault(f"{move.before}-{move.after}", Counter())
            of_kind[move.fate.value] += 1
        unknown = {why.value: count for why, count in self.unknown.items()}
        return {"judged": self.judged, "moves": moved, "unknown": unknown, "is_cut": self.is_cut}


def rehearse(
    change: Change,
    *,
    thread: Thread | None = None,
    most: int = MOST_COMMENTS,
    seconds: float = MOST_SECONDS,
) -> Rehearsal:
    """Tell what a change would have done. `thread`: in one discussion alone; `most`, `seconds`:
    to how many of the newest comments, and for how long it is tried.

    Queries: at most 6. Writes nothing.
    """
    since, ends = timezone.now() - timedelta(days=DAYS), monotonic() + seconds
    if is_idle(change, thread):
        return Rehearsal(since, is_idle=True)
    offers = read_offers(since, most + 1, thread)
    rehearsal = Rehearsal(since, is_cut=len(offers) > most)
    judge = Judge(change, Sources(offers))
    for offer in offers[:most]:
        if monotonic() > ends:
            rehearsal.is_cut = True
            break
        _add(rehearsal, offer, judge)
    rehearsal.moves = with_fates(rehearsal.moves)
    return rehearsal


def _add(rehearsal: Rehearsal, offer: Offer, judge: Judge) -> None:
    rehearsal.judged += 1
    try:
        before, after = judge.statuses(offer)
    except CannotTell as cannot:
        rehearsal.unknown[cannot.why] += 1
        return
    if before != after:
        rehearsal.moves.append(Move(offer.comment, before, after))
