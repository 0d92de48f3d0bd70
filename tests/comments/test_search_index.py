"""The index for searching: it catches up in parts, says how far it is, and both ways of asking it
find the same comments.
"""

from itertools import combinations

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from comments import searching
from comments.desk import filters as desk_filters
from comments.desk import queues
from comments.desk.filters import Filters, prepare
from comments.desk.queues import Queue, count_matching, matching, orders_of, read_page
from comments.models import Comment, ModerationLogEntry, SearchProgress
from comments.searching import Progress, catch_up
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db
FOX = Filters(words="fox")


@pytest.fixture
def only_sqlite(db):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL keeps its index itself")


@pytest.fixture
def foxes():
    thread = make_thread()
    for number in range(5):
        make_comment(thread, body=f"fox {number}", status=Status.PENDING)


def found(filters=FOX, queue=Queue.ALL):
    """Ask with the rows that a page of cards has beside each comment."""
    return {comment.pk for comment in read_page(queue, orders_of(queue)[0], filters).comments}


# --- catching up ----------------------------------------------------------------------------------


@pytest.mark.once
def test_the_index_catches_up_in_parts_and_says_how_far_it_is(only_sqlite, foxes, monkeypatch):
    monkeypatch.setattr(searching, "ENTRIES_A_TURN", 2)
    rows = rows_of_the_log()
    assert catch_up(2) == Progress(rows[1], rows[4])
    assert not Progress(rows[1], rows[4]).is_whole
    assert len(found()) == 2
    assert catch_up(2) == Progress(rows[3], rows[4])
    assert catch_up(2).is_whole
    assert len(found()) == 5


def rows_of_the_log():
    return list(ModerationLogEntry.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.once
def test_an_index_that_is_whole_costs_three_queries(only_sqlite, foxes, django_assert_num_queries):
    catch_up()
    with django_assert_num_queries(3):
        assert catch_up().is_whole


@pytest.mark.once
def test_a_part_that_is_indexed_again_is_there_once(only_sqlite, foxes):
    catch_up()
    SearchProgress.objects.update(last_entry=0)
    catch_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM comments_search")
        assert cursor.fetchone() == (5,)


def test_the_command_makes_the_whole_index(foxes, monkeypatch):
    monkeypatch.setattr(searching, "ENTRIES_A_TURN", 2)
    call_command("renew_comments", verbosity=0)
    assert len(found()) == 5


@pytest.mark.once
def test_a_search_says_while_the_index_is_behind(only_sqlite, foxes, monkeypatch):
    monkeypatch.setattr(searching, "ENTRIES_A_TURN", 2)
    monkeypatch.setattr(desk_filters, "catch_up", lambda: catch_up(2))
    for filters in (FOX, Filters(language="en")):
        SearchProgress.objects.all().delete()
        rows = rows_of_the_log()
        assert f"{rows[1]} of {rows[4]} entries" in prepare(filters)
        assert f"{rows[3]} of {rows[4]} entries" in prepare(filters)
        assert prepare(filters) == ""


@pytest.mark.parametrize("asked", [{}, {"thread": 1, "ip": "192.0.2.7", "newer_days": 3}])
def test_where_the_index_is_not_asked_it_is_left_alone(foxes, django_assert_num_queries, asked):
    with django_assert_num_queries(0):
        assert prepare(Filters(**asked)) == ""


@pytest.mark.once
def test_the_page_says_while_the_index_is_behind(only_sqlite, foxes, client, mona, monkeypatch):
    monkeypatch.setattr(searching, "ENTRIES_A_TURN", 2)
    monkeypatch.setattr(desk_filters, "catch_up", lambda: catch_up(4))
    client.force_login(mona)
    address = reverse("admin:desk_queue", args=["pending"])
    first, second = (client.get(address, {"words": "fox"}) for _time in (1, 2))
    rows = rows_of_the_log()
    assert f"still being made: {rows[3]} of {rows[4]}" in first.text
    assert "still being made" not in second.text
    assert (first.text.count("data-card="), second.text.count("data-card=")) == (4, 5)


@pytest.mark.once
def test_without_an_index_texts_are_looked_through(only_sqlite, foxes):
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE comments_search")
    assert (prepare(FOX), len(found())) == ("", 5)
    assert len(found(Filters(words="fox -3"))) == 4
    assert len(found(Filters(network="192.0.2.0/24"))) == 5


# --- two ways to the same comments ----------------------------------------------------------------

ENGLISH = "This is what the old fox said to me and to all of us in the barn"
ASKED = {
    "words": "fox -barn",
    "language": "en",
    "domain": "example.com",
    "network": "192.0.2.0/24",
    "check": "too_many_links",
    "email": "gus@example.org",
    "newer_days": 3,
}


@pytest.fixture
def mixed(bob):
    thread = make_thread()
    statuses = [Status.PENDING, Status.SPAM, Status.APPROVED]
    for number in range(36):
        fox = "fox" if number % 2 else "hen"
        body = f"{ENGLISH.replace('fox', fox)} {number}"
        body = body.replace("in the barn", "") if number % 3 else body
        body += " https://www.example.com/" if number % 5 else " https://example.net/"
        ip = "192.0.2.9" if number % 7 else "2001:db8::1"
        author = {"author": bob} if number % 11 == 0 else {}
        status = statuses[number % 4 % 3]
        make_comment(thread, body=body, status=status, ip_address=ip, **author)
    half = Comment.objects.filter(number__gt=18)
    for comment in half:
        Comment.objects.filter(pk=comment.pk).update(facets=f"{comment.facets} c:too_many_links")
    catch_up()


def answers(filters):
    """Return what each queue says of the filters: the pages, and how many."""
    said = []
    for queue in Queue:
        for order in orders_of(queue):
            page = read_page(queue, order, filters, size=50)
            said.append([comment.pk for comment in page.comments])
        said.append(count_matching(queue, filters))
    return said


def test_rare_and_common_filters_find_the_same(mixed, monkeypatch):
    pairs = [*combinations(ASKED, 1), *combinations(ASKED, 2), *combinations(ASKED, 3)]
    are_found = 0
    for names in pairs:
        filters = Filters(**{name: ASKED[name] for name in names})
        told = []
        for most_keys, most_among in ((0, 0), (0, 10**6), (10**6, 10**6)):
            monkeypatch.setattr(queues, "MOST_KEYS", most_keys)
            monkeypatch.setattr(searching, "MOST_AMONG", most_among)
            told.append(answers(filters))
        assert told[0] == told[1] == told[2], names
        are_found += bool(told[0][0])
    assert are_found > len(pairs) / 3


# --- forgetting -----------------------------------------------------------------------------------


@pytest.mark.once
def test_comments_that_are_forgotten_are_not_found(only_sqlite, foxes):
    catch_up()
    searching.forget(Comment.objects.order_by("pk")[:2].values_list("pk", flat=True))
    assert len(found()) == 3


def test_facets_that_are_filled_in_later_are_found_though_the_words_were_indexed_before():
    comment = make_comment(make_thread(), body="See https://shop.example.com/ for a walnut.")
    Comment.objects.update(facets="")
    catch_up(None)
    call_command("renew_comments", verbosity=0)
    assert list(matching(Queue.ALL, Filters(domain="example.com"))) == [comment]
