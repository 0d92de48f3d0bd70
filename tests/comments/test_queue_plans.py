"""How the databases answer the queues: along an index, without sorting or reading a whole queue."""

import pytest
from django.db import connection

from comments.desk.filters import Filters
from comments.desk.queues import Order, Queue, counts, orders_of, read_page
from comments.models import Comment
from comments.publicity import make_true
from comments.searching import keys_with_token, keys_with_words, parse_search
from comments.status import Status
from tests.comments.factories import fill, make_thread

pytestmark = pytest.mark.django_db

NUMBER = 400
STATUSES = [Status.PENDING, Status.SPAM, Status.APPROVED, Status.REJECTED]
INDEXES = {
    (Queue.REPORTED, Order.OLDEST): "comment_reported",
    (Queue.REPORTED, Order.RISKIEST): "comment_most_reported",
    (Queue.PENDING, Order.RISKIEST): "comment_riskiest",
    (Queue.ALL, Order.NEWEST): "",
    (Queue.ALL, Order.OLDEST): "",
}
EVERY = [(queue, order) for queue in Queue for order in orders_of(queue)]
IS_POSTGRESQL = "postgresql"


@pytest.fixture
def crowd():
    """Fill the queues, and let PostgreSQL forget that so small a table is soonest read as a whole.

    Every third comment is reported; the risk of each is one of three.
    """
    fill(make_thread(), NUMBER)
    comments = list(Comment.objects.order_by("pk"))
    for at, comment in enumerate(comments):
        comment.status = STATUSES[at % 4]
        make_true(comment)
        comment.risk = at % 3
        if at % 3 == 0:
            comment.reported_at, comment.open_reports = comment.created_at, 1 + at % 2
    fields = ["status", "approved_revision", "risk", "reported_at", "open_reports"]
    Comment.objects.bulk_update(comments, fields)
    with connection.cursor() as cursor:
        if connection.vendor == IS_POSTGRESQL:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("ANALYZE")


def plans_of(ask):
    """Return the plan of each query that is asked, one text each.

    With its values apart, as it is asked: SQLite plans without them.
    """
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        ask()
    explain = "EXPLAIN " if connection.vendor == IS_POSTGRESQL else "EXPLAIN QUERY PLAN "
    plans = []
    with connection.cursor() as cursor:
        for sql, params in asked:
            cursor.execute(explain + sql, params)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    return plans


def is_walked(plan, index):
    """Tell whether a plan goes along an index, or the key where none is named, unsorted."""
    if "TEMP B-TREE" in plan or "Sort" in plan or "Seq Scan" in plan:
        return False
    if connection.vendor == IS_POSTGRESQL:
        return f"using {index or 'comments_comment_pkey'} on comments_comment" in plan
    by_key = ("SCAN comments_comment\n", "USING INTEGER PRIMARY KEY (rowid")
    return index in plan if index else any(way in plan + "\n" for way in by_key)


def pages(queue, order, size=10):
    first = read_page(queue, order, Filters(), size=size)
    second = read_page(queue, order, Filters(), size=size, after=first.after)
    return {
        "first": lambda: read_page(queue, order, Filters(), size=size),
        "next": lambda: read_page(queue, order, Filters(), size=size, after=first.after),
        "previous": lambda: read_page(queue, order, Filters(), size=size, before=second.before),
    }


@pytest.mark.parametrize("which", ["first", "next", "previous"])
@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_every_page_is_read_along_the_index_of_its_order(crowd, queue, order, which):
    plans = plans_of(pages(queue, order)[which])
    assert plans
    for plan in plans:
        assert is_walked(plan, INDEXES.get((queue, order), "comment_queue")), plan


def test_a_page_across_risks_is_read_along_the_index_too(crowd):
    near_the_end = 10 * (NUMBER // 4 // 3 // 10)
    before = read_page(Queue.PENDING, Order.RISKIEST, Filters(), size=near_the_end)
    plans = plans_of(
        lambda: read_page(Queue.PENDING, Order.RISKIEST, Filters(), size=10, after=before.after)
    )
    assert len(plans) == 2
    for plan in plans:
        assert is_walked(plan, "comment_riskiest"), plan


@pytest.mark.once
@pytest.mark.skipif(connection.vendor == IS_POSTGRESQL, reason="It keeps its own statistics.")
@pytest.mark.parametrize("order", orders_of(Queue.ALL))
def test_all_is_walked_by_key_among_a_million_of_few_threads(crowd, order):
    """SQLite begins with the smallest table where nothing is said of the others."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1 WHERE tbl = 'comments_thread'")
        cursor.execute(
            "UPDATE sqlite_stat1 SET stat = '1000000 ' || substr(stat, instr(stat, ' ') + 1)"
            " WHERE tbl = 'comments_comment'"
        )
        cursor.execute("INSERT INTO sqlite_stat1 VALUES ('comments_thread', NULL, '100')")
        cursor.execute("ANALYZE sqlite_schema")
    (plan,) = plans_of(pages(Queue.ALL, order)["first"])
    assert is_walked(plan, ""), plan


def test_counting_reads_indexes_only(crowd):
    (plan,) = plans_of(counts)
    if connection.vendor == IS_POSTGRESQL:
        assert "Seq Scan" not in plan
    else:
        scans = [line for line in plan.splitlines() if "comments_comment" in line]
        assert len(scans) == len(Queue)
        assert all("INDEX" in line for line in scans), plan


def test_words_are_asked_of_the_index_that_was_made_for_them(crowd):
    if connection.vendor != IS_POSTGRESQL:
        return  # there is no other way to ask it
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_bitmapscan = on")
        cursor.execute("SET LOCAL enable_indexscan = off")
    (plan,) = plans_of(lambda: keys_with_words(parse_search("fox"), 10))
    assert "comment_words" in plan
    (plan,) = plans_of(lambda: keys_with_token("l:en", 10))
    assert "comment_facets" in plan
