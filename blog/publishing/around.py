"""What follows from a post around it: its thread's facts, and the pages that show what it shows."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from blog.models import Category, Post, PostStatus, Series, Tag
from blog.states import READABLE
from comments.models import Thread
from comments.openness import keep_closing_true


def locked(post: Post) -> Post:
    """Return the post, held until the transaction ends.

    Its thread is read after that: PostgreSQL would join it as it was before the wait, and a thread
    that another move has just made public would be taken for hidden already.
    """
    return Post.objects.select_for_update().get(pk=post.pk)


def thread_facts(post: Post) -> dict[str, Any]:
    return {
        "title": post.title,
        "url": post.get_absolute_url(),
        "owner_id": post.author_id,
        "public_at": _public_at(post),
        "is_unlisted": post.status == PostStatus.UNLISTED,
        "is_archived": post.status == PostStatus.ARCHIVED,
    }


def _public_at(post: Post) -> datetime | None:
    """Return when everybody may take part. Behind a password a discussion is not everybody's."""
    is_public = post.status in READABLE and not post.password
    return post.published_at if is_public else None


def keep_thread_true(post: Post) -> None:
    facts = thread_facts(post)
    if any(getattr(post.thread, name) != value for name, value in facts.items()):
        Thread.objects.filter(pk=post.thread_id).update(**facts, version=F("version") + 1)
        post.thread.refresh_from_db()
        keep_closing_true(post.thread)


def touch_posts_of(related: Tag | Category | Series) -> None:
    """Raise the version of every post that shows this tag, category or series."""
    match related:
        case Tag():
            shown_by = Q(tags=related)
        case Category():
            shown_by = Q(categories=related)
        case Series():
            shown_by = Q(series=related)
    Post.objects.filter(shown_by).update(version=F("version") + 1)
