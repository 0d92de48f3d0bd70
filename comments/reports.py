"""What readers report: taken from them, and settled by the editors' acts.

Whatever changes a report changes the comment's `open_reports` and `reported_at` with it, in one
transaction that has locked the thread's row. Nothing that readers see changes by it, so no version
does. Who may report, and what they are told, is report_views.py's; moderation/ calls settle() and
reopen() within its acts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.crypto import salted_hmac

from comments.finding import locked_thread
from comments.models import Comment, ModerationLogEntry, Report, Thread
from comments.turns import turn

SALT = "comments.reports"


class NotReportable(Exception):
    """Nobody else reads the comment, or not any more; or it is the reporter's own."""


# --- by readers ---------------------------------------------------------------------------------


def report(comment: Comment, *, reporter: Any, key: str, reason: str, note: str = "") -> Report:
    """Take a reader's report. Who has one open keeps that one, and it is returned as it was.

    Shape: `reporter` is an account or None, `key` who it is as a digest.
    Raises: NotReportable. Queries: 5 within the transaction.
    """
    with turn():
        try:
            thread = locked_thread(comment.thread_id)
        except Thread.DoesNotExist as gone:
            raise NotReportable from gone
        current = Comment.objects.filter(pk=comment.pk, thread=thread).public().first()
        if current is None or not thread.is_public:
            raise NotReportable
        if reporter is not None and current.author_id == reporter.pk:
            raise NotReportable
        if (earlier := open_report(current, key)) is not None:
            return earlier
        made = Report.objects.create(
            comment=current, reporter=reporter, reporter_key=key, reason=reason, note=note
        )
        count_open(Comment.objects.filter(pk=current.pk))
    return made


def key_of_account(account_id: int) -> str:
    """Return who reports, for somebody with an account, as a digest."""
    return digest_of(f"account {account_id}")


def digest_of(who: str) -> str:
    return salted_hmac(SALT, who, algorithm="sha256").hexdigest()


def open_report(comment: Comment, key: str) -> Report | None:
    """Return what a reader has reported of a comment and no editor has looked at. Queries: 1."""
    return Report.objects.open().filter(comment=comment, reporter_key=key).first()


def of(comments: Iterable[Comment]) -> dict[int, list[Report]]:
    """Return the open reports of some comments by their ids, the oldest first. Queries: 1.

    Shape: comments that nobody reported are missing.
    """
    keys = [comment.pk for comment in comments]
    reports = Report.objects.open().filter(comment__in=keys).select_related("reporter")
    found: dict[int, list[Report]] = {}
    for each in reports.order_by("created_at", "pk"):
        found.setdefault(each.comment_id, []).append(each)
    return found


# --- by the editors' acts -----------------------------------------------------------------------


def settle(comment: Comment, entry: ModerationLogEntry) -> None:
    """Settle what is open about a comment by an act on it, in the act's own transaction.

    `comment`: as it was read under the lock. Queries: 2, none for one that nobody reported.
    """
    if comment.reported_at is not None:
        settle_many([entry])


def settle_many(entries: Sequence[ModerationLogEntry], *, until: datetime | None = None) -> None:
    """Settle what is open about the comments of these acts, each by the act on it. Queries: 2.

    `until`: reports that came later stay open.
    """
    if not entries:
        return
    comments = [entry.comment_id for entry in entries]
    act = ModerationLogEntry.objects.filter(pk__in=_keys(entries), comment=OuterRef("comment"))
    newest = act.order_by("-pk").values("pk")[:1]
    about = Report.objects.open().filter(comment__in=comments)
    if until is not None:
        about.filter(created_at__lte=until).update(settled_by=Subquery(newest))
        count_open(Comment.objects.filter(pk__in=comments))
        return
    about.update(settled_by=Subquery(newest))
    reported = Comment.objects.filter(pk__in=comments, reported_at__isnull=False)
    reported.update(open_reports=0, reported_at=None)


def reopen(comment: Comment, entry: ModerationLogEntry) -> None:
    """Open again what an act on a comment had settled, where that act is undone. Queries: 2."""
    reopen_many([entry])


def reopen_many(entries: Sequence[ModerationLogEntry]) -> None:
    """Do the same for many acts. Queries: 2.

    Who has reported the comment again since has one open already: that one stays, and the older
    one stays settled.
    """
    if not entries:
        return
    settled = Report.objects.filter(settled_by__in=_keys(entries))
    same = Report.objects.filter(comment=OuterRef("comment"), reporter_key=OuterRef("reporter_key"))
    is_open = Exists(same.open())
    # Two of these acts may have settled a report each of the same reader: one of them can be open.
    is_older = Exists(same.filter(settled_by__in=_keys(entries), pk__gt=OuterRef("pk")))
    settled.filter(~is_open, ~is_older).update(settled_by=None)
    count_open(Comment.objects.filter(pk__in=[entry.comment_id for entry in entries]))


def _keys(entries: Iterable[ModerationLogEntry]) -> list[int]:
    return [entry.pk for entry in entries]


def count_open(comments: QuerySet[Comment]) -> None:
    """Write how many reports are open about comments, and since when. Queries: 1."""
    about = Report.objects.open().filter(comment=OuterRef("pk")).order_by().values("comment")
    comments.update(
        open_reports=Coalesce(Subquery(about.annotate(many=Count("pk")).values("many")), 0),
        reported_at=Subquery(about.annotate(first=Min("created_at")).values("first")),
    )
