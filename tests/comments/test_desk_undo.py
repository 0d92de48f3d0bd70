"""Taking back at the desk: what it would change is shown first, and what others did is kept."""

import json
import re
import uuid

import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from comments.desk.taking_back import last_act_of
from comments.models import Comment, ModerationLogEntry
from comments.moderation import Seen, moderate, moderate_many, move_branch, plan_undo_many, revise
from comments.reports import key_of_account, report
from comments.status import Action, Status
from comments.verifying import verify
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


# --- an approval with a reply -------------------------------------------------------------------

BOTH = pytest.mark.parametrize("header", [{}, SCRIPT], ids=["form", "script"])


@pytest.fixture
def replied(editor, pending):
    """What waited was approved and answered from its card; return (approval, reply)."""
    reply_to = reverse("admin:desk_reply", args=[pending.pk])
    form = soup(editor.get(reply_to)).select_one("[data-write]")
    sent = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    editor.post(reply_to, {**sent, "speaker": "site", "body": "Thank you."}, headers=SCRIPT)
    return pending.log.last(), Comment.objects.get(parent=pending)


def page_of(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def told(answer):
    """Return what is said after an act and where it leads, with the script or without."""
    card = soup(answer).select_one("article.card")
    if card is None:
        shown = BeautifulSoup(" ".join(said(answer)), "html5lib")
        return shown.text, [link["href"] for link in shown.select("a")]
    return card["data-said"], [link["href"] for link in card.select(":scope > .card-where a")]


def test_the_plan_of_an_approval_names_the_reply(editor, replied):
    approval, _reply = replied
    page = soup(editor.get(undo_of(approval)))
    assert "The reply by Parley that was posted with it is taken back, too" in page.text
    rows = [[cell.text for cell in row.select("td")] for row in page.select(".tally tbody tr")]
    assert rows == [["approved", "pending", "1"], ["approved", "rejected", "1"]]
    assert "Parley: approved → rejected" in page.select_one(".plan-moves").text


@BOTH
def test_an_approval_is_undone_with_its_reply(editor, pending, replied, header):
    approval, reply = replied
    text, links = told(editor.post(undo_of(approval), headers=header))
    assert text.startswith("Undone: Gus Guest.")
    assert "The reply by Parley is taken back, too; its words are kept." in text
    assert links == [page_of(reply)]
    assert (now(pending).status, now(reply).status) == (Status.PENDING, Status.REJECTED)
    assert "Thank you." in editor.get(page_of(reply)).text
    assert list(verify()) == []


@BOTH
def test_a_reply_that_was_answered_stays_and_is_told(editor, pending, replied, header):
    approval, reply = replied
    make_comment(now(reply).thread, parent=now(reply))
    stays = "The reply by Parley stays as it is: somebody answered it or acted on it since."
    plan = soup(editor.get(undo_of(approval)))
    assert stays in plan.text
    assert page_of(reply) in [link["href"] for link in plan.select(".plan-facts a")]
    text, links = told(editor.post(undo_of(approval), headers=header))
    assert stays in text
    assert links == [page_of(reply)]
    assert (now(pending).status, now(reply).status) == (Status.PENDING, Status.APPROVED)
    assert list(verify()) == []


@BOTH
def test_undoing_that_brings_the_reply_back(editor, pending, replied, header):
    approval, reply = replied
    editor.post(undo_of(approval))
    again = pending.log.last()
    assert "The reply by Parley is shown again with it." in soup(editor.get(undo_of(again))).text
    text, _links = told(editor.post(undo_of(again), headers=header))
    assert "The reply by Parley is shown again, too." in text
    assert (now(pending).status, now(reply).status) == (Status.APPROVED, Status.APPROVED)


def test_the_comments_own_page_takes_the_reply_back_too(editor, replied):
    approval, reply = replied
    answer = editor.post(reverse("admin:comments_comment_undo", args=[approval.pk]))
    assert "The reply by Parley is taken back, too" in " ".join(said(answer))
    assert now(reply).status == Status.REJECTED


def test_a_reply_that_was_taken_back_is_no_act_to_take_back(editor, mona, pending, replied):
    approval, _reply = replied
    assert last_act_of(mona).pk == approval.pk
    editor.post(undo_of(approval))
    assert last_act_of(mona) is None


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


# --- what the numbers on the tabs become --------------------------------------------------------


def moved(part):
    return json.loads(part.get("data-moved", "{}"))


def test_a_page_is_told_what_an_undoing_changes_in_the_queues(editor, mona, pending):
    entry = act(pending, Action.MARK_SPAM, mona)
    card = soup(editor.post(undo_of(entry), headers=SCRIPT)).select_one("article.card")
    assert moved(card) == {"pending": 1, "spam": -1}


def test_reports_that_are_open_again_are_told_too(editor, mona, bob, thread):
    comment = make_comment(thread)
    report(comment, reporter=bob, key=key_of_account(bob.pk), reason="other")
    entry = act(comment, Action.DISMISS, mona)
    card = soup(editor.post(undo_of(entry), headers=SCRIPT)).select_one("article.card")
    assert moved(card) == {"reported": 1}


def test_what_is_not_shown_again_is_told_in_sum(editor, mona, bob, thread, monkeypatch):
    monkeypatch.setattr("comments.desk.taking_back.MOST_SHOWN_AGAIN", 1)
    comments = []
    for _n in range(4):
        thread.refresh_from_db()
        comments.append(make_comment(thread))
    for comment in comments[1:3]:
        report(comment, reporter=bob, key=key_of_account(bob.pk), reason="other")
    rows = [(now(comment), Seen.of(comment)) for comment in comments]
    batch = moderate_many(rows, Action.HOLD, actor=mona).batch
    page = soup(editor.post(undo_all(batch), headers=SCRIPT))
    (card,) = page.select("article.card")
    assert moved(card) == {"pending": -1, "approved": 1}
    told = moved(page.select_one("[data-message]"))
    assert told == {"pending": -3, "approved": 3, "reported": 2}


# --- the last act of mine -----------------------------------------------------------------------


def test_the_last_act_is_one_s_own(mona, max_, pending, thread):
    mine = act(pending, Action.MARK_SPAM, mona)
    thread.refresh_from_db()
    act(make_comment(thread, status=Status.PENDING), Action.APPROVE, max_)
    assert last_act_of(mona).pk == mine.pk


def test_an_undone_act_and_a_note_are_passed_over(editor, mona, pending):
    first = act(pending, Action.MARK_SPAM, mona)
    second = act(pending, Action.REJECT, mona)
    act(pending, Action.NOTE, mona, note="x")
    editor.post(undo_of(second))
    assert last_act_of(mona).pk == first.pk


def test_what_a_colleague_overtook_is_passed_over(mona, max_, pending, thread):
    older = act(pending, Action.APPROVE, mona)
    thread.refresh_from_db()
    overtaken = make_comment(thread, status=Status.PENDING)
    act(overtaken, Action.MARK_SPAM, mona)
    act(overtaken, Action.NOTE, max_, note="x")
    act(overtaken, Action.HOLD, max_)
    assert last_act_of(mona).pk == older.pk


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


@pytest.mark.once
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own statistics.")
def test_a_bulk_act_is_found_by_indexes_after_somebody_looked_after_the_database(spammed):
    """ANALYZE tells SQLite that the index on what undoes is all but empty."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As of a million rows, none undoing another, and of 5,000 in each bulk act.
        cursor.execute(
            "UPDATE sqlite_stat1 SET stat = '1000000 ' || CASE"
            " WHEN idx LIKE 'sqlite_autoindex%' THEN '1000000'"
            " WHEN idx IN ('log_by_actor', 'log_by_batch') THEN '5000' ELSE '3' END"
            " WHERE tbl IN ('comments_moderationlogentry', 'comments_comment')"
        )
        cursor.execute("ANALYZE sqlite_schema")
    with CaptureQueriesContext(connection) as asked:
        plan_undo_many(spammed[0])
    assert asked.captured_queries
    for query in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = "; ".join(row[3] for row in cursor.fetchall())
        assert not re.search("AUTOMATIC|SCAN (comments_moderationlogentry|[A-Z])", plan)


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
