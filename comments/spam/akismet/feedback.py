"""Akismet is told where a person decided otherwise than it did, and of nothing else.

queue_reports() is called within an act's transaction. A report waits as letters do, so that taking
the act back withdraws it; where it was sent already, the opposite is reported. What is sent is what
Akismet was asked about, as it was then (sent.py). send_due_reports() is called by whoever comes
along (config/background.py).
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from comments.egress import Purpose, begin, finish
from comments.models import Feedback, ModerationLogEntry, Outcome, SentFields
from comments.outgoing import delay
from comments.spam.akismet import SERVICE
from comments.spam.akismet.check import akismet
from comments.spam.akismet.failures import AkismetFailed
from comments.spam.akismet.fields import KEY_FIELD, RECHECK_REASON
from comments.spam.akismet.protocol import is_on, report
from comments.spam.akismet.sent import is_old
from comments.spam.remote import remote_of
from comments.status import Action

logger = logging.getLogger("parley.spam")

AT_ONCE = 10
MOST_ATTEMPTS = 6
AGAIN_AFTER = timedelta(minutes=10)

SPAM, HAM = "spam", "ham"
OPPOSITE = {SPAM: HAM, HAM: SPAM}
# What an act says of a comment; other acts say nothing about spam.
STATED = {Action.MARK_SPAM: SPAM, Action.APPROVE: HAM}
JUDGING = (Action.MARK_SPAM, Action.APPROVE, Action.HOLD, Action.REJECT, Action.UNDO)

Chain = list[ModerationLogEntry]


def queue_reports(entries: Sequence[ModerationLogEntry]) -> None:
    """Write a report for each act by which a person contradicts what Akismet holds to be true.

    Reports of earlier acts on the same comment that still wait are withdrawn.
    Queries: none without a key, 1 where Akismet was asked of none of these; else 4, and 1 more for
    each step back of what is undone.
    """
    judging = [entry for entry in entries if _is_a_persons(entry)] if is_on() else []
    asked = _asked_about([entry.comment_id for entry in judging]) if judging else {}
    if not asked:
        return
    judging = [entry for entry in judging if entry.comment_id in asked]
    told = _told_of(asked)
    _withdraw(asked)
    chains = _chains(judging)
    reports = [_report(chains[entry.pk], asked, told) for entry in judging]
    Feedback.objects.bulk_create([report for report in reports if report])


def count_reports(entries: Iterable[int]) -> tuple[int, int]:
    """Return how many reports of these acts wait, and how many were sent. Queries: 1, or none
    without a key.
    """
    if not is_on():
        return 0, 0
    rows = Feedback.objects.filter(entry__in=list(entries), withdrawn_at=None)
    sent = Count("pk", filter=Q(sent_at__isnull=False))
    told = rows.aggregate(waiting=Count("pk") - sent, sent=sent)
    return told["waiting"], told["sent"]


def _is_a_persons(entry: ModerationLogEntry) -> bool:
    return entry.actor_id is not None and entry.action in JUDGING


def _asked_about(comments: Iterable[int]) -> dict[int, SentFields]:
    rows = SentFields.objects.filter(service=SERVICE, comment__in=list(comments)).defer("fields")
    return {row.comment_id: row for row in rows}


def _told_of(asked: Mapping[int, SentFields]) -> dict[int, list[Feedback]]:
    """Return the reports of each comment that were sent, in order; of earlier words none counts."""
    told: dict[int, list[Feedback]] = defaultdict(list)
    rows = Feedback.objects.filter(service=SERVICE, comment__in=list(asked), sent_at__isnull=False)
    for row in rows.order_by("pk"):
        if row.sent_at and row.sent_at >= asked[row.comment_id].sent_at:
            told[row.comment_id].append(row)
    return told


def _withdraw(comments: Iterable[int]) -> None:
    waiting = Feedback.objects.filter(service=SERVICE, sent_at=None, withdrawn_at=None)
    waiting.filter(comment__in=list(comments)).update(withdrawn_at=timezone.now())


def _chains(entries: Iterable[ModerationLogEntry]) -> dict[int, Chain]:
    """Return, for each act, itself and what it undoes, and what that had undone, and so on."""
    chains = {entry.pk: [entry] for entry in entries}
    while undone := {chain[-1].undoes_id for chain in chains.values()} - {None}:
        found = ModerationLogEntry.objects.defer("findings").in_bulk(undone)
        for chain in chains.values():
            if before := found.get(chain[-1].undoes_id):
                chain.append(before)
    return chains


def _report(
    chain: Chain, asked: Mapping[int, SentFields], told: Mapping[int, list[Feedback]]
) -> Feedback | None:
    entry = chain[0]
    earlier = told.get(entry.comment_id, [])
    label = _label(chain, earlier)
    if label is None or label == _believed(asked[entry.comment_id].verdict, earlier):
        return None
    return Feedback(
        comment_id=entry.comment_id,
        entry=entry,
        service=SERVICE,
        label=label,
        due_at=timezone.now() + delay(),
    )


def _label(chain: Chain, told: Sequence[Feedback]) -> str | None:
    """Return what an act says of a comment. One that takes back what was reported says the
    opposite, and one that takes that back says it again.
    """
    *undoings, act = chain
    stated = STATED.get(Action(act.action))
    if stated is None or len(undoings) % 2 == 0:
        return stated
    acts = {entry.pk for entry in chain}
    was_told = any(report.entry_id in acts and report.label == stated for report in told)
    return OPPOSITE[stated] if was_told else None


def _believed(verdict: str, told: Sequence[Feedback]) -> str:
    """Return what Akismet holds to be true: what it was told last, or what it said itself."""
    return told[-1].label if told else verdict


# --- sending ----------------------------------------------------------------------------------


def send_due_reports(at_once: int = AT_ONCE) -> int:
    """Send reports that are due, the oldest first; return how many were sent.

    Each is taken before it is sent, so that of two processes one sends it. After one that fails
    the others wait for the next time: they would fail too.
    """
    if not is_on():
        return 0
    waiting = Feedback.objects.filter(service=SERVICE, sent_at=None, withdrawn_at=None)
    due = waiting.filter(due_at__lte=timezone.now(), attempts__lt=MOST_ATTEMPTS)
    count = 0
    for row in due.select_related("comment").order_by("due_at", "pk")[:at_once]:
        try:
            count += _send(row)
        except AkismetFailed:
            break
    return count


def _send(row: Feedback) -> bool:
    """Send one report, if it is still news. Raises: AkismetFailed."""
    if not _take(row):
        return False
    fields = _fields_if_news(row)
    if fields is None:
        _one(row).update(sent_at=None, withdrawn_at=timezone.now())
        return False
    try:
        _tell(row, fields)
    except Exception as error:
        _put_back(row, error)
        raise
    return True


def _one(row: Feedback) -> QuerySet[Feedback]:
    return Feedback.objects.filter(pk=row.pk)


def _take(row: Feedback) -> bool:
    waiting = _one(row).filter(sent_at=None, withdrawn_at=None, attempts=row.attempts)
    return bool(waiting.update(sent_at=timezone.now(), attempts=F("attempts") + 1))


def _fields_if_news(row: Feedback) -> dict[str, Any] | None:
    """Return what Akismet was asked about; None where that is not kept, or it knows by now."""
    kept = SentFields.objects.filter(comment=row.comment_id, service=SERVICE).first()
    if kept is None or is_old(kept):
        return None
    told = [one for one in _told_of({row.comment_id: kept})[row.comment_id] if one.pk != row.pk]
    if row.label == _believed(kept.verdict, told):
        return None
    return {name: value for name, value in kept.fields.items() if name != RECHECK_REASON}


def _tell(row: Feedback, fields: dict[str, Any]) -> None:
    """Send a report, with the ledger's row written before it. Raises: AkismetFailed."""
    is_spam = row.label == SPAM
    purpose = Purpose.REPORT_SPAM if is_spam else Purpose.REPORT_HAM
    says = remote_of(akismet)
    assert says is not None  # noqa: S101  it is marked
    entry = begin(row.comment, says, purpose, [KEY_FIELD, *fields])
    try:
        report(fields, is_spam=is_spam)
    except AkismetFailed as failed:
        finish(entry, Outcome.FAILED, failed.in_words)
        raise
    finish(entry, Outcome.ANSWERED)


def _put_back(row: Feedback, error: Exception) -> None:
    """Try a report again later, unless somebody acted on the comment while it was on its way."""
    wait = AGAIN_AFTER * 2**row.attempts
    if isinstance(error, AkismetFailed):
        wait = max(wait, error.retry_after or wait)
    why = error.in_words if isinstance(error, AkismetFailed) else type(error).__name__
    logger.warning("Report %s could not be sent: %s", row.pk, why)
    later = ModerationLogEntry.objects.filter(comment=row.comment_id, pk__gt=row.entry_id)
    overtaken_at = timezone.now() if later.filter(action__in=JUDGING).exists() else None
    _one(row).update(
        sent_at=None,
        withdrawn_at=overtaken_at,
        due_at=timezone.now() + wait,
        last_error=why[:300],
    )
