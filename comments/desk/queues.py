"""Stand-in until the queues are there: the same names, no filters."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from comments.desk.filters import Filters
from comments.models import Comment
from comments.status import Status


class Queue(TextChoices):
    PENDING = "pending", _("Pending")
    REPORTED = "reported", _("Reported")
    SPAM = "spam", _("Spam")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    ALL = "all", _("All")


class Order(TextChoices):
    OLDEST = "oldest", _("Oldest first")
    RISKIEST = "riskiest", _("Riskiest first")
    NEWEST = "newest", _("Newest first")


@dataclass(frozen=True)
class QueuePage:
    comments: list[Comment]
    after: str
    before: str


def orders_of(queue: Queue) -> list[Order]:
    if queue in (Queue.PENDING, Queue.REPORTED):
        return [Order.OLDEST, Order.RISKIEST]
    return [Order.NEWEST, Order.OLDEST]


def matching(queue: Queue, filters: Filters) -> QuerySet[Comment]:
    found = Comment.objects.all()
    if queue == Queue.REPORTED:
        found = found.filter(reported_at__isnull=False)
    elif queue != Queue.ALL:
        found = found.filter(status=queue)
    if filters.thread:
        found = found.filter(thread=filters.thread)
    return found


def read_page(
    queue: Queue,
    order: Order,
    filters: Filters,
    *,
    after: str = "",
    before: str = "",
    size: int = 25,
) -> QueuePage:
    is_newest = order == Order.NEWEST
    rows = matching(queue, filters).select_related("thread", "author", "parent")
    forth, back = ("pk__lt", "pk__gt") if is_newest else ("pk__gt", "pk__lt")
    if before:
        found = list(rows.filter(**{back: before}).order_by("pk" if is_newest else "-pk")[:size])
        found.reverse()
        return QueuePage(found, str(found[-1].pk) if found else "", "")
    if after:
        rows = rows.filter(**{forth: after})
    found = list(rows.order_by("-pk" if is_newest else "pk")[: size + 1])
    more = str(found[size - 1].pk) if len(found) > size else ""
    return QueuePage(found[:size], more, str(found[0].pk) if after and found else "")


def counts() -> dict[Queue, str]:
    found = Comment.objects.aggregate(
        all=Count("pk"),
        reported=Count("pk", filter=Q(reported_at__isnull=False)),
        **{str(s): Count("pk", filter=Q(status=s)) for s in Status},
    )
    return {queue: f"{found[queue.value]:,}" for queue in Queue}
