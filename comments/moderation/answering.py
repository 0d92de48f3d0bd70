"""An editor lets in what waits and answers it: two rows of the log, and one act.

Both rows carry the same number, and so do those of undoing.py, which takes both back or neither.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import uuid4

from comments.models import Comment, ModerationLogEntry
from comments.moderation.admitting import submit, twin_of
from comments.moderation.deciding import moderate
from comments.moderation.seen import Seen, StaleComment
from comments.status import Action, Status
from comments.submission import Submission
from comments.turns import turn

ACT = "act"


def answer(
    comment: Comment, reply: Submission, *, actor: Any, seen: Seen
) -> tuple[ModerationLogEntry | None, Comment]:
    """Post a reply to a comment as it was `seen`, and approve the comment first where it waits.

    Returns the approval, if there was one to give, and the reply; the same again returns the same
    reply.
    Raises: StaleComment, IllegalTransition, ThreadClosed, ParentGone, TooSoon.
    """
    try:
        with turn():
            return _answer(_read(comment), reply, actor=actor, seen=seen)
    except StaleComment:
        # Of two of one form that arrived together the second finds it answered.
        if twin := twin_of(reply):
            return None, twin
        raise


def _answer(
    now: Comment, reply: Submission, *, actor: Any, seen: Seen
) -> tuple[ModerationLogEntry | None, Comment]:
    if now.is_approved():
        if not seen.is_still(now):
            raise StaleComment(now, seen)
        return None, submit(replace(reply, thread=now.thread, parent=now))
    act = new_act()
    approval = moderate(now, Action.APPROVE, actor=actor, seen=seen, detail=act)
    now = _read(now)
    return approval, submit(replace(reply, thread=now.thread, parent=now), detail=act)


def _read(comment: Comment) -> Comment:
    return Comment.objects.select_related("thread", "author", "parent").get(pk=comment.pk)


# --- one act ------------------------------------------------------------------------------------


def new_act() -> dict[str, Any]:
    """Return what the rows of one act on a comment and on the reply to it say of it."""
    return {ACT: uuid4().hex}


def replies_with(entries: Iterable[ModerationLogEntry]) -> dict[int, ModerationLogEntry]:
    """Return the reply's row of each act that was one on a comment and on a reply, by the key of
    the comment's row. Queries: 1, or none.
    """
    acts = {
        (entry.comment_id, act): entry.pk
        for entry in entries
        if (act := (entry.detail or {}).get(ACT))
    }
    if not acts:
        return {}
    above = {comment_id for comment_id, _act in acts}
    rows = ModerationLogEntry.objects.filter(comment__parent__in=above, detail__has_key=ACT)
    rows = rows.select_related("comment__thread")
    found = {(row.comment.parent_id, row.detail[ACT]): row for row in rows if row.detail}
    return {pk: found[key] for key, pk in acts.items() if key in found}


def is_answered(reply: Comment) -> bool:
    """Tell whether somebody answered, who is read or waits to be. Queries: 1, or none."""
    waiting = Comment.objects.filter(parent=reply.pk, status=Status.PENDING)
    return reply.living_replies > 0 or waiting.exists()


def reply_left(inverse: ModerationLogEntry) -> Comment | None:
    """Return the reply that stayed although the act it belongs to was undone. Queries: 2, or none.

    Somebody had answered it by then, or acted on it.
    """
    if inverse.undoes is None or replies_with([inverse]):
        return None
    row = replies_with([inverse.undoes]).get(inverse.undoes.pk)
    return row.comment if row else None


def reply_taken(inverse: ModerationLogEntry) -> Comment | None:
    """Return the reply that went, or came back, with an undoing. Queries: 1, or none."""
    row = replies_with([inverse]).get(inverse.pk)
    return row.comment if row else None
