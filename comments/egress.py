"""The ledger of what leaves the site: for each comment what was sent, to whom, when and why.

A row is written before anything is sent; where it cannot be written, nothing is. Empty by default,
since only remote checks send. What is kept for how long is the business of the retention task.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from comments.models import Comment, EgressEntry, Outcome
from comments.spam.findings import Check, CheckFailed, plain
from comments.spam.remote import Remote, current_call, remote_of
from comments.submission import Submission
from comments.turns import turn

logger = logging.getLogger("parley.spam")

MOST_SAID = 200


class Purpose(TextChoices):
    CHECK = "check", _("to be checked")
    RECHECK = "recheck", _("to be checked again")
    REPORT_SPAM = "report spam", _("to be told that it is spam")
    REPORT_HAM = "report ham", _("to be told that it is not spam")


class TooLate(Exception):
    """Nobody waits for the answer any more, and nothing is sent in vain."""


def begin(
    about: Submission | Comment, remote: Remote, purpose: Purpose, fields: Iterable[str]
) -> EgressEntry:
    """Write down what is about to be sent. To be called outside any transaction, before it is.

    `fields`: the names of what is sent, as in `remote.sends`. Queries: 1.
    Raises: DatabaseError, TooLate, and then nothing may be sent.
    """
    call = current_call()
    if call and call.is_over:
        raise TooLate
    comment = about if isinstance(about, Comment) else about.edited
    entry = EgressEntry(
        comment=comment,
        submission_key=about.submission_key,
        service=str(remote.service),
        host=remote.hostname,
        purpose=purpose,
        fields=list(fields),
    )
    with turn():
        entry.save()
    if call:
        call.sent.append(entry.pk)
    return entry


def finish(entry: EgressEntry, outcome: Outcome, answer: str = "") -> None:
    """Write down what came of it. Where that fails the row keeps saying that no answer is known."""
    entry.outcome, entry.answer = outcome, plain(answer, MOST_SAID)
    try:
        with turn():
            entry.save(update_fields=["outcome", "answer"])
    except DatabaseError:
        logger.exception("What came of transmission %s could not be written down.", entry.pk)


@dataclass
class Sent:
    """Shape: `answer` is what the service said, in short, to be set by whoever asked it."""

    answer: str = ""


@contextmanager
def sending(
    about: Submission, check: Check, fields: Iterable[str], purpose: Purpose | None = None
) -> Iterator[Sent]:
    """Write down what a remote check sends within: before it, and after it what came of it."""
    says = remote_of(check)
    if says is None:
        raise TypeError(f"{check!r} sends something and is not marked as remote.")
    asked_again = Purpose.RECHECK if about.recheck_reason else Purpose.CHECK
    entry, sent = begin(about, says, purpose or asked_again, fields), Sent()
    try:
        yield sent
    except BaseException as error:
        finish(entry, Outcome.FAILED, _told(error))
        raise
    finish(entry, Outcome.ANSWERED, sent.answer)


def _told(error: BaseException) -> str:
    """Say what went wrong. Only what a check says for editors is taken at its word: an error of
    anybody else may quote what was sent, or a key.
    """
    is_for_editors = isinstance(error, CheckFailed) and str(error)
    return str(error) if is_for_editors else type(error).__name__


def link(submission_key: str, comment: Comment) -> None:
    """Say which comment was made of what was sent. Within its transaction. Queries: 1."""
    EgressEntry.objects.filter(submission_key=submission_key, comment=None).update(comment=comment)
