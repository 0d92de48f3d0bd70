"""The place of a text that a finding points at."""

import pytest

from comments.spam.learner.features import Written, features_of
from comments.spam.learner.model import learn_all
from comments.spam.learner.pointing import Looked, strongest

GOOD = ["bread and salt", "flour in the morning", "an oven in the kitchen", "rye and water"]
BAD = ["casino bonus", "cheap pills casino", "free crypto casino", "casino winner offer"]


@pytest.fixture(scope="module")
def model():
    rows = [(text, text in BAD) for pair in zip(GOOD, BAD, strict=True) for text in pair] * 8
    return learn_all((features_of(Written(text)), is_spam) for text, is_spam in rows)


def place(model, text):
    span = strongest(model, Looked.at(Written(text)))
    return span and text[span[0] : span[1]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("bread in the morning, casino in the kitchen", "casino"),
        ("  bread   CASINO  ", "CASINO"),
        ("bread &amp; casino", "casino"),
        ("bread c\u0430sino bread", "c\u0430sino"),
    ],
)
def test_it_points_at_the_words_as_they_were_sent(model, text, words):
    assert words in place(model, text)
    assert "bread" not in place(model, text)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b", "bread and salt"])
def test_where_nothing_speaks_for_spam_it_points_at_nothing(model, text):
    assert place(model, text) is None


@pytest.mark.parametrize(
    "text", ["casino" * 4_000, "\U0001d41a" * 300, "<a href='casino'>x</a>", "\ud800 casino"]
)
def test_whatever_the_text_the_place_is_within_it(model, text):
    span = strongest(model, Looked.at(Written(text)))
    assert span is None or 0 <= span[0] < span[1] <= len(text)


def test_what_was_looked_at_is_what_the_model_learns(model):
    written = Written("Cheap pills at https://casino.example/now", "Gus", "https://x.example/")
    assert (Looked.at(written).features.slots == features_of(written).slots).all()
