"""Which checkpoints stay: few, and for whatever is undone one that is not far back."""

import pytest

from comments.learning import checkpoints
from comments.learning.checkpoints import kept_of
from comments.learning.memory import Memory
from comments.learning.upkeep import catch_up, rebuild
from comments.models import LearnerCheckpoint, LearnerExample, ModerationLogEntry
from comments.moderation import undo
from tests.comments.factories import make_thread
from tests.comments.learning.lessons import bits, bits_of_fresh_process, teach

MANY = 2_000


def stored_after(count):
    """Return what is kept when one after the other was stored."""
    stored = []
    for upto in range(1, count + 1):
        stored = sorted(kept_of([upto, *stored]), reverse=True)
    return stored


def test_of_many_few_stay():
    assert len(stored_after(MANY)) < 30


@pytest.mark.parametrize("back", [1, 3, 10, 60, 300, 1_000])
def test_to_go_back_is_to_go_little_farther_than_that(back):
    before = [upto for upto in stored_after(MANY) if MANY - upto >= back]
    assert MANY - max(before) <= 3 * back


@pytest.mark.parametrize("stored", [[], [7], [9, 7], [9, 8, 7]])
def test_few_all_stay(stored):
    assert kept_of(stored) == set(stored)


@pytest.mark.django_db
def test_what_is_undone_is_folded_from_the_checkpoint_before_it(mona, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 4)
    thread = make_thread()
    for seed in range(10):
        teach(thread, mona, ham=2, spam=2, seed=seed)
        catch_up()
    stored = set(LearnerCheckpoint.objects.values_list("upto", flat=True))
    assert len(stored) > 3
    some = LearnerExample.objects.order_by("order")[17]
    undo(ModerationLogEntry.objects.get(pk=some.entry_id), actor=mona)
    left = set(LearnerCheckpoint.objects.values_list("upto", flat=True))
    assert left == {upto for upto in stored if upto < some.order}
    assert left
    learnt = bits()
    assert bits_of_fresh_process() == learnt
    rebuild()
    assert bits() == learnt


@pytest.mark.django_db
def test_a_checkpoint_of_examples_that_changed_meanwhile_is_not_stored(mona):
    teach(make_thread(), mona, ham=3, spam=3)
    held = Memory()
    catch_up(held)
    example = LearnerExample.objects.order_by("order").first()
    undo(ModerationLogEntry.objects.get(pk=example.entry_id), actor=mona)
    assert not checkpoints.keep(checkpoints.Folded(held.model, held.upto), held.version.epoch)
    assert not LearnerCheckpoint.objects.exists()
