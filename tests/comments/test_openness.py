"""When a discussion takes comments and how fast: the acts, the rules, and what follows."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import close_old_connections, connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from comments import openness
from comments.models import ClosesFrom, Comment, DiscussionRules, Thread
from comments.models.rules import ONLY
from comments.models.threads import interval_in_words
from comments.moderation import Seen, ThreadClosed, delete, edit, moderate, submit
from comments.openness import NotOnThePage
from comments.slow_mode import TooSoon
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def thread(clock):
    return make_thread(public_at=NOON - 5 * DAY)


@pytest.fixture
def eager(settings):
    settings.COMMENTS_CHECKS = []


def site_rules(days, counts_from=ClosesFrom.PUBLICATION):
    rules = DiscussionRules(pk=ONLY, close_after_days=days, close_counts_from=counts_from)
    rules.save()
    openness.follow_site_rules(rules)
    return rules


def told(thread):
    html = render_to_string("comments/_openness.html", {"thread": Thread.objects.get(pk=thread.pk)})
    return " ".join(html.split())


# --- open and closed --------------------------------------------------------------------------


def test_closing_says_since_when_and_why_and_takes_no_more(thread, mona):
    closed = openness.close(thread, actor=mona, note="Said is said.")
    assert (closed.is_open, closed.closed_at, closed.closing_note) == (False, NOON, "Said is said.")
    assert closed.version == thread.version + 1
    with pytest.raises(ThreadClosed):
        submit(make_submission(thread))
    assert "closed since 4 March 2026, 12:00" in told(thread)
    assert '<bdi class="note">Said is said.</bdi>' in told(thread)


def test_closing_again_changes_the_note_and_not_since_when(thread, mona, clock):
    openness.close(thread, actor=mona, note="First")
    clock.shift(DAY)
    closed = openness.close(thread, actor=mona, note="Second")
    assert (closed.closed_at, closed.closing_note) == (NOON, "Second")
    assert openness.close(thread, actor=mona, note="Second").version == closed.version


def test_a_discussion_closed_elsewhere_just_says_that_it_is(thread):
    Thread.objects.update(is_open=False)
    assert "This discussion is closed. It can" in told(thread)


def test_reopening_forgets_the_closing(thread, mona):
    openness.close(thread, actor=mona, note="Enough")
    opened = openness.reopen(thread, actor=mona)
    assert (opened.is_open, opened.closed_at, opened.closing_note) == (True, None, "")
    assert opened.accepts_comments()
    assert told(thread) == ""


def test_reopening_after_its_days_are_over_keeps_it_open(thread, mona):
    openness.close_by_itself(thread, actor=mona, days=3, counts_from=ClosesFrom.PUBLICATION)
    thread.refresh_from_db()
    assert thread.has_run_out()
    opened = openness.reopen(thread, actor=mona)
    assert opened.accepts_comments()
    assert (opened.close_after_days, opened.closes_at) == (0, None)


def test_reopening_before_its_days_are_over_keeps_the_rule(thread, mona):
    openness.close_by_itself(thread, actor=mona, days=30, counts_from=ClosesFrom.PUBLICATION)
    openness.close(thread, actor=mona)
    assert openness.reopen(thread, actor=mona).close_after_days == 30


def test_a_discussion_closes_by_itself_when_the_days_after_publication_are_over(
    thread, mona, clock
):
    openness.close_by_itself(thread, actor=mona, days=7, counts_from=ClosesFrom.PUBLICATION)
    assert Thread.objects.get().closes_at == NOON + 2 * DAY
    make_comment(thread)
    clock.shift(2 * DAY)
    with pytest.raises(ThreadClosed):
        submit(make_submission(thread))
    assert "closed since 6 March 2026, 12:00, because the days" in told(thread)


def test_readers_are_told_two_weeks_ahead(thread, mona, clock):
    openness.close_by_itself(thread, actor=mona, days=25, counts_from=ClosesFrom.PUBLICATION)
    assert not Thread.objects.get().closes_soon()
    assert told(thread) == ""
    clock.shift(6 * DAY + timedelta(seconds=1))
    assert Thread.objects.get().closes_soon()
    assert "closes on 24 March 2026, 12:00" in told(thread)


def test_each_public_comment_moves_the_day_that_counts_from_the_last(thread, mona, clock):
    openness.close_by_itself(thread, actor=mona, days=7, counts_from=ClosesFrom.COMMENT)
    assert Thread.objects.get().closes_at == NOON + 2 * DAY
    make_comment(thread)
    assert Thread.objects.get().closes_at == NOON + 7 * DAY
    clock.shift(DAY)
    held = make_comment(thread, status=Status.PENDING)
    assert Thread.objects.get().closes_at == NOON + 7 * DAY
    moderate(held, Action.APPROVE, actor=mona, seen=Seen.of(held))
    assert Thread.objects.get().closes_at == NOON + 8 * DAY


def test_an_old_comment_that_is_let_in_late_does_not_move_it_back(thread, mona):
    openness.close_by_itself(thread, actor=mona, days=7, counts_from=ClosesFrom.COMMENT)
    make_comment(thread)
    old = make_comment(thread, at=NOON - DAY, status=Status.PENDING)
    moderate(old, Action.APPROVE, actor=mona, seen=Seen.of(old))
    assert Thread.objects.get().closes_at == NOON + 7 * DAY


def test_a_page_that_nobody_reads_yet_does_not_run_out(mona, clock):
    thread = make_thread(public_at=None)
    openness.close_by_itself(thread, actor=mona, days=1, counts_from=ClosesFrom.COMMENT)
    assert Thread.objects.get().closes_at is None


# --- the site's rules -------------------------------------------------------------------------


def test_the_sites_rule_holds_for_every_thread_without_its_own(thread, mona):
    own, never = make_thread(public_at=NOON), make_thread(public_at=NOON)
    openness.close_by_itself(own, actor=mona, days=2, counts_from=ClosesFrom.PUBLICATION)
    openness.close_by_itself(never, actor=mona, days=0)
    site_rules(10)
    closes = dict(Thread.objects.values_list("pk", "closes_at"))
    assert closes == {thread.pk: NOON + 5 * DAY, own.pk: NOON + 2 * DAY, never.pk: None}
    site_rules(0)
    assert Thread.objects.get(pk=thread.pk).closes_at is None
    assert Thread.objects.get(pk=own.pk).closes_at == NOON + 2 * DAY


@pytest.mark.parametrize("counts_from", ClosesFrom)
def test_the_database_counts_as_python_does(clock, counts_from):
    instants = [None, NOON, NOON - 9 * DAY, NOON + timedelta(days=1, microseconds=7)]
    instants += [datetime(9998, 12, 30, tzinfo=UTC), datetime(1950, 1, 2, 3, 4, 5, 6, tzinfo=UTC)]
    for public_at in instants:
        for last in instants:
            make_thread(public_at=public_at, last_comment_at=last)
    rules = site_rules(14, counts_from)
    threads = list(Thread.objects.all())
    assert [each.closes_at for each in threads] == [rules.closing_of(each) for each in threads]
    assert sum(each.closes_at is not None for each in threads) > 15


def test_a_change_of_the_sites_rules_is_one_query(thread, django_assert_num_queries):
    make_thread()
    rules = DiscussionRules(pk=ONLY, close_after_days=3)
    with django_assert_num_queries(1):
        openness.follow_site_rules(rules)
    assert set(Thread.objects.values_list("version", flat=True)) == {2}


def test_under_the_sites_rule_a_comment_moves_the_day(thread):
    site_rules(7, ClosesFrom.COMMENT)
    make_comment(thread)
    assert Thread.objects.get().closes_at == NOON + 7 * DAY


def test_going_back_to_the_sites_rule_counts_by_it(thread, mona):
    site_rules(30)
    openness.close_by_itself(thread, actor=mona, days=0)
    assert Thread.objects.get().closes_at is None
    openness.close_by_itself(thread, actor=mona, days=None)
    assert Thread.objects.get().closes_at == NOON + 25 * DAY


def test_where_nothing_closes_by_itself_a_comment_asks_for_no_rules(
    thread, django_assert_max_num_queries
):
    # The first lets the process know by which rules comments are judged.
    make_comment(thread)
    with django_assert_max_num_queries(20) as asked:
        make_comment(thread)
    assert not [row for row in asked.captured_queries if "discussionrules" in row["sql"]]


# --- every comment waits ----------------------------------------------------------------------


def calmed(thread, actor, **facts):
    wanted = {"is_premoderated": False, "slow_seconds": 0, "note": ""}
    return openness.cool(thread, actor=actor, **(wanted | facts))


def test_where_every_comment_waits_a_known_reader_waits_too(thread, mona, bob):
    make_comment(thread, author=bob)
    cooled = calmed(thread, mona, is_premoderated=True, note="Tempers <b>")
    assert (cooled.cooled_at, cooled.version) == (NOON, thread.version + 2)
    comment = submit(make_submission(cooled, author=bob))
    assert comment.status == Status.PENDING
    assert [row["check"] for row in comment.log.get().findings] == ["premoderated_thread"]
    page = told(thread)
    assert "waits for an editor. This has been so since 4 March 2026, 12:00." in page
    assert '<bdi class="note">Tempers &lt;b&gt;</bdi>' in page


def test_its_author_and_the_editors_do_not_wait(thread, mona, alice):
    Thread.objects.update(owner=alice)
    cooled = calmed(thread, mona, is_premoderated=True)
    for person in (alice, mona):
        assert submit(make_submission(cooled, author=person)).status == Status.APPROVED


def test_an_edit_waits_too_and_readers_keep_the_approved_words(thread, mona, bob):
    comment = make_comment(thread, author=bob)
    calmed(thread, mona, is_premoderated=True)
    comment = Comment.objects.select_related("thread").get()
    changed = edit(comment, "Other.", actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert (changed.status, changed.approved_revision) == (Status.PENDING, 1)


def test_cooling_keeps_since_when_while_it_stays_the_same(thread, mona, clock):
    calmed(thread, mona, is_premoderated=True)
    clock.shift(DAY)
    again = calmed(thread, mona, is_premoderated=True, note="Why")
    assert (again.cooled_at, again.cooling_note) == (NOON, "Why")
    more = calmed(thread, mona, is_premoderated=True, slow_seconds=60)
    assert more.cooled_at == NOON + DAY


def test_cooling_by_nothing_lifts_it(thread, mona):
    calmed(thread, mona, slow_seconds=600, note="Slowly")
    lifted = calmed(thread, mona, note="Slowly")
    assert not lifted.is_cooled
    assert (lifted.cooled_at, lifted.cooling_note) == (None, "")
    assert told(thread) == ""


# --- slow mode --------------------------------------------------------------------------------


@pytest.fixture
def slow(thread, mona, eager):
    return calmed(thread, mona, slow_seconds=600)


def test_the_second_comment_waits_for_its_turn(slow, bob, clock):
    submit(make_submission(slow, author=bob))
    clock.shift(timedelta(minutes=4))
    with pytest.raises(TooSoon) as soon:
        submit(make_submission(slow, author=bob))
    assert soon.value.next_at == NOON + timedelta(minutes=10)
    assert soon.value.seconds == 360
    assert "every 10 minutes; you can post again at 12:10." in soon.value.in_words
    assert "Slow mode: everybody may post one comment every 10 minutes." in told(slow)
    clock.shift(timedelta(minutes=6))
    submit(make_submission(slow, author=bob))


def test_a_turn_is_never_told_too_early_and_another_day_is_named(slow, clock):
    soon = TooSoon(slow, NOON + timedelta(minutes=3, seconds=1))
    assert "at 12:04." in soon.in_words
    assert "at 5 March, 12:00." in TooSoon(slow, NOON + DAY).in_words


def test_a_guest_is_known_by_the_network_address(slow):
    submit(make_submission(slow, ip_address="192.0.2.1"))
    with pytest.raises(TooSoon):
        submit(make_submission(slow, author_name="Another", ip_address="192.0.2.1"))
    submit(make_submission(slow, ip_address="192.0.2.2"))
    for _who in range(2):
        submit(make_submission(slow, ip_address=None))


def test_readers_with_accounts_share_an_address_and_no_turn(slow, bob, eve):
    submit(make_submission(slow, author=bob))
    submit(make_submission(slow, author=eve))
    assert Comment.objects.count() == 2


def test_another_discussion_is_another_turn(slow, bob, mona):
    submit(make_submission(calmed(make_thread(), mona, slow_seconds=600), author=bob))
    submit(make_submission(slow, author=bob))


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_what_nobody_sees_counts_all_the_same(slow, bob, status):
    make_comment(slow, author=bob, status=status)
    with pytest.raises(TooSoon):
        submit(make_submission(slow, author=bob))


def test_what_its_author_deleted_counts_since_it_can_be_taken_back(slow, bob):
    comment = submit(make_submission(slow, author=bob))
    delete(comment, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    with pytest.raises(TooSoon):
        submit(make_submission(slow, author=bob))


def test_the_author_of_the_page_and_the_editors_need_not_wait(slow, alice, mona):
    Thread.objects.update(owner=alice)
    thread = Thread.objects.get()
    for person in (alice, alice, mona, mona):
        submit(make_submission(thread, author=person))
    assert Comment.objects.count() == 4


def test_the_same_form_again_still_leads_to_its_comment(slow, bob):
    first = submit(make_submission(slow, author=bob, submission_key="one"))
    assert submit(make_submission(slow, author=bob, submission_key="one")) == first


def test_a_twin_that_was_quicker_is_found_instead_of_refused(slow, bob, monkeypatch):
    first = submit(make_submission(slow, author=bob, submission_key="one"))
    # As if it had come in between the look at what is there and the lock.
    monkeypatch.setattr("comments.moderation.admitting.gather", lambda offered: offered)
    assert submit(make_submission(slow, author=bob, submission_key="one")) == first


def test_slow_mode_costs_one_query_and_only_where_it_is(slow, eve, bob):
    def queries_to_submit(thread, person):
        person.get_all_permissions()
        with CaptureQueriesContext(connection) as asked:
            submit(make_submission(thread, author=person))
        return len(asked)

    # What a process holds of lists and measures is read once.
    queries_to_submit(make_thread(), bob)
    assert queries_to_submit(slow, eve) == queries_to_submit(make_thread(), bob) + 1


@pytest.mark.django_db(transaction=True)
def test_of_two_comments_sent_at_once_one_waits(bob, settings):
    settings.COMMENTS_CHECKS = []
    thread = make_thread(slow_seconds=600)
    start, outcomes = threading.Barrier(4), []

    def send(number):
        try:
            offered = make_submission(thread, f"Number {number}", author=bob)
            start.wait()
            submit(offered)
            outcomes.append("in")
        except TooSoon:
            outcomes.append("too soon")
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(outcomes) == ["in", "too soon", "too soon", "too soon"]
    assert Comment.objects.count() == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (60, "minute"), (600, "10 minutes"), (3_600, "hour"), (7_200, "2 hours"),
        (86_400, "day"), (259_200, "3 days"), (45, "45 seconds"), (1, "second"),
    ],
)  # fmt: skip
def test_an_interval_is_said_in_its_largest_unit(seconds, words):
    assert interval_in_words(seconds) == words


# --- pinned -----------------------------------------------------------------------------------


def test_one_comment_is_pinned_at_a_time(thread, mona):
    first, second = make_comment(thread), make_comment(thread)
    reply = make_comment(thread, first)
    for comment in (first, second, reply):
        assert openness.pin(comment, actor=mona).pinned_number == comment.number
    version = Thread.objects.get().version
    assert openness.unpin(first, actor=mona).pinned_number == reply.number
    assert Thread.objects.get().version == version
    assert openness.unpin(reply, actor=mona).pinned_number is None
    assert Thread.objects.get().version == version + 1


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
def test_what_readers_do_not_see_cannot_be_pinned(thread, mona, status):
    with pytest.raises(NotOnThePage):
        openness.pin(make_comment(thread, status=status), actor=mona)
    assert Thread.objects.get().pinned_number is None


def test_what_is_so_already_changes_nothing(thread, mona):
    comment = make_comment(thread)
    version = openness.pin(comment, actor=mona).version
    assert openness.pin(comment, actor=mona).version == version
    assert openness.lift(thread, actor=mona).version == version
    assert openness.reopen(thread, actor=mona).version == version


def test_a_discussion_that_runs_as_any_other_says_nothing():
    assert told(make_thread()) == ""
