"""A page's author as its first moderator: what the rule opens and what editors keep."""

import pytest
from django.contrib.auth.models import Group

from comments.first_moderators import (
    Overruled,
    act,
    acts_for,
    may_moderate_here,
    open_to,
    take_back,
    undoable,
    within_reach,
)
from comments.models import Comment, DiscussionRules, ModerationLogEntry, Thread
from comments.models.rules import ONLY
from comments.moderation import Seen, StaleComment, edit, moderate, undo
from comments.status import Action, IllegalTransition, Status
from tests.cast import make_person
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

HOLD, REJECT = Action.HOLD, Action.REJECT


@pytest.fixture(autouse=True)
def rules(db):
    """The site whose authors moderate; a test may turn that off."""
    rules = DiscussionRules(pk=ONLY, authors_moderate=True)
    rules.save()
    return rules


@pytest.fixture
def thread(alice):
    return make_thread(title="On bread", url="/", owner=alice)


@pytest.fixture
def comment(thread):
    return make_comment(thread, body="Buy *my* bread.")


def now(comment):
    return Comment.objects.select_related("thread").get(pk=comment.pk)


def now_thread(thread):
    return Thread.objects.get(pk=thread.pk)


def decide(comment, action, actor=None):
    return moderate(now(comment), action, actor=actor, seen=Seen.of(now(comment)))


# --- what is within reach -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "acts"),
    [
        (Status.APPROVED, (HOLD, REJECT)),
        (Status.PENDING, (REJECT,)),
        (Status.SPAM, ()),
        (Status.REJECTED, ()),
        (Status.DELETED, ()),
    ],
)
def test_what_is_done_follows_from_the_status(alice, thread, status, acts):
    comment = make_comment(thread)
    public = 1 if status == Status.APPROVED else None
    Comment.objects.filter(pk=comment.pk).update(status=status, approved_revision=public)
    assert acts_for(alice, now(comment)) == acts


@pytest.mark.parametrize("action", [Action.APPROVE, Action.HOLD])
def test_what_an_editor_decided_is_out_of_reach(alice, mona, thread, action):
    comment = make_comment(
        thread, status=Status.PENDING if action == Action.APPROVE else Status.APPROVED
    )
    assert may_moderate_here(alice, comment)
    decide(comment, action, mona)
    assert not may_moderate_here(alice, now(comment))
    assert acts_for(alice, now(comment)) == ()


def test_what_an_editor_undid_or_kept_is_out_of_reach(alice, mona, thread):
    for decision in (Action.DISMISS, Action.UNDO):
        comment = make_comment(thread)
        ModerationLogEntry.objects.create(
            comment=comment, actor=mona, action=decision, old_status="approved",
            new_status="approved", revision=1, created_at=comment.created_at,
        )  # fmt: skip
        assert not may_moderate_here(alice, comment)


def test_an_editor_who_takes_the_authors_act_back_has_decided(alice, mona, comment):
    entry = act(comment, REJECT, actor=alice, seen=Seen.of(comment))
    undo(entry, actor=mona)
    assert now(comment).status == Status.APPROVED
    assert acts_for(alice, now(comment)) == ()


def test_an_editors_note_or_other_words_decide_nothing(alice, mona, comment):
    for what in (Action.NOTE, Action.REVISE, Action.MOVE):
        ModerationLogEntry.objects.create(
            comment=comment, actor=mona, action=what, old_status="approved",
            new_status="approved", revision=1, created_at=comment.created_at,
        )  # fmt: skip
    assert may_moderate_here(alice, comment)


def test_what_the_site_or_the_author_decided_is_within_reach(alice, comment):
    decide(comment, Action.HOLD, None)
    assert may_moderate_here(alice, now(comment))
    act(now(comment), REJECT, actor=alice, seen=Seen.of(now(comment)))
    assert acts_for(alice, now(comment)) == (HOLD,)


def test_an_editor_is_who_may_moderate_by_now(alice, mona, thread):
    comment = make_comment(thread, author=mona)
    decide(comment, Action.HOLD, mona)
    assert not may_moderate_here(alice, now(comment))
    mona.groups.set([Group.objects.get(name="Reader")])
    assert may_moderate_here(alice, now(comment))


def test_of_an_account_that_is_gone_nobody_knows_what_it_was(alice, comment):
    former = make_person("Max", "Reader")
    decide(comment, Action.HOLD, former)
    assert may_moderate_here(alice, now(comment))
    former.delete()
    assert not may_moderate_here(alice, now(comment))


def test_an_editors_own_comment_is_out_of_reach(alice, mona, thread):
    comment = make_comment(thread, author=mona)
    assert not may_moderate_here(alice, comment)
    with pytest.raises(Overruled):
        act(comment, REJECT, actor=alice, seen=Seen.of(comment))
    assert now(comment).status == Status.APPROVED


def test_what_is_open_on_a_page_is_what_is_within_reach(alice, bob, mona, thread):
    former = make_person("Max", "Reader")
    written = [make_comment(now_thread(thread), author=each) for each in (None, alice, bob, mona)]
    written.append(make_comment(now_thread(thread), status=Status.PENDING))
    for actor in (None, alice, bob, mona, former):
        written.append(make_comment(now_thread(thread)))
        decide(written[-1], Action.HOLD, actor)
        decide(written[-1], Action.APPROVE, actor)
    written.append(make_comment(now_thread(thread)))
    decide(written[-1], Action.HOLD, mona)
    decide(written[-1], Action.APPROVE, bob)
    former.delete()
    public = [each for each in map(now, written) if each.is_public()]
    reach = within_reach(alice, public)
    assert len(reach) == 7
    assert {each.pk for each in open_to(alice, [each.pk for each in written])} == reach


def test_a_superuser_counts_as_an_editor(alice, thread, django_user_model):
    root = django_user_model.objects.create_superuser("root@example.org", "x")
    assert not may_moderate_here(alice, make_comment(thread, author=root))


def test_only_holding_and_rejecting_are_an_authors(alice, thread):
    comment = make_comment(thread, status=Status.PENDING)
    for action in set(Action) - {HOLD, REJECT}:
        with pytest.raises(IllegalTransition):
            act(comment, action, actor=alice, seen=Seen.of(comment))
    assert comment.log.count() == 1


def test_an_act_is_bound_to_what_was_seen(alice, comment):
    seen = Seen.of(comment)
    edit(comment, "Other words", actor=None, actor_name="Gus Guest", seen=seen)
    with pytest.raises(StaleComment):
        act(comment, REJECT, actor=alice, seen=seen)


def test_an_editors_decision_that_led_back_is_one_all_the_same(alice, mona, comment):
    seen = Seen.of(comment)
    undo(decide(comment, Action.HOLD, mona), actor=mona)
    assert Seen.of(now(comment)) == seen
    with pytest.raises(Overruled):
        act(comment, REJECT, actor=alice, seen=seen)


# --- taking it back -------------------------------------------------------------------------


def test_the_newest_act_of_ones_own_is_taken_back(alice, comment):
    act(comment, HOLD, actor=alice, seen=Seen.of(comment))
    entry = undoable(alice, now(comment))
    assert entry.action == HOLD
    inverse = take_back(comment, actor=alice, seen=Seen.of(now(comment)))
    assert (inverse.undoes, now(comment).status) == (entry, Status.APPROVED)
    assert undoable(alice, now(comment)) is None


def test_what_others_did_since_keeps_it(alice, mona, comment):
    act(comment, HOLD, actor=alice, seen=Seen.of(comment))
    decide(comment, Action.APPROVE, mona)
    assert undoable(alice, now(comment)) is None
    with pytest.raises(Overruled):
        take_back(comment, actor=alice, seen=Seen.of(now(comment)))


def test_nobody_takes_back_anothers_act_or_without_the_rule(alice, bob, mona, comment, rules):
    act(comment, HOLD, actor=alice, seen=Seen.of(comment))
    assert undoable(bob, now(comment)) is None
    assert undoable(mona, now(comment)) is None
    rules.authors_moderate = False
    rules.save()
    assert undoable(alice, now(comment)) is None
