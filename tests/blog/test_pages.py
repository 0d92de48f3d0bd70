"""Pages: what stands apart from the posts, in a tree of its own."""

import pytest
from bs4 import BeautifulSoup

from blog.models import Post, PostKind
from blog.trees import all_below, chain_above, outline
from comments.models import Thread
from tests.blog.received import put_into, receive_post, received_again
from tests.comments.factories import make_comment


def parse(response):
    return BeautifulSoup(response.text, "html5lib")


def texts(page, selector):
    return [found.text.strip() for found in page.select(selector)]


# --- trees, without a database ----------------------------------------------------------------


def rows(**parents):
    """Return unsaved pages by number: `rows(_1=None, _2=1)`."""
    return [
        Post(pk=int(name[1:]), title=name[1:], parent_id=parent) for name, parent in parents.items()
    ]


@pytest.mark.parametrize(
    ("parents", "drawn"),
    [
        ({}, ""),
        ({"_1": None}, "1"),
        ({"_1": None, "_2": 1, "_3": 2, "_4": 1, "_5": None}, "1(2(3)4)5"),
        ({"_2": 1, "_1": None}, "1(2)"),
        ({"_1": 9, "_2": 1}, "1(2)"),
        ({"_1": 2, "_2": 1}, "1(2)"),
        ({"_1": 1}, "1"),
        ({"_5": None, "_1": 3, "_2": 1, "_3": 2, "_4": 3}, "51(2(3(4)))"),
    ],
)
def test_an_outline_has_every_row_once(parents, drawn):
    lines = outline(rows(**parents))
    drawing = "".join(line.row.title + "(" * line.opens + ")" * len(line.closing) for line in lines)
    assert drawing == drawn


def test_an_outline_is_not_deeper_than_can_be_drawn():
    numbers = range(2, 3000)
    lines = outline(rows(_1=None, **{f"_{number}": number - 1 for number in numbers}))
    assert len(lines) == 2999
    assert max(line.level for line in lines) == 6
    assert sum(line.opens for line in lines) == sum(line.closes for line in lines) == 6


def test_a_chain_ends_where_a_parent_is_missing_or_was_met_before():
    tree = rows(_1=9, _2=1, _3=2)
    assert [row.pk for row in chain_above(tree[2], tree)] == [1, 2]
    circle = rows(_1=3, _2=1, _3=2)
    assert [row.pk for row in chain_above(circle[0], circle)] == [2, 3]


def test_all_below_goes_round_a_circle_once():
    circle = rows(_1=3, _2=1, _3=2, _4=3)
    assert {row.pk for row in all_below(circle[0], circle)} == {1, 2, 3, 4}


# --- a page -----------------------------------------------------------------------------------


@pytest.fixture
def make_page(alice):
    def make(title, **fields):
        return receive_post(alice, kind=PostKind.PAGE, title=title, **fields)

    return make


@pytest.fixture
def tree(make_page):
    about = make_page("About")
    team = make_page("Team", parent=about, position=2)
    place = make_page("Place", parent=about, position=1)
    cats = make_page("Cats", parent=team)
    return about, team, place, cats


def test_a_page_shows_where_it_stands_and_what_is_below_it(client, tree):
    page = parse(client.get("/pages/team/"))
    assert texts(page, ".crumbs a") == ["About"]
    assert texts(page, ".children a") == ["Cats"]
    assert texts(parse(client.get("/pages/cats/")), ".crumbs a") == ["About", "Team"]
    assert texts(parse(client.get("/pages/about/")), ".children a") == ["Place", "Team"]


def test_a_page_has_no_byline_and_no_neighbours(client, tree, alice):
    receive_post(alice)
    page = parse(client.get("/pages/team/"))
    assert not page.select(".byline, .neighbours, a[rel=author]")


def test_a_page_that_is_not_public_breaks_the_chain(client, tree):
    put_into(tree[1], "draft")
    assert texts(parse(client.get("/pages/cats/")), ".crumbs a") == []
    assert texts(parse(client.get("/pages/about/")), ".children a") == ["Place"]
    assert texts(parse(client.get("/pages/")), ".outline a") == ["About", "Place", "Cats"]


def test_all_pages_stand_in_one_tree(client, tree):
    page = parse(client.get("/pages/"))
    assert texts(page, ".outline a") == ["About", "Place", "Team", "Cats"]
    assert texts(page, ".outline > li > ul > li > ul a") == ["Cats"]


def test_a_site_without_pages_says_so(client, db):
    assert "There are no pages here" in client.get("/pages/").text


def test_the_tree_of_pages_takes_one_query(client, tree, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/pages/")


def test_the_sitemap_takes_as_many_queries_for_many_pages(client, tree, django_assert_num_queries):
    client.get("/sitemap.xml")
    with django_assert_num_queries(6):
        client.get("/sitemap.xml")


def test_a_page_takes_three_queries(client, tree, django_assert_num_queries):
    client.get("/pages/cats/")
    with django_assert_num_queries(3):
        client.get("/pages/team/")


def renamed_parent(tree):
    received_again(tree[0], title="Of us")


def hidden_child(tree):
    put_into(tree[3], "private")


@pytest.mark.parametrize("change", [renamed_parent, hidden_child], ids=lambda each: each.__name__)
def test_a_page_is_another_one_when_what_stands_around_it_changes(client, tree, change):
    etag = client.get("/pages/team/")["ETag"]
    assert client.get("/pages/team/", headers={"If-None-Match": etag}).status_code == 304
    change(tree)
    assert client.get("/pages/team/", headers={"If-None-Match": etag}).status_code == 200


def test_a_page_is_not_a_post_and_a_post_no_page(client, tree, alice):
    post = receive_post(alice)
    assert client.get("/posts/team/").status_code == 404
    assert client.get(f"/pages/{post.slug}/").status_code == 404


def test_a_page_that_never_had_a_discussion_says_nothing_of_one(client, make_page):
    page = make_page("Quiet")
    Thread.objects.filter(pk=page.thread_id).update(is_open=False)
    assert not parse(client.get("/pages/quiet/")).select("#discussion")
    open_page = make_page("Open")
    make_comment(open_page.thread)
    Thread.objects.filter(pk=open_page.thread_id).update(is_open=False)
    assert parse(client.get("/pages/open/")).select("#discussion li.comment")
