"""How two texts differ: exact to the letter, by words where people changed words, and bounded."""

import time
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.differences import ADDED, REMOVED, SAME, Part, difference, folded, parts_of

many = settings(max_examples=300, deadline=None)
# Few letters make texts that have much in common.
alike = st.text(st.sampled_from("ab .\n"), max_size=60)
texts = alike | st.text(max_size=40)
LONG = 200_000
# A fifth of it would do where nothing else runs.
SECONDS = 3


def both_of(parts):
    old = "".join(part.text for part in parts if part.kind != ADDED)
    new = "".join(part.text for part in parts if part.kind != REMOVED)
    return old, new


def words(text):
    return "".join(f"word{number} " for number in range(len(text)))


@many
@given(texts, texts)
def test_what_is_same_and_what_changed_make_both_texts_to_the_letter(old, new):
    paragraphs = difference(old, new)
    assert both_of([part for paragraph in paragraphs for part in paragraph.parts]) == (old, new)
    shown = [each for stretch in folded(paragraphs) for each in stretch.paragraphs]
    assert shown == paragraphs


@many
@given(texts, texts)
def test_parts_are_never_empty_and_never_two_of_one_kind_in_a_row(old, new):
    parts = parts_of(old, new)
    assert all(part.text for part in parts)
    assert all(one.kind != other.kind for one, other in pairwise(parts))


@given(texts)
def test_a_text_does_not_differ_from_itself(text):
    assert parts_of(text, text) == ([Part(SAME, text)] if text else [])


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        pytest.param(
            "The brown fox.", "The red fox.",
            [(SAME, "The "), (REMOVED, "brown "), (ADDED, "red "), (SAME, "fox.")],
            id="one-word",
        ),
        pytest.param("", "New.", [(ADDED, "New.")], id="from-nothing"),
        pytest.param("Old.", "", [(REMOVED, "Old.")], id="to-nothing"),
        pytest.param(
            "One.\n\nTwo.\n", "One.\n\nBetween.\n\nTwo.\n",
            [(SAME, "One.\n\n"), (ADDED, "Between.\n\n"), (SAME, "Two.\n")],
            id="a-paragraph-between",
        ),
        pytest.param(
            "One.\nTwo.\n", "One.\n\nTwo.\n",
            [(SAME, "One.\n"), (ADDED, "\n"), (SAME, "Two.\n")],
            id="a-line-end",
        ),
        pytest.param(
            "我喜欢茶", "我喜欢咖啡",
            [(SAME, "我喜欢"), (REMOVED, "茶"), (ADDED, "咖啡")],
            id="no-blanks-between-words",
        ),
        pytest.param(
            "हिन्दी पाठ", "हिन्दी लेख",
            [(SAME, "हिन्दी "), (REMOVED, "पाठ"), (ADDED, "लेख")],
            id="vowel-signs-stay-with-their-letters",
        ),
        pytest.param(
            "A 👩‍🚀 waves.", "A 👩‍🔧 waves.",
            [(SAME, "A "), (REMOVED, "👩‍🚀 "), (ADDED, "👩‍🔧 "), (SAME, "waves.")],
            id="joined-signs-stay-whole",
        ),
        pytest.param(
            "alpha beta gamma delta", "one two three four",
            [(REMOVED, "alpha beta gamma delta"), (ADDED, "one two three four")],
            id="replaced-wholly",
        ),
    ],
)  # fmt: skip
def test_changes_are_shown_by_words(old, new, parts):
    assert [tuple(part) for part in parts_of(old, new)] == parts


def test_changed_words_are_found_in_a_long_text_among_moved_and_new_paragraphs():
    old = [f"Paragraph {number} says something of its own.\n\n" for number in range(2000)]
    new = [*old[:500], "A new one.\n\n", *old[500:1000], *old[1001:]]
    new[700] = new[700].replace("something", "a thing")
    parts = [part for part in parts_of("".join(old), "".join(new)) if part.kind != SAME]
    assert [tuple(part) for part in parts] == [
        (ADDED, "A new one.\n\n"),
        (REMOVED, "something "),
        (ADDED, "a thing "),
        (REMOVED, old[1000]),
    ]


def test_a_long_insertion_leaves_the_rest_of_its_paragraph_the_same():
    inserted = words("x" * 3000)
    assert parts_of("Before after.", f"Before {inserted}after.") == [
        Part(SAME, "Before "),
        Part(ADDED, inserted),
        Part(SAME, "after."),
    ]


NUMBERS = [f"{number}\n" for number in range(30_000)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("a " * 100_000, "b a " * 50_000, id="one-word-over-and-over"),
        pytest.param("a b " * 50_000, "b a " * 50_000, id="two-words-in-turn"),
        pytest.param("a\n" * 100_000, "b\na\n" * 50_000, id="one-line-over-and-over"),
        pytest.param("\n" * LONG, "\n" * (LONG - 2), id="line-ends"),
        pytest.param("\na" * 100_000, "a\n" * 100_000, id="shifted-by-a-line"),
        pytest.param("".join(NUMBERS), "".join(NUMBERS[::-1]), id="backwards"),
        pytest.param("".join(NUMBERS), "".join(sorted(NUMBERS)), id="sorted-otherwise"),
        pytest.param("漢字" * 100_000, "漢字" * 50_000 + "字漢" * 50_000, id="letter-by-letter"),
        pytest.param("e" + "\u0301" * LONG, "e" + "\u0301" * (LONG - 1), id="accents"),
        pytest.param("a. b. " * 33_000, "b. a. " * 33_000, id="short-sentences"),
        pytest.param(words("x" * 20_000), words("y" * 9_000), id="words"),
    ],
)
def test_the_work_is_bounded_however_hostile_the_texts(old, new):
    started = time.process_time()
    paragraphs = difference(old[:LONG], new[:LONG])
    folded(paragraphs)
    assert time.process_time() - started < SECONDS
    assert both_of([part for each in paragraphs for part in each.parts]) == (old[:LONG], new[:LONG])


# --- folding ----------------------------------------------------------------------------------


def test_what_is_far_from_every_change_is_folded_away():
    old = "".join(f"{number}\n" for number in range(10))
    stretches = folded(difference(old, old.replace("5", "five")), in_sight=1)
    shapes = [(stretch.is_folded, len(stretch.paragraphs)) for stretch in stretches]
    assert shapes == [(True, 4), (False, 3), (True, 3)]


def test_one_paragraph_alone_is_not_worth_folding():
    stretches = folded(difference("1\n2\n3\n", "1\n2\nthree\n"), in_sight=1)
    assert [stretch.is_folded for stretch in stretches] == [False, False]


# --- on a page --------------------------------------------------------------------------------


def page_of(old, new):
    context = {"stretches": folded(difference(old, new))}
    return BeautifulSoup(render_to_string("blog/room/_difference.html", context), "html5lib")


def test_a_difference_is_read_by_ear_and_without_colours():
    page = page_of("The brown fox.", "The red fox.")
    assert page.select_one("del").text == "[removed: brown ]"
    assert page.select_one("ins").text == "[added: red ]"


def test_a_change_that_is_only_a_line_end_is_seen():
    page = page_of("One.\nTwo.\n", "One.\n\nTwo.\n")
    assert "¶" in page.select_one("ins").text
    assert "end of line" in page.select_one("ins").text


def test_a_whole_paragraph_leaves_no_empty_line_of_its_own():
    page = page_of("One.\n\nTwo.\n\nThree.", "One.\n\nThree.")
    assert page.select_one("del").text == "[removed: Two.]"
    assert page.select("p")[1].text == "[removed: Two.]\n\n"


def test_texts_of_others_stay_text():
    page = page_of("", "<script>alert(1)</script><img src=x onerror=alert(1)>")
    assert page.select("script, img") == []
    assert "<img src=x onerror=alert(1)>" in page.select_one("ins").text


def test_unchanged_paragraphs_are_there_to_be_opened():
    text = "".join(f"{number}\n" for number in range(9))
    assert page_of(text, text + "9\n").select_one("details summary").text == (
        "7 unchanged paragraphs"
    )
