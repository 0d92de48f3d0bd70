"""What editors' acts make of reports: settled by an act, open again when that is undone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.utils import timezone

from comments import reports
from comments.models import Comment, ModerationLogEntry, Report
from comments.moderation import Seen, moderate
from comments.status import Action
from tests.comments.factories import make_comment, make_thread
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def comment(thread):
    return make_comment(thread)


def counted(comment):
    comment.refresh_from_db()
    return comment.open_reports, comment.reported_at


def made(comment, key="a reader", **fields):
    defaults = {"reporter": None, "reason": "abuse", "note": ""}
    return reports.report(comment, key=key, **{**defaults, **fields})


def entry_on(comment):
    """Write a row of the log without an act: whatever the act settles is not done yet."""
    return ModerationLogEntry.objects.create(
        comment=comment,
        action=Action.NOTE,
        old_status=comment.status,
        new_status=comment.status,
        revision=comment.revision,
        created_at=timezone.now(),
    )


# --- for the editors ------------------------------------------------------------------------


def test_open_reports_of_a_page_of_comments_cost_one_query(thread, bob, django_assert_num_queries):
    talk = [make_comment(thread) for _number in range(5)]
    for each in talk[:3]:
        made(each, key="a")
        made(each, key="b", reporter=bob, note="A note")
    settled = made(talk[3])
    reports.settle_many([entry_on(talk[3])])
    with django_assert_num_queries(1):
        found = reports.of(talk)
        assert [str(each.reporter) for each in found[talk[0].pk]] == ["None", str(bob)]
    assert {key: len(rows) for key, rows in found.items()} == {each.pk: 2 for each in talk[:3]}
    assert settled.pk not in {row.pk for rows in found.values() for row in rows}


def test_an_act_settles_all_that_is_open_about_its_comment(comment):
    other = make_comment(comment.thread)
    earlier = made(comment, key="earlier")
    first = entry_on(comment)
    reports.settle_many([first])
    for key in "ab":
        made(comment, key=key)
    made(other)
    comment.refresh_from_db()
    entry = entry_on(comment)
    reports.settle(comment, entry)
    assert counted(comment) == (0, None)
    assert set(entry.settled.values_list("reporter_key", flat=True)) == {"a", "b"}
    earlier.refresh_from_db()
    assert earlier.settled_by == first, "what was settled before stays so"
    assert counted(other)[0] == 1


def test_a_comment_that_nobody_reported_costs_an_act_no_query(comment, django_assert_num_queries):
    with django_assert_num_queries(0):
        reports.settle(comment, entry=None)


def test_undoing_the_act_opens_again_what_it_had_settled(comment):
    with time_machine.travel(NOON, tick=False):
        made(comment, key="earlier")
    reports.settle_many([entry_on(comment)])
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        for key in "ab":
            made(comment, key=key)
    comment.refresh_from_db()
    entry = entry_on(comment)
    reports.settle(comment, entry)
    reports.reopen(comment, entry)
    assert counted(comment) == (2, NOON + timedelta(days=1))
    assert {each.reporter_key for each in Report.objects.open()} == {"a", "b"}


def test_who_reported_again_since_keeps_the_newer_one_open(comment):
    older, other = made(comment, key="a", note="older"), made(comment, key="b")
    entry = entry_on(comment)
    reports.settle_many([entry])
    newer = made(comment, key="a", note="newer")
    reports.reopen(comment, entry)
    assert set(Report.objects.open()) == {newer, other}
    older.refresh_from_db()
    assert older.settled_by == entry
    assert counted(comment)[0] == 2


def test_two_acts_undone_together_open_one_report_of_the_same_reader(comment):
    entries = []
    for _act in range(2):
        newest = made(comment, key="a")
        entries.append(entry_on(comment))
        reports.settle_many(entries[-1:])
    reports.reopen_many(entries)
    assert list(Report.objects.open()) == [newest]
    assert counted(comment)[0] == 1


@pytest.mark.parametrize("count", [1, 300])
def test_many_are_settled_and_opened_again_by_two_queries(thread, count, django_assert_num_queries):
    first = make_comment(thread)
    talk = [first, *(copy_of(first, number) for number in range(2, count + 1))]
    Comment.objects.bulk_create(talk[1:])
    Report.objects.bulk_create(
        Report(comment=each, reporter_key=key, reason="spam", created_at=NOON)
        for each in talk
        for key in "ab"
    )
    Comment.objects.update(open_reports=2, reported_at=NOON)
    entries = [entry_on(each) for each in talk]
    with django_assert_num_queries(2):
        reports.settle_many(entries)
    assert not Report.objects.open().exists()
    assert not Comment.objects.exclude(open_reports=0, reported_at=None).exists()
    assert {(each.comment_id, each.settled_by_id) for each in Report.objects.all()} == {
        (each.comment_id, each.pk) for each in entries
    }
    with django_assert_num_queries(2):
        reports.reopen_many(entries)
    assert Report.objects.open().count() == 2 * count
    assert Comment.objects.filter(open_reports=2, reported_at=NOON).count() == count


def copy_of(comment, number):
    fields = {field.attname: getattr(comment, field.attname) for field in Comment._meta.fields}
    fields |= {"id": None, "number": number, "path": f"{number:05}"}
    return Comment(**{**fields, "submission_key": f"copy {number}"})


def test_nothing_at_all_is_settled_without_an_error():
    reports.settle_many([])
    reports.reopen_many([])
    assert reports.of([]) == {}


# --- at once ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_reports_at_once_with_a_decision_leave_the_columns_as_the_rows_say(django_user_model):
    mona = django_user_model.objects.create_user("mona@example.org", display_name="Mona")
    thread, outcomes = make_thread(), Counter()
    for race in range(40):
        comment = make_comment(thread)
        start = Barrier(4)

        def tell(key, comment=comment, start=start):
            def report_it():
                start.wait(timeout=60)
                try:
                    reports.report(comment, reporter=None, key=key, reason="spam")
                except reports.NotReportable:
                    return "too late"
                return "taken"

            return report_it

        def reject_it(comment=comment, start=start):
            start.wait(timeout=60)
            return moderate(comment, Action.REJECT, actor=mona, seen=Seen.of(comment)).action

        # The second click of the first reader is among them.
        jobs = [tell("a"), tell("a"), tell("b"), reject_it]
        # The last to come to the barrier goes first.
        said = run_together(*jobs[race % 4 :], *jobs[: race % 4])
        comment.refresh_from_db()
        rows = Report.objects.open().filter(comment=comment)
        oldest = rows.order_by("created_at").first()
        assert comment.open_reports == rows.count()
        assert comment.reported_at == (oldest and oldest.created_at)
        keys = list(Report.objects.filter(comment=comment).values_list("reporter_key", flat=True))
        assert len(keys) == len(set(keys)), f"race {race}: one reader has two"
        outcomes.update(said)
    assert set(outcomes) == {"taken", "too late", Action.REJECT}, "one side won every race"
