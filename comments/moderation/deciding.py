"""The editors' decisions, on one comment or on many: each bound to what was seen of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from comments.models import Comment, ModerationLogEntry
from comments.moderation.many import (
    MOST_AT_ONCE,
    BulkResult,
    Change,
    TooMany,
    become,
    in_parts,
    read_locked,
    store,
    write_down,
)
from comments.moderation.seen import Seen, StaleComment
from comments.outgoing import queue_letters
from comments.reports import settle_many
from comments.status import Action, IllegalTransition, target
from comments.turns import turn

Chosen = tuple[Comment, Seen]


@dataclass(frozen=True)
class Words:
    """What an editor says of a decision. Shape: `reason` is a code, `message` is for the author."""

    reason: str = ""
    note: str = ""
    message: str = ""


def moderate(
    comment: Comment,
    action: Action,
    *,
    actor: Any,
    seen: Seen,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
    at: datetime | None = None,
) -> ModerationLogEntry:
    """Do `action` to a comment as it was `seen`, or not at all. `at`: when, if not now.

    Raises: StaleComment when it changed meanwhile; IllegalTransition.
    """
    target(seen.status, action)
    result = BulkResult()
    words = Words(reason, note, message)
    _decide([(comment, seen)], action, result, actor=actor, words=words, batch=batch, at=at)
    if result.stale:
        raise result.stale[0]
    return result.done[0]


def moderate_many(
    chosen: Iterable[Chosen],
    action: Action,
    *,
    actor: Any,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
) -> BulkResult:
    """Do one action to many comments: stale and illegal ones are reported, the rest goes through.

    Some hundred are a transaction of their own, so nobody waits for the whole.
    Raises: TooMany, before anything is done.
    """
    rows = list(chosen)
    _refuse_too_many(len(rows))
    result = BulkResult(batch) if batch else BulkResult()
    words = Words(reason, note, message)
    for part in in_parts(rows):
        _decide(part, action, result, actor=actor, words=words, batch=result.batch)
    return result


def moderate_all(
    comments: QuerySet[Comment],
    action: Action,
    *,
    actor: Any,
    as_of: int,
    reason: str = "",
    note: str = "",
    message: str = "",
    batch: UUID | None = None,
) -> BulkResult:
    """Do one action to all of a queue as it was shown.

    `as_of`: the newest entry of the log when the page was made. What was acted on since is stale.
    Raises: TooMany, before anything is done.
    """
    rows = comments.order_by().only("pk", "thread_id", "status", "revision", "author_name")
    found = list(rows[: MOST_AT_ONCE + 1])
    _refuse_too_many(len(found))
    later = ModerationLogEntry.objects.filter(pk__gt=as_of).exclude(action=Action.NOTE)
    touched = set(later.order_by().values_list("comment_id", flat=True))
    chosen = [(row, Seen.of(row)) for row in found if row.pk not in touched]
    words = {"reason": reason, "note": note, "message": message}
    result = moderate_many(chosen, action, actor=actor, batch=batch, **words)
    result.stale += [StaleComment(row, Seen.of(row)) for row in found if row.pk in touched]
    return result


def newest_entry() -> int:
    """Return what a page is made as of. Queries: 1."""
    return ModerationLogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _refuse_too_many(count: int) -> None:
    if count > MOST_AT_ONCE:
        raise TooMany(f"One act changes at most {MOST_AT_ONCE:,} comments.")


def _decide(
    chosen: Sequence[Chosen],
    action: Action,
    result: BulkResult,
    *,
    actor: Any,
    words: Words,
    batch: UUID | None,
    at: datetime | None = None,
) -> None:
    """Decide on some in one transaction, and add to `result` what became of each."""
    with turn():
        threads, comments = read_locked([comment for comment, _seen in chosen])
        changes = list(_judged(chosen, comments, action, result))
        store(changes, threads)
        entries = write_down(
            changes, actor, action=action, batch=batch, created_at=at, **vars(words)
        )
        ModerationLogEntry.objects.bulk_create(entries)
        queue_letters(entries)
        _settle_reports(changes, entries, action)
    result.done += entries


def _settle_reports(
    changes: Sequence[Change], entries: list[ModerationLogEntry], action: Action
) -> None:
    """Let a decision answer what readers reported. Queries: 2, or none."""
    reported = [change.old.pk for change in changes if change.old.reported_at is not None]
    if reported and action != Action.NOTE:
        settle_many([entry for entry in entries if entry.comment_id in reported])


def _judged(
    chosen: Iterable[Chosen], comments: dict[int, Comment], action: Action, result: BulkResult
) -> Iterable[Change]:
    for comment, seen in {comment.pk: (comment, seen) for comment, seen in chosen}.values():
        old = comments.get(comment.pk)
        try:
            goal = target(seen.status, action)
        except IllegalTransition:
            result.illegal.append(comment)
            continue
        if old is not None and seen.is_still(old):
            yield become(old, goal)
        else:
            result.stale.append(StaleComment(old or Comment.objects.get(pk=comment.pk), seen))
