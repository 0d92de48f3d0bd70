"""Series: posts in an order of their own, of which readers are told no more than they may read."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import publishing
from blog.models import FormerSlug, Post, Series
from blog.publishing.series import arrange
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


# --- in the writing room ----------------------------------------------------------------------


@pytest.fixture
def room(client, mona):
    client.force_login(mona)
    return client


def press(room, series, action, **data):
    return room.post(f"/write/series/{series.pk}/", {"action": action} | data)


def order_of(series):
    posts = Post.objects.filter(series=series).order_by("series_position", "pk")
    return [(post.title, post.series_position) for post in posts]


def test_an_editor_starts_a_series(room):
    assert "There are no series yet" in room.get("/write/series/").text
    response = room.post("/write/series/", {"title": "On salt", "slug": "", "description": "x"})
    series = Series.objects.get()
    assert response["Location"] == f"/write/series/{series.pk}/"
    assert (series.slug, series.description) == ("on-salt", "x")
    refused = room.post("/write/series/", {"title": " ", "slug": "", "description": "kept"})
    assert (refused.status_code, "kept" in refused.text) == (422, True)


def test_a_renamed_series_is_found_where_it_was(room, client, part, loaves):
    part("a", 1)
    words = {"title": "On rolls", "slug": "rolls", "description": ""}
    assert press(room, loaves, "save", **words).status_code == 302
    response = client.get("/series/loaves/")
    assert (response.status_code, response["Location"]) == (301, "/series/rolls/")
    assert box(client, Post.objects.get(slug="a"))[0] == "Part 1 of 1 of On rolls"


def test_a_series_that_nobody_saw_leaves_no_address(room, loaves):
    press(room, loaves, "save", title="On rolls", slug="rolls", description="")
    assert not FormerSlug.objects.exists()


def test_parts_are_moved_by_buttons_and_by_numbers(room, part, loaves):
    a, b, c = (part(title, at) for title, at in (("a", 10), ("b", 20), ("c", 20)))
    response = press(room, loaves, f"up:{c.pk}")
    assert order_of(loaves) == [("a", 1), ("c", 2), ("b", 3)]
    assert response["Location"] == f"/write/series/{loaves.pk}/#place-{c.pk}"
    assert f'id="place-{c.pk}"' in room.get(response["Location"]).text
    press(room, loaves, f"down:{a.pk}")
    press(room, loaves, f"up:{c.pk}")
    press(room, loaves, f"down:{b.pk}")
    assert order_of(loaves) == [("c", 1), ("a", 2), ("b", 3)]
    numbers = {f"place-{b.pk}": "1", f"place-{c.pk}": "2", f"place-{a.pk}": "2"}
    press(room, loaves, "order", **numbers)
    assert order_of(loaves) == [("b", 1), ("c", 2), ("a", 3)]


@pytest.mark.parametrize("typed", ["x", "-1", "1.5", "٣", "9" * 20])
def test_a_place_that_is_no_number_changes_nothing(room, part, loaves, typed):
    post = part("a", 5)
    response = press(room, loaves, "order", **{f"place-{post.pk}": typed})
    assert (response.status_code, "number" in response.text) == (422, True)
    assert order_of(loaves) == [("a", 5)]


def test_moving_a_part_stales_no_form_and_is_told_to_what_is_written_beside(
    room, alice, part, loaves
):
    post, other = part("a", 1), part("b", 2)
    post = publishing.keep(post, {"body": "<p>x</p>"}, actor=alice, seen_version=1)
    version = post.version
    press(room, loaves, f"up:{other.pk}")
    post.refresh_from_db()
    assert (post.text_version, post.version) == (2, version + 1)
    publishing.publish_changes(post, actor=alice)
    assert order_of(loaves) == [("b", 1), ("a", 2)]


@pytest.mark.parametrize(
    "typed", ["Lone <post>", "lone <POST>", "lone-post", "http://testserver/posts/lone-post/?x=1"]
)
def test_a_post_is_added_by_its_title_or_its_address(room, alice, part, loaves, typed):
    part("a", 4)
    receive_post(alice, title="Lone <post>", slug="lone-post")
    assert press(room, loaves, "add", post=typed).status_code == 302
    assert order_of(loaves) == [("a", 4), ("Lone <post>", 5)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "no such post"), ("none\x00", "no such post"), ("http://[", "no such post"),
     ("twice", "Several posts"), ("a-page", "A page stands in no series")],
)  # fmt: skip
def test_what_cannot_be_added_is_said(room, alice, loaves, typed, said):
    for slug in ("one", "two"):
        receive_post(alice, title="Twice", slug=slug)
    receive_post(alice, title="A page", slug="a-page", kind="page")
    response = press(room, loaves, "add", post=typed)
    assert (response.status_code, said in response.text) == (422, True)
    assert order_of(loaves) == []


def test_a_part_is_taken_out_and_stays_what_it_is(room, client, part, loaves):
    post = part("a", 1)
    press(room, loaves, f"remove:{post.pk}")
    assert box(client, post) is None
    assert client.get("/series/loaves/").status_code == 404


@pytest.mark.parametrize("way", ["removed", "added elsewhere", "written", "from the list"])
def test_a_series_that_lost_all_its_parts_is_found_where_it_was_once_it_has_some(
    room, client, alice, part, loaves, way
):
    post, other = part("a", 1), Series.objects.create(title="Other", slug="other")
    match way:
        case "removed":
            press(room, loaves, f"remove:{post.pk}")
        case "added elsewhere":
            press(room, other, "add", post="a")
        case "written":
            publishing.save(post, {"series": None}, actor=alice, seen_version=post.text_version)
        case "from the list":
            publishing.relabel(post, lambda words: {"series": other.pk}, actor=alice)
    press(room, loaves, "save", title="On rolls", slug="rolls", description="")
    receive_post(alice, title="b", series=loaves, series_position=1)
    assert client.get("/series/loaves/")["Location"] == "/series/rolls/"


def test_a_deleted_series_leaves_its_posts(room, client, part, loaves):
    post = part("a", 1)
    press(room, loaves, "delete")
    assert not Series.objects.exists()
    assert box(client, post) is None


@pytest.mark.parametrize("action", ["", "up:x", "fly", "up:999", "remove:0"])
def test_a_button_that_is_none_changes_nothing(room, part, loaves, action):
    part("a", 3)
    assert press(room, loaves, action).status_code in {302, 422}
    assert order_of(loaves) == [("a", 3)]


@pytest.mark.parametrize("count", [2, 30])
def test_arranging_costs_the_same_however_many_parts_there_are(part, loaves, count):
    keys = [part(f"p{at}", at).pk for at in range(count)]
    with CaptureQueriesContext(connection) as asked:
        arrange(loaves, keys[::-1])
    assert len(asked) <= 7


@pytest.mark.parametrize("person", ["alice", "bob", "eve"])
def test_nobody_but_editors_gets_in(client, request, part, loaves, person):
    part("a", 1)
    client.force_login(request.getfixturevalue(person))
    assert client.get("/write/series/").status_code == 403
    assert client.post("/write/series/", {"title": "x"}).status_code == 403
    assert client.get(f"/write/series/{loaves.pk}/").status_code == 403
    assert press(client, loaves, "delete").status_code == 403
    assert Series.objects.count() == 1
