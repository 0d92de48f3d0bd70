"""A branch is moved to another discussion, or begins one of its own within its discussion.

Whoever wrote it and whoever links to it finds it again: old addresses lead to the new place. Both
threads are locked, and one row of the log, that of the branch's first comment, says all that
undoing needs.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from comments.meta import meta_html, meta_stamp
from comments.models import (
    PATH_LEVELS,
    PATH_SEGMENT,
    Comment,
    CommentMove,
    DiscussionRules,
    ModerationLogEntry,
    Thread,
    path_segment,
)
from comments.moderation.many import UNREAD
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.standing import be_newest
from comments.moderation.storing import write_log
from comments.status import Action, Status, target
from comments.turns import turn

MOST_MOVED = 5_000
PLACED = (
    "thread", "parent", "number", "path", "depth", "living_replies", "shown_version", "meta_html",
    "meta_stamp",
)  # fmt: skip


class CannotMove(Exception):
    """The branch stays where it is; the words say why."""


@dataclass
class Branch:
    """A branch in reading order, its first comment first. Shape: `threads` by id, locked."""

    rows: list[Comment]
    threads: dict[int, Thread]

    @property
    def root(self) -> Comment:
        return self.rows[0]

    @property
    def source(self) -> Thread:
        return self.threads[self.root.thread_id]

    @property
    def public_count(self) -> int:
        return sum(row.is_public() for row in self.rows)


@dataclass(frozen=True)
class Destination:
    """Where a branch goes. Shape: `numbers` by comment id, where they had others there before."""

    thread: Thread
    parent: Comment | None = None
    numbers: dict[int, int] = field(default_factory=dict)


def move_branch(
    comment: Comment,
    *,
    to: Thread | None,
    actor: Any,
    seen: Seen,
    reason: str = "",
    note: str = "",
) -> ModerationLogEntry:
    """Move a comment and all below it to the end of another thread, or, without one, let it stand
    by itself in its own.

    Raises: StaleComment, IllegalTransition, CannotMove.
    """
    target(seen.status, Action.MOVE)
    goal = to.pk if to else comment.thread_id
    with turn():
        branch = _locked_branch(comment, goal)
        if not seen.is_still(branch.root):
            raise StaleComment(branch.root, seen)
        _refuse_what_leads_nowhere(branch, goal)
        destination = Destination(branch.threads[goal])
        return _move(branch, destination, Action.MOVE, actor, reason=reason, note=note)


def move_back(entry: ModerationLogEntry, *, actor: Any) -> ModerationLogEntry:
    """Move a branch back to where it was, with the numbers it had. What was answered in it since
    comes along.

    Raises: StaleComment when somebody acted on its first comment since, CannotMove.
    """
    before = (entry.detail or {})["from"]
    with turn():
        branch = _locked_branch(entry.comment, before["thread"])
        be_newest(entry, Seen(Status(entry.new_status), entry.revision))
        thread = branch.threads[before["thread"]]
        parent = None
        if before["parent"] is not None:
            parent = thread.comments.filter(pk=before["parent"]).first()
            if parent is None:
                raise CannotMove(_("What it answered is not in that discussion any more."))
        numbers = {int(pk): number for pk, number in before["numbers"].items()}
        destination = Destination(thread, parent, numbers)
        return _move(branch, destination, Action.UNDO, actor, undoes=entry)


def was_moved(entry: ModerationLogEntry) -> bool:
    """Tell whether an act changed the place of a branch."""
    return "from" in (entry.detail or {})


def _refuse_what_leads_nowhere(branch: Branch, goal: int) -> None:
    if goal == branch.source.pk and branch.root.parent_id is None:
        raise CannotMove(_("It stands by itself already."))
    if branch.source.is_public and not branch.threads[goal].is_public:
        raise CannotMove(_("Nobody reads that discussion yet, so what is public stays here."))


# --- reading it -------------------------------------------------------------------------------


def _locked_branch(comment: Comment, goal: int) -> Branch:
    """Lock both threads, then read the branch. Raises: StaleComment, CannotMove."""
    ids = {comment.thread_id, goal}
    locked = Thread.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    threads = {thread.pk: thread for thread in locked}
    if goal not in threads:
        raise CannotMove(_("That discussion is not there any more."))
    root = Comment.objects.select_related("parent").get(pk=comment.pk)
    if root.thread_id not in threads:
        raise StaleComment(root, Seen.of(comment))
    rows = [root, *_below(root)]
    if len(rows) > MOST_MOVED:
        raise CannotMove(
            _("A branch of more than %(most)s comments is not moved.") % {"most": f"{MOST_MOVED:,}"}
        )
    return Branch(rows, threads)


def _below(root: Comment) -> list[Comment]:
    """Return all that answers a comment or an answer to it, in the order it was written.

    Beyond the last level that a path holds, answers stand beside what they answer.
    """
    is_last = len(root.path) >= PATH_SEGMENT * PATH_LEVELS
    stem = root.path[:-PATH_SEGMENT] if is_last else root.path
    rows = Comment.objects.defer(*UNREAD).filter(thread=root.thread_id, path__startswith=stem)
    known, below = {root.pk}, []
    for row in rows.exclude(pk=root.pk).order_by("number")[: MOST_MOVED + 1]:
        if row.parent_id in known:
            known.add(row.pk)
            below.append(row)
    return below


# --- moving it --------------------------------------------------------------------------------


def _move(
    branch: Branch, to: Destination, action: Action, actor: Any, **words: Any
) -> ModerationLogEntry:
    root, source = branch.root, branch.source
    before = {
        "thread": source.pk,
        "parent": root.parent_id,
        "numbers": {str(row.pk): row.number for row in branch.rows},
    }
    _take_out(branch)
    _leave_addresses(branch, to)
    _place(branch, to)
    _count(branch, source, to.thread)
    return write_log(
        root,
        action=action,
        old_status=root.status,
        actor=actor,
        detail={"from": before, "to": {"thread": to.thread.pk}},
        public_before=root.approved_revision,
        **words,
    )


def _take_out(branch: Branch) -> None:
    """Lower the counters of what stood above it. Queries: 1, or none."""
    above = branch.root.ancestor_paths()
    if above and branch.public_count:
        rows = Comment.objects.filter(thread=branch.source, path__in=above)
        rows.update(living_replies=F("living_replies") - branch.public_count)


def _leave_addresses(branch: Branch, to: Destination) -> None:
    if to.thread.pk != branch.source.pk:
        left = [
            CommentMove(thread=branch.source, number=row.number, comment=row) for row in branch.rows
        ]
        CommentMove.objects.bulk_create(
            left,
            update_conflicts=True,
            unique_fields=["thread", "number"],
            update_fields=["comment"],
        )


def _place(branch: Branch, to: Destination) -> None:
    """Give every comment its place, and store it."""
    is_elsewhere = to.thread.pk != branch.source.pk
    placed: dict[int, Comment] = {}
    for row in branch.rows:
        number = row.number
        if is_elsewhere:
            number = to.numbers.get(row.pk) or _next_number(to.thread)
        parent = to.parent if row is branch.root else placed[row.parent_id or 0]
        row.thread, row.parent, row.number = to.thread, parent, number
        row.path, row.depth = parent.path_of_reply(number) if parent else (path_segment(number), 0)
        if is_elsewhere and row.is_public():
            row.shown_version = to.thread.version + 1
        row.meta_html, row.meta_stamp = meta_html(row), meta_stamp()
        placed[row.pk] = row
    _count_within(branch.rows)
    Comment.objects.bulk_update(branch.rows, PLACED, batch_size=100)


def _next_number(thread: Thread) -> int:
    thread.last_number += 1
    return thread.last_number


def _count_within(rows: list[Comment]) -> None:
    """Count the public comments below each: where levels are many, a move can change that."""
    living: Counter[str] = Counter()
    for row in rows:
        if row.is_public():
            living.update(row.ancestor_paths())
    for row in rows:
        row.living_replies = living[row.path]


def _count(branch: Branch, source: Thread, goal: Thread) -> None:
    """Write counters and versions of both threads, and those of what stands above it now."""
    public = branch.public_count
    above = branch.root.ancestor_paths()
    if above and public:
        rows = Comment.objects.filter(thread=goal, path__in=above)
        rows.update(living_replies=F("living_replies") + public)
    if source.pk != goal.pk:
        source.approved_count -= public
        goal.approved_count += public
        written = [row.created_at for row in branch.rows if row.is_public()]
        if written:
            goal.last_comment_at = max(*written, goal.last_comment_at or min(written))
        if goal.closes_at is not None:
            goal.closes_at = DiscussionRules.closing_in_force(goal)
        _unpin(source)
    for thread in {source.pk: source, goal.pk: goal}.values():
        thread.version += 1
        thread.save(
            update_fields=[
                "approved_count", "version", "last_number", "last_comment_at", "closes_at",
                "pinned_number",
            ]
        )  # fmt: skip


def _unpin(source: Thread) -> None:
    """A comment that is somewhere else now is not pinned here."""
    pinned = source.pinned_number
    if pinned is not None and not source.comments.filter(number=pinned).exists():
        source.pinned_number = None


# --- finding it again -------------------------------------------------------------------------


def moved_from(thread_id: int, number: int) -> Comment | None:
    """Return the comment that stood there before it was moved. Queries: 1."""
    if thread_id >= 2**63 or number >= 2**31:
        return None
    move = CommentMove.objects.filter(thread=thread_id, number=number)
    found = move.select_related("comment__thread").first()
    return found.comment if found else None
