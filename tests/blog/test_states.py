"""What is not public is nowhere: every public address against every state of a post.

And what was scheduled is there when its moment has come, with nobody doing anything.
"""

from datetime import timedelta
from itertools import chain

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import publishing
from blog.models import Category, OldAddress, Post, PostKind
from comments.models import Thread
from comments.moderation import ThreadClosed, submit
from tests.blog.received import HIDDEN, READ, put_into, receive_post
from tests.cast import make_person
from tests.comments.factories import make_comment, make_submission
from tests.front import FrontClient

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
    "/comments/{t}/1/history/",
    "/comments/{t}/1/report/",
    "/comments/{t}/rows/?numbers=1",
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


PAGES = {"/pages/", "/pages/parent/", "/authors/alice/"}
NEWS = {"/", "/?page=1", "/feed/atom/", "/feed/rss/", "/posts/before/", "/posts/after/"}
LISTS = {
    "/tags/shared/", "/tags/own/", "/categories/shared/", "/categories/outer/", "/categories/own/",
    "/authors/bob/", "/sitemap.xml",
}  # fmt: skip
COUNTED = {
    "/?p=77", "/comments/{t}/1/", "/comments/{t}/reply/", "/comments/{t}/1/reply/",
    "/comments/{t}/1/history/", "/comments/{t}/1/report/", "/comments/{t}/rows/?numbers=1",
}  # fmt: skip
SILENT = {
    "published": PAGES,
    "archived": PAGES | NEWS,
    "unlisted": PAGES | NEWS | LISTS | COUNTED,
}


@pytest.mark.parametrize("state", READ)
def test_a_post_that_is_read_is_told_of_where_its_state_says(client, bob, around, state):
    """And so the table above cannot be right by asking for the wrong things."""
    post = hide(bob, around, state, "post")
    silent = SILENT[state]
    for route in ROUTES:
        address = route.format(t=post.thread_id, kind="post", slug="hidden")
        response = client.get(address)
        told = SECRET in response.text or "/hidden/" in response.text
        led = "/hidden/" in response.get("Location", "")
        assert (told or led) is (route not in silent), address


# --- readable, and not as any other ------------------------------------------------------------


@pytest.mark.parametrize("state", READ)
@pytest.mark.parametrize("kind", ["post", "page"])
def test_search_engines_are_kept_off_what_is_unlisted(client, bob, around, state, kind):
    post = hide(bob, around, state, kind)
    for front in (client, FrontClient(), FrontClient()):
        response = front.get(post.get_absolute_url())
        assert response.status_code == 200
        assert SECRET in response.text
        told = (response.get("X-Robots-Tag"), '<meta name="robots"' in response.text)
        assert told == (("noindex", True) if state == "unlisted" else (None, False))


def test_a_kept_page_of_an_unlisted_post_says_so_too_and_costs_one_query(client, bob, around):
    post = hide(bob, around, "unlisted", "post")
    front = FrontClient()
    first = front.get(post.get_absolute_url())
    with CaptureQueriesContext(connection) as queries:
        again = front.get(post.get_absolute_url())
    assert len(queries) == 1
    assert again["X-Robots-Tag"] == first["X-Robots-Tag"] == "noindex"
    make_comment(post.thread, body="Another")
    after = front.get(post.get_absolute_url())
    assert "Another" in after.text
    assert after["X-Robots-Tag"] == "noindex"


def test_an_unlisted_post_behind_a_password_is_kept_off_as_well(client, bob, around):
    post = hide(bob, around, "unlisted", "post")
    publishing.set_password(post, "let me in", actor=bob)
    response = client.get(post.get_absolute_url())
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert f"About {SECRET}" not in response.text


def test_an_unlisted_post_takes_comments(client, bob, around):
    post = hide(bob, around, "unlisted", "post")
    page = BeautifulSoup(client.get(post.get_absolute_url()).text, "html5lib")
    assert page.select("form.reply-form")
    assert client.get(f"/comments/{post.thread.handle}/reply/").status_code == 200


def test_an_archived_post_says_so_and_takes_no_comments(client, bob, around):
    post = hide(bob, around, "archived", "post")
    page = BeautifulSoup(client.get(post.get_absolute_url()).text, "html5lib")
    assert "kept for the record" in page.select_one(".standing").text
    assert "kept for the record" in page.select_one(".openness.closed").text
    assert page.select("li.comment")
    assert not page.select("form.reply-form, a.reply")
    reply = client.get(f"/comments/{post.thread_id}/reply/")
    assert "kept for the record" in reply.text
    thread = Thread.objects.get(pk=post.thread_id)
    with pytest.raises(ThreadClosed):
        submit(make_submission(thread, body="Too late"))
    assert post.thread.comments.count() == 1


def test_who_was_writing_as_it_was_archived_keeps_the_words(client, bob, around):
    post = hide(bob, around, "published", "post")
    page = BeautifulSoup(client.get(post.get_absolute_url()).text, "html5lib")
    form = {field["name"]: field.get("value", "") for field in page.select("form.reply-form input")}
    publishing.archive(post, actor=bob)
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        words = {"body": "My long answer", "name": "Olga", "email": "olga@example.org"}
        answer = client.post(f"/comments/{post.thread_id}/", form | words)
    assert answer.status_code == 409
    assert "My long answer" in answer.text
    assert "kept for the record" in answer.text
    assert post.thread.comments.count() == 1


def test_out_of_the_archive_it_is_where_it_was(client, bob, around):
    post = hide(bob, around, "archived", "post")
    publishing.publish(post, actor=bob)
    assert SECRET in client.get("/").text
    page = BeautifulSoup(client.get(post.get_absolute_url()).text, "html5lib")
    assert page.select("form.reply-form")
    assert not page.select(".standing, .openness")


def test_an_archived_page_stays_in_the_tree(client, bob, around):
    hide(bob, around, "archived", "page")
    assert SECRET in client.get("/pages/").text
    assert SECRET in client.get("/pages/parent/").text
    assert "/pages/hidden/" in client.get("/sitemap.xml").text


@pytest.mark.parametrize("kind", ["post", "page"])
@pytest.mark.parametrize("password", ["", "let me in"])
def test_a_private_post_is_there_for_its_people_and_the_editors(
    client, alice, bob, mona, eve, around, kind, password
):
    writer = make_person("Wanda", "Author")
    post = hide(writer, around, "private", kind)
    post.coauthors.add(alice)
    if password:
        publishing.set_password(post, password, actor=writer)
    for person, may in ((writer, True), (alice, True), (mona, True), (bob, False), (eve, False)):
        client.force_login(person)
        response = client.get(post.get_absolute_url())
        assert response.status_code == (200 if may else 404), person
        assert (SECRET in response.text) is may
        if may:
            assert {"no-store", "private"} <= set(response["Cache-Control"].split(", "))
            assert response["X-Robots-Tag"] == "noindex"
            assert "This is private" in response.text
    client.logout()
    assert client.get(post.get_absolute_url()).status_code == 404
    assert FrontClient().get(post.get_absolute_url()).status_code == 404


def test_a_post_made_private_is_kept_for_nobody(client, bob, around):
    post = hide(bob, around, "published", "post")
    front = FrontClient()
    kept = [front.get(post.get_absolute_url()) for _time in range(2)]
    publishing.make_private(post, actor=bob)
    assert front.get(post.get_absolute_url()).status_code == 404
    again = front.get(post.get_absolute_url(), headers={"If-None-Match": kept[1]["ETag"]})
    assert again.status_code == 404


# --- by the clock -----------------------------------------------------------------------------


def test_a_scheduled_post_is_there_when_its_moment_has_come(client, bob, around):
    post = hide(bob, around, "scheduled", "post")
    kept = {route: client.get(route) for route in ("/", "/feed/atom/", "/posts/after/")}
    assert all(SECRET not in response.text for response in kept.values())
    # Neither by a cache that stands between: what it may keep unasked, it may show too long.
    unknown = {route: client.get(route) for route in ("/posts/hidden/", "/sitemap.xml")}
    assert unknown["/posts/hidden/"].status_code == 404
    assert all("no-cache" in response["Cache-Control"] for response in unknown.values())
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
