"""`manage.py verify_log`: silent about all that the doors leave, and finds each kind of damage."""

from datetime import timedelta
from io import StringIO
from threading import Thread as Worker

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from comments.models import Comment, Report, Thread
from comments.moderation import (
    Seen,
    delete,
    edit,
    moderate,
    moderate_many,
    move_branch,
    revise,
    undo,
    undo_many,
)
from comments.replaying import CommentRow, LogRow, faults_of
from comments.status import Action, Status
from comments.transfer.arrivals import Act, Earlier
from comments.verifying import verify
from tests.comments.factories import make_comment, make_thread
from tests.comments.transfer.arriving import THEN, arrival, at, in_file_order, make_run, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def verify_log(*arguments):
    out = StringIO()
    call_command("verify_log", *arguments, stdout=out)
    return out.getvalue()


def faults(thread_id=None):
    return [f"{fault.about}: {fault.says}" for fault in verify(thread_id)]


def fresh(comment):
    return Comment.objects.select_related("thread").get(pk=comment.pk)


def act(comment, action, mona, **words):
    return moderate(comment, action, actor=mona, seen=Seen.of(fresh(comment)), **words)


# --- what the doors leave -------------------------------------------------------------------------


def test_a_site_without_comments_is_right():
    assert verify_log() == "The log and the counters of 0 comments are right.\n"


def test_every_act_of_editors_and_authors_leaves_a_log_that_replays(thread, mona):
    for status in (Status.PENDING, Status.APPROVED, Status.SPAM):
        root = make_comment(thread, status=status)
        if status == Status.APPROVED:
            make_comment(thread, parent=root)
        entry = act(root, Action.REJECT, mona)
        undo(entry, actor=mona)
        act(root, Action.NOTE, mona, note="Seen.")
        act(root, Action.DISMISS, mona)
        undo(revise(root, "Else.", actor=mona, seen=Seen.of(fresh(root))), actor=mona)
        if status != Status.SPAM:
            edit(fresh(root), "Mine.", actor=None, actor_name="Gus", seen=Seen.of(fresh(root)))
            delete(root, actor=None, actor_name="Gus", seen=Seen.of(fresh(root)))
    assert faults() == []


def test_bulk_acts_and_moves_there_and_back_leave_it_right(thread, mona):
    other, root = make_thread(), make_comment(thread)
    below = [make_comment(thread, parent=root) for _number in range(3)]
    chosen = [(comment, Seen.of(comment)) for comment in below]
    batch = moderate_many(chosen, Action.REJECT, actor=mona).batch
    entry = move_branch(fresh(root), to=other, actor=mona, seen=Seen.of(root))
    assert faults() == []
    undo_many(batch, actor=mona)
    undo(entry, actor=mona)
    assert faults() == []
    assert faults(thread.pk) == []


def test_imports_with_and_without_a_history_leave_it_right(thread):
    history = [
        Act(Action.SUBMIT, Status.PENDING, THEN),
        Act(Action.REJECT, Status.REJECTED, THEN, old_status=Status.PENDING),
        Act(Action.UNDO, Status.PENDING, THEN, old_status=Status.REJECTED, undoes=1),
        Act(Action.APPROVE, Status.APPROVED, THEN, old_status=Status.PENDING),
    ]
    plain, told = arrival(thread, 1), arrival(thread, 3, parent=2, history=history)
    take_in(in_file_order([plain, told]))
    assert faults() == []


def test_what_an_import_brings_again_with_other_words_or_another_status_is_right(thread):
    run = make_run()
    take_in(in_file_order([arrival(thread, 1), arrival(thread, 2)]), run=run)
    words = arrival(thread, 1, body="Other words.")
    take_in(in_file_order([words, arrival(thread, 2, status=Status.SPAM)]), run=run)
    assert [comment.log.count() for comment in thread.comments.all()] == [2, 2]
    assert faults() == []


def test_a_history_that_comes_to_the_place_of_a_missing_comment_is_right(thread):
    run = make_run()
    take_in(in_file_order([arrival(thread, 2, parent=1)]), run=run)
    history = [
        Act(Action.SUBMIT, Status.APPROVED, THEN),
        Act(Action.EDIT, Status.APPROVED, THEN, old_status=Status.APPROVED, revision=2),
    ]
    earlier = [Earlier(1, "Before.", "markdown", THEN)]
    found = arrival(thread, 1, history=history, earlier=earlier, revision=2)
    take_in(in_file_order([found, arrival(thread, 2, parent=1)]), run=run)
    assert [entry.action for entry in at(thread, "Words of 1.").log.all()] == [
        "import",
        "submit",
        "edit",
    ]
    assert faults() == []


def test_made_up_threads_with_reports_are_right():
    call_command("seed_threads", "60", "--held", "20", "--chain", "50", stdout=StringIO())
    assert faults() == []


# --- damage ---------------------------------------------------------------------------------------


def damaged(comment, **values):
    Comment.objects.filter(pk=comment.pk).update(**values)


def test_a_status_that_no_act_led_to_is_found(thread):
    comment = make_comment(thread, status=Status.PENDING)
    damaged(comment, status=Status.REJECTED)
    assert faults() == [f"comment {comment.pk}: It is “rejected”, but its log ends with “pending”."]


def test_a_revision_that_no_edit_made_is_found(thread):
    comment = make_comment(thread, status=Status.PENDING)
    damaged(comment, revision=2)
    assert faults() == [f"comment {comment.pk}: It is at revision 2, but its log ends at 1."]


def test_a_comment_without_a_log_is_found(thread):
    comment = make_comment(thread, status=Status.PENDING)
    comment.pk, comment.number, comment.path, comment.submission_key = None, 2, "00002", "other"
    comment._state.adding = True
    comment.save()
    Thread.objects.update(last_number=2)
    assert faults() == [f"comment {comment.pk}: There is no log of it."]


@pytest.mark.parametrize("count", [0, 2])
def test_a_wrong_count_of_public_comments_is_found(thread, count):
    make_comment(thread)
    Thread.objects.update(approved_count=count)
    assert faults() == [f"thread {thread.pk}: It counts {count} public comments, but has 1."]


def test_a_count_in_a_thread_without_comments_is_found(thread):
    empty = make_thread(approved_count=3)
    make_comment(thread)
    make_thread()
    assert faults() == [f"thread {empty.pk}: It counts 3 public comments, but has 0."]
    assert faults(thread.pk) == []


def test_a_wrong_count_of_what_is_below_is_found_at_each_depth(thread):
    root = make_comment(thread)
    middle = make_comment(thread, parent=root)
    make_comment(thread, parent=middle)
    make_comment(thread)
    damaged(root, living_replies=1)
    damaged(middle, living_replies=0)
    assert sorted(faults()) == [
        f"comment {root.pk}: It counts 1 public comments below, but has 2.",
        f"comment {middle.pk}: It counts 0 public comments below, but has 1.",
    ]


def test_a_number_beyond_the_last_one_given_out_is_found(thread):
    make_comment(thread)
    Thread.objects.update(last_number=0)
    assert faults() == [f"thread {thread.pk}: It gave out number 0 last, but has a 1."]


def test_wrong_counts_of_open_reports_are_found(thread, mona):
    now = timezone.now()
    reported, called, lost, settled = (make_comment(thread) for _number in range(4))
    for comment in (reported, lost):
        Report.objects.create(comment=comment, reporter_key="bob", reason="spam", created_at=now)
    entry = act(settled, Action.DISMISS, mona)
    Report.objects.create(comment=settled, reporter_key="bob", reason="spam", settled_by=entry)
    damaged(reported, open_reports=1, reported_at=now)
    damaged(called, reported_at=now)
    damaged(lost, open_reports=2)
    damaged(settled, open_reports=1)
    assert faults() == [
        f"comment {called.pk}: It is called reported, but has no open report.",
        f"comment {lost.pk}: It counts 2 open reports, but there are 1.",
        f"comment {lost.pk}: It has open reports, but not since when.",
        f"comment {settled.pk}: It counts 1 open reports, but there are 0.",
    ]


def test_a_wrong_instant_of_the_first_open_report_is_found(thread):
    comment, now = make_comment(thread), timezone.now()
    Report.objects.create(comment=comment, reporter_key="bob", reason="spam", created_at=now)
    damaged(comment, open_reports=1, reported_at=now - timedelta(days=400))
    (fault,) = faults()
    assert fault.startswith(f"comment {comment.pk}: It is called reported since ")
    assert fault.endswith(f"but is since {now}.")


def test_one_thread_is_looked_at_alone(thread):
    make_thread(approved_count=3)
    make_comment(thread)
    assert verify_log("--thread", str(thread.pk)).endswith("of 1 comments are right.\n")
    with pytest.raises(CommandError, match="There is no thread 999"):
        verify_log("--thread", "999")


def test_a_fault_is_printed_and_the_command_fails(thread):
    make_comment(thread)
    Thread.objects.update(approved_count=2)
    out = StringIO()
    with pytest.raises(CommandError, match="1 faults in 1 comments"):
        call_command("verify_log", stdout=out)
    assert out.getvalue() == f"thread {thread.pk}: It counts 2 public comments, but has 1.\n"


def test_a_chunk_costs_the_same_whatever_is_in_it(thread, django_assert_num_queries):
    root = make_comment(thread)
    for _number in range(5):
        make_comment(thread, parent=root)
    # Threads and comments, each until there are no more; the log, the reports.
    with django_assert_num_queries(7):
        assert faults() == []


def test_chunks_join_where_threads_and_branches_are_cut(monkeypatch):
    monkeypatch.setattr("comments.verifying.AT_ONCE", 3)
    for _thread in range(4):
        thread = make_thread()
        root = make_comment(thread)
        below = make_comment(thread, parent=root)
        for _number in range(2):
            make_comment(thread, parent=below)
    make_thread()
    assert faults() == []
    damaged(below, living_replies=1)
    assert faults() == [f"comment {below.pk}: It counts 1 public comments below, but has 2."]


# --- while others write ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_is_done_meanwhile_is_no_fault_and_waits_for_nobody(monkeypatch):
    monkeypatch.setattr("comments.verifying.AT_ONCE", 1)
    thread = make_thread()
    comments = [make_comment(thread) for _number in range(2)]
    assert list(verify(tell=lambda _count: mark_as_spam_elsewhere(comments))) == []
    assert Comment.objects.filter(status=Status.SPAM).count() == 2
    assert faults() == []


def mark_as_spam_elsewhere(comments):
    """Act over another connection, as another process would."""

    def decide():
        try:
            for comment in comments:
                if fresh(comment).status != Status.SPAM:
                    moderate(comment, Action.MARK_SPAM, actor=None, seen=Seen.of(comment))
        finally:
            connection.close()

    worker = Worker(target=decide)
    worker.start()
    worker.join(timeout=60)


# --- damage to the log itself, which the database refuses -----------------------------------------


def replayed(*rows, status="approved", revision=1):
    """Replay (action, from, to, undoes) as rows 1, 2, …"""
    log = [
        LogRow(1, pk, *row[:3], 1, row[3] if row[3:] else None)
        for pk, row in enumerate(rows, start=1)
    ]
    return list(faults_of(CommentRow(1, 1, "00001", 1, status, revision, None, 0, 0, None), log))


SUBMITTED = ("submit", "", "pending")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("approve", "pending", "approved")], "begins with “approve”"),
        ([SUBMITTED, ("approve", "spam", "approved")], "starts from “spam”, but it was “pending”"),
        ([SUBMITTED, ("approve", "", "approved")], "starts from “”, but it was “pending”"),
        ([SUBMITTED, ("hold", "pending", "approved")], "“hold” does not lead from “pending”"),
        ([SUBMITTED, ("bless", "pending", "approved")], "“bless” does not lead"),
        ([SUBMITTED, ("approve", "pending", "holy"), ("approve", "holy", "approved")], "“holy”"),
        ([SUBMITTED, SUBMITTED, ("approve", "pending", "approved")], "but it was “pending”"),
        ([SUBMITTED, ("undo", "pending", "approved")], "Entry 2 undoes nothing."),
        ([SUBMITTED, ("undo", "pending", "approved", 7)], "entry 7, which is no earlier act"),
        ([SUBMITTED, ("undo", "pending", "approved", 2)], "entry 2, which is no earlier act"),
        (
            [("submit", "", "approved"), ("reject", "approved", "rejected"),
             ("hold", "rejected", "pending"), ("undo", "pending", "approved", 3)],
            "leads to “approved” and not back to “rejected”",
        ),
    ],
)  # fmt: skip
def test_a_log_that_cannot_have_happened_is_found(rows, says):
    assert says in " ".join(replayed(*rows))


def test_a_revision_that_goes_back_is_found():
    steps = [("submit", "", "pending", 1), ("edit", "pending", "pending", 5)]
    steps.append(("note", "pending", "pending", 1))
    log = [LogRow(1, pk, *step, None) for pk, step in enumerate(steps, start=1)]
    comment = CommentRow(1, 1, "00001", 1, "pending", 1, None, 0, 0, None)
    assert list(faults_of(comment, log)) == [
        "Entry 3 is about revision 1, but it was at 5.",
    ]


def test_what_leaves_the_status_as_it_is_is_no_fault():
    acts = [(action, "pending", "pending") for action in ("revise", "dismiss", "note", "move")]
    assert replayed(SUBMITTED, *acts, ("approve", "pending", "approved")) == []
