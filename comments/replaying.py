"""Whether the log of one comment tells a life that leads to the comment as it is.

Pure: no database. verifying.py reads the rows and asks.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from comments.status import Action, Status, allowed

ADMISSIONS = (Action.SUBMIT, Action.IMPORT)
STATUSES, ACTIONS = frozenset(Status.values), frozenset(Action.values)


class LogRow(NamedTuple):
    """An entry of the log, of the columns that are replayed."""

    comment_id: int
    pk: int
    action: str
    old_status: str
    new_status: str
    revision: int
    undoes_id: int | None


class CommentRow(NamedTuple):
    """A comment, of the columns that are compared."""

    pk: int
    thread_id: int
    path: str
    number: int
    status: str
    revision: int
    approved_revision: int | None
    living_replies: int
    open_reports: int
    reported_at: datetime | None

    @property
    def is_public(self) -> bool:
        return self.approved_revision is not None


def faults_of(comment: CommentRow, log: Sequence[LogRow]) -> Iterator[str]:
    """Yield what is wrong in a comment's log, in a sentence each. Shape: `log` by pk."""
    if not log:
        yield "There is no log of it."
        return
    if log[0].action not in ADMISSIONS:
        yield f"Its log begins with “{log[0].action}” (entry {log[0].pk}), not with an admission."
    before: LogRow | None = None
    rows: dict[int, LogRow] = {}
    for row in log:
        yield from _faults_of_step(before, row)
        if row.action == Action.UNDO:
            yield from _faults_of_undo(row, rows)
        rows[row.pk] = before = row
    yield from _faults_of_end(comment, log[-1])


def _faults_of_step(before: LogRow | None, row: LogRow) -> Iterator[str]:
    stood = before.new_status if before else ""
    if before is not None and _begins_anew(before, row):
        stood = ""
    if row.old_status != stood:
        yield f"Entry {row.pk} starts from “{row.old_status}”, but it was “{stood}”."
    if before is not None and stood and row.revision < before.revision:
        yield f"Entry {row.pk} is about revision {row.revision}, but it was at {before.revision}."
    if not _is_legal(row):
        yield (
            f"Entry {row.pk}: “{row.action}” does not lead from “{row.old_status}” "
            f"to “{row.new_status}”."
        )


def _begins_anew(before: LogRow, row: LogRow) -> bool:
    """Tell whether a history was brought to what had been a mere place for a missing comment."""
    was_place = before.old_status == "" and before.new_status == Status.DELETED
    is_admission = row.action in ADMISSIONS and not row.old_status
    return was_place and before.action == Action.IMPORT and is_admission


def _is_legal(row: LogRow) -> bool:
    statuses = {row.old_status, row.new_status} - {""}
    if row.action not in ACTIONS or not statuses <= STATUSES:
        return False
    if row.action == Action.IMPORT and row.old_status == row.new_status:
        return True  # other words came, the status stayed
    before = Status(row.old_status) if row.old_status else None
    return row.new_status in allowed(before, Action(row.action))


def _faults_of_undo(row: LogRow, earlier: dict[int, LogRow]) -> Iterator[str]:
    if row.undoes_id is None:
        yield f"Entry {row.pk} undoes nothing."
        return
    undone = earlier.get(row.undoes_id)
    if undone is None:
        yield f"Entry {row.pk} undoes entry {row.undoes_id}, which is no earlier act on it."
    elif (before := _before(undone)) != row.new_status:
        yield (
            f"Entry {row.pk} undoes entry {undone.pk}, but leads to “{row.new_status}” "
            f"and not back to “{before}”."
        )


def _before(undone: LogRow) -> str:
    """Return what undoing an act leads back to. A reply that is taken back was not there before,
    and is rejected then.
    """
    return Status.REJECTED if undone.action == Action.SUBMIT else undone.old_status


def _faults_of_end(comment: CommentRow, last: LogRow) -> Iterator[str]:
    if last.new_status != comment.status:
        yield f"It is “{comment.status}”, but its log ends with “{last.new_status}”."
    if last.revision != comment.revision:
        yield f"It is at revision {comment.revision}, but its log ends at {last.revision}."
