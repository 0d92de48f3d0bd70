"""Taking an import's comments back: what was built on them here, and how they go.

A leaf of the one door, as intake.py is. It knows nothing of posts: blog/transfer/reverting.py
decides whether an import may go at all, and says which threads go with it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from comments.learning.examples import forget as unlearn
from comments.models import (
    Comment,
    CommentMove,
    CommentRevision,
    EgressEntry,
    Feedback,
    HelpfulMark,
    ModerationLogEntry,
    OutgoingLetter,
    Presence,
    Report,
    SentFields,
    Thread,
    UncheckedComment,
)
from comments.searching import forget
from comments.status import Action
from comments.transfer.places import KIND, LEFT_PLACE
from comments.transfer.records import ImportMap, ImportRun

# Small enough for the parameters that any database takes in one question.
PART = 500


def in_parts(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), PART):
        yield keys[start : start + PART]


def made_by(run: ImportRun, *kinds: str) -> QuerySet[ImportMap, Any]:
    """Return the keys of what a run made of these kinds, as a subquery."""
    return ImportMap.objects.filter(run=run, kind__in=kinds, is_made=True).values("object_id")


def comments_of(run: ImportRun) -> QuerySet[Comment]:
    return Comment.objects.filter(pk__in=made_by(run, KIND, LEFT_PLACE))


# --- what was built on them -----------------------------------------------------------------


def comments_built_on(run: ImportRun, threads: QuerySet[Thread]) -> QuerySet[Comment]:
    """Return the comments of others that stand in `threads` or answer one of the run's."""
    own = made_by(run, KIND, LEFT_PLACE)
    return Comment.objects.filter(Q(thread__in=threads) | Q(parent__in=own)).exclude(pk__in=own)


def comments_judged_since(run: ImportRun) -> QuerySet[Comment]:
    """Return those of the run's comments that were moderated, edited or deleted here.

    What a history brought along was done before the run began, or is called an import.
    """
    acts = ModerationLogEntry.objects.filter(created_at__gte=run.started_at)
    judged = Q(pk__in=acts.exclude(action=Action.IMPORT).values("comment"))
    changed = Q(pk__in=changed_since(run, KIND, Comment.objects.values("revision")))
    return comments_of(run).filter(judged | changed)


def changed_since(run: ImportRun, kind: str, versions: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Return the keys of what a run made and left at another version than the one it has now.

    Shape: `versions` is a queryset of just that column. Asked from the map, row by row through the
    primary key: the other way round SQLite reads the whole run for each row.
    """
    now = Subquery(versions.filter(pk=OuterRef("object_id")))
    rows = ImportMap.objects.filter(run=run, kind=kind, is_made=True).annotate(now=now)
    return rows.exclude(now=F("left_at_version")).values("object_id")


# --- away with them -------------------------------------------------------------------------


def lock_threads(run: ImportRun, threads: QuerySet[Thread]) -> list[int]:
    """Lock `threads` and all that the run wrote in, until the transaction ends.

    Returns the keys of those that are not among `threads`: they stay.
    """
    written_in = comments_of(run).values("thread")
    locked = Thread.objects.select_for_update().filter(Q(pk__in=threads) | Q(pk__in=written_in))
    going = set(threads.values_list("pk", flat=True))
    return [pk for pk in locked.order_by("pk").values_list("pk", flat=True) if pk not in going]


def remove_comments(run: ImportRun, staying: Sequence[int]) -> None:
    """Delete the run's comments, and make the counters of the threads that stay right again.

    Within the transaction that locked the threads. The last number stays, so that no number is
    ever given twice; so do the readers who marked something, as when they take a mark back.
    Queries: some, and 2 for each 500 threads that stay.
    """
    comments = comments_of(run)
    # These name rows of the log: what settled a report, what a letter is about.
    _delete(OutgoingLetter.objects.filter(entry__comment__in=comments))
    _delete(Report.objects.filter(comment__in=comments))
    for left_by_checks in (Feedback, SentFields, UncheckedComment, EgressEntry):
        _delete(left_by_checks._default_manager.filter(comment__in=comments))
    _delete_log_of(comments)
    _delete(CommentMove.objects.filter(comment__in=comments))
    _delete(CommentRevision.objects.filter(comment__in=comments))
    _delete(Presence.objects.filter(comment__in=comments))
    _delete(HelpfulMark.objects.filter(comment__in=comments))
    forget(comments.values_list("pk", flat=True))
    unlearn(comments)
    _delete(comments)
    for part in in_parts(staying):
        _count_anew(part)


def _delete_log_of(comments: QuerySet[Comment]) -> None:
    """Delete the history of comments that go: the one place where rows of the log are deleted.

    On PostgreSQL a trigger refuses that unless this transaction says what it is about.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL parley.reverting = 'on'")
    _delete(ModerationLogEntry.objects.filter(comment__in=comments))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL parley.reverting = 'off'")


def _delete(rows: QuerySet[Any]) -> None:
    """Delete rows where they are. QuerySet.delete() would load each, and ask the log's delete().

    What still points to one of them makes the database refuse, at the latest on commit.
    """
    rows._raw_delete(rows.db)


def _count_anew(thread_ids: Sequence[int]) -> None:
    """Count what is public below each comment that is left, and in each of these threads."""
    public = Comment.objects.public().order_by()
    below = public.filter(
        thread=OuterRef("thread"),
        path__gt=OuterRef("path"),
        # Beyond every path that begins with this one: the digits end with "z".
        path__lt=Concat(OuterRef("path"), Value("~")),
    )
    above = Comment.objects.filter(thread__in=thread_ids, living_replies__gt=0)
    above.update(living_replies=_counted(below, by="thread"))
    Thread.objects.filter(pk__in=thread_ids).update(
        approved_count=_counted(public.filter(thread=OuterRef("pk")), by="thread"),
        version=F("version") + 1,
    )


def _counted(rows: QuerySet[Any], *, by: str) -> Coalesce:
    """Return how many rows there are for an outer row. Shape: they all have the same `by`."""
    count = rows.values(by).annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0)
