"""A text is compared as it reads, and every character knows where it came from."""

import time

import pytest

from comments.spam.learner import folding
from comments.spam.learner.folding import HEAD, MOST, TAIL, fold

# A link that never ends, so that there are many ways to read it.
ENDLESS = ("<a " + "href=" * 40 + "x" * 2000) * 9


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Check  OUT\n my\tchannel", "check out my channel"),
        ("caf\u00e9 cafe\u0301", "cafe cafe"),
        ("&#67;heck &amp; see &quot;it&quot;", 'check & see "it"'),
        ("one<br />two", "one two"),
        ('<a href="http://a.example/?a=1&amp;b=2">here</a>', "http://a.example/?a=1&b=2 here"),
        ("sub\u200bscribe\ufeff", "subscribe"),
        ("\uff34\uff48\uff41\uff4e\uff4b\uff53", "thanks"),
        ("\U0001d4eb\U0001d4fe\U0001d502", "buy"),
        ("m\u0443 \u0441h\u0430nnel", "my channel"),
        ("1 < 2 and 3 > 2 & so on", "1 < 2 and 3 > 2 & so on"),
    ],
)
def test_a_text_is_folded_to_what_it_reads_as(written, read):
    assert fold(written).text.strip() == read


@pytest.mark.parametrize(
    "written", ["Спасибо за статью", "Ευχαριστώ πολύ", "שלום לכולם", "ありがとう", "감사합니다"]
)
def test_a_script_of_its_own_is_neither_disguised_nor_made_latin(written):
    folded = fold(written)
    assert not folded.is_disguised
    assert not any("a" <= char <= "z" for char in folded.text)


@pytest.mark.parametrize(
    "written",
    [
        "sub\u200bscribe",
        "s\u0443bscribe",
        "&#115;ubscribe",
        "\U0001d4eb\U0001d4fe\U0001d502 now",
        "please s u b s c r i b e now",
        "v-i-a-g-r-a",
    ],
)
def test_what_was_disguised_is_told(written):
    assert fold(written).is_disguised


@pytest.mark.parametrize(
    "written",
    [
        "I&#39;m fine\ufeff",
        "Tom & Jerry&trade;, \u2122 and \u24c2",
        "می\u200cخواهم بروم",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",
        "a - b - c is a list",
        "U.S. and U.K., U.S.S.R.",
        "naïve café Zoë",
    ],
)
def test_what_is_usual_is_no_disguise(written):
    assert not fold(written).is_disguised


@pytest.mark.parametrize(
    "written",
    [
        "Check  OUT &amp; see",
        "one<br />two \ufdfa three",
        "sub\u200bscribe, \u01c4 &#67;!",
        "",
        "  a  ",
    ],
)
def test_every_character_knows_where_it_came_from(written):
    folded = fold(written)
    assert len(folded.places) == len(folded.text) + 1
    for char, place in zip(folded.text.strip(), folded.places[1:], strict=False):
        if (
            char.isascii()
            and char.isalpha()
            and place < len(written)
            and written[place] not in "<&"
        ):
            assert char in fold(written[place]).text
    assert list(folded.places) == sorted(folded.places)


def test_of_a_long_text_the_two_ends_are_kept():
    text = "begin " + "x" * MOST
    assert len(fold(text).text) == HEAD + TAIL
    assert fold(text).text.startswith(" begin x")
    assert fold(("y " * 5000) + "end").text.endswith(" end ")


@pytest.mark.parametrize("text", [ENDLESS, "<a " * 6666, "&#65" * 5000, "a.b-" * 5000])
def test_no_text_takes_long(text):
    fold(text)
    started = time.thread_time()
    fold(text)
    assert time.thread_time() - started < 0.25


def test_a_link_reads_as_the_address_behind_it():
    text = '<a class=x href="https://a.example/x" id=y>b</a>'
    assert fold(text).text == " https://a.example/x b "


def test_what_is_kept_of_the_characters_that_were_met_has_a_bound(monkeypatch):
    monkeypatch.setattr(folding, "MOST_FOLDS", 100)
    folding.FOLDS.clear()
    met = fold("".join(map(chr, range(0x4E00, 0x4E00 + 1000))))
    assert len(folding.FOLDS) <= 100
    assert len(met.text) == 1002
