"""HTML that came from elsewhere becomes Markdown: the same words, and what is lost is named."""

import time

import pytest
from bs4 import BeautifulSoup
from defusedxml.ElementTree import parse as parse_xml
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog import markup, markup_html, publishing
from blog.conversion import Loss, to_markdown, words_of_html
from blog.markup_html import readable_html
from blog.models import BODY_MAX_LENGTH, PostStatus, RevisionKind
from blog.transfer.text.conversion import post_html
from blog.words import latest_words, words_of
from comments.models import Markup
from tests.blog.received import receive_post

# Even a text alone asks for the pictures that it shows.
pytestmark = pytest.mark.django_db

OWN = "/media/pictures/2026/01/loaf.png"


def converted(html):
    return to_markdown(readable_html(html))


def markdown(html):
    return converted(html).markdown.rstrip("\n")


def read_back(html):
    """Return the body as readers would see it after it was converted."""
    return BeautifulSoup(markup.render_body(converted(html).markdown), "html5lib").body


# --- the words stay -----------------------------------------------------------------------------

letters = st.text(st.sampled_from(" \n\t\\`*_{}[]()#+-.!|<>&~^=:\"'19ax\u00a0\u3000é"), max_size=12)
texts = (letters | st.text(max_size=8)).map(
    lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
)
INLINE = ("em", "strong", "b", "i", "s", "code", "sub", "a", "span", "u")
BLOCKS = ("p", "h2", "h5", "blockquote", "pre", "div", "li", "td", "figcaption")
AROUND = ("ul", "ol", "table", "tr", "dl", "dt", "dd", "figure", "details", "section", "thead")


def wrapped(name, inner):
    attributes = {"a": ' href="https://example.org/a(b)_c"', "ol": ' start="7"'}.get(name, "")
    return f"<{name}{attributes}>{inner}</{name}>"


pages = st.recursive(
    texts | st.sampled_from(["<br>", "<hr>", f'<img src="{OWN}" alt="A [loaf]*">']),
    lambda inner: st.builds(
        wrapped,
        st.sampled_from(INLINE * 2 + BLOCKS * 2 + AROUND),
        st.lists(inner, min_size=1, max_size=4).map("".join),
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(pages)
@example("<p>a</p><ul><li>x</li></ul><ul><li>- y</li></ul>")
@example("<p><em>a</em><em>b</em><strong>c<em>d</em></strong>e</p>")
@example("<ol><li><pre>```\n</pre></li></ol><p>1. x</p>")
@example("<p><code>-1`</code><code>+</code>`</p>")
@example("<figure><figcaption>9</figcaption>1</figure>")
@example("<table><tr><td>a|b<br>`c|d`</td></tr></table>")
def test_a_reader_reads_the_same_words(html):
    before = words_of_html(markup_html.render_html(html))
    after = words_of_html(markup.render_body(to_markdown(readable_html(html)).markdown))
    assert "".join(after) == "".join(before)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_text_stays_text(text):
    body = BeautifulSoup(markup.render_body(markdown(f"<p>{text}</p>")), "html5lib").body
    assert [tag.name for tag in body.find_all(True)] in ([], ["p"])


def test_wordpress_own_posts_keep_their_words(shared_data):
    content = "{http://purl.org/rss/1.0/modules/content/}encoded"
    found = 0
    for name in ("theme-unit-test-2021", "small-export", "wxr-utf-8-challenges"):
        for item in parse_xml(shared_data / "imports" / f"{name}.xml").iter("item"):
            html = post_html(item.findtext(content) or "", image={}.get).html
            # Quotation marks that browsers draw become letters.
            html = html.replace("<q>", "").replace("</q>", "")
            before = words_of_html(markup_html.render_html(html))
            page = BeautifulSoup(markup.render_body(markdown(html)), "html5lib")
            for provider in page.select("figure.embed figcaption"):
                # The address of a film becomes its card, which says whose it is.
                provider.decompose()
            after = words_of_html(page.body.decode_contents())
            assert "".join(after) == "".join(before), item.findtext("title")
            found += 1
    assert found > 40


# --- what becomes of what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        pytest.param("<p>One\ntwo</p><p>Three</p>", "One two\n\nThree", id="paragraphs"),
        pytest.param("One<p>Two</p>Three", "One\n\nTwo\n\nThree", id="text-between"),
        pytest.param("<h2>A #1 #</h2><h5>B</h5>", "## A #1 \\#\n\n#### B", id="headings"),
        pytest.param(
            "<p><strong>a </strong><em>b</em><s>c</s></p>", "**a** *b*~~c~~", id="emphasis"
        ),
        pytest.param("<p><b>a</b><b>b</b></p>", "**ab**", id="emphasis-in-a-row"),
        pytest.param("<p><code>a`</code><code>b</code></p>", "``a`b``", id="code-in-a-row"),
        pytest.param("<p>a<br>b<br></p>", "a\\\nb", id="breaks"),
        pytest.param("<p>a<br>&nbsp;</p>", "a", id="break-and-odd-space"),
        pytest.param(
            '<p><a href="https://e.org/a b" title="T">x</a></p>',
            '[x](<https://e.org/a b> "T")',
            id="link",
        ),
        pytest.param(
            '<p><a href="https://e.org">https://e.org</a></p>', "<https://e.org>", id="address"
        ),
        pytest.param("<p><code>a`b</code></p>", "``a`b``", id="code"),
        pytest.param(
            '<pre><code class="language-python">x = "```"\n</code></pre>',
            '````python\nx = "```"\n````',
            id="code-block",
        ),
        pytest.param(
            "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>", "- a\n  - b\n- c", id="lists"
        ),
        pytest.param(
            '<ol start="9"><li>a</li><li><p>b</p><p>c</p></li></ol>',
            "9. a\n\n10. b\n\n    c",
            id="numbered-from",
        ),
        pytest.param(
            "<ul><li>a</li></ul><ul><li>b</li></ul>", "- a\n\n* b", id="two-lists-stay-two"
        ),
        pytest.param(
            "<blockquote><p>a</p><blockquote>b</blockquote></blockquote>",
            "> a\n>\n> > b",
            id="quotes",
        ),
        pytest.param("<p>a</p><hr><p>b</p>", "a\n\n***\n\nb", id="rule"),
        pytest.param(
            "<table><thead><tr><th>a|b</th><th>c</th></tr></thead><tr><td>1</td></tr></table>",
            "| a\\|b | c |\n| --- | --- |\n| 1 |",
            id="table",
        ),
        pytest.param(
            "<table><tr><td>1</td><td>2</td></tr></table>",
            "|  |  |\n| --- | --- |\n| 1 | 2 |",
            id="table-without-a-head",
        ),
        pytest.param(
            f'<figure><a href="{OWN}"><img src="{OWN}" alt="A [l]"></a>'
            '<figcaption>Of "rye"</figcaption></figure>',
            f'![A \\[l\\]]({OWN} "Of \\"rye\\"")',
            id="figure",
        ),
        pytest.param(
            '<p><img src="https://e.org/x.png" alt="X"></p>',
            "![X](https://e.org/x.png)",
            id="picture-from-elsewhere",
        ),
        pytest.param(
            '<p><a href="https://e.org/"><img src="https://e.org/x.png" alt="X"></a></p>',
            "[X](https://e.org/)",
            id="picture-from-elsewhere-that-leads-on",
        ),
        pytest.param("<dl><dt>T</dt><dd>D</dd></dl>", "**T**\n\nD", id="terms"),
        pytest.param("<details><summary>S</summary><p>D</p></details>", "**S**\n\nD", id="details"),
        pytest.param("<p><q>a</q></p>", "“a”", id="quotation-marks"),
        pytest.param("<p>&nbsp;</p><p></p>", "", id="nothing"),
        pytest.param("<p>- a</p><p>1) b</p><p>&gt; c</p>", "\\- a\n\n1\\) b\n\n\\> c", id="signs"),
    ],
)
def test_each_element_becomes_what_markdown_has_for_it(html, expected):
    assert markdown(html) == expected


def test_footnotes_stay_footnotes():
    html = (
        '<p>Rye<sup><a href="#section-n1" id="section-n1-link">1</a></sup> and wheat.</p>'
        '<ol><li id="section-n1">A <em>grain</em>. <a href="#section-n1-link">↩︎</a></li></ol>'
    )
    assert markdown(html) == "Rye[^1] and wheat.\n\n[^1]: A *grain*."
    assert "A grain." in read_back(html).select_one(".footnotes").text


def test_structure_is_read_back_as_it_was():
    body = read_back(
        "<h3>H</h3><ul><li>a<ol><li>b</li></ol></li></ul><blockquote><p>q</p></blockquote>"
        "<pre><code>x &lt; y\n\n  z</code></pre>"
        "<table><tr><th>h</th></tr><tr><td>d</td></tr></table>"
    )
    assert body.select_one("ul > li > ol > li").text == "b"
    assert body.select_one("blockquote > p").text == "q"
    assert body.select_one("pre > code").text == "x < y\n\n  z\n"
    assert [cell.text for cell in body.select("th, td")] == ["h", "d"]


@pytest.mark.parametrize(
    ("html", "lost"),
    [
        pytest.param("<p>H<sub>2</sub>O</p>", [Loss.STYLE], id="style"),
        pytest.param("<p>x<sup>2</sup></p>", [Loss.STYLE], id="raised"),
        pytest.param('<p>a<em>"b"</em>c</p>', [Loss.EMPHASIS], id="emphasis"),
        pytest.param('<p><abbr title="x">y</abbr></p>', [Loss.ABBREVIATION], id="abbreviation"),
        pytest.param("<h6>x</h6>", [Loss.HEADING], id="heading"),
        pytest.param("<dl><dt>x</dt></dl>", [Loss.DEFINITIONS], id="terms"),
        pytest.param("<details>x</details>", [Loss.DETAILS], id="details"),
        pytest.param(
            '<table><tr><td colspan="2">x</td></tr></table>', [Loss.SPANS], id="spans"
        ),
        pytest.param(
            "<table><tr><td><p>x</p><p>y</p></td></tr></table>", [Loss.CELLS], id="cells"
        ),
        pytest.param(
            f'<figure><img src="{OWN}"><figcaption><em>x</em></figcaption></figure>',
            [Loss.CAPTION], id="caption",
        ),
        pytest.param("<ol reversed><li>x</li></ol>", [Loss.REVERSED], id="reversed"),
        pytest.param(
            '<p><a rel="sponsored" href="https://e.org">x</a></p>', [Loss.RELATION], id="relation"
        ),
        pytest.param(
            '<p><a href="#section-x">x</a></p>', [Loss.PLACE], id="place"
        ),
        pytest.param("<p>x <strong>y</strong></p>", [], id="nothing"),
    ],
)  # fmt: skip
def test_what_is_lost_is_named(html, lost):
    assert list(converted(html).lost) == lost


@pytest.mark.parametrize(
    "html",
    [
        pytest.param("<blockquote>" * 400 + "x", id="quotes"),
        pytest.param("<ul><li>" * 240 + "x", id="lists"),
        pytest.param("<em><strong>" * 200 + "x", id="emphasis"),
        pytest.param("<table><tr><td>" * 150 + "x", id="tables"),
        pytest.param(
            "<table>" + "<tr><td>x</td></tr>" * 3000 + "<tr>" + "<td>a</td>" * 4000, id="wide-table"
        ),
        pytest.param("*" * 20_000, id="signs"),
        pytest.param("<p><em>a</em> [</p>" * 5000, id="many"),
        pytest.param("<em>a</em>" * 9000, id="one-line"),
    ],
)
def test_odd_html_takes_no_longer_than_a_moment(html):
    started = time.process_time()
    written = converted(html + "x").markdown
    assert "x" in written
    assert len(written) < 20 * len(html) + 1000
    assert time.process_time() - started < 8


# --- in the writing room ------------------------------------------------------------------------

HTML = f'<p>An <u>old</u> text.</p><iframe src="https://e.org"></iframe><img src="{OWN}" alt="L">'


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def draft(alice):
    return receive_post(alice, body=HTML, status=PostStatus.DRAFT, published_at=None)


@pytest.fixture
def public(alice):
    return receive_post(alice, body=HTML)


def address(post):
    return reverse("blog:convert", args=[post.pk])


def sent(writer, post, **data):
    return writer.post(address(post), {"version": post.text_version, **data})


def test_what_a_post_would_be_is_shown_and_nothing_is_stored(writer, draft):
    before = words_of(draft)
    response = writer.get(address(draft))
    page = BeautifulSoup(response.text, "html5lib")
    assert str(Loss.STYLE.label) in response.text
    assert [code.text for code in page.select("section code")] == ["iframe"]
    assert page.select_one(".source pre").text == f"An old text.\n\n![L]({OWN})\n"
    assert [bool(side.u) for side in page.select(".looks")] == [True, False]
    draft.refresh_from_db()
    assert (words_of(draft), draft.revisions.count()) == (before, 0)
    assert "no-store" in response["Cache-Control"]


def test_both_looks_on_the_page_have_names_of_their_own(writer, alice):
    body = (
        '<h2 id="section-flour">Flour</h2><p>A<sup><a href="#section-note">1</a></sup></p>'
        '<ol><li id="section-note">Note. <a href="#section-flour">Back</a></li></ol>'
        '<p>As in &lt;h2 id="section-x"&gt;.</p>'
    )
    post = receive_post(alice, body=body, markup=Markup.HTML, status=PostStatus.DRAFT)
    page = BeautifulSoup(writer.get(address(post)).content, "html5lib")
    names = [each["id"] for each in page.select(".looks [id]")]
    assert len(names) == len(set(names)) >= 3
    after = page.select(".looks")[1]
    assert after.select_one("h2")["id"] == "after-section-flour"
    assert '<h2 id="section-x">' in after.text


def test_a_draft_becomes_markdown_and_its_html_stays_in_the_history(writer, draft, alice):
    assert sent(writer, draft).status_code == 302
    draft.refresh_from_db()
    assert (draft.markup, draft.body) == (Markup.MARKDOWN, f"An old text.\n\n![L]({OWN})\n")
    newest, first = draft.revisions.all()
    assert (newest.kind, newest.actor) == (RevisionKind.CONVERT, alice)
    assert (first.words["markup"], first.words["body"]) == (Markup.HTML, HTML)
    publishing.restore(
        draft, first, ["body"], actor=alice, seen_version=draft.text_version
    )  # fmt: skip
    draft.refresh_from_db()
    assert (draft.markup, draft.body) == (Markup.HTML, HTML)


def test_readers_go_on_seeing_the_html_until_the_changes_are_published(writer, public, alice):
    response = sent(writer, public)
    assert "Readers see nothing of it" in writer.get(response["Location"]).text
    public.refresh_from_db()
    assert (public.markup, public.body) == (Markup.HTML, HTML)
    assert latest_words(public)["markup"] == Markup.MARKDOWN
    publishing.publish_changes(public, actor=alice)
    public.refresh_from_db()
    assert public.markup == Markup.MARKDOWN
    assert f'<img src="{OWN}"' in public.body_html


def test_what_is_written_beside_a_draft_is_what_is_converted(writer, draft, alice):
    publishing.keep(
        draft, {"body": "<p>Newer.</p>", "title": "Newer"}, actor=alice,
        seen_version=draft.text_version,
    )  # fmt: skip
    draft.refresh_from_db()
    sent(writer, draft)
    draft.refresh_from_db()
    assert (draft.body, draft.title) == ("Newer.\n", "Newer")


def test_a_text_that_was_changed_meanwhile_is_not_converted(writer, draft, alice):
    version = draft.text_version
    publishing.save(draft, {"body": "<p>New.</p>"}, actor=alice, seen_version=version)
    response = sent(writer, draft, version=version)
    assert response.status_code == 409
    assert "nothing was converted" in response.text
    draft.refresh_from_db()
    assert (draft.markup, draft.body) == (Markup.HTML, "<p>New.</p>")
    page = BeautifulSoup(response.text, "html5lib")
    assert page.select_one("main [name=version]")["value"] == str(draft.text_version)


def test_what_would_be_too_long_is_refused_before_anything_is_written(writer, alice):
    body = "<p>" + "1*" * (BODY_MAX_LENGTH // 2) + "</p>"
    post = receive_post(alice, body=body, status=PostStatus.DRAFT)
    page = BeautifulSoup(writer.get(address(post)).text, "html5lib")
    assert page.select("main button") == []
    assert "characters" in page.select_one("[role=alert]").text
    assert sent(writer, post).status_code == 422
    post.refresh_from_db()
    assert (post.markup, post.body) == (Markup.HTML, body)


def test_what_is_longer_than_any_text_is_refused_before_it_is_converted(writer, alice):
    body = "<p>word</p>" * 3000 + "x" * BODY_MAX_LENGTH
    post = receive_post(alice, body=body, status=PostStatus.DRAFT)
    started = time.process_time()
    assert "longer than" in writer.get(address(post)).text
    assert time.process_time() - started < 8
    assert sent(writer, post).status_code == 422


def test_what_is_made_of_too_many_parts_says_so(writer, alice):
    post = receive_post(alice, body="<p>x</p>" * 45_000, status=PostStatus.DRAFT)
    response = writer.get(address(post))
    assert "too many parts" in response.text
    assert sent(writer, post).status_code == 422


def test_markdown_is_not_converted(writer, make_post):
    post = make_post(published=False, body="*x*")
    for send in (writer.get, writer.post):
        assert send(address(post))["Location"] == reverse("blog:edit", args=[post.pk])
    post.refresh_from_db()
    assert post.body == "*x*"


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_converts_the_post_of_another(writer, mona, method):
    post = receive_post(mona, body=HTML)
    assert getattr(writer, method)(address(post), {"version": 1}).status_code == 404
    assert latest_words(post)["markup"] == Markup.HTML
