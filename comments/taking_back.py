"""What deleting one's own comment takes away, signed, in the hands of the one who deleted it.

The server keeps none of it: the page that answers a deletion carries the words, and for a minute it
may bring them back (moderation.undelete). own.py is the views.
"""

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing

from comments.models import Comment, CommentRevision, ModerationLogEntry

SALT = "comments.taking_back"
TIME = timedelta(minutes=1)
# What a press of the button at the last moment takes to arrive.
GRACE = timedelta(seconds=15)


@dataclass(frozen=True)
class Earlier:
    """An earlier text of a comment. Shape: `replaced_at` in ISO 8601."""

    revision: int
    body: str
    markup: str
    replaced_at: str
    was_public: bool


@dataclass(frozen=True)
class Taken:
    """All that moderation.delete() blanks or drops."""

    body: str
    markup: str
    email: str
    website: str
    earlier: tuple[Earlier, ...] = ()

    @classmethod
    def of(cls, comment: Comment) -> "Taken":
        """Return what deleting a comment will take. Queries: 1."""
        earlier = comment.revisions.order_by("revision")
        return cls(
            comment.body,
            comment.markup,
            comment.author_email,
            comment.author_website,
            tuple(_earlier(each) for each in earlier),
        )

    def revisions_of(
        self, comment_id: int, html_of: Callable[[str, str], str]
    ) -> list[CommentRevision]:
        """Return the rows of the earlier texts, rendered and not yet stored."""
        return [
            CommentRevision(
                comment_id=comment_id,
                revision=each.revision,
                body=each.body,
                markup=each.markup,
                body_html=html_of(each.body, each.markup),
                replaced_at=datetime.fromisoformat(each.replaced_at),
                was_public=each.was_public,
            )
            for each in self.earlier
        ]


def _earlier(row: CommentRevision) -> Earlier:
    return Earlier(row.revision, row.body, row.markup, row.replaced_at.isoformat(), row.was_public)


@dataclass(frozen=True)
class Keepsake:
    """What a signed form says. Shape: `entry_id` is the log row of the deletion; `author_id` is
    None for a guest, who is known by the cookie."""

    comment_id: int
    entry_id: int
    author_id: int | None
    taken: Taken
    is_late: bool = False


def sign(entry: ModerationLogEntry, author_id: int | None, taken: Taken) -> str:
    """Return what the form carries that takes a deletion back."""
    content = [entry.comment_id, entry.pk, author_id, astuple(taken)]
    return signing.dumps(content, salt=SALT, compress=True)


def read(value: str) -> Keepsake:
    """Return what a form carried, late or not. Raises: signing.BadSignature."""
    try:
        return _keepsake(signing.loads(value, salt=SALT, max_age=TIME + GRACE), is_late=False)
    except signing.SignatureExpired:
        return _keepsake(signing.loads(value, salt=SALT), is_late=True)


def _keepsake(content: Any, *, is_late: bool) -> Keepsake:
    comment_id, entry_id, author_id, (body, markup, email, website, earlier) = content
    taken = Taken(body, markup, email, website, tuple(Earlier(*each) for each in earlier))
    return Keepsake(comment_id, entry_id, author_id, taken, is_late)
