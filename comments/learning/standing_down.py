"""Whether the learner does better than the rules beside it, by what people decided since. Pure.

Each decision of late is judged as the learner would have judged it then: by what it had learnt
before, and from the cut-offs that it would have chosen before.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs, choose_cutoffs
from comments.spam.learner.model import ENOUGH, Judged

# Over so many decisions of late, and from so many on.
WINDOW, LEAST = 200, 50
# How far beyond chance the worse must be. Units: standard errors.
BEYOND_CHANCE = 2.0
# What a verdict costs, by what it was of. To queue anything takes an editor a moment; spam on
# the page is read by many, and a good comment among the spam may never be found.
COSTS = {
    (Verdict.HAM, False): 0.0,
    (Verdict.UNSURE, False): 1.0,
    (Verdict.SPAM, False): 20.0,
    (Verdict.HAM, True): 10.0,
    (Verdict.UNSURE, True): 1.0,
    (Verdict.SPAM, True): 0.0,
}


class Case(NamedTuple):
    """One decision: what the learner and the rules had said, and what it was."""

    learner: Verdict
    rules: Verdict
    is_spam: bool


@dataclass(frozen=True)
class Comparison:
    """What both cost over some decisions. Shape: `spread` is by how much chance moves the gap."""

    count: int = 0
    learner: float = 0.0
    rules: float = 0.0
    spread: float = 0.0

    @property
    def is_worse(self) -> bool:
        """Whether the learner does worse, and not by chance."""
        enough = self.count >= LEAST
        return enough and self.learner - self.rules > BEYOND_CHANCE * self.spread

    @property
    def is_better(self) -> bool:
        """Whether it does better over decisions enough to let it act again."""
        return self.count >= LEAST and self.learner < self.rules


def compare(cases: Iterable[Case]) -> Comparison:
    """Add up what the last WINDOW decisions cost the one and the others."""
    late = list(cases)[-WINDOW:]
    learner = [COSTS[case.learner, case.is_spam] for case in late]
    rules = [COSTS[case.rules, case.is_spam] for case in late]
    gaps = [one - other for one, other in zip(learner, rules, strict=True)]
    return Comparison(
        len(late), sum(learner), sum(rules), math.sqrt(sum(gap * gap for gap in gaps))
    )


def verdicts_then(
    judged: Sequence[Judged], given: Cutoffs | None = None
) -> Iterator[Verdict | None]:
    """Yield what the learner would have said of each; None of those that it was not ready for.

    `given`: the cut-offs, where they are not its own.
    """
    start = max(ENOUGH, len(judged) - WINDOW)
    for at, row in enumerate(judged):
        if at < start:
            yield None
        else:
            yield (given or choose_cutoffs(judged[:at])).verdict(row.score)
