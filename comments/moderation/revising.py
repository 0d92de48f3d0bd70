"""An editor changes somebody's words: readers are told, the old ones are kept, and it is undone
like any other act.
"""

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from comments.finding import locked_thread
from comments.markup import render_comment
from comments.mentions import people_called
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.moderation.many import Change
from comments.moderation.rewriting import Words, rewrite
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.storing import count, write_log
from comments.outgoing import queue_letters
from comments.status import Action, Status, target
from comments.turns import turn


def revise(
    comment: Comment,
    body: str,
    *,
    actor: Any,
    seen: Seen,
    reason: str = "",
    note: str = "",
    message: str = "",
) -> ModerationLogEntry:
    """Give somebody's comment other words in an editor's name. Its status stays as it is.

    `body` has passed markup.check_caps. No checks run: the editor is one.
    Raises: StaleComment, IllegalTransition.
    """
    status = target(seen.status, Action.REVISE)
    body_html, now = render_comment(body, people_called(comment.thread, body)), timezone.now()
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread", "parent").get(pk=comment.pk)
        if not seen.is_still(old):
            raise StaleComment(old, seen)
        words = Words(body, body_html, now, is_edited_by_editor=True)
        changed = rewrite(old, words, status, seen=seen, at=now)
        entry = write_log(
            changed,
            action=Action.REVISE,
            old_status=old.status,
            actor=actor,
            reason=reason,
            note=note,
            message=message,
            detail=told_before(old),
            at=now,
            public_before=old.approved_revision,
        )
        count(thread, changed, was_public=old.is_public())
        queue_letters([entry])
    return entry


def told_before(old: Comment) -> dict[str, Any]:
    """Return what undoing needs beside the words: what readers were told of earlier edits."""
    edited_at = old.edited_at.isoformat() if old.edited_at else None
    return {"edited_at": edited_at, "is_edited_by_editor": old.is_edited_by_editor}


def words_before(entry: ModerationLogEntry) -> Words | None:
    """Return the words that an act replaced, or None for one that left the words alone.

    Queries: 1, or none.
    """
    told = entry.detail or {}
    if "is_edited_by_editor" not in told:
        return None
    earlier = CommentRevision.objects.get(comment=entry.comment_id, revision=entry.revision - 1)
    edited_at = parse_datetime(told["edited_at"]) if told["edited_at"] else None
    return Words(
        earlier.body, earlier.body_html, edited_at, told["is_edited_by_editor"], earlier.markup
    )


def give_back(old: Comment, words: Words) -> tuple[Change, dict[str, Any]]:
    """Give a comment of a locked thread the words it had; return also what undoing that needs."""
    # Read for a bulk act, it came without its words.
    whole, told = Comment.objects.get(pk=old.pk), told_before(old)
    new = rewrite(whole, words, Status(old.status), seen=Seen.of(old), at=timezone.now())
    new.thread = old.thread
    count(old.thread, new, was_public=old.is_public())
    return Change(old, new), told
