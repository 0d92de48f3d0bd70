"""The editors' rules as one submission is judged by them: a discussion's own over the site's, and
what neither says as the server is set.

Frozen and free of the database, so that a rehearsal judges by others. Every process keeps the
site's row until it changes (held.py).
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from comments.held import OF_MEASURES, Held
from comments.models import DiscussionRules, HeldPeople, LearnerMode, Thread


@dataclass(frozen=True)
class Rulebook:
    """Units: as the fields of DiscussionRules. Shape: a cut-off of None is the learner's own."""

    held_people: HeldPeople
    newcomer_approvals: int
    hold_after_days: int
    max_links: int
    min_seconds: float
    flood_limit: int
    flood_window_seconds: int
    learner_mode: LearnerMode
    ham_cutoff: float | None
    spam_cutoff: float | None
    nudges: bool = False


held = Held(DiscussionRules.in_force, OF_MEASURES)


def rulebook_of(thread: Thread, number: int | None = None) -> Rulebook:
    """Return what holds in a discussion. `number`: of changes, as a submission knows it.

    Queries: as Held.at().
    """
    return compose(held.at(number), thread)


def rulebook_as_kept(thread: Thread) -> Rulebook:
    """Return what held when this process last looked; that may have changed. Queries: none."""
    return compose(held.kept[1] if held.kept else DiscussionRules(), thread)


def compose(rules: DiscussionRules, thread: Thread) -> Rulebook:
    """Return what would hold in a discussion under these rules of the site. Pure."""
    return Rulebook(
        held_people=HeldPeople(thread.held_people or rules.held_people),
        newcomer_approvals=rules.newcomer_approvals,
        hold_after_days=rules.hold_after_days,
        max_links=_first(thread.max_links, rules.max_links, settings.COMMENTS_MAX_LINKS),
        min_seconds=_first(rules.min_seconds, settings.COMMENTS_MIN_SECONDS),
        flood_limit=_first(rules.flood_limit, settings.COMMENTS_FLOOD_LIMIT),
        flood_window_seconds=_first(
            rules.flood_window_seconds, settings.COMMENTS_FLOOD_WINDOW_SECONDS
        ),
        learner_mode=LearnerMode(rules.learner_mode),
        ham_cutoff=rules.ham_cutoff,
        spam_cutoff=rules.spam_cutoff,
        nudges=rules.nudges,
    )


def _first(*said: Any) -> Any:
    return next(value for value in said if value is not None)
