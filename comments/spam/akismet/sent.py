"""What Akismet was sent of a comment, just as it was, so that a mistake of its can be reported.

Kept for 15 days in rows of their own, and not a day longer; with the words of a comment that its
author deletes they go at once.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from comments.models import Comment, SentFields
from comments.spam.akismet.fields import CONTENT
from comments.spam.findings import Finding, Told

KEPT_FOR = timedelta(days=15)


def keep_sent(comment: Comment, findings: Iterable[Finding]) -> None:
    """Keep what services were told of a comment's words. Within the transaction that stores them.

    Queries: 2, or none where nothing left the site.
    """
    for finding in findings:
        if finding.told:
            keep(comment, finding.told)


def keep(comment: Comment, told: Told) -> None:
    """Keep what a service was told. Where it was asked again about the same words, what it was
    told first stays, and what it says now is kept with it. Queries: 2.
    """
    row = SentFields.objects.filter(comment=comment, service=told.service)
    words = row.values_list("fields__" + CONTENT, flat=True).first()
    if words is not None and words == told.fields.get(CONTENT):
        row.update(verdict=told.verdict, answer_id=told.answer_id)
        return
    SentFields.objects.bulk_create(
        [SentFields(comment=comment, sent_at=timezone.now(), **vars(told))],
        update_conflicts=True,
        unique_fields=["comment"],
        update_fields=["service", "fields", "verdict", "answer_id", "sent_at"],
    )


def forget_sent(comments: Iterable[int]) -> None:
    """Forget what was sent of these comments. Queries: 1."""
    SentFields.objects.filter(comment__in=list(comments)).delete()


def is_old(kept: SentFields) -> bool:
    return kept.sent_at <= timezone.now() - KEPT_FOR


def forget_old() -> int:
    """Forget what has been kept long enough; return of how many comments. Queries: 1 or 2."""
    old = SentFields.objects.filter(sent_at__lte=timezone.now() - KEPT_FOR)
    # Nobody has to wait for a turn to write while there is nothing to do.
    return old.delete()[0] if old.exists() else 0
