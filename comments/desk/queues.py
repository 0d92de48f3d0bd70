"""The queues: which comments stand in each, in which order, a page at a time, and how many.

Pages are found by the key of a comment at their edge, never by counting those before it. Where a
filter is rare its comments are found by the filter's own index; where it is common the queue is
walked in its order and the filter asked of each.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet, TextChoices, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from comments.desk.filters import Filters
from comments.models import Comment
from comments.status import Status

PAGE_SIZE = 20
COUNTED_TO = 10_000
# A filter that finds no more than this is rare. Fetching so many keys takes a moment.
MOST_KEYS = 2_000
# Before every instant, so that no key has a sign.
EPOCH = datetime(1, 1, 1, tzinfo=UTC)
LONGEST_KEY = 80


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


class BadKey(ValueError):
    """The address names no place in the queue."""

    def __init__(self) -> None:
        super().__init__(_("The address names no place in the queue."))


@dataclass(frozen=True)
class QueuePage:
    """Shape: `after` and `before` are the keys of the pages beside it, or nothing."""

    comments: list[Comment]
    after: str = ""
    before: str = ""


def orders_of(queue: Queue) -> list[Order]:
    """Return the orders a queue is offered in, its own first."""
    if queue in (Queue.PENDING, Queue.REPORTED):
        return [Order.OLDEST, Order.RISKIEST]
    return [Order.NEWEST, Order.OLDEST]


# --- which ------------------------------------------------------------------------------------


def matching(queue: Queue, filters: Filters) -> QuerySet[Comment]:
    """Return the comments of a queue that pass the filters.

    Queries: none without filters; with them one for each that might be rare, until one is.
    """
    return _matching(queue, filters, _of_queue(queue, "status"))


def _matching(queue: Queue, filters: Filters, in_queue: Q | RawSQL) -> QuerySet[Comment]:
    keys = rare_keys(filters)
    comments = Comment.objects.all()
    if keys is not None:
        # Found already: the index of the queue would only be in the way.
        comments = comments.filter(pk__in=keys)
        comments = comments.alias(standing=Concat(F("status"), Value("")))
        in_queue = _of_queue(queue, "standing")
    for condition in (in_queue, *filters.tests()):
        comments = comments.filter(condition)
    return comments


def rare_keys(filters: Filters) -> list[int] | None:
    """Return the keys that the rarest filter finds, if one is rare; those it finds are compared
    with all filters again.
    """
    for finder in filters.finders():
        keys = finder(MOST_KEYS)
        if keys is not None:
            return keys
    return None


def _of_queue(queue: Queue, status: str) -> Q:
    if queue == Queue.ALL:
        return Q()
    if queue == Queue.REPORTED:
        return Q(reported_at__isnull=False)
    return Q(**{status: Status(queue.value)})


def _walked(queue: Queue, order: Order) -> Q | RawSQL:
    """Return the condition of a queue with which its index is taken for its order."""
    if queue == Queue.ALL:
        # True of all. Without a word about the key SQLite begins with the threads, and sorts.
        return Q(pk__gt=0)
    if (queue, order) == (Queue.PENDING, Order.RISKIEST):
        return _pending_by_risk()
    return _of_queue(queue, "status")


def _pending_by_risk() -> Q | RawSQL:
    """Return a condition that is true of what is pending, for which SQLite takes the index of
    risks: left alone, it takes any index that begins with the status and sorts the whole queue.
    """
    if connection.vendor != "sqlite":
        return Q(status=Status.PENDING)
    table = connection.ops.quote_name(Comment._meta.db_table)
    sql = f"likelihood({table}.status = '{Status.PENDING.value}', 0.95)"
    return RawSQL(sql, [], output_field=BooleanField())  # noqa: S611


# --- how many ---------------------------------------------------------------------------------


def counts() -> dict[Queue, str]:
    """Return how many stand in each queue, "10,000+" where counting ended. Queries: 1."""
    with connection.cursor() as cursor:
        cursor.execute(*_counting(connection.vendor))
        found = cursor.fetchone()
    return {queue: shown(count) for queue, count in zip(Queue, found, strict=True)}


@cache
def _counting(vendor: str) -> tuple[str, list[Any]]:
    """Return the query of the counts with its values, as a kind of database is asked it: it is the
    same for every page, and writing it took Django longer than answering it the database.
    """
    asked = [_rows(queue)[: COUNTED_TO + 1].query.sql_with_params() for queue in Queue]
    # The queries are the ORM's; their values are passed apart.
    ends = (f"(SELECT COUNT(*) FROM ({sql}) ends)" for sql, _params in asked)  # noqa: S608
    return f"SELECT {', '.join(ends)}", [value for _sql, params in asked for value in params]


def _rows(queue: Queue) -> QuerySet[Comment, Any]:
    return Comment.objects.filter(_of_queue(queue, "status")).order_by().values("pk")


def count_matching(queue: Queue, filters: Filters) -> str:
    """Return how many pass the filters, counted no further than the others."""
    rows = matching(queue, filters).order_by().values("pk")
    return shown(rows[: COUNTED_TO + 1].count())


def shown(count: int) -> str:
    return f"{COUNTED_TO:,}+" if count > COUNTED_TO else f"{count:,}"


# --- a page -----------------------------------------------------------------------------------


class Step(NamedTuple):
    """One column of an order. Shape: `is_rising` whether small ones come first."""

    column: str
    is_rising: bool

    def reversed(self) -> "Step":
        return Step(self.column, not self.is_rising)

    @property
    def term(self) -> str:
        return self.column if self.is_rising else f"-{self.column}"

    def beyond(self, value: Any) -> Q:
        return Q(**{f"{self.column}__{'gt' if self.is_rising else 'lt'}": value})

    def not_before(self, value: Any) -> Q:
        return Q(**{f"{self.column}__{'gte' if self.is_rising else 'lte'}": value})


def steps_of(queue: Queue, order: Order) -> list[Step]:
    """Return the columns that a queue is ordered by; each has an index of this order."""
    if queue == Queue.REPORTED:
        worst = [Step("open_reports", False)] if order == Order.RISKIEST else []
        return [*worst, Step("reported_at", True), Step("id", True)]
    is_rising = order != Order.NEWEST
    if queue == Queue.ALL:
        # In the order in which they came here: the key is the one index that all of them share.
        return [Step("id", is_rising)]
    worst = [Step("risk", False)] if (queue, order) == (Queue.PENDING, Order.RISKIEST) else []
    return [*worst, Step("created_at", is_rising), Step("id", is_rising)]


def read_page(
    queue: Queue,
    order: Order,
    filters: Filters,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE_SIZE,
) -> QueuePage:
    """Return the page after or before a key, or the first.

    Queries: 1, and 1 where a page reaches over comments of several risks; those of matching().
    Raises: BadKey.
    """
    order = order if order in orders_of(queue) else orders_of(queue)[0]
    steps, key = steps_of(queue, order), after or before
    is_back = bool(before) and not after
    walked = [step.reversed() for step in steps] if is_back else steps
    rows = _matching(queue, filters, _walked(queue, order))
    rows = rows.select_related("thread", "author", "parent")
    values = read_key(key, steps) if key else None
    found = _walk(rows, walked, values, size + 1)
    has_more = len(found) > size
    found = found[:size][::-1] if is_back else found[:size]
    if not found:
        return QueuePage([])
    return QueuePage(
        found,
        after=key_of(found[-1], steps) if has_more or is_back else "",
        before=key_of(found[0], steps) if (has_more and is_back) or after else "",
    )


def _walk(
    rows: QuerySet[Comment], steps: Sequence[Step], values: list[Any] | None, size: int
) -> list[Comment]:
    """Return the next comments beyond a key: those that share most of it first."""
    ordered = rows.order_by(*(step.term for step in steps))
    if values is None:
        return list(ordered[:size])
    found: list[Comment] = []
    for condition in _ranges(steps, values):
        if len(found) < size:
            found += ordered.filter(condition)[: size - len(found)]
    return found


def _ranges(steps: Sequence[Step], values: list[Any]) -> Iterator[Q]:
    """Yield what lies beyond a key, each a range of the index.

    Instants are hardly ever shared, so an instant and the key after it are one range.
    """
    if len(steps) == 1:
        yield steps[0].beyond(values[0])
        return
    *worst, at, key = steps
    *same, instant, pk = values
    beside = at.not_before(instant) & (at.beyond(instant) | key.beyond(pk))
    if worst:
        yield Q(**{worst[0].column: same[0]}) & beside
        yield worst[0].beyond(same[0])
    else:
        yield beside


# --- keys -------------------------------------------------------------------------------------


def key_of(comment: Comment, steps: Sequence[Step]) -> str:
    """Return a comment's place in an order as an address carries it."""
    return "-".join(_written(getattr(comment, step.column)) for step in steps)


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return str((value - EPOCH) // timedelta(microseconds=1))
    return str(value)


def read_key(text: str, steps: Sequence[Step]) -> list[Any]:
    """Read a place in an order. Raises: BadKey."""
    parts = text.split("-")
    if len(parts) != len(steps) or len(text) > LONGEST_KEY:
        raise BadKey
    return [_read(part, step) for part, step in zip(parts, steps, strict=True)]


def _read(text: str, step: Step) -> Any:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise BadKey
    if not step.column.endswith("_at"):
        return int(text)
    try:
        return EPOCH + timedelta(microseconds=int(text))
    except OverflowError as far:
        raise BadKey from far
