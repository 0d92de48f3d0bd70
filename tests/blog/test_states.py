"""What is not public is nowhere: every public address against every state of a post.

And what was scheduled is there when its moment has come, with nobody doing anything.
"""

from datetime import timedelta
from itertools import chain

import pytest
import time_machine
from bs4 import BeautifulSoup

from blog.models import Category, OldAddress, Post, PostKind
from tests.blog.received import HIDDEN, put_into, receive_post
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db

SECRET = "Zephyrine"

# What everybody may ask for. {t} is the thread, {kind} and {slug} are the post's.
ROUTES = [
    "/",
    "/?page=1",
    "/?p=77",
    "/{kind}s/{slug}/",
    "/{kind}s/{slug}/?page=1",
    "/{kind}s/{slug}/unlock/",
    "/pages/",
    "/tags/shared/",
    "/tags/own/",
    "/categories/shared/",
    "/categories/outer/",
    "/categories/own/",
    "/authors/alice/",
    "/authors/bob/",
    "/feed/atom/",
    "/feed/rss/",
    "/sitemap.xml",
    "/posts/before/",
    "/posts/after/",
    "/pages/parent/",
    "/comments/{t}/1/",
    "/comments/{t}/reply/",
    "/comments/{t}/1/reply/",
    "/old/address/",
]


@pytest.fixture
def around(alice):
    """Return the shelf that the hidden post shares with public ones, before, after and above."""
    outer = Category.objects.create(name="Outer", slug="outer")
    shared = Category.objects.create(name="Shared", slug="shared", parent=outer)
    for title, hours in (("Before", 2), ("After", 1)):
        ago = timedelta(hours=-hours)
        fields = {"title": title, "tags": ["shared"], "categories": [shared]}
        receive_post(alice, published_in=ago, **fields)
    receive_post(alice, kind=PostKind.PAGE, title="Parent")
    return shared


def hide(bob, around, state, kind):
    """Make a post with all that could give it away, and hide it; its author has no other."""
    parent = Post.objects.get(slug="parent") if kind == "page" else None
    own = Category.objects.create(name=f"Own {SECRET}", slug="own")
    fields = {
        "title": f"On {SECRET}",
        "slug": "hidden",
        "excerpt": f"About {SECRET}.",
        "body": f"<p>{SECRET}</p>",
        "author_note": SECRET,
        "source_line": SECRET,
        "is_sticky": True,
        "parent": parent,
        "published_in": timedelta(minutes=-90),
        "tags": ["shared", "own"],
        "categories": [around, own],
    }
    post = receive_post(bob, kind=kind, **fields)
    make_comment(post.thread, body=f"So {SECRET}", author_name=SECRET)
    OldAddress.objects.create(path="/old/address", post=post)
    OldAddress.objects.create(path="/?p=77", post=post)
    return put_into(post, state)


@pytest.mark.parametrize(
    ("state", "kind"),
    [*((state, "post") for state in HIDDEN), ("draft", "page"), ("scheduled", "page")],
)
def test_what_is_not_public_is_at_no_public_address(client, bob, around, state, kind):
    post = hide(bob, around, state, kind)
    for route in ROUTES:
        address = route.format(t=post.thread_id, kind=kind, slug="hidden")
        response = client.get(address)
        assert SECRET not in response.text, address
        assert "hidden" not in response.get("Location", ""), address
        assert response.status_code in {200, 404}, address


@pytest.mark.parametrize("state", HIDDEN)
def test_nobody_comments_on_what_is_not_public(client, bob, around, state):
    post = hide(bob, around, state, "post")
    response = client.post(f"/comments/{post.thread_id}/", {"body": "Hello"})
    assert response.status_code == 404
    assert SECRET not in response.text
    assert post.thread.comments.count() == 1


def test_the_same_addresses_tell_of_a_public_post(client, bob, around):
    """So that the table above cannot be right by asking for the wrong things."""
    post = hide(bob, around, "published", "post")
    silent = {"/pages/", "/pages/parent/", "/authors/alice/"}
    for route in ROUTES:
        address = route.format(t=post.thread_id, kind="post", slug="hidden")
        response = client.get(address)
        told = SECRET in response.text or "/hidden/" in response.text
        led = "/hidden/" in response.get("Location", "")
        assert (told or led) is (route not in silent), address


def test_a_scheduled_post_is_there_when_its_moment_has_come(client, bob, around):
    post = hide(bob, around, "scheduled", "post")
    kept = {route: client.get(route) for route in ("/", "/feed/atom/", "/posts/after/")}
    assert all(SECRET not in response.text for response in kept.values())
    with time_machine.travel(post.published_at + timedelta(seconds=1), tick=False):
        for route, before in kept.items():
            after = client.get(route, headers={"If-None-Match": before["ETag"]})
            assert after.status_code == 200, route
            assert SECRET in after.text, route
        page = BeautifulSoup(client.get("/posts/hidden/").text, "html5lib")
        assert page.select("li.comment")
        assert page.select("form.reply-form")
        assert client.get("/old/address/").status_code == 301
        assert client.get(f"/comments/{post.thread_id}/1/").status_code == 302
        assert client.get(f"/comments/{post.thread_id}/reply/").status_code == 200
        assert "/posts/hidden/" in client.get("/sitemap.xml").text
        assert client.get("/authors/bob/").status_code == 200


def test_a_scheduled_page_is_there_when_its_moment_has_come(client, bob, around):
    post = hide(bob, around, "scheduled", "page")
    before = client.get("/pages/parent/")
    with time_machine.travel(post.published_at + timedelta(seconds=1), tick=False):
        after = client.get("/pages/parent/", headers={"If-None-Match": before["ETag"]})
        assert SECRET in after.text
        assert SECRET in client.get("/pages/").text
        assert client.get("/pages/hidden/").status_code == 200


# --- on top ---------------------------------------------------------------------------------


def titles(response):
    page = BeautifulSoup(response.text, "html5lib")
    return [link.text.strip() for link in page.select(".teaser-title a")]


def test_a_sticky_post_stays_on_top_and_no_page_loses_or_doubles_one(client, alice):
    for hours in range(23):
        ago = timedelta(hours=-hours)
        sticky = hours in {15, 22}
        receive_post(alice, title=f"{hours} h", published_in=ago, is_sticky=sticky)
    pages = [titles(client.get(f"/?page={number}")) for number in (1, 2, 3)]
    assert pages[0][:3] == ["15 h", "22 h", "0 h"]
    assert sorted(chain(*pages)) == sorted(f"{hours} h" for hours in range(23))


def test_a_sticky_post_is_marked_on_the_home_page_alone(client, alice):
    receive_post(alice, title="Old", is_sticky=True, tags=["one"])
    receive_post(alice, title="New", published_in=timedelta(), tags=["one"])
    page = BeautifulSoup(client.get("/").text, "html5lib")
    assert [mark.text for mark in page.select(".teaser .sticky")] == ["Pinned"]
    assert titles(client.get("/tags/one/")) == ["New", "Old"]
    assert "Pinned" not in client.get("/tags/one/").text


def test_a_page_is_in_no_list_and_no_neighbour(client, alice):
    first = receive_post(alice, title="First", published_in=timedelta(days=-3))
    receive_post(alice, title="About", kind=PostKind.PAGE, published_in=timedelta(days=-2))
    receive_post(alice, title="Last", published_in=timedelta(days=-1))
    for address in ("/", "/authors/alice/", "/feed/atom/", "/feed/rss/"):
        assert "About" not in client.get(address).text, address
    neighbours = BeautifulSoup(client.get(first.get_absolute_url()).text, "html5lib")
    assert "Last" in neighbours.select_one(".neighbours").text
    assert "/pages/about/" in client.get("/sitemap.xml").text


def test_who_wrote_only_a_page_is_found_nowhere(client, bob):
    receive_post(bob, kind=PostKind.PAGE, tags=["one"], published_in=timedelta(days=-1))
    assert client.get("/authors/bob/").status_code == 404
    assert client.get("/tags/one/").status_code == 404
    assert "/tags/one/" not in client.get("/sitemap.xml").text
