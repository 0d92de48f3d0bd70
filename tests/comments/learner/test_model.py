"""A model is what comes of its decisions in their order: the same at once and from any state."""

import pytest

from comments.spam.learner.features import Written, features_of
from comments.spam.learner.model import ENOUGH, learn_all
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
