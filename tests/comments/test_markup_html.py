"""HTML from elsewhere: what stays, what goes, and that nothing takes long."""

import time
from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError

from comments.markup_html import render_html_comment
from tests.faults.anatomy import misdeeds, read

# What a comment that came as HTML may have beside what one in Markdown has.
MORE = frozenset(["b", "i", "del", "ins", "cite", "q", "abbr", "sub", "sup", "dl", "dt", "dd"])


def judged(html):
    """Return what stands in the words and must not."""
    page = read(f'<div class="words">{html}</div>', fragment=True)
    return [
        found
        for found in misdeeds(page)
        if found not in {f"<{tag}> in somebody's words" for tag in MORE}
    ]


def test_every_line_of_the_attack_lists_comes_out_harmless(shared_data):
    files = sorted((shared_data / "xss-payloads").glob("*.txt"))
    payloads = [
        line for file in files for line in file.read_text("utf-8", "replace").splitlines() if line
    ]
    assert len(payloads) > 1_500
    bad = {line: found for line in payloads if (found := judged(render_html_comment(line)))}
    assert bad == {}


def test_attacks_in_a_row_come_out_harmless_too(shared_data):
    for file in sorted((shared_data / "xss-payloads").glob("*.txt")):
        text = file.read_text("utf-8", "replace")
        for start in range(0, len(text), 3_000):
            try:
                html = render_html_comment(text[start : start + 3_000])
            except ValidationError:
                continue
            assert judged(html) == [], f"{file.name} at {start}"


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("<p>One</p>\n<p>Two <em>x</em></p>", "<p>One</p>\n<p>Two <em>x</em></p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<script>alert(1)</script>after", "after"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ('<p style="color:red" onclick="x()">a</p>', "<p>a</p>"),
        ("\u202eabc&#8238;d", "abcd"),
        ('<img src="http://a.example/b.png" alt="A cat">',
         '<a href="http://a.example/b.png" rel="nofollow ugc noopener">A cat</a>'),
        ('<a href="http://b.example"><img src="http://a.example/b.png" alt="A cat"></a>',
         '<a href="http://b.example" rel="nofollow ugc noopener">A cat</a>'),
    ],
)  # fmt: skip
def test_what_stays_and_what_goes(told, shown):
    assert render_html_comment(told) == shown


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("<h2>One</h2>two", "<p><strong>One</strong></p>two"),
        ("<H1 class='a>b'>One</H1><h6>two</h6>",
         "<p><strong>One</strong></p><p><strong>two</strong></p>"),
        ("<table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1<td>2</tr></table>c",
         "<p>a · b</p><p>1 · 2</p>c"),
        ("<table><tr><td><em>1</em></td></tr></table>", "<p><em>1</em></p>"),
        ("a <header>b</header> <track>c", "a b c"),
    ],
)  # fmt: skip
def test_headings_and_rows_stay_apart(told, shown):
    assert render_html_comment(told) == shown


def filled(unit, size=200_000):
    return (unit * (size // len(unit) + 1))[:size]


HOSTILE = {
    "tags that never end": filled("<b>"),
    "brackets": filled("("),
    "comments that never end": filled("<!--"),
    "ampersands": filled("&"),
    "references": filled("&amp;"),
    "quotes in quotes": filled("<blockquote>"),
    "ten thousand nested": "<b>" * 10_000 + "</b>" * 10_000,
    "a thousand nested of many names": "".join(f"<x{n}>" for n in range(1_900)),
    "nested behind false ends": "<b></i>" * 2_000,
    "nested one in another": "<b><i></b></i>" * 900,
    "paragraphs that reopen": "<p><b><i><u>" * 500,
    "attributes": "<a " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</a>",
    "attributes behind a quote": '<a x=">" ' + " ".join(f"a{n}" for n in range(20_000)) + ">x",
    "attributes by slashes": "<a" + "".join(f"/a{n}" for n in range(20_000)) + ">x",
    "one attribute": "<a href=" + "x" * 190_000 + ">x",
    "quotes that never end": filled("<a '\"<b "),
    "headings that never end": filled("<h1 '"),
    "cells": filled("<td>"),
    "raw openings": filled("<textarea>"),
    "pictures": filled("<img src=http://x.example/y.png>"),
    "links": filled("<a href=http://a.example>"),
    "lists": filled("<ul><li>"),
    "tables": filled("<table><tr><td>"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_no_text_takes_long(case):
    start = time.process_time()
    with suppress(ValidationError):
        render_html_comment(HOSTILE[case])
    assert time.process_time() - start < 1.5


def test_a_long_comment_that_somebody_wrote_is_rendered():
    told = '<p>Some <b>bold</b> and <a href="http://a.example/?b=1&amp;c=2">linked</a>.</p>\n' * 300
    assert render_html_comment(told).count("<p>") == 300
