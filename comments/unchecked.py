"""Which verdicts are owed to which comments, and when they are asked for: rows of UncheckedComment.

write_down() is called within the transaction that stores the comment; rechecking.py asks again.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from comments.models import Comment, UncheckedComment
from comments.spam import Owed
from comments.status import Status

MOST_SAID = 300
# How long is waited before each attempt: some two days in all.
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    *[timedelta(hours=8)] * 5,
)
# Whoever asks to be asked again says when, within reason.
SOONEST, LATEST = timedelta(seconds=5), timedelta(days=2)


def write_down(comment: Comment, owed: Iterable[Owed]) -> None:
    """Write down which checks owe a verdict on the words of a comment. Queries: 1, or none."""
    rows = [
        UncheckedComment(
            comment=comment,
            check_path=each.path,
            revision=comment.revision,
            last_error=each.why[:MOST_SAID],
            due_at=next_at(0, each),
        )
        for each in owed
    ]
    if rows:
        UncheckedComment.objects.bulk_create(rows, ignore_conflicts=True)


def next_at(attempts: int, owed: Owed) -> datetime | None:
    """Return when a check is asked again that was asked so often again; None when it is given up.

    Where it was not asked at all, nothing counts as an attempt.
    """
    if owed.was_asked and attempts >= len(WAITS):
        return None
    wait = WAITS[min(attempts, len(WAITS) - 1)]
    if owed.retry_after is not None:
        wait = min(max(owed.retry_after, SOONEST), LATEST)
    return timezone.now() + wait


def owing() -> QuerySet[UncheckedComment]:
    """Return the verdicts that are owed still, given up or not: of pending comments as they are."""
    return UncheckedComment.objects.filter(
        comment__status=Status.PENDING, revision=F("comment__revision")
    )


def make_due(path: str) -> int:
    """Let what a check owes be asked for at once, what was given up too. Queries: 1.

    Returns: of how many comments.
    """
    rows = UncheckedComment.objects.filter(pk__in=owing().filter(check_path=path).values("pk"))
    return rows.update(due_at=timezone.now(), attempts=0)
