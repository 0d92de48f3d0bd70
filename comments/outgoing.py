"""Letters that an editor's act causes: they wait a while, so that undoing the act withdraws them.

queue_letters() and withdraw_letters() are called within the act's transaction; send_due_letters()
by whoever comes along: the running site, or `manage.py send_letters`.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.letters import TITLE, one_line
from comments.models import Comment, ModerationLogEntry, OutgoingLetter

logger = logging.getLogger("parley.mail")

AT_ONCE = 20
MOST_ATTEMPTS = 5
AGAIN_AFTER = timedelta(minutes=10)


def address_of(comment: Comment) -> str:
    """Return where the author of a comment can be written to, or nothing.

    An account's own address, or one that a guest has proved: what was only typed may be a
    stranger's. Queries: 1 where the author has not been read.
    """
    if comment.author is not None:
        return getattr(comment.author, comment.author.get_email_field_name())
    return comment.author_email if comment.email_proved_at else ""


def delay() -> timedelta:
    return timedelta(seconds=settings.COMMENTS_LETTER_DELAY_SECONDS)


def queue_letters(entries: Sequence[ModerationLogEntry]) -> None:
    """Write a letter for each act that has a text for the author, to be sent when it is due.

    Queries: 1, or none; and 1 for each author with an account.
    """
    told = [entry for entry in entries if entry.message]
    letters = [_letter(entry, to) for entry in told if (to := address_of(entry.comment))]
    OutgoingLetter.objects.bulk_create(letters)


def _letter(entry: ModerationLogEntry, to: str) -> OutgoingLetter:
    title = one_line(entry.comment.thread.title, TITLE)
    lines = [entry.message, _("This is about your comment on “%(title)s”.") % {"title": title}]
    return OutgoingLetter(
        entry=entry,
        to=to,
        subject=_("Your comment on “%(title)s”") % {"title": title},
        body="\n\n".join([*lines, settings.SITE_NAME]),
        due_at=timezone.now() + delay(),
    )


def withdraw_letters(undone: Iterable[ModerationLogEntry | int]) -> None:
    """Keep letters about acts that are undone from being sent, where that is still possible.

    Queries: 1.
    """
    waiting = OutgoingLetter.objects.filter(sent_at=None, withdrawn_at=None)
    waiting.filter(entry__in=list(undone)).update(withdrawn_at=timezone.now())


# --- sending ----------------------------------------------------------------------------------


def send_due_letters(at_once: int = AT_ONCE) -> int:
    """Send letters that are due, the oldest first; return how many were sent.

    Each is taken before it is sent, so that of two processes one sends it; one that fails is tried
    again later, MOST_ATTEMPTS times.
    """
    due = OutgoingLetter.objects.filter(
        sent_at=None, withdrawn_at=None, due_at__lte=timezone.now(), attempts__lt=MOST_ATTEMPTS
    )
    return sum(_send(letter) for letter in due.order_by("due_at")[:at_once])


def _send(letter: OutgoingLetter) -> bool:
    now = timezone.now()
    one = OutgoingLetter.objects.filter(pk=letter.pk)
    if not one.filter(sent_at=None, withdrawn_at=None).update(
        sent_at=now, attempts=F("attempts") + 1
    ):
        return False
    try:
        _message(letter).send()
    except (OSError, SMTPException, ValueError):
        logger.exception("Letter %s could not be sent.", letter.pk)
        one.update(sent_at=None, due_at=now + AGAIN_AFTER)
        _withdraw_if_undone(letter)
        return False
    return True


def _withdraw_if_undone(letter: OutgoingLetter) -> None:
    """Keep a letter from being tried again whose act was undone while it was on its way."""
    inverse = ModerationLogEntry.objects.filter(undoes=letter.entry_id)
    if letter.entry_id and inverse.exists():
        withdraw_letters([letter.entry_id])


def _message(letter: OutgoingLetter) -> EmailMessage:
    headers: dict[str, Any] = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject=letter.subject, body=letter.body, to=[letter.to], headers=headers)
