"""How well the learner did of late, beside the rules. Reads; upkeep.py acts on it and the desk's
page shows it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from comments.learning.standing_down import Case, Comparison, compare, verdicts_then
from comments.models import LearnerExample
from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs
from comments.spam.learner.model import Judged

# Why it stands down, as the state's row has it; figures may follow.
DAMAGED, WORSE = "damaged", "worse"


class Compared(NamedTuple):
    """A decision of late with what was said of it before. Shape: `at` is when it was made."""

    at: datetime
    case: Case


def compared(judged: list[Judged], upto: int, given: Cutoffs | None) -> list[Compared]:
    """Return those decisions of late of which both verdicts are known, the oldest first.

    `judged`: the model's last, `upto` the example that it ends with. Queries: 1.
    """
    rows = LearnerExample.objects.filter(order__lte=upto).order_by("-order")
    told = list(rows.values_list("rules_verdict", "created_at")[: len(judged)])
    told.reverse()
    return [
        Compared(at, Case(learner, Verdict(rules), row.is_spam))
        for row, learner, (rules, at) in zip(
            judged, verdicts_then(judged, given), told, strict=False
        )
        if learner is not None and rules in list(Verdict)
    ]


def since(rows: Iterable[Compared], at: datetime) -> Comparison:
    """Compare what was decided after a moment."""
    return compare(row.case for row in rows if row.at > at)


def why_worse(found: Comparison) -> str:
    return f"{WORSE} {found.learner:.0f} {found.rules:.0f} {found.count}"


@dataclass(frozen=True)
class Line:
    """What the cut-offs make of the comments that people called one thing."""

    is_spam: bool
    good: int
    held: int
    spam: int

    @property
    def total(self) -> int:
        return self.good + self.held + self.spam


def three_way(judged: Iterable[Judged], cutoffs: Cutoffs) -> list[Line]:
    """Return what these cut-offs would have made of the last decisions. Pure."""
    counts = Counter((row.is_spam, cutoffs.verdict(row.score)) for row in judged)
    return [
        Line(is_spam, *(counts[is_spam, verdict] for verdict in Verdict))
        for is_spam in (False, True)
    ]
