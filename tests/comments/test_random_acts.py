"""Two editors, authors and readers do anything in any order, and take any of it back: the log leads
to what is there, and whoever takes all of their own acts back is where they began.
"""

from random import Random
from uuid import uuid4

import pytest

from comments import reports
from comments.desk.taking_back import last_act_of
from comments.models import Comment, ModerationLogEntry
from comments.moderation import (
    CannotMove,
    ParentGone,
    Seen,
    StaleComment,
    ThreadClosed,
    answer,
    delete,
    edit,
    moderate,
    moderate_many,
    move_branch,
    revise,
    undo,
    undo_many,
)
from comments.status import Action, IllegalTransition, Status
from comments.verifying import verify
from tests.cast import make_person
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

ACTS = 30
REFUSED = (StaleComment, IllegalTransition, CannotMove, ParentGone, ThreadClosed)
DECISIONS = [Action.APPROVE, Action.HOLD, Action.REJECT, Action.MARK_SPAM, Action.DISMISS]


class World:
    """Two threads with comments of every status, and what can be done to them."""

    def __init__(self, seed, editors):
        self.some, self.editors = Random(seed), editors
        self.with_approvals: set[int] = set()
        self.threads = [make_thread(title=title) for title in ("Here", "There")]
        for thread in self.threads:
            for status in (Status.PENDING, Status.APPROVED, Status.PENDING):
                above = make_comment(thread, status=status)
            below = Comment.objects.filter(thread=thread, status=Status.APPROVED).first()
            above = make_comment(thread, parent=below, status=Status.APPROVED)
            make_comment(thread, parent=above, status=Status.PENDING)

    def comment(self):
        keys = list(Comment.objects.order_by("pk").values_list("pk", flat=True))
        return read(self.some.choice(keys))

    def decide(self, actor):
        comment, action = self.comment(), self.some.choice(DECISIONS)
        moderate(comment, action, actor=actor, seen=Seen.of(comment))

    def decide_on_many(self, actor):
        comments = {comment.pk: comment for comment in (self.comment() for _time in range(3))}
        chosen = [(comment, Seen.of(comment)) for comment in comments.values()]
        moderate_many(chosen, self.some.choice(DECISIONS[:4]), actor=actor)

    def rewrite(self, actor):
        comment = self.comment()
        revise(comment, f"Better {self.some.random()}", actor=actor, seen=Seen.of(comment))

    def answer(self, actor):
        comment = self.comment()
        key = uuid4().hex
        said = make_submission(
            comment.thread, "Ours.", parent=comment, author=actor, submission_key=key
        )
        approval, reply = answer(comment, said, actor=actor, seen=Seen.of(comment))
        if approval is not None:
            self.with_approvals.add(reply.pk)

    def move(self, actor):
        comment, to = self.comment(), self.some.choice([*self.threads, None])
        move_branch(comment, to=to, actor=actor, seen=Seen.of(comment))

    def note(self, actor):
        comment = self.comment()
        moderate(comment, Action.NOTE, actor=actor, seen=Seen.of(comment), note="Look.")

    def take_back(self, actor):
        take_back_last(actor)

    def take_back_any(self, actor):
        rows = list(ModerationLogEntry.objects.select_related("undoes").order_by("pk"))
        entry = self.some.choice(rows)
        if is_built_upon(entry, rows):
            with pytest.raises(REFUSED):
                undo(entry, actor=actor)
        else:
            undo(entry, actor=actor)

    def report(self, _actor):
        comment = self.comment()
        if comment.is_public():
            reports.report(comment, reporter=None, key=uuid4().hex, reason="spam")

    def edit(self, _actor):
        comment = self.comment()
        words = f"Again {self.some.random()}"
        edit(comment, words, actor=None, actor_name="Gus", seen=Seen.of(comment))

    def delete(self, _actor):
        comment = self.comment()
        delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))

    def live(self, *acts):
        """Do ACTS things in any order; return how many were done and not refused."""
        done = 0
        for _act in range(ACTS):
            try:
                self.some.choice(acts)(self.some.choice(self.editors))
            except REFUSED:
                continue
            done += 1
        return done


def is_built_upon(entry, rows):
    """Tell whether somebody's act stands that was done to the comment after this one."""
    undone = {row.undoes_id for row in rows}
    acts = [
        row
        for row in rows
        if row.action != Action.NOTE
        and (row.action != Action.UNDO or row.undoes.action == Action.UNDO)
        and row.pk not in undone
    ]
    return any(row.comment_id == entry.comment_id and row.pk > entry.pk for row in acts)


def read(pk):
    return Comment.objects.select_related("thread", "parent").get(pk=pk)


def take_back_last(actor, before=2**63 - 1):
    """Press z once. Return the row that was taken back or refused, or None."""
    last = last_act_of(actor, before=before)
    if last is None:
        return None
    if last.batch:
        undo_many(last.batch, actor=actor)
    else:
        undo(ModerationLogEntry.objects.get(pk=last.pk), actor=actor)
    return last


def shown(comment):
    """Return what of a comment an editor or a reader can tell."""
    words = comment.public_html if comment.is_public() else ""
    place = (comment.thread_id, comment.parent_id)
    is_reported = (comment.open_reports, comment.reported_at)
    return comment.status, comment.body, words, place, is_reported


def everything():
    return {comment.pk: shown(comment) for comment in Comment.objects.order_by("pk")}


@pytest.fixture
def editors(mona):
    return [mona, make_person("Max", "Editor")]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_done_and_undone_the_log_leads_to_it(seed, editors):
    world = World(seed, editors)
    acts = [
        world.decide, world.decide, world.decide_on_many, world.rewrite, world.answer, world.move,
        world.note, world.take_back, world.take_back_any, world.take_back_any, world.report,
        world.edit, world.delete,
    ]  # fmt: skip
    assert world.live(*acts) > ACTS // 4
    assert list(verify()) == []


@pytest.mark.parametrize("seed", range(12))
def test_whoever_takes_all_of_their_acts_back_is_where_they_began(seed, editors):
    mona = editors[0]
    world = World(seed, [mona])
    world.live(world.report, world.edit)
    before = everything()
    acts = [world.decide, world.decide_on_many, world.rewrite, world.answer, world.move]
    assert world.live(*acts, world.note, world.take_back) > ACTS // 4
    while take_back_last(mona):
        pass
    after = everything()
    assert {pk: after[pk] for pk in before} == before
    assert list(verify()) == []
    # A reply goes with the approval it was posted with, unless somebody is below it by now.
    answered = set(Comment.objects.exclude(status=Status.REJECTED).values_list("parent", flat=True))
    for pk in world.with_approvals - answered:
        assert after[pk][0] == Status.REJECTED
