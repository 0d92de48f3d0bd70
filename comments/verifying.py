"""Replays the log of every comment and counts every counter anew, and says where they disagree.

Reads only, in the order of threads and paths, some rows at a time: what it holds in memory does not
grow with the site. The command verify_log shows it; replaying.py judges one comment's log.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Min

from comments.models import Comment, ModerationLogEntry, Report, Thread
from comments.replaying import CommentRow, LogRow, faults_of

AT_ONCE = 2_000


class Fault(NamedTuple):
    """Shape: `about` names what is wrong ("comment 7", "thread 3"), `says` is a sentence."""

    about: str
    says: str


class ThreadRow(NamedTuple):
    pk: int
    approved_count: int
    last_number: int


def verify(
    thread_id: int | None = None, tell: Callable[[int], None] = lambda _count: None
) -> Iterator[Fault]:
    """Yield all that is wrong, of one thread or of all. `tell` is told how many were read.

    Queries: 4 or 5 for each 2,000 comments, and 1 for each 2,000 threads.
    """
    with one_moment():
        counting = Counting(_threads(thread_id))
        for batch in _comments(thread_id):
            yield from _faults_of_logs(batch)
            for comment in batch:
                yield from counting.take(comment)
            tell(len(batch))
        yield from counting.end()


@contextmanager
def one_moment() -> Iterator[None]:
    """See the database as it is now, however long it takes, and keep nobody from writing."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # By hand: Django's own begins by waiting for the right to write.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


# --- reading ----------------------------------------------------------------------------------


def _comments(thread_id: int | None) -> Iterator[list[CommentRow]]:
    """Yield the comments in the order of threads and paths. Queries: 1 or 2 a batch."""
    rows = Comment.objects.order_by("thread_id", "path")
    if thread_id is not None:
        rows = rows.filter(thread=thread_id)
    batch = _read(rows, AT_ONCE)
    while batch:
        yield batch
        last = batch[-1]
        # In two questions, each of them one range of an index.
        batch = _read(rows.filter(thread=last.thread_id, path__gt=last.path), AT_ONCE)
        if len(batch) < AT_ONCE:
            batch += _read(rows.filter(thread__gt=last.thread_id), AT_ONCE - len(batch))


def _read(rows: Any, count: int) -> list[CommentRow]:
    return [CommentRow(*row) for row in rows.values_list(*CommentRow._fields)[:count]]


def _threads(thread_id: int | None) -> Iterator[ThreadRow]:
    rows = Thread.objects.order_by("pk").values_list(*ThreadRow._fields)
    if thread_id is not None:
        rows = rows.filter(pk=thread_id)
    batch = [ThreadRow(*row) for row in rows[:AT_ONCE]]
    while batch:
        yield from batch
        batch = [ThreadRow(*row) for row in rows.filter(pk__gt=batch[-1].pk)[:AT_ONCE]]


# --- the log, and what is derived of one comment ----------------------------------------------


def _faults_of_logs(batch: list[CommentRow]) -> Iterator[Fault]:
    """Compare each of these comments with its log and its reports. Queries: 2."""
    ids = [comment.pk for comment in batch]
    logs: defaultdict[int, list[LogRow]] = defaultdict(list)
    entries = ModerationLogEntry.objects.filter(comment__in=ids).order_by("comment_id", "pk")
    for row in entries.values_list(*LogRow._fields):
        logs[row[0]].append(LogRow(*row))
    reports = Report.objects.open().filter(comment__in=ids).order_by().values_list("comment")
    counted = reports.annotate(count=Count("pk"), first=Min("created_at"))
    open_reports = {pk: (count, first) for pk, count, first in counted}
    for comment in batch:
        faults = [*faults_of(comment, logs[comment.pk])]
        faults += _faults_of_reports(comment, *open_reports.get(comment.pk, (0, None)))
        for says in faults:
            yield Fault(f"comment {comment.pk}", says)


def _faults_of_reports(comment: CommentRow, count: int, first_at: datetime | None) -> Iterator[str]:
    if comment.open_reports != count:
        yield f"It counts {comment.open_reports} open reports, but there are {count}."
    if count and comment.reported_at is None:
        yield "It has open reports, but not since when."
    if count and comment.reported_at not in (None, first_at):
        yield f"It is called reported since {comment.reported_at}, but is since {first_at}."
    if not count and comment.reported_at is not None:
        yield "It is called reported, but has no open report."


# --- the counters -----------------------------------------------------------------------------


class Counting:
    """Counts what is public in each thread and below each comment, as they come in order."""

    def __init__(self, threads: Iterator[ThreadRow]) -> None:
        self.threads = threads
        self.thread: ThreadRow | None = None
        self.public = self.last_number = 0
        # The comments above the next one, each with how many below it are public so far.
        self.above: list[tuple[CommentRow, int]] = []

    def take(self, comment: CommentRow) -> Iterator[Fault]:
        while self.thread is None or self.thread.pk != comment.thread_id:
            yield from self._end_thread()
            self.thread = next(self.threads)
        while self.above and not comment.path.startswith(self.above[-1][0].path):
            yield from self._end_branch()
        self.above.append((comment, 0))
        self.public += comment.is_public
        self.last_number = max(self.last_number, comment.number)

    def end(self) -> Iterator[Fault]:
        """Finish the last thread, and look at those after it, which hold no comment."""
        yield from self._end_thread()
        for thread in self.threads:
            self.thread = thread
            yield from self._end_thread()

    def _end_branch(self) -> Iterator[Fault]:
        comment, living = self.above.pop()
        if comment.living_replies != living:
            says = f"It counts {comment.living_replies} public comments below, but has {living}."
            yield Fault(f"comment {comment.pk}", says)
        if self.above:
            parent, others = self.above[-1]
            self.above[-1] = parent, others + living + comment.is_public

    def _end_thread(self) -> Iterator[Fault]:
        while self.above:
            yield from self._end_branch()
        if (thread := self.thread) is None:
            return
        about = f"thread {thread.pk}"
        if thread.approved_count != self.public:
            says = f"It counts {thread.approved_count} public comments, but has {self.public}."
            yield Fault(about, says)
        if thread.last_number < self.last_number:
            says = f"It gave out number {thread.last_number} last, but has a {self.last_number}."
            yield Fault(about, says)
        self.public = self.last_number = 0
