"""What editors write at the desk: other words, replies as the blog, and how a thread runs."""

import json

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from comments import openness
from comments.models import AuthorMark, Comment
from comments.moderation import Seen, delete, edit, moderate, revise, undo
from comments.status import Action, Status
from tests.cast import make_person
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
def max_(db):
    return make_person("Max", "Editor")


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


@pytest.fixture
def overtaken(editor, max_, pending):
    """Two editors open one text, and Max saves first; return what Mona would send."""
    sent = fields_of(editor.get(address("edit", pending)))
    revise(pending, "My *corrected* paragraph.", actor=max_, seen=Seen.of(pending))
    return {**sent, "body": "My shortened one.", "note": "Too long."}


@BOTH
def test_a_conflict_says_whose_words_are_whose(editor, pending, overtaken, header):
    page = soup(editor.post(address("edit", pending), overtaken, headers=header))
    problem = page.select_one("[data-write] .card-problem")
    assert "Max changed the text meanwhile" in problem.select_one("[role=alert]").text
    theirs, changes, would_change = problem.select(".source")
    assert problem.h3.text == "What stands there now, by Max"
    assert theirs.text == "My *corrected* paragraph."
    assert [gone.text.strip() for gone in changes.select("del")] == ["first"]
    assert [new.text.strip() for new in would_change.select("ins")] == ["shortened one"]
    box = page.select_one("[data-write] textarea[name=body]")
    assert box.text.removeprefix("\n") == "My shortened one."
    assert page.select_one(f"label[for={box['id']}]").text == "Your words, not saved yet"
    assert page.select_one("textarea[name=note]").text.removeprefix("\n") == "Too long."


@BOTH
def test_words_sent_again_are_bound_to_what_the_conflict_showed(
    editor, max_, pending, overtaken, header
):
    again = fields_of(editor.post(address("edit", pending), overtaken, headers=header))
    changed = now(pending)
    revise(changed, "Once more.", actor=max_, seen=Seen.of(changed))
    third = editor.post(address("edit", pending), again, headers=header)
    assert third.status_code == 409
    assert now(pending).body == "Once more."
    sent = {**fields_of(third), "body": again["body"]}
    assert editor.post(address("edit", pending), sent).status_code == 303
    assert now(pending).body == "My shortened one."


@BOTH
def test_the_second_of_two_presses_is_no_conflict_with_oneself(editor, pending, header):
    sent = {**fields_of(editor.get(address("edit", pending))), "body": "Your first paragraph."}
    answers = [editor.post(address("edit", pending), sent, headers=header) for _n in range(2)]
    assert {answer.status_code for answer in answers} == {200 if header else 303}
    assert (now(pending).revision, pending.log.count()) == (2, 2)


def test_the_same_words_by_a_colleague_are_told(editor, max_, pending):
    sent = {**fields_of(editor.get(address("edit", pending))), "body": "The same."}
    revise(pending, "The same.", actor=max_, seen=Seen.of(pending))
    assert editor.post(address("edit", pending), sent).status_code == 409


def test_what_is_refused_for_another_fault_stays_bound_to_what_was_seen(editor, pending, overtaken):
    answer = editor.post(address("edit", pending), {**overtaken, "body": " "}, headers=SCRIPT)
    assert answer.status_code == 422
    again = {**fields_of(answer), "body": "Mine."}
    assert editor.post(address("edit", pending), again).status_code == 409
    assert now(pending).body == "My *corrected* paragraph."


def test_whoever_takes_theirs_finds_them_on_the_card(editor, pending, overtaken):
    answer = editor.post(address("edit", pending), overtaken, headers=SCRIPT)
    card = soup(answer).select_one("article.card")
    assert card.select_one("[data-text]").text.strip() == "My *corrected* paragraph."
    assert card.select_one("[data-place] [data-leave]").text.startswith("Cancel")
    assert card.select_one(".card-form [name=seen]")["value"] == str(Seen.with_parent(now(pending)))


@BOTH
def test_a_decision_meanwhile_leaves_the_words_and_is_told(
    editor, max_, pending, overtaken, header
):
    again = fields_of(editor.post(address("edit", pending), overtaken))
    changed = now(pending)
    moderate(changed, Action.APPROVE, actor=max_, seen=Seen.of(changed))
    answer = editor.post(address("edit", pending), again, headers=header)
    problem = soup(answer).select_one("[data-write] .card-problem")
    assert "Max approved it" in problem.text
    assert "changed the text" not in problem.text
    assert problem.h3.text == "What stands there now: the words you saw"


@BOTH
def test_words_for_what_its_author_deleted_are_kept_but_cannot_be_saved(editor, pending, header):
    sent = {**fields_of(editor.get(address("edit", pending))), "body": "An editor's words."}
    delete(pending, actor=None, actor_name="Gus", seen=Seen.of(pending))
    for _time in range(2):
        answer = editor.post(address("edit", pending), sent, headers=header)
        assert answer.status_code == 409
        form = soup(answer).select_one("[data-write]")
        assert not form.select("[type=submit]")
        sent = fields_of(answer)
        assert sent["body"] == "An editor's words."


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


def test_the_script_is_told_how_a_reply_is_taken_back_and_what_it_changed(editor, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    card = soup(editor.post(address("reply", pending), sent, headers=SCRIPT)).select_one("article")
    approval = pending.log.get(action=Action.APPROVE)
    assert card["data-undo"] == reverse("admin:desk_undo", args=[approval.pk])
    assert card["data-said"] == f"Your reply is posted as {settings.SITE_NAME}."
    assert json.loads(card["data-moved"]) == {"pending": -1, "approved": 2, "all": 1}
    undone = soup(editor.post(card["data-undo"], headers=SCRIPT)).select_one("article")
    assert json.loads(undone["data-moved"]) == {"pending": 1, "approved": -2, "rejected": 1}


def test_a_reply_alone_is_not_offered_to_be_undone(editor, mona, pending):
    moderate(pending, Action.APPROVE, actor=mona, seen=Seen.of(pending))
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    card = soup(editor.post(address("reply", pending), sent, headers=SCRIPT)).select_one("article")
    assert not card.has_attr("data-undo")
    assert json.loads(card["data-moved"]) == {"approved": 1, "all": 1}


def test_the_script_is_told_how_new_words_are_taken_back(editor, pending):
    sent = {**fields_of(editor.get(address("edit", pending))), "body": "Other words."}
    card = soup(editor.post(address("edit", pending), sent, headers=SCRIPT)).select_one("article")
    entry = pending.log.get(action=Action.REVISE)
    assert card["data-undo"] == reverse("admin:desk_undo", args=[entry.pk])
    assert not card.has_attr("data-moved")


def test_an_editor_may_reply_as_themselves(editor, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Me.", "speaker": "self"}
    editor.post(address("reply", pending), sent)
    assert replies(pending)[0].author_name == "Mona"


@BOTH
def test_approving_with_a_reply_offers_to_take_both_back(editor, pending, header):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    answer = editor.post(address("reply", pending), sent, headers=header)
    undo = reverse("admin:desk_undo", args=[pending.log.last().pk])
    if header:
        card = soup(answer).select_one("article.card")
        assert card["data-undo"] == undo
        assert card["data-said"] == "Your reply is posted as Parley."
    else:
        (said,) = get_messages(answer.wsgi_request)
        assert f'formaction="{undo}?' in str(said)


def test_a_reply_that_was_taken_back_is_not_called_posted(editor, mona, pending):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    editor.post(address("reply", pending), sent)
    undo(pending.log.last(), actor=mona)
    answer = editor.post(address("reply", pending), sent)
    assert answer.status_code == 409
    (reply,) = replies(pending)
    link = soup(answer).select_one(".card-problem a")
    assert link["href"] == reverse("admin:comments_comment_change", args=[reply.pk])
    assert fields_of(answer)["body"] == "Thank you."
    assert (now(pending).status, reply.status) == (Status.PENDING, Status.REJECTED)


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


@BOTH
def test_a_reply_to_what_changed_meanwhile_is_refused_and_kept(editor, pending, header):
    sent = {**fields_of(editor.get(address("reply", pending))), "body": "Thank you."}
    edit(pending, "Something else.", actor=None, actor_name="Gus", seen=Seen.of(pending))
    answer = editor.post(address("reply", pending), sent, headers=header)
    assert answer.status_code == 409
    assert soup(answer).select_one(".card-text").text.strip() == "Something else."
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


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("close", "The discussion is closed."),
        ("slow", "One person may write every ten minutes there."),
    ],
)
def test_what_was_done_to_a_thread_is_said_in_one_sentence(editor, pending, act, said):
    card = soup(run(editor, pending, act, headers=SCRIPT)).select_one("article.card")
    assert card["data-said"] == said


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
