"""`manage.py verify_log`: what follows from the log is found right, and every damage is found."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from comments import reports, verifying
from comments.models import Comment, ModerationLogEntry, Thread
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
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db


def verify(*arguments):
    out = StringIO()
    call_command("verify_log", *arguments, stdout=out)
    return out.getvalue()


def faults():
    return [str(fault) for fault in verifying.Verification().faults()]


@pytest.fixture
def lived(mona, settings):
    """A thread in which everything has been done once."""
    settings.COMMENTS_CHECKS = []
    thread, other = make_thread(), make_thread()
    root = make_comment(thread)
    child = make_comment(thread, parent=root)
    make_comment(thread, parent=child)
    held = make_comment(thread, parent=root, status=Status.PENDING)
    entry = moderate(root, Action.REJECT, actor=mona, seen=Seen.of(root))
    undo(entry, actor=mona)
    bulk = moderate_many(
        [(each, Seen.of(Comment.objects.get(pk=each.pk))) for each in (root, held)],
        Action.MARK_SPAM,
        actor=mona,
    )
    undo_many(bulk.batch, actor=mona)
    child = edit(child, "Better.", actor=None, actor_name="Gus", seen=Seen.of(child))
    revised = revise(child, "Best.", actor=mona, seen=Seen.of(child))
    undo(revised, actor=mona)
    child.refresh_from_db()
    reports.report(child, reporter=None, key="eve", reason="abuse")
    moderate(child, Action.NOTE, actor=mona, seen=Seen.of(child), note="Hm.")
    move_branch(child, to=other, actor=mona, seen=Seen.of(child))
    gone = make_comment(thread)
    delete(gone, actor=None, actor_name="Gus", seen=Seen.of(gone))
    return thread


def test_everything_that_can_be_done_leaves_what_the_log_says(lived):
    assert "everything is as the log says" in verify()
    assert "3 comments" in verify("--thread", str(lived.pk))


DAMAGE = {
    "a status": lambda: Comment.objects.filter(status="pending").update(status="spam"),
    "a revision": lambda: Comment.objects.filter(status="pending").update(revision=7),
    "the public ones": lambda: Thread.objects.update(approved_count=99),
    "the last number": lambda: Thread.objects.update(last_number=0),
    "those below": lambda: Comment.objects.filter(depth=0).update(living_replies=5),
    "none below": lambda: Comment.objects.update(living_replies=0),
    "the reports": lambda: Comment.objects.update(open_reports=3),
    "the first report": lambda: Comment.objects.update(reported_at=timezone.now()),
    "a row too many": lambda: damage_log(Action.APPROVE, "pending", "approved"),
    "a row that leads nowhere": lambda: damage_log(Action.APPROVE, "spam", "rejected"),
}


def damage_log(action, old, new):
    comment = Comment.objects.filter(status="pending").get()
    ModerationLogEntry.objects.create(
        comment=comment,
        action=action,
        old_status=old,
        new_status=new,
        revision=comment.revision,
        created_at=timezone.now(),
    )


@pytest.mark.parametrize("damage", DAMAGE)
def test_every_damage_is_found_and_the_command_ends_with_1(lived, damage):
    assert faults() == []
    DAMAGE[damage]()
    assert faults()
    with pytest.raises(CommandError, match="not so"):
        verify()


def test_a_comment_without_an_admission_is_found(lived):
    comment = make_comment(lived)
    copied = Comment.objects.get(pk=comment.pk)
    copied.pk, copied.number, copied.path = None, 90, "0002i"
    copied.submission_key = "another"
    copied.save()
    assert any("not even its admission" in fault for fault in faults())


def test_one_thread_is_looked_at_alone(lived):
    other = make_thread()
    Thread.objects.filter(pk=other.pk).update(approved_count=5)
    verify("--thread", str(lived.pk))
    with pytest.raises(CommandError):
        verify("--thread", str(other.pk))
    with pytest.raises(CommandError, match="no thread"):
        verify("--thread", "987654")


def test_many_comments_cost_as_many_queries_as_few(lived, django_assert_num_queries):
    for number in range(3):
        make_comment(lived, body=f"More {number}.")
    with django_assert_num_queries(9):
        assert faults() == []
