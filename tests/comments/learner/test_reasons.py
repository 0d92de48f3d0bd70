"""The reasons are spans of the text as it was sent, whole words, the strongest first."""

import pytest

from comments.spam.learner.features import Written, features_of
from comments.spam.learner.model import Model, learn_all
from comments.spam.learner.reasons import reasons_of
from tests.comments.learner.hostile import TEXTS
from tests.comments.learner.test_model import decisions


@pytest.fixture(scope="module")
def model():
    return learn_all(decisions(120))


def words(text, spans):
    return [text[span.start : span.end] for span in spans]


def test_the_strongest_parts_each_way_are_told(model):
    text = "The dough rose in my kitchen. Buy watches, cheap: http://shop3.example/now"
    reasons = reasons_of(model, Written(text))
    for_spam, for_ham = words(text, reasons.for_spam), words(text, reasons.for_ham)
    assert "http://shop3.example/now" in " ".join(for_spam)
    assert "watches," in " ".join(for_spam)
    assert "in my kitchen" in " ".join(for_ham)
    assert all(span.weight > 0 for span in reasons.for_spam)
    assert all(span.weight < 0 for span in reasons.for_ham)


def test_the_strongest_is_first_and_there_are_no_more_than_was_asked(model):
    text = "The rye rose. Buy watches, cheap. Now in my kitchen it does. Free delivery, thank you"
    reasons = reasons_of(model, Written(text), most=2)
    assert len(reasons.for_spam) <= 2
    weights = [span.weight for span in reasons_of(model, Written(text)).for_spam]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] == reasons.for_spam[0].weight


@pytest.mark.parametrize(
    "text",
    [
        "Hello  <b>there</b>,\n\nbuy &#119;atches, \uff43heap",
        "\ufeff buy w\u200batches, cheap",
        "buy \U0001f600 watches, cheap e\u0301",
    ],
)
def test_spans_are_of_the_text_as_it_was_sent(model, text):
    spans = reasons_of(model, Written(text)).for_spam
    found = " ".join(words(text, spans))
    assert "atches" in found
    for span in spans:
        # Whole words: what is around a span is a space or an end.
        assert text[max(0, span.start - 1) : span.start].strip() == ""
        assert text[span.end : span.end + 1].strip() == ""


def test_what_stands_in_no_place_is_named_by_its_kind():
    rows = [(Written("good bread", "Casino Bonus"), True), (Written("good bread", "Ann"), False)]
    model = learn_all((features_of(written), is_spam) for written, is_spam in rows * 3)
    kinds = dict(reasons_of(model, Written("good bread", "Casino Bonus")).others)
    assert kinds["author"] > 0.05


def test_all_reasons_together_are_the_score(model):
    written = Written("Buy my rye watches, cheap, in the kitchen: http://shop3.example/now", "Ann")
    reasons = reasons_of(model, written, most=1000)
    told = [*reasons.for_spam, *reasons.for_ham]
    total = sum(span.weight for span in told) + sum(weight for _kind, weight in reasons.others)
    # What moves it by less than is told may be left out.
    assert total - model.middle == pytest.approx(model.score(features_of(written)), abs=0.25)


def test_an_empty_model_and_an_empty_text_have_no_reasons(model):
    assert reasons_of(Model(), Written("Buy watches")).for_spam == ()
    empty = reasons_of(model, Written(""))
    assert (empty.for_spam, empty.for_ham) == ((), ())


@pytest.mark.parametrize("name", TEXTS)
def test_any_text_has_reasons_or_none(model, name):
    for span in reasons_of(model, Written(TEXTS[name])).for_spam:
        assert 0 <= span.start < span.end <= len(TEXTS[name])
