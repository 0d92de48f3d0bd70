"""What the writing room saves by itself: always beside the post, never over anybody's words."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blog import publishing
from blog.models import Category, Post, PostStatus, Revision, RevisionKind, Tag, WorkingCopy
from blog.room import autosave
from blog.words import latest_words, working_copy_of
from comments.models import Thread

pytestmark = pytest.mark.django_db

NEW = "/write/new/autosave/"
WORDS = {
    "title": "On <bread>",
    "slug": "",
    "excerpt": "A standfirst.",
    "body": "Flour & *water*.\n\nSalt.",
    "tags": "Baking, slow food, ba",
    "author_note": "Written hungry.",
    "source_line": "First in *The Review*.",
}


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def token(writer):
    page = writer.get("/write/new/").text
    return page.split('name="token" value="')[1].split('"')[0]


def address(post):
    return reverse("blog:autosave", args=[post.pk])


def send(client, post, *, version=None, **words):
    seen = post.text_version if version is None else version
    return client.post(address(post), WORDS | words | {"version": seen})


def body_of(post):
    return latest_words(Post.objects.get(pk=post.pk))["body"]


def into(post, status):
    """Put a post where no act has to lead it."""
    now = timezone.now()
    public = now if status in {"published", "unlisted", "private", "archived"} else None
    trashed = now if status == "trash" else None
    Post.objects.filter(pk=post.pk).update(
        status=status, published_at=public, first_public_at=public, trashed_at=trashed
    )
    return Post.objects.get(pk=post.pk)


# --- beside the post -----------------------------------------------------------------------------


def test_what_is_typed_is_kept_beside_the_post(writer, make_post, alice):
    post = make_post(published=False)
    answer = send(writer, post)
    assert answer.status_code == 200
    copy = working_copy_of(post)
    assert (copy.editor, copy.is_saved, copy.title) == (alice, False, "On <bread>")
    assert copy.words["body"] == WORDS["body"]
    assert copy.words["tags"] == ["Baking", "slow food", "ba"]
    told = answer.json()
    assert told["version"] == post.text_version + 1 == Post.objects.get().text_version
    assert told["edit_url"] == reverse("blog:edit", args=[post.pk])
    assert told["state"].startswith("Draft saved ")
    assert not Tag.objects.exists()


@pytest.mark.parametrize("status", sorted(PostStatus.values))
def test_no_status_changes_and_nothing_that_a_reader_sees(writer, make_post, status):
    post = into(make_post(published=False), status)
    facts = Post.objects.filter(pk=post.pk).values()
    thread = Thread.objects.filter(pk=post.thread_id).values()
    before = ({**facts.get(), "text_version": 0}, thread.get())
    assert send(writer, post, status="published", published_at="2020-01-01").status_code == 200
    assert ({**facts.get(), "text_version": 0}, thread.get()) == before
    assert body_of(post) == WORDS["body"]


def test_a_published_page_shows_what_it_showed(writer, make_post):
    post, reader = make_post(), Client()
    etag = reader.get(post.get_absolute_url())["ETag"]
    told = send(writer, post).json()
    assert "readers do not see" in told["state"]
    page = reader.get(post.get_absolute_url())
    assert "Flour" not in page.text
    assert page["ETag"] == etag


@pytest.mark.parametrize(
    "odd",
    [
        {"title": ""},
        {"title": "x" * 201},
        {"title": "turned \u202e around"},
        {"slug": "Not an address!"},
        {"excerpt": "x" * 1001},
        {"tags": ",".join("abcdefghijklmn")},
        {"body": "(" * 300},
        {"author_note": "x" * 2001},
        {"source_line": "two\nlines"},
        {"series": "none such", "series_position": "first", "categories": ["x", "-1"]},
        {"publish_at": "tomorrow", "nonsense": "1", "cover_alt": "x" * 400},
        {
            "initial-series": "9" * 30,
            "initial-series_position": "\0",
            "series": "9" * 30,
            "publish_at": "9" * 30,
            "cover_seen": "\0",
            "coauthors": ["9" * 30, "x"],
        },
    ],
    ids=lambda odd: f"{next(iter(odd))} {len(next(iter(odd.values())))}",
)
def test_what_no_form_would_take_is_kept_all_the_same(writer, make_post, odd):
    post = make_post(published=False)
    assert send(writer, post, **odd).status_code == 200
    words = working_copy_of(post).words
    for name in odd.keys() & {"title", "slug", "excerpt", "body", "author_note", "source_line"}:
        assert words[name] == odd[name]


def test_a_choice_is_kept_too(writer, make_post):
    post = make_post(published=False)
    shelf = Category.objects.create(name="Kitchen", slug="kitchen")
    send(writer, post, categories=[shelf.pk])
    assert working_copy_of(post).words["categories"] == [shelf.pk]


def test_line_breaks_are_kept_as_one_kind(writer, make_post):
    post = make_post(published=False)
    send(writer, post, body="a\r\nb\rc")
    assert body_of(post) == "a\nb\nc"


def test_the_editor_goes_on_from_there(writer, make_post):
    post = make_post()
    version = send(writer, post).json()["version"]
    assert send(writer, post, version=version, body="More.").status_code == 200
    assert body_of(post) == "More."


# --- a new post ----------------------------------------------------------------------------------


def test_a_new_post_begins_with_its_first_words_and_is_one(writer, token, alice):
    first = writer.post(NEW, WORDS | {"token": token, "version": "0"})
    post = Post.objects.get()
    assert first.json()["autosave_url"] == address(post)
    assert (post.status, post.author, post.title) == ("draft", alice, "On <bread>")
    assert latest_words(post)["body"] == WORDS["body"]
    # Its answer was lost, and meanwhile more was typed: the page asks with the same words first.
    again = writer.post(NEW, WORDS | {"token": token, "version": "0"})
    assert again.json() | {"saved_at": ""} == first.json() | {"saved_at": ""}
    more = writer.post(address(post), WORDS | {"body": "More.", "version": again.json()["version"]})
    assert more.status_code == 200
    assert Post.objects.count() == 1


def test_asking_whether_the_first_words_came_starts_nothing(writer, token):
    asked = WORDS | {"token": token, "version": "0", "made": "1"}
    assert "edit_url" not in writer.post(NEW, asked).json()
    assert not Post.objects.exists()
    told = writer.post(NEW, WORDS | {"token": token}).json()
    version = Post.objects.get().text_version
    assert writer.post(NEW, asked).json()["edit_url"] == told["edit_url"]
    assert writer.post(NEW, asked | {"body": "Other words."}).status_code == 409
    assert Post.objects.get().text_version == version


def test_nothing_typed_makes_no_post(writer, token):
    empty = dict.fromkeys(WORDS, "")
    assert writer.post(NEW, empty | {"token": token}).json()["version"] == 0
    assert not Post.objects.exists()


@pytest.mark.parametrize("title", ["", "x" * 300, "two\nlines"])
def test_a_new_post_needs_no_title_that_is_fit_to_be_one(writer, token, title):
    assert writer.post(NEW, WORDS | {"title": title, "token": token}).status_code == 200
    assert latest_words(Post.objects.get())["title"] == title


def test_a_new_post_too_large_to_be_kept_leaves_nothing_behind(writer, token):
    answer = writer.post(NEW, WORDS | {"body": "x" * 200_001, "token": token})
    assert (answer.status_code, answer.json()["reason"]) == (422, "unfit")
    assert not Post.objects.exists()
    assert not Thread.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_first_requests_in_one_moment_one_makes_the_post(writer, token):
    barrier = Barrier(2)

    def ask(_number):
        browser = Client()
        browser.cookies = writer.cookies
        barrier.wait()
        try:
            return browser.post(NEW, WORDS | {"token": token, "version": "0"})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(ask, range(2)))
    post = Post.objects.get()
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["version"] for answer in answers} == {post.text_version}


def test_saving_by_hand_what_was_begun_by_itself_makes_no_second_post(writer, token):
    told = writer.post(NEW, WORDS | {"token": token}).json()
    form = WORDS | {"tags": "Baking", "version": told["version"], "action": "save"}
    assert writer.post(told["edit_url"], form).status_code == 302
    post = Post.objects.get()
    assert (post.body, post.slug) == (WORDS["body"], "on-bread")


# --- conflicts, and what is none -----------------------------------------------------------------


def test_what_another_wrote_meanwhile_is_told_and_left_alone(writer, make_post, mona):
    post = make_post(published=False)
    publishing.keep(post, {"body": "Hers."}, actor=mona, seen_version=post.text_version)
    answer = send(writer, post)
    assert answer.status_code == 409
    told = answer.json()
    assert told["reason"] == "stale"
    assert told["said"].startswith("Mona wrote in this post at ")
    assert told["conflict"] == reverse("blog:merge", args=[post.pk])
    assert body_of(post) == "Hers."


def test_an_answer_that_was_lost_is_no_conflict(writer, make_post):
    post = make_post(published=False)
    first, again = send(writer, post), send(writer, post)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["version"] == again.json()["version"]


def test_the_version_told_is_that_of_the_words_that_stand_there(writer, make_post, alice):
    """They came after the post was read: the older version would be a conflict the next time."""
    post = make_post(published=False)
    publishing.keep(post, {"body": "Sent."}, actor=alice, seen_version=post.text_version)
    told = autosave.kept(post, {"body": "Sent."}, alice, post.text_version)
    assert told.text_version == Post.objects.get().text_version > post.text_version


def test_what_changes_nothing_writes_nothing(writer, make_post):
    post = make_post(published=False)
    version = send(writer, post).json()["version"]
    saved_at = working_copy_of(post).saved_at
    assert send(writer, post, version=version).json()["version"] == version
    assert working_copy_of(post).saved_at == saved_at


def test_publishing_is_no_conflict_for_who_is_writing(writer, make_post, mona):
    post = make_post(published=False)
    version = send(writer, post).json()["version"]
    publishing.publish(post, actor=mona)
    assert "Flour" in writer.get(Post.objects.get().get_absolute_url()).text
    assert send(writer, post, version=version, body="And more.").status_code == 200
    assert "And more." not in writer.get(Post.objects.get().get_absolute_url()).text


def test_the_schedulers_acts_are_no_conflict_for_who_is_writing(writer, make_post, alice):
    post = make_post()
    version = send(writer, post, tags="").json()["version"]
    at = timezone.now() + timedelta(minutes=1)
    publishing.schedule_changes(post, actor=alice, at=at)
    version = send(writer, post, version=version, body="And more.").json()["version"]
    change = Post.objects.get().scheduled_change
    assert publishing.copies.publish_due_change(change, now=at + timedelta(seconds=1))
    answer = send(writer, post, version=version, body="And more still.")
    assert answer.status_code == 200
    assert Post.objects.get().body == WORDS["body"]
    assert body_of(post) == "And more still."


def test_handing_a_post_over_is_no_conflict_for_who_is_writing(client, make_post, alice, mona):
    client.force_login(mona)
    post = make_post()
    assert publishing.hand_over(post, mona, actor=mona)
    assert send(client, post).status_code == 200
    assert Post.objects.get().version == post.version + 1


def test_before_another_goes_on_what_was_kept_is_in_the_history(writer, make_post, mona):
    post = make_post(published=False)
    version = send(writer, post).json()["version"]
    publishing.keep(post, {"body": "Hers."}, actor=mona, seen_version=version)
    kept = Revision.objects.get(kind=RevisionKind.KEPT)
    assert (kept.words["body"], kept.actor_name) == (WORDS["body"], "Alice")


@pytest.mark.parametrize("by", ["", "Another text. " * 20, WORDS["body"]])
def test_a_text_that_goes_from_one_second_to_the_next_is_in_the_history(writer, make_post, by):
    """All of it selected and a key pressed, or something else pasted; then the tab is closed."""
    post, week = make_post(published=False), "A week of work. " * 20
    version = send(writer, post, body=week).json()["version"]
    version = send(writer, post, version=version, body=f"{week}And a day.").json()["version"]
    assert not post.revisions.exists()
    version = send(writer, post, version=version, body=by).json()["version"]
    send(writer, post, version=version, body=f"{by}!")
    assert f"{week}And a day." in [each.words["body"] for each in post.revisions.all()]
    assert post.revisions.count() == 2


def test_saving_over_what_another_typed_keeps_it_in_the_history(writer, make_post, mona):
    post = make_post(published=False)
    publishing.keep(post, {"body": "Hers."}, actor=mona, seen_version=post.text_version)
    post.refresh_from_db()
    publishing.save(post, {"body": "Mine."}, actor=post.author, seen_version=post.text_version)
    assert "Hers." in [each.words["body"] for each in Revision.objects.all()]


# --- refused --------------------------------------------------------------------------------


def test_who_is_signed_out_is_told(client, make_post):
    answer = send(client, make_post(published=False))
    assert (answer.status_code, answer.json()["reason"]) == (401, "signed_out")
    assert client.post(NEW, WORDS).status_code == 401


def test_a_token_of_an_earlier_sign_in_is_told_with_a_fresh_one(alice, make_post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    post = make_post(published=False)
    told = send(client, post)
    assert (told.status_code, told.json()["reason"]) == (403, "token")
    token = told.json()["token"]
    assert send(client, post, csrfmiddlewaretoken=token).status_code == 200


def test_words_are_never_stored_in_the_name_of_who_signed_in_meanwhile(client, mona, make_post):
    post = make_post(published=False)
    client.force_login(mona)
    answer = send(client, post, person=post.author_id)
    assert (answer.status_code, answer.json()["reason"]) == (403, "somebody_else")
    assert "Mona" in answer.json()["said"]
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_who_may_not_write_is_told(request, client, make_post, name):
    client.force_login(request.getfixturevalue(name))
    answer = send(client, make_post(published=False))
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_allowed")


def test_another_authors_post_is_not_there(client, make_post, mona, alice):
    post = make_post(published=False, author=mona)
    client.force_login(alice)
    answers = [send(client, post), client.post(reverse("blog:here", args=[post.pk]))]
    answers.append(client.post(address(post).replace(str(post.pk), "99"), WORDS))
    assert [(each.status_code, each.json()["reason"]) for each in answers] == [(404, "gone")] * 3
    assert not WorkingCopy.objects.exists()


def test_another_sites_page_is_refused(writer, make_post):
    post = make_post(published=False)
    answer = writer.post(address(post), WORDS, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"body": "x" * 200_001}, {"title": "x" * 4001}, {"tags": "x" * 4001}, {"body": "\0"}]
)
def test_what_no_row_can_hold_is_told_in_a_sentence(writer, make_post, wrong):
    answer = send(writer, make_post(published=False), **wrong)
    assert (answer.status_code, answer.json()["reason"]) == (422, "unfit")
    assert answer.json()["said"]


def test_what_is_not_even_read_is_told_in_a_sentence(writer, make_post):
    answer = send(writer, make_post(published=False), body="x" * 2_600_000)
    assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")


def test_a_database_that_is_down_is_told(writer, make_post):
    post = make_post(published=False)

    def refuse(*args, **kwargs):
        raise OperationalError("database is locked")

    with connection.execute_wrapper(refuse):
        answer = send(writer, post)
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    assert send(writer, post).status_code == 200


def test_no_answer_is_anybodys_to_keep(writer, make_post):
    post = make_post(published=False)
    for answer in (
        send(writer, post),
        send(writer, post, version=99, body="x"),
        Client().post(NEW),
    ):
        assert "no-store" in answer["Cache-Control"]
    assert writer.get(address(post)).status_code == 405


# --- what it costs ---------------------------------------------------------------------------


def queries_of_a_save(writer, post):
    post.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        assert send(writer, post, body=f"{post.text_version} more words").status_code == 200
    return len(queries)


def test_a_long_history_costs_no_query_more(writer, make_post, alice):
    post = make_post(published=False)
    queries_of_a_save(writer, post)
    few = queries_of_a_save(writer, post)
    words = latest_words(post)
    Revision.objects.bulk_create(
        Revision(
            post=post, number=n, kind="save", words=words | {"body": f"{n}"}, text_version=1,
            actor=alice,
        )
        for n in range(1, 301)
    )  # fmt: skip
    assert queries_of_a_save(writer, post) == few <= 34


def test_what_is_kept_is_json_that_any_database_holds(writer, make_post):
    post = make_post(published=False)
    send(writer, post, body="😀 \u2028 \ud7ff \ue000 \\u0041 <b>")
    assert json.loads(json.dumps(working_copy_of(post).words))["body"].startswith("😀")
