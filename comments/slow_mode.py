"""Slow mode: in a slow thread one person posts one comment in so many seconds.

Asked under the thread's lock, so that of two comments sent at once the second finds the first.
"""

import math
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.models import Comment, Thread
from comments.submission import Submission


class TooSoon(Exception):
    """This person's turn in a slow thread has not come yet. Shape: `next_at` is when it has."""

    def __init__(self, thread: Thread, next_at: datetime) -> None:
        super().__init__(f"Thread {thread.pk} takes the next comment at {next_at}.")
        self.thread = thread
        self.next_at = next_at

    @property
    def seconds(self) -> int:
        return max(1, math.ceil((self.next_at - timezone.now()).total_seconds()))

    @property
    def in_words(self) -> str:
        """Say why, and when: to the minute, and never a minute too early."""
        at = timezone.localtime(self.next_at)
        if at.second or at.microsecond:
            at += timedelta(minutes=1)
        is_today = at.date() == timezone.localdate()
        return _(
            "In this discussion everybody may post one comment every %(interval)s; you can post "
            "again at %(time)s. Your words are kept."
        ) % {
            "interval": self.thread.slow_interval,
            "time": date_format(at, "H:i" if is_today else "j F, H:i"),
        }


def wait_for_turn(thread: Thread, submission: Submission) -> None:
    """Refuse who posted here a moment ago: an account, or else a network address.

    The page's author and the editors may. What its author deleted counts: it can be taken back.

    Raises: TooSoon. Queries: 1 in a slow thread, else none.
    """
    if not thread.slow_seconds or submission.is_trusted:
        return
    source = _source(submission)
    if source is None:
        return
    pause, at = timedelta(seconds=thread.slow_seconds), submission.submitted_at
    # One that was sent in the same moment may have come in first, and bears a later instant.
    close_by = Comment.objects.filter(
        source, thread=thread, created_at__gt=at - pause, created_at__lt=at + pause
    )
    last = close_by.order_by("-created_at").values_list("created_at", flat=True).first()
    if last is not None:
        raise TooSoon(thread, last + pause)


def _source(submission: Submission) -> Q | None:
    if submission.author is not None:
        return Q(author=submission.author)
    # People whose address is not known are not one person.
    return Q(ip_address=submission.ip_address) if submission.ip_address is not None else None
