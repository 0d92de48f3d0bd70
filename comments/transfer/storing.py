"""Writes new rows in bulk: comments with their parents, earlier texts, the log and
what readers reported.

Called under the threads' locks by batch.py and renewal.py, which decide what to write.
"""

from collections import defaultdict
from collections.abc import Iterable
from uuid import uuid4

from django.db import connection

from comments.helpful import score_as_marked
from comments.models import (
    Comment,
    CommentMove,
    CommentRevision,
    HelpfulMark,
    ModerationLogEntry,
    Report,
    Thread,
)
from comments.reports import count_open
from comments.transfer.arrivals import Arrival
from comments.transfer.rows import (
    MOST_WANTED,
    LogRow,
    import_act,
    living_below,
    log_in_rounds,
    report_row,
    revision_row,
)
from comments.transfer.words import Words

Made = list[tuple[Arrival, Comment]]


class Numbers:
    """Gives each comment its number: the one it had, where that is free, or the thread's next."""

    def __init__(self, threads: dict[int, Thread], arrivals: list[Arrival]) -> None:
        self.threads = threads
        wanted = {each.number for each in arrivals if each.number and each.number <= MOST_WANTED}
        rows = Comment.objects.filter(thread__in=threads, number__in=wanted)
        self.taken = set(rows.values_list("thread_id", "number")) if wanted else set()

    def give(self, each: Arrival) -> int:
        thread, number = self.threads[each.thread.pk], each.number
        is_good = number and 0 < number <= MOST_WANTED and (thread.pk, number) not in self.taken
        if not is_good or number is None:
            number = thread.last_number + 1
        self.taken.add((thread.pk, number))
        thread.last_number = max(thread.last_number, number)
        return number


def insert(made: Made, words: Words) -> None:
    """Store new comments with all that belongs to them. Queries: independent of how many."""
    comments = [comment for _each, comment in made]
    living = living_below(comments)
    for comment in comments:
        comment.living_replies = living[comment.thread_id, comment.path]
    _use_free_keys(comments)
    Comment.objects.bulk_create(comments)
    _link_to_parents(made)
    CommentRevision.objects.bulk_create(
        (
            revision_row(comment, earlier, words)
            for each, comment in made
            for earlier in each.earlier
        ),
        ignore_conflicts=True,
    )
    _mark(made)
    acts = write_log(
        log_in_rounds(
            (comment, each.history or [import_act(comment, each.created_at)])
            for each, comment in made
        )
    )
    _report(made, acts)
    _leave_addresses(made)


def _use_free_keys(comments: list[Comment]) -> None:
    """Make another key for a comment whose own is here already, or twice in the file."""
    keys = [comment.submission_key for comment in comments]
    rows = Comment.objects.filter(submission_key__in=keys)
    taken = set(rows.values_list("submission_key", flat=True))
    for comment in comments:
        if comment.submission_key in taken:
            comment.submission_key = uuid4().hex
        taken.add(comment.submission_key)


def _link_to_parents(made: Made) -> None:
    """Set the parents that had no row yet when their replies were made.

    By hand: bulk_update() builds a branch for each row, which takes longer than all the inserts.
    """
    by_id = {each.external_id: comment for each, comment in made}
    linked = []
    for each, comment in made:
        if each.parent_id and comment.parent_id is None:
            comment.parent = by_id[each.parent_id]
            linked.append((comment.parent_id, comment.pk))
    if linked:
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE comments_comment SET parent_id = %s WHERE id = %s", linked)


def _mark(made: Made) -> None:
    """Store readers' marks, and what follows from them for the order of the best."""
    marks = [
        HelpfulMark(comment=comment, user_id=mark.user_id, created_at=mark.at)
        for each, comment in made
        for mark in each.marks
    ]
    if marks:
        HelpfulMark.objects.bulk_create(marks)
        score_as_marked(Comment.objects.filter(pk__in={mark.comment_id for mark in marks}))


def _report(made: Made, acts: dict[int, list[ModerationLogEntry]]) -> None:
    """Store what readers reported, and count what is open of it. Queries: 2, or none."""
    reports = [
        report_row(comment, told, acts[comment.pk])
        for each, comment in made
        for told in each.reports
    ]
    if reports:
        # Of two that are open and said to be of one reader the first stays.
        Report.objects.bulk_create(reports, ignore_conflicts=True)
        count_open(Comment.objects.filter(pk__in={report.comment_id for report in reports}))


def _leave_addresses(made: Made) -> None:
    """Let old links lead to comments that were moved. Queries: 1, or none."""
    left = [
        CommentMove(thread_id=thread_id, number=number, comment=comment)
        for each, comment in made
        for thread_id, number in each.places_left
    ]
    if left:
        CommentMove.objects.bulk_create(left, ignore_conflicts=True)


def write_log(rounds: Iterable[list[LogRow]]) -> dict[int, list[ModerationLogEntry]]:
    """Store log entries, each after the one it undoes. Queries: 1 and 1 for each undo in a row.

    Returns them by their comments' ids, those of each in the order of its acts.
    """
    written: dict[int, list[ModerationLogEntry]] = defaultdict(list)
    for rows in rounds:
        for row in rows:
            row.entry.undoes = row.undoes
        ModerationLogEntry.objects.bulk_create(row.entry for row in rows)
        for row in rows:
            written[row.entry.comment_id].append(row.entry)
    return written
