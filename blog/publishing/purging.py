"""The end of a post: what has been in the trash for long goes, and a row of the log stays.

With it go its revisions, what is written beside it, notes, links and old addresses. Not what others
said: a discussion with comments stays at the moderation desk, public to nobody. There is no button
for this: what can be done by one click should be undone by another.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from blog.models import Act, Post
from blog.publishing.log import note_act
from comments.models import Thread

AT_A_LOOK = 20


def purge_trash() -> None:
    """Remove what was thrown away more than TRASH_DAYS ago; 0 keeps it for good.

    Queries: 1 where there is nothing.
    """
    if not settings.TRASH_DAYS:
        return
    before = timezone.now() - timedelta(days=settings.TRASH_DAYS)
    old = Post.objects.filter(trashed_at__lte=before).order_by("trashed_at")
    for pk in old.values_list("pk", flat=True)[:AT_A_LOOK]:
        _purge(pk, before)


def _purge(pk: int, before: datetime) -> None:
    with transaction.atomic():
        # Taken out meanwhile, or removed by another process: it is none of this one's any more.
        old = Post.objects.select_for_update(of=("self",)).filter(pk=pk, trashed_at__lte=before)
        post = old.first()
        if post is None:
            return
        note_act(Act.PURGE, post, actor=None, detail=post.get_absolute_url()[:200])
        post.delete()
        Thread.objects.filter(pk=post.thread_id, comments=None).delete()
