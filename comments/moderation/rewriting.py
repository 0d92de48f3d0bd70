"""Other words in the place of those a comment has: stored, the old ones kept.

What becomes of the status, and who may, is editing.py's (authors) and revising.py's (editors).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comments.markup import MARKUP_VERSION
from comments.models import Comment, CommentRevision, Markup
from comments.moderation.seen import Seen
from comments.moderation.storing import compare_and_set
from comments.publicity import publicity_of
from comments.sifting import sifted_anew
from comments.status import Status
from comments.submission import body_digest

# What the line above the words is made of, beside what changes with them.
META_OF = (
    "thread_id",
    "number",
    "kind",
    "author_name",
    "author_website",
    "author_mark",
    "created_at",
    "approved_revision",
)


@dataclass(frozen=True)
class Words:
    """What a comment says, and what readers are told of its having been changed."""

    body: str
    body_html: str
    edited_at: datetime | None
    is_edited_by_editor: bool
    markup: str = Markup.MARKDOWN


def rewrite(
    old: Comment,
    words: Words,
    status: Status,
    *,
    seen: Seen,
    at: datetime,
    findings: list[dict] | None = None,
) -> Comment:
    """Give a comment of a locked thread other words, as its next revision.

    `findings`: what the checks said of them; nothing where none were asked.

    Queries: 3. Raises: StaleComment.
    """
    changed = Comment(
        **{name: getattr(old, name) for name in META_OF},
        status=status,
        revision=seen.revision + 1,
        edited_at=words.edited_at,
        is_edited_by_editor=words.is_edited_by_editor,
    )
    stands = old.is_public() and status == Status.PENDING
    compare_and_set(
        old,
        seen,
        status=status,
        revision=changed.revision,
        markup_version=MARKUP_VERSION,
        body_digest=body_digest(words.body),
        **vars(words),
        **sifted_anew(old, words.body, findings),
        **(_standing(old) if stands else publicity_of(changed)),
    )
    _keep_replaced(old, at)
    return Comment.objects.get(pk=old.pk)


def _standing(old: Comment) -> dict[str, Any]:
    """Readers keep seeing the text that was approved while the new one waits."""
    return {
        "approved_revision": old.approved_revision,
        "standing_html": old.standing_html or old.body_html,
    }


def _keep_replaced(old: Comment, at: datetime) -> None:
    """Keep the words that are replaced, and whether readers saw them."""
    CommentRevision.objects.create(
        comment=old,
        revision=old.revision,
        body=old.body,
        markup=old.markup,
        body_html=old.body_html,
        replaced_at=at,
        was_public=old.approved_revision == old.revision,
    )
