"""Each text that was meant to stay, as a row that is never changed."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone

from blog.models import Post, Revision, RevisionKind, WorkingCopy
from blog.words import FIELDS, Words, differing

NEVER_THE_POSTS, FIRST = 0, 1


def record(
    post: Post,
    words: Words,
    kind: RevisionKind,
    *,
    actor: Any,
    reason: str = "",
    restored_from: int | None = None,
    at: datetime | None = None,
    text_version: int | None = None,
) -> Revision:
    """Keep a text, unless it is that of the newest revision; the caller holds the post's row.

    `text_version`: which text this was, if not the one that the post is at by now; NEVER_THE_POSTS
    for one that was written and never became the post's.

    Return the revision that has this text. Queries: 1 or 2.
    """
    newest = post.revisions.order_by("-number").first()
    version = post.text_version if text_version is None else text_version
    if newest is not None and _is_kept_by(newest, words, version):
        return newest
    return Revision.objects.create(
        post=post,
        number=newest.number + 1 if newest else 1,
        kind=kind,
        words=words,
        changed=differing(newest.words, words) if newest else list(FIELDS),
        text_version=version,
        restored_from=restored_from,
        reason=reason,
        actor=actor,
        actor_name=actor.get_short_name() if actor else "",
        created_at=at or timezone.now(),
    )


def _is_kept_by(newest: Revision, words: Words, version: int) -> bool:
    """Tell whether a text stands there already. One that was set aside was never the post's."""
    is_aside = newest.text_version == NEVER_THE_POSTS
    return not differing(newest.words, words) and (not is_aside or version == NEVER_THE_POSTS)


def record_before(post: Post, words: Words) -> None:
    """Keep what a post says that has no history yet: it was made in one go, or came from elsewhere.

    It said so from its first version on. Queries: 1 or 3.
    """
    if post.revisions.aggregate(Max("number"))["number__max"] is None:
        kind, at = RevisionKind.START, post.updated_at
        record(post, words, kind, actor=post.author, at=at, text_version=FIRST)


def record_kept(post: Post, copy: WorkingCopy, *, text_version: int) -> None:
    """Keep what was written beside a post, as of when it was and by whom, unless it is kept.

    What was set aside may stand after it. Queries: 1 or 3.
    """
    if any(each.words == copy.words for each in post.revisions.order_by("-number")[:2]):
        return
    record(
        post, copy.words, RevisionKind.KEPT,
        actor=copy.editor, at=copy.saved_at, text_version=text_version,
    )  # fmt: skip


def as_of(post: Post, text_version: int) -> Revision | None:
    """Return the newest text that whoever had this version before them had seen, too. Queries: 1.

    What was never the post's is nobody's ancestor.
    """
    seen = post.revisions.filter(text_version__gt=NEVER_THE_POSTS, text_version__lte=text_version)
    return seen.order_by("-number").first()
