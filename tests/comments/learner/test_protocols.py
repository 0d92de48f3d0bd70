"""The learner is tried on what it has not learnt from, and errors are of the true labels."""

import pytest

from comments.spam.learner import protocols
from comments.spam.learner.features import Written
from comments.spam.learner.labelled import Corpus, Labelled
from comments.spam.learner.measures import accuracy
from comments.spam.learner.protocols import LOCAL, leave_one_out, shift, split, stream

HAM = "The {} rose well in my kitchen, many thanks"
SPAM = "Buy {} now, cheap: http://shop.example/"


def corpus(name, count=120, thing="loaf"):
    comments = [
        Labelled(
            Written((SPAM if n % 2 else HAM).format(f"{thing} {n}")), bool(n % 2), f"2020-{n:04}"
        )
        for n in range(count)
    ]
    return Corpus(name, tuple(comments))


@pytest.fixture
def learnt(monkeypatch):
    """Return what a model has learnt before each judgement."""
    texts, real = [], protocols._features

    def noted(written):
        texts.append(written.text)
        return real(written)

    monkeypatch.setattr(protocols, "_features", noted)
    return texts


def test_of_each_file_the_first_part_is_learnt_and_the_rest_judged(learnt):
    (outcome,) = split([corpus("a")])
    assert len(outcome.scores) == 36
    assert accuracy(outcome) == 1
    # In their order, each looked at once: learnt before, judged after.
    assert learnt == [comment.written.text for comment in corpus("a").comments]


def test_each_file_is_judged_by_what_the_others_taught(learnt):
    one, other = corpus("a", thing="loaf"), corpus("b", thing="cake")
    first, second = leave_one_out([one, other])
    assert len(first.scores) == len(second.scores) == 120
    assert all("cake" in text for text in learnt[:120])
    assert all("loaf" in text for text in learnt[120:240])


def test_a_stream_judges_each_before_it_is_learnt():
    streamed = stream([corpus("a", 140)])
    assert streamed.outcome.scores[0] == 0
    assert streamed.errors_after(140) < 10
    assert streamed.ready == 100
    assert set(streamed.advice[:100]) == {"unsure"}
    assert streamed.three_ways.ham_called_spam == 0


def test_with_wrong_labels_the_errors_are_of_the_true_ones():
    streamed = stream([corpus("a", 200)], wrong=0.05)
    assert streamed.outcome.is_spam.tolist() == [bool(n % 2) for n in range(200)]
    # Ten or so labels were wrong; the model withstands nearly all of them.
    assert streamed.errors_after(200) < 14
    assert (streamed.outcome.scores != stream([corpus("a", 200)]).outcome.scores).any()


def test_ham_of_another_place_is_learnt_up_to_fifty_and_judged_from_there():
    local = [Labelled(Written(f"The {n}th king of Spain was not asked"), False) for n in range(80)]
    shifted = shift([corpus("a")], local)
    assert len(shifted.before.scores) == LOCAL
    assert len(shifted.rest.scores) == 30
    assert len(shifted.verdicts) == 80
    assert "spam" not in shifted.verdicts
