"""The moderation desk: what an editor sees of one comment, decides, is told, and takes back."""

import json
import re
from datetime import datetime, timedelta
from unittest import mock
from urllib.parse import quote
from zoneinfo import ZoneInfo

import html5lib
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from comments.desk.case import BUTTONS
from comments.desk.dossier import SENTENCES
from comments.marking import difference, mark
from comments.models import Comment, CommentRevision, ModerationLogEntry
from comments.moderation import Seen, delete, edit, moderate, prove_address, submit, undelete
from comments.policy import Decision
from comments.spam import Finding, Verdict
from comments.status import MODERATOR_ACTIONS, Action, Status
from comments.taking_back import Taken
from tests.cast import make_person
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

LIST = "/admin/comments/comment/"
NOON = datetime(2026, 3, 4, 12, 4, tzinfo=ZoneInfo("UTC"))


def signed_in(user):
    client = Client()
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
    return make_comment(thread, body="My first paragraph read so.", status=Status.PENDING)


def page_of(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def decision(comment, action, **fields):
    return {"action": action, "seen": str(Seen.of(comment)), **fields}


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def buttons(response):
    return re.findall(r'<button type="submit" name="action" value="(\w+)"', response.text)


def status_of(comment):
    return Comment.objects.get(pk=comment.pk).status


def make_judged(thread, body, finding, status=Status.PENDING, **fields):
    """Admit a comment with a finding that the test chooses."""
    decision = Decision(status, (finding,))
    with mock.patch("comments.moderation.admitting.decide", return_value=decision):
        return submit(make_submission(thread, body, **fields))


def make_edited(comment, body):
    return edit(comment, body, actor=None, actor_name=comment.author_name, seen=Seen.of(comment))


# --- deciding -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (Action.APPROVE, Status.APPROVED),
        (Action.REJECT, Status.REJECTED),
        (Action.MARK_SPAM, Status.SPAM),
    ],
)
def test_a_decision_is_carried_out_and_logged_with_reason_and_note(
    editor, mona, pending, action, status
):
    data = decision(pending, action, reason="abuse", note="The third today.")
    assert editor.post(page_of(pending), data).status_code == 302
    entry = pending.log.last()
    assert status_of(pending) == status
    assert (entry.actor, entry.action, entry.reason) == (mona, action, "abuse")
    assert entry.note == "The third today."


@pytest.mark.parametrize("status", Status)
def test_only_the_acts_that_the_status_allows_have_a_button(editor, thread, status):
    comment = make_comment(thread, status=status)
    expected = {
        Status.PENDING: ["approve", "reject", "mark_spam"],
        Status.APPROVED: ["hold", "reject", "mark_spam"],
        Status.REJECTED: ["approve", "hold", "mark_spam"],
        Status.SPAM: ["approve", "hold", "reject"],
        Status.DELETED: [],
    }
    assert buttons(editor.get(page_of(comment))) == expected[status]


def test_after_a_decision_the_next_in_the_queue_is_there(editor, thread):
    at = NOON
    first, second, third = (
        make_comment(thread, status=Status.PENDING, at=at + timedelta(minutes=minute))
        for minute in range(3)
    )
    response = editor.post(page_of(second), decision(second, "approve"))
    assert response.url == page_of(third)
    response = editor.post(page_of(third), decision(third, "approve"))
    assert response.url == page_of(first)


def test_two_comments_of_one_instant_follow_each_other_and_none_is_passed_over(editor, thread):
    twins = [make_comment(thread, status=Status.PENDING, at=NOON) for _twin in range(2)]
    response = editor.post(page_of(twins[0]), decision(twins[0], "reject"))
    assert response.url == page_of(twins[1])


def test_after_the_last_of_the_queue_comes_the_list(editor, pending):
    response = editor.post(page_of(pending), decision(pending, "approve"))
    assert response.url == f"{LIST}?status=pending"


def test_a_decision_on_what_was_decided_leads_back_to_the_list_it_came_from(editor, thread):
    comment = make_comment(thread, status=Status.SPAM)
    make_comment(thread, status=Status.PENDING)
    response = editor.post(page_of(comment), decision(comment, "approve"))
    assert response.url == f"{LIST}?status=spam"
    address = page_of(comment) + "?_changelist_filters=status%3Dall%26q%3Dtea"
    comment.refresh_from_db()
    response = editor.post(address, decision(comment, "hold"))
    assert response.url == f"{LIST}?status=all&q=tea"


@pytest.mark.parametrize(
    "fields",
    [{"action": "delete"}, {"action": ""}, {"reason": "because"}, {"note": "x" * 1_000_000}],
)
def test_an_unknown_act_or_reason_and_a_huge_note_are_refused_with_nothing_done(
    editor, pending, fields
):
    response = editor.post(page_of(pending), {**decision(pending, "approve"), **fields})
    assert response.status_code == 422
    assert status_of(pending) == Status.PENDING
    assert pending.log.count() == 1


def test_an_act_that_the_status_does_not_allow_is_told_as_such(editor, pending):
    response = editor.post(page_of(pending), decision(pending, "hold"))
    assert response.status_code == 409
    assert "not possible for a comment that is pending" in response.text
    assert pending.log.count() == 1


def test_looking_never_acts(editor, pending):
    response = editor.get(page_of(pending), decision(pending, "approve"))
    assert response.status_code == 200
    assert status_of(pending) == Status.PENDING


def test_a_forged_request_without_the_token_is_refused(mona, pending):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    assert client.post(page_of(pending), decision(pending, "approve")).status_code == 403
    assert status_of(pending) == Status.PENDING


# --- somebody was quicker -------------------------------------------------------------------


@time_machine.travel(NOON, tick=False)
def test_the_second_of_two_editors_is_told_who_did_what_and_nothing_is_overwritten(
    editor, max_, pending
):
    data = decision(pending, "mark_spam", note="An advertisement")
    moderate(pending, Action.APPROVE, actor=max_, seen=Seen.of(pending))
    response = editor.post(page_of(pending), data)
    assert response.status_code == 409
    assert "Max approved it at 12:04" in response.text
    assert "An advertisement" in response.text
    assert status_of(pending) == Status.APPROVED
    assert pending.log.count() == 2


def test_after_a_conflict_one_more_press_decides(editor, max_, pending):
    data = decision(pending, "mark_spam")
    moderate(pending, Action.APPROVE, actor=max_, seen=Seen.of(pending))
    response = editor.post(page_of(pending), data)
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', response.text)
    assert buttons(response) == ["hold", "reject", "mark_spam"]
    assert editor.post(page_of(pending), {**data, "seen": seen}).status_code == 302
    assert status_of(pending) == Status.SPAM


def test_words_changed_meanwhile_are_shown_with_the_difference(editor, pending):
    data = decision(pending, "approve")
    make_edited(pending, "My first paragraph should read so.")
    response = editor.post(page_of(pending), data)
    assert response.status_code == 409
    assert "Gus Guest edited it at" in response.text
    assert "<ins>should </ins>" in response.text
    assert status_of(pending) == Status.PENDING


def test_words_changed_before_a_mistyped_form_came_back_are_a_conflict_too(editor, pending):
    data = decision(pending, "approve", reason="no such reason")
    make_edited(pending, "Other words.")
    assert editor.post(page_of(pending), data).status_code == 409


@pytest.mark.parametrize("seen", [None, "", "pending", "pending:x", "nothing:1", "pending:9" * 99])
def test_a_decision_that_does_not_say_what_was_seen_is_not_carried_out(editor, pending, seen):
    data = {"action": "approve"} if seen is None else {"action": "approve", "seen": seen}
    assert editor.post(page_of(pending), data).status_code == 409
    assert status_of(pending) == Status.PENDING


def test_a_race_lost_at_the_last_moment_is_told_the_same_way(editor, max_, pending):
    real = moderate

    def overtaken(comment, action, **kwargs):
        real(comment, Action.REJECT, actor=max_, seen=kwargs["seen"])
        return real(comment, action, **kwargs)

    with mock.patch("comments.moderation.moderate", overtaken):
        response = editor.post(page_of(pending), decision(pending, "approve"))
    assert response.status_code == 409
    assert "Max rejected it" in response.text
    assert status_of(pending) == Status.REJECTED


# --- undo -----------------------------------------------------------------------------------


def undo_address(entry):
    return reverse("admin:comments_comment_undo", args=[entry.pk])


def test_the_message_after_a_decision_has_a_button_that_undoes_it(editor, pending):
    response = editor.post(page_of(pending), decision(pending, "reject"), follow=True)
    (address,) = re.findall(r'form="undo-form" formaction="([^"]+)"', response.text)
    assert '<form id="undo-form" method="post" hidden>' in response.text
    assert editor.post(address).url == page_of(pending)
    assert status_of(pending) == Status.PENDING
    assert pending.log.last().undoes == pending.log.all()[1]


def test_undo_is_undone_by_the_same_button(editor, pending):
    editor.post(page_of(pending), decision(pending, "reject"))
    editor.post(undo_address(pending.log.last()))
    editor.post(undo_address(pending.log.last()))
    assert status_of(pending) == Status.REJECTED


def test_an_act_is_not_undone_over_what_somebody_did_since(editor, mona, max_, pending):
    entry = moderate(pending, Action.REJECT, actor=mona, seen=Seen.of(pending))
    pending.refresh_from_db()
    moderate(pending, Action.MARK_SPAM, actor=max_, seen=Seen.of(pending))
    response = editor.post(undo_address(entry))
    assert response.status_code == 409
    assert "Max marked it as spam at" in response.text
    assert status_of(pending) == Status.SPAM


def test_what_has_no_inverse_is_not_undone(editor, pending):
    response = editor.post(undo_address(pending.log.get()))
    assert response.status_code == 409
    assert pending.log.count() == 1


def test_only_the_newest_act_has_an_undo_button_in_the_log(editor, mona, pending):
    first = moderate(pending, Action.REJECT, actor=mona, seen=Seen.of(pending))
    pending.refresh_from_db()
    second = moderate(pending, Action.HOLD, actor=mona, seen=Seen.of(pending))
    text = editor.get(page_of(pending)).text
    assert undo_address(second) in text
    assert undo_address(first) not in text


# --- many at once ---------------------------------------------------------------------------


def rows(*comments, action, **fields):
    """Return what the list's form sends: the chosen rows, and what each of all rows showed."""
    seen = {f"seen-{comment.pk}": str(Seen.of(comment)) for comment in comments}
    return {
        "_selected_action": [str(row.pk) for row in comments],
        "action": action,
        **seen,
    } | fields


def test_a_bulk_act_does_all_chosen_rows_and_is_one_batch(editor, thread):
    comments = [make_comment(thread, status=Status.PENDING) for _row in range(3)]
    response = editor.post(LIST, rows(*comments, action="approve", reason="other"))
    assert {status_of(comment) for comment in comments} == {Status.APPROVED}
    entries = ModerationLogEntry.objects.filter(action=Action.APPROVE)
    assert len({entry.batch for entry in entries}) == 1
    assert {entry.reason for entry in entries} == {"other"}
    assert said(response)[0].startswith("3 comments approved.")


@time_machine.travel(NOON, tick=False)
def test_a_stale_row_is_reported_by_name_and_the_others_go_through(editor, max_, thread):
    comments = [make_comment(thread, status=Status.PENDING) for _row in range(3)]
    data = rows(*comments, action="mark_spam")
    moderate(comments[1], Action.APPROVE, actor=max_, seen=Seen.of(comments[1]))
    response = editor.post(LIST, data)
    assert [status_of(comment) for comment in comments] == ["spam", "approved", "spam"]
    done, stale = said(response)
    assert done.startswith("2 comments marked as spam.")
    assert "1 changed meanwhile" in stale
    assert "Max approved it at 12:04" in stale
    assert page_of(comments[1]) in stale


def test_a_row_that_left_the_filter_meanwhile_is_reported_all_the_same(editor, max_, pending):
    data = rows(pending, action="reject")
    moderate(pending, Action.APPROVE, actor=max_, seen=Seen.of(pending))
    response = editor.post(f"{LIST}?status=pending&p=1", data)
    assert "1 changed meanwhile" in said(response)[0]
    assert response.url == f"{LIST}?status=pending&p=1"


@pytest.mark.parametrize("seen", [None, "", "approved", "pending:1:1"])
def test_a_row_that_does_not_say_what_was_seen_is_left_alone(editor, pending, seen):
    data = rows(pending, action="approve")
    data[f"seen-{pending.pk}"] = seen or ""
    if seen is None:
        del data[f"seen-{pending.pk}"]
    response = editor.post(LIST, data)
    assert said(response) == ["1 left alone: the page did not say what you saw."]
    assert status_of(pending) == Status.PENDING


def test_rows_that_were_not_shown_are_never_acted_on(editor, pending, thread):
    other = make_comment(thread, status=Status.PENDING)
    editor.post(LIST, rows(pending, action="approve", select_across="1", index="0"))
    assert status_of(pending) == Status.APPROVED
    assert status_of(other) == Status.PENDING


def test_rows_for_which_the_act_is_not_legal_are_counted(editor, thread):
    comments = [make_comment(thread, status=Status.APPROVED) for _row in range(2)]
    response = editor.post(f"{LIST}?status=all", rows(*comments, action="approve"))
    assert said(response) == ["2 left alone: they are so already, or deleted."]


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 30, "٣", ""])
def test_forged_rows_do_nothing(editor, key):
    data = {"_selected_action": key, "action": "approve", f"seen-{key}": "pending:1"}
    assert editor.post(LIST, data).status_code == 302
    assert not ModerationLogEntry.objects.exists()


@pytest.mark.parametrize(
    "fields", [{"action": "delete_selected"}, {"action": "approve", "reason": "x"}]
)
def test_an_unknown_bulk_act_or_reason_does_nothing(editor, pending, fields):
    response = editor.post(LIST, {**rows(pending, action=""), **fields})
    assert "Nothing was done" in said(response)[0]
    assert status_of(pending) == Status.PENDING


def test_nothing_chosen_is_said_so(editor):
    response = editor.post(LIST, {"action": "approve"})
    assert "choose one or more comments first" in said(response)[0]


def test_a_bulk_act_is_undone_as_one_but_keeps_what_others_did_since(editor, max_, thread):
    comments = [make_comment(thread, status=Status.PENDING) for _row in range(3)]
    response = editor.post(LIST, rows(*comments, action="reject"), follow=True)
    (address,) = re.findall(r'form="undo-form" formaction="([^"]+)"', response.text)
    kept = Comment.objects.get(pk=comments[2].pk)
    moderate(kept, Action.APPROVE, actor=max_, seen=Seen.of(kept))
    response = editor.post(address)
    assert [status_of(comment) for comment in comments] == ["pending", "pending", "approved"]
    assert said(response)[-2].startswith("2 comments undone.")
    assert "Max approved it" in said(response)[-1]


def test_a_batch_that_is_not_there_cannot_be_undone(editor):
    address = reverse(
        "admin:comments_comment_undo_batch", args=["0" * 8 + "-0000-0000-0000-" + "0" * 12]
    )
    assert editor.post(address).status_code == 404


# --- what the page tells --------------------------------------------------------------------


def test_the_page_tells_where_the_comment_stands_and_what_it_answers(editor, thread):
    parent = make_comment(thread, body="The whole of *the parent*, " * 40, author_name="Pia")
    comment = make_comment(thread, parent=parent, status=Status.PENDING)
    text = editor.get(page_of(comment)).text
    assert f'<a href="{thread.url}"><bdi>A radio in the outhouse</bdi></a>' in text
    assert parent.body in text
    assert page_of(parent) in text


def test_the_page_tells_the_authors_record_and_that_an_address_was_only_typed(editor, thread):
    for status in (Status.APPROVED, Status.SPAM, Status.SPAM):
        make_comment(thread, status=status, ip_address="198.51.100.1", at=NOON)
    comment = make_comment(thread, status=Status.PENDING, ip_address="192.0.2.99")
    response = editor.get(page_of(comment))
    email, network = response.context["dossier"].records
    assert [count for _label, count in email.counts] == [1, 1, 0, 2]
    assert [count for _label, count in network.counts] == [0, 1, 0, 0]
    assert email.first_seen_at == NOON
    assert "typed, not proved" in response.text


def test_the_page_tells_that_a_guest_confirmed_the_address(editor, thread):
    comment = make_comment(thread, status=Status.PENDING)
    prove_address(comment)
    (email, *_others) = editor.get(page_of(comment)).context["dossier"].records
    assert email.remark == "confirmed by the link in our letter"


def test_a_deletion_that_its_author_took_back_has_no_button_to_undo_it(editor, thread):
    comment = make_comment(thread)
    taken = Taken.of(comment)
    entry = delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    undelete(entry, taken, actor=None, actor_name="Gus")
    response = editor.get(page_of(comment))
    assert [row.can_undo for row in response.context["dossier"].log] == [False] * 3
    assert "Gus undid the act before" in response.text


def test_the_record_of_an_account_counts_the_account(editor, thread, max_):
    max_.groups.clear()
    make_comment(thread, author=max_, author_email="old@example.org", status=Status.APPROVED)
    comment = make_comment(
        thread, author=max_, author_email=max_.email, status=Status.PENDING, ip_address=None
    )
    account, email = editor.get(page_of(comment)).context["dossier"].records
    assert [count for _label, count in account.counts] == [1, 1, 0, 0]
    assert str(email.remark) == "the account's own"


def test_the_links_of_a_record_lead_to_the_comments_it_counts(editor, thread, max_):
    comment = make_comment(thread, author=max_, author_email=max_.email, status=Status.SPAM)
    make_comment(thread, status=Status.APPROVED, ip_address="203.0.113.5")
    for record in editor.get(page_of(comment)).context["dossier"].records:
        found = editor.get(record.address).context["cl"].result_list
        assert [row.pk for row in found] == [comment.pk]


def test_every_finding_is_named_and_its_span_marked_in_the_text(editor, thread):
    finding = Finding("listed_words", Verdict.SPAM, "Holds a listed word.", "pills", span=(10, 15))
    comment = make_judged(thread, "Buy cheap pills at once", finding)
    text = editor.get(page_of(comment)).text
    assert '<mark class="verdict-spam">pills</mark>' in text
    assert "Holds a listed word." in text
    assert "<bdi>pills</bdi>" in text


def test_earlier_texts_are_there_with_what_the_edit_changed(editor, pending):
    comment = make_edited(pending, "My first paragraph should read so.")
    response = editor.get(page_of(comment))
    (version,) = response.context["dossier"].versions
    assert "".join(piece.text for piece in version.text) == "My first paragraph read so."
    assert "<ins>should </ins>" in response.text


def test_findings_on_an_earlier_text_do_not_mark_the_present_one(editor, thread):
    finding = Finding("listed_words", Verdict.SPAM, "Listed.", span=(0, 4))
    comment = make_judged(thread, "Some words", finding)
    comment = make_edited(comment, "Other words")
    dossier = editor.get(page_of(comment)).context["dossier"]
    assert [piece.text for piece in dossier.text] == ["Other words"]
    assert [piece.text for piece in dossier.versions[0].text] == ["Some", " words"]


@pytest.mark.parametrize("entries", [1, 12])
def test_the_page_costs_the_same_however_long_the_log_is(
    editor, mona, thread, entries, django_assert_num_queries
):
    parent = make_comment(thread)
    comment = make_comment(thread, parent=parent, status=Status.APPROVED)
    for act in (Action.HOLD, Action.APPROVE) * (entries // 2):
        comment.refresh_from_db()
        moderate(comment, act, actor=mona, seen=Seen.of(comment))
    editor.get(page_of(comment))
    # session, user, permissions; comment, log, earlier texts, 2 records, the next in the queue,
    # the reasons; what the rules let the learner do, and what it could know; what left the site
    with django_assert_num_queries(15):
        editor.get(page_of(comment))


def test_a_comment_that_is_not_there_is_not_found(editor):
    assert editor.get(f"{LIST}999/change/").status_code == 404
    assert editor.get(f"{LIST}{10**30}/change/").status_code == 404


# --- hostile texts --------------------------------------------------------------------------

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "[here](javascript:alert(1)) <javascript:alert(1)> [data](data:text/html,x)",
    "</p></article><svg onload=alert(1)><style>*{display:none}</style>",
    '"><iframe srcdoc="<script>alert(1)</script>">',
    "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7|add:1 }} {% now 'Y' %}",
]
FORBIDDEN = {"iframe", "style", "object", "embed", "base", "math", "video", "audio"}


def elements_of(html):
    return html5lib.parse(html, namespaceHTMLElements=False).iter()


def assert_harmless(html):
    """Look at the page as a browser would: every element and attribute must be one of ours."""
    for element in elements_of(html):
        name = str(element.tag).rpartition("}")[2]
        attributes = {str(key).lower(): value for key, value in element.attrib.items()}
        assert name not in FORBIDDEN
        assert not any(key.startswith("on") or key in ("style", "srcdoc") for key in attributes)
        if name in ("script", "img", "link"):
            source = attributes.get("src", attributes.get("href", ""))
            assert source.startswith(("/static/", "/admin/jsi18n/"))
        if name == "svg":
            assert "class" in attributes, "not one of the admin's own"
        for key in ("href", "src", "action", "formaction"):
            assert re.match(r"(/|\?|#|$|https?://)", attributes.get(key, "")), attributes[key]


def hostile_comment(thread, body, status=Status.PENDING, **fields):
    finding = Finding(body, Verdict.SPAM, body, body, body, (0, 5))
    person = {"author_name": body[:80], "author_website": "javascript:alert(1)"}
    facts = {"user_agent": body, "referrer": "javascript:alert(2)", "honeypot": body}
    return make_judged(thread, body, finding, status, **{**person, **facts, **fields})


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM, Status.APPROVED])
@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_text_is_text_on_every_page_of_the_desk(editor, body, status):
    thread = make_thread(title=body, url="javascript:alert(3)")
    parent = hostile_comment(thread, body, Status.APPROVED)
    comment = hostile_comment(thread, body, status, parent=parent)
    CommentRevision.objects.create(
        comment=comment, revision=0, body=body * 2, body_html=body, replaced_at=NOON
    )
    response = editor.get(page_of(comment))
    assert comment.body[5:] in html_text(response.text)
    assert_harmless(response.text)
    assert_harmless(editor.get(f"{LIST}?status=all").text)
    assert_harmless(editor.get(f"{LIST}?q={quote(body)}&thread={quote(body)}").text)
    stale = editor.post(page_of(comment), {"action": "reject", "seen": "pending:0", "note": body})
    assert_harmless(stale.text)
    moved = rows(comment, action="reject", **{f"seen-{comment.pk}": "pending:0"})
    assert_harmless(editor.post(LIST, moved, follow=True).text)
    action = Action.HOLD if status == Status.APPROVED else Action.APPROVE
    data = decision(comment, action, note=body)
    assert_harmless(editor.post(page_of(comment), data, follow=True).text)
    assert_harmless(editor.get(page_of(comment)).text)


def test_hostile_text_is_text_in_the_log_too(thread):
    root = get_user_model().objects.create_superuser("root@example.org", display_name=HOSTILE[0])
    comment = hostile_comment(thread, HOSTILE[0])
    entry = moderate(comment, Action.REJECT, actor=root, seen=Seen.of(comment), note=HOSTILE[0])
    client = signed_in(root)
    log = "/admin/comments/moderationlogentry/"
    for address in (log, f"{log}{entry.pk}/change/", f"{log}{comment.log.first().pk}/change/"):
        assert_harmless(client.get(address).text)


def html_text(html):
    return "".join(html5lib.parse(html, namespaceHTMLElements=False).itertext())


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_links_are_whole_and_dead_until_the_comment_is_approved(editor, thread, status):
    body = "Look [here](https://evil.example/?a=1&b=2) and at https://other.example/x"
    comment = make_comment(thread, body=body, status=status, author_website="https://site.example/")
    text = editor.get(page_of(comment)).text
    targets = [element.attrib.get("href", "") for element in elements_of(text)]
    assert not [target for target in targets if ".example" in target]
    assert "https://evil.example/?a=1&b=2" in html_text(text)


def test_the_links_of_an_approved_comment_work(editor, thread):
    comment = make_comment(thread, body="See https://good.example/x", status=Status.APPROVED)
    text = editor.get(page_of(comment)).text
    targets = [element.attrib.get("href") for element in elements_of(text)]
    assert "https://good.example/x" in targets


def test_no_known_payload_becomes_an_element(editor, thread, shared_data):
    """All of them at once: the pieces of a page cannot tell one comment from another."""
    files = sorted((shared_data / "xss-payloads").glob("*.txt"))
    payloads = "\n".join(file.read_text(errors="replace") for file in files).splitlines()
    naughty = json.loads((shared_data / "naughty-strings" / "blns.json").read_text())
    comment = make_comment(thread, status=Status.PENDING)
    for start in range(0, len(payloads), 200):
        body = "\n\n".join([*payloads[start : start + 200], *naughty]).replace("\x00", "")
        Comment.objects.filter(pk=comment.pk).update(body=body, user_agent=body[:400])
        assert_harmless(editor.get(page_of(comment)).text)


# --- the text tools -------------------------------------------------------------------------


def test_spans_may_overlap_and_each_ends_in_its_own_place():
    one, other = {"span": [0, 4], "verdict": "unsure"}, {"span": [2, 6], "verdict": "spam"}
    pieces = mark("abcdefgh", [one, other])
    assert [(piece.text, piece.verdict) for piece in pieces] == [
        ("ab", "unsure"),
        ("cd", "spam"),
        ("ef", "spam"),
        ("gh", ""),
    ]
    assert [len(piece.ending) for piece in pieces] == [0, 1, 1, 0]


@pytest.mark.parametrize("span", [None, [3], [2, 1], [-1, 2], [0, 99], ["0", "1"], "02"])
def test_a_span_outside_the_text_marks_nothing(span):
    assert [piece.text for piece in mark("abc", [{"span": span}])] == ["abc"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("a b c", "a x c"), ("", "new"), ("old", ""), ("same", "same"), ("a a a a", "a a"), ("", "")],
)
def test_a_difference_holds_both_texts_whole(old, new):
    changes = list(difference(old, new))
    assert "".join(text for kind, text in changes if kind != "added") == old
    assert "".join(text for kind, text in changes if kind != "removed") == new


def test_texts_made_to_be_slow_to_compare_are_shown_as_replaced():
    changes = list(difference("x " * 9_000, "y x " * 5_000))
    assert [kind for kind, _text in changes] == ["removed", "added", "kept"]


def test_every_act_of_a_moderator_has_a_button_and_a_sentence():
    assert set(BUTTONS) == set(MODERATOR_ACTIONS)
    assert set(SENTENCES) == set(Action)
