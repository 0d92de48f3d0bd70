"""Which decisions are learnt from: of each act, its undoing, and of any acts in any order."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.leaving import leaving
from comments.learning import checkpoints
from comments.learning.examples import follow
from comments.models import Comment, LearnerExample, LearnerState, ModerationLogEntry, Thread
from comments.moderation import (
    Seen,
    answer,
    delete,
    edit,
    moderate_many,
    revise,
    submit,
    undelete,
    undo,
    undo_many,
)
from comments.own import Taken
from comments.status import Action, Status
from comments.transfer.records import ImportMap, ImportRun
from comments.transfer.reverting import lock_threads, remove_comments
from comments.turns import turn
from tests.cast import make_person
from tests.comments.factories import make_comment, make_submission, make_thread
from tests.comments.learning.lessons import (
    bits,
    bits_of_fresh_process,
    bits_of_rebuild,
    decide,
    examples,
    teach,
)
from tests.comments.test_random_acts import World, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


def label_of(comment):
    example = LearnerExample.objects.filter(comment=comment).first()
    return example and example.label


@pytest.mark.parametrize(
    ("acts", "label"),
    [
        ([Action.APPROVE], "ham"),
        ([Action.MARK_SPAM], "spam"),
        ([Action.REJECT], None),
        ([Action.APPROVE, Action.HOLD], None),
        ([Action.APPROVE, Action.MARK_SPAM], "spam"),
        ([Action.MARK_SPAM, Action.APPROVE], "ham"),
        ([Action.APPROVE, Action.HOLD, Action.MARK_SPAM], "spam"),
        ([Action.MARK_SPAM, Action.REJECT], None),
        ([Action.APPROVE, Action.NOTE], "ham"),
        ([Action.APPROVE, Action.DISMISS], "ham"),
        ([Action.REJECT, Action.DISMISS], None),
        ([Action.MARK_SPAM, Action.DISMISS], "spam"),
    ],
)
def test_the_newest_decision_says_what_a_comment_teaches(thread, mona, acts, label):
    comment = make_comment(thread, status=Status.PENDING)
    for act in acts:
        decide(comment, act, mona)
    assert label_of(comment) == label


def test_each_act_undone_is_as_if_it_had_never_been(thread, mona):
    teach(thread, mona, ham=2, spam=2)
    comment = make_comment(thread, status=Status.PENDING)
    states, entries = [bits()], []
    for act in (Action.APPROVE, Action.MARK_SPAM, Action.APPROVE, Action.HOLD):
        entries.append(decide(comment, act, mona))
        states.append(bits())
    for entry in reversed(entries):
        assert bits() == states.pop()
        undo(entry, actor=mona)
    assert bits() == states.pop()


def test_to_undo_an_undoing_teaches_again(thread, mona):
    comment = make_comment(thread, status=Status.PENDING)
    approval = decide(comment, Action.APPROVE, mona)
    teach(thread, mona, ham=1, spam=2)
    before = bits()
    inverse = undo(approval, actor=mona)
    assert label_of(comment) is None
    undo(inverse, actor=mona)
    assert bits() == before


def test_the_same_said_again_trains_once(thread, mona):
    comment = make_comment(thread, body="First words.", status=Status.PENDING)
    decide(comment, Action.APPROVE, mona)
    before = examples()
    edit(comment, "Other words.", actor=None, actor_name="Gus", seen=Seen(Status.APPROVED, 1))
    decide(comment, Action.APPROVE, mona)
    assert examples() == before == [(comment.pk, "ham", 1)]


@pytest.mark.parametrize("status", [Status.APPROVED, Status.SPAM, Status.PENDING])
def test_what_the_site_decides_by_itself_teaches_nothing(thread, status):
    comment = make_comment(thread, status=status)
    if status == Status.PENDING:
        decide(comment, Action.APPROVE, None)
    assert label_of(comment) is None


def test_who_keeps_a_reported_comment_says_that_it_is_good(thread, mona):
    comment = make_comment(thread)
    entry = decide(comment, Action.DISMISS, mona)
    assert label_of(comment) == "ham"
    undo(entry, actor=mona)
    assert label_of(comment) is None


def test_it_learns_the_words_that_were_decided_on(thread, mona):
    comment = make_comment(thread, body="bread and salt", status=Status.PENDING)
    decide(comment, Action.APPROVE, mona)
    before = bits()
    revise(read(comment.pk), "casino pills", actor=mona, seen=Seen.of(read(comment.pk)))
    assert bits_of_fresh_process() == before


def test_what_its_author_deletes_is_forgotten_and_comes_back_with_it(thread, mona):
    teach(thread, mona, ham=1, spam=1)
    comment = make_comment(thread, author_website="https://bread.example/", status=Status.PENDING)
    without = bits()
    decide(comment, Action.APPROVE, mona)
    comment, with_it = read(comment.pk), bits()
    taken = Taken.of(comment)
    entry = delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    assert bits() == without
    undelete(entry, taken, actor=None, actor_name="Gus")
    assert bits() == with_it


def test_who_approves_in_answering_teaches_too(thread, mona):
    comment = make_comment(thread, status=Status.PENDING)
    reply = make_submission(thread, "Ours.", parent=comment, author=mona)
    approval, _reply = answer(read(comment.pk), reply, actor=mona, seen=Seen.of(comment))
    assert examples() == [(comment.pk, "ham", 1)]
    undo(approval, actor=mona)
    assert examples() == []


def test_what_came_from_elsewhere_with_its_history_teaches_nothing(thread, mona):
    """An import brings decisions of people too, but they are of another place."""
    comment = make_comment(thread, status=Status.PENDING)
    decide(comment, Action.APPROVE, mona)
    run = ImportRun.objects.create(format="x", source="x", file_name="x", file_size=1)
    ImportRun.objects.update(started_at=timezone.now() + timedelta(seconds=5))
    ImportMap.objects.create(
        source="x", kind="comment", external_id="1", object_id=comment.pk, run=run
    )
    follow([comment.pk])
    assert examples() == []


# --- what the rules had said ------------------------------------------------------------------


def test_it_keeps_what_the_checks_beside_it_had_said(thread, mona, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.too_many_links"]
    plain = submit(make_submission(thread, "None."))
    many = submit(make_submission(thread, " ".join(f"https://{n}.example/" for n in "abcd")))
    for comment, act in ((plain, Action.MARK_SPAM), (many, Action.APPROVE)):
        decide(comment, act, mona)
    verdicts = dict(LearnerExample.objects.values_list("comment", "rules_verdict"))
    assert verdicts == {plain.pk: "ham", many.pk: "unsure"}


# --- many -------------------------------------------------------------------------------------


def test_many_at_once_cost_as_many_queries_as_few(thread, mona, django_assert_max_num_queries):
    comments = [make_comment(thread, status=Status.PENDING) for _each in range(60)]
    LearnerState.objects.create(pk=1)
    ModerationLogEntry.objects.bulk_create(
        ModerationLogEntry(
            comment=comment, actor=mona, action=Action.APPROVE, old_status="pending",
            new_status="approved", revision=1, created_at=comment.created_at,
        )
        for comment in comments
    )  # fmt: skip
    with django_assert_max_num_queries(5):
        follow([comment.pk for comment in comments])
    assert LearnerExample.objects.count() == 60
    with django_assert_max_num_queries(1):
        follow([comment.pk for comment in comments])


def test_a_bulk_act_teaches_and_unteaches_as_one(thread, mona):
    before = bits()
    comments = [make_comment(thread, body=f"Bread {n}", status=Status.PENDING) for n in range(5)]
    chosen = [(comment, Seen.of(comment)) for comment in comments]
    done = moderate_many(chosen, Action.MARK_SPAM, actor=mona)
    assert [label for _pk, label, _revision in examples()] == ["spam"] * 5
    undo_many(done.batch, actor=mona)
    assert bits() == before


# --- anything in any order --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_done_the_model_is_what_a_rebuild_makes_of_the_log(seed, mona, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 2)
    world = World(seed, [mona, make_person("Max", "Editor")])
    acts = [
        world.decide, world.decide, world.decide_on_many, world.rewrite, world.answer, world.move,
        world.note, world.take_back, world.take_back_any, world.report, world.edit, world.delete,
        lambda _actor: bits(),
    ]  # fmt: skip
    assert world.live(*acts) > 5
    learnt, there = bits(), examples()
    assert there, "nothing was learnt: nothing is shown by this"
    assert bits_of_fresh_process() == learnt
    assert bits_of_rebuild() == learnt
    assert examples() == there


# --- erased -----------------------------------------------------------------------------------


def test_an_erased_person_leaves_no_trace(thread, mona, bob):
    theirs = [make_comment(thread, author=bob, body=f"Mine {n}", status=Status.PENDING)
              for n in range(4)]  # fmt: skip
    teach(thread, mona, ham=2, spam=2)
    without = bits()
    for comment in theirs:
        decide(comment, Action.APPROVE, mona)
    teach(thread, mona, ham=1, spam=1, seed=2)
    with leaving([bob.pk]):
        bob.delete()
    left = bits()
    assert left != without
    assert bits_of_rebuild() == left
    assert not LearnerExample.objects.filter(comment__in=theirs).exists()


@pytest.mark.parametrize("way", ["their page", "the list"])
def test_who_deletes_an_account_in_the_admin_has_the_learner_forget_it(
    thread, mona, bob, client, way
):
    root = make_person("Root", is_staff=True, is_superuser=True)
    teach(thread, mona, ham=2, spam=2)
    without = bits()
    comment = make_comment(thread, author=bob, status=Status.PENDING)
    decide(comment, Action.APPROVE, mona)
    assert bits() != without
    client.force_login(root)
    if way == "their page":
        client.post(reverse("admin:accounts_user_delete", args=[bob.pk]), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [bob.pk], "post": "yes"}
        client.post(reverse("admin:accounts_user_changelist"), chosen)
    assert Comment.objects.get(pk=comment.pk).author is None
    assert bits() == without
    assert bits_of_rebuild() == without


def test_an_import_that_is_taken_back_takes_what_was_learnt_from_it(thread, mona):
    teach(thread, mona, ham=1, spam=1)
    without = bits()
    run = ImportRun.objects.create(format="x", source="x", file_name="x", file_size=1)
    comment = make_comment(make_thread(), status=Status.PENDING)
    of_run = {"source": "x", "kind": "comment", "external_id": "1", "run": run}
    ImportMap.objects.create(object_id=comment.pk, **of_run)
    decide(comment, Action.APPROVE, mona)
    assert bits() != without
    with turn():
        lock_threads(run, Thread.objects.none())
        remove_comments(run, [comment.thread_id])
    assert not Comment.objects.filter(pk=comment.pk).exists()
    assert bits() == without
