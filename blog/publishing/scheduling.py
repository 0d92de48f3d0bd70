"""What is due by the clock. A scheduled post is public by itself, by query, at its minute: here is
only what is done besides. Each job looks for what is due, takes it under the lock of its post, and
does it once, however many processes look at the same time.
"""

import logging
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from blog.models import (
    Act,
    Post,
    PostKind,
    PostQuerySet,
    PublishingLogEntry,
    ScheduledChange,
)
from blog.publishing.around import keep_thread_true, locked
from blog.publishing.copies import hold_back_change, publish_due_change
from blog.publishing.log import note_act
from blog.states import MOVES
from comments.models import Thread
from comments.openness import keep_closing_true

logger = logging.getLogger("parley.publishing")

AT_A_LOOK = 50
# A site that was asleep for longer tells nothing of what became public meanwhile.
ASLEEP = timedelta(days=30)
# Acts that say where a post stands; the last of them says what it waits for.
TELLING = [*MOVES, Act.RECEIVE, Act.APPEAR]


def appear_due() -> None:
    """Tell of each scheduled post whose moment has come. Queries: 1 where there is none."""
    now = timezone.now()
    for pk in _untold(now).values_list("pk", flat=True)[:AT_A_LOOK]:
        _appear(pk, now)


def _appear(pk: int, now: datetime) -> None:
    with transaction.atomic():
        post = locked(Post(pk=pk))
        # Another process may have told of it while this one waited for the row.
        if not _untold(now).filter(pk=pk).exists():
            return
        post.thread = Thread.objects.select_for_update().get(pk=post.thread_id)
        keep_thread_true(post)
        keep_closing_true(post.thread)
        moment = post.published_at.isoformat() if post.published_at else ""
        note_act(Act.APPEAR, post, actor=None, detail=moment)


def _untold(now: datetime) -> PostQuerySet:
    """Return what is public since it was scheduled, and nobody has said so."""
    last = PublishingLogEntry.objects.filter(post=OuterRef("pk"), act__in=TELLING).order_by("-pk")
    # Kinds are named for the index alone.
    recent = Post.objects.published(now).filter(
        kind__in=PostKind.values, published_at__gt=now - ASLEEP
    )
    told = recent.annotate(
        last_act=Subquery(last.values("act")[:1]),
        last_told=Subquery(last.values("created_at")[:1]),
    )
    waiting = told.filter(last_act__in=[Act.SCHEDULE, Act.RECEIVE])
    return waiting.filter(last_told__lt=F("published_at"))


def publish_due_changes() -> None:
    """Publish changes whose moment has come; those that are not fit any more are held back.

    Queries: 1 where there are none.
    """
    now = timezone.now()
    due = ScheduledChange.objects.filter(publish_at__lte=now).select_related("post", "scheduler")
    for change in due.order_by("publish_at", "pk")[:AT_A_LOOK]:
        try:
            _publish(change, now)
        except ValidationError as unfit:
            hold_back_change(change, why=" ".join(unfit.messages))
        except Post.DoesNotExist:
            continue
        except Exception:
            # What is wrong with one keeps no other from its moment.
            logger.exception("Scheduled changes of post %s could not be published.", change.post_id)


def _publish(change: ScheduledChange, now: datetime) -> None:
    """Publish one; what somebody made in the same moment, a tag say, is there the second time.

    Raises: as publish_due_change().
    """
    try:
        publish_due_change(change, now=now)
    except IntegrityError:
        publish_due_change(change, now=now)
