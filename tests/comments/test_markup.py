"""Text to safe HTML: what Markdown gives, what is refused at once, what can never come out."""

import random

import html5lib
import pytest
from django.core.exceptions import ValidationError

from comments.markup import (
    COMMENT_TAGS,
    MAY_LINK,
    _comment_attribute,
    check_caps,
    is_safe_url,
    links_in,
    parsed,
    render_comment,
    sanitise,
    strip_controls,
)


def refused(text, **options):
    with pytest.raises(ValidationError) as error:
        check_caps(text, **{"max_length": 20_000, **options})
    return " ".join(error.value.messages)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*so* **very** ~~not~~", "<p><em>so</em> <strong>very</strong> <s>not</s></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("> quoted\n\nanswer", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>answer</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c", '<ol start="3">\n<li>c</li>\n</ol>'),
        ("`x < y`", "<p><code>x &lt; y</code></p>"),
        ("<b>bold</b> & co", "<p>&lt;b&gt;bold&lt;/b&gt; &amp; co</p>"),
        ("# No headings", "<p># No headings</p>"),
        ("“as typed” … — 😀 שלום", "<p>“as typed” … — 😀 שלום</p>"),
    ],
)
def test_markdown_that_people_write(text, html):
    assert render_comment(text).strip() == html


def test_a_link_says_that_it_is_a_readers():
    assert render_comment("see https://example.org/a?b=1&c=2") == (
        '<p>see <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">'
        "https://example.org/a?b=1&amp;c=2</a></p>\n"
    )
    assert links_in("[a](http://a.example) and https://b.example") == (
        "http://a.example",
        "https://b.example",
    )


def test_a_picture_is_a_link_and_never_a_request_to_another_host():
    assert "<img" not in render_comment("![pixel](https://tracker.example/1.gif)")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "javascript:123",
        "JaVaScRiPt:alert(1)",
        "data:123",
        "data:text/html,x",
        "tel:555",
        "vbscript:x",
        "//evil.example",
        "/\\evil.example",
        "http://",
        "http:///path",
        "https://[::1",
        "http://a:b:c/",
        "http://x:99999999/",
        "mailto:",
        " https://example.org",
        "java\nscript:1",
        "\x01javascript:1",
        "file:///etc/passwd",
        "blob:https://example.org/1",
    ],
)
def test_an_address_that_is_no_link(url):
    assert not is_safe_url(url)
    assert url != url.strip() or ">x</a>" not in render_comment(f"[x]({url})")


@pytest.mark.parametrize(
    "url", ["https://example.org", "http://example.org:8080/a#b", "mailto:a@example.org"]
)
def test_an_address_that_is_a_link(url):
    assert is_safe_url(url)
    assert "<a href=" in render_comment(f"[x]({url})")


@pytest.mark.parametrize("url", ["javascript:123", "data:123", "tel:555", "https:///x"])
def test_the_sanitiser_does_not_trust_what_the_parser_made(url):
    html = f'<a href="{url}" onclick="x" rel="nofollow ugc noopener">x</a>'
    assert sanitise(html, COMMENT_TAGS, _comment_attribute) == (
        '<a rel="nofollow ugc noopener">x</a>'
    )


def test_paths_of_this_site_are_links_only_where_asked_for():
    assert is_safe_url("/posts/a/", relative=True)
    assert is_safe_url("#comment-3", relative=True)
    assert not is_safe_url("//evil.example", relative=True)
    assert not is_safe_url("/\\evil.example", relative=True)
    assert not is_safe_url("/posts/a/")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x" * 20_001, "1 character too long"),
        ("<b>" * 10_000, "HTML tags"),
        ("(" * 16_000, "equal marks"),
        ("> " * 500 + "x", "levels deep"),
        ("http://a.example/( " * 101, "100 links"),
        ("[a](" * 401, "square brackets"),
        ("//e.example/(" * 101, "100 links"),
        ("**_a_** " * 500, "stars"),
        ("> a\n\n" * 900, "1,000 lines"),
        ("a\x00b", "NUL"),
        ("a\ud800b", "surrogate"),
        ("a\u202eb", "U+202E"),
    ],
)
def test_what_no_person_typed_is_refused_with_a_word(text, word):
    assert word in refused(text, max_length=50_000 if len(text) > 20_001 else 20_000)


@pytest.mark.parametrize(
    "text", ["a ((((b)))) c", "<br>" * 50, "> > > nested", "verse\n" * 400, "مرحبا \u2067x\u2069"]
)
def test_what_people_do_type_passes(text):
    check_caps(text, max_length=20_000)


def hostile_lines(shared_data):
    for path in sorted((shared_data / "xss-payloads").glob("*.txt")):
        yield from path.read_text(errors="replace").splitlines()
    yield from (shared_data / "naughty-strings" / "blns.txt").read_text().splitlines()


def test_no_hostile_line_brings_out_an_element_attribute_or_scheme_outside_the_list(shared_data):
    lines = [line for line in hostile_lines(shared_data) if line.strip()]
    assert len(lines) > 2_000
    for line in lines:
        for text in (line, f"[x]({line})", f"<{line}>", f"> {line}\n\n`{line}`"):
            for element in html5lib.parseFragment(render_comment(text)).iter():
                tag = str(element.tag).rpartition("}")[2]
                assert tag == "DOCUMENT_FRAGMENT" or tag in COMMENT_TAGS, (line, tag)
                for name, value in element.attrib.items():
                    assert (tag, name) in {("a", "href"), ("a", "rel"), ("ol", "start")}, line
                    assert name != "href" or is_safe_url(value), (line, value)


@pytest.mark.parametrize("people", [None, {"Ann": "/comments/1/2/"}])
def test_a_text_that_stops_the_parser_is_read_all_the_same(people):
    html = render_comment("x.coma.b[HTTP://s:// and *more* https://example.org/x", people)
    assert "<em>more</em>" in html
    assert 'href="https://example.org/x"' in html
    assert links_in("x.coma.b[HTTP://s://") == ("HTTP://s",)


PARTS = [
    "http", "HTTPS", "mailto", "ftp", ":", "/", "//", "www", "example", ".", "com", "localhost",
    "@", "10", "[", "]", "(", ")", "<", ">", "&colon;", "&#46;", "\\", " ", "\n", "\u3002",
    "\uff0e", "\x0b", "\x1f", "\u200b", "\xa0", "bücher", "рф", "-", "_", "*", "`", "x",
]  # fmt: skip


def test_a_text_that_seems_to_have_no_link_has_none(shared_data):
    """Most texts are told without the parser; it must agree."""
    some = random.Random(7)
    texts = ["".join(some.choices(PARTS, k=some.randint(1, 9))) for _text in range(5_000)]
    texts += hostile_lines(shared_data)
    unparsed = [text for text in texts if not MAY_LINK.search(strip_controls(text))]
    assert len(unparsed) > 500
    for text in unparsed:
        children = [child.type for token in parsed(text) for child in token.children or ()]
        assert "link_open" not in children, text
