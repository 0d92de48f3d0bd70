"""The queues: what stands in each, in which order, a page at a time, and how many."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from comments.desk import queues
from comments.desk.filters import Filters
from comments.desk.queues import (
    BadKey,
    Order,
    Queue,
    count_matching,
    counts,
    matching,
    orders_of,
    read_page,
)
from comments.models import Comment
from comments.publicity import make_true
from comments.status import Status
from tests.comments.factories import fill, make_thread

pytestmark = pytest.mark.django_db

NOTHING = Filters()
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
EVERY = [(queue, order) for queue in Queue for order in orders_of(queue)]
NUMBER = 61
HOSTILE = [
    "x", "-", "--", "---", "1--2", "+1", "-1", "1-", "-1-2", "1-2-3-4", "１-２", "٣-٣", "1e5",
    "9" * 19, "9" * 5_000, "0" * 81, " 1", "1 ", "1\n", "\x00", "1-\x00", "NaN", "inf", "1.0-2",
    "0x10-1", "1_000-1", "' OR 1=1 --", "999999999999999999-1", "1-999999999999999999-1", "1-2-x",
    "None-None", "true", "<b>", "\u202e1", "\ud800", "🙂-🙂",
]  # fmt: skip


def strew(number=NUMBER, status=None):
    """Make comments of which many share an instant, a risk, a number of reports."""
    fill(make_thread(), number)
    comments = list(Comment.objects.order_by("pk"))
    statuses = [Status.PENDING, Status.SPAM, Status.APPROVED, Status.REJECTED, Status.PENDING]
    for at, comment in enumerate(comments):
        comment.status = status or statuses[at % len(statuses)]
        make_true(comment)
        comment.created_at = NOON + timedelta(minutes=at * 7 % 3)
        comment.risk = at // 5 % 3
        if at % 2:
            comment.open_reports = 1 + at // 2 % 3
            comment.reported_at = NOON + timedelta(hours=at * 3 % 2)
    times = ["created_at", "reported_at"]
    fields = ["status", "approved_revision", "risk", "open_reports", *times]
    Comment.objects.bulk_update(comments, fields)
    return comments


def keys(comments):
    return [comment.pk for comment in comments]


def pages_of(queue, order, size=4, between=lambda page: None, start=""):
    """Walk a queue from its first page, or one, to its last."""
    pages = [read_page(queue, order, NOTHING, size=size, after=start)]
    between(pages[-1])
    while pages[-1].after:
        pages.append(read_page(queue, order, NOTHING, size=size, after=pages[-1].after))
        between(pages[-1])
    return pages


# --- which, and in which order --------------------------------------------------------------------


@pytest.mark.parametrize("queue", [Queue.PENDING, Queue.SPAM, Queue.APPROVED, Queue.REJECTED])
def test_a_queue_of_a_status_holds_the_comments_of_that_status(queue):
    wanted = {comment.pk for comment in strew() if comment.status == queue.value}
    assert set(keys(matching(queue, NOTHING))) == wanted


def test_the_queue_of_reported_ones_holds_what_was_reported():
    wanted = {comment.pk for comment in strew() if comment.reported_at}
    assert set(keys(matching(Queue.REPORTED, NOTHING))) == wanted


def test_the_queue_of_all_holds_all():
    wanted = set(keys(strew()))
    assert set(keys(matching(Queue.ALL, NOTHING))) == wanted


def sorted_as(queue, order, comments):
    """Sort in the plainest way: what read_page() is held to."""
    if queue == Queue.REPORTED:
        by = [lambda c: (c.reported_at, c.pk), lambda c: (-c.open_reports, c.reported_at, c.pk)]
        return sorted(comments, key=by[order == Order.RISKIEST])
    if queue == Queue.ALL:
        return sorted(comments, key=lambda c: c.pk, reverse=order == Order.NEWEST)
    if order == Order.RISKIEST:
        return sorted(comments, key=lambda c: (-c.risk, c.created_at, c.pk))
    is_newest = order == Order.NEWEST
    return sorted(comments, key=lambda c: (c.created_at, c.pk), reverse=is_newest)


@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_each_order_is_what_its_name_says(queue, order):
    strew()
    wanted = sorted_as(queue, order, matching(queue, NOTHING))
    assert keys(read_page(queue, order, NOTHING, size=NUMBER).comments) == keys(wanted)


def test_what_waits_is_offered_oldest_first_and_the_rest_newest_first():
    assert [orders_of(queue)[0] for queue in Queue] == [Order.OLDEST] * 2 + [Order.NEWEST] * 4


def test_an_order_that_a_queue_does_not_have_is_its_own():
    strew()
    asked = read_page(Queue.SPAM, Order.RISKIEST, NOTHING)
    assert keys(asked.comments) == keys(read_page(Queue.SPAM, Order.NEWEST, NOTHING).comments)


# --- a page at a time -----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 61])
@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_pages_forwards_reach_every_comment_once_and_in_order(queue, order, size):
    strew()
    wanted = keys(sorted_as(queue, order, matching(queue, NOTHING)))
    pages = pages_of(queue, order, size)
    assert [pk for page in pages for pk in keys(page.comments)] == wanted
    assert all(page.comments for page in pages)
    assert [bool(page.before) for page in pages] == [False] + [True] * (len(pages) - 1)


@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_pages_backwards_are_those_that_were_passed(queue, order):
    strew()
    pages = pages_of(queue, order)
    back = [pages[-1]]
    while back[-1].before:
        back.append(read_page(queue, order, NOTHING, size=4, before=back[-1].before))
    assert [keys(page.comments) for page in reversed(back)] == [keys(p.comments) for p in pages]


@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_nothing_is_passed_over_where_comments_leave_the_queue_meanwhile(queue, order):
    strew()
    wanted = keys(sorted_as(queue, order, matching(queue, NOTHING)))

    def decide(page):
        gone = Comment.objects.filter(pk__in=keys(page.comments)[::-2])
        gone.update(status=Status.DELETED, approved_revision=None, reported_at=None)

    pages = pages_of(queue, order, between=decide)
    assert [pk for page in pages for pk in keys(page.comments)] == wanted


def test_a_place_at_a_comment_that_is_gone_is_still_a_place():
    strew(12, Status.PENDING)
    first = read_page(Queue.PENDING, Order.OLDEST, NOTHING, size=5)
    Comment.objects.filter(pk=first.comments[-1].pk).update(status=Status.SPAM)
    rest = pages_of(Queue.PENDING, Order.OLDEST, 5, start=first.after)
    assert sum(len(page.comments) for page in rest) == 7


def test_an_empty_queue_is_an_empty_page():
    page = read_page(Queue.SPAM, Order.NEWEST, NOTHING)
    assert (page.comments, page.after, page.before) == ([], "", "")


# --- keys -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", HOSTILE)
def test_a_broken_key_is_told_from_a_place_everywhere(key):
    for queue, order in EVERY:
        if key == "999999999999999999-1" and queue == Queue.ALL:
            continue
        with pytest.raises(BadKey, match="no place in the queue"):
            read_page(queue, order, NOTHING, after=key)
        with pytest.raises(BadKey):
            read_page(queue, order, NOTHING, before=key)


@pytest.mark.parametrize("key", ["99999999999999999-1-1", "0-0-0", "99999999999-1-99999999999"])
def test_a_place_where_no_comment_ever_stood_is_one(key):
    strew(9, Status.PENDING)
    after = read_page(Queue.PENDING, Order.RISKIEST, NOTHING, after=key)
    before = read_page(Queue.PENDING, Order.RISKIEST, NOTHING, before=key)
    assert sorted(keys(after.comments + before.comments)) == keys(Comment.objects.order_by("pk"))


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize("queue", Queue.values)
def test_a_broken_key_in_an_address_is_a_request_that_could_not_be_read(client, mona, queue, name):
    client.force_login(mona)
    address = reverse("admin:desk_queue", args=[queue])
    for key in HOSTILE:
        answer = client.get(address, {name: key.encode("utf-8", "replace")})
        if key == "999999999999999999-1" and queue == Queue.ALL:
            continue
        # What a browser does not send as text is replaced on its way.
        assert answer.status_code == 400, key
        assert "could not be read" in answer.text


# --- how many -------------------------------------------------------------------------------------


def test_how_many_stand_in_each_queue_costs_one_query(django_assert_num_queries):
    comments = strew()
    with django_assert_num_queries(1):
        found = counts()
    wanted = {status.value: 0 for status in Status}
    for comment in comments:
        wanted[comment.status] += 1
    wanted |= {"all": NUMBER, "reported": NUMBER // 2}
    assert found == {queue: str(wanted[queue.value]) for queue in Queue}


@pytest.mark.parametrize(("number", "told"), [(2, "2"), (3, "3"), (4, "3+"), (9, "3+")])
def test_counting_ends_where_nobody_needs_the_number(monkeypatch, number, told):
    monkeypatch.setattr(queues, "COUNTED_TO", 3)
    strew(number, Status.SPAM)
    assert counts()[Queue.SPAM] == counts()[Queue.ALL] == told
    assert count_matching(Queue.SPAM, NOTHING) == told
    assert count_matching(Queue.SPAM, Filters(thread=0)) == told


def test_numbers_are_exact_up_to_ten_thousand():
    shown = [queues.shown(number) for number in (0, 999, 10_000, 10_001)]
    assert shown == ["0", "999", "10,000", "10,000+"]


# --- what it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_a_first_page_costs_one_query(django_assert_num_queries, queue, order):
    strew()
    with django_assert_num_queries(1):
        comments = read_page(queue, order, NOTHING).comments
        assert len(comments) > 10
        for comment in comments:
            assert comment.thread.title
            assert comment.author is comment.parent is None


@pytest.mark.parametrize(("queue", "order"), EVERY)
def test_a_later_page_costs_one_query_or_two_across_risks(
    django_assert_max_num_queries, queue, order
):
    strew()
    after = read_page(queue, order, NOTHING, size=4).after
    with django_assert_max_num_queries(2 if order == Order.RISKIEST else 1):
        assert len(read_page(queue, order, NOTHING, size=4, after=after).comments) == 4


@pytest.mark.parametrize(
    ("most_keys", "asked"), [(2_000, 2), (0, 3)], ids=["the first is rare", "none is rare"]
)
def test_a_filtered_page_costs_a_query_more_for_each_filter_until_one_is_rare(
    monkeypatch, django_assert_num_queries, most_keys, asked
):
    monkeypatch.setattr(queues, "MOST_KEYS", most_keys)
    strew()
    Comment.objects.update(ip_address="192.0.2.7")
    filters = Filters(thread=Comment.objects.first().thread_id, ip="192.0.2.7")
    with django_assert_num_queries(asked):
        page = read_page(Queue.PENDING, Order.OLDEST, filters)
    assert len(page.comments) == queues.PAGE_SIZE
