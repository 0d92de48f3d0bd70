"""What a comment came with has a clock: shortened and cleared, in order, once, and nothing else."""

from datetime import timedelta
from threading import Event, Thread

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import retention
from comments.desk.filters import Filters
from comments.desk.queues import Order, Queue, read_page
from comments.held import OF_LISTS, count_change
from comments.models import (
    Comment,
    DiscussionRules,
    ListEntry,
    ListKind,
    ModerationLogEntry,
    RetentionProgress,
)
from comments.moderation import submit
from comments.retention import clear_due_facts
from comments.searching import catch_up
from comments.status import Status
from comments.transfer.intake import Intake
from comments.transfer.report import Report
from tests.comments.factories import fill, make_comment, make_submission, make_thread
from tests.comments.test_queue_plans import plans_of
from tests.comments.transfer.arriving import arrival, make_run, take_in

pytestmark = pytest.mark.django_db

V6 = "2001:db8:1:2:3:4:5:6"
CAME_WITH = {
    "ip_address": "192.0.2.7",
    "user_agent": "A browser",
    "referrer": "https://example.org/from",
    "honeypot": "https://example.com/",
}
CLEARED = {"ip_address": "192.0.2.0", "user_agent": "", "referrer": "", "honeypot": ""}


def days_ago(days):
    return timezone.now() - timedelta(days=days)


def written(days, thread=None, status=Status.APPROVED, **facts):
    """Return a comment that was written so many days ago."""
    thread = thread or make_thread()
    return make_comment(thread, at=days_ago(days), status=status, **{**CAME_WITH, **facts})


def facts_of(comment):
    return Comment.objects.values(*CAME_WITH).get(pk=comment.pk)


def keep(days):
    DiscussionRules.objects.update_or_create(pk=1, defaults={"keep_facts_days": days})


# --- what is cleared ----------------------------------------------------------------------------


def test_after_thirty_days_the_facts_are_gone_and_the_day_before_they_are_not():
    old, young = written(30), written(29)
    assert clear_due_facts() == 1
    assert facts_of(old) == CLEARED
    assert facts_of(young) == CAME_WITH


@pytest.mark.parametrize("status", [each for each in Status if each != Status.DELETED])
def test_it_is_the_same_in_every_status(status):
    old = written(31, status=status)
    clear_due_facts()
    assert facts_of(old) == CLEARED


def test_nothing_else_of_a_comment_changes():
    old = written(31)
    before = Comment.objects.values().get(pk=old.pk)
    clear_due_facts()
    after = Comment.objects.values().get(pk=old.pk)
    assert {name for name in before if before[name] != after[name]} == set(CAME_WITH)


def test_of_an_address_of_ipv6_the_first_forty_eight_bits_are_kept():
    old = written(31, ip_address=V6)
    assert "n:2001:db8:1:2::/64" in old.facets.split()
    clear_due_facts()
    old.refresh_from_db()
    assert old.ip_address == "2001:db8:1::"
    assert [token for token in old.facets.split() if token[0] == "n"] == ["n:2001:db8:1::/48"]


def test_no_search_for_the_narrow_network_finds_it_any_more():
    old = written(31, ip_address=V6, status=Status.PENDING)
    catch_up(None)

    def found(network):
        page = read_page(Queue.PENDING, Order.OLDEST, Filters(network=network), size=5)
        return [each.pk for each in page.comments]

    assert found("2001:db8:1:2::/64") == [old.pk]
    clear_due_facts()
    assert found("2001:db8:1:2::/64") == []
    assert found("2001:db8:1::/48") == [old.pk]


def test_one_that_came_with_nothing_stays_as_it_is():
    old = written(31, ip_address=None, user_agent="", referrer="", honeypot="")
    Comment.objects.update(facets="")
    clear_due_facts()
    old.refresh_from_db()
    assert (old.ip_address, old.facets) == (None, "")


# --- in which order, and how often --------------------------------------------------------------


def test_what_was_gone_through_is_not_read_again():
    for days in (40, 35, 33):
        written(days)
    assert clear_due_facts() == 3
    with CaptureQueriesContext(connection) as queries:
        assert clear_due_facts() == 0
    assert len(queries) == 3


def test_a_few_at_a_time_the_oldest_first_whatever_their_keys():
    young, oldest, old = written(31), written(50), written(40)
    assert clear_due_facts(at_once=2) == 2
    assert facts_of(oldest) == facts_of(old) == CLEARED
    assert facts_of(young) == CAME_WITH
    assert clear_due_facts(at_once=2) == 1
    assert facts_of(young) == CLEARED


def test_many_of_one_instant_are_all_gone_through(monkeypatch):
    monkeypatch.setattr(retention, "A_TURN", 2)
    thread, at = make_thread(), days_ago(31)
    for _each in range(5):
        make_comment(thread, at=at, **CAME_WITH)
    assert [clear_due_facts(at_once=2) for _run in range(4)] == [2, 2, 1, 0]
    assert not Comment.objects.exclude(user_agent="").exists()


def test_a_shortened_clock_holds_at_the_next_run():
    old, young = written(31), written(8)
    clear_due_facts()
    keep(7)
    assert clear_due_facts() == 1
    assert facts_of(old) == facts_of(young) == CLEARED


def test_under_a_lengthened_clock_what_comes_behind_is_not_missed():
    written(8)
    keep(7)
    clear_due_facts()
    keep(30)
    # As an import stores it: not due by the rule of the day.
    imported = written(20)
    assert clear_due_facts() == 0
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        clear_due_facts()
    assert facts_of(imported) == CLEARED


def test_the_command_goes_on_to_the_end(monkeypatch, capsys):
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for days in range(31, 36):
        written(days)
    call_command("clear_facts")
    assert "5 comments" in capsys.readouterr().out
    assert not Comment.objects.exclude(user_agent="").exists()


# --- beside others ------------------------------------------------------------------------------


def test_where_it_was_cut_off_it_goes_on(monkeypatch):
    monkeypatch.setattr(retention, "A_TURN", 2)
    for days in (50, 45, 40, 35):
        written(days)
    stored = retention.FACTS.store
    calls = []

    def break_down(comment):
        calls.append(comment.pk)
        if len(calls) == 4:
            raise ConnectionError
        stored(comment)

    monkeypatch.setattr(retention.FACTS, "store", break_down)
    with pytest.raises(ConnectionError):
        clear_due_facts()
    assert Comment.objects.filter(user_agent="").count() == 2
    monkeypatch.undo()
    assert clear_due_facts() == 2
    assert not Comment.objects.exclude(user_agent="").exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_clear_all_and_disturb_nobody(monkeypatch):
    monkeypatch.setattr(retention, "A_TURN", 3)
    thread = make_thread()
    for days in range(31, 51):
        written(days, thread)
    troubles = []

    def run():
        try:
            while clear_due_facts(at_once=6):
                pass
        except Exception as trouble:
            troubles.append(trouble)
        finally:
            connection.close()

    both = [Thread(target=run) for _each in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    clear_due_facts()
    assert troubles == []
    assert not Comment.objects.exclude(user_agent="").exists()


@pytest.mark.django_db(transaction=True)
def test_one_that_somebody_is_writing_is_left_for_the_next_time():
    first, held, last = written(40), written(35), written(31)
    if connection.vendor != "postgresql":
        assert clear_due_facts() == 3, "on SQLite nobody writes beside another one"
        return
    is_locked, may_end = Event(), Event()

    def hold():
        with transaction.atomic():
            Comment.objects.select_for_update().get(pk=held.pk)
            is_locked.set()
            may_end.wait(10)
        connection.close()

    editor = Thread(target=hold)
    editor.start()
    is_locked.wait(10)
    assert clear_due_facts() == 1
    assert (facts_of(first), facts_of(held), facts_of(last)) == (CLEARED, CAME_WITH, CAME_WITH)
    may_end.set()
    editor.join()
    assert clear_due_facts() == 2
    assert facts_of(held) == facts_of(last) == CLEARED


def test_it_goes_along_the_index_of_the_queues(a_crowd):
    progress = RetentionProgress(pk=1, last_comment=5, written_at=days_ago(40))
    progress.save()
    plans = plans_of(clear_due_facts)
    asked = next(plan for plan in plans if "comment_queue" in plan)
    assert "SCAN comments_comment" not in asked
    assert "Seq Scan" not in asked
    assert asked.count("comment_queue") == len(Status)
    # Only the handful that was found is put in order.
    if connection.vendor == "postgresql":
        assert "Index Cond: ((status" in asked
        assert "created_at >= " in asked


@pytest.fixture
def a_crowd():
    fill(make_thread(), 400)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("ANALYZE")


# --- the log keeps none of it -------------------------------------------------------------------


@pytest.mark.parametrize("listed", ["192.0.2.7", "192.0.2.0/28", "2001:db8:1:2::/64"])
def test_no_finding_in_the_log_tells_more_of_an_address_than_is_kept(listed, comment_from):
    comment = comment_from(listed)
    findings = ModerationLogEntry.objects.get(comment=comment).findings
    (finding,) = [each for each in findings if each["check"] == "listed_networks"]
    kept = "2001:db8:1::/48" if ":" in listed else "192.0.2.0/24"
    assert finding["value"] == kept
    assert listed not in finding["message"]


@pytest.fixture
def comment_from(settings):
    settings.COMMENTS_CHECKS = ["comments.spam.lists.listed_networks"]

    def make(network):
        ListEntry.objects.create(kind=ListKind.NETWORK, pattern=network)
        count_change(OF_LISTS)
        ip = V6 if ":" in network else "192.0.2.7"
        return submit(make_submission(make_thread(), ip_address=ip))

    return make


# --- what comes from elsewhere ------------------------------------------------------------------


def imported(days, **fields):
    """Take in a comment that was written elsewhere so many days ago."""
    thread, run = fields.pop("thread", None) or make_thread(), fields.pop("run", None)
    take_in([arrival(thread, 1, created_at=days_ago(days), **{**CAME_WITH, **fields})], run=run)
    return Comment.objects.get(thread=thread)


def test_what_is_older_than_the_clock_comes_without_its_facts():
    assert facts_of(imported(31)) == CLEARED


def test_what_is_younger_comes_with_them_and_has_its_own_time():
    # Behind what was gone through already by its key, and before it by its time.
    written(10)
    comment = imported(29)
    clear_due_facts()
    assert facts_of(comment) == CAME_WITH
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        clear_due_facts()
    assert facts_of(comment) == CLEARED


@pytest.mark.parametrize(("hours", "kept"), [(0.5, CLEARED), (1.5, CAME_WITH)])
def test_what_is_due_within_the_hour_comes_without_them_too(hours, kept):
    # The clock may pass it by while the batch is stored.
    assert facts_of(imported(30 - hours / 24)) == kept


def test_an_import_goes_by_the_rule_of_its_day():
    keep(7)
    assert facts_of(imported(8)) == CLEARED


def test_what_says_it_is_of_tomorrow_has_no_age_and_keeps_nothing():
    assert facts_of(imported(-1)) == CLEARED


def test_the_same_file_again_brings_nothing_back():
    thread, run = make_thread(), make_run()
    comment = imported(29, thread=thread, run=run)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        clear_due_facts()
        told = Report()
        changed = {**CAME_WITH, "body": "Other words."}
        again = [arrival(thread, 1, created_at=comment.created_at, **changed)]
        Intake(run, told).admit(again)
    assert facts_of(comment) == CLEARED
    comment.refresh_from_db()
    assert comment.body == "Other words."
