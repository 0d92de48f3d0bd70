"""The one door: submit(), edit(), moderate(), delete(), undelete(), undo(). Nothing else writes a
status.

(transfer/intake.py is its wide leaf, for what was judged elsewhere.)

Every act is one transaction: the thread's row is locked first (so acts on one thread queue up and
never deadlock), then the comment, its log row, the counters and the version change together.
What must happen afterwards goes through transaction.on_commit.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from comments.finding import NO_ID, answered_in, locked_thread
from comments.markup import MARKUP_VERSION, render_comment
from comments.mentions import people_called
from comments.models import (
    PATH_LEVELS,
    AuthorMark,
    Comment,
    CommentRevision,
    DiscussionRules,
    Markup,
    ModerationLogEntry,
    Thread,
    path_segment,
)
from comments.policy import Decision, decide
from comments.prepared import PreparedChange, PreparedInsert, PreparedUpdate
from comments.publicity import make_true, publicity_of
from comments.slow_mode import TooSoon, wait_for_turn
from comments.status import MODERATOR_ACTIONS, Action, IllegalTransition, Status, allowed, target
from comments.submission import Submission, body_digest, gather
from comments.taking_back import Taken
from comments.transfer.words import shown
from comments.turns import turn


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


# What goes with the words when their author removes them.
BLANK = dict.fromkeys(("body", "body_html", "body_digest", "author_email", "author_website"), "")
PUBLICITY = ("approved_revision", "standing_html", "meta_html", "meta_stamp")
COUNTED = ("last_number", "approved_count", "version", "last_comment_at", "closes_at")
COMMENTS, ENTRIES = PreparedInsert(Comment), PreparedInsert(ModerationLogEntry)
COUNTERS = PreparedUpdate(Thread, COUNTED)
# No comment stands there.
NO_PATH = "~~"
LONG_AGO = datetime.min.replace(tzinfo=UTC)
# What the line above the words is made of.
META_OF = (
    "thread_id",
    "number",
    "kind",
    "author_name",
    "author_website",
    "author_mark",
    "created_at",
)


# --- the way in -----------------------------------------------------------------------------


def submit(
    submission: Submission, *, afterwards: Callable[[Comment], None] | None = None
) -> Comment:
    """Admit a comment: decide, store, log. The same submission again returns the same comment.

    `afterwards` is called once for each comment, when it is stored for good; what it raises is
    written down and harms nothing.
    Raises: ThreadClosed, ParentGone, TooSoon. Checks run before the transaction, never inside it.
    Queries: 6 and the checks' own, the BEGIN and the COMMIT aside; 1 more for each, where the
    comment is public at once, the thread changed since it was read, or somebody was quicker.
    """
    offered = gather(submission)
    if offered.twin_id is not None:
        return Comment.objects.get(pk=offered.twin_id)
    decision = decide(offered)
    body_html = render_comment(offered.body, people_called(offered.thread, offered.body))
    # Others wait while it is stored: all that can be done before is done before.
    draft = _draft(offered, decision.status, body_html)
    try:
        with turn():
            comment = _admit(offered, decision, draft)
            if afterwards is not None:
                transaction.on_commit(lambda: afterwards(comment), robust=True)
            return comment
    except (IntegrityError, ThreadClosed, ParentGone, TooSoon):
        # Of two of one form that arrived together the second finds the key taken.
        if twin := _twin(submission):
            return twin
        raise


def _twin(submission: Submission) -> Comment | None:
    return Comment.objects.filter(submission_key=submission.submission_key).first()


def _draft(submission: Submission, status: Status, body_html: str) -> Comment:
    """Return a comment that has no place yet."""
    return Comment(
        status=status,
        author_mark=_author_mark(submission),
        body_html=body_html,
        markup_version=MARKUP_VERSION,
        created_at=submission.submitted_at,
        **{name: getattr(submission, name) for name in KEPT_AS_SUBMITTED},
    )


def _admit(submission: Submission, decision: Decision, comment: Comment) -> Comment:
    thread = locked_thread(submission.thread.pk)
    if not thread.accepts_comments():
        raise ThreadClosed(thread.title)
    wait_for_turn(thread, submission)
    _store(comment, thread, _living_parent(thread, submission))
    thread.last_number = comment.number
    _write_log(
        comment,
        action=Action.SUBMIT,
        old_status="",
        actor=submission.author,
        actor_name=submission.author_name,
        findings=decision.findings_as_json(),
        at=submission.submitted_at,
    )
    _count(thread, comment, was_public=False)
    return comment


def _store(comment: Comment, thread: Thread, parent: Comment | None) -> None:
    """Write the comment into the next free place under its parent."""
    number = thread.last_number + 1
    comment.thread, comment.parent, comment.number = thread, parent, number
    comment.path, comment.depth = (
        parent.path_of_reply(number) if parent else (path_segment(number), 0)
    )
    comment.markers_before = thread.marker_count
    make_true(comment)
    comment.shown_version = thread.version + 1 if comment.is_public() else 0
    COMMENTS.store(comment)


def _living_parent(thread: Thread, submission: Submission) -> Comment | None:
    """Return what is answered. Raises: ParentGone.

    It was read after the thread was: where no version came since, it stands as it did.
    """
    parent = submission.parent
    if parent is None:
        return None
    if parent.thread_id != thread.pk:
        raise ParentGone
    if thread.version != submission.thread.version:
        found = answered_in(thread.pk, parent.number)
        parent = found[1] if found else None
    if parent is None or not parent.is_public():
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
    body_html = render_comment(body, people_called(comment.thread, body))
    now = at or timezone.now()
    offered = replace(Submission.from_comment(comment), body=body, submitted_at=now)
    decision = decide(gather(offered))
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        new_status = _status_after_edit(seen.status, decision.status, old.is_public())
        changed = Comment(
            **{name: getattr(old, name) for name in (*META_OF, "approved_revision")},
            status=new_status,
            revision=seen.revision + 1,
            edited_at=now,
        )
        _compare_and_set(
            comment,
            seen,
            status=new_status,
            revision=changed.revision,
            body=body,
            markup=Markup.MARKDOWN,
            body_html=body_html,
            markup_version=MARKUP_VERSION,
            body_digest=offered.body_digest,
            edited_at=now,
            **(_standing(old) if _stands(old, new_status) else publicity_of(changed)),
        )
        _keep_replaced(old, now)
        comment = Comment.objects.get(pk=comment.pk)
        _write_log(
            comment,
            action=Action.EDIT,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            findings=decision.findings_as_json(),
            at=now,
            public_before=old.approved_revision,
        )
        _count(thread, comment, was_public=old.is_public())
    return comment


def _keep_replaced(old: Comment, now: datetime) -> None:
    """Keep the words that an edit replaces, and whether readers saw them."""
    CommentRevision.objects.create(
        comment=old,
        revision=old.revision,
        body=old.body,
        markup=old.markup,
        body_html=old.body_html,
        replaced_at=now,
        was_public=old.approved_revision == old.revision,
    )


def _status_after_edit(before: Status, decided: Status, was_public: bool) -> Status:
    goals = allowed(before, Action.EDIT)
    if not goals:
        raise IllegalTransition(f"A comment that is {before} cannot be edited.")
    if was_public and decided == Status.SPAM:
        # Readers keep what an editor let through; what it was to become is the queue's to judge.
        return Status.PENDING
    return decided if decided in goals else before


def _stands(old: Comment, new_status: Status) -> bool:
    """Tell whether readers keep seeing the text that was approved while the new one waits."""
    return old.is_public() and new_status == Status.PENDING


def _standing(old: Comment) -> dict[str, Any]:
    return {
        "approved_revision": old.approved_revision,
        "standing_html": old.standing_html or old.body_html,
    }


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
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        comment = _move(thread, old, seen, new_status)
        entry = _write_log(
            comment,
            action=action,
            old_status=seen.status,
            actor=actor,
            reason=reason,
            note=note,
            batch=batch,
            at=at,
            public_before=old.approved_revision,
        )
        _count(thread, comment, was_public=old.is_public())
    return entry


def _move(thread: Thread, old: Comment, seen: Seen, status: Status, **values: Any) -> Comment:
    """Give a comment another status and what readers see by it; return it as it is then."""
    comment = copy(old)
    comment.status = status
    # What readers see is made of the new values, and some of it may be given.
    for name, value in {"standing_html": "", **values}.items():
        setattr(comment, name, value)
    for name, value in publicity_of(comment).items():
        setattr(comment, name, values.get(name, value))
    if comment.is_public() and not comment.shown_version:
        comment.shown_version = thread.version + 1
    written = ("status", "shown_version", *PUBLICITY, *values)
    _compare_and_set(old, seen, **{name: getattr(comment, name) for name in written})
    return comment


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
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        comment = _move(thread, old, seen, new_status, **BLANK)
        comment.revisions.all().delete()
        entry = _write_log(
            comment,
            action=Action.DELETE,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            public_before=old.approved_revision,
        )
        _count(thread, comment, was_public=old.is_public())
    return entry


def undelete(
    entry: ModerationLogEntry, taken: Taken, *, actor: Any, actor_name: str
) -> ModerationLogEntry:
    """Give a comment back what its deletion took, as its author has it.

    Raises: StaleComment when it is back already or was acted on since, IllegalTransition for an
    act that is no deletion.
    """
    status, done = Status(entry.old_status), Seen(Status.DELETED, entry.revision)
    if entry.action != Action.DELETE or status not in allowed(done.status, Action.UNDO):
        raise IllegalTransition(f"This is not taken back: {entry.action}.")

    def html_of(body: str, markup: str) -> str:
        return shown(body, markup, people_called(entry.comment.thread, body))[0]

    words = _words_of(taken, html_of)
    earlier = taken.revisions_of(entry.comment_id, html_of)
    with turn():
        thread = locked_thread(entry.comment.thread_id)
        _be_newest(entry, done)
        old = Comment.objects.select_related("thread").get(pk=entry.comment_id)
        CommentRevision.objects.bulk_create(earlier)
        comment = _move(thread, old, done, status, **words, **_seen_before(entry))
        inverse = _write_log(
            comment,
            action=Action.UNDO,
            old_status=done.status,
            actor=actor,
            actor_name=actor_name,
            undoes=entry,
        )
        if not comment.is_public() and comment.living_replies:
            # Its tombstone no longer says that its author deleted it.
            thread.version += 1
        _count(thread, comment, was_public=False)
    return inverse


def _words_of(taken: Taken, html_of: Callable[[str, str], str]) -> dict[str, Any]:
    return {
        "body": taken.body,
        "markup": taken.markup,
        "body_html": html_of(taken.body, taken.markup),
        "markup_version": MARKUP_VERSION,
        "body_digest": body_digest(taken.body),
        "author_email": taken.email,
        "author_website": taken.website,
    }


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
    with turn():
        thread = locked_thread(comment.thread_id)
        _be_newest(entry, done)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        comment = _move(thread, old, done, old_status, **_seen_before(entry))
        inverse = _write_log(
            comment,
            action=Action.UNDO,
            old_status=done.status,
            actor=actor,
            undoes=entry,
            batch=batch,
            public_before=old.approved_revision,
        )
        _count(thread, comment, was_public=old.is_public())
    return inverse


def _be_newest(entry: ModerationLogEntry, done: Seen) -> None:
    """Refuse to undo an act that others followed. Raises: StaleComment."""
    acts = ModerationLogEntry.objects.filter(comment=entry.comment_id).order_by("-pk")
    if acts.values_list("pk", flat=True).first() != entry.pk:
        raise StaleComment(Comment.objects.get(pk=entry.comment_id), done, known=entry)


def _seen_before(entry: ModerationLogEntry) -> dict[str, Any]:
    """Return the columns by which readers see again what they saw before an act.

    An approved text that stood while an edit of it waited is kept among the earlier ones.
    """
    public = entry.public_before
    if entry.old_status != Status.PENDING or public is None:
        return {}
    earlier = CommentRevision.objects.filter(comment=entry.comment_id, revision=public).first()
    if earlier is None:
        return {}
    return {"approved_revision": public, "standing_html": earlier.body_html}


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


# --- what is no act ---------------------------------------------------------------------------


def prove_address(comment: Comment) -> None:
    """Write down that whoever reads letters to a guest's address is its author. Queries: 1."""
    Comment.objects.filter(pk=comment.pk, author=None, email_proved_at=None).exclude(
        status=Status.DELETED
    ).update(email_proved_at=timezone.now())


# --- what every act is made of ----------------------------------------------------------------


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
    entry = ModerationLogEntry(
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
    ENTRIES.store(entry)
    return entry


def _count(thread: Thread, comment: Comment, *, was_public: bool) -> None:
    """Write the locked thread: counters, last number, and every visible change as a version.

    Public comments show, and a tombstone says whether its author deleted it; all else changes
    nothing on the page.
    """
    step = int(comment.is_public()) - int(was_public)
    is_new_tombstone = comment.status == Status.DELETED and comment.living_replies > 0
    if step and (above := comment.ancestor_paths()):
        _living_replies(step, len(above)).make(thread.pk, *above)
    if was_public or comment.is_public() or is_new_tombstone:
        thread.approved_count += step
        thread.version += 1
    if step > 0:
        thread.last_comment_at = max(comment.created_at, thread.last_comment_at or LONG_AGO)
        if thread.closes_at is not None:
            thread.closes_at = DiscussionRules.closing_in_force(thread)
    COUNTERS.store(thread)


@lru_cache(maxsize=2 * PATH_LEVELS)
def _living_replies(step: int, count: int) -> PreparedChange:
    """Return the change of the counters of so many comments above one."""

    def above(thread_id: int, *paths: str) -> QuerySet[Comment]:
        return Comment.objects.filter(thread=thread_id, path__in=paths).order_by()

    changes = {"living_replies": F("living_replies") + step}
    return PreparedChange(changes, above, NO_ID, *(f"{NO_PATH}{at}" for at in range(count)))
