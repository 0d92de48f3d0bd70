"""The buttons beside the form: what they do, for whom they are there, what undoes them; the log."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import Act, Post, PostStatus, PublishingLogEntry, WorkingCopy
from blog.publishing import log
from tests.cast import make_person
from tests.front import FrontClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def address(name, post):
    return reverse(f"blog:{name}", args=[post.pk])


def press(client, post, act, **data):
    return client.post(address("move", post), {"act": act} | data, follow=True)


def page_of(client, post):
    return BeautifulSoup(client.get(address("edit", post)).text, "html5lib")


def buttons(page):
    return [button["value"] for button in page.select(".post-moves details button[name=act]")]


def press_undo(client, page, post):
    form = page.select_one("form.undo-move")
    fields = {field["name"]: field["value"] for field in form.select("input")}
    fields |= {"act": form.button["value"]}
    return client.post(form["action"], fields, follow=True)


MOVES = [
    ("unlist", "unlisted", "no list names it"),
    ("private", "private", "to nobody else"),
    ("archive", "archived", "takes no comments"),
    ("trash", "trash", "In the trash"),
    ("unpublish", "draft", "a draft again"),
]


@pytest.mark.parametrize(("act", "status", "said"), MOVES)
def test_a_button_does_what_it_says_and_undo_takes_it_back(writer, make_post, act, status, said):
    post = make_post()
    assert act in buttons(page_of(writer, post))
    answer = press(writer, post, act)
    assert Post.objects.get().status == status
    assert said in BeautifulSoup(answer.text, "html5lib").select_one(".messages").text
    press_undo(writer, BeautifulSoup(answer.text, "html5lib"), post)
    assert Post.objects.get().status == ("draft" if act == "trash" else "published")


def test_what_waited_for_its_moment_waits_for_it_again(writer, make_post):
    at = timezone.now().replace(second=0, microsecond=0) + timedelta(days=2)
    post = publishing.schedule(make_post(published=False), actor=make_post().author, at=at)
    answer = press(writer, post, "unpublish")
    assert Post.objects.get(pk=post.pk).status == PostStatus.DRAFT
    press_undo(writer, BeautifulSoup(answer.text, "html5lib"), post)
    post = Post.objects.get(pk=post.pk)
    assert (post.is_scheduled(), post.published_at) == (True, at)


@pytest.mark.parametrize("act", ["unpublish", "private"])
def test_undo_shows_readers_what_they_had_and_not_what_is_written_beside_it(writer, make_post, act):
    post = make_post()
    publishing.keep(post, {"body": "Next."}, actor=post.author, seen_version=post.text_version)
    press(writer, post, act)
    press_undo(writer, page_of(writer, post), post)
    post.refresh_from_db()
    assert (post.status, post.body) == (PostStatus.PUBLISHED, "A paragraph.")
    assert WorkingCopy.objects.get(post=post).words["body"] == "Next."


def test_a_move_that_takes_changes_off_the_plan_is_undone_like_any_other(writer, make_post):
    post = make_post()
    post = publishing.keep(
        post, {"body": "Next."}, actor=post.author, seen_version=post.text_version
    )
    in_an_hour = timezone.now() + timedelta(hours=1)
    publishing.schedule_changes(post, actor=post.author, at=in_an_hour)
    press(writer, post, "unpublish")
    press_undo(writer, page_of(writer, post), post)
    assert Post.objects.get().status == PostStatus.PUBLISHED


def test_what_was_scheduled_and_is_read_now_is_not_put_into_the_lists_by_an_undo(writer, make_post):
    post = make_post(published=False)
    at = timezone.now() + timedelta(days=2)
    publishing.schedule(post, actor=post.author, at=at)
    press(writer, post, "unlist")
    assert not page_of(writer, post).select(".undo-move")


def test_what_somebody_made_private_since_is_not_published_by_an_undo(writer, mona, make_post):
    post = make_post()
    press(writer, post, "unpublish")
    page = page_of(writer, post)
    publishing.make_private(post, actor=mona)
    assert "It was moved again since." in press_undo(writer, page, post).text
    assert "It was moved again since." in press(writer, post, "lock", undo="on").text
    assert Post.objects.get().status == PostStatus.PRIVATE


def test_who_takes_back_what_was_published_meanwhile_is_told(client, carl, mona, make_post):
    post = publishing.trash(make_post(published=False, author=carl), actor=carl)
    client.force_login(carl)
    take_back = publishing.unpublish

    def after_an_editor(post, **facts):
        publishing.publish(publishing.recover(post, actor=mona), actor=mona)
        return take_back(post, **facts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publishing, "unpublish", after_an_editor)
        response = client.post(address("unpublish", post))
    assert response.status_code == 302
    assert Post.objects.get().status == PostStatus.PUBLISHED


def test_what_somebody_else_did_or_did_long_ago_is_not_offered_to_be_undone(
    writer, alice, mona, make_post
):
    theirs, old = make_post(), make_post()
    publishing.unlist(theirs, actor=mona)
    assert not page_of(writer, theirs).select(".undo-move")
    publishing.unlist(old, actor=alice)
    assert page_of(writer, old).select(".undo-move")
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert not page_of(writer, old).select(".undo-move")


def test_a_post_is_scheduled_by_the_clocks_of_the_site(writer, make_post, settings):
    post = make_post(published=False)
    press(writer, post, "schedule", at="2099-07-01T09:00")
    assert Post.objects.get().published_at.isoformat() == "2099-07-01T09:00:00+00:00"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"act": "schedule"}, "Choose the date and the time first."),
        ({"act": "schedule", "at": "soon"}, "Enter a valid date/time."),
        ({"act": "schedule", "at": "2001-01-01T09:00"}, "That moment has passed."),
        ({"act": "purge"}, "This page has no such button."),
        ({"act": "submit"}, "This page has no such button."),
        ({}, "This field is required."),
        ({"act": "archive"}, "The post is a draft now, so it cannot be archived."),
        ({"act": "lock", "password": "abc"}, "at least 4 characters"),
        ({"act": "unlist", "reason": "x" * 1001}, "at most 1000 characters"),
        ({"act": "unlist", "reason": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_changes_nothing(
    writer, make_post, data, said
):
    post = make_post(published=False)
    answer = writer.post(address("move", post), data, follow=True)
    assert said in BeautifulSoup(answer.text, "html5lib").select_one(".messages").text
    after = Post.objects.get()
    assert (after.status, after.version, after.password) == ("draft", post.version, "")


def test_nobody_dates_a_post_back(writer, make_post):
    post = make_post(published=False)
    press(writer, post, "publish", at="2001-01-01T09:00")
    assert Post.objects.get().published_at > timezone.now() - timedelta(hours=1)


def test_no_form_writes_anything_but_the_act(writer, make_post):
    post = make_post()
    data = {"status": "draft", "author": "1", "published_at": "2001-01-01", "version": "9"}
    press(writer, post, "unlist", **data)
    after = Post.objects.get()
    assert (after.status, after.author, after.published_at) == (
        "unlisted",
        post.author,
        post.published_at,
    )
    assert after.text_version == post.text_version


def test_a_password_is_asked_for_changed_and_taken_away(writer, make_post):
    post = make_post(body="For few.")
    press(writer, post, "lock", password=" sesame street ")
    locked = Post.objects.get()
    assert check_password(" sesame street ", locked.password)
    stranger = FrontClient()
    assert "For few." not in stranger.get(post.get_absolute_url()).text
    unlock = reverse("blog:unlock_post", args=[post.slug])
    assert stranger.post(unlock, {"password": " sesame street "}).status_code == 303
    assert "For few." in stranger.get(post.get_absolute_url()).text
    # Another one closes it to whoever had the one before; and so does the very same once more.
    for password in ("other words", " sesame street "):
        press(writer, post, "lock", password=password)
        assert "For few." not in stranger.get(post.get_absolute_url()).text
    press(writer, post, "unlock")
    assert "For few." in FrontClient().get(post.get_absolute_url()).text


def test_each_sees_the_buttons_that_are_theirs(client, alice, mona, make_post):
    carl = make_person("Carl", "Contributor")
    mine = make_post(published=False, author=carl)
    together = make_post(author=mona)
    together.coauthors.add(alice)
    for person, post, expected, may_lock in (
        (carl, mine, ["trash"], False),
        (mona, mine, ["unlist", "private", "trash"], True),
        (alice, together, ["unpublish", "unlist", "private", "archive"], True),
        (mona, together, ["unpublish", "unlist", "private", "archive", "trash"], True),
    ):
        client.force_login(person)
        page = page_of(client, post)
        assert buttons(page) == expected
        assert bool(page.select("#id_post_password")) is may_lock
        for act in {"publish", "unlist", "private", "trash"} - set(expected) - {"publish"}:
            assert client.post(address("move", post), {"act": act}).status_code == 403


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("unlist", ["publish", "unpublish", "private", "archive", "trash"]),
        ("archive", ["publish", "unpublish", "unlist", "private", "trash"]),
        ("private", ["unpublish", "unlist", "trash"]),
        ("trash", ["restore"]),
    ],
)
def test_the_buttons_are_those_that_lead_on(writer, mona, make_post, status, expected):
    post = make_post()
    publishing.move(post, Act(status), actor=mona)
    assert buttons(page_of(writer, post)) == expected


def test_whoever_has_no_business_there_learns_nothing(client, bob, eve, mona, make_post):
    post = make_post(author=mona)
    stranger = make_person("Stella", "Author")
    for person, status in ((bob, 403), (eve, 403), (stranger, 404)):
        client.force_login(person)
        assert client.post(address("move", post), {"act": "trash"}).status_code == status
        assert client.get(address("post_log", post)).status_code == status
    client.logout()
    assert client.post(address("move", post), {"act": "trash"}).status_code == 302
    assert Post.objects.get().status == PostStatus.PUBLISHED


def test_another_site_presses_no_button_here(alice, make_post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    post = make_post()
    assert client.post(address("move", post), {"act": "trash"}).status_code == 403
    assert Post.objects.get().status == PostStatus.PUBLISHED


def test_changes_that_were_held_back_are_told_of_where_they_are_written(writer, make_post):
    post = make_post()
    log.note_act(Act.UNSCHEDULE_CHANGE, post, actor=None, reason="<b>Too long</b>.")
    page = page_of(writer, post)
    assert "did not become public" in page.select_one(".post-moves .alert").text
    assert "<b>Too long</b>." in page.select_one(".post-moves .alert").text
    press(writer, post, "unlist")
    assert not page_of(writer, post).select(".post-moves .alert")


# --- the log ----------------------------------------------------------------------------------


def test_the_log_says_who_when_what_and_why(writer, mona, make_post):
    post = make_post(published=False)
    at = timezone.now() + timedelta(days=1)
    publishing.schedule(post, actor=mona, at=at)
    publishing.move(post, Act.TRASH, actor=mona, reason='Said <script>alert("x")</script>')
    response = writer.get(address("post_log", post))
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    page = BeautifulSoup(response.text, "html5lib")
    entries = page.select(".log-entries > li")
    assert [entry.h2.text for entry in entries] == [
        "Put into the trash",
        "Scheduled",
        "Started",
    ]
    assert '<script>alert("x")</script>' in entries[0].select_one(".why").text
    assert "Mona" in entries[0].text
    assert "published → in the trash" in entries[0].text
    assert f"for {at:%-d %B %Y}" in entries[1].text


def test_a_long_log_is_read_page_by_page_and_each_costs_the_same(writer, make_post, monkeypatch):
    monkeypatch.setattr("blog.room.logbook.PAGE", 3)
    post = make_post()
    counts = []
    for _round in range(3):
        with CaptureQueriesContext(connection) as queries:
            page = BeautifulSoup(writer.get(address("post_log", post)).text, "html5lib")
        counts.append(len(queries))
        publishing.unpublish(post, actor=post.author)
        publishing.publish(post, actor=post.author)
    assert len(set(counts)) == 1
    found = []
    link = {"href": address("post_log", post)}
    while link:
        page = BeautifulSoup(writer.get(link["href"]).text, "html5lib")
        found += [entry.h2.text for entry in page.select(".log-entries > li")]
        link = page.select_one("a[rel=next]")
    assert len(found) == post.log.count() == 8


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 40, "١"])
def test_a_place_in_the_log_that_is_none_breaks_nothing(writer, make_post, before):
    response = writer.get(address("post_log", make_post()), {"before": before})
    assert response.status_code == 200


def test_editors_read_the_log_in_the_admin_and_change_nothing(client, mona, make_post):
    mona.is_staff = True
    mona.save()
    client.force_login(mona)
    post = make_post()
    entry = PublishingLogEntry.objects.latest("pk")
    listed = client.get(reverse("admin:blog_publishinglogentry_changelist"))
    assert post.title in listed.text
    one = reverse("admin:blog_publishinglogentry_change", args=[entry.pk])
    assert client.get(one).status_code == 200
    assert client.post(one, {"reason": "Forged"}).status_code == 403
    add = reverse("admin:blog_publishinglogentry_add")
    remove = reverse("admin:blog_publishinglogentry_delete", args=[entry.pk])
    assert client.get(add).status_code == client.post(remove).status_code == 403
