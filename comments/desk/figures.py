"""The figures of the morning page: read once, kept for five minutes, the same for every editor.

What the rows of the log add up to is month.py's; how it looks is the page's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone

from comments.desk.month import Month, Row, add_up
from comments.models import Comment, ListEntry, ModerationLogEntry
from comments.status import Status

DAYS = 30
# What one look reads at most, whatever the size of the blog.
MOST_ROWS = 20_000
COUNTED_TO = 10_000
MOST_NAMED = 10
KEY, KEPT_SECONDS = "comments-desk-morning-1", 300

COLUMNS = (
    "pk",
    "comment_id",
    "actor_id",
    "actor_name",
    "action",
    "old_status",
    "new_status",
    "public_before",
    "undoes_id",
    "created_at",
    "findings",
    "comment__created_at",
    "comment__edited_at",
)


@dataclass(frozen=True)
class Waiting:
    """How many comments wait, counted no further than to ten thousand, and since when the first."""

    count: int
    oldest_at: datetime | None

    @property
    def shown(self) -> str:
        return f"{COUNTED_TO:,}+" if self.count > COUNTED_TO else f"{self.count:,}"


@dataclass(frozen=True)
class Missed:
    """A comment that the checks let through and an editor removed."""

    pk: int
    name: str
    thread: str


@dataclass(frozen=True)
class Hit:
    """An entry of the lists that was found often."""

    pattern: str
    kind: str
    hits: int
    last_hit_at: datetime | None


@dataclass(frozen=True)
class Figures:
    """All that the page shows. Shape: `cut_at` is where the rows end, when there were too many."""

    counted_at: datetime
    first: date
    last: date
    cut_at: datetime | None
    pending: Waiting
    reported: Waiting
    month: Month
    missed: list[Missed]
    hits: list[Hit]

    @property
    def is_new(self) -> bool:
        """Whether nothing ever happened here that this page could tell of."""
        month = self.month
        waiting = self.pending.count or self.reported.count
        return not (waiting or month.came or month.acts or month.checks)


def figures() -> Figures:
    """Return the figures, at most five minutes old. Queries: none, or those of count()."""
    known = cache.get(KEY)
    if known is None:
        known = count()
        cache.set(KEY, known, KEPT_SECONDS)
    return known


def forget() -> None:
    """Have the next look count again."""
    cache.delete(KEY)


def count(now: datetime | None = None) -> Figures:
    """Count all anew. Queries: 6, and 1 more where a comment was missed, at any size.

    Each is bounded by an index and a limit: comment_queue, comment_reported, the log's created_at.
    """
    now = now or timezone.now()
    # One zone for all, since all share what is counted.
    zone = timezone.get_default_timezone()
    last = now.astimezone(zone).date()
    first = last - timedelta(days=DAYS - 1)
    begin = datetime(first.year, first.month, first.day, tzinfo=zone)
    rows, cut_at = _rows(begin)
    if cut_at is not None:
        # A day that was not read is not a day on which nothing came.
        first = cut_at.astimezone(zone).date()
    month = add_up(rows, first=first, last=last, zone=zone)
    return Figures(
        counted_at=now,
        first=first,
        last=last,
        cut_at=cut_at,
        pending=_waiting(Comment.objects.filter(status=Status.PENDING), "created_at"),
        reported=_waiting(Comment.objects.filter(reported_at__isnull=False), "reported_at"),
        month=month,
        missed=_missed(month.missed[:MOST_NAMED]),
        hits=_hits(),
    )


def _rows(begin: datetime) -> tuple[list[Row], datetime | None]:
    """Return the newest rows of the log since then, newest first, and where they were cut off.

    Queries: 1.
    """
    entries = ModerationLogEntry.objects.filter(created_at__gte=begin)
    found = entries.order_by("-created_at", "-pk").values_list(*COLUMNS)[: MOST_ROWS + 1]
    rows = [Row(*values) for values in found]
    if len(rows) <= MOST_ROWS:
        return rows, None
    return rows[:MOST_ROWS], rows[MOST_ROWS - 1].at


def _waiting(comments: QuerySet[Comment], since: str) -> Waiting:
    """Queries: 2."""
    ordered: QuerySet[Comment, Any] = comments.order_by(since, "pk")
    count = comments.order_by().values("pk")[: COUNTED_TO + 1].count()
    return Waiting(count, ordered.values_list(since, flat=True).first())


def _missed(comment_ids: list[int]) -> list[Missed]:
    """Return them in the order given. Queries: 1, or none."""
    if not comment_ids:
        return []
    rows = Comment.objects.filter(pk__in=comment_ids).order_by()
    found = {
        pk: Missed(pk, *of) for pk, *of in rows.values_list("pk", "author_name", "thread__title")
    }
    return [found[pk] for pk in comment_ids if pk in found]


def _hits() -> list[Hit]:
    """Return the entries of the lists that were found most often, ever. Queries: 1."""
    entries = ListEntry.objects.filter(hits__gt=0).order_by("-hits", "pk")[:MOST_NAMED]
    return [Hit(entry.pattern, entry.kind, entry.hits, entry.last_hit_at) for entry in entries]
