"""The writing room: every button, and the words that come back whatever goes wrong."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from threading import Barrier

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.urls import reverse

from blog import publishing
from blog.models import (
    Category,
    Picture,
    Post,
    PostKind,
    PostStatus,
    ScheduledChange,
    Series,
    Tag,
    WorkingCopy,
)
from blog.publishing import copies, texts
from blog.publishing.series import arrange
from blog.words import latest_words
from comments.models import Markup
from tests.blog.pictures import picture_bytes, upload
from tests.blog.received import put_into, receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

NEW = "/write/new/"
WORDS = {
    "title": "On <bread>",
    "excerpt": "A standfirst.",
    "body": "Flour & *water*.\n\nSalt.",
    "tags": "Baking, slow food",
    "author_note": "Written hungry.",
    "source_line": "First in *The Review*.",
}


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def room(post):
    return reverse("blog:edit", args=[post.pk])


def shown(response):
    """Return what stands in the boxes of the form on a page."""
    form = BeautifulSoup(response.text, "html5lib").select_one("form.post-form")
    inputs = form.select("input[name]:not([type=radio]), input[type=radio][checked]")
    boxes = {box["name"]: box.get("value", "") for box in inputs}
    return boxes | {box["name"]: box.text.removeprefix("\n") for box in form.select("textarea")}


def assert_kept(response, **changed):
    boxes = shown(response)
    assert {name: boxes[name] for name in WORDS} == WORDS | changed


# --- saving ---------------------------------------------------------------------------------


def test_a_new_draft_is_stored_with_every_word(writer, alice):
    response = writer.post(NEW, WORDS | {"action": "save"})
    post = Post.objects.get()
    assert (response.status_code, response["Location"]) == (302, room(post))
    assert (post.author, post.status, post.title) == (alice, PostStatus.DRAFT, "On <bread>")
    assert post.body == WORDS["body"]
    assert [tag.name for tag in post.tags.all()] == ["Baking", "slow food"]
    assert_kept(writer.get(room(post)))


def test_the_page_says_what_happened_to_the_post(writer):
    response = writer.post(NEW, WORDS | {"action": "save"}, follow=True)
    assert "Draft saved" in response.text
    response = writer.post(NEW, WORDS | {"action": "publish"}, follow=True)
    assert "Published." in response.text


def test_line_breaks_are_kept_as_one_kind(writer):
    writer.post(NEW, WORDS | {"body": "a\r\nb\rc"})
    assert Post.objects.get().body == "a\nb\nc"


def test_publishing_from_the_form_makes_it_readable(writer, client):
    writer.post(NEW, WORDS | {"action": "publish"})
    post = Post.objects.get()
    client.logout()
    assert "<em>water</em>" in client.get(post.get_absolute_url()).text


def test_a_saved_change_to_a_published_post_waits_until_it_is_published(writer, make_post):
    post = make_post()
    data = WORDS | {"version": post.text_version}
    told = writer.post(room(post), data | {"action": "save"}, follow=True)
    assert "Readers do not see these changes yet." in told.text
    assert_kept(told)
    assert "Flour" not in writer.get(post.get_absolute_url()).text
    data |= {"version": shown(told)["version"], "action": "publish_changes"}
    assert "Readers see the text" in writer.post(room(post), data, follow=True).text
    assert "Flour" in writer.get(post.get_absolute_url()).text


def test_an_editor_writes_in_anothers_post_and_it_stays_theirs(client, mona, alice, make_post):
    post = make_post(published=False)
    client.force_login(mona)
    client.post(room(post), WORDS | {"version": post.text_version})
    post.refresh_from_db()
    assert (post.title, post.author, post.thread.owner) == (WORDS["title"], alice, alice)


def test_what_happened_is_said_whatever_the_session_cookie_is_called(settings, client, alice):
    settings.SESSION_COOKIE_NAME = "parley"
    client.force_login(alice)
    response = client.post(NEW, WORDS | {"action": "save"}, follow=True)
    assert "Draft saved" in BeautifulSoup(response.text, "html5lib").select_one(".messages").text


def test_a_draft_may_be_without_a_title_and_a_published_post_not(writer):
    writer.post(NEW, WORDS | {"title": "", "action": "save"})
    post = Post.objects.get()
    assert (post.title, post.body) == ("", WORDS["body"])
    data = WORDS | {"title": "", "version": post.text_version, "action": "publish"}
    response = writer.post(room(post), data)
    assert response.status_code == 422
    assert "Give the post a title" in response.text
    assert Post.objects.get().status == PostStatus.DRAFT


def test_a_draft_may_be_without_a_title_and_words(writer):
    response = writer.post(NEW, {"title": "", "body": "", "action": "save"}, follow=True)
    assert "Draft saved" in response.text
    assert Post.objects.get().title == ""


@pytest.mark.parametrize("action", ["publish", "schedule"])
@pytest.mark.parametrize("missing", ["title", "body"])
def test_publishing_asks_by_name_for_what_is_missing(writer, action, missing):
    data = WORDS | {missing: " ", "action": action, "publish_at": "2044-01-01T09:00"}
    response = writer.post(NEW, data)
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "html5lib")
    assert "before you publish" in page.select_one(f"#div_id_{missing}").text
    assert page.select(".invalid-feedback")[0].find_parent(id=f"div_id_{missing}")
    assert_kept(response, **{missing: " "})


def test_what_changed_is_kept_in_the_history(writer, make_post):
    post = make_post(published=False)
    data = WORDS | {"version": post.text_version, "reason": "Said it shorter"}
    writer.post(room(post), data)
    assert post.revisions.order_by("-number").first().reason == "Said it shorter"


# --- what is chosen ---------------------------------------------------------------------------


def test_shelves_series_and_coauthors_are_chosen_in_the_form(writer, mona):
    food = Category.objects.create(name="Food", slug="food")
    bread = Category.objects.create(name="Bread", slug="bread", parent=food)
    series = Series.objects.create(title="Loaves", slug="loaves")
    chosen = {"categories": [bread.pk], "coauthors": [mona.pk], "series": series.pk}
    page = writer.post(NEW, WORDS | chosen | {"series_position": 3}, follow=True)
    post = Post.objects.get()
    assert (list(post.categories.all()), list(post.coauthors.all())) == ([bread], [mona])
    assert (post.series, post.series_position) == (series, 3)
    form = BeautifulSoup(page.text, "html5lib").select_one("form.post-form")
    ticked = [box.find_parent("div").label.text.strip() for box in form.select("[checked]")]
    assert ticked == ["Food › Bread", "Mona"]
    assert form.select_one("#id_series [selected]").text == "Loaves"


@pytest.mark.parametrize("name", ["bob", "eve"])
def test_who_does_not_write_is_no_coauthor(request, writer, name):
    stranger = request.getfixturevalue(name)
    response = writer.post(NEW, WORDS | {"coauthors": [stranger.pk]})
    assert response.status_code == 422
    assert_kept(response)


def test_an_author_is_not_their_own_coauthor(writer, alice):
    assert writer.post(NEW, WORDS | {"coauthors": [alice.pk]}).status_code == 422


def test_who_may_write_no_more_stays_a_coauthor(writer, mona, make_post):
    post = make_post(published=False)
    post.coauthors.add(mona)
    mona.groups.clear()
    data = WORDS | {"version": post.text_version, "coauthors": [mona.pk]}
    assert writer.post(room(post), data).status_code == 302
    assert list(post.coauthors.all()) == [mona]


# --- out, and the version after it ------------------------------------------------------------


def buttons(response):
    form = BeautifulSoup(response.text, "html5lib").select_one("form.post-form")
    return [button.text.strip() for button in form.select("& > .form-actions button:not([hidden])")]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("draft", ["Publish", "Save draft", "Preview"]),
        ("review", ["Publish", "Save", "Preview"]),
        ("published", ["Publish changes", "Save draft", "Preview"]),
        ("scheduled", ["Apply changes", "Save draft", "Publish now", "Preview"]),
        ("private", ["Apply changes", "Save draft", "Publish", "Preview"]),
        ("trash", ["Save", "Preview"]),
    ],
)
def test_each_state_has_its_buttons_and_one_is_the_first(writer, alice, state, words):
    page = writer.get(room(put_into(receive_post(alice), state)))
    assert buttons(page) == words
    assert len(BeautifulSoup(page.text, "html5lib").select(".post-form .button.primary")) == 1


@pytest.mark.parametrize("status", ["published", "unlisted", "archived"])
def test_what_readers_can_see_is_linked_to_where_they_see_it(writer, make_post, status):
    post = make_post()
    Post.objects.filter(pk=post.pk).update(status=status)
    state = BeautifulSoup(writer.get(room(post)).text, "html5lib").select_one(".state")
    assert [a["href"] for a in state.select("a")] == [post.get_absolute_url()]


def test_changes_are_told_of_and_can_be_discarded(writer, make_post):
    post = make_post(body="What readers see.")
    data = WORDS | {"version": post.text_version}
    saved = writer.post(room(post), data | {"action": "save"}, follow=True)
    assert "Changes not yet public" in saved.text
    assert buttons(saved)[-1] == "Discard changes"
    data |= {"version": shown(saved)["version"], "body": "A last thought."}
    gone = writer.post(room(post), data | {"action": "discard_changes"}, follow=True)
    assert shown(gone)["body"] == "What readers see."
    assert not WorkingCopy.objects.exists()
    texts_kept = [revision.words["body"] for revision in post.revisions.all()]
    assert {WORDS["body"], "A last thought."} <= set(texts_kept)


def test_discarding_in_the_second_of_two_tabs_discards_nothing(writer, make_post):
    post = make_post()
    data = WORDS | {"version": post.text_version}
    writer.post(room(post), data | {"action": "save"})
    assert writer.post(room(post), data | {"action": "discard_changes"}).status_code == 409
    assert WorkingCopy.objects.exists()


def test_discarding_a_post_that_is_none_gives_the_words_back(writer):
    told = writer.post(NEW, WORDS | {"action": "discard_changes"})
    assert told.status_code == 404
    assert_kept(told)


def test_words_that_no_row_holds_come_back_from_discarding(writer, alice, monkeypatch):
    post = receive_post(alice)
    monkeypatch.setitem(copies.MOST_CHARACTERS, Markup.HTML, 10)
    data = WORDS | {"version": post.text_version, "action": "discard_changes"}
    told = writer.post(room(post), data)
    assert told.status_code == 422
    assert_kept(told)


def test_last_words_that_are_not_fit_to_be_saved_are_in_the_history_too(writer, make_post):
    post = make_post()
    data = WORDS | {"version": post.text_version, "title": "x" * 250}
    assert writer.post(room(post), data | {"action": "discard_changes"}).status_code == 302
    assert not WorkingCopy.objects.exists()
    assert WORDS["body"] in [revision.words["body"] for revision in post.revisions.all()]


def test_changes_that_cannot_be_published_are_not_saved_either(writer, make_post):
    post = make_post()
    data = WORDS | {"version": post.text_version, "title": "", "action": "publish_changes"}
    assert writer.post(room(post), data).status_code == 422
    assert not WorkingCopy.objects.exists()
    assert Post.objects.get().text_version == post.text_version


def test_what_was_taken_back_meanwhile_is_not_published_by_publishing_changes(
    writer, alice, make_post
):
    post = make_post()
    data = WORDS | {"version": post.text_version, "action": "publish_changes"}
    publishing.unpublish(post, actor=alice)
    writer.post(room(post), data)
    after = Post.objects.get()
    assert (after.status, after.body) == (PostStatus.DRAFT, WORDS["body"])


def test_the_next_version_is_previewed_before_it_is_public(writer, make_post):
    post = make_post()
    writer.post(room(post), WORDS | {"version": post.text_version})
    page = writer.get(reverse("blog:preview", args=[post.pk]))
    assert "<em>water</em>" in page.text
    assert "slow food" in page.text


def test_a_draft_is_scheduled_from_the_form(writer):
    moment = {"action": "schedule", "publish_at": "2044-01-02T09:30"}
    page = writer.post(NEW, WORDS | moment, follow=True)
    post = Post.objects.get()
    assert post.is_scheduled()
    assert post.published_at == datetime(2044, 1, 2, 9, 30, tzinfo=UTC)
    assert "scheduled for 2 January 2044, 09:30" in page.text
    assert shown(page)["publish_at"] == "2044-01-02T09:30"
    again = {"action": "schedule", "publish_at": "2044-01-03T09:30", "body": "Later, and more."}
    writer.post(room(post), WORDS | again | {"version": shown(page)["version"]})
    post = Post.objects.get()
    assert (post.published_at.day, post.body) == (3, "Later, and more.")


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("", "Choose the date and the time first."),
        ("2001-01-01T09:00", "That moment has passed"),
        ("soon", "Enter a valid date/time."),
    ],
)
@pytest.mark.parametrize("action", ["schedule", "schedule_changes"])
def test_a_moment_that_is_none_schedules_nothing(writer, make_post, moment, said, action):
    post = make_post(published=action == "schedule_changes")
    data = WORDS | {"version": post.text_version, "action": action, "publish_at": moment}
    response = writer.post(room(post), data)
    assert response.status_code == 422
    assert said in response.text
    assert_kept(response)
    assert Post.objects.get().text_version == post.text_version


def test_changes_are_scheduled_and_taken_back_from_the_form(writer, make_post):
    post = make_post()
    moment = {"action": "schedule_changes", "publish_at": "2044-01-02T09:30"}
    page = writer.post(room(post), WORDS | moment | {"version": post.text_version}, follow=True)
    assert "Changes scheduled for 2 January 2044, 09:30." in page.text
    assert ScheduledChange.objects.get().revision.words["body"] == WORDS["body"]
    assert Post.objects.get().body != WORDS["body"]
    data = WORDS | {"action": "unschedule_changes", "version": shown(page)["version"]}
    page = writer.post(room(post), data, follow=True)
    assert not ScheduledChange.objects.exists()
    assert "Changes not yet public" in page.text


@pytest.mark.parametrize(
    "action", ["publish", "schedule", "publish_changes", "schedule_changes", "unschedule_changes"]
)
def test_who_may_not_publish_does_not_publish_by_a_forged_button(client, make_post, action):
    carl = make_person("Carl", "Contributor")
    post = make_post(published=False, author=carl)
    client.force_login(carl)
    data = WORDS | {"version": post.text_version, "publish_at": "2044-01-02T09:30"}
    response = client.post(room(post), data | {"action": action})
    assert response.status_code == 403
    assert_kept(response)
    assert Post.objects.get().status == PostStatus.DRAFT
    page = client.get(room(post))
    assert not {"Publish", "Publish changes"} & set(buttons(page))
    assert not BeautifulSoup(page.text, "html5lib").select("[type=file]")


# --- refused, and kept ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 201},
        {"excerpt": "x" * 1001},
        {"tags": "x" * 61},
        {"tags": ",".join("abcdefghijklm")},
        {"body": "(" * 300},
        {"author_note": "x" * 2001},
        {"source_line": "x" * 501},
        {"title": "turned \u202e around"},
    ],
    ids=lambda wrong: f"{next(iter(wrong))} {len(next(iter(wrong.values())))}",
)
@pytest.mark.parametrize("action", ["save", "publish", "preview"])
def test_every_word_comes_back_from_a_refusal(writer, wrong, action):
    response = writer.post(NEW, WORDS | wrong | {"action": action})
    assert response.status_code == 422
    assert_kept(response, **wrong)
    assert not Post.objects.exists()


def test_a_refusal_names_the_field_and_the_mend(writer):
    response = writer.post(NEW, WORDS | {"title": "a\x0bb"})
    page = BeautifulSoup(response.text, "html5lib")
    assert "U+000B" in page.select_one("#div_id_title").text
    assert page.select_one("#id_title")["aria-invalid"] == "true"


def test_nothing_is_published_that_has_no_words(writer):
    response = writer.post(NEW, WORDS | {"body": " \n", "action": "publish"})
    assert response.status_code == 422
    assert "Write something before you publish." in response.text
    assert not Post.objects.exists()


@pytest.mark.parametrize("extra", [{"titel": "x"}, {"author": "1"}, {"status": "published"}])
def test_a_field_that_the_form_does_not_know_is_refused(writer, extra):
    response = writer.post(NEW, WORDS | extra)
    assert response.status_code == 422
    assert next(iter(extra)) in response.text
    assert_kept(response)


def test_a_file_that_the_form_does_not_know_is_refused(writer):
    response = writer.post(NEW, WORDS | {"attachment": upload()})
    assert response.status_code == 422
    assert "attachment" in response.text


def test_a_button_that_is_none_stores_nothing(writer):
    response = writer.post(NEW, WORDS | {"action": "explode"})
    assert response.status_code == 422
    assert_kept(response)


def test_a_refused_title_does_not_show_as_the_posts(writer, make_post):
    post = make_post(title="Stored title")
    response = writer.post(room(post), WORDS | {"title": "x" * 201, "version": post.text_version})
    assert "Stored title" in BeautifulSoup(response.text, "html5lib").select_one("h1").text


def test_an_address_that_readers_know_may_be_changed_and_the_form_says_what_follows(
    writer, client, make_post
):
    post = make_post(title="Once")
    assert "it leads them on" in writer.get(room(post)).text
    data = WORDS | {"version": post.text_version, "slug": "elsewhere"}
    assert writer.post(room(post), data | {"action": "publish_changes"}).status_code == 302
    assert client.get("/posts/once/")["Location"] == "/posts/elsewhere/"


@pytest.mark.parametrize(
    ("slug", "said"),
    [("taken", "This address is taken"), ("no slug", "letters from a to z")],
)
def test_an_address_that_cannot_be_had_is_refused_in_words_that_help(writer, make_post, slug, said):
    make_post(slug="taken")
    token = shown(writer.get(NEW))["token"]
    response = writer.post(NEW, WORDS | {"token": token, "slug": slug})
    assert (response.status_code, said in response.text) == (422, True)
    assert shown(response)["slug"] == slug


def test_an_address_that_was_anothers_is_refused_with_every_word_kept(writer, alice, make_post):
    make_post(title="Once")
    moved = Post.objects.get()
    publishing.save(moved, {"slug": "now"}, actor=alice, seen_version=moved.text_version)
    response = writer.post(NEW, WORDS | {"token": shown(writer.get(NEW))["token"], "slug": "once"})
    assert response.status_code == 422
    assert '<a href="/posts/now/"><bdi>Once</bdi></a>' in response.text
    assert shown(response)["slug"] == "once"
    assert Post.objects.count() == 1


def test_a_form_that_is_too_large_to_be_read_says_where_the_words_are(alice):
    writer = Client(enforce_csrf_checks=True)
    writer.force_login(alice)
    response = writer.post(NEW, WORDS | {"body": "x" * 3_000_000, "action": "save"})
    assert response.status_code == 413
    assert "this device has kept your words and offers them there" in response.text
    assert not Post.objects.exists()


# --- two tabs, lost sign-ins ------------------------------------------------------------------


def test_the_second_of_two_tabs_is_told_and_keeps_its_words(writer, alice, make_post):
    post = make_post()
    seen = post.text_version
    publishing.save(post, {"body": "From elsewhere."}, actor=alice, seen_version=seen)
    response = writer.post(room(post), WORDS | {"version": seen})
    assert response.status_code == 409
    assert "changed elsewhere" in response.text
    both = shown(response)["body"]
    assert WORDS["body"] in both
    assert "From elsewhere." in both
    assert_kept(response, body=both)
    assert Post.objects.get().body == "From elsewhere."


def test_once_told_the_second_tab_may_save_knowingly(writer, alice, make_post):
    post = make_post()
    publishing.save(post, {"body": "From elsewhere."}, actor=alice, seen_version=post.text_version)
    told = writer.post(room(post), WORDS | {"version": post.text_version})
    again = writer.post(room(post), WORDS | {"version": shown(told)["version"]})
    assert again.status_code == 302
    assert latest_words(Post.objects.get())["body"] == WORDS["body"]


@pytest.mark.parametrize("version", ["", "0", "99", str(10**30)])
def test_a_form_that_does_not_know_what_it_changes_changes_nothing(writer, make_post, version):
    post = make_post()
    response = writer.post(room(post), WORDS | {"version": version})
    assert response.status_code in {409, 422}
    assert Post.objects.get().title == post.title


def test_a_stale_save_leaves_no_picture_behind(writer, make_post):
    post = make_post()
    data = WORDS | {"version": "99", "cover_file": upload(), "cover_alt": "A loaf"}
    assert writer.post(room(post), data).status_code == 409
    assert not Picture.objects.exists()


def test_the_words_for_a_post_that_is_gone_come_back_as_a_new_one(writer, make_post):
    post = make_post()
    Post.objects.filter(pk=post.pk).delete()
    told = writer.post(room(post), WORDS | {"version": post.text_version})
    assert told.status_code == 404
    assert_kept(told)
    form = BeautifulSoup(told.text, "html5lib").select_one("form.post-form")
    again = writer.post(form["action"], shown(told) | {"action": "save"})
    assert (again.status_code, Post.objects.get().body) == (302, WORDS["body"])


def test_a_post_that_goes_while_it_is_saved_gives_its_words_back(writer, make_post):
    post = make_post()

    def remove_it_first(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "version" in sql:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM blog_post WHERE id = %s", [post.pk])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(remove_it_first):
        told = writer.post(room(post), WORDS | {"version": post.text_version})
    assert told.status_code == 404
    assert_kept(told)


def test_who_was_signed_out_meanwhile_keeps_every_word(client, make_post):
    post = make_post()
    response = client.post(room(post), WORDS | {"version": post.text_version})
    assert response.status_code == 403
    assert_kept(response)
    assert shown(response)["version"] == str(post.text_version)
    assert post.title not in response.text


@pytest.mark.parametrize("page", ["edit", "merge"])
def test_who_may_write_no_more_keeps_every_word(writer, alice, make_post, page):
    post = make_post()
    alice.groups.clear()
    response = writer.post(reverse(f"blog:{page}", args=[post.pk]), WORDS | {"version": "1"})
    assert response.status_code == 403
    assert "no-store" in response["Cache-Control"]
    assert_kept(response)
    assert post.title not in response.text


def test_who_signed_in_anew_keeps_every_word(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post(NEW, WORDS)
    assert response.status_code == 403
    assert "Your sign-in changed" in response.text
    assert_kept(response)
    token = shown(response)["csrfmiddlewaretoken"]
    assert client.post(NEW, WORDS | {"csrfmiddlewaretoken": token}).status_code == 302


def test_who_signed_in_instead_is_asked_before_anything_is_theirs(alice, mona, make_post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    opened_by_alice = WORDS | {"person": str(alice.pk)}
    for address in (NEW, room(make_post()), NEW.replace("new", "99")):
        response = client.post(address, opened_by_alice)
        assert_kept(response)
        form = BeautifulSoup(response.text, "html5lib").select_one("form.post-form")
        assert form["data-autosave"] == ""
    response = client.post(NEW, opened_by_alice)
    assert "under the name Mona" in response.text
    knowingly = {name: shown(response)[name] for name in ("csrfmiddlewaretoken", "person")}
    assert client.post(NEW, WORDS | knowingly).status_code == 302


@pytest.mark.parametrize("is_down", [False, True], ids=["signed out", "no database"])
def test_whose_words_they_were_is_not_forgotten_on_the_way(client, is_down):
    """A page that knows nobody hands on who wrote: whoever signs in next is somebody else."""
    context = connection.execute_wrapper(refuse_to_store) if is_down else nullcontext()
    with context:
        response = client.post(NEW, WORDS | {"person": "4711"}, headers={"Cookie": "sessionid=x"})
    assert shown(response)["person"] == "4711"


def test_another_sites_form_is_refused(writer):
    response = writer.post(NEW, WORDS, headers={"Origin": "https://evil.example"})
    assert response.status_code == 403
    assert not Post.objects.exists()


# --- the database is down -----------------------------------------------------------------------


def refuse_to_store(*args, **kwargs):
    raise OperationalError("database is locked")


def assert_given_back(response, **kept):
    assert response.status_code == 503
    assert response["Retry-After"]
    assert "no-store" in response["Cache-Control"]
    assert_kept(response)
    assert {name: shown(response)[name] for name in kept} == kept


@pytest.mark.parametrize("action", ["save", "publish", "publish_changes"])
def test_every_word_comes_back_when_nothing_can_be_stored(writer, make_post, monkeypatch, action):
    for module in (texts, copies):
        monkeypatch.setattr(module, "claimed", refuse_to_store)
    post = make_post(published=action == "publish_changes")
    kept = {"version": str(post.text_version), "csrfmiddlewaretoken": "as it was"}
    response = writer.post(room(post), WORDS | kept | {"action": action})
    assert_given_back(response, **kept)
    button = BeautifulSoup(response.text, "html5lib").select_one("form .button.primary")
    assert button["value"] == action
    monkeypatch.setattr(publishing, "create_draft", refuse_to_store)
    assert_given_back(writer.post(NEW, WORDS | {"action": action}))


def test_every_word_comes_back_when_the_database_answers_nothing_at_all(writer):
    with connection.execute_wrapper(refuse_to_store):
        response = writer.post(NEW, WORDS)
    assert_given_back(response)
    assert writer.post(NEW, WORDS).status_code == 302


# --- one form, one post ---------------------------------------------------------------------------


@pytest.fixture
def fresh_form(writer):
    """Return the words in a form that was just opened."""
    return WORDS | {name: shown(writer.get(NEW))[name] for name in ("token", "version")}


@pytest.mark.parametrize("action", ["save", "publish"])
def test_a_double_click_makes_one_post(writer, fresh_form, action):
    once = writer.post(NEW, fresh_form | {"slug": "bread", "action": action})
    again = writer.post(NEW, fresh_form | {"slug": "bread", "action": action})
    post = Post.objects.get()
    assert once["Location"] == again["Location"] == room(post)
    assert post.version == (2 if action == "publish" else 1)


def test_a_double_click_stores_its_pictures_once(writer, fresh_form):
    for _ in range(2):
        data = {"picture": upload(), "picture_alt": "A", "cover_file": upload(), "cover_alt": "B"}
        assert writer.post(NEW, fresh_form | data).status_code == 302
    assert (Post.objects.count(), Picture.objects.count()) == (1, 2)


@pytest.mark.parametrize("name", ["title", "body", "tags", "author_note"])
def test_a_box_that_does_not_come_along_empties_nothing(writer, fresh_form, name):
    writer.post(NEW, fresh_form)
    before = latest_words(Post.objects.get())
    data = fresh_form | {"excerpt": "Another.", "version": "1"}
    del data[name], data["token"]
    writer.post(room(Post.objects.get()), data)
    assert latest_words(Post.objects.get()) == before | {"excerpt": "Another."}


@pytest.mark.parametrize("action", ["save", "publish", "publish_changes"])
@pytest.mark.parametrize("published", [False, True], ids=["draft", "out"])
def test_what_is_sent_twice_is_no_conflict(writer, make_post, action, published):
    """A double click, or a page asked for again whose answer was lost."""
    Tag.objects.create(name="baking", slug="baking")
    post = make_post(published=published)
    data = WORDS | {"version": post.text_version, "tags": "Slow food, Baking", "action": action}
    for _ in range(2):
        assert writer.post(room(post), data)["Location"] == room(post)
    assert latest_words(Post.objects.get())["body"] == WORDS["body"]
    told = writer.post(room(post), data | {"body": "Other words."})
    assert told.status_code == 409


def test_two_forms_make_two_posts_of_the_same_words(writer, fresh_form):
    writer.post(NEW, fresh_form)
    writer.post(NEW, fresh_form | {"token": shown(writer.get(NEW))["token"]})
    writer.post(NEW, WORDS)
    writer.post(NEW, WORDS | {"token": "forged"})
    writer.post(NEW, WORDS | {"token": "forged"})
    assert Post.objects.count() == 5


def test_a_form_of_anothers_makes_a_post_of_ones_own(client, fresh_form, mona, writer):
    writer.post(NEW, fresh_form)
    client.force_login(mona)
    client.post(NEW, fresh_form)
    assert [post.author.display_name for post in Post.objects.order_by("pk")] == ["Alice", "Mona"]


def test_other_words_in_a_form_that_made_its_post_are_compared_first(writer, fresh_form):
    writer.post(NEW, fresh_form)
    told = writer.post(NEW, fresh_form | {"body": "Other words."})
    assert told.status_code == 409
    both = shown(told)["body"]
    assert "Other words." in both
    assert WORDS["body"] in both
    assert_kept(told, body=both)
    again = fresh_form | {"body": "Other words.", "version": shown(told)["version"]}
    assert writer.post(NEW, again).status_code == 302
    assert Post.objects.get().body == "Other words."


def test_another_choice_in_a_form_that_made_its_post_is_no_double_click(writer, fresh_form):
    shelf = Category.objects.create(name="Food", slug="food")
    writer.post(NEW, fresh_form)
    told = writer.post(NEW, fresh_form | {"categories": [shelf.pk]})
    assert told.status_code == 409


@pytest.mark.django_db(transaction=True)
def test_of_two_clicks_in_one_moment_one_makes_the_post(alice, client):
    client.force_login(alice)
    data = WORDS | {"token": shown(client.get(NEW))["token"], "slug": "bread"}
    barrier = Barrier(2)

    def click(_number):
        browser = Client()
        browser.cookies = client.cookies
        barrier.wait()
        try:
            return browser.post(NEW, data)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(click, range(2)))
    post = Post.objects.get()
    assert [answer.get("Location") for answer in answers] == [room(post)] * 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("by_itself", [False, True], ids=["a button", "by itself"])
def test_of_two_that_say_the_same_in_one_moment_none_is_a_conflict(writer, make_post, by_itself):
    """The second finds the post as it was, and waits for the first."""
    post = make_post(published=False)
    address = reverse("blog:autosave", args=[post.pk]) if by_itself else room(post)
    words = WORDS | {"tags": ["Baking", "slow food"]}

    def ask():
        try:
            return writer.post(address, WORDS | {"version": post.text_version})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        publishing.keep(post, words, actor=post.author, seen_version=post.text_version)
        answer = threads.submit(ask)
        time.sleep(0.5)
    assert answer.result().status_code == (200 if by_itself else 302)
    if by_itself:
        assert answer.result().json()["version"] == Post.objects.get().text_version


# --- preview --------------------------------------------------------------------------------


def test_a_preview_shows_what_readers_would_see_and_stores_nothing(writer):
    response = writer.post(NEW, WORDS | {"action": "preview"})
    assert response.status_code == 200
    preview = BeautifulSoup(response.text, "html5lib").select_one("section.preview")
    assert preview.select_one("h1").text == "On <bread>"
    assert preview.select_one("em").text == "water"
    assert "slow food" in preview.text
    assert "Written hungry." in preview.text
    assert_kept(response)
    assert not Post.objects.exists()


def test_a_stored_draft_has_a_page_of_its_own_to_be_looked_at(writer, make_post):
    post = make_post(published=False, body="*Almost*", tags=["one"])
    text = writer.get(reverse("blog:preview", args=[post.pk])).text
    assert "<em>Almost</em>" in text
    assert "one" in text


def test_what_the_writing_room_shows_is_never_kept(writer, make_post):
    post = make_post(published=False)
    for url in (NEW, room(post), reverse("blog:preview", args=[post.pk]), "/write/"):
        assert "no-store" in writer.get(url)["Cache-Control"]


# --- pictures -------------------------------------------------------------------------------


def test_a_picture_is_put_at_the_end_of_the_text(writer):
    data = {"picture": upload(), "picture_alt": "A loaf", "picture_caption": 'Say "ah"'}
    response = writer.post(NEW, WORDS | data | {"action": "add_picture"})
    assert response.status_code == 200
    picture = Picture.objects.get()
    line = f'![A loaf]({picture.file.url} "Say \\"ah\\"")'
    assert_kept(response, body=f"{WORDS['body']}\n\n{line}\n")
    assert shown(response)["picture_alt"] == ""
    assert not Post.objects.exists()


def test_a_picture_may_come_before_the_title(writer):
    data = {"title": "", "picture": upload(), "picture_alt": "A loaf", "action": "add_picture"}
    response = writer.post(NEW, data)
    assert response.status_code == 200
    assert shown(response)["body"].startswith("![A loaf](/media/pictures/")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"picture_alt": "A loaf"}, "Choose a picture first."),
        ({"picture": picture_bytes()}, "Say in a few words what the picture shows, or tick"),
        ({"picture": b"<svg/>", "picture_alt": "x"}, "An SVG is a program as much as a picture"),
        ({"picture": b"", "picture_alt": "x"}, "empty"),
    ],
)
def test_a_picture_that_is_refused_costs_no_word(writer, data, said):
    if "picture" in data:
        data = data | {"picture": upload(data["picture"])}
    response = writer.post(NEW, WORDS | data | {"action": "add_picture"})
    assert response.status_code == 422
    assert said in response.text
    assert_kept(response)
    assert not Picture.objects.exists()


def test_a_picture_sent_along_with_a_save_is_not_lost(writer):
    writer.post(NEW, WORDS | {"picture": upload(), "picture_alt": "A loaf", "action": "save"})
    assert "![A loaf](/media/pictures/" in Post.objects.get().body


def test_a_cover_needs_words_too(writer):
    response = writer.post(NEW, WORDS | {"cover_file": upload()})
    assert response.status_code == 422
    assert not Picture.objects.exists()


def test_a_cover_is_stored_described_anew_and_removed(writer):
    words = {"cover_alt": "A loaf", "cover_caption": "Mine"}
    writer.post(NEW, WORDS | words | {"cover_file": upload(picture_bytes("PNG"))})
    post = Post.objects.get()
    assert (post.cover.alt, post.cover.caption, post.cover.width) == ("A loaf", "Mine", 64)
    writer.post(room(post), WORDS | words | {"cover_alt": "Two loaves", "version": 1})
    post = Post.objects.get()
    assert (post.cover.alt, Picture.objects.count()) == ("Two loaves", 1)
    writer.post(room(post), WORDS | words | {"remove_cover": "on", "version": 2})
    assert Post.objects.get().cover is None


def all_boxes(response):
    """Return the form on a page as a browser would send it."""
    form = BeautifulSoup(response.text, "html5lib").select_one("form.post-form")
    chosen = {
        box["name"]: (box.select_one("option[selected]") or {}).get("value", "")
        for box in form.select("select")
    }
    ticks = [box for box in form.select("[type=checkbox]") if not box.has_attr("checked")]
    names = {box.get("name") for box in [*ticks, *form.select("[type=file]")]}
    return {name: value for name, value in shown(response).items() if name not in names} | chosen


@pytest.fixture
def in_series(writer, make_post):
    loaves = Series.objects.create(title="Loaves", slug="loaves")
    posts = [
        make_post(title=f"Loaf {at}", series=loaves, series_position=at, published=False)
        for at in (1, 2)
    ]
    return loaves, posts


@pytest.mark.parametrize("by_itself", [False, True], ids=["by a button", "by itself"])
@pytest.mark.parametrize("changed", [{}, {"series_position": "7"}, {"series": ""}])
def test_a_place_that_the_form_left_alone_is_left_alone(writer, in_series, changed, by_itself):
    loaves, (first, second) = in_series
    boxes = all_boxes(writer.get(room(first)))
    arrange(loaves, [second.pk, first.pk])
    address = reverse("blog:autosave", args=[first.pk]) if by_itself else room(first)
    data = boxes | {"body": "More."} | changed
    # And the same once more, after a refusal gave it back.
    refused = writer.post(room(first), data | {"title": "x" * 201})
    assert refused.status_code == 422
    data = all_boxes(refused) | {"title": "Loaf"}
    assert writer.post(address, data).status_code == (200 if by_itself else 302)
    words = latest_words(Post.objects.get(pk=first.pk))
    place = {"series_position": 2, "series": loaves.pk}
    if changed:
        place = {"series_position": int(changed.get("series_position", 1))}
        place["series"] = None if "series" in changed else loaves.pk
    assert {name: words[name] for name in place} == place
    assert words["body"] == "More."


def test_a_place_that_was_chosen_before_goes_into_the_draft_with_the_rest(writer, make_post):
    loaves, post = Series.objects.create(title="L", slug="l"), make_post(published=False)
    chosen = {"series": loaves.pk, "series_position": "3"}
    by_itself = reverse("blog:autosave", args=[post.pk])
    assert writer.post(by_itself, all_boxes(writer.get(room(post))) | chosen).status_code == 200
    assert writer.post(room(post), all_boxes(writer.get(room(post)))).status_code == 302
    post.refresh_from_db()
    assert (post.series, post.series_position) == (loaves, 3)


def test_a_place_that_was_left_alone_stays_so_in_a_conflict(writer, in_series, mona):
    loaves, (first, second) = in_series
    boxes = all_boxes(writer.get(room(first)))
    publishing.keep(first, {"excerpt": "Hers."}, actor=mona, seen_version=1)
    arrange(loaves, [second.pk, first.pk])
    told = writer.post(room(first), boxes | {"body": "More."})
    assert told.status_code == 409
    merged = reverse("blog:merge", args=[first.pk])
    assert writer.post(merged, shown(told) | {"action": "merge"}).status_code == 302
    words = latest_words(Post.objects.get(pk=first.pk))
    assert (words["series_position"], words["body"], words["excerpt"]) == (2, "More.", "Hers.")


# --- in and out of public -----------------------------------------------------------------------


def test_a_post_goes_out_and_comes_back_from_the_list(writer, make_post):
    post = make_post(published=False)
    assert post.title in writer.get("/write/").text
    writer.post(reverse("blog:publish", args=[post.pk]))
    assert Post.objects.published().count() == 1
    writer.post(reverse("blog:unpublish", args=[post.pk]))
    assert not Post.objects.published().exists()


def test_an_empty_draft_is_not_published_from_the_list(writer, make_post):
    post = make_post(published=False, body="")
    response = writer.post(reverse("blog:publish", args=[post.pk]), follow=True)
    assert "Write something before you publish." in response.text


def test_an_author_lists_their_own_posts_alone(client, alice, mona, make_post):
    make_post(title="By Alice", published=False)
    make_post(title="By Mona", author=mona)
    client.force_login(mona)
    text = client.get("/write/").text
    assert "By Mona" in text
    assert "By Alice" not in text


def test_who_has_written_nothing_is_told_how_to_start(writer):
    assert "You have not written anything yet." in writer.get("/write/").text


# --- what came from elsewhere -------------------------------------------------------------------

OUT_STATES = ["published", "scheduled", "private"]
STATE_AND_BUTTONS = [
    ("published", "published", ["Unpublish"]),
    ("draft", "draft", ["Publish"]),
    ("review", "in review", ["Publish"]),
    ("private", "private", ["Publish"]),
    ("trash", "in the trash", ["Restore as a draft"]),
    ("scheduled", "scheduled for 2 January 2030, 13:00", ["Publish now", "Take back"]),
]


@pytest.fixture
def in_2030():
    with time_machine.travel("2030-01-02T12:00:00Z", tick=False):
        yield


@pytest.mark.parametrize(("state", "word", "buttons"), STATE_AND_BUTTONS)
def test_the_list_says_where_a_post_stands_and_what_can_be_done(
    in_2030, writer, alice, state, word, buttons
):
    put_into(receive_post(alice), state)
    page = BeautifulSoup(writer.get(f"/write/?state={state}").text, "html5lib")
    assert page.select_one(".own-posts .status").text == word
    hidden = page.select_one(".row-actions a .hidden").text
    found = [button.text.removesuffix(hidden) for button in page.select(".row-actions button")]
    assert found == buttons


@pytest.mark.parametrize(("state", "word", "_buttons"), STATE_AND_BUTTONS)
def test_the_form_says_where_a_post_stands(in_2030, writer, alice, state, word, _buttons):
    post = put_into(receive_post(alice), state)
    page = BeautifulSoup(writer.get(room(post)).text, "html5lib")
    assert word in page.select_one(".writing-header .state").text.lower().replace(
        "january", "January"
    )


@pytest.mark.parametrize(
    ("state", "view", "status"),
    [
        ("scheduled", "publish", PostStatus.PUBLISHED),
        ("scheduled", "unpublish", PostStatus.DRAFT),
        ("private", "publish", PostStatus.PUBLISHED),
        ("review", "publish", PostStatus.PUBLISHED),
        ("trash", "unpublish", PostStatus.DRAFT),
    ],
)
def test_the_buttons_do_what_they_say(writer, alice, state, view, status):
    post = put_into(receive_post(alice), state)
    assert writer.post(reverse(f"blog:{view}", args=[post.pk])).status_code == 302
    post = Post.objects.get()
    assert post.status == status
    assert post.is_published() is (view == "publish")
    assert post.thread.is_public is (view == "publish")


@pytest.mark.parametrize(
    ("state", "said"),
    [("review", "it waits for an editor"), ("trash", "Readers do not see it")],
)
def test_saving_leaves_a_post_where_it_stands(writer, alice, state, said):
    post = put_into(receive_post(alice, title="Once"), state)
    data = WORDS | {"version": post.text_version, "body": "<p>Other</p>"}
    response = writer.post(room(post), data, follow=True)
    assert said in response.text
    after = Post.objects.get()
    assert (after.status, after.published_at) == (post.status, post.published_at)
    assert "Other" in after.body_html


@pytest.mark.parametrize("state", OUT_STATES)
def test_saving_what_is_out_writes_beside_it_and_applying_into_it(writer, alice, state):
    post = put_into(receive_post(alice, title="Once"), state)
    data = WORDS | {"version": post.text_version, "body": "<p>Other</p>"}
    saved = writer.post(room(post), data | {"action": "save"}, follow=True)
    assert shown(saved)["body"] == "<p>Other</p>"
    assert "Other" not in Post.objects.get().body_html
    data |= {"version": shown(saved)["version"], "action": "publish_changes"}
    assert writer.post(room(post), data).status_code == 302
    after = Post.objects.get()
    assert (after.status, after.published_at) == (post.status, post.published_at)
    assert "Other" in after.body_html


def test_a_page_is_marked_as_one(writer, alice):
    page = receive_post(alice, kind=PostKind.PAGE, title="About")
    assert (
        "page" in BeautifulSoup(writer.get("/write/").text, "html5lib").select_one(".byline").text
    )
    assert "Page." in writer.get(room(page)).text
    writer.post(room(page), WORDS | {"version": page.text_version})
    assert Post.objects.get().kind == PostKind.PAGE


# Markdown's caps would refuse it.
HTML = "<p>Then <b>" + "(" * 400 + "</b> and *stars*.</p>"


def test_a_post_in_html_is_written_on_in_html(writer, alice):
    post = receive_post(alice, body=HTML)
    assert "This text is HTML" in writer.get(room(post)).text
    changed = HTML + "\n<h2>More</h2>"
    data = WORDS | {"version": post.text_version, "body": changed, "action": "publish_changes"}
    response = writer.post(room(post), data)
    assert response.status_code == 302
    post = Post.objects.get()
    assert (post.markup, post.body) == (Markup.HTML, changed)
    assert "<h2>More</h2>" in post.body_html
    assert "*stars*" in post.body_html


def test_the_preview_of_a_post_in_html_shows_html(writer, alice):
    post = receive_post(alice)
    data = WORDS | {"version": post.text_version, "body": HTML, "action": "preview"}
    preview = BeautifulSoup(writer.post(room(post), data).text, "html5lib").select_one(".preview")
    assert preview.select_one(".post-body b").text == "(" * 400
    assert not preview.select(".post-body em")


@pytest.mark.parametrize("action", ["add_picture", "save"])
def test_a_picture_put_into_html_is_html(writer, alice, action):
    post = receive_post(alice)
    words = {"picture_alt": 'A "loaf" <b>', "picture_caption": "Mine & yours"}
    data = WORDS | words | {"version": post.text_version, "body": "<p>x</p>", "picture": upload()}
    response = writer.post(room(post), data | {"action": action})
    saved = latest_words(Post.objects.get())["body"]
    text = shown(response)["body"] if action == "add_picture" else saved
    figure = BeautifulSoup(text, "html5lib").select_one("figure")
    assert figure.img["src"] == Picture.objects.get().file.url
    assert figure.img["alt"] == 'A "loaf" <b>'
    assert figure.figcaption.text == "Mine & yours"


def test_the_address_of_a_scheduled_post_may_still_be_changed(writer, alice):
    post = put_into(receive_post(alice), "scheduled")
    assert "it leads them on" not in writer.get(room(post)).text
    data = WORDS | {"version": post.text_version, "slug": "elsewhere", "body": "<p>x</p>"}
    assert writer.post(room(post), data | {"action": "publish_changes"}).status_code == 302
    assert Post.objects.get().slug == "elsewhere"


def test_what_the_form_has_no_field_for_is_told_all_the_same(writer, make_post, monkeypatch):
    def refuse(*args, **kwargs):
        raise ValidationError({"thread": "Not today.", "at": "Not then.", "body": "Not this."})

    monkeypatch.setattr(publishing, "save", refuse)
    post = make_post(published=False)
    response = writer.post(room(post), WORDS | {"version": post.text_version})
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "html5lib")
    assert "Not today." in page.select_one(".post-form .alert").text
    assert "Not then." in page.select_one("#div_id_publish_at").text
    assert "Not this." in page.select_one("#div_id_body").text
    assert_kept(response)
