"""How many queries the writing room asks: the same however many posts and revisions there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog import publishing
from blog.models import Category, Post, Series
from blog.room.filters import Wanted
from blog.room.finding import Order, find, find_all
from tests.cast import make_person

pytestmark = pytest.mark.django_db

OF_TRANSACTIONS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
MANY = 12


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def asked(do):
    with CaptureQueriesContext(connection) as queries:
        do()
    return [each["sql"] for each in queries if not each["sql"].startswith(OF_TRANSACTIONS)]


def number_asked(do):
    """Count queries; the first time Django looks up what it then keeps."""
    do()
    return len(asked(do))


@pytest.fixture
def fill(alice, make_post):
    """Return a function that makes posts, each with labels, changes beside it and a history."""
    shelf = Category.objects.create(name="Shelf", slug="shelf")
    series = Series.objects.create(title="In parts", slug="in-parts")
    moira = make_person("Moira", "Author")

    def make(number=MANY):
        for n in range(number):
            labels = {"tags": ["common", f"tag {n}"], "categories": [shelf], "series": series}
            others = {"author": moira, "coauthors": [alice]} if n % 4 == 0 else {}
            post = make_post(title=f"Post on bread {n}", published=n % 3 > 0, **labels, **others)
            rewrite(post, alice, times=2)
            if n % 2:
                keep(post, alice)
        return post

    return make


def rewrite(post, actor, times=1):
    for n in range(times):
        seen = Post.objects.get(pk=post.pk).text_version
        publishing.save(post, {"body": f"Anew {n}, {seen}"}, actor=actor, seen_version=seen)


def keep(post, actor, **fields):
    seen = Post.objects.get(pk=post.pk).text_version
    fields = fields or {"body": f"Beside, {seen}"}
    return publishing.keep(post, fields, actor=actor, seen_version=seen)


# --- the list -------------------------------------------------------------------------------

FILTERS = [
    "", "state=draft", "state=published", "state=scheduled", "state=trash", "changes=waiting",
    "changes=planned", "kind=post", "tag=common", "tag=tag+1", "category=shelf",
    "series=in-parts", "words=bread", "words=nowhere", "sort=published", "sort=title",
    "tag=common&words=bread&state=draft",
]  # fmt: skip
# Session, person, permissions, tabs, the keys of two streams, rows, which of them are editable,
# what to go on with, names to choose from: 14. A filter costs 1 to name, 1 to find.
MOST = 20


def lists_of(client, more=""):
    """Return how many queries each list asks."""
    return {
        query: number_asked(lambda query=query: client.get(f"/write/?{more}{query}"))
        for query in FILTERS
    }


@pytest.mark.parametrize("more", ["", "whose=all&"], ids=["own", "all"])
def test_a_list_costs_the_same_for_few_and_for_many(client, alice, mona, fill, more):
    client.force_login(mona if more else alice)
    fill(4)
    few = lists_of(client, more)
    fill()
    assert lists_of(client, more) == few
    assert max(few.values()) <= MOST, few


def test_no_list_reads_a_text(writer, fill):
    fill(4)
    sql = " ".join(asked(lambda: writer.get("/write/")))
    for column in ('"body"', '"body_html"', '"words"'):
        assert column not in sql


# --- a post ---------------------------------------------------------------------------------

PAGES = {"edit": 40, "quick": 16, "history": 14, "checklist": 18, "preview": 22}


@pytest.mark.parametrize(("name", "most"), PAGES.items())
def test_a_page_of_a_post_costs_the_same_however_long_its_history_is(
    writer, alice, fill, name, most
):
    post = fill(4)
    address = reverse(f"blog:{name}", args=[post.pk])
    few = number_asked(lambda: writer.get(address))
    fill()
    rewrite(post, alice, times=MANY)
    keep(post, alice)
    assert number_asked(lambda: writer.get(address)) <= few <= most


def save(post, alice):
    return lambda: rewrite(post, alice)


def autosave(post, alice):
    return lambda: keep(post, alice)


def publish_and_take_back(post, alice):
    def act():
        publishing.publish(post, actor=alice)
        publishing.unpublish(post, actor=alice)

    return act


def publish_changes(post, alice):
    def act():
        keep(post, alice)
        publishing.publish_changes(post, actor=alice)

    return act


ACTS = {save: 24, autosave: 14, publish_and_take_back: 24, publish_changes: 44}


@pytest.mark.parametrize(
    ("act", "most"), ACTS.items(), ids=lambda each: str(getattr(each, "__name__", ""))
)
def test_an_act_costs_the_same_among_few_and_among_many(alice, fill, make_post, act, most):
    post = make_post(title="The one", published=act is publish_changes)
    rewrite(post, alice)
    fill(4)
    few = number_asked(act(post, alice))
    fill()
    rewrite(post, alice, times=MANY)
    assert number_asked(act(post, alice)) <= few <= most


def test_a_post_called_as_many_others_costs_few_questions_more(alice, make_post):
    def start():
        make_post(title="Same", published=False)

    for _each in range(20):
        start()
    of_slugs = [sql for sql in asked(start) if "slug" in sql and sql.startswith("SELECT")]
    assert len(of_slugs) <= 26


# --- many at once ---------------------------------------------------------------------------


def test_each_of_many_costs_no_more_than_one(writer, make_post):
    posts = [make_post() for _each in range(10)]

    def move(some):
        data = {"chosen": [post.pk for post in some]}
        writer.post("/write/many/", data | {"deed": "unpublish"})
        writer.post("/write/many/", data | {"deed": "publish"})

    few, many = (number_asked(lambda some=some: move(some)) for some in (posts[:2], posts))
    assert (many - few) / 8 <= 40


def test_finding_all_that_match_is_done_by_pages(alice, fill, django_assert_max_num_queries):
    fill()
    wanted = Wanted(person=alice.pk, words="bread")
    with django_assert_max_num_queries(6):
        assert len(find_all(wanted, 100)) == MANY


# --- by which index -------------------------------------------------------------------------


INDEXES = {
    "post_changed": {},
    "post_own_changed": {"author": 1},
    "post_changed_in_state": {"status": "draft"},
}


@pytest.mark.once
@pytest.mark.parametrize(("index", "condition"), INDEXES.items())
def test_lists_are_read_in_order_from_an_index(db, index, condition):
    plan = Order("").of(Post.objects.filter(**condition), None)[:50].explain()
    assert index in plan
    assert "TEMP B-TREE" not in plan


def test_nothing_is_found_by_nobody(db):
    assert find(Wanted(person=0)).keys == []
