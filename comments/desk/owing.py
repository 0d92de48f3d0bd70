"""What checks still owe the comments of a page of cards, in words: who did not answer, and when
they are asked again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from comments.models import Comment, UncheckedComment
from comments.spam.names import name_of
from comments.status import Status

Findings = Mapping[int, Iterable[Mapping[str, Any]]]


def read_owed(comments: Sequence[Comment], findings: Findings) -> dict[int, list[str]]:
    """Return what is owed to each, by what the checks said of it: a sentence for each check.

    Queries: 1, and none where no check failed.
    """
    failed = [comment for comment in comments if _was_not_checked(comment, findings)]
    said: dict[int, list[str]] = defaultdict(list)
    if failed:
        revisions = {comment.pk: comment.revision for comment in failed}
        for row in UncheckedComment.objects.filter(comment__in=revisions).order_by("pk"):
            if row.revision == revisions[row.comment_id]:
                said[row.comment_id].append(in_words(row))
    return said


def _was_not_checked(comment: Comment, findings: Findings) -> bool:
    found = findings.get(comment.pk, ())
    return comment.status == Status.PENDING and any(each.get("is_unchecked") for each in found)


def in_words(row: UncheckedComment) -> str:
    """Say which check did not judge a comment, why, and what comes of it."""
    name = name_of(row.check_path.rpartition(".")[2])
    failed = (
        _("Not checked yet by “%(check)s”: %(why)s")
        if row.due_at
        else _("Not checked by “%(check)s”: %(why)s")
    )
    words = failed % {"check": name, "why": row.last_error}
    return f"{words} {_next(row.due_at)}"


def _next(due_at: datetime | None) -> str:
    if due_at is None:
        return _("It is not asked again: please decide without it.")
    if due_at <= timezone.now():
        return _("It is asked again any moment now.")
    return _("Next try at %(time)s.") % {"time": when(due_at)}


def when(at: datetime) -> str:
    """Return an instant as people say it: the time alone when it is today."""
    local = timezone.localtime(at)
    is_today = local.date() == timezone.localdate()
    return time_format(local, "H:i") if is_today else date_format(local, "j M Y, H:i")
