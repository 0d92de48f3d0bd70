"""The comments of late as they were first offered: with the facts kept, and with what was found.

Read in a few queries, the newest first. Whoever may moderate is not judged: theirs are not here.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comments.facts import FACTS, judged_by, knows_score
from comments.models import (
    AuthorMark,
    Comment,
    CommentKind,
    CommentRevision,
    ModerationLogEntry,
    Thread,
)
from comments.rehearsal.terms import Missing
from comments.spam import Finding, Verdict
from comments.status import Action, Status
from comments.submission import Submission


@dataclass(frozen=True)
class Offer:
    """One comment as it came. Shape: `facts` None where none were kept."""

    comment: Comment
    submission: Submission
    facts: dict[str, Any] | None
    findings: tuple[Finding, ...]
    is_import: bool

    def lacks(self, need: Missing, blurred: Collection[str]) -> bool:
        """Tell whether a fact is gone. `blurred`: what is left of addresses that matter in full."""
        if need == Missing.WORDS:
            return self.comment.status == Status.DELETED
        if need == Missing.ADDRESS:
            return self.has_lost_address or self.comment.ip_address in blurred
        if need == Missing.SCORE:
            return self.facts is None or not knows_score(self.facts)
        return self.facts is None

    @property
    def has_lost_address(self) -> bool:
        """Whether there may have been a network address that is nowhere now."""
        never = self.facts is not None and self.facts["recent_from_address"] is None
        return self.comment.ip_address is None and not never


ADMISSIONS = (Action.SUBMIT, Action.IMPORT)
# All but what only readers of a page need.
NEEDED = (
    "thread_id", "status", "revision", "author_id", "author_name", "author_email",
    "author_website", "body", "ip_address", "seconds_taken", "honeypot", "created_at",
)  # fmt: skip


def read_offers(since: datetime, most: int, thread: Thread | None) -> list[Offer]:
    """Return the newest comments that came since then, in one discussion or in all. Queries: 3."""
    admissions = list(_admissions(since, thread)[:most])
    comments = [entry.comment for entry in admissions]
    threads = Thread.objects.in_bulk({comment.thread_id for comment in comments})
    first_words = _first_words(comments)
    for comment in comments:
        comment.thread = threads[comment.thread_id]
        comment.body = first_words.get(comment.pk, comment.body)
    return [_offer(entry) for entry in admissions]


def _admissions(since: datetime, thread: Thread | None) -> QuerySet[ModerationLogEntry]:
    """Whoever may moderate was not judged, and what came from elsewhere as no comment is none."""
    entries = ModerationLogEntry.objects.filter(
        old_status="",
        action__in=ADMISSIONS,
        created_at__gte=since,
        comment__created_at__gte=since,
        comment__author_mark=AuthorMark.NONE,
        comment__kind=CommentKind.COMMENT,
    )
    if thread is not None:
        entries = entries.filter(comment__thread=thread)
    columns = [f"comment__{name}" for name in NEEDED]
    entries = entries.select_related("comment").only("action", "detail", "findings", *columns)
    return entries.order_by("-created_at", "-pk")


def _first_words(comments: Iterable[Comment]) -> dict[int, str]:
    """Return the words that were changed since, by comment. Queries: 1, or none."""
    revised = [comment.pk for comment in comments if comment.revision > 1]
    if not revised:
        return {}
    first = CommentRevision.objects.filter(comment__in=revised, revision=1)
    return dict(first.values_list("comment_id", "body"))


def _offer(entry: ModerationLogEntry) -> Offer:
    comment, facts = entry.comment, (entry.detail or {}).get(FACTS)
    submission = Submission(
        thread=comment.thread,
        parent=None,
        author=None,
        body=comment.body,
        submitted_at=comment.created_at,
        submission_key="",
        **{name: getattr(comment, name) for name in AS_STORED},
    )
    if facts:
        submission = judged_by(submission, facts)
    findings = tuple(_as_found(found) for found in entry.findings)
    return Offer(comment, submission, facts, findings, entry.action == Action.IMPORT)


AS_STORED = (
    "author_name", "author_email", "author_website", "ip_address", "seconds_taken", "honeypot",
)  # fmt: skip


def _as_found(kept: dict[str, Any]) -> Finding:
    return Finding(
        kept["check"],
        Verdict(kept["verdict"]),
        "",
        kept.get("value"),
        is_advice=bool(kept.get("is_advice")),
    )
