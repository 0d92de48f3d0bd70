"""The editors' acts, on one comment or on many."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from comments.finding import locked_thread
from comments.models import Comment, ModerationLogEntry
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.storing import count, move, write_log
from comments.status import Action, IllegalTransition, target
from comments.turns import turn


@dataclass
class BulkResult:
    """Shape: `batch` names the bulk act in the log; `stale` and `illegal` were left alone."""

    batch: UUID = field(default_factory=uuid4)
    done: list[ModerationLogEntry] = field(default_factory=list)
    stale: list[StaleComment] = field(default_factory=list)
    illegal: list[Comment] = field(default_factory=list)


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
        comment = move(thread, old, seen, new_status)
        entry = write_log(
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
        count(thread, comment, was_public=old.is_public())
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
