"""One example for each comment that a person's standing decision teaches something by.

Kept in the transaction of the act, after all else in it: its threads are locked, and the learner's
one row is locked last. An example stands at the place of its decision in the log, so what is there
follows from the log alone, whatever was done and undone in between.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db.models import Max, Min, OuterRef, QuerySet, Subquery

from comments.learning.labels import DECISIONS, READ, Lesson, Row, lesson_of
from comments.models import (
    Comment,
    LearnerCheckpoint,
    LearnerExample,
    LearnerState,
    ModerationLogEntry,
    Thread,
)
from comments.status import Action, Status
from comments.transfer.places import KIND
from comments.transfer.records import ImportMap
from comments.turns import turn

ONLY = 1
# So many comments in one question and in one transaction.
AT_ONCE = 500


def follow(comments: Iterable[int]) -> None:
    """Make the examples of these comments what the log says, after an act that changed it.

    Queries: 1 where they are so already, 5 where some are added, 8 at most; so many for each
    AT_ONCE.
    """
    for keys in _in_parts(list(dict.fromkeys(comments))):
        lessons, orders = _read(keys)
        changed = [key for key in keys if orders.get(key) != _order(lessons.get(key))]
        if changed:
            _replace(changed, lessons)


def forget(comments: QuerySet[Comment]) -> int:
    """Take away the examples of comments whose words go, or whose author does. To be called in the
    transaction in which they do. Returns how many there were.

    Queries: 1 where there are none, else 4 at most.
    """
    examples = LearnerExample.objects.filter(comment__in=comments.order_by().values("pk"))
    if not examples.exists():
        return 0
    state = locked_state()
    first = examples.aggregate(first=Min("order"))["first"]
    count, _each = examples.delete()
    _turn_back(state, first)
    return count


def when_accounts_leave(user_ids: Sequence[int]) -> Callable[[], None]:
    """Return what is to be done once these accounts are gone, in the transaction that deletes them:
    by then their comments are nobody's. Queries: 1, and then those of follow().
    """
    theirs = LearnerExample.objects.filter(comment__author__in=user_ids)
    comments = list(theirs.values_list("comment", flat=True))
    return partial(follow, comments)


# --- what the log says --------------------------------------------------------------------------


def _read(keys: Sequence[int]) -> tuple[dict[int, Lesson], dict[int, int]]:
    """Return what each comment teaches, and where the example stands that it has. Queries: 1."""
    came = ImportMap.objects.filter(kind=KIND, object_id=OuterRef("comment"))
    entries = ModerationLogEntry.objects.filter(comment__in=keys, action__in=READ).order_by("pk")
    asked = entries.annotate(since=Subquery(came.values("run__started_at")[:1])).values_list(
        "comment",
        "comment__status",
        "comment__author",
        "comment__example__order",
        "since",
        *("pk", "actor", "action", "new_status", "revision", "undoes", "findings", "created_at"),
    )
    rows: defaultdict[int, list[Row]] = defaultdict(list)
    about: dict[int, tuple[Any, ...]] = {}
    for comment, *of, pk, actor, action, new, revision, undoes, findings, at in asked:
        rows[comment].append(Row(pk, actor, action, new, revision, undoes, findings, at))
        about[comment] = tuple(of)
    lessons: dict[int, Lesson] = {}
    orders: dict[int, int] = {}
    for comment, (status, author, order, since) in about.items():
        lesson = lesson_of(rows[comment], since)
        if lesson and status != Status.DELETED and not _is_erased(author, rows[comment]):
            lessons[comment] = lesson
        if order is not None:
            orders[comment] = order
    return lessons, orders


def _is_erased(author: int | None, rows: Iterable[Row]) -> bool:
    """Tell whether it was written with an account that is gone: its person is not learnt from."""
    written = next((row for row in rows if row.action == Action.SUBMIT), None)
    return author is None and written is not None and written.actor is not None


def _order(lesson: Lesson | None) -> int | None:
    return lesson.entry if lesson else None


# --- writing ------------------------------------------------------------------------------------


def _replace(keys: Sequence[int], lessons: dict[int, Lesson]) -> None:
    """Put what these comments teach in the place of what they taught. Queries: 4, at most 7."""
    state = locked_state()
    examples = LearnerExample.objects.filter(comment__in=keys)
    # Another hand may have been here before the lock was held.
    gone = list(examples.values_list("order", flat=True))
    if gone:
        examples.delete()
    new = [_example(key, lesson) for key in keys if (lesson := lessons.get(key))]
    LearnerExample.objects.bulk_create(new)
    added = [example.order for example in new]
    before = [order for order in (*gone, *added) if order <= state.number]
    state.number = max(state.number, *added) if added else state.number
    _turn_back(state, min(before, default=None))


def _example(comment: int, lesson: Lesson) -> LearnerExample:
    return LearnerExample(
        order=lesson.entry,
        comment_id=comment,
        entry_id=lesson.entry,
        revision=lesson.revision,
        label=lesson.label,
        rules_verdict=lesson.rules_verdict,
        created_at=lesson.at,
    )


def locked_state() -> LearnerState:
    """Return the learner's one row, to be changed by nobody else until the transaction ends.

    Queries: 1; some more the first time ever.
    """
    rows = LearnerState.objects.select_for_update().filter(pk=ONLY)
    state = rows.first()
    if state is None:
        last = LearnerExample.objects.aggregate(last=Max("order"))["last"] or 0
        # Other than any before, should it have been there once: nobody takes it for what they know.
        made = LearnerState(pk=ONLY, number=last, epoch=int(time.time()))
        LearnerState.objects.bulk_create([made], ignore_conflicts=True)
        state = rows.get()
    return state


def _turn_back(state: LearnerState, order: int | None) -> None:
    """Store the row. `order`: where what was folded in may be another example now, or none."""
    if order is not None:
        state.epoch += 1
        LearnerCheckpoint.objects.filter(upto__gte=order).delete()
    state.save(update_fields=["number", "epoch"])


# --- all of it ----------------------------------------------------------------------------------


def restore() -> Iterator[tuple[int, int]]:
    """Make all examples what the log says. Yields (comments looked at, examples set right).

    Some at a time, each in a transaction of its own: nobody waits long, and it may be cut off.
    """
    last = 0
    while keys := _next_after(last):
        yield len(keys), _restore(keys)
        last = keys[-1]


def _restore(keys: Sequence[int]) -> int:
    with turn():
        # As every act does: what the log says of them is said until this is done.
        threads = Thread.objects.filter(comments__in=keys).order_by("pk")
        # Not the comments as well: who names one, or clears its facts, locks that alone.
        list(threads.select_for_update(of=("self",)).values_list("pk"))
        lessons, _orders = _read(keys)
        there = {
            example.comment_id: _as_lesson(example)
            for example in LearnerExample.objects.filter(comment__in=keys)
        }
        wrong = [key for key in keys if there.get(key) != lessons.get(key)]
        if wrong:
            _replace(wrong, lessons)
    return len(wrong)


def differing() -> Iterator[tuple[int, int]]:
    """Yield the same as restore(), and change nothing."""
    last = 0
    while keys := _next_after(last):
        lessons, _orders = _read(keys)
        examples = LearnerExample.objects.filter(comment__in=keys)
        there = {example.comment_id: _as_lesson(example) for example in examples}
        yield len(keys), sum(there.get(key) != lessons.get(key) for key in keys)
        last = keys[-1]


def _as_lesson(example: LearnerExample) -> Lesson | None:
    """Return what an example says, or None of one that does not even know where it stands."""
    if example.order != example.entry_id:
        return None
    return Lesson(
        example.order, example.revision, example.label, example.rules_verdict, example.created_at
    )


def _next_after(last: int) -> list[int]:
    """Return the next comments that were decided about or are learnt from. Queries: 2."""
    decided = ModerationLogEntry.objects.filter(action__in=DECISIONS, actor__isnull=False)
    found: set[int] = set()
    for rows in (decided, LearnerExample.objects.all()):
        keys: QuerySet[Any, Any] = rows.filter(comment__gt=last).order_by("comment")
        found.update(keys.values_list("comment", flat=True).distinct()[:AT_ONCE])
    return sorted(found)[:AT_ONCE]


def _in_parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]
