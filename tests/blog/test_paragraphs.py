"""A typeset text in its paragraphs, and older paragraphs found again among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog.markup import render_body
from blog.markup_html import render_html
from blog.paragraphs import MOST_LOOKED_AT, QUOTE_MOST, Finder, found_again, paragraphs_of

MARKDOWN = """# Bread

It *rises* slowly,
and then `quickly`.

- flour
- water

> They say
>
> it works.

| a | b |
|---|---|
| 1 | 2 |

---

Said once.[^1]

[^1]: Or twice.
"""


@pytest.mark.django_db
def test_what_stands_at_the_top_is_a_paragraph_each():
    html = render_body(MARKDOWN)
    found = paragraphs_of(html)
    assert [each.text for each in found][:5] == [
        "Bread", "It rises slowly, and then quickly.", "flour water", "They say it works.",
        "a b 1 2",
    ]  # fmt: skip
    assert [each.index for each in found] == list(range(len(found)))


@pytest.mark.django_db
@given(st.text(max_size=300))
def test_nothing_is_lost_or_said_twice(text):
    html = render_html(text)
    assert "".join("".join(each.html.split()) for each in paragraphs_of(html)) == "".join(
        html.split()
    )


@pytest.mark.parametrize(
    ("html", "texts"),
    [
        ("", []),
        ("Loose <b>words</b> <p>a</p> and <i>more</i>", ["Loose words", "a", "and more"]),
        ("<p>a</p><hr><p>b</p>", ["a", "", "b"]),
        ('<figure><img src="/x.jpg" alt="A &amp; B"></figure>', ["A & B"]),
        ('<p title="a > b">c</p>', ["c"]),
        ("</p><p>x", ["", "x"]),
    ],
    ids=["nothing", "loose", "empty", "picture", "angle", "broken"],
)
def test_the_words_of_paragraphs(html, texts):
    assert [each.text for each in paragraphs_of(html)] == texts


def test_a_long_paragraph_is_known_by_its_beginning():
    (found,) = paragraphs_of(f"<p>{'long ' * 5000}</p>")
    assert len(found.text) == QUOTE_MOST


def of(*texts):
    return paragraphs_of("".join(f"<p>{text}</p>" for text in texts))


def test_the_same_words_are_found_wherever_they_went():
    assert found_again("It rises.", 0, of("New.", "More.", "It rises.")) == 2


def test_of_equal_ones_it_is_the_nearest():
    assert found_again("So.", 2, of("So.", "x", "y", "So.")) == 3


def test_a_mended_paragraph_is_the_same_one():
    assert found_again("It rises very slowly in winter.", 0, of("Other.", "It rises slowly.")) == 1


def test_many_notes_on_a_long_text_are_placed_in_a_moment():
    """Each is compared with a few paragraphs, and not with all."""
    texts = [" ".join(f"w{(n * 7 + at) % 5000}" for at in range(60)) for n in range(1500)]
    finder = Finder(of(*texts))
    looked_at = [len(finder._like(paragraph.words)) for paragraph in finder.paragraphs]
    assert max(looked_at) <= 2 * MOST_LOOKED_AT
    assert [finder.find(f"changed {texts[at]}", at) for at in range(50)] == list(range(50))


def test_a_paragraph_that_is_gone_is_nowhere():
    assert found_again("It rises very slowly.", 0, of("Other things.", "Nothing alike.")) is None
    assert found_again("It rises.", 0, []) is None
