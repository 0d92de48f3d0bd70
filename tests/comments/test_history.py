"""A comment's history: every text that readers saw, what each changed, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from comments.history import MOST_TEXTS, read_texts
from comments.models import Comment, CommentRevision, Markup, Thread
from comments.moderation import Seen, delete, edit, moderate
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import address_of, post

pytestmark = pytest.mark.django_db

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def eager(settings):
    """A site that lets everybody in at once."""
    settings.COMMENTS_CHECKS = []


def changed(comment, *bodies):
    """Edit a comment, a minute after the other."""
    for number, body in enumerate(bodies, start=1):
        at = comment.created_at + timedelta(minutes=number)
        seen = Seen.of(comment)
        comment = edit(comment, body, actor=None, actor_name="Gus", seen=seen, at=at)
    return comment


def approved(comment):
    moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    comment.refresh_from_db()
    return comment


def page_of(client, comment):
    response = client.get(address_of("history", comment.thread, comment.number))
    assert response.status_code == 200
    return BeautifulSoup(response.content.decode(), "html5lib")


def texts_on(page):
    """Return each text as it reads for who sees the marks: [-removed-] and [+added+]."""
    shown = []
    for box in page.select(".source"):
        for mark in box.select(".hidden"):
            mark.decompose()
        for kind, sign in (("del", "-"), ("ins", "+")):
            for change in box.select(kind):
                change.replace_with(f"[{sign}{change.text}{sign}]")
        shown.append(box.text)
    return shown


def test_every_public_text_stands_there_with_its_changes_the_newest_first(client, thread, eager):
    comment = make_comment(thread, body="My first pargraph is short.", at=AT)
    changed(comment, "My first paragraph is short.", "My first paragraph is very short.")
    page = page_of(client, comment)
    assert texts_on(page) == [
        "My first paragraph is [+very +]short.",
        "My first [-pargraph -][+paragraph +]is short.",
        "My first pargraph is short.",
    ]
    times = [when["datetime"] for when in page.select(".texts time")]
    assert times == [
        "2026-03-01T12:02:00+00:00",
        "2026-03-01T12:01:00+00:00",
        "2026-03-01T12:00:00+00:00",
    ]
    assert page.select(".is-hidden") == []


def test_a_comment_that_was_never_changed_has_one_text(client, thread):
    page = page_of(client, make_comment(thread, body="Only this."))
    assert texts_on(page) == ["Only this."]


def test_what_waits_for_an_editor_is_not_in_it(client, thread):
    comment = make_comment(thread, body="Approved words.")
    changed(comment, "Pending secret.", "Another secret.")
    page = page_of(client, comment)
    assert texts_on(page) == ["Approved words."]
    assert "secret" not in page.text


def test_a_text_between_that_no_reader_saw_is_in_no_difference_either(client, thread):
    comment = make_comment(thread, body="One rose.")
    comment = approved(changed(comment, "One hidden weed.", "Two roses."))
    page = page_of(client, comment)
    assert texts_on(page) == ["[-One rose-][+Two roses+].", "One rose."]
    assert "weed" not in page.text


def test_what_was_held_at_first_is_not_public_for_its_later_approval(client, thread):
    comment = make_comment(thread, body="Held secret.", status=Status.PENDING)
    comment = approved(changed(comment, "Fine words."))
    assert texts_on(page_of(client, comment)) == ["Fine words."]


def test_its_author_and_editors_see_all_texts_and_which_of_them_are_not_public(
    client, thread, mona, bob
):
    post(client, thread, body="Approved words.")
    comment = approved(Comment.objects.get())
    changed(comment, "Pending words.")
    editor, reader = Client(), Client()
    editor.force_login(mona)
    reader.force_login(bob)
    for viewer in (client, editor):
        page = page_of(viewer, comment)
        assert texts_on(page) == ["[-Approved -][+Pending +]words.", "Approved words."]
        (hidden,) = page.select(".is-hidden")
        assert "not public" in hidden.text
    for viewer in (Client(), reader):
        assert texts_on(page_of(viewer, comment)) == ["Approved words."]


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.REJECTED])
def test_a_comment_that_is_not_public_has_none_but_for_editors(client, thread, mona, status):
    comment = make_comment(thread, body="Secret.", status=status)
    address = address_of("history", thread)
    assert client.get(address).status_code == 404
    client.force_login(mona)
    assert texts_on(page_of(client, comment)) == ["Secret."]


def test_one_that_was_removed_has_none_for_its_author_either(client, thread):
    post(client, thread)
    comment = Comment.objects.get()
    assert client.get(address_of("history", thread)).status_code == 200
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    assert client.get(address_of("history", thread)).status_code == 404


def test_one_that_was_deleted_has_none_for_anybody(client, thread, mona):
    comment = make_comment(thread)
    make_comment(thread, parent=comment)
    delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    client.force_login(mona)
    assert client.get(address_of("history", thread)).status_code == 404


def test_a_thread_that_is_not_public_has_none(client, thread):
    make_comment(thread)
    Thread.objects.update(public_at=None)
    assert client.get(address_of("history", thread)).status_code == 404


def test_texts_are_shown_as_typed_and_never_as_markup(client, thread, eager):
    typed = '<b onclick="x()">*so*</b>\n\n    code  &amp; spaces\n<script>y</script>'
    comment = make_comment(thread, body=typed, author_name="<i>Eve</i>")
    changed(comment, typed + " <u>more</u>")
    page = page_of(client, comment)
    newest, first = texts_on(page)
    assert first == typed
    assert "<u" in newest
    assert page.select(".texts b, .texts script, .texts u, h1 i") == []
    assert {box["dir"] for box in page.select(".source")} == {"auto"}


def test_the_words_for_who_hears_the_page_stand_around_each_change(client, thread, eager):
    comment = make_comment(thread, body="Old word.")
    changed(comment, "New word.")
    page = page_of(client, comment)
    heard = page.select_one(".source").text
    assert heard == "[removed: Old  end of removed][added: New  end of added]word."


def test_of_html_that_came_from_elsewhere_only_its_words_are_shown(client, thread):
    comment = make_comment(thread)
    CommentRevision.objects.create(
        comment=comment, revision=1, body="<p>One<!-- secret --></p><script>secret</script>",
        body_html="<p>One</p>", markup=Markup.HTML, replaced_at=AT, was_public=True,
    )  # fmt: skip
    Comment.objects.update(
        revision=2, approved_revision=2, body="<p>Two<!-- secret --></p>",
        body_html="<p>Two</p>", markup=Markup.HTML,
    )  # fmt: skip
    page = page_of(client, comment)
    assert texts_on(page) == ["[-One-][+Two+]", "One"]
    assert "secret" not in page.text


def test_there_are_never_more_than_twenty(thread):
    comment = make_comment(thread, body="Words 0", at=AT)
    CommentRevision.objects.bulk_create(
        CommentRevision(
            comment=comment, revision=n, body=f"Words {n}", replaced_at=AT, was_public=True
        )
        for n in range(1, 40)
    )
    Comment.objects.update(revision=40, approved_revision=40)
    texts = read_texts(Comment.objects.get(), only_public=True)
    assert len(texts) == MOST_TEXTS
    assert [text.revision for text in texts] == list(range(40, 20, -1))


def test_the_page_costs_the_same_however_often_it_was_changed(
    client, thread, eager, django_assert_num_queries
):
    comment = make_comment(thread, body="Words 0")
    changed(comment, *(f"Words {n}" for n in range(1, 19)))
    with django_assert_num_queries(3):
        response = client.get(address_of("history", thread))
    assert not response.cookies
    assert 'content="noindex"' in response.content.decode()
    assert "private" in response["Cache-Control"]


def test_only_reading_is_offered(client, thread):
    make_comment(thread)
    assert client.post(address_of("history", thread)).status_code == 405
    assert client.head(address_of("history", thread)).status_code == 200
