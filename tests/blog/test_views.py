"""What readers read: in how many queries, kept by whom, and what stands on it."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog import media, publishing
from blog.models import Attachment, Post, Tag
from blog.views import POSTS_A_PAGE
from comments import guests, openness
from comments.guests import Guest
from comments.models import ClosesFrom, DiscussionRules, Thread
from comments.models.rules import ONLY
from comments.moderation import Seen, moderate
from comments.status import Action, Status
from tests.blog.pictures import upload
from tests.comments.factories import fill, make_comment

pytestmark = pytest.mark.django_db


def read(client, post, query="", **headers):
    return client.get(post.get_absolute_url() + query, headers=headers)


def remember_guest(client, *comments):
    """Give a browser the cookie it would have after writing these comments."""
    response = HttpResponse()
    guests.remember_guest(
        response, Guest(own=tuple(comment.submission_key for comment in comments))
    )
    client.cookies[guests.COOKIE] = response.cookies[guests.COOKIE].value


# --- queries --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 10, 300])
def test_a_post_takes_three_queries_however_many_comments(
    client, make_post, alice, django_assert_num_queries, count
):
    cover = media.keep(media.accept(upload()), uploader=alice, alt="A loaf")
    make_post(title="Before")
    post = make_post(title="Read", tags=["one", "two"], cover=cover, body="# T\n\n[^1]\n\n[^1]: n")
    make_post(title="After")
    fill(post.thread, count)
    read(client, make_post())  # the templates are compiled
    cache.clear()
    with django_assert_num_queries(3):
        response = read(client, post)
    page = BeautifulSoup(response.text, "html5lib")
    assert len(page.select("li.comment")) == min(count, 200)
    assert page.select_one("figure img")["alt"] == "A loaf"
    assert [link.text for link in page.select("a[rel=tag]")] == ["one", "two"]
    assert "Before" in page.select_one(".neighbours a[rel=prev]").text
    assert "After" in page.select_one(".neighbours a[rel=next]").text


def test_after_a_new_comment_the_discussion_alone_is_read_again(
    client, make_post, django_assert_num_queries
):
    post = make_post()
    fill(post.thread, 300)
    read(client, post)
    make_comment(Thread.objects.get(pk=post.thread_id), body="Quite new")
    with django_assert_num_queries(2):
        assert "301 thoughts" in read(client, post).text


@pytest.mark.parametrize("count", [10, 300])
@pytest.mark.parametrize("sort", ["oldest", "newest", "replies", "best"])
def test_a_reader_with_an_account_costs_at_most_seven_queries(
    client, make_post, bob, django_assert_max_num_queries, count, sort
):
    post = make_post(tags=["one"])
    fill(post.thread, count)
    client.force_login(bob)
    read(client, make_post())
    cache.clear()
    with django_assert_max_num_queries(7):
        read(client, post, f"?sort={sort}")


@pytest.mark.parametrize(("count", "queries"), [(10, 6), (300, 7)])
def test_an_author_who_moderates_costs_no_more_and_is_led_to_what_is_theirs_to_decide(
    client, make_post, alice, mona, django_assert_max_num_queries, count, queries
):
    DiscussionRules.objects.update_or_create(pk=ONLY, defaults={"authors_moderate": True})
    post = make_post(author=alice, tags=["one"])
    fill(post.thread, count)
    decided = make_comment(Thread.objects.get(pk=post.thread_id), status=Status.PENDING)
    moderate(decided, Action.APPROVE, actor=mona, seen=Seen.of(decided))
    client.force_login(alice)
    read(client, make_post())
    cache.clear()
    with django_assert_max_num_queries(queries):
        page = BeautifulSoup(read(client, post, "?sort=newest").text, "html5lib")
    ways = {link["href"] for link in page.select('li.comment [href$="/moderate/"]')}
    assert len(ways) == len(page.select("li.comment")) - 1
    assert reverse("comments:moderate", args=[post.thread_id, decided.number]) not in ways
    assert page.select_one(f"#comment-{decided.number}")


@pytest.mark.parametrize("sort", ["oldest", "newest", "replies", "best"])
@pytest.mark.parametrize("place", ["from", "after", "before", "branch"])
@pytest.mark.parametrize("number", [36**5 - 1, 36**5, 10**9 - 1, 10**30])
def test_no_number_in_an_address_is_too_great(client, make_post, settings, sort, place, number):
    settings.COMMENTS_PAGE_SIZE = 4
    post = make_post()
    fill(post.thread, 6)
    assert read(client, post, f"?sort={sort}&{place}={number}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/comments/{thread}/new/?since=0",
        "/comments/{thread}/rows/?numbers=1,2,3",
        "/comments/{thread}/9/?sort=replies",
        "/comments/{thread}/9/?sort=newest",
        "{url}?sort=best",
        "{url}?sort=replies",
        "{url}?branch=9",
        "{url}?after=5",
        "{url}?before=8",
    ],
)
def test_nothing_that_is_asked_for_makes_the_database_look_through_a_whole_thread(
    client, make_post, settings, address
):
    settings.COMMENTS_PAGE_SIZE = 4
    thread = make_post().thread
    fill(thread, 12)
    Thread.objects.filter(pk=thread.pk).update(pinned_number=7)
    with CaptureQueriesContext(connection) as asked:
        client.get(address.format(thread=thread.pk, url=thread.url))
    # The first of the roots are read in the order of these, up to the limit.
    ordered = ("comment_most_replied", "comment_best", "comment_roots")
    for plan in plans_of(asked):
        assert not plan.startswith("SCAN comments_comment")
        is_whole = "comments_comment" in plan and plan.endswith("(thread_id=?)")
        assert not is_whole or any(f"INDEX {name} " in plan for name in ordered), plan


def plans_of(asked):
    """Return how SQLite answers queries: a line for each table that it looks into."""
    if connection.vendor != "sqlite":
        return []
    plans = []
    with connection.cursor() as cursor:
        for query in asked.captured_queries:
            if query["sql"].startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}".replace("%", "%%"), ())
                plans += [row[3] for row in cursor.fetchall()]
    return plans


def test_a_reader_who_has_the_page_costs_one_query(client, make_post, django_assert_num_queries):
    post = make_post()
    fill(post.thread, 10)
    etag = read(client, post)["ETag"]
    with django_assert_num_queries(1):
        response = read(client, post, if_none_match=etag)
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("url", ["/", "/tags/one/", "/authors/alice/"])
def test_a_list_takes_as_many_queries_for_one_post_as_for_ten(
    client, make_post, django_assert_max_num_queries, url
):
    for _ in range(POSTS_A_PAGE + 2):
        make_post(tags=["one", "two"])
    with django_assert_max_num_queries(4):
        page = BeautifulSoup(client.get(url).text, "html5lib")
    assert len(page.select("article")) == POSTS_A_PAGE


# --- who may keep it --------------------------------------------------------------------------

PAGES = [
    "/",
    "/posts/kept/",
    "/tags/one/",
    "/authors/alice/",
    "/privacy/",
    "/pages/",
    "/feed/atom/",
    "/feed/rss/",
]


@pytest.fixture
def kept(make_post):
    return make_post(title="Kept", tags=["one"])


@pytest.mark.parametrize("url", PAGES)
def test_a_stranger_gets_no_cookie_and_a_page_that_all_may_keep(client, kept, url):
    response = client.get(url)
    assert not response.cookies
    assert response["Cache-Control"] == "max-age=0, must-revalidate, public"
    assert "Cookie" in response["Vary"]
    again = client.get(url, headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == response["Cache-Control"]
    assert again["ETag"] == response["ETag"]
    assert "Cookie" in again["Vary"]


@pytest.mark.parametrize("url", PAGES)
def test_a_page_is_private_once_somebody_is_signed_in(client, kept, bob, url):
    etag = client.get(url)["ETag"]
    client.force_login(bob)
    response = client.get(url, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert response["Cache-Control"] == "max-age=0, must-revalidate, private"
    assert not response.has_header("ETag")


def test_a_page_is_private_for_a_guest_who_wrote_something(client, kept):
    remember_guest(client, make_comment(kept.thread))
    response = read(client, kept)
    assert "private" in response["Cache-Control"]
    assert not response.has_header("ETag")


def test_a_head_request_says_the_same_without_the_page(client, kept):
    got, head = read(client, kept), client.head(kept.get_absolute_url())
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", got["ETag"])


# --- what makes it another page ---------------------------------------------------------------


def changed_title(post, alice):
    publishing.save(post, {"title": "Other"}, actor=alice, seen_version=post.text_version)


def new_comment(post, alice):
    make_comment(post.thread)


def closed_thread(post, alice):
    Thread.objects.filter(pk=post.thread_id).update(is_open=False)


def renamed_author(post, alice):
    alice.display_name = "Alicia"
    alice.save()


def later_post(post, alice):
    publishing.publish(publishing.create_draft(alice, title="L", body="x"), actor=alice)


def new_file(post, alice):
    Attachment.objects.create(post=post, file="files/new.pdf")


def renamed_tag(post, alice):
    tag = Tag.objects.get()
    publishing.touch_posts_of(tag)


@pytest.mark.parametrize(
    "change",
    [changed_title, new_comment, closed_thread, renamed_author, later_post, renamed_tag, new_file],
    ids=lambda change: change.__name__,
)
def test_every_visible_change_is_another_page(client, alice, make_post, change):
    post = make_post(tags=["one"])
    etag = read(client, post)["ETag"]
    change(post, alice)
    response = read(client, post, if_none_match=etag)
    assert response.status_code == 200
    assert response["ETag"] != etag


def test_a_setting_that_shows_is_another_page(client, kept, settings):
    etag = read(client, kept)["ETag"]
    settings.SITE_NAME = "Elsewhere"
    assert read(client, kept, if_none_match=etag).status_code == 200


def test_each_page_of_a_discussion_is_another_page(client, kept):
    fill(kept.thread, 250)
    etags = {read(client, kept, query)["ETag"] for query in ("", "?after=0", "?after=200")}
    assert len(etags) == 2


def test_a_pending_comment_changes_nothing_for_others(client, kept):
    etag = read(client, kept)["ETag"]
    make_comment(kept.thread, status=Status.PENDING)
    assert read(client, kept, if_none_match=etag).status_code == 304


# --- the discussion ---------------------------------------------------------------------------


def test_who_wrote_something_here_sees_it_and_others_do_not(client, kept):
    mine = make_comment(kept.thread, body="Mine alone", status=Status.PENDING)
    assert "Mine alone" not in read(client, kept).text
    remember_guest(client, mine)
    assert "Mine alone" in read(client, kept).text
    client.cookies.clear()
    assert "Mine alone" not in read(client, kept).text


def test_what_one_reader_sees_never_gets_into_the_shared_page(client, kept, bob):
    make_comment(kept.thread, body="Bob waits", author=bob, status=Status.PENDING)
    client.force_login(bob)
    assert "Bob waits" in read(client, kept).text
    client.logout()
    assert "Bob waits" not in read(client, kept).text


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "999", "9" * 40, "²"])
def test_a_place_that_is_not_there_shows_the_first_page(client, kept, page):
    make_comment(kept.thread, body="A thought")
    for name in ("page", "after", "before", "from", "branch", "sort"):
        assert "A thought" in read(client, kept, f"?{name}={page}").text, name


def test_a_discussion_that_closed_before_a_word_is_not_mentioned(client, kept):
    Thread.objects.filter(pk=kept.thread_id).update(is_open=False)
    assert "discussion" not in BeautifulSoup(read(client, kept).text, "html5lib").main.text


def test_a_closed_discussion_has_no_form(client, kept):
    make_comment(kept.thread)
    Thread.objects.filter(pk=kept.thread_id).update(is_open=False)
    page = BeautifulSoup(read(client, kept).text, "html5lib")
    assert not page.select("form.reply-form")
    assert "closed" in page.select_one(".discussion").text


@pytest.mark.parametrize("who", ["a stranger", "bob"])
def test_a_kept_page_tells_in_time_that_the_discussion_closes(client, request, make_post, who):
    with time_machine.travel("2026-01-01T12:00:00Z", tick=False) as clock:
        post = make_post()
        make_comment(post.thread)
        days = {"days": 20, "counts_from": ClosesFrom.PUBLICATION}
        openness.close_by_itself(post.thread, actor=post.author, **days)
        if who == "bob":
            client.force_login(request.getfixturevalue("bob"))
        before = read(client, post)
        assert "closes on" not in before.text
        clock.shift(timedelta(days=6))
        after = read(client, post, **{"If-None-Match": before.headers.get("ETag", '""')})
        assert "closes on 21 January 2026, 12:00" in after.text
        clock.shift(timedelta(days=14))
        assert "days it was open for were over" in read(client, post).text


def test_the_form_knows_a_reader_with_an_account(client, kept, bob):
    client.force_login(bob)
    text = read(client, kept).text
    assert "You are commenting as" in text
    assert "Bob" in text


# --- lists ----------------------------------------------------------------------------------


def titles(response):
    page = BeautifulSoup(response.text, "html5lib")
    return [link.text.strip() for link in page.select(".teaser-title a")]


def test_the_home_page_shows_the_newest_first_and_no_drafts(client, make_post):
    for day, title in enumerate(["Old", "Middle", "New"]):
        with time_machine.travel(f"2026-01-0{day + 1}T12:00:00Z"):
            make_post(title=title)
    make_post(title="Draft", published=False)
    assert titles(client.get("/")) == ["New", "Middle", "Old"]


def test_the_home_page_has_pages(client, make_post):
    for _ in range(POSTS_A_PAGE + 1):
        make_post()
    assert len(titles(client.get("/?page=2"))) == 1
    for page in ("3", "0", "x", "9" * 5000):
        assert client.get(f"/?page={page}").status_code == 404


def test_an_empty_site_says_so(client):
    assert "Nothing has been published yet." in client.get("/").text


def test_a_tag_shows_its_published_posts_alone(client, make_post):
    make_post(title="Tagged", tags=["one"])
    make_post(title="Other", tags=["two"])
    make_post(title="Draft", tags=["one", "three"], published=False)
    assert titles(client.get("/tags/one/")) == ["Tagged"]
    for url in ("/tags/three/", "/tags/none/"):
        assert client.get(url).status_code == 404


def test_an_author_has_a_page_and_a_reader_has_none(client, alice, bob, make_post):
    make_post(title="By Alice")
    alice.bio, alice.website = "Bakes.\n<script>", "javascript:alert(1)"
    alice.save()
    page = BeautifulSoup(client.get(alice.get_absolute_url()).text, "html5lib")
    assert "Bakes." in page.text
    assert not page.select("main script")
    assert not page.select('a[href^="javascript"]')
    assert client.get(bob.get_absolute_url()).status_code == 404


def test_neighbours_are_found_among_posts_of_one_moment(client, make_post):
    with time_machine.travel("2026-01-01T12:00:00Z", tick=False):
        first, second, third = (make_post(title=title) for title in "abc")
        middle = Post.objects.published().for_reading().get(pk=second.pk)
    assert (middle.previous_slug, middle.previous_title) == (first.slug, "a")
    assert (middle.next_slug, middle.next_title) == (third.slug, "c")


def test_a_post_dated_ahead_is_not_there_yet(client, alice, make_post):
    post = make_post()
    Post.objects.update(published_at=timezone.now() + timedelta(hours=1))
    assert read(client, post).status_code == 404
    assert titles(client.get("/")) == []


@pytest.mark.parametrize("url", ["/posts/none/", "/authors/none/", "/posts/a%00b/"])
def test_what_is_not_there_is_404(client, url):
    assert client.get(url).status_code == 404


def test_the_sitemap_lists_what_everybody_may_read(client, make_post):
    make_post(title="Public", tags=["one"])
    make_post(title="Draft", tags=["two"], published=False)
    text = client.get(reverse("sitemap")).text
    assert "/posts/public/" in text
    assert "/tags/one/" in text
    assert "draft" not in text
    assert "/tags/two/" not in text


@pytest.mark.parametrize(("person", "sees"), [("alice", 1), ("mona", 1), ("bob", 0)])
def test_who_may_write_in_a_post_is_led_there(client, request, kept, person, sees):
    client.force_login(request.getfixturevalue(person))
    assert read(client, kept).text.count(reverse("blog:edit", args=[kept.pk])) == sees


# --- files that came with a post ----------------------------------------------------------------


def test_files_are_offered_at_the_foot_of_their_post(client, kept):
    file = ContentFile(b"%PDF" * 500, name="notes.pdf")
    Attachment.objects.create(post=kept, title="My <notes>", file=file)
    Attachment.objects.create(post=kept, title="A picture", source_url="https://x/y.png")
    Attachment.objects.create(post=kept, title="Lost", file="files/lost.pdf")
    downloads = BeautifulSoup(read(client, kept).text, "html5lib").select_one(".downloads")
    assert [link.text for link in downloads.select("a")] == ["My <notes>"]
    assert "PDF, 2.0" in downloads.select_one(".size").text


def test_a_post_without_files_says_nothing_of_them(client, kept):
    assert not BeautifulSoup(read(client, kept).text, "html5lib").select(".downloads")


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "näme.pdf"])
def test_a_file_is_downloaded_and_never_shown(client, kept, name):
    file = ContentFile(b"<script>alert(1)</script>", name=name)
    attachment = Attachment.objects.create(post=kept, file=file)
    address = attachment.file.url
    for path in (address, address.replace("/files/", "/pictures/../files/")):
        response = client.get(path)
        assert response["Content-Disposition"].startswith("attachment")
        assert response["X-Content-Type-Options"] == "nosniff"


def test_a_picture_is_shown(client, alice):
    picture = media.keep(media.accept(upload()), uploader=alice, alt="A loaf")
    assert not client.get(picture.file.url).get("Content-Disposition", "").startswith("attachment")
