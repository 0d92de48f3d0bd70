"""A post's Markdown: what authors may use, and what can never come out."""

import contextlib
import re
import time

import html5lib
import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from blog import markup_code, media
from blog.markup import (
    BODY_TAGS,
    INLINE_TAGS,
    NOTE_TAGS,
    absolute,
    render_body,
    render_line,
    render_note,
)
from blog.markup_pictures import picture_markdown
from comments.markup import is_safe_url
from tests.blog.pictures import upload

OURS = "/media/pictures/2026/01/a.jpg"


@pytest.fixture
def picture(alice):
    return media.keep(
        media.accept(upload()), uploader=alice, alt="A *loaf* [x]", caption='Say "ah"'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One", '<h2 id="section-one">One</h2>'),
        ("## Two *words*", '<h2 id="section-two-words">Two <em>words</em></h2>'),
        ("### Three", '<h3 id="section-three">Three</h3>'),
        ("###### Six", '<h4 id="section-six">Six</h4>'),
        ("Set\n===", '<h2 id="section-set">Set</h2>'),
        ("## Über 寿司", '<h2 id="section-über-寿司">Über 寿司</h2>'),
        ("## !", '<h2 id="section-untitled">!</h2>'),
        ("~~no~~", "<p><s>no</s></p>"),
        ("a  \nb", "<p>a<br>\nb</p>"),
        ("---", "<hr>"),
        ("[in](/posts/x/)", '<p><a href="/posts/x/">in</a></p>'),
        ("[here](#section-a)", '<p><a href="#section-a">here</a></p>'),
        ("<me@example.org>", '<p><a href="mailto:me@example.org">me@example.org</a></p>'),
        ("<https://e.example>", '<p><a href="https://e.example">https://e.example</a></p>'),
        ("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
    ],
)  # fmt: skip
def test_what_authors_write(text, html):
    assert render_body(text).strip() == html


def test_ids_are_given_once_and_never_clash_with_the_pages():
    html = render_body("# content\n\n# content\n\n# content 2\n\n# comment-1")
    assert re.findall('id="(.+?)"', html) == [
        "section-content",
        "section-content__2",
        "section-content-2",
        "section-comment-1",
    ]


def test_a_tables_columns_keep_their_side():
    html = render_body("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert '<th class="align-right">a</th>' in html
    assert '<td class="align-center">2</td>' in html
    assert "style" not in html


def test_footnotes_lead_there_and_back():
    html = render_body("Bread[^1].\n\n[^1]: Flour, water.")
    assert '<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>' in html
    assert '<li id="fn1" class="footnote-item">' in html
    assert '<a href="#fnref1" class="footnote-backref">' in html


def test_code_is_coloured_by_classes():
    html = render_body("```python\nif True: '<b>'\n```")
    assert '<code class="language-python"><span class="k">if</span>' in html
    assert "&lt;b&gt;" in html
    assert "style" not in html


@pytest.mark.parametrize("language", ["klingon", '"><img src=x onerror=alert(1)>', "a b", "é"])
def test_code_in_no_known_language_stays_plain(language):
    html = render_body(f"```{language}\nx\n```")
    assert "x\n</code></pre>" in html
    assert "<img" not in html


@pytest.mark.parametrize(("language", "sign"), [("fan", "a"), ("ng2", "("), ("amdgpu", "a")])
def test_a_line_without_end_is_left_plain_by_the_slowest_lexers(language, sign):
    started = time.process_time()
    html = render_body(f"```{language}\n{sign * 19_000}\n```")
    assert time.process_time() - started < 2
    assert sign * 19_000 in html


def test_when_its_time_is_up_code_stays_plain_and_whole(monkeypatch):
    monkeypatch.setattr(markup_code, "SECONDS", 0.02)
    code = "if x: y = 1\n" * 1_600
    html = render_body("\n\n".join(f"```python\n{code}```" for _ in range(4)))
    assert re.sub("<[^<>]*>", "", html).count("if x: y = 1\n") == 4 * 1_600
    assert html.endswith(f'<pre><code class="language-python">{code}</code></pre>\n')
    assert "<span" in render_body("```python\nif x: y = 1\n```")


# --- pictures -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_picture_alone_is_a_figure_with_its_size_and_caption(picture, django_assert_num_queries):
    assert connection.features.supports_json_field  # asked of the database once
    with django_assert_num_queries(1):
        html = render_body(f"Before.\n\n{picture_markdown(picture)}\n\nAfter.")
    assert html == (
        "<p>Before.</p>\n"
        f'<figure><img src="{picture.file.url}" alt="A *loaf* [x]" width="64" height="48" '
        'loading="lazy" decoding="async"><figcaption>Say &quot;ah&quot;</figcaption></figure>\n'
        "<p>After.</p>\n"
    )


@pytest.mark.django_db
def test_a_picture_among_words_stays_in_its_line(picture):
    html = render_body(f"See {picture_markdown(picture)} here.")
    assert html.startswith("<p>See <img ")
    assert "figure" not in html


@pytest.mark.django_db
def test_many_pictures_take_one_query(django_assert_num_queries):
    text = "\n\n".join(f"![{n}](/media/pictures/{n}.jpg)" for n in range(30))
    with django_assert_num_queries(1):
        assert render_body(text).count("<figure>") == 30


def test_a_text_without_pictures_takes_no_query(django_assert_num_queries):
    render_body("# None\n\nat all")


@pytest.mark.parametrize(
    "address",
    ["https://tracker.example/1.gif", "http://e.example/a.png", "//e.example/a.png",
     "/static/x.png", "/media/../admin/", "/media/%2e%2e/x", "/media/a%0a.png", "/mediaa/x.png",
     "/media/a.png?x=1", "data:image/png;base64,AAAA", "javascript:alert(1)"],
)  # fmt: skip
def test_a_picture_that_is_not_ours_is_never_asked_for(address):
    html = render_body(f"![pixel]({address})")
    assert "<img" not in html
    assert "figure" not in html
    assert "src=" not in html


def test_a_picture_elsewhere_becomes_a_link_to_it():
    html = render_body("![pixel](https://e.example/a.png)")
    assert html == '<p><a href="https://e.example/a.png">pixel</a></p>\n'


# --- notes and lines ------------------------------------------------------------------------


def test_a_note_has_no_headings_and_no_pictures():
    html = render_note(f"# No\n\n*yes* [l](/x/)\n\n![p]({OURS})")
    assert "<h2" not in html
    assert "<img" not in html
    assert '<em>yes</em> <a href="/x/">l</a>' in html


def test_a_source_line_is_one_line():
    assert render_line("First in *The Review*, https://e.example") == (
        'First in <em>The Review</em>, <a href="https://e.example">https://e.example</a>'
    )


def test_addresses_in_full_are_for_those_who_read_elsewhere():
    html = (
        '<p><a href="/x/">a</a> <a href="#section-y">b</a> <a href="https://e.example/">c</a>'
        f'<img src="{OURS}" alt="p"></p>'
    )
    assert absolute(html, "https://blog.example/posts/z/") == (
        '<p><a href="https://blog.example/x/">a</a> '
        '<a href="https://blog.example/posts/z/#section-y">b</a> '
        '<a href="https://e.example/">c</a>'
        f'<img src="https://blog.example{OURS}" alt="p"></p>'
    )


# --- hostile --------------------------------------------------------------------------------

ATTRIBUTES = {
    "href", "id", "class", "start", "src", "alt", "title", "width", "height", "loading", "decoding",
    "srcset", "sizes", "type",
}  # fmt: skip


def assert_harmless(html, tags):
    """Read it as a browser would, and find nothing that is not on the list."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    for element in tree.iter():
        if element is tree:
            continue
        assert element.tag in tags, element.tag
        assert set(element.attrib) <= ATTRIBUTES, element.attrib
        if "href" in element.attrib:
            assert is_safe_url(element.attrib["href"], relative=True)
        if "src" in element.attrib:
            assert element.attrib["src"].startswith("/media/")
        for choice in filter(None, element.attrib.get("srcset", "").split(",")):
            assert choice.strip().startswith("/media/")


@pytest.fixture(scope="module")
def payloads(shared_data):
    lines = []
    for path in sorted((shared_data / "xss-payloads").glob("*.txt")):
        lines += path.read_text(encoding="utf-8", errors="replace").splitlines()
    lines += (shared_data / "naughty-strings" / "blns.txt").read_text().splitlines()
    return sorted({line for line in lines if line.strip()})


WRAPPINGS = ["{}", "[x]({})", "![x]({})", '![x](/media/a.png "{}")', "# {}", "```{}\nx\n```"]


@pytest.mark.django_db
@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_nothing_hostile_comes_out_of_a_text(payloads, wrapping):
    for batch in batches(payloads):
        text = "\n\n".join(wrapping.replace("{}", line) for line in batch)
        assert_harmless(render_body(text), BODY_TAGS)


def test_nothing_hostile_comes_out_of_notes_and_lines(payloads):
    for batch in batches(payloads):
        assert_harmless(render_note("\n\n".join(batch)), NOTE_TAGS)
        assert_harmless(render_line(" ".join(f"[x]({line})" for line in batch)), INLINE_TAGS)


def batches(lines):
    return (lines[start : start + 100] for start in range(0, len(lines), 100))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="javascript:123">x</a>',
        '<img src="//e.example/a.png">',
        '<img src="/media/a.png" onerror="x">',
        '<p id="content" class="x" style="color:red">x</p>',
        '<h2 id="content">x</h2>',
        '<span class="evil">x</span>',
        "<svg><a href='#'>x</a></svg><math></math><style></style><iframe></iframe>",
    ],
)
def test_the_last_step_lets_nothing_through_by_itself(html):
    cleaned = absolute(html, "https://blog.example/")
    for part in ("javascript", "e.example", "onerror", "style=", 'id="content"', "evil", "<svg"):
        assert part not in cleaned


SLOW = {
    "headings": "# a\n",
    "definitions": "[^a]: b\n",
    "inline notes": "^[",
    "pictures": "![",
    "links": "[a](",
    "table": "| a\n|--\n",
    "quotes": "> a\n",
    "lists": "- ",
    "stars": "*a **b ",
    "emphasis": "*a* ",
    "parentheses": "https://e.example/(a",
}


@pytest.mark.django_db
@pytest.mark.parametrize("pattern", SLOW.values(), ids=SLOW)
def test_a_text_made_to_be_slow_is_refused_or_is_not_slow(pattern):
    seconds = [time_of(pattern * (length // len(pattern))) for length in (10_000, 40_000)]
    assert seconds[1] < max(seconds[0] * 10, 1), "4 times the text took 16 times as long"


def time_of(text):
    started = time.process_time()
    with contextlib.suppress(ValidationError):
        render_body(text)
    return time.process_time() - started
