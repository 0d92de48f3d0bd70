"""Acts on many comments at once: as quick as on few, each bound to what was seen, undone as one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comments import reports
from comments.models import Comment, LearnerState, ModerationLogEntry, Thread
from comments.moderation import (
    Seen,
    StaleComment,
    TooMany,
    deciding,
    delete,
    edit,
    many,
    moderate,
    moderate_all,
    moderate_many,
    move_branch,
    newest_entry,
    newest_report,
    plan_undo,
    plan_undo_many,
    revise,
    undo,
    undo_many,
)
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.test_moderation import counters_agree

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def waiting(count, thread=None):
    return [
        make_comment(thread or make_thread(), status=Status.PENDING) for _number in range(count)
    ]


def as_seen(comments):
    return [(comment, Seen.of(comment)) for comment in comments]


def queries_of(act):
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def statuses(comments):
    found = Comment.objects.in_bulk([comment.pk for comment in comments])
    return [found[comment.pk].status for comment in comments]


# --- many ---------------------------------------------------------------------------------------


def test_a_bulk_act_asks_no_more_of_the_database_for_many_than_for_few(thread, mona):
    few, more = waiting(2, thread), waiting(20, thread)
    # The learner's row is made by the first act there ever is.
    LearnerState.objects.create(pk=1)
    of_few = queries_of(lambda: moderate_many(as_seen(few), Action.APPROVE, actor=mona))
    assert of_few == queries_of(lambda: moderate_many(as_seen(more), Action.APPROVE, actor=mona))
    assert set(statuses(few + more)) == {"approved"}
    assert counters_agree(thread)


def test_a_bulk_act_across_threads_keeps_every_counter_and_raises_each_version_once(mona):
    comments = waiting(3) + waiting(3, make_thread())
    replies = [
        make_comment(comment.thread, parent=made_public(comment), status=Status.PENDING)
        for comment in comments[:2]
    ]
    versions = dict(Thread.objects.values_list("pk", "version"))
    moderate_many(as_seen(replies + comments[3:]), Action.APPROVE, actor=mona)
    for thread in Thread.objects.all():
        assert counters_agree(thread)
        touched = any(each.thread_id == thread.pk for each in replies + comments[3:])
        assert thread.version == versions[thread.pk] + touched


def made_public(comment):
    moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    return Comment.objects.get(pk=comment.pk)


def test_a_bulk_act_in_several_parts_is_one_batch_and_is_undone_as_one(thread, mona, monkeypatch):
    monkeypatch.setattr(many, "AT_ONCE", 3)
    comments = waiting(8, thread)
    result = moderate_many(as_seen(comments), Action.MARK_SPAM, actor=mona, reason="spam")
    assert len(result.done) == 8
    assert ModerationLogEntry.objects.filter(batch=result.batch, reason="spam").count() == 8
    assert len(undo_many(result.batch, actor=mona).done) == 8
    assert set(statuses(comments)) == {"pending"}


def test_more_than_one_act_may_change_is_refused_before_anything_is_done(thread, mona, monkeypatch):
    monkeypatch.setattr(deciding, "MOST_AT_ONCE", 3)
    comments = waiting(4, thread)
    with pytest.raises(TooMany):
        moderate_many(as_seen(comments), Action.APPROVE, actor=mona)
    with pytest.raises(TooMany):
        moderate_all(Comment.objects.all(), Action.APPROVE, actor=mona, as_of=newest_entry())
    assert set(statuses(comments)) == {"pending"}


def test_a_comment_that_is_chosen_twice_is_decided_once(thread, mona):
    (comment,) = waiting(1, thread)
    result = moderate_many(as_seen([comment, comment]), Action.APPROVE, actor=mona)
    assert len(result.done) == 1
    assert comment.log.count() == 2


def test_what_is_approved_in_bulk_is_new_to_readers_who_knew_the_thread(thread, mona):
    old = make_comment(thread)
    (held,) = waiting(1, thread)
    known = Thread.objects.get().version
    moderate_many(as_seen([held]), Action.APPROVE, actor=mona)
    shown = dict(Comment.objects.values_list("pk", "shown_version"))
    assert shown[held.pk] > known >= shown[old.pk]


# --- all of a queue -------------------------------------------------------------------------------


def test_all_of_a_queue_are_decided_but_for_what_was_touched_since_the_page_was_made(
    thread, mona, settings
):
    settings.COMMENTS_CHECKS = []
    comments = waiting(4, thread)
    as_of = newest_entry()
    edit(comments[1], "Other words.", actor=None, actor_name="Gus", seen=Seen.of(comments[1]))
    pending = Comment.objects.filter(status=Status.PENDING)
    result = moderate_all(pending, Action.REJECT, actor=mona, as_of=as_of, reason="off_topic")
    assert statuses(comments) == ["rejected", "pending", "rejected", "rejected"]
    assert [stale.comment.pk for stale in result.stale] == [comments[1].pk]


def test_a_note_since_the_page_was_made_makes_nothing_stale(thread, mona):
    (comment,) = waiting(1, thread)
    as_of = newest_entry()
    moderate(comment, Action.NOTE, actor=mona, seen=Seen.of(comment), note="Look at the link.")
    result = moderate_all(Comment.objects.all(), Action.APPROVE, actor=mona, as_of=as_of)
    assert len(result.done) == 1


def test_what_was_reported_since_the_page_was_made_is_left_alone(thread, mona):
    shown, late = reported(make_comment(thread), 1), make_comment(thread)
    as_of, reports_as_of = newest_entry(), newest_report()
    reported(late, 1)
    queue = Comment.objects.exclude(reported_at=None)
    result = moderate_all(
        queue, Action.REJECT, actor=mona, as_of=as_of, reports_as_of=reports_as_of
    )
    assert statuses([shown, late]) == ["rejected", "approved"]
    assert [stale.comment.pk for stale in result.stale] == [late.pk]


def test_what_was_moved_into_the_queue_since_the_page_was_made_is_left_alone(thread, mona):
    root = make_comment(thread)
    child = make_comment(thread, parent=root, status=Status.PENDING)
    there, as_of = make_thread(), newest_entry()
    move_branch(root, to=there, actor=mona, seen=Seen.of(root))
    waiting_there = Comment.objects.filter(thread=there, status=Status.PENDING)
    moderate_all(waiting_there, Action.APPROVE, actor=mona, as_of=as_of)
    assert statuses([child]) == ["pending"]


def test_what_answers_words_that_changed_since_is_left_alone(thread, mona):
    parent = make_comment(thread, body="I like cats.")
    reply = make_comment(thread, parent=parent, body="I agree.", status=Status.PENDING)
    as_of = newest_entry()
    revise(parent, "I hate cats.", actor=mona, seen=Seen.of(parent))
    pending = Comment.objects.filter(status=Status.PENDING)
    moderate_all(pending, Action.APPROVE, actor=mona, as_of=as_of)
    assert statuses([reply]) == ["pending"]


# --- bound to what was answered -------------------------------------------------------------------


def test_a_decision_is_bound_to_the_words_that_are_answered(thread, mona, settings):
    settings.COMMENTS_CHECKS = []
    parent = make_comment(thread, body="Cats are best.")
    reply = make_comment(thread, parent=parent, body="I agree.", status=Status.PENDING)
    seen = Seen.with_parent(reply)
    edit(parent, "Dogs are best.", actor=None, actor_name="Gus", seen=Seen.of(parent))
    with pytest.raises(StaleComment) as stale:
        moderate(reply, Action.APPROVE, actor=mona, seen=seen)
    assert stale.value.parent_changed
    assert statuses([reply]) == ["pending"]
    seen = Seen.with_parent(Comment.objects.get(pk=reply.pk))
    assert moderate(reply, Action.APPROVE, actor=mona, seen=seen).new_status == "approved"


@pytest.mark.parametrize("parent", ["", ":0.0", ":12.3"])
def test_what_was_seen_goes_through_a_form_and_comes_back(parent):
    assert str(Seen.parse(f"pending:4{parent}")) == f"pending:4{parent}"


@pytest.mark.parametrize(
    "text",
    [
        *("", "pending", "pending:", "pending:-1", "gone:1", "pending:١"),
        *("pending:1:", "pending:1:2", "pending:1:x.y", "pending:" + "9" * 30),
    ],
)
def test_what_nobody_saw_is_refused(text):
    with pytest.raises(ValueError):
        Seen.parse(text)


# --- kept, noted ----------------------------------------------------------------------------------


def test_keeping_what_was_reported_leaves_the_status_and_is_undone(thread, mona):
    comment = make_comment(thread)
    version = Thread.objects.get().version
    entry = moderate(comment, Action.DISMISS, actor=mona, seen=Seen.of(comment))
    assert (entry.old_status, entry.new_status) == ("approved", "approved")
    assert undo(entry, actor=mona).undoes == entry
    assert Thread.objects.get().version == version


def test_a_note_does_not_keep_an_act_from_being_undone(thread, mona):
    (comment,) = waiting(1, thread)
    entry = moderate(comment, Action.APPROVE, actor=mona, seen=Seen.of(comment))
    comment.refresh_from_db()
    moderate(comment, Action.NOTE, actor=mona, seen=Seen.of(comment), note="Hm.")
    undo(entry, actor=mona)
    assert statuses([comment]) == ["pending"]


# --- reports --------------------------------------------------------------------------------------


def reported(comment, times=2):
    for number in range(times):
        reports.report(comment, reporter=None, key=f"reader-{number}", reason="abuse")
    return Comment.objects.get(pk=comment.pk)


def open_reports(comment):
    row = Comment.objects.get(pk=comment.pk)
    assert row.open_reports == row.reports.open().count()
    assert (row.reported_at is None) == (row.open_reports == 0)
    return row.open_reports


@pytest.mark.parametrize("action", [Action.DISMISS, Action.REJECT, Action.MARK_SPAM, Action.HOLD])
def test_a_decision_settles_what_was_reported_and_undoing_it_opens_that_again(thread, mona, action):
    comment = reported(make_comment(thread))
    entry = moderate(comment, action, actor=mona, seen=Seen.of(comment))
    assert open_reports(comment) == 0
    inverse = undo(entry, actor=mona)
    assert open_reports(comment) == 2
    undo(inverse, actor=mona)
    assert open_reports(comment) == 0


def test_a_note_settles_nothing(thread, mona):
    comment = reported(make_comment(thread))
    moderate(comment, Action.NOTE, actor=mona, seen=Seen.of(comment), note="Hm.")
    assert open_reports(comment) == 2


def test_a_bulk_act_settles_the_reports_of_each_and_undoing_it_opens_them_again(thread, mona):
    comments = [reported(make_comment(thread), times) for times in (1, 2, 3)]
    bulk = moderate_many(as_seen(comments), Action.REJECT, actor=mona)
    assert [open_reports(comment) for comment in comments] == [0, 0, 0]
    undo_many(bulk.batch, actor=mona)
    assert [open_reports(comment) for comment in comments] == [1, 2, 3]


def test_undoing_an_undoing_settles_what_it_had_opened_and_no_report_that_came_since(thread, mona):
    comment = reported(make_comment(thread), 1)
    entry = moderate(comment, Action.REJECT, actor=mona, seen=Seen.of(comment))
    inverse = undo(entry, actor=mona)
    reports.report(comment, reporter=None, key="another", reason="spam")
    undo(inverse, actor=mona)
    assert open_reports(comment) == 1
    assert Comment.objects.get(pk=comment.pk).reports.open().get().reporter_key == "another"


def test_nobody_but_an_editor_answers_reports_about_themselves(thread, alice, mona):
    own = reported(make_comment(thread, author=alice), 1)
    moderate(own, Action.HOLD, actor=alice, seen=Seen.of(own))
    assert open_reports(own) == 1
    own.refresh_from_db()
    moderate(own, Action.REJECT, actor=mona, seen=Seen.of(own))
    assert open_reports(own) == 0


def test_what_its_author_deletes_needs_no_look_any_more(thread):
    comment = reported(make_comment(thread))
    delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert open_reports(comment) == 0


# --- what undoing would do ------------------------------------------------------------------------


def test_a_plan_says_what_undoing_will_change_and_what_it_will_leave(thread, mona):
    comments = waiting(4, thread)
    bulk = moderate_many(as_seen(comments), Action.APPROVE, actor=mona)
    since = Comment.objects.get(pk=comments[2].pk)
    moderate(since, Action.MARK_SPAM, actor=None, seen=Seen.of(since))
    plan = plan_undo_many(bulk.batch)
    assert plan.counts == {("approved", "pending"): 3}
    assert [comment.pk for comment in plan.kept] == [since.pk]
    undone = undo_many(bulk.batch, actor=mona)
    assert len(undone.done) == plan.total
    assert plan_undo_many(bulk.batch).total == 0
    assert statuses(comments) == ["pending", "pending", "spam", "pending"]


def test_a_plan_of_one_act_that_somebody_followed_changes_nothing(thread, mona):
    (comment,) = waiting(1, thread)
    entry = moderate(comment, Action.APPROVE, actor=mona, seen=Seen.of(comment))
    assert plan_undo(entry).counts == {("approved", "pending"): 1}
    comment.refresh_from_db()
    revise(comment, "Other words.", actor=mona, seen=Seen.of(comment))
    plan = plan_undo(entry)
    assert (plan.total, plan.kept_count) == (0, 1)


def test_undoing_a_bulk_act_asks_no_more_of_the_database_for_many_than_for_few(thread, mona):
    few = moderate_many(as_seen(waiting(2, thread)), Action.APPROVE, actor=mona)
    more = moderate_many(as_seen(waiting(20, thread)), Action.APPROVE, actor=mona)
    of_few = queries_of(lambda: undo_many(few.batch, actor=mona))
    assert of_few == queries_of(lambda: undo_many(more.batch, actor=mona))
    assert counters_agree(thread)


def test_undoing_gives_readers_back_the_text_that_stood_while_an_edit_waited(
    thread, mona, settings
):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.too_many_links"]
    comment = make_comment(thread, body="What readers saw.")
    links = " ".join(f"https://example.com/{n}" for n in range(5))
    comment = edit(comment, links, actor=None, actor_name="Gus", seen=Seen.of(comment))
    bulk = moderate_many(as_seen([comment, *waiting(1, thread)]), Action.REJECT, actor=mona)
    undo_many(bulk.batch, actor=mona)
    comment.refresh_from_db()
    assert (comment.status, comment.approved_revision) == ("pending", 1)
    assert comment.public_html == "<p>What readers saw.</p>\n"
    assert counters_agree(thread)
