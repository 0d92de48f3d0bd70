"""Holds what is stored against the log: replayed, it leads to exactly the statuses in the table;
and every counter is what counting gives.

Reads only, some thousand comments at a time, so memory does not grow with the site.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Max, Min

from comments.models import PATH_SEGMENT, Comment, ModerationLogEntry, Report, Thread
from comments.status import Action, Status, allowed

AT_ONCE = 2_000
ADMISSIONS = (Action.SUBMIT, Action.IMPORT)


class Fault(NamedTuple):
    """Something that is not so. Shape: `comment` or `thread` is where, the other is None."""

    comment: int | None
    thread: int | None
    words: str

    def __str__(self) -> str:
        where = f"thread {self.thread}" if self.comment is None else f"comment {self.comment}"
        return f"{where}: {self.words}"


class Row(NamedTuple):
    """What of a log row is replayed."""

    pk: int
    comment: int
    action: str
    old_status: str
    new_status: str
    revision: int
    undone_comment: int | None


COLUMNS = (
    "pk", "comment", "action", "old_status", "new_status", "revision", "undoes__comment",
)  # fmt: skip


@dataclass
class Verification:
    """Shape: `comments` and `entries` count what was read by now."""

    comments: int = 0
    entries: int = 0
    told: Callable[[int], None] = field(default=lambda _count: None)

    def faults(self, thread_id: int | None = None) -> Iterator[Fault]:
        """Yield everything that is not as the log and the rows say.

        Queries: 3 for each AT_ONCE comments, 2 for each AT_ONCE threads and 1 for each of these.
        """
        comments, threads = Comment.objects.order_by("pk"), Thread.objects.order_by("pk")
        if thread_id is not None:
            comments, threads = comments.filter(thread=thread_id), threads.filter(pk=thread_id)
        for part in _in_parts(comments.only("pk", *STORED)):
            yield from self._of_comments(part)
            self.told(len(part))
        for part in _in_parts(threads.only("pk", "approved_count", "last_number")):
            yield from _of_threads(part)

    def _of_comments(self, comments: list[Comment]) -> Iterator[Fault]:
        rows = _log_of(comments)
        reports = _reports_on(comments)
        self.comments += len(comments)
        self.entries += sum(map(len, rows.values()))
        for comment in comments:
            for words in (
                *_replayed(comment, rows[comment.pk]),
                *_reported(comment, *reports.get(comment.pk, (0, None))),
            ):
                yield Fault(comment.pk, None, words)


STORED = ("status", "revision", "approved_revision", "open_reports", "reported_at")


def _in_parts(rows: Any) -> Iterator[list[Any]]:
    last = 0
    while part := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield part
        last = part[-1].pk


# --- comments -----------------------------------------------------------------------------------


def _log_of(comments: list[Comment]) -> dict[int, list[Row]]:
    entries = ModerationLogEntry.objects.filter(comment__in=comments).order_by("pk")
    rows: dict[int, list[Row]] = defaultdict(list)
    for values in entries.values_list(*COLUMNS).iterator():
        row = Row(*values)
        rows[row.comment].append(row)
    return rows


def _replayed(comment: Comment, rows: list[Row]) -> Iterator[str]:
    """Replay the log of one comment, and compare where it leads with what is stored. Pure."""
    if not rows:
        yield "has no row in the log, not even its admission"
        return
    if rows[0].old_status or rows[0].action not in ADMISSIONS:
        yield f"its log begins with “{rows[0].action}”, which is no admission (row {rows[0].pk})"
    for before, row in zip([None, *rows], rows, strict=False):
        yield from _step(before, row)
    last = rows[-1]
    if last.new_status != comment.status:
        yield f"is {comment.status}, and its log leads to {last.new_status} (row {last.pk})"
    if last.revision != comment.revision:
        yield f"has revision {comment.revision}, and its log {last.revision} (row {last.pk})"


def _step(before: Row | None, row: Row) -> Iterator[str]:
    came_again = before is not None and not row.old_status and before.action == Action.IMPORT
    if before is not None and row.old_status != before.new_status and not came_again:
        yield f"row {row.pk} starts from {row.old_status or 'nothing'}, after {before.new_status}"
    old = Status(row.old_status) if row.old_status else None
    if row.new_status not in allowed(old, Action(row.action)):
        yield f"row {row.pk}: “{row.action}” does not lead from {old} to {row.new_status}"
    if before is not None and row.revision < before.revision:
        yield f"row {row.pk} goes back to revision {row.revision}, after {before.revision}"
    if row.undone_comment not in (None, row.comment):
        yield f"row {row.pk} undoes an act on another comment, {row.undone_comment}"


def _reports_on(comments: list[Comment]) -> dict[int, tuple[int, Any]]:
    open_ones = Report.objects.open().filter(comment__in=comments).order_by()
    found = open_ones.values_list("comment").annotate(Count("pk"), Min("created_at"))
    return {pk: (count, first) for pk, count, first in found}


def _reported(comment: Comment, count: int, first: Any) -> Iterator[str]:
    if comment.open_reports != count:
        yield f"counts {comment.open_reports} open reports, and there are {count}"
    if comment.reported_at != first:
        yield f"was first reported at {comment.reported_at}, and the open reports say {first}"


# --- threads ------------------------------------------------------------------------------------


def _of_threads(threads: list[Thread]) -> Iterator[Fault]:
    found = Comment.objects.filter(thread__in=threads).order_by().values_list("thread")
    last_numbers = dict(found.annotate(Max("number")))
    for thread in threads:
        for comment_id, words in _counted(thread, last_numbers.get(thread.pk, 0)):
            yield Fault(comment_id, thread.pk, words)


def _counted(thread: Thread, last_number: int) -> Iterator[tuple[int | None, str]]:
    """Count the public comments of a thread, and those below each, in one walk. Queries: 1."""
    living: Counter[str] = Counter()
    public = 0
    stored: list[tuple[int, str, int]] = []
    rows = Comment.objects.filter(thread=thread).order_by()
    for pk, path, revision, below in rows.values_list(
        "pk", "path", "approved_revision", "living_replies"
    ).iterator():
        if revision is not None:
            public += 1
            living.update(path[:end] for end in range(PATH_SEGMENT, len(path), PATH_SEGMENT))
        if below or revision is not None:
            stored.append((pk, path, below))
    if thread.approved_count != public:
        yield None, f"counts {thread.approved_count} public comments, and there are {public}"
    if thread.last_number < last_number:
        yield None, f"gave out {thread.last_number} numbers, and {last_number} is taken"
    for pk, path, below in stored:
        if living.pop(path, 0) != below:
            yield pk, f"counts {below} public comments below it, which is not how many there are"
    for path in living:
        yield None, f"has public comments below {path} that the one there does not count"
