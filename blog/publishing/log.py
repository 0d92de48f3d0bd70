"""The rows that tell of acts on posts, each written in the transaction of its act."""

import logging
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from blog.models import Act, Post, PublishingLogEntry

logger = logging.getLogger("parley.publishing")


def note_act(
    act: Act,
    post: Post,
    *,
    actor: Any,
    old_status: str = "",
    detail: str = "",
    reason: str = "",
) -> PublishingLogEntry:
    """Write down an act that has just been done to `post`. `actor`: None is the site itself.

    Queries: 2.
    """
    numbers = post.revisions.order_by("-number").values_list("number", flat=True)
    entry = PublishingLogEntry.objects.create(
        post=post,
        post_title=post.title,
        actor=actor,
        actor_name=actor.get_short_name() if actor else "",
        act=act,
        old_status=old_status or post.status,
        new_status=post.status,
        detail=detail,
        revision=numbers.first() or 0,
        reason=reason,
        created_at=timezone.now(),
    )
    logger.info(
        "Post %s (%s): %s, by account %s.", post.pk, post.slug, act, getattr(actor, "pk", None)
    )
    return entry


def note_removals(posts: QuerySet[Post], *, actor: Any, reason: str) -> None:
    """Write down of many posts, which the caller holds, that they are removed for good.

    Queries: 2 for some hundreds.
    """
    now = timezone.now()
    told = posts.order_by("pk").only("kind", "slug", "title", "status")
    PublishingLogEntry.objects.bulk_create(
        PublishingLogEntry(
            post=post,
            post_title=post.title,
            actor=actor,
            actor_name=actor.get_short_name(),
            act=Act.PURGE,
            old_status=post.status,
            new_status=post.status,
            detail=post.get_absolute_url()[:200],
            reason=reason,
            created_at=now,
        )
        for post in told
    )
