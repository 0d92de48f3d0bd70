"""Finds the posts of one page of the list, whatever it is narrowed to, however many there are.

A list in order has an index to read it from. What is rare has one of its own, of which so many
keys are taken (MOST_KEYS); what is common, like a word, is looked for among the next posts in
order, and never among more than MOST_LOOKED_AT at once: then the page says how far it came.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils import timezone

from blog.models import Post, PostKind, PostQuerySet, PostStatus, ScheduledChange, WorkingCopy
from blog.room.filters import Changes, Sort, Tab, Wanted
from blog.states import OUT

A_PAGE = 50
MOST_KEYS = 1_000
# The first posts in order are looked at before any others: what is common is among them.
FIRST_LOOK = 500
MOST_LOOKED_AT = 5_000
# What a tab says, at most.
MOST_COUNTED = 500
# column -> whether the greatest comes first.
ORDERS = {
    Sort.CHANGED: ("updated_at", True),
    Sort.PUBLISHED: ("published_at", True),
    Sort.TITLE: ("in_order", False),
}
LAST_KEY = 2**63 - 1

Place = tuple[Any, int]


@dataclass(frozen=True)
class Found:
    """One page: keys in order, and the place where the next begins. `is_cut`: more was not looked
    at than this.
    """

    keys: list[int]
    after: str = ""
    is_cut: bool = False


def find(wanted: Wanted, after: str = "", most: int = A_PAGE) -> Found:
    """Return the keys of the posts after a place. Queries: up to 9, and 1 a label."""
    order = Order(wanted.sort)
    start = order.read(after)
    keys, tests = _narrowed(wanted)
    shares = [_look(stream, order, start, keys, tests, most) for stream in _streams(wanted)]
    ends = {end for _places, end in shares if end is not None}
    places = {place for places, _end in shares for place in places}
    ranked = order.ranked(places | ends)
    # Beyond the first end, what belongs between is not known yet.
    cut = next((at for at, place in enumerate(ranked) if place in ends), None)
    shown = [place for place in ranked[: None if cut is None else cut + 1] if place in places]
    keys_shown = [key for _value, key in shown[:most]]
    if len(shown) > most:
        return Found(keys_shown, order.write(shown[most - 1]))
    if cut is None:
        return Found(keys_shown)
    return Found(keys_shown, order.write(ranked[cut]), is_cut=True)


def find_all(wanted: Wanted, most: int) -> list[int]:
    """Return the keys of all posts that match, up to so many. What is looked at is no limit."""
    keys: list[int] = []
    after = ""
    while len(keys) < most:
        found = find(wanted, after, most - len(keys))
        keys += found.keys
        if not (after := found.after):
            break
    return keys


# --- in which order -----------------------------------------------------------------------------


class Order:
    """An order with its places: a place is the column's value and the key of one post."""

    def __init__(self, sort: str) -> None:
        self.column, self.is_descending = ORDERS[Sort(sort)]

    def of(self, posts: PostQuerySet, start: Place | None) -> PostQuerySet:
        """Return posts in this order, those after a place."""
        if self.column == "in_order":
            posts = posts.annotate(in_order=Lower("title"))
        if self.column == "published_at":
            posts = posts.filter(published_at__isnull=False)
        if start is not None:
            posts = posts.filter(self._after(start))
        sign = "-" if self.is_descending else ""
        return posts.order_by(f"{sign}{self.column}", f"{sign}pk")

    def _after(self, start: Place) -> Q:
        # The bound that both halves share lets the database start in the index where this is.
        value, key = start
        past = "lt" if self.is_descending else "gt"
        bound = Q(**{f"{self.column}__{past}e": value})
        return bound & (Q(**{f"{self.column}__{past}": value}) | Q(**{f"pk__{past}": key}))

    def up_to(self, end: Place) -> Q:
        """Return a condition: what comes before a place, or stands there."""
        value, key = end
        before = "gt" if self.is_descending else "lt"
        bound = Q(**{f"{self.column}__{before}e": value})
        return bound & (Q(**{f"{self.column}__{before}": value}) | Q(**{f"pk__{before}e": key}))

    def ranked(self, places: set[Place]) -> list[Place]:
        """Return places in order. Titles have that of the database. Queries: 0, or 1 for titles."""
        if self.column != "in_order":
            return sorted(places, reverse=self.is_descending)
        posts = self.of(Post.objects.filter(pk__in=[key for _value, key in places]), None)
        ranks = {key: at for at, key in enumerate(posts.values_list("pk", flat=True))}
        return sorted(places, key=lambda place: ranks.get(place[1], len(ranks)))

    def write(self, place: Place) -> str:
        value, key = place
        return f"{value.isoformat() if isinstance(value, datetime) else value}~{key}"

    def read(self, after: str) -> Place | None:
        """Return the place that an address names; of what cannot be read, the beginning."""
        value, _tilde, key = after.rpartition("~")
        if not (key.isascii() and key.isdecimal() and int(key) <= LAST_KEY):
            return None
        if self.column == "in_order":
            return (value[:200], int(key)) if "\x00" not in value else None
        try:
            at = datetime.fromisoformat(value)
            return (at.astimezone(UTC), int(key)) if at.tzinfo else None
        except (ValueError, OverflowError):
            return None


# --- which posts --------------------------------------------------------------------------------


def _streams(wanted: Wanted) -> list[PostQuerySet]:
    """Return posts that have an index in this order each: one's own, and those written together."""
    state = in_state(wanted.state)
    everybodys = Post.objects.filter(state)
    if wanted.person is None:
        return [everybodys]
    return [everybodys.filter(author=wanted.person), everybodys.filter(together(wanted.person))]


def together(person: int) -> Q:
    """Return a condition: written with others, whose post it is."""
    joined = Post.coauthors.through.objects.filter(user=person).values("post")
    return Q(pk__in=joined) & ~Q(author=person)


def in_state(tab: str) -> Q:
    match tab:
        case Tab.ALL:
            return ~Q(status=PostStatus.TRASH)
        case Tab.SCHEDULED:
            return Q(status=PostStatus.PUBLISHED, published_at__gt=timezone.now())
        case Tab.PUBLISHED:
            return Q(status=PostStatus.PUBLISHED, published_at__lte=timezone.now())
    return Q(status=tab)


def _narrowed(wanted: Wanted) -> tuple[set[int] | None, list[Any]]:
    """Return the keys that rare conditions leave, None for any, and the tests that remain."""
    left: set[int] | None = None
    tests: list[Any] = [_says(word) for word in wanted.words.split()]
    for keys, test in _rare(wanted):
        found = set(keys[: MOST_KEYS + 1])
        if len(found) > MOST_KEYS:
            tests.append(test)
        else:
            left = found if left is None else left & found
    return left, tests


def _says(word: str) -> Q:
    beside = Q(working_copy__title__icontains=word)
    return Q(title__icontains=word) | Q(slug__icontains=word) | beside


def _rare(wanted: Wanted) -> Iterator[tuple[QuerySet[Any, int], Any]]:
    """Yield the keys of what is mostly rare, and how a single post is asked for the same."""
    if wanted.tag:
        yield _labelled(Post.tags.through, tag=wanted.tag)
    if wanted.category:
        yield _labelled(Post.categories.through, category=wanted.category)
    if wanted.series:
        yield _with(Q(series=wanted.series))
    if wanted.kind:
        yield _with(Q(kind=wanted.kind))
    if wanted.state == Tab.SCHEDULED:
        kinds = Q(kind__in=PostKind.values)
        yield _with(in_state(Tab.SCHEDULED) & kinds)
    if wanted.changes == Changes.WAITING:
        yield _beside(WorkingCopy.objects.filter(post__status__in=OUT))
    if wanted.changes == Changes.PLANNED:
        yield _beside(ScheduledChange.objects.all())


def _labelled(through: Any, **label: int) -> tuple[QuerySet[Any, int], Any]:
    return _beside(through.objects.filter(**label))


def _beside(rows: Any) -> tuple[QuerySet[Any, int], Any]:
    keys = rows.order_by().values_list("post", flat=True)
    return keys, Exists(rows.filter(post=OuterRef("pk")))


def _with(condition: Q) -> tuple[QuerySet[Any, int], Any]:
    return Post.objects.filter(condition).order_by().values_list("pk", flat=True), condition


# --- looking ------------------------------------------------------------------------------------


def _look(
    stream: PostQuerySet,
    order: Order,
    start: Place | None,
    keys: set[int] | None,
    tests: list[Any],
    most: int,
) -> tuple[list[Place], Place | None]:
    """Return the places of the next posts, and how far was looked where that is not the end."""
    columns = (order.column, "pk")
    posts = order.of(stream, start)
    if keys is not None:
        posts = posts.filter(pk__in=keys)
    elif tests:
        return _look_around(posts, order, tests, most)
    if tests:
        posts = posts.filter(reduce(and_, map(Q, tests)))
    return list(posts.values_list(*columns)[: most + 1]), None


def _look_around(
    posts: PostQuerySet, order: Order, tests: list[Any], most: int
) -> tuple[list[Place], Place | None]:
    columns = (order.column, "pk")
    fitting = posts.filter(reduce(and_, map(Q, tests)))
    places: list[Place] = []
    end: Place | None = None
    for looked_at in (FIRST_LOOK, MOST_LOOKED_AT):
        end = next(iter(posts.values_list(*columns)[looked_at - 1 : looked_at]), None)
        # Bounds in the order's own index: PostgreSQL would test all posts before it asked whether
        # one is among so many keys.
        near = fitting if end is None else fitting.filter(order.up_to(end))
        places = list(near.values_list(*columns)[: most + 1])
        if end is None or len(places) > most:
            return places, None
    return places, end


# --- how many -----------------------------------------------------------------------------------


class CappedCount(Subquery):
    """How many rows a subquery has; it ends where nobody counts on."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


def counted(person: int | None, asking: Any) -> dict[str, int]:
    """Return how many posts stand in each state, up to MOST_COUNTED. Queries: 1.

    `asking`: the people of whom the one row is that the answer is read beside.
    """
    counts = {}
    for at, tab in enumerate(Tab):
        streams = _streams(Wanted(person=person, state=tab))
        for part, stream in enumerate(streams):
            counts[f"n{at}_{part}"] = CappedCount(stream.order_by().values("pk")[:MOST_COUNTED])
    row = asking.annotate(**counts).values(*counts).get()
    sums = {str(tab): 0 for tab in Tab}
    for at, tab in enumerate(Tab):
        own = [row[name] for name in counts if name.startswith(f"n{at}_")]
        sums[str(tab)] = min(sum(own), MOST_COUNTED)
    return sums
