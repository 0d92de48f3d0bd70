"""What Akismet is told of a person's decision: its mistakes, nothing else, and none once undone."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from comments.models import EgressEntry, Feedback, Outcome, SentFields
from comments.moderation import (
    Seen,
    delete,
    edit,
    moderate,
    moderate_many,
    submit,
    undo,
    undo_many,
)
from comments.rechecking import recheck_due
from comments.spam.akismet import CHECK, SERVICE, feedback
from comments.spam.akismet.feedback import MOST_ATTEMPTS, send_due_reports
from comments.spam.akismet.fields import fields_of
from comments.spam.akismet.sent import KEPT_FOR, forget_old, keep, keep_sent
from comments.spam.findings import Finding, Told, Verdict
from comments.status import Action, Status
from comments.submission import Submission
from tests.comments.akismet_server import KEY, MISBEHAVIOURS, reply
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)
SPAM, HAM = "/1.1/submit-spam", "/1.1/submit-ham"


@pytest.fixture(autouse=True)
def stand_in(akismet_server, settings):
    settings.COMMENTS_AKISMET_BLOG = "https://blog.example.org/"
    return akismet_server


def asked_about(verdict, status=Status.PENDING, **fields):
    """Return a comment that Akismet was asked about, and which became what `status` says."""
    comment = make_comment(make_thread(), status=status, **fields)
    sent = fields_of(Submission.from_comment(comment))
    keep(comment, Told(SERVICE, sent, verdict, f"guid-{comment.pk}"))
    return comment


def act(comment, action, actor):
    comment.refresh_from_db()
    return moderate(comment, action, actor=actor, seen=Seen.of(comment))


def sent_later(after=LATER):
    with time_machine.travel(timezone.now() + after, tick=False):
        return send_due_reports()


# --- what is reported -------------------------------------------------------------------------


def test_spam_that_akismet_let_through_is_reported_after_a_while_and_once(stand_in, mona):
    comment = asked_about("ham", body="Buy!", user_agent="Browser/1")
    act(comment, Action.MARK_SPAM, mona)
    assert send_due_reports() == 0
    assert sent_later() == 1
    assert sent_later() == 0
    (asked,) = stand_in.asked
    assert asked.path == SPAM
    assert (asked["comment_content"], asked["user_agent"]) == ("Buy!", "Browser/1")
    assert asked["api_key"] == KEY


def test_what_akismet_wrongly_called_spam_is_reported(stand_in, mona):
    act(asked_about("spam", Status.SPAM), Action.APPROVE, mona)
    sent_later()
    assert stand_in.paths() == [HAM]


@pytest.mark.parametrize(
    ("verdict", "before", "action"),
    [
        ("ham", Status.PENDING, Action.APPROVE),
        ("ham", Status.PENDING, Action.REJECT),
        ("ham", Status.APPROVED, Action.HOLD),
        ("spam", Status.SPAM, Action.HOLD),
        ("spam", Status.SPAM, Action.REJECT),
        ("spam", Status.PENDING, Action.MARK_SPAM),
    ],
)
def test_of_all_else_nothing_is_told(stand_in, mona, verdict, before, action):
    act(asked_about(verdict, before), action, mona)
    assert not Feedback.objects.exists()


def test_nothing_is_told_of_what_no_person_decided(stand_in):
    act(asked_about("ham"), Action.MARK_SPAM, None)
    assert not Feedback.objects.exists()


def test_nothing_is_told_of_a_comment_that_akismet_was_not_asked_about(
    mona, django_assert_num_queries
):
    comment = make_comment(make_thread(), status=Status.PENDING)
    entry = act(comment, Action.MARK_SPAM, mona)
    assert not Feedback.objects.exists()
    with django_assert_num_queries(1):
        feedback.queue_reports([entry])


def test_without_a_key_nothing_is_queued_sent_or_asked_of_the_database(
    stand_in, mona, settings, django_assert_num_queries
):
    comment = asked_about("ham")
    entry = act(comment, Action.MARK_SPAM, mona)
    settings.COMMENTS_AKISMET_KEY = ""
    with django_assert_num_queries(0):
        feedback.queue_reports([entry])
    assert sent_later() == 0
    assert stand_in.connections == 0


def test_the_words_that_were_asked_about_are_sent_whatever_an_editor_made_of_them(stand_in, mona):
    comment = asked_about("ham", body="Buy!")
    SentFields.objects.filter(comment=comment).update(
        fields={
            "blog": "b",
            "user_ip": "192.0.2.7",
            "comment_content": "Buy!",
            "recheck_reason": "edit",
        }
    )
    act(comment, Action.MARK_SPAM, mona)
    sent_later()
    (asked,) = stand_in.asked
    assert set(asked.fields) == {"api_key", "blog", "user_ip", "comment_content"}


def test_many_are_reported_with_as_few_queries_as_one(mona, django_assert_max_num_queries):
    comments = [asked_about("ham") for _ in range(30)]
    chosen = [(comment, Seen.of(comment)) for comment in comments]
    entries = moderate_many(chosen, Action.MARK_SPAM, actor=mona).done
    assert Feedback.objects.count() == 30
    Feedback.objects.all().delete()
    with django_assert_max_num_queries(4):
        feedback.queue_reports(entries)


# --- taken back -------------------------------------------------------------------------------


def test_undoing_the_act_withdraws_the_report(stand_in, mona):
    undo(act(asked_about("ham"), Action.MARK_SPAM, mona), actor=mona)
    assert sent_later() == 0
    assert stand_in.asked == []
    assert Feedback.objects.get().withdrawn_at is not None


def test_what_is_undone_after_it_was_reported_is_reported_the_other_way_round(stand_in, mona):
    entry = act(asked_about("ham"), Action.MARK_SPAM, mona)
    sent_later()
    undo(entry, actor=mona)
    sent_later()
    assert stand_in.paths() == [SPAM, HAM]


def test_what_is_undone_and_done_again_is_reported_once(stand_in, mona):
    undone = undo(act(asked_about("spam", Status.SPAM), Action.APPROVE, mona), actor=mona)
    undo(undone, actor=mona)
    sent_later()
    assert stand_in.paths() == [HAM]


def test_undoing_to_and_fro_ends_where_the_comment_stands(stand_in, mona):
    entry = act(asked_about("ham"), Action.MARK_SPAM, mona)
    for _ in range(3):
        sent_later()
        entry = undo(entry, actor=mona)
    sent_later()
    assert stand_in.paths() == [SPAM, HAM, SPAM, HAM]


def test_a_reported_act_whose_undoing_was_undone_in_time_stays_as_reported(stand_in, mona):
    entry = act(asked_about("ham"), Action.MARK_SPAM, mona)
    sent_later()
    undo(undo(entry, actor=mona), actor=mona)
    sent_later()
    assert stand_in.paths() == [SPAM]


def test_undoing_what_was_never_reported_reports_nothing(stand_in, mona):
    # Another check had called it spam, and no person said so.
    comment = asked_about("ham", Status.SPAM)
    undo(act(comment, Action.REJECT, mona), actor=mona)
    undo(act(comment, Action.APPROVE, mona), actor=mona)
    assert sent_later() == 0


def test_a_second_thought_counts_and_not_the_first(stand_in, mona):
    comment = asked_about("ham")
    act(comment, Action.MARK_SPAM, mona)
    act(comment, Action.APPROVE, mona)
    assert sent_later() == 0
    act(comment, Action.MARK_SPAM, mona)
    sent_later()
    act(comment, Action.HOLD, mona)
    act(comment, Action.APPROVE, mona)
    sent_later()
    assert stand_in.paths() == [SPAM, HAM]


def test_a_bulk_act_is_taken_back_with_its_reports(stand_in, mona):
    comments = [asked_about("ham") for _ in range(3)]
    chosen = [(comment, Seen.of(comment)) for comment in comments]
    bulk = moderate_many(chosen, Action.MARK_SPAM, actor=mona)
    undo_many(bulk.batch, actor=mona)
    assert sent_later() == 0


def test_the_page_before_undoing_says_what_becomes_of_the_reports(stand_in, mona, client):
    client.force_login(mona)
    entry = act(asked_about("ham"), Action.MARK_SPAM, mona)
    page = reverse("admin:desk_undo", args=[entry.pk])
    assert "1 report to Akismet is not sent." in client.get(page).text
    sent_later()
    assert "1 report was sent to Akismet; it is told the opposite." in client.get(page).text


# --- sending ----------------------------------------------------------------------------------


def test_each_report_is_in_the_ledger(stand_in, mona):
    comment = asked_about("ham")
    act(comment, Action.MARK_SPAM, mona)
    sent_later()
    entry = EgressEntry.objects.get()
    assert (entry.comment, entry.service, entry.purpose) == (comment, SERVICE, "report spam")
    assert (set(entry.fields), entry.outcome) == (set(stand_in.asked[0].fields), Outcome.ANSWERED)


@pytest.mark.parametrize("behaviour", ["500", "reset", "invalid", "HTML", "empty"])
def test_what_does_not_arrive_is_sent_again_and_at_growing_intervals(stand_in, mona, behaviour):
    act(asked_about("ham"), Action.MARK_SPAM, mona)
    stand_in.behave(MISBEHAVIOURS[behaviour])
    assert sent_later() == 0
    row = Feedback.objects.get()
    assert (row.sent_at, row.withdrawn_at, row.attempts) == (None, None, 1)
    assert row.last_error
    assert KEY not in row.last_error
    assert EgressEntry.objects.get().outcome == Outcome.FAILED
    assert sent_later(timedelta(minutes=12)) == 0
    sent_later(timedelta(minutes=20))
    row.refresh_from_db()
    assert row.attempts == 2
    assert sent_later(timedelta(minutes=39)) == 0
    assert len(stand_in.asked) == 2


def test_after_some_attempts_it_is_given_up(stand_in, mona):
    act(asked_about("ham"), Action.MARK_SPAM, mona)
    stand_in.behave(MISBEHAVIOURS["500"])
    for hours in range(10, 200, 10):
        sent_later(timedelta(hours=hours))
    assert len(stand_in.asked) == MOST_ATTEMPTS


def test_one_that_fails_holds_up_the_others_no_longer_than_itself(stand_in, mona):
    for _ in range(3):
        act(asked_about("ham"), Action.MARK_SPAM, mona)
    stand_in.behave(MISBEHAVIOURS["500"])
    assert sent_later() == 0
    assert len(stand_in.asked) == 1


def test_undone_while_it_was_on_its_way_in_vain_it_is_not_sent_again(stand_in, mona, monkeypatch):
    entry = act(asked_about("ham"), Action.MARK_SPAM, mona)

    def undone_meanwhile(*_args, **_options):
        undo(entry, actor=mona)
        monkeypatch.undo()
        return real(*_args, **_options)

    real = feedback.report
    monkeypatch.setattr(feedback, "report", undone_meanwhile)
    stand_in.behave(MISBEHAVIOURS["500"])
    assert sent_later() == 0
    stand_in.behave(reply("Thanks for making the web a better place."))
    assert sent_later(timedelta(hours=5)) == 0
    assert stand_in.paths() == [SPAM]
    assert not Feedback.objects.filter(withdrawn_at=None).exists()


def test_a_report_that_was_taken_is_not_taken_again(mona):
    act(asked_about("ham"), Action.MARK_SPAM, mona)
    first, second = Feedback.objects.get(), Feedback.objects.get()
    assert (feedback._take(first), feedback._take(second)) == (True, False)


# --- what is kept -----------------------------------------------------------------------------


def test_what_was_sent_is_kept_for_fifteen_days_and_no_longer(stand_in, mona):
    comment = asked_about("ham")
    act(comment, Action.MARK_SPAM, mona)
    with time_machine.travel(timezone.now() + KEPT_FOR - timedelta(minutes=1), tick=False):
        assert forget_old() == 0
    with time_machine.travel(timezone.now() + KEPT_FOR, tick=False):
        assert send_due_reports() == 0
        assert forget_old() == 1
    assert stand_in.asked == []
    assert not SentFields.objects.exists()


def test_it_goes_with_the_words_that_their_author_deletes(stand_in, mona, bob):
    comment = asked_about("ham", Status.APPROVED, author=bob)
    delete(comment, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert not SentFields.objects.exists()


def test_asked_again_about_the_same_words_only_what_akismet_says_is_new(bob):
    comment = asked_about("ham")
    again = {"comment_content": comment.body, "recheck_reason": "recheck"}
    told = Told(SERVICE, again, "spam", "guid-2")
    keep_sent(comment, [Finding("akismet", Verdict.SPAM, "", told=told)])
    kept = SentFields.objects.get()
    assert (kept.verdict, kept.answer_id) == ("spam", "guid-2")
    assert kept.fields["user_ip"] == comment.ip_address


def test_what_was_told_of_earlier_words_is_no_judgement_of_the_new_ones(stand_in, mona, bob):
    comment = asked_about("ham", author=bob)
    act(comment, Action.MARK_SPAM, mona)
    sent_later()
    act(comment, Action.HOLD, mona)
    with time_machine.travel(timezone.now() + 2 * LATER, tick=False):
        keep(comment, Told(SERVICE, {"comment_content": "other words"}, "ham"))
        act(comment, Action.MARK_SPAM, mona)
        assert Feedback.objects.filter(sent_at=None, withdrawn_at=None, label="spam").exists()
    sent_later(4 * LATER)
    assert stand_in.paths() == [SPAM, SPAM]


@pytest.mark.django_db(transaction=True)
def test_from_the_form_to_the_report(stand_in, mona, bob, settings):
    settings.COMMENTS_CHECKS = [CHECK]
    submission = make_submission(make_thread(), "First words.", author=bob, author_name="Bob")
    comment = submit(submission)
    assert comment.status == Status.APPROVED
    kept = SentFields.objects.get(comment=comment)
    assert (kept.verdict, kept.answer_id) == ("ham", "guid-1")
    assert kept.fields["comment_content"] == "First words."
    assert KEY not in str(kept.fields)
    seen = Seen.of(comment)
    comment = edit(comment, "Other words.", actor=bob, actor_name="Bob", seen=seen)
    act(comment, Action.MARK_SPAM, mona)
    sent_later()
    assert stand_in.paths() == ["/1.1/comment-check"] * 2 + [SPAM]
    asked = stand_in.asked[-1]
    assert asked["comment_content"] == "Other words."
    assert not {"recheck_reason", "callback"} & set(asked.fields)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("then", "status"), [("true", Status.SPAM), ("false", Status.APPROVED)], ids=str
)
def test_what_akismet_is_still_looking_at_waits_until_it_calls(
    stand_in, bob, settings, client, then, status
):
    settings.COMMENTS_CHECKS = [CHECK]
    later = {"X_akismet_recheck_after": "600", "X_akismet_guid": "guid-9"}
    stand_in.behave(reply("false", **later))
    comment = submit(make_submission(make_thread(), author=bob))
    assert comment.status == Status.PENDING
    assert recheck_due() == 0
    path = stand_in.asked[0]["callback"].removeprefix("https://blog.example.org")
    stand_in.behave(reply(then))
    client.post(path, {"comments": [{"guid": "guid-9"}]}, content_type="application/json")
    assert recheck_due() == 1
    comment.refresh_from_db()
    assert comment.status == status
    assert stand_in.asked[-1]["recheck_reason"] == "recheck"
    assert SentFields.objects.get().verdict == ("spam" if status == Status.SPAM else "ham")
    assert not Feedback.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_is_still_looking_when_asked_again_calls_by_the_name_given_last(
    stand_in, bob, settings, client
):
    settings.COMMENTS_CHECKS = [CHECK]
    stand_in.behave(reply("false", X_akismet_recheck_after="600", X_akismet_guid="first"))
    submit(make_submission(make_thread(), author=bob))
    path = stand_in.asked[0]["callback"].removeprefix("https://blog.example.org")
    stand_in.behave(reply("false", X_akismet_recheck_after="600", X_akismet_guid="second"))
    for guid in ("first", "second"):
        client.post(path, {"comments": [{"guid": guid}]}, content_type="application/json")
        assert recheck_due() == 1
    assert stand_in.paths() == ["/1.1/comment-check"] * 3
