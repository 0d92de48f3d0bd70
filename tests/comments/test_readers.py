"""What one reader sees beside the others: their own, what is new, what they muted; and the sort."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client
from django.utils import timezone

from comments.models import Comment, DiscussionRules, Mute, ThreadVisit
from comments.moderation import Seen, edit, moderate
from comments.readers import STRANGER, Viewer, note_visit, reader_of
from comments.status import Action, Status
from tests.comments.factories import fragment_of, make_comment, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread(make_post):
    return make_post().thread


def page_of(client, thread, query=""):
    return BeautifulSoup(client.get(thread.url + query).text, "html5lib")


def new_on(page):
    return [item["id"] for item in page.select("li.is-new")]


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


# --- what is new ----------------------------------------------------------------------------


def test_nothing_is_new_on_a_first_visit(thread, bob):
    make_comment(thread)
    assert new_on(page_of(signed_in(bob), thread)) == []


def test_what_came_since_the_last_visit_is_new_on_every_device(thread, bob):
    make_comment(thread)
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        thread.refresh_from_db()
        note_visit(thread, bob, thread.version)
    make_comment(thread)
    for device in (signed_in(bob), signed_in(bob)):
        assert new_on(page_of(device, thread)) == ["comment-2"]
    assert new_on(page_of(Client(), thread)) == []


def test_what_is_new_leads_on_to_the_next_that_is_without_a_script(thread, bob):
    make_comment(thread)
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        thread.refresh_from_db()
        note_visit(thread, bob, thread.version)
    for _number in range(3):
        make_comment(thread)
    page = page_of(signed_in(bob), thread)
    assert "3 new comments" in page.select_one("noscript a[href='#comment-2']").text
    onward = [link["href"] for link in page.select("a.next-new")]
    assert onward == ["#comment-3", "#comment-4"]


def test_a_comment_held_for_long_is_new_when_it_is_let_through(thread, bob):
    held = make_comment(thread, status=Status.PENDING)
    make_comment(thread)
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        thread.refresh_from_db()
        note_visit(thread, bob, thread.version)
    moderate(held, Action.APPROVE, actor=None, seen=Seen.of(held))
    assert new_on(page_of(signed_in(bob), thread)) == ["comment-1"]


def test_an_edit_makes_nothing_new_and_ones_own_words_are_not(thread, bob):
    comment = make_comment(thread)
    with time_machine.travel(timezone.now() - timedelta(hours=2), tick=False):
        thread.refresh_from_db()
        note_visit(thread, bob, thread.version)
    edit(comment, "Other words.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    make_comment(thread, author=bob, author_name="Bob")
    assert new_on(page_of(signed_in(bob), thread)) == []


def test_marks_stay_while_a_visit_lasts_and_go_with_the_next(thread, bob):
    client = signed_in(bob)
    address = f"/comments/{thread.pk}/seen/"
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.post(address, {"version": 1}).status_code == 204
        clock.shift(timedelta(hours=1))
        make_comment(thread)
        assert new_on(page_of(client, thread)) == ["comment-1"]
        thread.refresh_from_db()
        client.post(address, {"version": thread.version})
        clock.shift(timedelta(minutes=5))
        assert new_on(page_of(client, thread)) == ["comment-1"], "a reload is the same visit"
        clock.shift(timedelta(hours=1))
        assert new_on(page_of(client, thread)) == []


def test_nobody_has_seen_what_is_not_there_yet(thread, bob):
    thread.refresh_from_db()
    note_visit(thread, bob, 999_999)
    assert ThreadVisit.objects.get().seen_version == thread.version


def test_a_visit_is_noted_by_a_post_of_who_is_signed_in_alone(thread, bob):
    address = f"/comments/{thread.pk}/seen/"
    assert signed_in(bob).get(address).status_code == 405
    assert Client().post(address, {"version": 1}).status_code == 403
    checking = Client(enforce_csrf_checks=True)
    checking.force_login(bob)
    assert checking.post(address, {"version": 1}).status_code == 403
    assert not ThreadVisit.objects.exists()


# --- while a page is open -------------------------------------------------------------------


def test_an_open_page_hears_of_new_comments_and_of_nothing_for_almost_nothing(
    client, thread, django_assert_num_queries
):
    make_comment(thread)
    thread.refresh_from_db()
    address = f"/comments/{thread.pk}/new/?since={thread.version}"
    with django_assert_num_queries(1):
        answer = client.get(address)
    assert answer.json() == {"version": thread.version, "count": 0, "numbers": []}
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make_comment(thread, status=Status.PENDING)
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    make_comment(thread)
    news = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert news.json()["numbers"] == [3]
    assert not news.cookies
    assert "public" in news["Cache-Control"]


def test_new_comments_come_as_items_that_say_what_they_answer(client, thread):
    root = make_comment(thread)
    make_comment(thread, parent=root, body="An answer")
    make_comment(thread, body="Waits", status=Status.PENDING)
    page = BeautifulSoup(
        client.get(f"/comments/{thread.pk}/rows/?numbers=2,3,99,x").text, "html5lib"
    )
    items = page.select("ol.rows > li.comment")
    assert [(item["id"], item["data-parent"]) for item in items] == [("comment-2", "1")]
    assert "An answer" in items[0].text
    assert items[0].select_one("a.reply")


def test_items_have_a_line_above_them_whatever_release_has_rendered_it(client, thread):
    make_comment(thread, author_name="Zora")
    Comment.objects.update(meta_html="", meta_stamp="")
    page = BeautifulSoup(client.get(f"/comments/{thread.pk}/rows/?numbers=1").text, "html5lib")
    assert page.select_one("header.meta .name").text == "Zora"


def test_what_is_not_public_tells_no_news(client):
    thread = make_thread(public_at=None)
    for name in ("new", "rows"):
        assert client.get(f"/comments/{thread.pk}/{name}/").status_code == 404


# --- the sort -------------------------------------------------------------------------------


def test_a_first_visit_sets_no_cookie_and_a_choice_is_remembered(client, thread):
    first, second = make_comment(thread), make_comment(thread)
    assert not client.get(thread.url).cookies
    assert not client.get(thread.url + "?sort=newest").cookies
    answer = client.post(f"/comments/{thread.pk}/sort/", {"sort": "newest"})
    assert (answer.status_code, answer["Location"]) == (303, f"{thread.url}?sort=newest#discussion")
    order = [item["id"] for item in page_of(client, thread).select("li.comment")]
    assert order == [second.anchor, first.anchor]
    pressed = page_of(client, thread).select(".sorts [aria-pressed=true]")
    assert [button["value"] for button in pressed] == ["newest"]
    assert "public" not in client.get(thread.url)["Cache-Control"]


def test_a_sort_that_is_none_is_refused_and_no_other_site_may_choose(client, thread):
    address = f"/comments/{thread.pk}/sort/"
    assert client.post(address, {"sort": "loudest"}).status_code == 404
    foreign = client.post(address, {"sort": "best"}, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403


# --- muting ---------------------------------------------------------------------------------


def test_a_muted_reader_is_folded_away_for_one_reader_alone(thread, bob, eve, alice):
    theirs = make_comment(thread, author=eve, author_name="Eve", body="Loud words")
    client = signed_in(bob)
    answer = client.post(f"/comments/{thread.pk}/{theirs.number}/mute/")
    assert answer.status_code == 303
    item = page_of(client, thread).select_one("#comment-1")
    assert "is-muted" in item["class"]
    assert "Loud words" in item.select_one("details:not([open])").text
    assert not item.select("details[open], .reply")
    for other in (Client(), signed_in(alice), signed_in(eve)):
        assert "is-muted" not in page_of(other, thread).select_one("#comment-1")["class"]
    client.post(f"/comments/{thread.pk}/{theirs.number}/unmute/")
    assert not Mute.objects.exists()


def test_nobody_mutes_themselves_or_a_guest(thread, bob):
    own = make_comment(thread, author=bob)
    guests = make_comment(thread)
    client = signed_in(bob)
    for comment in (own, guests):
        assert client.post(f"/comments/{thread.pk}/{comment.number}/mute/").status_code == 403
    assert not Mute.objects.exists()


# --- one's own ------------------------------------------------------------------------------


def test_own_comments_have_their_links_for_as_long_as_they_may_be_changed(thread, bob):
    DiscussionRules.objects.create(pk=1, proved_edit_minutes=30)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        comment = make_comment(thread, author=bob)
        guests = make_comment(thread)
        clock.shift(timedelta(minutes=29))
        assert reader_of(thread, Viewer(bob)).own == {comment.number: True}
        guest = Viewer(None, frozenset({guests.submission_key}))
        assert reader_of(thread, guest).own == {guests.number: False}, "15 minutes, unproved"
        clock.shift(timedelta(minutes=2))
        assert reader_of(thread, Viewer(bob)).own == {comment.number: False}


def test_who_changed_an_approved_comment_is_told_that_the_change_waits(thread, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.first_time_commenter"]
    comment = make_comment(thread, body="Approved words")
    edit(comment, "Newer words", actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert "Approved words" in fragment_of(thread)
    assert "Newer words" not in fragment_of(thread)
    own = fragment_of(thread, Viewer(None, frozenset({comment.submission_key})))
    assert "Your change waits for an editor" in own
    assert "waits for an editor" not in fragment_of(thread)


def test_a_reader_takes_one_query_however_much_is_theirs(thread, bob, django_assert_num_queries):
    for _number in range(5):
        make_comment(thread, author=bob)
    with django_assert_num_queries(1):
        assert len(reader_of(thread, Viewer(bob)).own) == 5
    with django_assert_num_queries(0):
        assert reader_of(thread, Viewer()) is STRANGER
    assert Comment.objects.count() == 5
