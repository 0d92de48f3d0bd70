"""Running the checks: deadlines, what fails and what it owes, health, the circuit breaker."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from comments.egress import sending
from comments.models import CheckHealth, EgressEntry, Outcome
from comments.moderation import submit
from comments.policy import decide
from comments.spam import (
    CheckFailed,
    Finding,
    Verdict,
    breaker,
    health,
    load_checks,
    remote,
    threads,
)
from comments.spam.running import judge
from comments.status import Status
from comments.submission import gather
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db(transaction=True)

released = threading.Event()
says = {"answer": "ham", "calls": 0}


@pytest.fixture(autouse=True)
def _free():
    """Let what is stuck go, and wait until it went."""
    released.clear()
    says.update(answer="ham", calls=0)
    yield
    released.set()
    until = time.monotonic() + 5
    while threads._counts.running and time.monotonic() < until:
        time.sleep(0.01)


@pytest.fixture
def offered():
    return gather(make_submission(make_thread(), "An honest remark about bread and patience."))


# --- the checks of these tests --------------------------------------------------------------------


def loops(submission):
    released.wait(30)
    return Finding("loops", Verdict.SPAM, "Too late.")


def ends_the_thread(submission):
    raise SystemExit


def in_its_place(submission):
    where = f"{threading.current_thread().name} {translation.get_language()}"
    return Finding("in_its_place", Verdict.HAM, where, str(timezone.get_current_timezone()))


def local_spam(submission):
    return Finding("local_spam", Verdict.SPAM, "No.")


def advises(submission):
    return Finding("advises", Verdict.SPAM, "I should say no.", is_advice=True)


declared = {"service": "Far away", "host": "far.example.org", "why": "to know", "deadline": 0.2}


@remote(sends={"body": "the text"}, **declared)
def far_away(submission):
    says["calls"] += 1
    with sending(submission, far_away, ["body"]) as sent:
        if says["answer"] == "late":
            released.wait(30)
        if says["answer"] == "later":
            raise CheckFailed("Not yet.", timedelta(minutes=2))
        if says["answer"] == "broken":
            raise OSError("connection reset")
        sent.answer = says["answer"]
    return Finding("far_away", Verdict(says["answer"]), "So they say.")


@remote(sends={"body": "the text"}, **declared)
def another_one(submission):
    says["calls"] += 1
    return Finding("another_one", Verdict.HAM, "Fine.")


def path(check):
    return f"{__name__}.{check.__name__}"


# --- deadlines ------------------------------------------------------------------------------------


def test_a_check_that_never_ends_holds_the_comment_and_hangs_nobody(offered, settings):
    settings.COMMENTS_CHECK_SECONDS = 0.1
    started = time.monotonic()
    decision = decide(offered, [path(loops)])
    assert time.monotonic() - started < 2
    assert decision.status == Status.PENDING
    assert [(owed.path, owed.was_asked) for owed in decision.owed] == [(path(loops), True)]
    assert decision.findings_as_json()[0]["is_unchecked"] is True


def test_a_check_that_is_stuck_again_and_again_is_not_even_started(offered, settings):
    settings.COMMENTS_CHECK_SECONDS = 0.05
    for _time in range(threads.MOST_STUCK):
        decide(offered, [path(loops)])
    running = threading.active_count()
    settings.COMMENTS_CHECK_SECONDS = 30
    started = time.monotonic()
    decision = decide(offered, [path(loops), path(in_its_place)])
    assert time.monotonic() - started < 2
    assert "have not come back" in decision.findings[0].message
    assert threading.active_count() == running
    # Others are, and once it comes back it is, too.
    assert decision.findings[1].verdict == Verdict.HAM
    released.set()
    while threads._counts.stuck[path(loops)]:
        time.sleep(0.01)
    assert decide(offered, [path(loops)]).status == Status.SPAM


def test_what_would_end_its_thread_holds_the_comment_and_ends_nothing_else(offered):
    decision = decide(offered, [path(ends_the_thread)])
    assert (decision.status, len(decision.owed)) == (Status.PENDING, 1)


def test_a_sites_own_check_has_a_thread_and_the_language_of_the_one_who_writes(offered):
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        (finding,) = judge(offered, [path(in_its_place)]).findings
    assert not finding.message.startswith(threading.current_thread().name)
    assert (finding.message.endswith(" de"), finding.value) == (True, "Asia/Tokyo")


def test_what_parley_brings_along_runs_in_the_callers_thread(offered, monkeypatch):
    def refuse(*args):
        raise AssertionError("a thread was asked for")

    monkeypatch.setattr("comments.spam.running.call_within", refuse)
    assert [finding.check for finding in judge(offered).findings] == ["first_time_commenter"]


# --- what is asked, what is owed ------------------------------------------------------------------


def test_no_service_is_asked_about_what_is_spam_without_it(offered):
    judged = judge(offered, [path(far_away), path(local_spam)])
    assert ([finding.check for finding in judged.findings], says["calls"]) == (["local_spam"], 0)
    assert not judged.has_sent
    assert not EgressEntry.objects.exists()
    assert judge(offered, [path(far_away), path(advises)]).has_sent


def test_what_one_service_calls_spam_is_sent_to_no_other(offered):
    says["answer"] = "spam"
    judged = judge(offered, [path(far_away), path(another_one)])
    assert ([finding.check for finding in judged.findings], says["calls"]) == (["far_away"], 1)


@pytest.mark.parametrize("answer", ["broken", "late", "later"])
def test_what_fails_holds_the_comment_unless_others_call_it_spam(offered, answer):
    says["answer"] = answer
    held = decide(offered, [path(far_away)])
    assert (held.status, [owed.path for owed in held.owed]) == ("pending", [path(far_away)])
    fails_locally = f"{__name__}.no_check_at_all"
    spam = decide(offered, [fails_locally, path(local_spam)])
    assert (spam.status, spam.owed) == (Status.SPAM, [])


def no_check_at_all(submission):
    return "spam"


def translated(submission):
    return Finding("translated", Verdict.HAM, gettext_lazy("unsure"))


def test_words_to_be_translated_are_kept_as_they_read(settings):
    settings.COMMENTS_CHECKS = [path(translated)]
    (finding,) = submit(make_submission(make_thread())).log.get().findings
    assert finding["message"] == "unsure"


def test_who_says_when_to_ask_again_has_not_failed(offered):
    says["answer"] = "later"
    (owed,) = decide(offered, [path(far_away)]).owed
    assert (owed.why, owed.retry_after) == ("Not yet.", timedelta(minutes=2))
    health.flush()
    row = CheckHealth.objects.get(check_path=path(far_away))
    assert (row.calls, row.failures, row.failed_in_row) == (1, 0, 0)


def test_what_is_overdue_is_in_the_ledger_and_sends_nothing_more(offered):
    says["answer"] = "late"
    judge(offered, [path(far_away)])
    assert EgressEntry.objects.get().outcome == Outcome.BEGUN


def test_a_check_that_keeps_no_ledger_is_written_down_with_all_that_it_may_send(offered, caplog):
    judge(offered, [path(another_one)])
    entry = EgressEntry.objects.get()
    assert (entry.service, entry.fields, entry.outcome) == ("Far away", ["body"], "answered")
    assert "does not write down what it sends" in caplog.text


def nonsense(submission):
    return said["nonsense"]


said = {"nonsense": None}
NO_FINDINGS = [
    "spam",
    0,
    Finding("nonsense", "probably", "It says so."),
    Finding("nonsense", None, "It says so."),
    Finding("nonsense", Verdict.HAM, "It says so.", span=(5, 2)),
    Finding("nonsense", Verdict.HAM, "It says so.", span="x"),
    Finding("nonsense", Verdict.HAM, "It says so.", entries=(object(),)),
]


@pytest.mark.parametrize("finding", NO_FINDINGS)
def test_what_is_no_finding_after_all_holds_the_comment(finding, settings):
    said["nonsense"], settings.COMMENTS_CHECKS = finding, [path(nonsense)]
    comment = submit(make_submission(make_thread()))
    assert (comment.status, comment.unchecked.count()) == (Status.PENDING, 1)


def test_a_finding_is_kept_as_every_database_takes_it(settings):
    odd = "a\0b\ud800c" + "!" * 10_000
    values = {"value": float("nan"), "threshold": {odd}, "told": "x", "made_of": "y", "owed": "z"}
    said["nonsense"] = Finding(odd, "ham", odd, **values)
    settings.COMMENTS_CHECKS = [path(nonsense)]
    comment = submit(make_submission(make_thread()))
    (kept,) = comment.log.get().findings
    assert (comment.status, kept["verdict"], kept["value"]) == (Status.APPROVED, "ham", "nan")
    assert kept["check"].startswith("a b c!")
    assert len(kept["message"]) == 500


@pytest.mark.parametrize("after", [5, "soon", timedelta.max, timedelta.min])
def test_whatever_a_check_says_when_it_fails_the_comment_is_kept(settings, after, monkeypatch):
    def fails(submission):
        raise CheckFailed("a\0b\ud800" + "!" * 10_000, after)

    monkeypatch.setitem(globals(), "nonsense", fails)
    load_checks.cache_clear()
    settings.COMMENTS_CHECKS = [path_of_nonsense := f"{__name__}.nonsense"]
    comment = submit(make_submission(make_thread()))
    load_checks.cache_clear()
    owed = comment.unchecked.get()
    assert (comment.status, owed.check_path) == (Status.PENDING, path_of_nonsense)
    assert owed.due_at < timezone.now() + timedelta(days=3)
    assert owed.last_error.startswith("a b !")


def cannot_tell():
    raise RuntimeError("no such setting")


@remote(sends={"body": "the text"}, is_on=cannot_tell, **declared)
def unsettled(submission):
    raise AssertionError("it was asked")


def test_a_check_that_cannot_tell_whether_it_is_on_is_not_asked_and_holds_the_comment(offered):
    decision = decide(offered, [path(unsettled)])
    assert "RuntimeError" in decision.findings[0].message
    assert (decision.status, EgressEntry.objects.count()) == (Status.PENDING, 0)


# --- health ---------------------------------------------------------------------------------------


def test_how_a_check_runs_costs_a_comment_nothing(offered, django_assert_num_queries):
    with django_assert_num_queries(0):
        judge(offered, ["comments.spam.rules.honeypot", path(in_its_place)])
    assert not CheckHealth.objects.exists()
    health.flush()
    row = CheckHealth.objects.get(check_path=path(in_its_place))
    assert (row.calls, row.failures, row.last_error) == (1, 0, "")
    assert 0 < row.slowest == row.seconds
    assert (row.last_ok_at is None, row.last_failed_at) == (False, None)


def test_what_processes_count_is_added_up_and_the_slowest_call_is_kept():
    for seconds in (0.5, 2.0, 1.0):
        health.note_answer("a.check", seconds)
        health.flush()
    row = CheckHealth.objects.get()
    assert (row.calls, row.seconds, row.slowest) == (3, 3.5, 2.0)
    health.note_alert("a.check", "Your key ends soon.")
    health.flush()
    row.refresh_from_db()
    assert (row.calls, row.alert) == (3, "Your key ends soon.")


def test_a_failure_is_written_down_at_once(offered):
    says["answer"] = "broken"
    judge(offered, [path(far_away)])
    row = CheckHealth.objects.get(check_path=path(far_away))
    assert (row.calls, row.failures) == (1, 1)
    assert "OSError" in row.last_error


# --- the circuit breaker --------------------------------------------------------------------------


def test_a_service_that_fails_again_and_again_is_left_alone(offered):
    says["answer"] = "broken"
    for _time in range(breaker.OPENS_AFTER):
        judge(offered, [path(far_away)])
    assert says["calls"] == breaker.OPENS_AFTER
    (owed,) = decide(offered, [path(far_away)]).owed
    assert (owed.was_asked, says["calls"]) == (False, breaker.OPENS_AFTER)
    assert timedelta(seconds=50) < owed.retry_after <= timedelta(minutes=1)
    assert CheckHealth.objects.get(check_path=path(far_away)).calls == breaker.OPENS_AFTER


def test_an_answer_between_failures_begins_the_row_anew(offered):
    for answer in ["broken"] * 4 + ["ham"] + ["broken"] * 4:
        says["answer"] = answer
        judge(offered, [path(far_away)])
    assert CheckHealth.objects.get(check_path=path(far_away)).open_until is None


def opened(in_row=breaker.OPENS_AFTER):
    past = timezone.now() - timedelta(seconds=1)
    health.of_check(path(far_away), failed_in_row=in_row, open_until=past)
    breaker.known.forget()


def test_after_its_time_one_tries_and_the_others_wait_for_what_comes_of_it(offered):
    opened()
    leave = breaker.ask_leave(path(far_away))
    assert leave.is_trial
    with pytest.raises(breaker.Open):
        breaker.ask_leave(path(far_away))
    breaker.answered(leave)
    assert not breaker.ask_leave(path(far_away)).is_trial
    assert CheckHealth.objects.get(check_path=path(far_away)).failed_in_row == 0


def test_of_two_that_would_try_at_once_one_does(offered):
    opened()
    assert breaker.known.of(path(far_away)).open_until
    # Another process, which has seen the same.
    other = breaker._Known()
    other.of(path(far_away))
    assert breaker.ask_leave(path(far_away)).is_trial
    breaker.known.states, breaker.known.read_at = other.states, other.read_at
    with pytest.raises(breaker.Open):
        breaker.ask_leave(path(far_away))


def test_a_trial_that_fails_doubles_the_time_up_to_half_an_hour(offered):
    says["answer"] = "broken"
    minutes = []
    for in_row in range(breaker.OPENS_AFTER, breaker.OPENS_AFTER + 7):
        opened(in_row)
        judge(offered, [path(far_away)])
        until = CheckHealth.objects.get(check_path=path(far_away)).open_until
        minutes.append(round((until - timezone.now()).total_seconds() / 60))
    assert minutes == [2, 4, 8, 16, 30, 30, 30]


def test_what_was_asked_before_and_fails_while_it_is_left_alone_counts_no_more(offered):
    leaves = [breaker.ask_leave(path(far_away)) for _time in range(9)]
    for leave in leaves:
        breaker.failed(leave)
    row = CheckHealth.objects.get(check_path=path(far_away))
    assert row.failed_in_row == breaker.OPENS_AFTER
    assert row.open_until < timezone.now() + timedelta(seconds=61)


def test_other_processes_know_within_seconds(offered, monkeypatch):
    breaker.ask_leave(path(far_away))
    until = datetime(2300, 1, 1, tzinfo=UTC)
    health.of_check(path(far_away), open_until=until)
    breaker.ask_leave(path(far_away))
    clock = time.monotonic() + breaker.LOOKS_EVERY_SECONDS
    monkeypatch.setattr(breaker.time, "monotonic", lambda: clock)
    with pytest.raises(breaker.Open):
        breaker.ask_leave(path(far_away))


def test_a_database_that_cannot_count_keeps_nobody_from_commenting(offered, monkeypatch):
    def full(*args, **kwargs):
        raise OperationalError("disk full")

    monkeypatch.setattr(health, "of_check", full)
    says["answer"] = "broken"
    assert decide(offered, [path(no_check_at_all)]).status == Status.PENDING
