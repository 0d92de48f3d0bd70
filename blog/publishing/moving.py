"""A post's status: each move is one transaction, with its row in the log.

Which moves there are is said in states.py, who may make them in policy.py.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Act, Post, PostStatus
from blog.publishing.addresses import mark_public
from blog.publishing.around import keep_thread_true
from blog.publishing.copies import take_over
from blog.publishing.log import note_act
from blog.publishing.texts import first_published, judge, races_told


def publish(post: Post, *, actor: Any, at: datetime | None = None, reason: str = "") -> Post:
    """Make a post public; its date is that of its first publication. Twice is once.

    What was written beside a post that is not out yet is what its author means.

    `at`: when, if not now. In the past for content that comes from elsewhere; an instant to come
    schedules the post, which is then public by itself. A scheduled post is published now.

    Raises: ValidationError by field while it is not fit to be read.
    """
    with races_told(), transaction.atomic():
        current = locked(post)
        if current.is_published():
            return current
        if current.status != PostStatus.PUBLISHED:
            take_over(current, actor=actor)
        current.published_at = at or first_published(current) or timezone.now()
        is_later = current.published_at > timezone.now()
        old = current.status
        _set_status(current, PostStatus.PUBLISHED)
        detail = current.published_at.isoformat() if is_later else ""
        act = Act.SCHEDULE if is_later else Act.PUBLISH
        note_act(act, current, actor=actor, old_status=old, detail=detail, reason=reason)
    return current


def unpublish(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Take a post back to its author's desk, discussion and all. Twice is once."""
    with transaction.atomic():
        current = locked(post)
        if current.status == PostStatus.DRAFT:
            return current
        old = current.status
        act = Act.RESTORE if old == PostStatus.TRASH else Act.UNPUBLISH
        _set_status(current, PostStatus.DRAFT)
        note_act(act, current, actor=actor, old_status=old, reason=reason)
    return current


def nothing_to_read() -> str:
    return _("Write something before you publish.")


def locked(post: Post) -> Post:
    return Post.objects.select_for_update(of=("self",)).select_related("thread").get(pk=post.pk)


def _set_status(post: Post, status: PostStatus) -> None:
    """Write a status, once it is sure that what it shows may be shown."""
    post.status = status
    post.trashed_at = timezone.now() if status == PostStatus.TRASH else None
    mark_public(post)
    if status == PostStatus.PUBLISHED:
        judge(post)
        if not post.body.strip():
            raise ValidationError({"body": nothing_to_read()})
    post.version += 1
    post.updated_at = timezone.now()
    post.save(
        update_fields=[
            "status", "published_at", "first_public_at", "feed_id", "trashed_at", "version",
            "updated_at",
        ]
    )  # fmt: skip
    keep_thread_true(post)
