"""Taking back at the desk: what it would change is shown first, and what others did is kept."""

import uuid

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.desk.taking_back import last_act_of
from comments.models import Comment, ModerationLogEntry
from comments.moderation import Seen, moderate, moderate_many, move_branch, revise
from comments.status import Action, Status
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

NEXT = "/admin/desk/spam/"
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def max_(db):
    return make_person("Max", "Editor")


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


def act(comment, action, actor, **fields):
    return moderate(now(comment), action, actor=actor, seen=Seen.of(now(comment)), **fields)


def undo_of(entry):
    return reverse("admin:desk_undo", args=[entry.pk])


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


# --- one ----------------------------------------------------------------------------------------


def test_a_visit_shows_what_undoing_would_change_and_does_nothing(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    page = soup(editor.get(undo_of(entry)))
    row = [cell.text for cell in page.select(".tally tbody td")]
    assert row == ["spam", "pending", "1"]
    assert "Undoing this changes 1 comment." in page.text
    assert now(pending).status == Status.SPAM


def test_the_letters_that_are_not_sent_are_counted(editor, mona, bob, thread):
    comment = make_comment(thread, status=Status.PENDING, author=bob)
    entry = act(comment, Action.REJECT, mona, message="Please be kind.")
    assert "1 letter to an author is not sent." in editor.get(undo_of(entry)).text


def test_an_act_is_undone_and_leads_back(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    answer = editor.post(undo_of(entry), {"next": NEXT})
    assert answer.status_code == 303
    assert answer["Location"] == f"{NEXT}#card-{pending.pk}"
    assert now(pending).status == Status.PENDING


def test_the_script_gets_the_card_back(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    card = soup(editor.post(undo_of(entry), headers=SCRIPT)).select_one("article.card")
    assert card["data-card"] == str(pending.pk)
    assert card["data-said"] == "Undone: Gus Guest."


def test_what_others_did_since_is_kept_and_shown(editor, mona, max_, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    act(pending, Action.REJECT, max_)
    answer = editor.post(undo_of(entry), headers=SCRIPT)
    assert answer.status_code == 409
    assert "Max rejected it" in soup(answer).select_one(".card-problem").text
    assert now(pending).status == Status.REJECTED


def test_an_act_is_undone_once(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    editor.post(undo_of(entry))
    again = editor.post(undo_of(entry))
    assert again.status_code == 409
    assert now(pending).log.count() == 3


def test_a_plan_for_what_is_undone_already_says_so(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    editor.post(undo_of(entry))
    assert "There is nothing left to undo" in editor.get(undo_of(entry)).text


def test_an_act_that_is_not_there_is_not_found(editor):
    assert editor.get("/admin/desk/undo/987654/").status_code == 404


# --- many ---------------------------------------------------------------------------------------


@pytest.fixture
def spammed(thread, mona):
    """Three comments that one act made spam; return (batch, comments)."""
    comments = []
    for _n in range(3):
        thread.refresh_from_db()
        comments.append(make_comment(thread, status=Status.PENDING))
    rows = [(comment, Seen.of(comment)) for comment in comments]
    return moderate_many(rows, Action.MARK_SPAM, actor=mona).batch, comments


def undo_all(batch):
    return reverse("admin:desk_undo_batch", args=[batch])


def test_the_plan_of_a_bulk_act_says_what_is_kept(editor, max_, spammed):
    batch, comments = spammed
    act(comments[0], Action.APPROVE, max_)
    page = soup(editor.get(undo_all(batch)))
    assert [cell.text for cell in page.select(".tally tbody td")] == ["spam", "pending", "2"]
    assert "1 comment is kept as it is" in page.text


def test_a_bulk_act_is_undone_but_for_what_others_did(editor, max_, spammed):
    batch, comments = spammed
    act(comments[0], Action.APPROVE, max_)
    answer = editor.post(undo_all(batch), {"next": NEXT})
    assert answer["Location"] == NEXT
    assert "Undone: 2 comments. 1 kept" in said(answer)[0]
    assert [now(comment).status for comment in comments] == ["approved", "pending", "pending"]


def test_undoing_can_be_undone(editor, spammed):
    batch, comments = spammed
    answer = editor.post(undo_all(batch))
    (button,) = BeautifulSoup(said(answer)[0], "html5lib").select("button")
    editor.post(button["formaction"])
    assert {now(comment).status for comment in comments} == {Status.SPAM}


def test_the_script_gets_the_cards_back(editor, spammed):
    batch, comments = spammed
    page = soup(editor.post(undo_all(batch), headers=SCRIPT))
    assert {card["data-card"] for card in page.select("article.card")} == {
        str(comment.pk) for comment in comments
    }
    assert "Undone: 3 comments." in page.select_one("[data-message]").text


def test_a_bulk_act_that_never_was_is_not_found(editor):
    assert editor.post(undo_all(uuid.uuid4())).status_code == 404


# --- the last act of mine -----------------------------------------------------------------------


def test_the_last_act_is_one_s_own(mona, max_, pending, thread):
    mine = act(pending, Action.MARK_SPAM, mona)
    thread.refresh_from_db()
    act(make_comment(thread, status=Status.PENDING), Action.APPROVE, max_)
    assert last_act_of(mona) == mine


def test_an_undone_act_and_a_note_are_passed_over(editor, mona, pending):
    first = act(pending, Action.MARK_SPAM, mona)
    second = act(pending, Action.REJECT, mona)
    act(pending, Action.NOTE, mona, note="x")
    editor.post(undo_of(second))
    assert last_act_of(mona) == first


def test_what_a_colleague_overtook_is_passed_over(mona, max_, pending, thread):
    older = act(pending, Action.APPROVE, mona)
    thread.refresh_from_db()
    overtaken = make_comment(thread, status=Status.PENDING)
    act(overtaken, Action.MARK_SPAM, mona)
    act(overtaken, Action.NOTE, max_, note="x")
    act(overtaken, Action.HOLD, max_)
    assert last_act_of(mona) == older


def test_one_act_after_another_is_taken_back(editor, mona, pending):
    revise(pending, "Other words.", actor=mona, seen=Seen.of(pending))
    act(pending, Action.APPROVE, mona)
    for _n in range(2):
        assert editor.post(undo_of(last_act_of(mona))).status_code == 303
    assert (now(pending).status, now(pending).body) == (Status.PENDING, "My first paragraph.")
    assert last_act_of(mona) is None


def test_what_was_done_again_stands(editor, mona, pending):
    first = act(pending, Action.MARK_SPAM, mona)
    second = act(pending, Action.REJECT, mona)
    editor.post(undo_of(second))
    editor.post(undo_of(second.undone_by))
    assert last_act_of(mona) is None
    assert editor.post(undo_of(first)).status_code == 409
    assert now(pending).status == Status.REJECTED


def test_a_branch_that_was_moved_is_moved_back(editor, mona, thread):
    reply = make_comment(thread, make_comment(thread))
    move_branch(reply, to=None, actor=mona, seen=Seen.of(reply))
    assert now(reply).parent is None
    editor.post(undo_of(last_act_of(mona)))
    assert now(reply).parent == reply.parent


def test_a_move_without_a_place_to_go_back_to_is_passed_over(mona, pending):
    ModerationLogEntry.objects.create(
        comment=pending, actor=mona, action=Action.MOVE, old_status=Status.PENDING,
        new_status=Status.PENDING, revision=1, created_at=timezone.now(),
    )  # fmt: skip
    assert last_act_of(mona) is None


def test_a_refused_undo_names_the_act_before_it(editor, mona, max_, pending, thread):
    older = act(pending, Action.APPROVE, mona)
    thread.refresh_from_db()
    overtaken = make_comment(thread, status=Status.PENDING)
    entry = act(overtaken, Action.MARK_SPAM, mona)
    act(overtaken, Action.HOLD, max_)
    card = soup(editor.post(undo_of(entry), headers=SCRIPT)).select_one("article.card")
    assert card["data-last"] == undo_of(older)


def test_the_last_act_is_one_query_however_many_are_undone(
    editor, mona, pending, django_assert_num_queries
):
    for _n in range(3):
        editor.post(undo_of(act(pending, Action.MARK_SPAM, mona)))
    with django_assert_num_queries(1):
        assert last_act_of(mona) is None


def test_new_words_can_be_taken_back_too(editor, mona, pending):
    revise(pending, "Other words.", actor=mona, seen=Seen.of(pending))
    assert now(pending).body == "Other words."
    editor.post(undo_of(last_act_of(mona)))
    assert now(pending).body == "My first paragraph."


def test_the_queue_has_a_button_for_the_last_act(editor, mona, pending):
    page = soup(editor.get("/admin/desk/"))
    assert page.select_one("[data-undo-last]").has_attr("hidden")
    entry = act(pending, Action.MARK_SPAM, mona)
    form = soup(editor.get("/admin/desk/")).select_one("[data-undo-last]")
    assert form["action"] == undo_of(entry)
    assert not form.has_attr("hidden")
