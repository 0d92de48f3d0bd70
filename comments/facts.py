"""What a comment was judged by that nothing else keeps: counts, and how its page stood just then.

Kept in the log with its admission and with each edit, so that it can be judged again as it was
(rehearsal.py). Figures only: they name nobody, and so outlive what is erased of a person.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model

from comments.models import Thread
from comments.submission import Submission

FACTS = "facts"
COUNTS = ("approved_before", "recent_from_source", "same_text_before", "recent_from_address")


def with_facts(detail: dict[str, Any] | None, submission: Submission) -> dict[str, Any] | None:
    """Return what the log keeps beside an act: its `detail`, and these of whoever was judged."""
    if submission.is_trusted:
        return detail
    return {**(detail or {}), FACTS: facts_of(submission)}


def facts_of(submission: Submission) -> dict[str, Any]:
    """Return what to keep of a gathered submission. Shape: of JSON. Pure."""
    thread = submission.thread
    return {
        **{name: getattr(submission, name) for name in COUNTS},
        "flood_window_seconds": submission.rules.flood_window_seconds,
        "has_account": submission.author is not None,
        "is_premoderated": thread.is_premoderated,
        "public_at": thread.public_at and thread.public_at.isoformat(),
    }


def judged_by(submission: Submission, facts: dict[str, Any]) -> Submission:
    """Return a submission with the facts as they were. Pure."""
    author = submission.author or get_user_model()() if facts["has_account"] else None
    counts = {name: facts[name] for name in COUNTS}
    thread = _as_it_stood(submission.thread, facts)
    return replace(submission, thread=thread, author=author, **counts, is_gathered=True)


def _as_it_stood(thread: Thread, facts: dict[str, Any]) -> Thread:
    """Return a copy of a thread, never to be stored."""
    public_at = facts["public_at"] and datetime.fromisoformat(facts["public_at"])
    values = vars(thread) | {"public_at": public_at, "is_premoderated": facts["is_premoderated"]}
    stood = Thread()
    stood.__dict__.update(values)
    return stood
