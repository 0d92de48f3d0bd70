"""Series: posts in an order of their own, of which readers are told no more than they may read."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.utils import timezone

from blog.models import Post, Series
from tests.blog.received import HIDDEN, put_into, receive_post

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaves(db):
    return Series.objects.create(title="On <loaves>", slug="loaves", description="Three of them.")


@pytest.fixture
def part(alice, loaves):
    """Return a function that makes a public part at a place, the later ones published earlier."""

    def make(title, position, **fields):
        ago = timedelta(days=-position)
        return receive_post(
            alice, title=title, series=loaves, series_position=position, published_in=ago, **fields
        )

    return make


def box(client, post):
    """Return what a post's page says of its series: words, and what is linked to."""
    page = BeautifulSoup(client.get(f"/posts/{post.slug}/").text, "html5lib")
    found = page.select_one(".in-series")
    if found is None:
        return None
    words = " ".join(found.select_one("#in-series-title").text.split())
    return words, [link["href"] for link in found.select("li a")]


def titles(client):
    page = BeautifulSoup(client.get("/series/loaves/").text, "html5lib")
    return [" ".join(each.text.split()) for each in page.select("main .label, main h2")][1:]


def test_a_series_stands_in_its_own_order(client, part):
    for title, position in (("Third", 3), ("First", 1), ("Second", 2)):
        part(title, position)
    assert titles(client) == ["Part 1", "First", "Part 2", "Second", "Part 3", "Third"]
    text = client.get("/series/loaves/").text
    assert "On &lt;loaves&gt;" in text
    assert "Three of them." in text


def test_a_part_leads_to_its_neighbours_in_the_series(client, part):
    first, second, third = (part(title, at) for at, title in enumerate("abc", start=1))
    assert box(client, first) == ("Part 1 of 3 of On <loaves>", ["/posts/b/"])
    assert box(client, second) == ("Part 2 of 3 of On <loaves>", ["/posts/a/", "/posts/c/"])
    assert box(client, third) == ("Part 3 of 3 of On <loaves>", ["/posts/b/"])


def test_parts_of_one_place_stand_in_the_order_in_which_they_were_made(client, part):
    first, second = part("a", 1), part("b", 1)
    assert box(client, first)[0].startswith("Part 1 of 2")
    assert box(client, second)[0].startswith("Part 2 of 2")


@pytest.mark.parametrize("state", HIDDEN)
def test_a_hidden_part_leaves_no_hole_that_tells_of_it(client, part, state):
    first, hidden, third = (part(title, at) for at, title in enumerate("abc", start=1))
    put_into(hidden, state)
    assert box(client, first) == ("Part 1 of 2 of On <loaves>", ["/posts/c/"])
    assert box(client, third) == ("Part 2 of 2 of On <loaves>", ["/posts/a/"])
    assert titles(client) == ["Part 1", "a", "Part 2", "c"]


@pytest.mark.parametrize("state", HIDDEN)
def test_a_series_of_nothing_public_is_not_there(client, part, state):
    put_into(part("a", 1), state)
    assert client.get("/series/loaves/").status_code == 404
    assert "loaves" not in client.get("/sitemap.xml").text


def test_a_series_stands_in_the_sitemap(client, part):
    part("a", 1)
    assert "<loc>http://testserver/series/loaves/</loc>" in client.get("/sitemap.xml").text


def test_a_post_of_no_series_says_nothing_of_one(client, alice, part):
    part("a", 1)
    assert box(client, receive_post(alice, title="Alone")) is None


def test_a_part_behind_a_password_tells_its_title_alone(client, part):
    part("a", 1, password="open", excerpt="Among us.")
    part("b", 2)
    assert titles(client)[1] == "a"
    assert "Among us." not in client.get("/series/loaves/").text
    assert box(client, Post.objects.get(slug="a")) is None


def test_a_page_follows_whatever_becomes_of_its_series(client, alice, part):
    """What strangers keep is another page after each of these, and the same after none."""
    first = part("a", 1)
    tags = [client.get("/posts/a/")["ETag"]]
    assert client.get("/posts/a/")["ETag"] == tags[0]
    second = part("b", 2)
    tags.append(client.get("/posts/a/")["ETag"])
    Post.objects.filter(pk=second.pk).update(series_position=0)
    tags.append(client.get("/posts/a/")["ETag"])
    Post.objects.filter(pk=second.pk).update(slug="bb")
    tags.append(client.get("/posts/a/")["ETag"])
    put_into(Post.objects.get(pk=second.pk), "private")
    tags.append(client.get("/posts/a/")["ETag"])
    assert len(set(tags)) == 4  # the last is as the first was
    assert tags[0] == tags[-1]
    assert first.slug == "a"


def test_a_part_appears_at_its_minute(client, part):
    part("a", 1)
    put_into(part("b", 2), "scheduled")
    assert titles(client) == ["Part 1", "a"]
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert titles(client) == ["Part 1", "a", "Part 2", "b"]
        assert box(client, Post.objects.get(slug="a"))[0].startswith("Part 1 of 2")


def test_a_series_costs_no_query_on_a_posts_page(client, alice, part, django_assert_num_queries):
    receive_post(alice, title="Alone")
    for at in range(5):
        part(f"p{at}", at)
    client.get("/posts/alone/")
    with django_assert_num_queries(3):
        client.get("/posts/alone/?sort=newest")
    with django_assert_num_queries(3):
        client.get("/posts/p3/?sort=newest")
