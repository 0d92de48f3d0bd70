"""An author's own comment is taken away, and given back."""

from collections.abc import Callable
from typing import Any

from comments.facets import NONE
from comments.finding import locked_thread
from comments.learning.examples import follow
from comments.markup import MARKUP_VERSION
from comments.mentions import people_called
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.moderation.seen import Seen
from comments.moderation.standing import be_newest
from comments.moderation.storing import count, move, write_log
from comments.moderation.undoing import seen_before
from comments.outgoing import withdraw_letters
from comments.reports import settle
from comments.searching import forget
from comments.sifting import sifted_anew
from comments.spam.akismet.sent import forget_sent
from comments.status import Action, IllegalTransition, Status, allowed, target
from comments.submission import body_digest
from comments.taking_back import Taken
from comments.transfer.words import shown
from comments.turns import turn

# What goes with the words when their author removes them.
BLANK = {
    **dict.fromkeys(("body", "body_html", "body_digest", "author_email", "author_website"), ""),
    "facets": NONE,
}


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
        forget({comment.pk})
        entry = write_log(
            comment,
            action=Action.DELETE,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            public_before=old.approved_revision,
        )
        settle(old, entry)
        withdraw_letters(old.log.values_list("pk", flat=True))
        forget_sent([comment.pk])
        count(thread, comment, was_public=old.is_public())
        follow([comment.pk])
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
        be_newest(entry, done)
        old = Comment.objects.select_related("thread").get(pk=entry.comment_id)
        CommentRevision.objects.bulk_create(earlier)
        sifted = _sifted_again(old, taken)
        comment = move(thread, old, done, status, **words, **sifted, **seen_before(entry))
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
        follow([comment.pk])
    return inverse


def _sifted_again(old: Comment, taken: Taken) -> dict[str, Any]:
    """Return what the queues filter by, with what the checks said of these words."""
    judged = ModerationLogEntry.objects.judging().filter(comment=old).order_by("-pk").first()
    there = Comment(author_website=taken.website, ip_address=old.ip_address)
    return sifted_anew(there, taken.body, judged.findings if judged else [])


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
