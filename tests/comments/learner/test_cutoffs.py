"""The cut-offs and the middle come of what was said of this site's own comments of late."""

import math

import pytest

from comments.spam.learner.cutoffs import (
    LEAST_SURE,
    Cutoffs,
    choose_cutoffs,
    choose_middle,
    record_of,
)
from comments.spam.learner.model import Judged


def judged(ham, spam=()):
    return [Judged(float(score), False) for score in ham] + [Judged(float(s), True) for s in spam]


def test_of_four_hundred_ham_two_are_held_and_none_is_called_spam():
    ham = [number / 100 for number in range(400)]
    cutoffs = choose_cutoffs(judged(ham, spam=[9] * 100))
    verdicts = [cutoffs.verdict(score) for score in ham]
    assert verdicts.count("unsure") == 2
    assert "spam" not in verdicts


def test_scores_are_ham_unsure_or_spam():
    cutoffs = Cutoffs(ham=1, spam=2)
    assert [cutoffs.verdict(score) for score in (0.9, 1, 1.9, 2)] == [
        "ham",
        "unsure",
        "unsure",
        "spam",
    ]


def test_nothing_is_spam_that_is_hardly_surer_than_what_is_held():
    cutoffs = choose_cutoffs(judged([-3] * 300))
    assert cutoffs.ham > -3
    assert cutoffs.spam >= LEAST_SURE
    assert cutoffs.spam - cutoffs.ham >= LEAST_SURE


def test_without_any_ham_all_is_ham():
    assert choose_cutoffs(judged([], spam=[5])) == Cutoffs(math.inf, math.inf)


def test_the_middle_is_where_the_fewest_errors_were_and_is_approached_by_degrees():
    few = [(1.2, True), (0.8, False)] * 15
    many = few * 20
    assert 0 < choose_middle(few) < choose_middle(many)
    assert choose_middle(many) == pytest.approx(1, abs=0.4)
    assert choose_middle([(1.2, True), (0.8, False)] * 5) == 0


def test_the_record_counts_what_was_caught_missed_and_blamed():
    record = record_of(judged(ham=[-1, -1, -1, 1], spam=[1, 1, 1, 1, 1, -1]))
    assert (record.caught, record.missed, record.blamed, record.passed) == (5, 1, 1, 3)
    assert record.precision == pytest.approx(5 / 6)
    assert record.recall == pytest.approx(5 / 6)
    assert record_of([]).precision is None
    assert record_of([]).recall is None
