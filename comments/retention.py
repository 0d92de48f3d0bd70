"""The clock of what a comment came with: after so many days its network address is shortened, and
the browser, the page it came from and what stood in the hidden field are cleared.

Comments are gone through in the order in which they were written, along the index of the queues,
from where it stood last: nothing is read twice. Done by whoever comes along: the running site, or
`manage.py clear_facts`. The words are not touched, nor the log.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from comments.facets import without_narrow_networks
from comments.models import Comment, DiscussionRules, RetentionProgress
from comments.networks import shortened
from comments.prepared import PreparedUpdate
from comments.searching import index_again
from comments.status import Status
from comments.turns import turn

# Others who write wait for so many at most.
A_TURN = 200
AT_ONCE = 1000
CLEARED = ("user_agent", "referrer", "honeypot")
WRITTEN = ("ip_address", "facets", *CLEARED)
FACTS = PreparedUpdate(Comment, WRITTEN)
FIRST_OF_ALL = datetime.min.replace(tzinfo=UTC)
# An import stores what is due soon as if it were: this may pass by before the batch is stored.
AHEAD = timedelta(hours=1)

Place = tuple[datetime, int]


def due_before(rules: DiscussionRules | None = None) -> datetime:
    """Return since when a comment must have been there to lose its facts. Queries: 1, or none."""
    rules = rules or DiscussionRules.in_force()
    return timezone.now() - timedelta(days=rules.keep_facts_days)


def clear_due_facts(at_once: int = AT_ONCE) -> int:
    """Clear the facts of the next comments whose time is over; return how many were gone through.

    0: there is nothing left to do by now. Each turn is a short transaction of its own, and doing
    it twice, or in two processes, does no harm. Queries: 3 where nothing is due.
    """
    due, done = due_before(), 0
    place = _begin(due)
    while done < at_once and (keys := _next(place, due, min(A_TURN, at_once - done))):
        passed = _clear(keys)
        done += len(passed)
        if passed:
            place = passed[-1]
            _remember(place)
        if len(passed) < len(keys):
            # Somebody is writing that one just now: from there, the next time.
            break
    return done


def _begin(due: datetime) -> Place:
    """Return the place of the last comment that was gone through.

    Where comments may be kept longer than they could be then, it is that from which on they may:
    what an import brings behind it is due later.
    """
    progress = RetentionProgress.objects.filter(pk=1).first()
    if progress is None or progress.written_at is None:
        return FIRST_OF_ALL, 0
    if progress.written_at <= due:
        return progress.written_at, progress.last_comment
    _remember((due, 0))
    return due, 0


def _remember(place: Place) -> None:
    written_at, pk = place
    RetentionProgress(pk=1, last_comment=pk, written_at=written_at).save()


# --- which are next -----------------------------------------------------------------------------


def _next(place: Place, due: datetime, most: int) -> list[int]:
    """Return the keys of the next comments in the order in which they were written. Queries: 1.

    Of each status the first ones, along its index, together in one statement: a comment that
    changes its status meanwhile is missed by none of them.
    """
    ways = [_of_status(status, place, due)[:most].query.sql_with_params() for status in Status]
    parts = (f"SELECT * FROM ({sql}) way_{at}" for at, (sql, _params) in enumerate(ways))  # noqa: S608
    # What Django wrote, put together: it lets no part of such a statement be cut on SQLite.
    statement = f"{' UNION ALL '.join(parts)} ORDER BY 1, 2 LIMIT {most:d}"
    with connection.cursor() as cursor:
        cursor.execute(statement, [param for _sql, params in ways for param in params])
        return [pk for _written_at, pk in cursor.fetchall()]


def _of_status(status: Status, place: Place, due: datetime) -> QuerySet[Comment, Any]:
    written_at, pk = place
    later = Q(created_at__gt=written_at) | Q(pk__gt=pk)
    rows = Comment.objects.filter(status=status, created_at__gte=written_at, created_at__lt=due)
    return rows.filter(later).order_by("created_at", "pk").values_list("created_at", "pk")


# --- clearing -----------------------------------------------------------------------------------


def forget_facts(comment: Comment) -> bool:
    """Take from a comment what is due, and tell whether there was anything. Stores nothing.

    How long it took to write stays: it says nothing of a person. So does the key of the form, by
    which a form that is sent twice makes one comment, and a guest's browser knows it.
    """
    before = [getattr(comment, name) for name in WRITTEN]
    if comment.ip_address:
        comment.ip_address = shortened(comment.ip_address)
    comment.facets = without_narrow_networks(comment.facets, comment.ip_address)
    for name in CLEARED:
        setattr(comment, name, "")
    return before != [getattr(comment, name) for name in WRITTEN]


def forget_old_facts(comments: Iterable[Comment], due: datetime) -> None:
    """Take from comments that are about to be stored what they would lose soon, or have no age."""
    now = timezone.now()
    for comment in comments:
        if not due + AHEAD < comment.created_at <= now:
            forget_facts(comment)


def _clear(keys: Sequence[int]) -> list[Place]:
    """Clear the facts of comments, up to the first that somebody else is writing or took away.

    Returns which it came by. Queries: 1, and 1 for each that had facts; a few for the search.
    """
    with turn():
        # It never waits for a row while it holds others: no editor's act is to fail by it.
        free = Comment.objects.select_for_update(no_key=True, skip_locked=True)
        found = free.only("created_at", *WRITTEN).in_bulk(keys)
        passed = [found[pk] for pk in takewhile(found.__contains__, keys)]
        facets = {comment.pk: comment.facets for comment in passed}
        for comment in passed:
            if forget_facts(comment):
                FACTS.store(comment)
        if narrowed := {each.pk for each in passed if each.facets != facets[each.pk]}:
            index_again(narrowed)
    return [(comment.created_at, comment.pk) for comment in passed]
