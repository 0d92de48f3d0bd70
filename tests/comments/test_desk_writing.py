"""What editors write at the desk: other words, replies as the blog, and how a thread runs."""

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.urls import reverse

from comments import openness
from comments.models import AuthorMark, Comment
from comments.moderation import Seen, edit, moderate
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

SCRIPT = {"HX-Request": "true"}
BOTH = pytest.mark.parametrize("header", [{}, SCRIPT], ids=["form", "script"])


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    return client


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def pending(thread):
    return make_comment(thread, body="My first paragraph.", status=Status.PENDING)


def now(comment):
    return Comment.objects.get(pk=comment.pk)


def address(name, comment):
    return reverse(f"admin:desk_{name}", args=[comment.pk])


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def fields_of(response, has="[data-write]"):
    """Return what a browser would send of the form."""
    form = soup(response).select_one(has)
    sent = {field["name"]: field.get("value", "") for field in form.select("input[name]")}
    for radio in form.select("input[type=radio]"):
        if radio.has_attr("checked"):
            sent[radio["name"]] = radio["value"]
    sent |= {area["name"]: area.text.removeprefix("\n") for area in form.select("textarea")}
    return sent


# --- other words --------------------------------------------------------------------------------


@BOTH
def test_an_editor_changes_words_and_readers_are_told(editor, pending, header):
    form = editor.get(address("edit", pending), headers=header)
    sent = fields_of(form)
    assert sent["body"] == "My first paragraph."
    answer = editor.post(
        address("edit", pending),
        {**sent, "body": "Your first paragraph.", "note": "Typo."},
        headers=header,
    )
    assert answer.status_code == (200 if header else 303)
    changed = now(pending)
    assert (changed.body, changed.is_edited_by_editor) == ("Your first paragraph.", True)
    assert changed.status == Status.PENDING
    assert changed.log.last().note == "Typo."


@BOTH
@pytest.mark.parametrize("body", ["", "   ", "x" * 20_001, "a\0b"])
def test_words_that_cannot_be_are_refused_and_kept(editor, pending, body, header):
    sent = {"seen": str(Seen.of(pending)), "body": body, "note": "Mind this."}
    answer = editor.post(address("edit", pending), sent, headers=header)
    assert answer.status_code == 422
    again = fields_of(answer)
    assert again["note"] == "Mind this."
    assert again["body"] == body.replace("\0", "�")
    assert now(pending).body == "My first paragraph."


@BOTH
def test_words_written_over_an_older_text_come_back_with_the_newer(editor, pending, header):
    seen = str(Seen.of(pending))
    edit(pending, "My second paragraph.", actor=None, actor_name="Gus", seen=Seen.of(pending))
    sent = {"seen": seen, "body": "An editor's words."}
    answer = editor.post(address("edit", pending), sent, headers=header)
    assert answer.status_code == 409
    assert "Gus edited it" in soup(answer).select_one(".card-problem").text
    again = fields_of(answer)
    assert again["body"] == "An editor's words."
    assert editor.post(address("edit", pending), again).status_code == 303
    assert now(pending).body == "An editor's words."


def test_a_deleted_comment_has_no_words_to_change(editor, pending):
    Comment.objects.filter(pk=pending.pk).update(status=Status.DELETED, body="")
    assert editor.get(address("edit", pending)).status_code == 409


# --- a reply ------------------------------------------------------------------------------------


def replies(comment):
    return list(Comment.objects.filter(parent=comment).order_by("number"))


@BOTH
def test_what_waits_is_approved_and_answered_in_one_act(editor, mona, pending, header):
    form = editor.get(address("reply", pending), headers=header)
    assert "Approve and reply" in form.text
    sent = {**fields_of(form), "body": "Thank you."}
    answer = editor.post(address("reply", pending), sent, headers=header)
    assert answer.status_code == (200 if header else 303)
    assert now(pending).status == Status.APPROVED
    (reply,) = replies(pending)
    assert (reply.author, reply.author_name, reply.status) == (mona, settings.SITE_NAME, "approved")
    assert reply.author_mark == AuthorMark.EDITOR


def test_an_editor_may_reply_as_themselves(editor, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Me.", "speaker": "self"}
    editor.post(address("reply", pending), sent)
    assert replies(pending)[0].author_name == "Mona"


def test_a_form_sent_twice_is_one_reply(editor, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    answers = [editor.post(address("reply", pending), sent) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(replies(pending)) == 1


@BOTH
@pytest.mark.parametrize(("body", "speaker"), [("", "site"), ("Words.", "root"), ("\0", "self")])
def test_a_reply_that_cannot_be_is_refused_and_kept(editor, pending, body, speaker, header):
    sent = {"seen": str(Seen.of(pending)), "body": body, "speaker": speaker}
    answer = editor.post(address("reply", pending), sent, headers=header)
    assert answer.status_code == 422
    assert fields_of(answer)["body"] == body.replace("\0", "�")
    assert now(pending).status == Status.PENDING


@BOTH
def test_in_a_closed_discussion_nothing_is_approved_and_the_words_are_kept(
    editor, mona, pending, header
):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    openness.close(pending.thread, actor=mona)
    answer = editor.post(address("reply", pending), sent, headers=header)
    assert answer.status_code == 409
    assert fields_of(answer)["body"] == "Thank you."
    assert now(pending).status == Status.PENDING


def test_a_reply_to_what_changed_meanwhile_is_refused_and_kept(editor, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    edit(pending, "Something else.", actor=None, actor_name="Gus", seen=Seen.of(pending))
    answer = editor.post(address("reply", pending), sent)
    assert answer.status_code == 409
    assert fields_of(answer)["body"] == "Thank you."
    assert not replies(pending)


def test_an_approved_comment_is_answered_as_it_was_seen(editor, mona, pending):
    moderate(pending, Action.APPROVE, actor=mona, seen=Seen.of(pending))
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    edit(now(pending), "Something else.", actor=mona, actor_name="Gus", seen=Seen.of(now(pending)))
    Comment.objects.filter(pk=pending.pk).update(status=Status.APPROVED, approved_revision=2)
    assert editor.post(address("reply", pending), sent).status_code == 409


# --- the thread ---------------------------------------------------------------------------------


def run(client, comment, act, **options):
    return client.post(address("thread", comment), {"act": act}, **options)


def test_a_thread_is_closed_slowed_and_lifted_from_a_card(editor, pending):
    thread = pending.thread
    run(editor, pending, "close")
    run(editor, pending, "slow")
    thread.refresh_from_db()
    assert (thread.is_open, thread.slow_seconds) == (False, 600)
    run(editor, pending, "reopen")
    run(editor, pending, "lift")
    thread.refresh_from_db()
    assert (thread.is_open, thread.slow_seconds) == (True, 0)


def test_only_what_readers_see_is_shown_first(editor, thread, pending):
    assert run(editor, pending, "pin", headers=SCRIPT).status_code == 409
    thread.refresh_from_db()
    shown = make_comment(thread)
    assert run(editor, shown, "pin", headers=SCRIPT).status_code == 200
    thread.refresh_from_db()
    assert thread.pinned_number == shown.number
    run(editor, shown, "unpin")
    thread.refresh_from_db()
    assert thread.pinned_number is None


def test_a_button_that_is_not_there_does_nothing(editor, pending):
    assert run(editor, pending, "burn").status_code == 422
