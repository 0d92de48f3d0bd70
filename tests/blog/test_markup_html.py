"""Posts that came as HTML: what stays of it, and what becomes of what cannot be cleaned."""

import time

import pytest

from blog import markup_html
from blog.markup import absolute
from blog.markup_html import MAX_ELEMENTS, MAX_LENGTH, is_shown_as_typed, render_html


@pytest.mark.parametrize(
    "html",
    [
        '<h2 id="section-a">t</h2>',
        '<p><a href="#section-a">go</a> <a id="section-b"></a></p>',
        '<li id="section-a-__2">t</li>',
        '<p><a href="https://a.example" rel="sponsored nofollow">t</a></p>',
        '<figure class="gallery"><figure><a href="/files/a">t</a></figure></figure>',
    ],
)
def test_names_galleries_and_what_a_link_says_stay(html):
    assert render_html(html) == html
    assert absolute(html, "https://b.example/").count("section-") == html.count("section-")


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ('<h2 id="content">t</h2>', "<h2>t</h2>"),
        ('<h2 id="section-a b">t</h2>', "<h2>t</h2>"),
        ('<p id="section-a" class="gallery">t</p>', "<p>t</p>"),
        ('<figure class="cover">t</figure>', "<figure>t</figure>"),
        ('<a rel="opener" href="https://a.example">t</a>', '<a href="https://a.example">t</a>'),
        (
            '<a rel="nofollow me" href="https://a.example">t</a>',
            '<a href="https://a.example">t</a>',
        ),
    ],
)
def test_other_names_classes_and_relations_go(html, shown):
    assert render_html(html) == shown


def test_a_picture_from_elsewhere_is_a_link_that_keeps_its_name():
    html = '<p><img id="section-a" src="https://a.example/b.png" alt="B"></p>'
    assert render_html(html) == '<p><a href="https://a.example/b.png" id="section-a">B</a></p>'


@pytest.mark.parametrize(
    "html", ["<p>a</p>\n\n" * (MAX_ELEMENTS + 1), "a" * MAX_LENGTH + "<b>", "<div>" * 501]
)
def test_what_takes_too_long_to_clean_is_shown_as_typed(html):
    assert is_shown_as_typed(html)
    shown = render_html(html)
    assert "<p>" in shown
    assert "&lt;" in shown
    assert not is_shown_as_typed("<p>a</p>")


def test_as_many_parts_as_may_be_take_a_moment():
    html = f"<ul>{'<li><b>x</b></li>' * (MAX_ELEMENTS // 2 - 1)}</ul>"
    started = time.process_time()
    assert markup_html.render_html(html) == html
    assert time.process_time() - started < 8


def test_four_times_the_parts_take_about_four_times_as_long():
    def seconds(parts):
        started = time.process_time()
        render_html(f"<ul>{'<li><b>x</b></li>' * parts}</ul>")
        return time.process_time() - started

    assert min(seconds(4_000) for _ in range(2)) < 8 * min(seconds(1_000) for _ in range(2))
