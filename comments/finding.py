"""How a thread is found: by who reads, and by who writes. Asked with everything that is done here,
so each is a query that is written once (prepared.py).
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from comments.handles import Known
from comments.models import Comment, Thread
from comments.prepared import Prepared

COLUMNS = tuple(field.attname for field in Thread._meta.concrete_fields)
OF_COMMENT = tuple(field.attname for field in Comment._meta.concrete_fields)
# No thread has that id, no comment that number, and none was public at that instant.
NO_NUMBER = 2_147_483_645
NO_ID, INSTANT = 918273645546372819, datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)


def public_thread(thread_id: int) -> Thread:
    """Return a thread that everybody may read, if it was not found by counting.

    Queries: 1. Raises: Http404.
    """
    thread = readable_thread(thread_id)
    if is_counted_to(thread, thread_id):
        raise Http404
    return thread


def readable_thread(thread_id: int) -> Thread:
    """Return a thread that everybody may read, for those who look at how it was found themselves.

    Queries: 1. Raises: Http404.
    """
    rows = PUBLIC.rows(int(thread_id), timezone.now()) if thread_id < 2**63 else []
    if not rows:
        raise Http404
    return _thread(rows[0])


def is_counted_to(thread: Thread, thread_id: int) -> bool:
    """Tell whether an unlisted page's thread is asked for by its number alone."""
    return thread.is_unlisted and not isinstance(thread_id, Known)


def locked_thread(thread_id: int) -> Thread:
    """Return a thread whose row stays locked until the transaction ends. SQLite has locked the
    whole file. Queries: 1. Raises: Thread.DoesNotExist.
    """
    rows = LOCKED.rows(thread_id)
    if not rows:
        raise Thread.DoesNotExist
    return _thread(rows[0])


def answered_in(thread_id: int, number: int) -> tuple[Thread, Comment] | None:
    """Return a thread that everybody may read and, of it, a comment, read together. Queries: 1."""
    known = thread_id < 2**63 and number < NO_NUMBER
    rows = ANSWERED.rows(int(thread_id), number, timezone.now()) if known else []
    if not rows:
        return None
    thread = _thread(rows[0][len(OF_COMMENT) :])
    comment = Comment.from_db(connection.alias, OF_COMMENT, rows[0][: len(OF_COMMENT)])
    comment.thread = thread
    return thread, comment


def _thread(row: tuple[Any, ...]) -> Thread:
    return Thread.from_db(connection.alias, COLUMNS, row)


def _public(thread_id: int, now: datetime) -> QuerySet[Any, Any]:
    return Thread.objects.filter(pk=thread_id, public_at__lte=now).values_list(*COLUMNS)


def _locked(thread_id: int) -> QuerySet[Any, Any]:
    return Thread.objects.select_for_update().filter(pk=thread_id).values_list(*COLUMNS)


def _answered(thread_id: int, number: int, now: datetime) -> QuerySet[Any, Any]:
    comments = Comment.objects.filter(
        thread=thread_id, number=number, thread__public_at__lte=now
    ).order_by()
    return comments.values_list(*OF_COMMENT, *(f"thread__{name}" for name in COLUMNS))


PUBLIC = Prepared(_public, NO_ID, INSTANT)
LOCKED = Prepared(_locked, NO_ID)
ANSWERED = Prepared(_answered, NO_ID, NO_NUMBER, INSTANT)
