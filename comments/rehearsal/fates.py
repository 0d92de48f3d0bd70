"""What became of comments that would have gone elsewhere: what an editor decided, if it stands."""

from dataclasses import dataclass, replace
from enum import StrEnum

from comments.models import Comment, ModerationLogEntry
from comments.moderation.standing import not_undone
from comments.status import MODERATOR_ACTIONS, Status


class Fate(StrEnum):
    """What became of a comment in the end."""

    # By an editor's decision that stands.
    APPROVED = "approved"
    REJECTED = "rejected"
    SPAM = "spam"
    HELD = "held"
    # By nobody's.
    LEFT = "left"
    DELETED = "deleted"


@dataclass(frozen=True)
class Move:
    """A comment that would have gone elsewhere. Shape: `judge` is who decided on it since."""

    comment: Comment
    before: Status
    after: Status
    fate: Fate = Fate.LEFT
    judge_id: int | None = None


FATES = {
    Status.APPROVED: Fate.APPROVED,
    Status.REJECTED: Fate.REJECTED,
    Status.SPAM: Fate.SPAM,
    Status.PENDING: Fate.HELD,
}


def with_fates(moves: list[Move]) -> list[Move]:
    """Say of each what an editor decided, where that still stands. Queries: 1, or none."""
    if not moves:
        return []
    comments = [move.comment.pk for move in moves]
    acts = ModerationLogEntry.objects.filter(comment__in=comments, action__in=MODERATOR_ACTIONS)
    standing = not_undone(acts).order_by("pk")
    decided = {
        comment: (status, actor)
        for comment, status, actor in standing.values_list("comment_id", "new_status", "actor_id")
    }
    return [_with_fate(move, *decided.get(move.comment.pk, ("", None))) for move in moves]


def _with_fate(move: Move, status: str, judge_id: int | None) -> Move:
    if move.comment.status == Status.DELETED:
        return replace(move, fate=Fate.DELETED)
    if move.comment.status != status:
        return move
    return replace(move, fate=FATES[Status(status)], judge_id=judge_id)
