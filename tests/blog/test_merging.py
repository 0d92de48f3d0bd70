"""Two texts of one: what only one touched is as they left it, and no word of either is lost."""

import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.merging import Labels, merge, merge_choices, merge_value

LABELS = Labels("=Y", "=T", "=E")
BASE = "# Bread\n\nFlour, water, salt and a day.\n\nBake it hot.\n\nEat it warm.\n"

words = st.sampled_from(["flour", "water", "salt", "oven", "a", "b", "über", "—"])
lines = st.lists(words, max_size=6).map(" ".join)
texts = st.lists(lines, max_size=8).map("\n".join)


def merged(yours, theirs, base=BASE):
    return merge(base, yours, theirs, LABELS)


def count(text):
    return Counter(text.split())


# --- what is merged by itself ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("yours", "theirs", "both"),
    [
        (BASE.replace("hot", "very hot"), BASE, BASE.replace("hot", "very hot")),
        (
            BASE.replace("hot", "very hot"),
            BASE.replace("warm", "cold"),
            BASE.replace("hot", "very hot").replace("warm", "cold"),
        ),
        (
            BASE.replace("Flour", "Rye"),
            BASE.replace("a day", "two days"),
            BASE.replace("Flour", "Rye").replace("a day", "two days"),
        ),
        (BASE + "\nMine.\n", "By Mona.\n\n" + BASE, "By Mona.\n\n" + BASE + "\nMine.\n"),
        (BASE.replace("Bake it hot.\n\n", ""), BASE, BASE.replace("Bake it hot.\n\n", "")),
    ],
    ids=["one alone", "two paragraphs", "two words of one line", "both ends", "taken out"],
)
def test_changes_that_do_not_touch_are_both_made(yours, theirs, both):
    assert merged(yours, theirs) == (merged(theirs, yours)) == type(merged(BASE, BASE))(both, 0)


def test_the_same_change_made_twice_is_made_once():
    same = BASE.replace("salt", "sugar")
    assert merged(same + "Mine.\n", same).text == same + "Mine.\n"


# --- what is not -----------------------------------------------------------------------------


def test_the_same_words_changed_differently_stand_there_one_after_the_other():
    result = merged(BASE.replace("hot", "hotter"), BASE.replace("hot", "at 250°"))
    assert result.conflicts == 1
    assert result.text == BASE.replace(
        "Bake it hot.\n\n", "=Y\n\nBake it hotter.\n\n=T\n\nBake it at 250°.\n\n=E\n\n"
    )


def test_a_paragraph_that_one_took_out_and_the_other_wrote_on_is_there():
    result = merged(BASE.replace("Bake it hot.\n\n", ""), BASE.replace("hot", "hot, for an hour"))
    assert (result.conflicts, "for an hour" in result.text) == (1, True)


def test_two_ends_of_one_text_are_both_there():
    result = merged(BASE + "\nMine.\n", BASE + "\nHers.\n")
    assert result.conflicts == 1
    assert result.text.index("=Y") < result.text.index("Mine.") < result.text.index("=T")
    assert result.text.index("=T") < result.text.index("Hers.") < result.text.index("=E")


def test_without_a_common_text_everything_of_both_is_there():
    result = merged("One.\n\nShared.\n\nMine.\n", "Shared.\n\nHers.\n", base=None)
    for sentence in ("One.", "Shared.", "Mine.", "Hers."):
        assert result.text.count(sentence) == 1


# --- whatever was written ------------------------------------------------------------------------


@given(texts, texts, texts)
@settings(max_examples=300, deadline=None)
def test_every_word_that_either_wrote_is_in_the_merge(base, yours, theirs):
    there = count(merged(yours, theirs, base).text)
    assert not count(yours) - count(base) - there
    assert not count(theirs) - count(base) - there


@given(texts, texts)
@settings(max_examples=300, deadline=None)
def test_without_a_common_text_every_word_of_either_is_in_the_merge(yours, theirs):
    there = count(merged(yours, theirs, None).text)
    assert not count(yours) - there
    assert not count(theirs) - there


@given(texts, texts)
@settings(deadline=None)
def test_who_changed_nothing_gives_way(base, other):
    assert merged(base, other, base).text == other
    assert merged(other, base, base).text == other
    assert merged(other, other, base).text == other


@given(texts, texts, texts)
@settings(deadline=None)
def test_a_merge_without_a_conflict_holds_no_label(base, yours, theirs):
    result = merged(yours, theirs, base)
    assert result.text.count("=E") == result.text.count("=Y") == result.conflicts


def numbers(most, step=1):
    return "\n".join(map(str, range(most)[::step]))


@pytest.mark.parametrize(
    ("base", "yours", "theirs"),
    [
        ("\n" * 100_000, "a\n" * 90_000, "b\n" * 90_000),
        ("a " * 90_000, "b " * 90_000, "a b " * 45_000),
        (numbers(20_000), "x\n" * 90_000, numbers(30_000, -1)),
    ],
    ids=["empty lines", "one line", "numbers"],
)  # fmt: skip
def test_no_text_holds_a_page_up(base, yours, theirs):
    started = time.perf_counter()
    merged(yours, theirs, base)
    assert time.perf_counter() - started < 5


# --- other fields ----------------------------------------------------------------------------


def test_of_lists_what_either_added_stays_and_what_either_took_out_goes():
    assert merge_choices(["a", "b", "c"], ["a", "c", "x"], ["b", "c", "y"]) == ["c", "y", "x"]
    assert merge_choices(None, ["a", "b"], ["b", "c"]) == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("base", "yours", "theirs", "expected"),
    [
        ("a", "a", "b", ("b", False)),
        ("a", "b", "a", ("b", False)),
        ("a", "b", "b", ("b", False)),
        ("a", "b", "c", ("b", True)),
        (None, "b", "c", ("b", True)),
    ],
)
def test_a_field_of_one_piece_is_whose_who_changed_it(base, yours, theirs, expected):
    assert merge_value(base, yours, theirs) == expected
