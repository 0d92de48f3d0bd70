"""Submission: the facts of one attempt to comment, frozen.

What checks may judge by is here and nowhere else, so a decision can be explained, and made again
for a stored comment under other settings. `gather()` adds what only the database knows.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from comments.markup import links_in
from comments.models import Comment, Thread
from comments.status import Status


@dataclass(frozen=True)
class Submission:
    """Shape: one comment as offered. Units: `seconds_taken` from the form's making to its sending;
    None wherever a fact is not known, which is never the same as zero.
    """

    thread: Thread
    parent: Comment | None
    author: Any  # the signed-in user, or None for a guest
    author_name: str
    author_email: str
    author_website: str
    body: str
    submitted_at: datetime
    submission_key: str
    ip_address: str | None = None
    user_agent: str = ""
    referrer: str = ""
    honeypot: str = ""
    seconds_taken: float | None = None
    # The comment that is being changed, when this is an edit.
    edited: Comment | None = None

    approved_before: int | None = None
    recent_from_source: int | None = None
    same_text_before: int | None = None
    recent_from_address: int | None = None
    # The comment that this very submission has made already.
    twin_id: int | None = None
    is_gathered: bool = False

    @cached_property
    def links(self) -> tuple[str, ...]:
        return links_in(self.body)

    @cached_property
    def body_digest(self) -> str:
        return body_digest(self.body)

    @property
    def is_trusted(self) -> bool:
        """Whether a moderator, or the owner of the page, is speaking."""
        if self.author is None:
            return False
        return self.author.pk == self.thread.owner_id or self.author.has_perm(
            "comments.moderate_comment"
        )

    @classmethod
    def from_comment(cls, comment: Comment) -> "Submission":
        """Rebuild the attempt that made a stored comment."""
        return cls(
            thread=comment.thread,
            parent=comment.parent,
            author=comment.author,
            author_name=comment.author_name,
            author_email=comment.author_email,
            author_website=comment.author_website,
            body=comment.body,
            submitted_at=comment.created_at,
            submission_key=comment.submission_key,
            ip_address=comment.ip_address,
            user_agent=comment.user_agent,
            referrer=comment.referrer,
            honeypot=comment.honeypot,
            seconds_taken=comment.seconds_taken,
            edited=comment,
        )


def body_digest(body: str) -> str:
    """Return a digest under which texts that differ in case, spacing or form are equal."""
    folded = " ".join(unicodedata.normalize("NFKC", body).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def gather(submission: Submission) -> Submission:
    """Add what the database knows of this source and these words. Queries: 1, once."""
    if submission.is_gathered:
        return submission
    facts = {
        "approved_before": _count(_approved_before(submission)),
        "recent_from_source": _count(_recent_from_source(submission)),
        "same_text_before": _count(_same_text_before(submission)),
        "recent_from_address": _count(_recent(submission, _from_address(submission))),
        "twin_id": Subquery(
            Comment.objects.filter(submission_key=submission.submission_key).values("pk")[:1]
        ),
    }
    asked = {name: fact for name, fact in facts.items() if fact is not None}
    # One row to hang the counts on: the thread is there, or nothing can be added to it anyway.
    row: dict[str, Any] | None = (
        Thread.objects.filter(pk=submission.thread.pk).values(**asked).first()  # type: ignore[assignment]
    )
    if row is None:
        raise Thread.DoesNotExist
    if submission.author is None:
        # A typed name and address prove nothing.
        row["approved_before"] = 0
    if submission.edited is not None:
        row["twin_id"] = None
    return replace(submission, **row, is_gathered=True)


def _count(comments: QuerySet[Comment] | None) -> Combinable | None:
    """Return an expression that counts these comments, or None where there is nothing to ask."""
    if comments is None:
        return None
    counted = comments.order_by().values(one=Value(1)).values(count=Count("pk"))
    return Coalesce(Subquery(counted), 0)


def _approved_before(submission: Submission) -> QuerySet[Comment] | None:
    if submission.author is None:
        return None
    return Comment.objects.filter(author=submission.author, status=Status.APPROVED)


def _recent_from_source(submission: Submission) -> QuerySet[Comment] | None:
    """Return what came from this account, or else network address, within the flood window."""
    if submission.author is not None:
        return _recent(submission, Q(author=submission.author))
    return _recent(submission, _from_address(submission))


def _from_address(submission: Submission) -> Q | None:
    return Q(ip_address=submission.ip_address) if submission.ip_address is not None else None


def _recent(submission: Submission, source: Q | None) -> QuerySet[Comment] | None:
    if source is None:
        return None
    since = submission.submitted_at - timedelta(seconds=settings.COMMENTS_FLOOD_WINDOW_SECONDS)
    return Comment.objects.filter(
        source, created_at__gt=since, created_at__lte=submission.submitted_at
    )


def _same_text_before(submission: Submission) -> QuerySet[Comment]:
    at = submission.submitted_at
    others = Comment.objects.filter(
        body_digest=submission.body_digest,
        created_at__lte=at,
        created_at__gte=at - timedelta(days=30),
    )
    return others if submission.edited is None else others.exclude(pk=submission.edited.pk)
