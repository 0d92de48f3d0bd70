"""Submission: the facts of one attempt to comment, frozen.

What checks may judge by is here and nowhere else, so a decision can be explained, and made again
for a stored comment under other settings. `gather()` adds what only the database knows.
"""

import hashlib
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Count, Exists, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from comments.markup import links_in
from comments.models import Comment, LearnerState, ListsVersion, Thread
from comments.prepared import Address, Prepared
from comments.rulebook import Rulebook, rulebook_as_kept, rulebook_of
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
    # Whether a guest's address was confirmed by whoever writes here (guests.py); asked only where
    # something depends on it.
    is_address_proved: bool | None = None
    # The comment that is being changed, when this is an edit, or that is being checked again.
    edited: Comment | None = None
    # Why it is checked again, when it is: a word for the service that is asked.
    recheck_reason: str = ""

    approved_before: int | None = None
    recent_from_source: int | None = None
    same_text_before: int | None = None
    recent_from_address: int | None = None
    # How often the editors' lists, measures and rules have changed (held.py).
    lists_version: int | None = None
    # What the learner could know, and whether it stands down (learning/).
    learner_number: int | None = None
    learner_epoch: int | None = None
    learner_stands_down: bool | None = None
    # What it is judged by: as it was in force when it was gathered, or as a rehearsal has it.
    rulebook: Rulebook | None = None
    lists: Any = None  # spam.lists.Lists
    # What the learner said of it then, where it is judged once more.
    learner_said: Any = None  # learning.memory.Judgement
    # The comment that this very submission has made already.
    twin_id: int | None = None
    is_gathered: bool = False

    @cached_property
    def rules(self) -> Rulebook:
        """What it is judged by. Queries: none of a gathered one, but after a change."""
        return self.rulebook or rulebook_of(self.thread, self.lists_version)

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
            is_address_proved=comment.is_proved if comment.author_id is None else None,
            edited=comment,
        )


def body_digest(body: str) -> str:
    """Return a digest under which texts that differ in case, spacing or form are equal."""
    folded = " ".join(unicodedata.normalize("NFKC", body).casefold().split())
    return hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def gather(submission: Submission) -> Submission:
    """Add what the database knows of this source and these words, and what it is judged by.

    Queries: 1, once; up to 2 more after the rules changed.
    """
    if submission.is_gathered:
        return submission
    expected = submission.rulebook or rulebook_as_kept(submission.thread)
    facts = _facts(submission, expected.flood_window_seconds)
    rules = submission.rulebook or rulebook_of(submission.thread, facts["lists_version"])
    if rules.flood_window_seconds != expected.flood_window_seconds:
        facts = _facts(submission, rules.flood_window_seconds)
    return replace(submission, **facts, rulebook=rules, is_gathered=True)


def _facts(submission: Submission, window_seconds: int) -> dict[str, Any]:
    """Return what the database knows. Queries: 1."""
    at, author, edited = submission.submitted_at, submission.author, submission.edited
    has_source = author is not None or submission.ip_address is not None
    values = {
        "thread": submission.thread.pk,
        "key": submission.submission_key if edited is None else None,
        "digest": submission.body_digest,
        "at": at,
        # Of no known source, nothing is counted.
        "since": at - timedelta(seconds=window_seconds) if has_source else None,
        "month": at - timedelta(days=30),
        "author": author and author.pk,
        "address": submission.ip_address and Address(submission.ip_address),
        "edited": edited and edited.pk,
    }
    known = tuple(name for name, value in values.items() if value is not None)
    asked, names = _asked(known)
    rows = asked.rows(*(values[name] for name in known))
    if not rows:
        raise Thread.DoesNotExist
    facts = dict(zip(names, rows[0], strict=True))
    if author is None:
        # A typed name and address prove nothing.
        facts["approved_before"] = 0
    return facts


# No row has any of these.
EXAMPLES: dict[str, Any] = {
    "thread": 918273645546372819,
    "author": 918273645546372820,
    "edited": 918273645546372821,
    "key": "a key to come",
    "digest": "a digest to come",
    "address": Address("255.255.255.255"),
    "at": datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC),
    "since": datetime(1969, 7, 20, 20, 17, 40, 2, tzinfo=UTC),
    "month": datetime(1969, 7, 20, 20, 17, 40, 3, tzinfo=UTC),
}


@lru_cache(maxsize=16)
def _asked(known: tuple[str, ...]) -> tuple[Prepared, list[str]]:
    """Return the query for submissions of which so much is known, and the names of its columns."""

    def build(*values: Any) -> QuerySet[Any, Any]:
        given = dict(zip(known, values, strict=True))
        # One row to hang the counts on: the thread is there, or nothing can be added to it anyway.
        row = Thread.objects.filter(pk=given["thread"]).order_by()
        return row.values_list(*_expressions(given).values())

    examples = {name: EXAMPLES[name] for name in known}
    return Prepared(build, *examples.values()), list(_expressions(examples))


def _expressions(given: dict[str, Any]) -> dict[str, Any]:
    """Return an expression for each fact that can be known."""
    comments = Comment.objects.order_by()
    of_author = comments.filter(author=given["author"]) if "author" in given else None
    from_address = comments.filter(ip_address=given["address"]) if "address" in given else None
    recent = Q(created_at__gt=given.get("since"), created_at__lte=given["at"])
    same = comments.filter(
        body_digest=given["digest"], created_at__lte=given["at"], created_at__gte=given["month"]
    )
    facts: dict[str, Any] = {}
    if "edited" in given:
        same = same.exclude(pk=given["edited"])
    else:
        twin = comments.filter(submission_key=given["key"])
        facts["twin_id"] = Subquery(twin.values("pk")[:1])
    facts["same_text_before"] = _count(same)
    if of_author is not None:
        facts["approved_before"] = _count(of_author.filter(status=Status.APPROVED))
    if from_address is not None:
        facts["recent_from_address"] = _count(from_address.filter(recent))
    source = from_address if of_author is None else of_author
    if source is not None:
        facts["recent_from_source"] = _count(source.filter(recent))
    version = ListsVersion.objects.filter(pk=1).values("number")
    facts["lists_version"] = Coalesce(Subquery(version), 0)
    learner = LearnerState.objects.filter(pk=1)
    facts["learner_number"] = Coalesce(Subquery(learner.values("number")), 0)
    facts["learner_epoch"] = Coalesce(Subquery(learner.values("epoch")), 0)
    facts["learner_stands_down"] = Exists(learner.filter(stood_down_at__isnull=False))
    return facts


def _count(comments: QuerySet[Comment]) -> Combinable:
    counted = comments.values(one=Value(1)).values(count=Count("pk"))
    return Coalesce(Subquery(counted), 0)
