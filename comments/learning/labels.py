"""Which decision of a person stands on a comment, and what it teaches. Pure: rows of the log in,
one lesson for a comment out, so that a rebuild comes to what the acts came to one by one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from comments.models import Label
from comments.spam import Verdict
from comments.spam.names import LEARNER
from comments.status import MODERATOR_ACTIONS, Action, Status

JUDGED = (Action.SUBMIT, Action.EDIT)
DECISIONS = (*MODERATOR_ACTIONS, Action.DISMISS)
# All that a label follows from.
READ = (*JUDGED, *DECISIONS, Action.UNDO)


class Row(NamedTuple):
    """One entry of the log."""

    pk: int
    actor: int | None
    action: str
    new_status: str
    revision: int
    undoes: int | None
    findings: Any
    at: datetime


class Lesson(NamedTuple):
    """What a comment teaches. Shape: `entry` is the row of the log that first said so."""

    entry: int
    revision: int
    label: str
    rules_verdict: str
    at: datetime


def lesson_of(rows: Sequence[Row], since: datetime | None = None) -> Lesson | None:
    """Return what the decisions on one comment teach, or None where none stands that does.

    `rows`: in their order. `since`: when it came from elsewhere; what was decided before that was
    decided there. To say the same again teaches nothing new: it is the first that counts.
    """
    label, first = None, None
    for row in _standing(rows, since):
        said = label_of(row)
        if said != label or first is None:
            label, first = said, row
    if label is None or first is None:
        return None
    return Lesson(first.pk, first.revision, label, _verdict_beside(rows, first), first.at)


def label_of(row: Row) -> str | None:
    """Return what a decision says of the words. Who holds or rejects says nothing of spam: rude is
    not spam.
    """
    if row.action == Action.MARK_SPAM:
        return Label.SPAM.value
    is_good = row.action in (Action.APPROVE, Action.DISMISS)
    return Label.HAM.value if is_good else None


def _standing(rows: Sequence[Row], since: datetime | None) -> list[Row]:
    """Return the decisions of people that nobody took back."""
    undone = _undone(rows)
    return [
        row
        for row in rows
        if row.actor is not None
        and row.action in DECISIONS
        and row.pk not in undone
        and (since is None or row.at >= since)
        # Who keeps what is not public answers its readers, and says nothing of it.
        and (row.action != Action.DISMISS or row.new_status == Status.APPROVED)
    ]


def _undone(rows: Sequence[Row]) -> set[int]:
    """Return the entries that are undone. What undid one may be undone itself: newest first."""
    undone: set[int] = set()
    for row in reversed(rows):
        if row.undoes is not None and row.pk not in undone:
            undone.add(row.undoes)
    return undone


def _verdict_beside(rows: Iterable[Row], decision: Row) -> str:
    """Return what the checks beside the learner said of these words; "" where none was asked."""
    asked = (row for row in rows if row.action in JUDGED and row.revision == decision.revision)
    judged = next(asked, None)
    return worst_of(judged.findings) if judged else ""


def worst_of(findings: Any) -> str:
    """Return the worst verdict of the checks that decide, the learner aside."""
    verdicts = [
        Verdict(finding["verdict"])
        for finding in (findings if isinstance(findings, list) else [])
        if isinstance(finding, dict)
        and finding.get("verdict") in list(Verdict)
        and finding.get("check") != LEARNER
        and not finding.get("is_advice")
    ]
    return str(max(verdicts, key=lambda verdict: verdict.weight, default=Verdict.HAM))
