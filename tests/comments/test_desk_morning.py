"""The desk's morning page: the figures of a made-up month, who may see them, what they cost."""

import re
from datetime import datetime, timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import html5lib
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comments.desk import figures as counted
from comments.desk.figures import count
from comments.models import Comment, ListEntry, ModerationLogEntry
from comments.moderation import Seen, delete, edit, moderate, submit, undo
from comments.policy import Decision
from comments.spam import Finding, Verdict
from comments.status import Action, Status
from tests.cast import make_person
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

ADDRESS = "/admin/desk/morning/"
NOW = datetime(2026, 3, 31, 8, 0, tzinfo=ZoneInfo("UTC"))
HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def thread():
    return make_thread(title="A radio in the outhouse")


@pytest.fixture
def editor(mona):
    return signed_in(mona)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def came(thread, status=Status.PENDING, *, days=1, checks=(), **fields):
    """Admit a comment some days ago, with findings by these checks."""
    findings = tuple(Finding(name, Verdict.UNSURE, "Said.") for name in checks)
    decision = Decision(status, findings)
    at = NOW - timedelta(days=days)
    with mock.patch("comments.moderation.admitting.decide", return_value=decision):
        return submit(make_submission(thread, submitted_at=at, **fields))


def decide(comment, action, actor, *, after=HOUR, since=None):
    """Decide on a comment some time after it came."""
    comment.refresh_from_db()
    at = (since or comment.created_at) + after
    return moderate(comment, action, actor=actor, seen=Seen.of(comment), at=at)


def edited(comment, status, at):
    comment.refresh_from_db()
    with mock.patch("comments.moderation.editing.decide", return_value=Decision(status)):
        name = comment.author_name
        return edit(comment, "Other.", actor=None, actor_name=name, seen=Seen.of(comment), at=at)


def check_of(name):
    return next(check for check in count().month.checks if check.name == name)


# --- what waits and what came -----------------------------------------------------------------


def test_what_waits_is_counted_with_the_oldest(thread):
    oldest = came(thread, days=9)
    came(thread, days=2)
    came(thread, Status.APPROVED, days=12)
    pending = count().pending
    assert (pending.count, pending.oldest_at) == (2, oldest.created_at)


def test_what_is_reported_counts_from_its_first_report(thread):
    comment = came(thread, Status.APPROVED, days=12)
    Comment.objects.filter(pk=comment.pk).update(open_reports=2, reported_at=NOW - HOUR)
    reported = count().reported
    assert (reported.count, reported.oldest_at) == (1, NOW - HOUR)


def test_counting_what_waits_ends_somewhere_and_says_so(thread, editor, monkeypatch):
    monkeypatch.setattr(counted, "COUNTED_TO", 2)
    for _number in range(4):
        came(thread)
    assert count().pending.count == 3
    assert "<strong>2+</strong>" in editor.get(ADDRESS).text


def test_a_day_says_how_many_came_by_where_the_checks_sent_them(thread):
    came(thread, Status.APPROVED, days=3)
    came(thread, Status.APPROVED, days=3)
    came(thread, Status.SPAM, days=3)
    came(thread, days=0)
    days = count().month.days
    assert days[-4].came == {"approved": 2, "spam": 1}
    assert days[-1].came == {"pending": 1}


def test_the_window_is_thirty_days_without_gaps(thread):
    came(thread, days=29)
    came(thread, days=31)
    month = count().month
    dates = [day.date for day in month.days]
    assert dates == [NOW.date() - timedelta(days=ago) for ago in reversed(range(30))]
    assert month.came.total() == 1


def test_days_are_those_of_the_sites_own_zone(settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    with time_machine.travel(NOW.replace(hour=20), tick=False):
        assert count().last == NOW.date() + timedelta(days=1)


# --- how long decisions take ------------------------------------------------------------------


def test_the_median_and_the_slowest_tenth_are_of_first_decisions(thread, mona):
    for hours in range(1, 11):
        decide(came(thread, days=5), Action.APPROVE, mona, after=hours * HOUR)
    took = count().month.took
    assert (took.count, took.median, took.ninetieth) == (10, 5.5 * 3600, 9 * 3600)


def test_a_second_decision_is_not_timed(thread, mona):
    comment = came(thread, days=5)
    decide(comment, Action.APPROVE, mona)
    decide(comment, Action.REJECT, mona, after=30 * HOUR)
    assert count().month.took.count == 1


def test_an_edit_that_puts_a_comment_back_begins_its_wait_anew(thread, mona):
    comment = came(thread, days=9)
    decide(comment, Action.APPROVE, mona, after=2 * HOUR)
    edited(comment, Status.PENDING, NOW - 30 * HOUR)
    decide(comment, Action.APPROVE, mona, since=NOW - 30 * HOUR, after=4 * HOUR)
    took = count().month.took
    assert (took.count, took.median) == (2, 3 * 3600)


def test_a_comment_from_before_the_window_is_timed_from_its_coming(thread, mona):
    comment = came(thread, days=40)
    decide(comment, Action.APPROVE, mona, after=timedelta(days=39))
    assert count().month.took.median == 39 * 86400


def test_an_edit_from_before_the_window_is_what_a_decision_is_timed_from(thread, mona):
    comment = came(thread, days=60)
    decide(comment, Action.APPROVE, mona)
    edited(comment, Status.PENDING, NOW - timedelta(days=35))
    decide(comment, Action.APPROVE, mona, since=NOW, after=-HOUR)
    assert count().month.took.median == 35 * 86400 - 3600


def test_what_an_editor_put_back_runs_no_clock(thread, mona):
    comment = came(thread, Status.APPROVED, days=9)
    decide(comment, Action.HOLD, mona)
    decide(comment, Action.APPROVE, mona, after=50 * HOUR)
    assert count().month.took.count == 0


def test_a_deleted_comment_was_not_decided_on(thread):
    comment = came(thread, days=2)
    delete(comment, actor=None, actor_name="Gus Guest", seen=Seen.of(comment))
    assert count().month.took.count == 0


# --- who decided ------------------------------------------------------------------------------


def test_decisions_are_counted_by_kind_and_by_editor_with_what_was_undone(thread, mona):
    max_ = make_person("Max", "Editor")
    decide(came(thread), Action.APPROVE, mona)
    decide(came(thread), Action.REJECT, max_)
    undo(decide(came(thread), Action.APPROVE, max_), actor=mona)
    month = count().month
    assert {(one.name, one.count, one.undone) for one in month.acts} == {
        ("approve", 2, 1),
        ("reject", 1, 0),
    }
    assert [(one.name, one.count, one.undone) for one in month.editors] == [
        ("Max", 2, 1),
        ("Mona", 1, 0),
    ]


def test_a_decision_whose_undoing_was_undone_stands(thread, mona):
    entry = decide(came(thread), Action.APPROVE, mona)
    undo(undo(entry, actor=mona), actor=mona)
    assert count().month.decided.undone == 0


def test_what_was_decided_elsewhere_by_nobody_known_here_is_no_editors(thread):
    ModerationLogEntry.objects.create(
        comment=came(thread),
        action=Action.APPROVE,
        old_status=Status.PENDING,
        new_status=Status.APPROVED,
        revision=1,
        created_at=NOW,
    )
    month = count().month
    assert (month.acts, month.editors, month.took.count) == ([], [], 0)


# --- the checks -------------------------------------------------------------------------------


def test_a_check_is_right_where_an_editor_removed_and_wrong_where_one_approved(thread, mona):
    decide(came(thread, checks=["links"]), Action.MARK_SPAM, mona)
    decide(came(thread, checks=["links"]), Action.REJECT, mona)
    decide(came(thread, checks=["links", "caps"]), Action.APPROVE, mona)
    came(thread, checks=["links"])
    links, caps = check_of("links"), check_of("caps")
    assert (links.right, links.wrong, links.waiting) == (2, 1, 1)
    assert (caps.right, caps.wrong, caps.waiting) == (0, 1, 0)


def test_the_newest_decision_that_stands_is_what_counts(thread, mona):
    comment = came(thread, days=4, checks=["links"])
    decide(comment, Action.APPROVE, mona)
    undo(decide(comment, Action.REJECT, mona, after=2 * HOUR), actor=mona)
    assert check_of("links").wrong == 1


def test_a_comment_counts_once_for_a_check_however_often_it_was_edited(thread):
    comment = came(thread, checks=["links"])
    finding = Finding("links", Verdict.SPAM, "Said.")
    with mock.patch(
        "comments.moderation.editing.decide", return_value=Decision(Status.PENDING, (finding,))
    ):
        edit(comment, "Other.", actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert check_of("links").total == 1


def test_a_check_that_speaks_for_a_comment_is_no_alarm(thread, mona):
    finding = Finding("known", Verdict.HAM, "Said.")
    decision = Decision(Status.APPROVED, (finding,))
    with mock.patch("comments.moderation.admitting.decide", return_value=decision):
        submit(make_submission(thread))
    assert count().month.checks == []


def test_findings_of_no_known_shape_are_passed_over(thread):
    comment = make_comment(thread)
    for findings in ({}, ["x", None, {"check": None}], "links"):
        ModerationLogEntry.objects.create(
            comment=comment,
            action=Action.EDIT,
            new_status=Status.APPROVED,
            revision=1,
            findings=findings,
            created_at=NOW,
        )
    assert [check.name for check in count().month.checks] == ["None"]


def test_missed_is_what_the_checks_let_through_and_an_editor_removed(thread, mona):
    came(thread, Status.APPROVED)
    missed = came(thread, Status.APPROVED, author_name="Sal Spammer")
    decide(missed, Action.MARK_SPAM, mona)
    held = came(thread)
    decide(held, Action.APPROVE, mona)
    decide(held, Action.REJECT, mona, after=2 * HOUR)
    known = count()
    assert known.month.let_through == 2
    assert [(one.pk, one.name, one.thread) for one in known.missed] == [
        (missed.pk, "Sal Spammer", "A radio in the outhouse")
    ]


# --- the page ---------------------------------------------------------------------------------


@pytest.fixture
def lively(thread, mona):
    """A month in which something of everything happened."""
    for days in range(1, 8):
        decide(came(thread, days=days, checks=["links"]), Action.APPROVE, mona)
        decide(came(thread, days=days, checks=["links"]), Action.REJECT, mona, after=3 * HOUR)
        came(thread, Status.SPAM, days=days, checks=["words"])
    decide(came(thread, Status.APPROVED, days=2), Action.REJECT, mona)
    came(thread)
    ListEntry.objects.create(kind="word", pattern="casino", hits=12, last_hit_at=NOW)


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize(
    ("role", "status"), [("Editor", 200), ("Author", 403), ("Reader", 403), (None, 403)]
)
def test_only_moderators_see_or_renew_the_figures(method, role, status):
    response = getattr(signed_in(make_person("Pat", role)), method)(ADDRESS, follow=True)
    assert response.status_code == status
    assert (b"This morning" in response.content) == (role == "Editor" and method != "head")


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_staff_who_may_not_moderate_are_refused(method):
    client = signed_in(make_person("Stan", is_staff=True))
    assert getattr(client, method)(ADDRESS).status_code == 403


@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_a_stranger_is_sent_to_the_door(method):
    response = getattr(Client(), method)(ADDRESS)
    assert (response.status_code, "/login/" in response.url) == (302, True)


def test_renewing_needs_the_token(mona):
    client = Client(enforce_csrf_checks=True)
    client.force_login(mona)
    assert client.post(ADDRESS).status_code == 403


def test_a_new_blog_is_told_so_in_words(editor):
    page = editor.get(ADDRESS).text
    assert "There is nothing to tell of yet." in page
    assert '<svg class="chart"' not in page


def test_the_figures_are_in_charts_and_in_tables(lively, editor):
    page = html5lib.parse(editor.get(ADDRESS).text, namespaceHTMLElements=False)
    charts = [
        svg for svg in page.iter() if str(svg.tag).endswith("}svg") and svg.get("role") == "img"
    ]
    assert len(charts) == 2
    for svg in charts:
        ids = svg.get("aria-labelledby").split()
        assert ids
        found = {node.get("id"): node.text for node in svg.iter() if node.get("id")}
        assert all(found[name].strip() for name in ids)
    assert len(list(page.iter("details"))) >= 2


def test_the_words_say_the_figures(lively, editor):
    # Of the fifteen decisions fourteen were on what waited: after one hour, or after three.
    text = " ".join(re.sub(r"<[^>]+>", " ", editor.get(ADDRESS).text).split())
    assert "15 decisions, 0 undone." in text
    assert "half within 2 h" in text
    assert "nine of ten within 3 h" in text
    assert "links 7 7 0" in text
    assert "words 0 0 7" in text
    assert "Let through by the checks: 1 . Removed by an editor later: 1 ." in text
    assert "casino word or phrase 12" in text


def test_nothing_on_the_page_is_inline(lively, editor):
    content = editor.get(ADDRESS).text.split('<div class="morning">')[1].split("<footer")[0]
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", content)


def test_hostile_names_are_text(thread, editor):
    eve = make_person(
        "Eve",
        "Editor",
    )
    eve.display_name = HOSTILE
    eve.save()
    decide(came(thread, checks=[HOSTILE]), Action.APPROVE, eve)
    missed = came(thread, Status.APPROVED, author_name=HOSTILE)
    decide(missed, Action.REJECT, eve)
    ListEntry.objects.create(kind="word", pattern=HOSTILE, hits=3)
    page = editor.get(ADDRESS).text
    assert HOSTILE not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4


def test_the_log_beyond_the_cap_is_not_read_and_the_page_says_so(lively, editor, monkeypatch):
    assert "acts were counted" not in editor.get(ADDRESS).text
    monkeypatch.setattr(counted, "MOST_ROWS", 5)
    editor.post(ADDRESS)
    page = editor.get(ADDRESS)
    assert "acts were counted" in page.text
    figures = page.context["figures"]
    newest = ModerationLogEntry.objects.order_by("-created_at", "-pk").values_list("created_at")
    assert figures.cut_at == newest[4][0]
    assert figures.month.days[0].date == figures.cut_at.date()


# --- what it costs ----------------------------------------------------------------------------


def test_the_figures_are_kept_for_five_minutes_and_the_page_says_how_old_they_are(thread, editor):
    assert "Counted just now." in editor.get(ADDRESS).text
    came(thread)
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        page = editor.get(ADDRESS)
        assert "Counted 4 minutes ago." in page.text
        assert page.context["figures"].pending.count == 0
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert editor.get(ADDRESS).context["figures"].pending.count == 1


def test_count_again_counts_again(thread, editor):
    editor.get(ADDRESS)
    came(thread)
    response = editor.post(ADDRESS)
    assert (response.status_code, response.url) == (302, reverse("admin:desk_morning"))
    assert editor.get(ADDRESS).context["figures"].pending.count == 1


def test_counting_costs_the_same_queries_at_many_comments(thread, mona, django_assert_num_queries):
    decide(came(thread, Status.APPROVED), Action.REJECT, mona)
    with django_assert_num_queries(7):
        count()
    for _number in range(30):
        decide(came(thread, Status.APPROVED, checks=["links"]), Action.REJECT, mona)
        came(thread)
    with django_assert_num_queries(7):
        figures = count()
    assert (figures.pending.count, check_of("links").right, len(figures.missed)) == (30, 30, 10)


def test_figures_that_are_kept_cost_no_query(editor, django_assert_num_queries):
    shown = editor.get(ADDRESS).context["figures"]
    with django_assert_num_queries(0):
        assert counted.figures() == shown


def test_the_log_is_read_from_its_newest_end_by_its_index(thread):
    came(thread)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A small table is read whole and sorted, whatever indexes it has.
            for way in ("seqscan", "sort", "bitmapscan"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
        with CaptureQueriesContext(connection) as captured:
            count()
        read = next(one["sql"] for one in captured if "moderationlogentry" in one["sql"])
        how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{how} {_quoted(read)}")
        plan = str(cursor.fetchall())
    assert "comments_moderationlogentry_created_at" in plan
    assert f"LIMIT {counted.MOST_ROWS + 1}" in read


def _quoted(sql):
    """SQLite shows values without quotes where they are instants."""
    return re.sub(r"(?<!')(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?!')", r"'\1'", sql)
