"""What a comment was judged by that nothing else keeps: counts, and how its page stood just then.

Kept in the log with its admission and with each edit, so that it can be judged again as it was
(rehearsal.py). Figures only: they name nobody, and so outlive what is erased of a person.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from comments.learning.memory import Judgement
from comments.models import LearnerMode, Thread
from comments.spam import Finding
from comments.spam.names import LEARNER
from comments.submission import Submission

FACTS = "facts"
COUNTS = ("approved_before", "recent_from_source", "same_text_before", "recent_from_address")


def with_facts(
    detail: dict[str, Any] | None, submission: Submission, findings: Iterable[Finding] = ()
) -> dict[str, Any] | None:
    """Return what the log keeps beside an act: its `detail`, and these of whoever was judged."""
    if submission.is_trusted:
        return detail
    return {**(detail or {}), FACTS: facts_of(submission, findings)}


def facts_of(submission: Submission, findings: Iterable[Finding] = ()) -> dict[str, Any]:
    """Return what to keep of a gathered submission. Shape: of JSON; what is not so is left out.
    Pure.
    """
    thread = submission.thread
    made_of = {each.check: dict(each.made_of) for each in findings if each.made_of is not None}
    is_so = {
        "has_account": submission.author is not None,
        "is_premoderated": thread.is_premoderated,
        "learner_stands_down": bool(submission.learner_stands_down),
    }
    return {
        **made_of,
        **{name: getattr(submission, name) for name in COUNTS},
        "flood_window_seconds": submission.rules.flood_window_seconds,
        "public_at": thread.public_at and thread.public_at.isoformat(),
        "learner_mode": str(submission.rules.learner_mode),
        **{name: True for name, holds in is_so.items() if holds},
        **_proof(submission),
    }


def _proof(submission: Submission) -> dict[str, bool]:
    """Return whether an address was proved, or nothing where that was not asked."""
    proved = submission.is_address_proved
    return {} if proved is None else {"is_address_proved": proved}


def judged_by(submission: Submission, facts: dict[str, Any]) -> Submission:
    """Return a submission with the facts as they were. Pure."""
    author = submission.author or get_user_model()() if facts.get("has_account") else None
    return replace(
        submission,
        thread=_as_it_stood(submission.thread, facts),
        author=author,
        is_address_proved=facts.get("is_address_proved"),
        learner_said=_learner_said(facts),
        learner_stands_down=facts.get("learner_stands_down", False),
        is_gathered=True,
        **{name: facts[name] for name in COUNTS},
    )


def knows_score(facts: dict[str, Any]) -> bool:
    """Tell whether it is known what the learner said, be it nothing."""
    return LEARNER in facts or facts.get("learner_mode") in (LearnerMode.ADVISE, LearnerMode.ACT)


def _learner_said(facts: dict[str, Any]) -> Judgement:
    return Judgement.of_kept(facts[LEARNER]) if LEARNER in facts else Judgement.none()


def _as_it_stood(thread: Thread, facts: dict[str, Any]) -> Thread:
    """Return a copy of a thread, never to be stored."""
    public_at = facts["public_at"] and datetime.fromisoformat(facts["public_at"])
    is_premoderated = facts.get("is_premoderated", False)
    stood = Thread()
    stood.__dict__.update(vars(thread), public_at=public_at, is_premoderated=is_premoderated)
    return stood
