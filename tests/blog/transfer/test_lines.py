"""Single lines from elsewhere: what fits stays to the letter, the rest is cut between words."""

from blog.transfer.lines import tidy_line


def test_words_that_fit_stay_as_they_are():
    assert tidy_line("I <3 you, 1 > 0", 300) == "I <3 you, 1 > 0"
    assert tidy_line("a" * 300, 300) == "a" * 300


def test_a_long_line_is_cut_between_words():
    assert tidy_line("word " * 100, 12) == "word word…"
    assert tidy_line("x" * 400, 300) == "x" * 299 + "…"


def test_what_is_no_ink_goes():
    assert tidy_line(" two\r\nlines\u202e\x07 ", 300) == "two lines"
