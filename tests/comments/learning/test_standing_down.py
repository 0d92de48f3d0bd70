"""Whether the learner does worse than the rules: by figures alone, and by what people decide."""

from random import Random

import pytest
from django.utils import timezone

from comments.learning.memory import memory
from comments.learning.standing_down import Case, compare, verdicts_then
from comments.learning.upkeep import catch_up, stand_down
from comments.models import LearnerExample, LearnerState
from comments.spam import Verdict
from comments.spam.learner.cutoffs import Cutoffs
from comments.spam.learner.model import Judged
from tests.comments.factories import make_thread
from tests.comments.learning.lessons import scores, teach

HAM, UNSURE, SPAM = Verdict


def cases(count, learner, rules, *, is_spam):
    return [Case(learner, rules, is_spam)] * count


def test_who_calls_good_comments_spam_does_worse_than_rules_that_hold_all():
    rows = cases(90, HAM, UNSURE, is_spam=False) + cases(20, SPAM, UNSURE, is_spam=False)
    assert compare(rows).is_worse


def test_who_lets_all_spam_through_does_worse_than_rules_that_hold_it():
    assert compare(cases(60, HAM, UNSURE, is_spam=True)).is_worse


def test_who_sorts_well_does_better_than_rules_that_hold_all():
    rows = cases(90, HAM, UNSURE, is_spam=False) + cases(90, SPAM, UNSURE, is_spam=True)
    found = compare(rows)
    assert found.is_better
    assert not found.is_worse


def test_one_error_among_many_is_chance():
    rows = cases(99, HAM, HAM, is_spam=False) + cases(1, SPAM, HAM, is_spam=False)
    assert not compare(rows).is_worse


def test_of_few_decisions_nothing_follows():
    found = compare(cases(49, SPAM, HAM, is_spam=False))
    assert not found.is_worse
    assert not found.is_better


def test_only_the_last_two_hundred_count():
    rows = cases(500, SPAM, HAM, is_spam=False) + cases(200, HAM, UNSURE, is_spam=False)
    assert compare(rows).is_better


def test_each_is_judged_from_cut_offs_chosen_before_it():
    judged = [Judged(-2.0, False)] * 60 + [Judged(5.0, True), Judged(5.0, False), Judged(5.0, True)]
    # The good one at 5 moves the cut-offs for what comes after it alone.
    assert list(verdicts_then(judged))[-3:] == [SPAM, SPAM, HAM]


def test_before_it_had_seen_fifty_it_is_not_held_against_it():
    verdicts = list(verdicts_then([Judged(3.0, False)] * 60, Cutoffs(0.0, 1.0)))
    assert verdicts == [None] * 50 + [SPAM] * 10


# --- of its own accord ------------------------------------------------------------------------


@pytest.fixture
def thread(db):
    return make_thread()


def state():
    return LearnerState.objects.get()


def test_it_stands_down_by_itself_where_the_rules_know_better(thread, mona):
    teach(thread, mona, ham=60, spam=60)
    LearnerExample.objects.update(rules_verdict="unsure")
    memory.forget()
    catch_up()
    assert state().stood_down_at is None
    label_at_random(100)
    catch_up()
    assert state().stood_down_why.startswith("worse ")


def label_at_random(count):
    """Let people have decided on the last ones without any sense, and the rules have known it."""
    some = Random(1)
    for row in LearnerExample.objects.order_by("-order")[:count]:
        label = some.choice(["ham", "spam"])
        LearnerExample.objects.filter(pk=row.pk).update(label=label, rules_verdict=label)
    memory.forget()


def test_it_acts_again_once_it_does_better_over_what_was_decided_since(thread, mona):
    teach(thread, mona, ham=60, spam=60)
    LearnerExample.objects.update(rules_verdict="unsure")
    scores()
    stand_down("worse 30 10 200")
    assert state().stood_down_at <= timezone.now()
    teach(thread, mona, ham=20, spam=20, seed=2)
    LearnerExample.objects.update(rules_verdict="unsure")
    catch_up()
    assert state().stood_down_at is not None, "over forty decisions nothing is known"
    teach(thread, mona, ham=10, spam=10, seed=3)
    LearnerExample.objects.update(rules_verdict="unsure")
    catch_up()
    assert state().stood_down_at is None
    assert state().stood_down_why == ""
