"""What is told of scores is what it is called."""

import math

import pytest

from comments.spam.learner.measures import (
    accuracy,
    area_lost,
    errors,
    ham_blocked,
    interval,
    matthews,
    mean_of,
    outcome,
)

# Two spam caught, one missed; three ham passed, one blamed.
MIXED = outcome([2, 1, -1, -2, -3, -0.5, 0.5], [True, True, True, False, False, False, False])


def test_accuracy_is_the_share_that_is_right():
    assert accuracy(MIXED) == pytest.approx(5 / 7)
    assert errors(MIXED) == 2


def test_matthews_is_the_correlation_of_what_was_said_with_what_is():
    assert matthews(MIXED) == pytest.approx((2 * 3 - 1 * 1) / math.sqrt(3 * 3 * 4 * 4))
    assert matthews(outcome([1, -1], [True, False])) == 1
    assert matthews(outcome([1, 1], [True, False])) == 0


def test_the_area_lost_is_the_share_of_pairs_in_the_wrong_order_and_half_of_the_ties():
    # Of twelve pairs the missed spam at -1 is below the ham at -0.5 and at 0.5.
    assert area_lost(MIXED) == pytest.approx(2 / 12)
    assert area_lost(outcome([0, 0], [True, False])) == 0.5
    assert math.isnan(area_lost(outcome([1.0], [True])))


def test_ham_is_blocked_by_the_cutoff_that_catches_nineteen_of_twenty():
    spam = list(range(1, 21))
    scores = [*spam, 0.5, 1.5, 2.5, -1]
    assert ham_blocked(outcome(scores, [True] * 20 + [False] * 4)) == 0.25


def test_a_figure_of_several_files_is_the_mean_of_those_where_it_has_a_meaning():
    assert mean_of(area_lost, [MIXED, outcome([1.0], [True])]) == pytest.approx(2 / 12)
    assert mean_of(accuracy, [MIXED, outcome([1.0], [True])]) == pytest.approx((5 / 7 + 1) / 2)


def test_an_interval_is_around_its_value_narrower_for_more_and_the_same_each_time():
    few = outcome([1, -1] * 20, [True, False] * 15 + [False, True] * 5)
    many = outcome([1, -1] * 200, [True, False] * 150 + [False, True] * 50)
    of_few, of_many = interval(accuracy, [few]), interval(accuracy, [many])
    assert of_few.low < 0.75 < of_few.high
    assert of_many.high - of_many.low < (of_few.high - of_few.low) / 2
    assert of_few == interval(accuracy, [few])
