"""What is taken back: an author's own comment, its deletion, and what an editor did."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from comments.finding import locked_thread
from comments.markup import MARKUP_VERSION
from comments.mentions import people_called
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.moderation.deciding import BulkResult
from comments.moderation.seen import Seen, StaleComment
from comments.moderation.storing import count, move, write_log
from comments.status import MODERATOR_ACTIONS, Action, IllegalTransition, Status, allowed, target
from comments.submission import body_digest
from comments.taking_back import Taken
from comments.transfer.words import shown
from comments.turns import turn

# What goes with the words when their author removes them.
BLANK = dict.fromkeys(("body", "body_html", "body_digest", "author_email", "author_website"), "")


def delete(comment: Comment, *, actor: Any, actor_name: str, seen: Seen) -> ModerationLogEntry:
    """Remove a comment at its author's wish: its words go for good, its place is kept.

    Raises: StaleComment, IllegalTransition.
    """
    new_status = target(seen.status, Action.DELETE)
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        comment = move(thread, old, seen, new_status, **BLANK)
        comment.revisions.all().delete()
        entry = write_log(
            comment,
            action=Action.DELETE,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            public_before=old.approved_revision,
        )
        count(thread, comment, was_public=old.is_public())
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
        comment = move(thread, old, done, status, **words, **_seen_before(entry))
        inverse = write_log(
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
        count(thread, comment, was_public=False)
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
        comment = move(thread, old, done, old_status, **_seen_before(entry))
        inverse = write_log(
            comment,
            action=Action.UNDO,
            old_status=done.status,
            actor=actor,
            undoes=entry,
            batch=batch,
            public_before=old.approved_revision,
        )
        count(thread, comment, was_public=old.is_public())
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
