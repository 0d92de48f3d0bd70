"""The one door: what it writes, what it refuses, and that nothing is ever half done."""

import pytest
from django.db import connection, transaction

from comments.models import Comment, CommentRevision, ModerationLogEntry, Thread
from comments.moderation import (
    ParentGone,
    Seen,
    StaleComment,
    ThreadClosed,
    delete,
    edit,
    moderate,
    moderate_many,
    submit,
    undo,
    undo_many,
)
from comments.status import Action, IllegalTransition, Status
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def counters_agree(thread):
    """Compare every stored counter with what COUNT(*) says."""
    thread.refresh_from_db()
    comments = list(thread.comments.all())
    approved = [comment for comment in comments if comment.is_public()]
    assert thread.approved_count == len(approved)
    for comment in comments:
        below = [
            other for other in approved if other.path.startswith(comment.path) and other != comment
        ]
        assert comment.living_replies == len(below), comment.path
    return True


def test_a_comment_is_numbered_placed_counted_and_logged(thread):
    root = make_comment(thread)
    reply = make_comment(thread, parent=root)
    assert (root.number, root.path, root.depth) == (1, "00001", 0)
    assert (reply.number, reply.path, reply.depth) == (2, "0000100002", 1)
    assert counters_agree(thread)
    (entry,) = reply.log.all()
    assert (entry.action, entry.old_status, entry.new_status) == ("submit", "", "approved")


def test_the_first_row_of_every_comment_says_why_it_was_held(thread):
    comment = submit(make_submission(thread))
    assert comment.status == Status.PENDING
    (entry,) = comment.log.all()
    assert [finding["check"] for finding in entry.findings] == ["first_time_commenter"]


def test_the_same_submission_again_is_the_same_comment(thread):
    offered = make_submission(thread)
    assert submit(offered) == submit(offered)
    assert Comment.objects.count() == ModerationLogEntry.objects.count() == 1


def test_a_closed_thread_takes_nothing(thread):
    Thread.objects.update(is_open=False)
    with pytest.raises(ThreadClosed):
        submit(make_submission(thread))
    assert not Comment.objects.exists()


def test_a_parent_that_was_removed_meanwhile_takes_no_reply(thread):
    root = make_comment(thread)
    moderate(root, Action.REJECT, actor=None, seen=Seen.of(root))
    with pytest.raises(ParentGone):
        submit(make_submission(thread, parent=root))


def test_a_parent_from_another_thread_is_no_parent(thread):
    elsewhere = make_comment(make_thread())
    with pytest.raises(ParentGone):
        submit(make_submission(thread, parent=elsewhere))


@pytest.mark.parametrize(
    ("action", "status"),
    [
        (Action.APPROVE, "approved"),
        (Action.REJECT, "rejected"),
        (Action.MARK_SPAM, "spam"),
    ],
)
def test_an_act_changes_status_log_counters_and_version_together(thread, action, status):
    comment = make_comment(thread, status=Status.PENDING)
    before = Thread.objects.get().version
    entry = moderate(comment, action, actor=None, seen=Seen.of(comment), reason="off_topic")
    comment.refresh_from_db()
    assert comment.status == entry.new_status == status
    assert (entry.old_status, entry.reason) == ("pending", "off_topic")
    assert counters_agree(thread)
    assert Thread.objects.get().version == before + (status == "approved")


def test_an_act_on_what_is_no_longer_so_writes_nothing(thread):
    comment = make_comment(thread, status=Status.PENDING)
    seen = Seen.of(comment)
    first = moderate(comment, Action.APPROVE, actor=None, seen=seen)
    with pytest.raises(StaleComment) as stale:
        moderate(comment, Action.MARK_SPAM, actor=None, seen=seen)
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED
    assert list(comment.log.order_by("pk"))[-1] == first
    assert stale.value.since == [first]
    assert counters_agree(thread)


def test_an_act_is_bound_to_the_revision_that_was_seen(thread, settings):
    settings.COMMENTS_CHECKS = []
    comment = make_comment(thread, body="Harmless.")
    seen = Seen.of(comment)
    edit(comment, "Something else.", actor=None, actor_name="Gus", seen=seen)
    with pytest.raises(StaleComment) as stale:
        moderate(comment, Action.HOLD, actor=None, seen=seen)
    assert [entry.action for entry in stale.value.since] == ["edit"]
    assert Comment.objects.get().status == Status.APPROVED


def test_a_removed_comment_gives_back_its_branch_when_it_is_approved_again(thread):
    root = make_comment(thread)
    child = make_comment(thread, parent=root)
    make_comment(thread, parent=child)
    moderate(root, Action.REJECT, actor=None, seen=Seen.of(root))
    assert counters_agree(thread)
    root.refresh_from_db()
    assert root.living_replies == 2
    moderate(root, Action.APPROVE, actor=None, seen=Seen.of(root))
    assert counters_agree(thread)
    assert thread.comments.approved().count() == 3


def test_many_are_done_and_the_stale_ones_are_told(thread):
    fresh = make_comment(thread, status=Status.PENDING)
    changed = make_comment(thread, status=Status.PENDING)
    dead = make_comment(thread, status=Status.PENDING)
    chosen = [(comment, Seen.of(comment)) for comment in (fresh, changed)]
    delete(dead, actor=None, actor_name="Gus", seen=Seen.of(dead))
    dead.refresh_from_db()
    moderate(changed, Action.MARK_SPAM, actor=None, seen=Seen.of(changed))
    result = moderate_many([*chosen, (dead, Seen.of(dead))], Action.APPROVE, actor=None)
    assert [entry.comment for entry in result.done] == [fresh]
    assert [stale.comment for stale in result.stale] == [changed]
    assert result.illegal == [dead]
    assert {entry.batch for entry in result.done} == {result.batch}
    assert counters_agree(thread)


def test_an_edit_keeps_the_words_before_it_and_passes_the_checks(thread, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.too_many_links"]
    comment = make_comment(thread, body="My first pargraph.")
    seen = Seen.of(comment)
    comment = edit(comment, "My first paragraph.", actor=None, actor_name="Gus", seen=seen)
    assert (comment.revision, comment.status) == (2, "approved")
    assert comment.body_html == "<p>My first paragraph.</p>\n"
    assert CommentRevision.objects.get().body == "My first pargraph."
    links = " ".join(f"https://example.com/{n}" for n in range(5))
    comment = edit(comment, links, actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert comment.status == Status.PENDING
    assert comment.log.last().findings[0]["check"] == "too_many_links"
    assert counters_agree(thread)


def test_a_held_comment_is_not_let_out_by_an_edit(thread, settings):
    settings.COMMENTS_CHECKS = []
    for status in (Status.SPAM, Status.PENDING):
        comment = make_comment(thread, status=status)
        comment = edit(comment, "Nice words.", actor=None, actor_name="Gus", seen=Seen.of(comment))
        assert comment.status == status


def test_deleting_blanks_the_words_and_keeps_the_place(thread):
    root = make_comment(thread, body="Secret.")
    make_comment(thread, parent=root)
    root = edit(root, "Other secret.", actor=None, actor_name="Gus", seen=Seen.of(root))
    delete(root, actor=None, actor_name="Gus", seen=Seen.of(root))
    root.refresh_from_db()
    assert (root.status, root.body, root.body_html, root.author_email) == ("deleted", "", "", "")
    assert not CommentRevision.objects.exists()
    assert thread.comments.shown().first() == root
    assert counters_agree(thread)


def test_deleting_a_held_comment_changes_the_word_on_its_tombstone(thread):
    root = make_comment(thread)
    make_comment(thread, parent=root)
    moderate(root, Action.HOLD, actor=None, seen=Seen.of(root))
    before = Thread.objects.get().version
    root.refresh_from_db()
    delete(root, actor=None, actor_name="Gus", seen=Seen.of(root))
    assert Thread.objects.get().version == before + 1
    assert counters_agree(thread)


def test_undo_is_the_inverse_as_a_new_row(thread):
    comment = make_comment(thread, status=Status.PENDING)
    entry = moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    inverse = undo(entry, actor=None)
    comment.refresh_from_db()
    assert (comment.status, inverse.action, inverse.undoes) == ("pending", "undo", entry)
    assert counters_agree(thread)
    redone = undo(inverse, actor=None)
    assert redone.new_status == Status.APPROVED
    assert counters_agree(thread)


def test_undo_keeps_what_others_did_since(thread):
    comment = make_comment(thread, status=Status.PENDING)
    entry = moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    comment.refresh_from_db()
    moderate(comment, Action.MARK_SPAM, actor=None, seen=Seen.of(comment))
    with pytest.raises(StaleComment) as stale:
        undo(entry, actor=None)
    assert [late.action for late in stale.value.since] == ["mark_spam"]
    comment.refresh_from_db()
    assert comment.status == Status.SPAM


def test_undo_knows_what_came_after_even_when_it_led_back(thread):
    comment = make_comment(thread, status=Status.PENDING)
    entry = moderate(comment, Action.APPROVE, actor=None, seen=Seen.of(comment))
    for action in (Action.HOLD, Action.APPROVE):
        comment.refresh_from_db()
        moderate(comment, action, actor=None, seen=Seen.of(comment))
    with pytest.raises(StaleComment) as stale:
        undo(entry, actor=None)
    assert [late.action for late in stale.value.since] == ["approve", "hold"]


def test_a_bulk_act_is_undone_as_one_but_for_what_others_did_since(thread):
    comments = [make_comment(thread, status=Status.PENDING) for _number in range(3)]
    chosen = [(comment, Seen.of(comment)) for comment in comments]
    bulk = moderate_many(chosen, Action.APPROVE, actor=None)
    comments[1].refresh_from_db()
    moderate(comments[1], Action.REJECT, actor=None, seen=Seen.of(comments[1]))
    undone = undo_many(bulk.batch, actor=None)
    assert [entry.comment for entry in undone.done] == [comments[0], comments[2]]
    assert [stale.comment for stale in undone.stale] == [comments[1]]
    statuses = list(thread.comments.order_by("pk").values_list("status", flat=True))
    assert statuses == ["pending", "rejected", "pending"]
    redone = undo_many(undone.batch, actor=None)
    assert len(redone.done) == 2
    assert counters_agree(thread)


def test_admission_edit_and_deletion_have_no_inverse(thread):
    comment = make_comment(thread)
    with pytest.raises(IllegalTransition):
        undo(comment.log.get(), actor=None)
    delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    with pytest.raises(IllegalTransition):
        undo(comment.log.last(), actor=None)


def test_the_log_is_append_only(thread):
    entry = make_comment(thread).log.get()
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


@pytest.mark.parametrize("act", ["update", "delete"])
def test_postgresql_itself_refuses_to_change_the_log(thread, act):
    make_comment(thread)
    rows = ModerationLogEntry.objects.all()
    if connection.vendor != "postgresql":
        assert rows.update(note="SQLite has no such guard; the model's save() has.") == 1
        return
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        rows.update(note="changed") if act == "update" else rows._raw_delete(rows.db)


def test_a_reply_below_the_deepest_level_stands_beside_its_parent(thread):
    parent = None
    for _level in range(45):
        parent = make_comment(thread, parent=parent)
    assert parent.depth == 39
    assert parent.parent.depth == 39
    assert len(parent.path) == 200
    assert counters_agree_on_reading_order(thread)


def counters_agree_on_reading_order(thread):
    numbers = list(thread.comments.order_by("path").values_list("number", flat=True))
    return numbers == sorted(numbers)
