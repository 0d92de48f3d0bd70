"""Posts as files: what is composed is read back to the letter, and a YAML reader reads it too."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.transfer.site.front_matter import compose, parse
from blog.transfer.site.json_lines import BadLine, line_of, read_lines

few = settings(max_examples=40, deadline=None)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=3,
)


@few
@given(st.dictionaries(st.from_regex("[a-z_]+", fullmatch=True), values), texts)
def test_whatever_is_composed_is_read_back(fields, body):
    assert parse(compose(fields, body)) == (fields, body)


@pytest.mark.parametrize(
    "body", ["", "\n", "---\n", "\n---\n\n---\n", "a\r\nb", "title: 1", " ", "\u2028---\u2028"]
)
def test_a_body_is_kept_to_the_letter(body):
    assert parse(compose({"title": "---"}, body)) == ({"title": "---"}, body)


@few
@given(texts)
def test_a_head_holds_no_character_that_yaml_refuses(text):
    head = compose({"title": text}, "").split("\n")[1]
    assert not any(char in "\x85\u2028\u2029\ufeff\x7f\x9f" for char in head)


def test_a_hand_may_leave_out_the_empty_line():
    assert parse('---\ntitle:   "A"\n\n---\nText') == ({"title": "A"}, "Text")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("title: 1\n", "line 1: the file does not begin"),
        ("---\ntitle: 1\n", "line 1: the head is not closed"),
        ('---\ntitle: 1\ntags: ["a"\n---\n', "line 3: tags is not JSON"),
        ("---\ntitle: 1\n  nested: 2\n---\n", "line 3: not of the form"),
        ("---\ntitle: 1\ntitle: 2\n---\n", "line 3: title for the second time"),
        (f"---\ntitle: {'[' * 100_000}\n---\n", "line 2: title is not JSON"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text, reason):
    with pytest.raises(BadLine, match=reason):
        parse(text)


@few
@given(st.lists(st.dictionaries(texts, values, max_size=3), max_size=3))
def test_lines_are_read_back_with_their_numbers(rows):
    file = BytesIO(b"".join(map(line_of, rows)))
    assert list(read_lines(file)) == list(enumerate(rows, start=1))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[]", "not an object"),
        (b'{"a": NaN}', "no number"),
        (b"\xff{}", "not UTF-8"),
        (b'{"a":' * 100_000, "nested too deeply|not JSON"),
    ],
)
def test_a_broken_line_is_told_with_its_number(line, reason):
    with pytest.raises(BadLine, match=f"line 2: .*({reason})"):
        list(read_lines(BytesIO(b"{}\n" + line)))


def test_a_line_that_never_ends_is_not_read_into_memory(monkeypatch):
    monkeypatch.setattr("blog.transfer.site.json_lines.MAX_LINE", 100)
    with pytest.raises(BadLine, match="longer than"):
        list(read_lines(BytesIO(b"x" * 1000)))
