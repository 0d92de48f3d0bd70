"""Deciding at the desk, on one comment or on many: bound to what was seen, nothing lost."""

import json

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, ModerationLogEntry, OutgoingLetter, Reason, Report
from comments.moderation import Seen, edit, moderate, newest_entry, newest_report
from comments.reports import key_of_account, report
from comments.status import MODERATOR_ACTIONS, Action, Status, allowed
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

BULK = "/admin/desk/bulk/"
NEXT = "/admin/desk/pending/?thread=3"
STATUSES = [Status.PENDING, Status.APPROVED, Status.REJECTED, Status.SPAM]
ACTS = [*MODERATOR_ACTIONS, Action.DISMISS, Action.NOTE]


def signed_in(user, **options):
    client = Client(**options)
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def max_(db):
    return make_person("Max", "Editor")


@pytest.fixture
def editor(mona):
    return signed_in(mona)


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


@pytest.fixture
def pending(thread):
    return make_comment(thread, body="My first paragraph.", status=Status.PENDING)


@pytest.fixture
def more(thread):
    """Return a function that makes more pending comments."""

    def make(number):
        found = []
        for _n in range(number):
            thread.refresh_from_db()
            found.append(make_comment(thread, status=Status.PENDING))
        return found

    return make


def of_status(thread, status, actor):
    comment = make_comment(thread, status=Status.PENDING)
    acts = {
        Status.APPROVED: Action.APPROVE,
        Status.REJECTED: Action.REJECT,
        Status.SPAM: Action.MARK_SPAM,
    }
    if status != Status.PENDING:
        moderate(comment, acts[status], actor=actor, seen=Seen.of(comment))
    return Comment.objects.get(pk=comment.pk)


def address(comment):
    return reverse("admin:desk_decide", args=[comment.pk])


def decision(comment, action, **fields):
    return {"action": action, "seen": str(Seen.with_parent(comment)), "next": NEXT, **fields}


def decide(client, comment, action, **fields):
    return client.post(address(comment), decision(comment, action, **fields))


def fetch(client, comment, action, **fields):
    """Decide as the page's script does."""
    sent = decision(comment, action, **fields)
    return client.post(address(comment), sent, headers={"HX-Request": "true"})


def status_of(comment):
    return Comment.objects.get(pk=comment.pk).status


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


# --- who and when -------------------------------------------------------------------------------


ROLES = ["anonymous", "stranger", "reader", "author", "staff", "editor", "superuser"]
LET_IN = {"editor", "superuser"}


@pytest.fixture
def people(alice, bob, mona, eve):
    make_user = get_user_model().objects.create_user
    root = {"is_staff": True, "is_superuser": True}
    return {
        "anonymous": None,
        "stranger": eve,
        "reader": bob,
        "author": alice,
        "staff": make_user("sam@example.org", display_name="Sam", is_staff=True),
        "editor": mona,
        "superuser": make_user("root@example.org", display_name="Root", **root),
    }


ROUTES = {
    "desk_decide": lambda comment, entry: [comment.pk],
    "desk_bulk": lambda comment, entry: [],
    "desk_edit": lambda comment, entry: [comment.pk],
    "desk_reply": lambda comment, entry: [comment.pk],
    "desk_thread": lambda comment, entry: [comment.pk],
    "desk_presence": lambda comment, entry: [comment.pk],
    "desk_undo": lambda comment, entry: [entry.pk],
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ROUTES)
def test_nobody_else_acts_at_the_desk(people, thread, mona, route, role, status):
    comment = of_status(thread, status, mona)
    entry = comment.log.last()
    before = ModerationLogEntry.objects.count()
    sent = decision(
        comment,
        Action.NOTE,
        note="x",
        body="Words.",
        speaker="self",
        act="slow",
        chosen=comment.pk,
        **{f"seen-{comment.pk}": str(Seen.of(comment))},
    )
    target = reverse(f"admin:{route}", args=ROUTES[route](comment, entry))
    answer = signed_in(people[role]).post(target, sent)
    if role in LET_IN:
        assert answer.status_code not in (302, 403, 404, 405, 500)
    else:
        assert answer.status_code == (403 if role == "staff" else 302)
        assert ModerationLogEntry.objects.count() == before
        assert Comment.objects.count() == 1
        comment.thread.refresh_from_db()
        assert not comment.thread.is_cooled


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", ACTS)
def test_an_act_is_done_where_it_leads_on(editor, mona, thread, status, action):
    comment = of_status(thread, status, mona)
    goal = allowed(status, action)
    answer = decide(editor, comment, action, note="Looked at.")
    if goal:
        assert answer.status_code == 303
        assert status_of(comment) in goal
        assert comment.log.last().action == action
    else:
        assert answer.status_code == 409
        assert status_of(comment) == status


@pytest.mark.parametrize("name", ["desk_decide", "desk_presence", "desk_thread"])
def test_a_visit_never_acts(editor, pending, name):
    answer = editor.get(reverse(f"admin:{name}", args=[pending.pk]))
    assert answer.status_code == 405


def test_a_visit_to_the_bulk_act_is_refused(editor):
    assert editor.get(BULK).status_code == 405


def test_a_form_from_elsewhere_is_refused(mona, pending):
    client = signed_in(mona, enforce_csrf_checks=True)
    assert decide(client, pending, Action.APPROVE).status_code == 403
    assert status_of(pending) == Status.PENDING


@pytest.mark.parametrize("pk", [0, 987654, 10**17])
def test_a_comment_that_is_not_there_is_not_found(editor, pending, pk):
    sent = decision(pending, Action.APPROVE)
    assert editor.post(f"/admin/desk/{pk}/decide/", sent).status_code == 404


def test_a_number_that_no_database_holds_is_not_found(editor, pending):
    sent = decision(pending, Action.APPROVE)
    assert editor.post(f"/admin/desk/{10**30}/decide/", sent).status_code in (400, 404)


# --- the answer ---------------------------------------------------------------------------------


def test_without_a_script_it_leads_back_with_a_button_to_undo(editor, pending):
    answer = decide(editor, pending, Action.APPROVE)
    assert answer.status_code == 303
    assert answer["Location"] == NEXT
    (message,) = said(answer)
    assert "Approved" in message
    assert reverse("admin:desk_undo", args=[pending.log.last().pk]) in message


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/admin/desk/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/accounts/logout/",
        "",
        "x" * 9_999,
    ],
)
def test_it_never_leads_out_of_the_desk(editor, pending, wanted):
    answer = decide(editor, pending, Action.APPROVE, next=wanted)
    assert answer["Location"] == "/admin/desk/"


def test_the_script_gets_the_line_that_stands_in_the_card_s_place(editor, pending):
    answer = fetch(editor, pending, Action.MARK_SPAM)
    assert answer.status_code == 200
    line = soup(answer).select_one("[data-card]")
    assert line["data-card"] == str(pending.pk)
    assert line["data-undo"] == reverse("admin:desk_undo", args=[pending.log.last().pk])
    assert "Marked as spam: Gus Guest." in line.text
    assert json.loads(line["data-moved"]) == {"pending": -1, "spam": 1}


def test_the_script_is_told_that_no_report_is_open_any_more(editor, bob, thread):
    comment = make_comment(thread)
    report(comment, reporter=bob, key=key_of_account(bob.pk), reason="other")
    line = soup(fetch(editor, comment, Action.DISMISS)).select_one("[data-card]")
    assert json.loads(line["data-moved"]) == {"reported": -1}


def test_a_note_leaves_the_card_and_shows_the_note(editor, pending):
    answer = fetch(editor, pending, Action.NOTE, note="Ask Alice first.")
    card = soup(answer).select_one("article.card")
    assert "Ask Alice first." in card.select_one(".card-log").text
    assert card.select_one("[name=note]").text == ""


def test_a_note_leads_back_to_its_card(editor, pending):
    assert decide(editor, pending, Action.NOTE, note="x")["Location"] == (
        f"{NEXT}#card-{pending.pk}"
    )


def test_reason_note_and_letter_reach_the_log(editor, bob, thread):
    comment = make_comment(thread, status=Status.PENDING, author=bob)
    words = {"reason": "abuse", "note": "Again.", "message": "Please be kind."}
    decide(editor, comment, Action.REJECT, **words)
    entry = comment.log.last()
    assert {name: getattr(entry, name) for name in words} == words
    assert OutgoingLetter.objects.get().to == "bob@example.org"


def test_what_was_reported_may_stay(editor, thread):
    comment = make_comment(thread)
    Report.objects.create(comment=comment, reporter_key="x", reason="abuse")
    Comment.objects.filter(pk=comment.pk).update(open_reports=1, reported_at=timezone.now())
    line = soup(fetch(editor, comment, Action.DISMISS)).select_one("[data-card]")
    assert "Kept: Gus Guest." in line.text
    assert status_of(comment) == Status.APPROVED


# --- what is refused ----------------------------------------------------------------------------


def typed_again(response):
    page = soup(response)
    return {
        "reason": page.select_one(".card-words [name=reason] option[selected]")["value"],
        "note": page.select_one(".card-words [name=note]").text,
    }


@pytest.mark.parametrize("send", [decide, fetch], ids=["form", "script"])
def test_a_conflict_says_what_changed_and_by_whom(editor, pending, send):
    sent = Comment.objects.get(pk=pending.pk)
    edit(pending, "My second paragraph.", actor=None, actor_name="Gus Guest", seen=Seen.of(pending))
    answer = send(editor, sent, Action.REJECT, reason="abuse", note="Mind this.")
    assert answer.status_code == 409
    card = soup(answer).select_one("article.card")
    problem = card.select_one(".card-problem")
    assert "Gus Guest edited it" in problem.text
    assert problem.find("del").text.strip() == "first"
    assert problem.find("ins").text.strip() == "second"
    assert typed_again(answer) == {"reason": "abuse", "note": "Mind this."}
    assert card.select_one("form [name=seen]")["value"].startswith("pending:2")
    assert status_of(pending) == Status.PENDING


def test_after_a_conflict_the_same_form_decides(editor, max_, pending):
    sent = Comment.objects.get(pk=pending.pk)
    moderate(pending, Action.APPROVE, actor=max_, seen=Seen.of(pending))
    answer = fetch(editor, sent, Action.REJECT)
    assert "Max approved it" in soup(answer).select_one(".card-problem").text
    again = {
        "action": "reject",
        "seen": soup(answer).select_one("form [name=seen]")["value"],
    }
    assert editor.post(address(pending), again).status_code == 303
    assert status_of(pending) == Status.REJECTED


def test_new_words_of_what_it_answers_are_a_conflict(editor, thread):
    parent = make_comment(thread, body="Was it good?")
    thread.refresh_from_db()
    reply = make_comment(thread, parent, body="Yes, very.", status=Status.PENDING)
    sent = Comment.objects.select_related("parent").get(pk=reply.pk)
    seen = str(Seen.with_parent(sent))
    edit(parent, "Was it bad?", actor=None, actor_name="Ann", seen=Seen.of(parent))
    answer = editor.post(address(reply), {"action": "approve", "seen": seen})
    assert answer.status_code == 409
    assert "What it answers has changed" in soup(answer).select_one(".card-problem").text


def test_a_note_of_a_million_characters_is_refused_and_kept(editor, pending):
    note = "n" * 1_000_000
    answer = fetch(editor, pending, Action.REJECT, reason="abuse", note=note)
    assert answer.status_code == 422
    assert typed_again(answer) == {"reason": "abuse", "note": note}
    assert status_of(pending) == Status.PENDING


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": "no such"}, "This reason is not known here."),
        ({"action": "delete"}, "The desk has no such button."),
        ({"action": "undo"}, "The desk has no such button."),
        ({"action": ""}, "Please press one of the buttons."),
        ({"action": "note", "note": "  "}, "Please write the note first."),
        ({"action": "note", "note": "x", "message": "y"}, "A letter is sent with a decision"),
    ],
)
def test_what_is_not_known_is_refused_in_words(editor, pending, fields, words):
    action = fields.pop("action", "approve")
    answer = fetch(editor, pending, action, **fields)
    assert answer.status_code == 422
    assert words in soup(answer).select_one(".card-problem").text
    assert pending.log.count() == 1


def test_a_reason_that_was_put_aside_is_not_known(editor, pending):
    Reason.objects.filter(code="abuse").update(is_active=False)
    assert fetch(editor, pending, Action.REJECT, reason="abuse").status_code == 422


@pytest.mark.parametrize("seen", ["", "pending", "pending:x", "nothing:1", "pending:1:2", "\0"])
def test_a_form_that_does_not_say_what_was_seen_does_nothing(editor, pending, seen):
    answer = decide(editor, pending, Action.APPROVE, seen=seen, note="Kept.")
    assert answer.status_code == 409
    assert soup(answer).select_one(".card-words [name=note]").text == "Kept."
    assert status_of(pending) == Status.PENDING


# --- many ---------------------------------------------------------------------------------------


def chosen(comments, **fields):
    rows = {f"seen-{comment.pk}": str(Seen.with_parent(comment)) for comment in comments}
    return {"chosen": [comment.pk for comment in comments], "next": NEXT, **rows, **fields}


def test_many_are_decided_at_once_and_can_be_undone_as_one(editor, more):
    comments = more(3)
    answer = editor.post(BULK, chosen(comments, action="approve", reason="other"))
    assert answer.status_code == 303
    assert {status_of(comment) for comment in comments} == {Status.APPROVED}
    entry = comments[0].log.last()
    (message,) = said(answer)
    assert "Approved: 3 comments." in message
    assert reverse("admin:desk_undo_batch", args=[entry.batch]) in message
    assert entry.reason == "other"


@pytest.mark.parametrize("header", [{}, {"HX-Request": "true"}], ids=["form", "script"])
def test_the_stale_stay_selected_and_the_rest_goes_through(editor, max_, more, header):
    fresh, stale = more(2)
    sent = chosen([fresh, stale], action="approve")
    moderate(stale, Action.MARK_SPAM, actor=max_, seen=Seen.of(stale))
    answer = editor.post(BULK, sent, headers=header)
    assert status_of(fresh) == Status.APPROVED
    assert status_of(stale) == Status.SPAM
    card = soup(answer).select_one(f"article#card-{stale.pk}")
    assert card.select_one("[name=chosen]").has_attr("checked")
    assert "Max marked it as spam" in card.select_one(".card-problem").text
    assert "1 changed meanwhile" in answer.text


def test_what_is_said_of_a_bulk_act_is_read_out_as_sentences(editor, max_, more):
    fresh, stale = more(2)
    sent = chosen([fresh, stale], action="approve")
    moderate(stale, Action.MARK_SPAM, actor=max_, seen=Seen.of(stale))
    answer = soup(editor.post(BULK, sent, headers={"HX-Request": "true"}))
    assert "Approved: 1 comment. 1 changed meanwhile" in answer.select_one("[data-message]").text


def test_the_page_with_the_stale_ones_decides_on_them(editor, max_, more):
    (stale,) = more(1)
    sent = chosen([stale], action="approve")
    moderate(stale, Action.MARK_SPAM, actor=max_, seen=Seen.of(stale))
    page = soup(editor.post(BULK, sent))
    again = {
        field["name"]: field["value"]
        for field in page.select('[form="bulk"], #bulk input')
        if field.get("name") and field.get("value") and field["name"] != "page"
    }
    assert editor.post(BULK, {**again, "action": "approve"}).status_code == 303
    assert status_of(stale) == Status.APPROVED


def test_all_on_the_page_needs_no_ticks(editor, more):
    comments = more(3)
    sent = chosen(comments, action="reject", page="1")
    del sent["chosen"]
    editor.post(BULK, sent)
    assert {status_of(comment) for comment in comments} == {Status.REJECTED}


def everything(**fields):
    return {
        "everything": "1",
        "queue": "pending",
        "filter": "",
        "as_of": str(newest_entry()),
        "reports_as_of": str(newest_report()),
        "action": "mark_spam",
        **fields,
    }


def test_all_that_match_are_decided_at_once(editor, more):
    comments = more(30)
    answer = editor.post(BULK, everything())
    assert answer.status_code == 303
    assert "Marked as spam: 30 comments." in said(answer)[0]
    assert {status_of(comment) for comment in comments} == {Status.SPAM}


def test_all_that_match_are_those_of_the_filter(editor, more):
    inside = make_comment(make_thread(), status=Status.PENDING)
    (outside,) = more(1)
    editor.post(BULK, everything(filter=f"thread={inside.thread_id}"))
    assert status_of(inside) == Status.SPAM
    assert status_of(outside) == Status.PENDING


def test_what_came_after_the_page_was_made_is_left_alone(editor, more):
    sent = everything()
    (later,) = more(1)
    answer = editor.post(BULK, sent)
    assert answer.status_code == 409
    assert status_of(later) == Status.PENDING


@pytest.mark.parametrize(
    "wrong", [{"queue": "none"}, {"as_of": ""}, {"as_of": "9" * 40}, {"as_of": "-1"}]
)
def test_all_of_what_is_not_said_is_nothing(editor, pending, wrong):
    answer = editor.post(BULK, everything(**wrong))
    assert answer.status_code == 422
    assert status_of(pending) == Status.PENDING


def test_at_most_ten_thousand_at_once(editor, pending, monkeypatch):
    monkeypatch.setattr("comments.moderation.deciding.MOST_AT_ONCE", 0)
    answer = editor.post(BULK, everything())
    assert answer.status_code == 422
    assert "at most 10,000 at once. Please narrow the filter." in answer.text
    assert status_of(pending) == Status.PENDING


def test_a_hundred_thousand_ticks_are_not_read(editor, pending):
    answer = editor.post(BULK, {"action": "approve", "chosen": range(100_000)})
    assert answer.status_code == 400
    assert status_of(pending) == Status.PENDING


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"action": "approve"}, "choose one or more comments first"),
        ({"action": "delete", "chosen": "1"}, "The desk has no such button."),
        ({"action": "reject", "chosen": "1", "reason": "zzz"}, "This reason is not known here."),
    ],
)
@pytest.mark.parametrize("header", [{}, {"HX-Request": "true"}], ids=["form", "script"])
def test_a_bulk_act_that_cannot_be_is_refused_in_words(editor, pending, sent, words, header):
    answer = editor.post(BULK, sent, headers=header)
    assert answer.status_code == 422
    assert words in answer.text


def test_a_tick_without_what_was_seen_is_left_alone(editor, pending):
    answer = editor.post(BULK, {"action": "approve", "chosen": [pending.pk, "x", "9" * 30]})
    assert status_of(pending) == Status.PENDING
    assert "3 left alone" in said(answer)[0]


def test_a_whole_page_at_once_costs_a_handful(editor, more, django_assert_max_num_queries):
    comments = more(25)
    with django_assert_max_num_queries(24):
        editor.post(BULK, chosen(comments, action="approve"))
    assert {status_of(comment) for comment in comments} == {Status.APPROVED}


def test_a_reply_that_does_not_say_what_was_seen_approves_nothing(editor, thread):
    comment = make_comment(thread, status=Status.PENDING)
    data = {"body": "Thank you.", "speaker": "self", "token": ""}
    answer = editor.post(reverse("admin:desk_reply", args=[comment.pk]), data)
    assert answer.status_code == 409
    assert "Thank you." in answer.text
    comment.refresh_from_db()
    assert comment.status == Status.PENDING


def test_what_was_reported_again_meanwhile_is_not_kept_unseen(editor, thread):
    comment = make_comment(thread)
    report(comment, reporter=None, key="one", reason="spam")
    seen = str(Seen.with_parent(comment))
    report(comment, reporter=None, key="two", reason="personal_data", note="My address.")
    data = {"action": "dismiss", "seen": seen, "reports": "1"}
    answer = editor.post(reverse("admin:desk_decide", args=[comment.pk]), data)
    assert answer.status_code == 409
    assert "My address." in answer.text
    comment.refresh_from_db()
    assert comment.open_reports == 2
