"""The one door: submit(), edit(), moderate(), delete(), undo(). Nothing else writes a status.

(transfer/intake.py is its wide leaf, for what was judged elsewhere.)

Every act is one transaction: the thread's row is locked first (so acts on one thread queue up and
never deadlock), then the comment, its log row, the counters and the version change together.
What must happen afterwards goes through transaction.on_commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comments.markup import MARKUP_VERSION, render_comment
from comments.models import (
    AuthorMark,
    Comment,
    CommentRevision,
    Markup,
    ModerationLogEntry,
    Thread,
    path_segment,
)
from comments.policy import Decision, decide
from comments.status import MODERATOR_ACTIONS, Action, IllegalTransition, Status, allowed, target
from comments.submission import Submission, gather


@dataclass(frozen=True)
class Seen:
    """What somebody had before their eyes when they decided."""

    status: Status
    revision: int

    @classmethod
    def of(cls, comment: Comment) -> "Seen":
        return cls(Status(comment.status), comment.revision)

    @classmethod
    def parse(cls, text: str) -> "Seen":
        """Read `status:revision`, as a form carries it. Raises: ValueError."""
        status, _colon, revision = text.partition(":")
        return cls(Status(status), int(revision))

    def __str__(self) -> str:
        return f"{self.status}:{self.revision}"


class StaleComment(Exception):
    """The comment is no longer what was seen; nothing was written.

    Shape: `comment` as it stands now, `since` the log entries that the decision did not know of,
    newest first. `known` is the last entry it did know of, where that is more than a status.
    """

    def __init__(
        self, comment: Comment, seen: Seen, known: ModerationLogEntry | None = None
    ) -> None:
        super().__init__(f"Comment {comment.pk} is {Seen.of(comment)}, not {seen}.")
        self.comment = comment
        self.seen = seen
        self.known = known

    @property
    def since(self) -> list[ModerationLogEntry]:
        entries = self.comment.log.order_by("-pk")
        if self.known is not None:
            return list(entries.filter(pk__gt=self.known.pk)[:20])
        newest = list(entries[:20])
        as_seen = (
            at
            for at, entry in enumerate(newest)
            if (entry.new_status, entry.revision) == (self.seen.status, self.seen.revision)
        )
        return newest[: next(as_seen, len(newest))]


class ThreadClosed(Exception):
    """The thread takes no comments (any more)."""


class ParentGone(Exception):
    """The comment to be answered was removed meanwhile."""


@dataclass
class BulkResult:
    """Shape: `batch` names the bulk act in the log; `stale` and `illegal` were left alone."""

    batch: UUID = field(default_factory=uuid4)
    done: list[ModerationLogEntry] = field(default_factory=list)
    stale: list[StaleComment] = field(default_factory=list)
    illegal: list[Comment] = field(default_factory=list)


# What a comment keeps of its submission just as it was.
KEPT_AS_SUBMITTED = (
    "author",
    "author_name",
    "author_email",
    "author_website",
    "body",
    "body_digest",
    "ip_address",
    "user_agent",
    "referrer",
    "seconds_taken",
    "honeypot",
    "submission_key",
)


# --- the way in -----------------------------------------------------------------------------


def submit(submission: Submission) -> Comment:
    """Admit a comment: decide, store, log. The same submission again returns the same comment.

    Raises: ThreadClosed, ParentGone. Checks run before the transaction, never inside it.
    """
    if twin := _twin(submission):
        return twin
    decision = decide(gather(submission))
    body_html = render_comment(submission.body)
    with transaction.atomic():
        return _admit(submission, decision, body_html)


def _twin(submission: Submission) -> Comment | None:
    return Comment.objects.filter(submission_key=submission.submission_key).first()


def _admit(submission: Submission, decision: Decision, body_html: str) -> Comment:
    thread = _lock(submission.thread.pk)
    # Two of one form may have arrived together: only under the lock is it known who was first.
    if twin := _twin(submission):
        return twin
    if not thread.accepts_comments():
        raise ThreadClosed(thread.title)
    parent = _living_parent(thread, submission.parent)
    comment = _store(submission, thread, parent, decision.status, body_html)
    Thread.objects.filter(pk=thread.pk).update(last_number=comment.number)
    _write_log(
        comment,
        action=Action.SUBMIT,
        old_status="",
        actor=submission.author,
        actor_name=submission.author_name,
        findings=decision.findings_as_json(),
        at=submission.submitted_at,
    )
    _count(comment, before=None)
    return comment


def _store(
    submission: Submission,
    thread: Thread,
    parent: Comment | None,
    status: Status,
    body_html: str,
) -> Comment:
    """Write the comment into the next free place under its parent."""
    number = thread.last_number + 1
    path, depth = parent.path_of_reply(number) if parent else (path_segment(number), 0)
    return Comment.objects.create(
        thread=thread,
        parent=parent,
        number=number,
        path=path,
        depth=depth,
        status=status,
        author_mark=_author_mark(submission),
        body_html=body_html,
        markup_version=MARKUP_VERSION,
        created_at=submission.submitted_at,
        **{name: getattr(submission, name) for name in KEPT_AS_SUBMITTED},
    )


def _living_parent(thread: Thread, parent: Comment | None) -> Comment | None:
    if parent is None:
        return None
    parent = Comment.objects.filter(pk=parent.pk, thread=thread).first()
    if parent is None or not parent.is_approved():
        raise ParentGone
    return parent


def _author_mark(submission: Submission) -> str:
    if submission.author is None:
        return AuthorMark.NONE
    if submission.author.pk == submission.thread.owner_id:
        return AuthorMark.AUTHOR
    return AuthorMark.EDITOR if submission.is_trusted else AuthorMark.NONE


def edit(
    comment: Comment,
    body: str,
    *,
    actor: Any,
    actor_name: str,
    seen: Seen,
    at: datetime | None = None,
) -> Comment:
    """Give a comment new words; they pass the same checks, and the old ones are kept.

    `body` has passed markup.check_caps. An edit never makes a comment more public than it was.
    `at`: when it was done, if not now (content that comes from elsewhere).
    Raises: StaleComment, IllegalTransition.
    """
    body_html = render_comment(body)
    now = at or timezone.now()
    offered = replace(Submission.from_comment(comment), body=body, submitted_at=now)
    decision = decide(gather(offered))
    with transaction.atomic():
        _lock(comment.thread_id)
        new_status = _status_after_edit(seen.status, decision.status)
        old = Comment.objects.get(pk=comment.pk)
        _compare_and_set(
            comment,
            seen,
            status=new_status,
            revision=F("revision") + 1,
            body=body,
            markup=Markup.MARKDOWN,
            body_html=body_html,
            markup_version=MARKUP_VERSION,
            body_digest=offered.body_digest,
            edited_at=now,
        )
        CommentRevision.objects.create(
            comment=comment,
            revision=old.revision,
            body=old.body,
            markup=old.markup,
            body_html=old.body_html,
            replaced_at=now,
        )
        comment = Comment.objects.get(pk=comment.pk)
        _write_log(
            comment,
            action=Action.EDIT,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            findings=decision.findings_as_json(),
            at=now,
        )
        _count(comment, before=seen.status)
    return comment


def _status_after_edit(before: Status, decided: Status) -> Status:
    goals = allowed(before, Action.EDIT)
    if not goals:
        raise IllegalTransition(f"A comment that is {before} cannot be edited.")
    return decided if decided in goals else before


# --- the editors' acts ----------------------------------------------------------------------


def moderate(
    comment: Comment,
    action: Action,
    *,
    actor: Any,
    seen: Seen,
    reason: str = "",
    note: str = "",
    batch: UUID | None = None,
    at: datetime | None = None,
) -> ModerationLogEntry:
    """Do `action` to a comment as it was `seen`, or not at all. `at`: when, if not now.

    Raises: StaleComment when its status or revision changed meanwhile; IllegalTransition.
    """
    new_status = target(seen.status, action)
    with transaction.atomic():
        _lock(comment.thread_id)
        _compare_and_set(comment, seen, status=new_status)
        comment = Comment.objects.get(pk=comment.pk)
        entry = _write_log(
            comment,
            action=action,
            old_status=seen.status,
            actor=actor,
            reason=reason,
            note=note,
            batch=batch,
            at=at,
        )
        _count(comment, before=seen.status)
    return entry


def moderate_many(
    chosen: Iterable[tuple[Comment, Seen]], action: Action, *, actor: Any, reason: str = ""
) -> BulkResult:
    """Do one action to many comments: stale and illegal ones are reported, the rest goes through.

    Each is a transaction of its own, so nobody waits for the whole and nothing is lost half-way.
    """
    result = BulkResult()
    for comment, seen in chosen:
        try:
            entry = moderate(
                comment, action, actor=actor, seen=seen, reason=reason, batch=result.batch
            )
        except StaleComment as stale:
            result.stale.append(stale)
        except IllegalTransition:
            result.illegal.append(comment)
        else:
            result.done.append(entry)
    return result


def delete(comment: Comment, *, actor: Any, actor_name: str, seen: Seen) -> ModerationLogEntry:
    """Remove a comment at its author's wish: its words go for good, its place is kept.

    Raises: StaleComment, IllegalTransition.
    """
    new_status = target(seen.status, Action.DELETE)
    with transaction.atomic():
        _lock(comment.thread_id)
        _compare_and_set(
            comment,
            seen,
            status=new_status,
            body="",
            body_html="",
            body_digest="",
            author_email="",
            author_website="",
        )
        comment.revisions.all().delete()
        comment = Comment.objects.get(pk=comment.pk)
        entry = _write_log(
            comment,
            action=Action.DELETE,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
        )
        _count(comment, before=seen.status)
    return entry


def undo(entry: ModerationLogEntry, *, actor: Any, batch: UUID | None = None) -> ModerationLogEntry:
    """Write the inverse of a moderator's act as a new row.

    Raises: StaleComment when somebody acted on the comment since, IllegalTransition for an act
    that has no inverse or is undone already.
    """
    if entry.action not in (*MODERATOR_ACTIONS, Action.UNDO) or not entry.old_status:
        raise IllegalTransition(f"This cannot be undone: {entry.action}.")
    done = Seen(Status(entry.new_status), entry.revision)
    old_status = Status(entry.old_status)
    if old_status not in allowed(done.status, Action.UNDO):
        raise IllegalTransition(f"This cannot be undone: {entry.action}.")
    comment = entry.comment
    with transaction.atomic():
        _lock(comment.thread_id)
        if comment.log.order_by("-pk").values_list("pk", flat=True).first() != entry.pk:
            raise StaleComment(Comment.objects.get(pk=comment.pk), done, known=entry)
        _compare_and_set(comment, done, status=old_status)
        comment = Comment.objects.get(pk=comment.pk)
        inverse = _write_log(
            comment,
            action=Action.UNDO,
            old_status=done.status,
            actor=actor,
            undoes=entry,
            batch=batch,
        )
        _count(comment, before=done.status)
    return inverse


def undo_many(batch: UUID, *, actor: Any) -> BulkResult:
    """Undo a bulk act, but for the comments that somebody did something to since.

    The inverses are a bulk act of their own.
    """
    result = BulkResult()
    entries = ModerationLogEntry.objects.filter(batch=batch, undone_by=None)
    for entry in entries.select_related("comment"):
        try:
            result.done.append(undo(entry, actor=actor, batch=result.batch))
        except StaleComment as stale:
            result.stale.append(stale)
        except IllegalTransition:
            result.illegal.append(entry.comment)
    return result


# --- what every act is made of ----------------------------------------------------------------


def _lock(thread_id: int) -> Thread:
    """Lock the thread's row until the transaction ends. SQLite has locked the whole file."""
    return Thread.objects.select_for_update().get(pk=thread_id)


def _compare_and_set(comment: Comment, seen: Seen, **values: Any) -> None:
    changed = Comment.objects.filter(
        pk=comment.pk, status=seen.status, revision=seen.revision
    ).update(**values)
    if not changed:
        raise StaleComment(Comment.objects.select_related("thread").get(pk=comment.pk), seen)


def _write_log(
    comment: Comment,
    *,
    action: Action,
    old_status: str,
    actor: Any,
    actor_name: str = "",
    findings: list[dict] | None = None,
    at: datetime | None = None,
    **fields: Any,
) -> ModerationLogEntry:
    return ModerationLogEntry.objects.create(
        comment=comment,
        actor=actor,
        actor_name=actor_name or (actor.get_short_name() if actor else ""),
        action=action,
        old_status=old_status,
        new_status=comment.status,
        revision=comment.revision,
        findings=findings or [],
        created_at=at or timezone.now(),
        **fields,
    )


def _count(comment: Comment, *, before: Status | None) -> None:
    """Carry a change of status into the counters above, and every visible change into the version.

    Approved comments show, and a tombstone says whether its author deleted it; all else changes
    nothing on the page.
    """
    was, now = before == Status.APPROVED, comment.is_approved()
    is_new_tombstone = comment.status == Status.DELETED and comment.living_replies > 0
    if not was and not now and not is_new_tombstone:
        return
    step = int(now) - int(was)
    if step:
        Comment.objects.filter(
            thread_id=comment.thread_id, path__in=comment.ancestor_paths()
        ).update(living_replies=F("living_replies") + step)
    Thread.objects.filter(pk=comment.thread_id).update(
        approved_count=F("approved_count") + step, version=F("version") + 1
    )
