"""From which scores on the learner holds, or files as spam: the editors' word, or else its own.

Editors and pages have scores as shares, 0 surely good and 1 surely spam; the model has log-odds.
"""

import math

from comments.rulebook import Rulebook
from comments.spam.learner.cutoffs import Cutoffs

# Before the model can choose its own, it leans one way or the other from here. Units: log-odds.
LEANING = Cutoffs(-1.0, 1.0)


def in_force(own: Cutoffs | None, rules: Rulebook) -> Cutoffs:
    own = own or LEANING
    return Cutoffs(
        own.ham if rules.ham_cutoff is None else as_score(rules.ham_cutoff),
        own.spam if rules.spam_cutoff is None else as_score(rules.spam_cutoff),
    )


def set_by_editors(rules: Rulebook) -> Cutoffs | None:
    """Return the editors' own where they chose both."""
    if rules.ham_cutoff is None or rules.spam_cutoff is None:
        return None
    return in_force(None, rules)


def as_share(score: float) -> float:
    """Return log-odds as a share."""
    if score < 0:
        odds = math.exp(max(score, -700.0))
        return odds / (1 + odds)
    return 1 / (1 + math.exp(-min(score, 700.0)))


def as_score(share: float) -> float:
    """Return a share as log-odds."""
    if share <= 0:
        return -math.inf
    return math.inf if share >= 1 else math.log(share / (1 - share))
