"""Approving what waits and answering it is one act: taken back whole, but for what others did."""

from threading import Barrier
from uuid import uuid4

import pytest

from comments import reports
from comments.models import Comment
from comments.moderation import (
    Seen,
    StaleComment,
    ThreadClosed,
    answer,
    edit,
    moderate,
    plan_undo,
    reply_left,
    reply_taken,
    undo,
    undo_many,
)
from comments.status import Action, Status
from comments.verifying import verify
from tests.cast import make_person, make_roles
from tests.comments.factories import fragment_of, make_comment, make_submission, make_thread
from tests.comments.test_moderation import counters_agree
from tests.comments.test_races import run_together

pytestmark = pytest.mark.django_db

OURS = "Thank you, says the blog."


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def max_(db):
    return make_person("Max", "Editor")


@pytest.fixture
def pending(thread):
    return make_comment(thread, body="May I?", status=Status.PENDING)


def submission(comment, mona, **fields):
    fields = {"author": mona, "author_name": "Parley", "author_email": "", **fields}
    return make_submission(comment.thread, OURS, parent=comment, **fields)


def answered(comment, mona):
    """Approve and answer; return the approval and the reply."""
    return answer(comment, submission(comment, mona), actor=mona, seen=Seen.of(comment))


def now(comment):
    return Comment.objects.select_related("thread").get(pk=comment.pk)


def statuses(*comments):
    return [now(comment).status for comment in comments]


def act(comment, action, actor):
    return moderate(now(comment), action, actor=actor, seen=Seen.of(now(comment)))


def is_whole(thread):
    """Tell whether the log leads to what is stored, and the counters count it."""
    assert [f"{fault.about}: {fault.says}" for fault in verify()] == []
    return counters_agree(thread)


# --- both or neither ----------------------------------------------------------------------------


def test_what_is_approved_already_is_answered_alone(thread, mona):
    comment = make_comment(thread)
    approval, reply = answered(comment, mona)
    assert approval is None
    assert (reply.parent, reply.log.get().detail) == (comment, None)


def test_a_reply_that_cannot_be_leaves_the_comment_waiting(thread, mona, pending):
    thread.is_open = False
    thread.save()
    with pytest.raises(ThreadClosed):
        answered(pending, mona)
    assert (pending.log.count(), statuses(pending)) == (1, ["pending"])


@pytest.mark.django_db(transaction=True)
def test_two_of_one_form_that_arrive_together_are_one_act():
    make_roles()
    mona = make_person("Mona", "Editor")
    comment = make_comment(make_thread(), status=Status.PENDING)
    reply, seen, start = submission(comment, mona), Seen.of(comment), Barrier(2)

    def send():
        start.wait(timeout=60)
        return answer(comment, reply, actor=mona, seen=seen)

    outcomes = run_together(send, send)
    (made,) = Comment.objects.filter(parent=comment)
    assert [answered for _approval, answered in outcomes] == [made, made]
    assert len([approval for approval, _answered in outcomes if approval]) == 1
    assert is_whole(comment.thread)


# --- taken back ---------------------------------------------------------------------------------


def test_undoing_the_approval_takes_the_reply_out_of_the_page_and_keeps_its_words(
    thread, mona, pending
):
    before = fragment_of(thread)
    approval, reply = answered(pending, mona)
    assert OURS in fragment_of(thread)
    inverse = undo(approval, actor=mona)
    assert fragment_of(thread) == before
    assert statuses(pending, reply) == ["pending", "rejected"]
    assert now(reply).body == OURS
    assert (reply_taken(inverse), reply_left(inverse)) == (reply, None)
    assert is_whole(thread)


def test_the_reply_has_a_row_of_its_own_that_names_what_it_takes_back(thread, mona, max_, pending):
    approval, reply = answered(pending, mona)
    undo(approval, actor=max_)
    row = reply.log.last()
    assert (row.action, row.actor, row.undoes) == (Action.UNDO, max_, reply.log.first())
    assert (row.old_status, row.new_status) == ("approved", "rejected")


def test_undoing_the_undoing_brings_both_back(thread, mona, pending):
    approval, reply = answered(pending, mona)
    shown = fragment_of(thread)
    inverse = undo(approval, actor=mona)
    again = undo(inverse, actor=mona)
    assert statuses(pending, reply) == ["approved", "approved"]
    assert fragment_of(thread) == shown
    undo(again, actor=mona)
    assert statuses(pending, reply) == ["pending", "rejected"]
    assert is_whole(thread)


def test_what_is_undone_within_a_bulk_act_is_taken_back_once(thread, mona, pending):
    approval, reply = answered(pending, mona)
    batch = uuid4()
    undo(approval, actor=mona, batch=batch)
    result = undo_many(batch, actor=mona)
    assert len(result.done) == 2
    assert statuses(pending, reply) == ["approved", "approved"]
    assert is_whole(thread)


def test_of_two_approved_and_answered_one_is_taken_back(thread, mona, pending):
    thread.refresh_from_db()
    other = make_comment(thread, status=Status.PENDING)
    approval, reply = answered(pending, mona)
    _other_approval, other_reply = answered(now(other), mona)
    undo(approval, actor=mona)
    assert statuses(reply, other_reply) == ["rejected", "approved"]


def test_of_two_approvals_of_one_comment_each_has_its_own_reply(thread, mona, max_, pending):
    first, first_reply = answered(pending, mona)
    hold = act(pending, Action.HOLD, max_)
    second, second_reply = answered(now(pending), mona)
    undo(second, actor=mona)
    assert statuses(pending, first_reply, second_reply) == ["pending", "approved", "rejected"]
    undo(hold, actor=max_)
    undo(first, actor=mona)
    assert statuses(pending, first_reply, second_reply) == ["pending", "rejected", "rejected"]
    assert is_whole(thread)


def test_an_approval_without_a_reply_leaves_replies_alone(thread, mona, pending):
    approval = act(pending, Action.APPROVE, mona)
    reply = make_comment(now(pending).thread, parent=now(pending), author=mona)
    inverse = undo(approval, actor=mona)
    assert statuses(pending, reply) == ["pending", "approved"]
    assert (reply_taken(inverse), reply_left(inverse)) == (None, None)


# --- what others did is kept ----------------------------------------------------------------------


def edited(reply, mona, max_):
    seen = Seen.of(reply)
    edit(now(reply), "Better said.", actor=mona, actor_name="Mona", seen=seen)


def publicly_answered(reply, mona, max_):
    make_comment(now(reply).thread, parent=now(reply), body="Welcome.")


def answered_by_one_who_waits(reply, mona, max_):
    make_comment(now(reply).thread, parent=now(reply), status=Status.PENDING)


def rejected(reply, mona, max_):
    act(reply, Action.REJECT, max_)


@pytest.mark.parametrize(
    "meanwhile", [edited, publicly_answered, answered_by_one_who_waits, rejected]
)
def test_a_reply_that_somebody_acted_on_or_answered_stays_as_it_is(
    thread, mona, max_, pending, meanwhile
):
    approval, reply = answered(pending, mona)
    meanwhile(reply, mona, max_)
    left = statuses(reply)
    plan = plan_undo(approval)
    assert (plan.replies, plan.replies_kept, plan.total) == ([], [reply], 1)
    inverse = undo(approval, actor=mona)
    assert statuses(pending) == ["pending"]
    assert statuses(reply) == left
    assert (reply_taken(inverse), reply_left(inverse)) == (None, reply)
    undo(inverse, actor=mona)
    assert statuses(pending, reply) == ["approved", *left]
    assert is_whole(thread)


def test_spam_below_it_is_nobodys_answer(thread, mona, pending):
    approval, reply = answered(pending, mona)
    make_comment(now(reply).thread, parent=now(reply), status=Status.SPAM)
    undo(approval, actor=mona)
    assert statuses(reply) == ["rejected"]


def test_what_came_to_wait_below_it_since_does_not_keep_it_from_coming_back(thread, mona, pending):
    approval, reply = answered(pending, mona)
    below = make_comment(now(reply).thread, parent=now(reply), status=Status.SPAM)
    inverse = undo(approval, actor=mona)
    act(below, Action.HOLD, mona)
    undo(inverse, actor=mona)
    assert statuses(pending, reply) == ["approved", "approved"]
    assert is_whole(thread)


def test_a_note_on_the_reply_changes_nothing_of_it(thread, mona, max_, pending):
    approval, reply = answered(pending, mona)
    act(reply, Action.NOTE, max_)
    undo(approval, actor=mona)
    assert statuses(reply) == ["rejected"]
    assert is_whole(thread)


def test_while_others_acted_on_the_comment_the_reply_stays_too(thread, mona, max_, pending):
    approval, reply = answered(pending, mona)
    act(pending, Action.REJECT, max_)
    with pytest.raises(StaleComment):
        undo(approval, actor=mona)
    assert statuses(pending, reply) == ["rejected", "approved"]


def test_a_reply_that_was_decided_on_since_does_not_come_back(thread, mona, max_, pending):
    approval, reply = answered(pending, mona)
    inverse = undo(approval, actor=mona)
    act(reply, Action.MARK_SPAM, max_)
    undo(inverse, actor=mona)
    assert statuses(pending, reply) == ["approved", "spam"]
    assert is_whole(thread)


def test_reports_of_the_reply_are_answered_by_taking_it_back(thread, mona, pending):
    approval, reply = answered(pending, mona)
    reports.report(now(reply), key="a reader", reporter=None, reason="abuse", note="")
    inverse = undo(approval, actor=mona)
    assert now(reply).open_reports == 0
    again = undo(inverse, actor=mona)
    assert now(reply).open_reports == 1
    undo(again, actor=mona)
    assert now(reply).open_reports == 0
    assert is_whole(thread)


# --- what it would do -----------------------------------------------------------------------------


def test_the_plan_names_the_reply(mona, pending):
    approval, reply = answered(pending, mona)
    plan = plan_undo(approval)
    assert plan.counts == {("approved", "pending"): 1, ("approved", "rejected"): 1}
    assert [tuple(move) for move in plan.replies] == [(reply, "approved", "rejected")]
    back = plan_undo(undo(approval, actor=mona))
    assert [tuple(move) for move in back.replies] == [(reply, "rejected", "approved")]


def test_where_no_reply_was_made_it_costs_no_query(mona, pending, django_assert_num_queries):
    approval = act(pending, Action.APPROVE, mona)
    with django_assert_num_queries(2):
        plan_undo(approval)
