"""A model is what comes of its decisions in their order: the same at once and from any state."""

import math
import zlib

import numpy as np
import pytest

from comments.spam.learner.features import Written, features_of
from comments.spam.learner.model import ENOUGH, REMEMBERED, WINDOW, Model, learn_all
from comments.spam.learner.state import DamagedModel, dump, load

HAM = "The {} in my kitchen never rose before this spring, and now it does: thank you"
SPAM = "Buy {} watches, cheap, free delivery: http://shop{}.example/now"


def decisions(count):
    for number in range(count):
        text = SPAM.format(number, number % 7) if number % 2 else HAM.format(number)
        yield features_of(Written(text)), bool(number % 2)


def test_it_learns_what_people_decide():
    model = learn_all(decisions(20))
    assert model.score(features_of(Written(SPAM.format("gold", "3")))) > 1
    assert model.score(features_of(Written(HAM.format("rye")))) < -1


def test_the_same_decisions_give_the_same_bits_at_once_and_from_any_state():
    all_of_them = list(decisions(60))
    at_once = dump(learn_all(all_of_them))
    for cut in (0, 1, 17, 59, 60):
        before = load(dump(learn_all(all_of_them[:cut])))
        assert dump(learn_all(all_of_them[cut:], before)) == at_once


def test_it_advises_until_it_has_seen_enough_of_each_kind():
    model = learn_all(decisions(2 * ENOUGH - 1))
    assert not model.is_ready
    assert model.cutoffs() is None
    assert model.verdict(99.0) == "unsure"
    assert learn_all(list(decisions(2 * ENOUGH))[-1:], model).is_ready
    assert model.verdict(99.0) == "spam"


@pytest.mark.parametrize(
    "harm",
    [
        lambda state: b"",
        lambda state: state[:10],
        lambda state: state[:-1],
        lambda state: state + b"x",
        lambda state: b"\x80\x04K\x01." + state,
        lambda state: state[:200] + bytes([state[200] ^ 1]) + state[201:],
    ],
)
def test_a_damaged_state_is_refused(harm):
    with pytest.raises(DamagedModel):
        load(harm(dump(learn_all(decisions(20)))))


def test_the_weights_are_the_same_on_every_machine():
    model = learn_all(decisions(200))
    tables = (model.weights.astype("<i4"), model.in_ham.astype("<u2"), model.in_spam.astype("<u2"))
    assert [zlib.crc32(table.tobytes()) for table in tables] == [1353976972, 1661237465, 3197126942]


def test_a_decision_that_is_repeated_is_not_learnt_for_ever():
    model, features = learn_all(decisions(40)), features_of(Written("Come to my shop at noon"))
    for _time in range(30):
        model.learn(features, True)
    settled = model.weights.copy()
    for _time in range(70):
        model.learn(features, True)
    assert (model.weights == settled).all()
    # What it knew before is not lost by that.
    assert model.score(features_of(Written(HAM.format("rye")))) < 0


def test_one_wrong_decision_does_not_undo_what_many_taught():
    model, features = learn_all(decisions(100)), features_of(Written(SPAM.format("gold", 3)))
    before = model.score(features)
    model.learn(features, False)
    assert 0 < model.score(features) < before


def test_it_is_judged_before_it_learns():
    model, features = Model(), features_of(Written("Buy watches"))
    assert model.learn(features, True) == 0
    assert model.judged[-1].score == 0
    assert model.learn(features, True) > 0
    assert (model.record().caught, model.record().missed) == (1, 1)


def test_a_state_is_small_and_holds_the_window_and_the_lessons():
    model = learn_all(decisions(REMEMBERED + 10))
    state = dump(model)
    again = load(state)
    assert len(state) < 1_000_000
    assert list(again.judged) == list(model.judged)
    assert len(again.judged) == WINDOW
    assert len(again.lessons) == REMEMBERED
    assert again.cutoffs() == model.cutoffs()
    assert again.middle == model.middle
    assert (again.ham, again.spam) == (model.ham, model.spam)


def test_counts_stop_where_they_would_overflow():
    model, (first, is_spam), *_rest = Model(), *decisions(1)
    model.in_ham[first.slots] = np.iinfo(np.uint16).max
    model.learn(first, is_spam)
    assert model.in_ham[first.slots].min() == np.iinfo(np.uint16).max


def test_an_empty_text_is_no_harm():
    model = learn_all(decisions(20))
    model.learn(features_of(Written("")), True)
    assert math.isfinite(model.score(features_of(Written(""))))
