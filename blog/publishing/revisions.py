"""Each text that was meant to stay, as a row that is never changed."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from blog.models import Post, Revision, RevisionKind
from blog.words import FIELDS, Words, differing


def record(
    post: Post,
    words: Words,
    kind: RevisionKind,
    *,
    actor: Any,
    reason: str = "",
    restored_from: int | None = None,
    at: datetime | None = None,
) -> Revision:
    """Keep a text, unless it is that of the newest revision; the caller holds the post's row.

    Return the revision that has this text. Queries: 1 or 2.
    """
    newest = post.revisions.order_by("-number").first()
    if newest is not None and not differing(newest.words, words):
        return newest
    return Revision.objects.create(
        post=post,
        number=newest.number + 1 if newest else 1,
        kind=kind,
        words=words,
        changed=differing(newest.words, words) if newest else list(FIELDS),
        text_version=post.text_version,
        restored_from=restored_from,
        reason=reason,
        actor=actor,
        actor_name=actor.get_short_name() if actor else "",
        created_at=at or timezone.now(),
    )


def record_before(post: Post, words: Words) -> None:
    """Keep what a post says that has no history yet: it was made in one go, or came from elsewhere.

    Queries: 1 or 3.
    """
    if post.revisions.aggregate(Max("number"))["number__max"] is None:
        record(post, words, RevisionKind.START, actor=post.author, at=post.updated_at)
