"""The lists of the admin: who is let in, what a row shows, and what nobody may change."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments import openness
from comments.desk import queues
from comments.models import (
    ListEffect,
    ListEntry,
    ListKind,
    ModerationLogEntry,
)
from comments.moderation import Seen, moderate, submit
from comments.spam import lists
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

LIST = "/admin/comments/comment/"
LOG = "/admin/comments/moderationlogentry/"
THREADS = "/admin/comments/thread/"
LISTED = "/admin/comments/listentry/"
RULES = "/admin/comments/discussionrules/"
MORNING = datetime(2026, 3, 4, 8, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def people(alice, bob, mona, eve):
    make_user = get_user_model().objects.create_user
    return {
        "anonymous": None,
        "stranger": eve,
        "reader": bob,
        "author": alice,
        "staff": make_user("sam@example.org", display_name="Sam", is_staff=True),
        "editor": mona,
        "superuser": make_user(
            "root@example.org", display_name="Root", is_staff=True, is_superuser=True
        ),
    }


def signed_in(user):
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def editor(mona):
    return signed_in(mona)


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


def rows_of(response):
    return list(response.context["cl"].result_list)


# --- who may what ---------------------------------------------------------------------------

# Strangers are sent to sign in (302). Staff without the permission may enter, and no further.
SIGN_IN, NO, GONE, WRONG = 302, 403, 404, 405
WHO = ["anonymous", "stranger", "reader", "author", "staff", "editor", "superuser"]
#                                          anonymous stranger reader author staff editor superuser
TABLE = {
    ("GET", "comments"):                  [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "comments"):                 [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 302, 302],
    ("GET", "comment"):                   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "comment"):                  [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 302, 302],
    ("PUT", "comment"):                   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("GET", "comment undo"):              [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("POST", "comment undo"):             [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 409, 409],
    ("GET", "batch undo"):                [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, WRONG, WRONG, WRONG],
    ("POST", "batch undo"):               [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, GONE, GONE],
    ("GET", "comment add"):               [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, GONE, GONE, GONE],
    ("POST", "comment delete"):           [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, GONE, GONE, GONE],
    ("GET", "log"):                       [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "log entry"):                 [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "log entry"):                [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("GET", "log add"):                   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("POST", "log add"):                  [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("GET", "log delete"):                [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("POST", "log delete"):               [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("GET", "threads"):                   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "thread"):                    [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "thread"):                   [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("POST", "thread add"):               [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("POST", "thread delete"):            [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("GET", "lists"):                     [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "lists add"):                 [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "lists entry"):               [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "lists delete"):             [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 302, 302],
    ("GET", "rules"):                     [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 302, 302],
    ("GET", "the rules"):                 [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("POST", "the rules"):                [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "rules add"):                 [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("GET", "rules changes"):             [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, 200, 200],
    ("GET", "rules changes add"):         [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
    ("POST", "rules delete"):             [SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, NO, NO, NO],
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE, ids=" ".join)
def test_who_may_do_what(people, thread, case):
    assert [answer(people[who], thread, *case) for who in WHO] == TABLE[case]
    approved = ModerationLogEntry.objects.filter(action=Action.APPROVE).count()
    assert approved == (2 if case == ("POST", "comment") else 0)


def answer(user, thread, method, route):
    """Return the status of the answer to one person's request, about a comment of its own."""
    comment = make_comment(thread, status=Status.PENDING)
    data = {"action": "approve", "seen": str(Seen.of(comment)), "post": "yes"}
    send = getattr(signed_in(user), method.lower())
    return send(address_of(route, comment), data if method == "POST" else None).status_code


def address_of(route, comment):
    entry = comment.log.get()
    listed, _made = ListEntry.objects.get_or_create(kind=ListKind.WORD, pattern="pills")
    return {
        "comments": LIST,
        "comment": f"{LIST}{comment.pk}/change/",
        "comment add": f"{LIST}add/",
        "comment delete": f"{LIST}{comment.pk}/delete/",
        "comment undo": f"{LIST}undo/{entry.pk}/",
        "batch undo": f"{LIST}undo/00000000-0000-0000-0000-000000000000/",
        "log": LOG,
        "log entry": f"{LOG}{entry.pk}/change/",
        "log add": f"{LOG}add/",
        "log delete": f"{LOG}{entry.pk}/delete/",
        "threads": THREADS,
        "thread": f"{THREADS}{comment.thread_id}/change/",
        "thread add": f"{THREADS}add/",
        "thread delete": f"{THREADS}{comment.thread_id}/delete/",
        "lists": LISTED,
        "lists add": f"{LISTED}add/",
        "lists entry": f"{LISTED}{listed.pk}/change/",
        "lists delete": f"{LISTED}{listed.pk}/delete/",
        "rules": RULES,
        "the rules": f"{RULES}1/change/",
        "rules add": f"{RULES}add/",
        "rules changes": "/admin/comments/ruleschange/",
        "rules changes add": "/admin/comments/ruleschange/add/",
        "rules delete": f"{RULES}1/delete/",
    }[route]


def test_a_reader_who_is_sent_to_sign_in_is_told_that_this_is_not_theirs(people):
    response = signed_in(people["reader"]).get(LIST, follow=True)
    assert response.status_code == 403


# --- the list of comments -------------------------------------------------------------------


def test_what_waits_is_shown_first_the_longest_waiting_on_top(editor, thread):
    for status in Status:
        make_comment(thread, status=status)
    late = make_comment(thread, status=Status.PENDING, at=MORNING + timedelta(hours=1))
    early = make_comment(thread, status=Status.PENDING, at=MORNING)
    shown = rows_of(editor.get(LIST))
    assert shown[:2] == [early, late]
    assert {comment.status for comment in shown} == {Status.PENDING}


def test_of_what_is_decided_the_newest_is_on_top(editor, thread):
    old = make_comment(thread, at=MORNING)
    new = make_comment(thread, at=MORNING + timedelta(hours=1))
    assert rows_of(editor.get(f"{LIST}?status=approved")) == [new, old]
    assert rows_of(editor.get(f"{LIST}?status=approved&o=1")) == [old, new]


def test_each_status_has_a_tab_with_its_count(editor, thread):
    for status, count in ((Status.PENDING, 3), (Status.SPAM, 2)):
        for _row in range(count):
            make_comment(thread, status=status)
    changelist = editor.get(LIST).context["cl"]
    tabs = changelist.filter_specs[0].choices(changelist)
    counts = {str(tab["display"]): tab["count"] for tab in tabs}
    assert counts == {
        "pending": 3, "approved": 0, "rejected": 0, "spam": 2, "deleted by its author": 0, "all": 5,
    }  # fmt: skip


@pytest.mark.parametrize("status", ["nonsense", "", "%00", "pending'"])
def test_an_unknown_status_shows_what_waits(editor, thread, status):
    comment = make_comment(thread, status=Status.PENDING)
    assert rows_of(editor.get(f"{LIST}?status={status}")) == [comment]


def test_a_row_carries_what_was_seen_of_it(editor, thread):
    comment = make_comment(thread, status=Status.PENDING)
    assert f'name="seen-{comment.pk}" value="pending:1"' in editor.get(LIST).text


def test_a_row_shows_who_wrote_what_where_and_why_it_waits(editor, thread):
    comment = submit(make_submission(thread, "Words  on\n\nlines " * 40, seconds_taken=0.5))
    text = editor.get(LIST).text
    assert "Words on lines Words on lines" in text
    assert "Gus Guest" in text
    assert "gus@example.org" in text
    assert f'<a href="{thread.url}"><bdi>A radio in the outhouse</bdi></a>' in text
    assert "Written in 0.5 seconds." in text
    assert reverse("admin:comments_comment_change", args=[comment.pk]) in text


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_however_many_rows_it_has(editor, count, django_assert_num_queries):
    for _row in range(count):
        submit(make_submission(make_thread(), f"Thought {_row}", ip_address=f"192.0.2.{_row}"))
    editor.get(LIST)
    # session, user, permissions; count, rows, their findings, the tabs, the reasons
    with django_assert_num_queries(9):
        assert len(rows_of(editor.get(LIST))) == count


@pytest.mark.parametrize("word", ["radio", "Gerda", "gerda@example.net"])
def test_comments_are_found_by_text_name_and_address(editor, thread, word):
    found = make_comment(
        thread, body="On the radio", author_name="Gerda", author_email="gerda@example.net",
        status=Status.PENDING,
    )  # fmt: skip
    make_comment(thread, status=Status.PENDING)
    assert rows_of(editor.get(LIST, {"q": word})) == [found]


def test_the_comments_of_one_thread_are_shown_alone(editor, thread):
    found = make_comment(thread, status=Status.PENDING)
    make_comment(make_thread(), status=Status.PENDING)
    response = editor.get(f"{LIST}?thread={thread.pk}")
    assert rows_of(response) == [found]
    assert rows_of(editor.get(f"{LIST}?thread=x")) == []
    assert rows_of(editor.get(f"{LIST}?thread={10**30}")) == []


def test_there_is_no_way_to_choose_rows_that_are_not_shown(editor, thread):
    for _row in range(60):
        make_comment(thread, status=Status.PENDING)
    text = editor.get(LIST).text
    assert "select_across" not in text
    assert "Select all 60" not in text


def test_an_empty_queue_says_what_appears_there(editor):
    assert "Comments that need a look appear" in editor.get(LIST).text


def test_the_front_page_of_the_admin_says_how_many_wait(editor, thread):
    assert "No comment is waiting." in editor.get(reverse("admin:index")).text
    make_comment(thread, status=Status.PENDING)
    text = editor.get(reverse("admin:index")).text
    assert "<strong>1</strong> comment is waiting for you" in text


def test_the_front_page_counts_what_waits_no_further_than_the_queue_does(
    editor, thread, monkeypatch
):
    monkeypatch.setattr(queues, "COUNTED_TO", 2)
    for _number in range(4):
        make_comment(thread, status=Status.PENDING)
    with CaptureQueriesContext(connection) as asked:
        text = editor.get(reverse("admin:index")).text
    assert "<strong>2+</strong> comments are waiting for you" in text
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


def test_the_pages_carry_no_inline_script_or_style(editor, thread):
    comment = make_comment(thread, status=Status.PENDING)
    for address in (LIST, f"{LIST}{comment.pk}/change/", reverse("admin:index")):
        text = editor.get(address).text
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count("<script src=")


# --- the log, the threads, the lists ----------------------------------------------------------


@pytest.fixture
def approval(thread, mona):
    comment = submit(make_submission(thread, seconds_taken=0.5))
    seen = Seen.of(comment)
    return moderate(comment, Action.APPROVE, actor=mona, seen=seen, reason="off_topic", note="Hm.")


def test_the_log_reads_as_sentences_of_who_did_what_and_why(editor, approval):
    text = editor.get(LOG).text
    assert "pending → approved" in text
    assert "off topic" in text
    assert "Gus Guest on “A radio in the outhouse”" in text


def test_an_entry_shows_what_the_checks_saw(editor, approval):
    admission = approval.comment.log.first()
    text = editor.get(f"{LOG}{admission.pk}/change/").text
    assert "Written in 0.5 seconds." in text
    assert "<bdi>Written very fast</bdi>" in text
    assert 'name="_save"' not in text


def test_the_log_is_filtered_by_act_and_by_editor(editor, mona, approval):
    assert rows_of(editor.get(f"{LOG}?action__exact=approve")) == [approval]
    assert rows_of(editor.get(f"{LOG}?editor={mona.pk}")) == [approval]
    assert rows_of(editor.get(f"{LOG}?editor=x")) == []


def test_the_log_outlives_the_account_of_its_actor(editor, people, thread):
    comment = make_comment(thread, status=Status.PENDING)
    entry = moderate(comment, Action.APPROVE, actor=people["superuser"], seen=Seen.of(comment))
    people["superuser"].delete()
    assert "Root" in editor.get(LOG).text
    assert editor.get(f"{LOG}{entry.pk}/change/").status_code == 200


def test_nobody_deletes_log_entries_in_bulk(people, approval):
    client = signed_in(people["superuser"])
    data = {"action": "delete_selected", "_selected_action": [approval.pk], "post": "yes"}
    client.post(LOG, {**data, "index": 0})
    assert ModerationLogEntry.objects.filter(pk=approval.pk).exists()


def test_the_log_costs_the_same_however_many_rows_it_has(
    editor, approval, thread, django_assert_num_queries
):
    for _row in range(10):
        make_comment(make_thread())
    # session, user, permissions; the editors' names, count, rows
    with django_assert_num_queries(7):
        assert len(rows_of(editor.get(LOG))) == 12


def test_a_thread_shows_its_owner_and_counts(editor, people, django_assert_num_queries):
    thread = make_thread(title="Counted", owner=people["author"])
    for status in (Status.APPROVED, Status.APPROVED, Status.PENDING):
        make_comment(thread, status=status)
    # session, user, permissions; count, all, rows
    with django_assert_num_queries(7):
        (row,) = rows_of(editor.get(THREADS))
    assert (row.approved_count, row.waiting, row.owner) == (2, 1, people["author"])


def effects():
    return {word: listed.effect for word, listed in lists.held.at().words.items()}


def test_a_changed_list_counts_from_the_next_comment_on(editor):
    assert effects() == {}
    data = {"kind": "word", "pattern": "pills", "effect": "spam", "note": ""}
    assert editor.post(f"{LISTED}add/", data).status_code == 302
    assert effects() == {"pills": ListEffect.SPAM}
    listed = ListEntry.objects.get()
    editor.post(f"{LISTED}{listed.pk}/change/", {**data, "effect": "hold"})
    assert effects() == {"pills": ListEffect.HOLD}
    editor.post(f"{LISTED}{listed.pk}/delete/", {"post": "yes"})
    assert effects() == {}


def test_list_entries_deleted_in_bulk_are_forgotten_at_once(editor):
    listed = ListEntry.objects.create(kind=ListKind.DOMAIN, pattern="bad.example")
    assert "bad.example" in lists.held.at().domains
    data = {"action": "delete_selected", "_selected_action": [listed.pk], "post": "yes"}
    editor.post(LISTED, data)
    assert not lists.held.at().domains


def test_the_log_begins_with_what_was_done_last_though_an_import_wrote_it_down_first(
    editor, thread
):
    late = make_comment(thread, at=MORNING)
    early = make_comment(thread, at=MORNING - timedelta(days=900))
    assert [entry.comment for entry in rows_of(editor.get(LOG))] == [late, early]


# --- how discussions run ----------------------------------------------------------------------


def test_a_thread_says_how_it_runs_and_leads_to_where_that_is_changed(editor, thread, mona):
    openness.cool(thread, actor=mona, is_premoderated=True, slow_seconds=600, note="Tempers <i>")
    page = editor.get(f"{THREADS}{thread.pk}/change/").text
    assert "one comment every 10 minutes" in page
    assert "Tempers &lt;i&gt;" in page
    assert f'href="{reverse("comments:manage", args=[thread.pk])}"' in page
