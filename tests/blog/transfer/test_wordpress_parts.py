"""Footnotes, reusable blocks, galleries and links within a text; no database is needed."""

import json
import time

import pytest

from blog.transfer.text.conversion import Converted, post_html


def convert(text, **known):
    return post_html(text, image={}.get, **known)


def html(text, **known):
    return convert(text, **known).html


# ---- Footnotes, which WordPress keeps beside the text ----

NOTED = '<p>Word<sup data-fn="a-1" class="fn"><a href="#a-1" id="a-1-link">1</a></sup></p>'
NOTES = json.dumps([{"content": "The <em>note</em>", "id": "a-1"}])


def test_footnotes_stand_in_their_place_with_links_both_ways():
    assert convert(f"{NOTED}<!-- wp:footnotes /--><p>after</p>", footnotes=NOTES) == Converted(
        '<p>Word<sup><a href="#section-a-1" id="section-a-1-link">1</a></sup></p>\n'
        '<ol>\n<li id="section-a-1">The <em>note</em> <a href="#section-a-1-link">↩︎</a></li>\n'
        "</ol>\n<p>after</p>",
        (),
    )


@pytest.mark.parametrize(
    "kept", ["", "[", "{}", '["x"]', '[{"id":"a"}]', '[{"id":"a","content":7}]', "[" * 100_000]
)
def test_footnotes_that_cannot_be_read_are_noted(kept):
    text = "<p>a</p><!-- wp:footnotes /-->"
    assert convert(text, footnotes=kept) == Converted(
        "<p>a</p>", ("left out: block core/footnotes",)
    )


def test_footnotes_stand_once_however_often_they_are_called():
    assert html(NOTED + "<!-- wp:footnotes /-->" * 1_000, footnotes=NOTES).count("<ol>") == 1


# ---- Blocks that are kept once and shown in many posts ----


def shown(number):
    return f'<!-- wp:block {{"ref":{number}}} /-->'


def test_a_reusable_block_stands_where_it_is_shown():
    kept = {"3": "<!-- wp:paragraph -->\n<p>kept</p>\n<!-- /wp:paragraph -->"}
    assert convert(f"<p>a</p>{shown(3)}<p>b</p>", reusable=kept.get) == Converted(
        "<p>a</p>\n<p>kept</p>\n<p>b</p>", ()
    )


def test_a_reusable_block_closes_nothing_around_it_and_leaves_nothing_open():
    kept = {"3": "</li></ul><strong>kept"}
    assert html(f"<ul><li>a{shown(3)}</li><li>b</li></ul>", reusable=kept.get) == (
        "<ul>\n<li>a\n<p><strong>kept</strong></p></li>\n<li>b</li>\n</ul>"
    )


def test_a_reusable_block_that_is_not_in_the_file_is_noted():
    assert convert(f"<p>a</p>{shown(3)}") == Converted("<p>a</p>", ("left out: block core/block",))


def test_reusable_blocks_in_a_circle_come_once_and_are_noted():
    kept = {"3": f"<p>three</p>{shown(4)}", "4": f"<p>four</p>{shown(3)}"}
    assert convert(shown(3), reusable=kept.get) == Converted(
        "<p>three</p>\n<p>four</p>", ("left out: block core/block",)
    )


def test_reusable_blocks_that_multiply_end_somewhere():
    kept = {str(n): shown(n + 1) * 50 + "x" * 1_000 for n in range(9)}
    started = time.process_time()
    made = convert(shown(0), reusable=kept.get)
    assert len(made.html) < 1_200_000
    assert made.notes == ("left out: block core/block",)
    assert time.process_time() - started < 3


def test_words_that_a_post_puts_into_a_reusable_block_are_noted():
    text = '<!-- wp:block {"ref":3,"content":{"Heading":{"content":"mine"}}} /-->'
    made = convert(text, reusable={"3": "<p>kept</p>"}.get)
    assert made == Converted("<p>kept</p>", ("without its own words: block core/block",))


# ---- Links within a text ----


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ('<h3 id="x">t</h3>', '<h3 id="section-x">t</h3>'),
        ('<a name="x"></a>\n<h3>t</h3>', '<h3 id="section-x">t</h3>'),
        ('<p id="x">t</p>', '<p><a id="section-x"></a>t</p>'),
        ('<a id="x">t</a>', '<p><a id="section-x"></a>t</p>'),
        ('<div id="x">\n\nt\n\nu</div>', '<p><a id="section-x"></a>t</p>\n<p>u</p>'),
        ('<div id="x"><h3>t</h3></div>', '<h3 id="section-x">t</h3>'),
        ('<ul><li id="x">t</li></ul>', '<ul>\n<li id="section-x">t</li>\n</ul>'),
        ('<table><tr id="x"><td>t</td></tr></table>',
         '<table>\n<tr><td id="section-x">t</td></tr>\n</table>'),
        ('<sup id="x">t</sup>', '<p><sup id="section-x">t</sup></p>'),
        ('t\n\n<span id="x"></span>', '<p>t</p>\n<p><a id="section-x"></a></p>'),
    ],
)  # fmt: skip
def test_a_place_that_a_link_leads_to_keeps_a_name(place, named):
    made = html(f'<p><a href="#x">go</a></p>{place}')
    assert made == f'<p><a href="#section-x">go</a></p>\n{named}'
    assert html(made) == made


def test_a_place_that_no_link_leads_to_loses_its_name():
    assert html('<h3 id="x" class="y">t</h3>') == "<h3>t</h3>"


@pytest.mark.parametrize("address", ["#", "#none", "#top", " #x y"])
def test_a_link_to_no_place_is_words(address):
    assert html(f'<a href="{address}">go</a> <h3 id="x">t</h3>') == "<p>go</p>\n<h3>t</h3>"


def test_two_names_of_one_place_become_one():
    text = '<a href="#x">1</a><a href="#y">2</a><a name="x"></a><h3 id="y">t</h3>'
    assert html(text) == (
        '<p><a href="#section-x">1</a><a href="#section-x">2</a></p>\n<h3 id="section-x">t</h3>'
    )


def test_names_that_would_be_the_same_here_are_kept_apart():
    text = '<a href="#a b">1</a><a href="#a%2Eb">2</a><h3 id="a b">t</h3><h3 id="a.b">u</h3>'
    made = html(text)
    assert made == (
        '<p><a href="#section-a-b">1</a><a href="#section-a-b__2">2</a></p>\n'
        '<h3 id="section-a-b">t</h3>\n<h3 id="section-a-b__2">u</h3>'
    )
    assert html(made) == made


def test_a_name_stands_once_where_its_element_is_written_twice():
    made = html('<a href="#x">go</a>\n\n<sup id="x">a\n\nb</sup>')
    assert made.count('id="section-x"') == 1


@pytest.mark.parametrize("name", ["{}", "!{}", "a"])
def test_many_names_take_no_more_than_a_moment(name):
    names = [name.format("?" * n if name[0] == "!" else n) for n in range(3_000)]
    text = "".join(f'<a href="#{n}" id="{n}">x</a><p id="{n}">' for n in names)
    started = time.process_time()
    html(text[:1_000_000])
    assert time.process_time() - started < 3


# ---- Galleries ----


def test_a_gallery_is_one_box_and_each_picture_leads_to_its_file():
    text = (
        '<!-- wp:gallery --><figure class="wp-block-gallery"><figure><img src="a"></figure>'
        '<figure><a href="page"><img src="b"></a><figcaption>B</figcaption></figure>'
        "<figcaption>Both</figcaption></figure><!-- /wp:gallery -->"
    )
    made = html(text)
    assert made == (
        '<figure class="gallery"><figure><a href="a"><img src="a"></a></figure>\n'
        '<figure><a href="page"><img src="b"></a>\n<figcaption>B</figcaption></figure>\n'
        "<figcaption>Both</figcaption></figure>"
    )
    assert html(made) == made


def test_a_gallery_of_one_picture_comes_out_the_same_again():
    made = html('<!-- wp:gallery --><figure><img src="a"></figure><!-- /wp:gallery -->')
    assert made == '<figure class="gallery"><figure><a href="a"><img src="a"></a></figure></figure>'
    assert html(made) == made


def test_what_stands_in_a_gallery_and_is_no_picture_comes_after_it():
    text = '<!-- wp:gallery --><figure><img src="a"></figure><p>t</p><!-- /wp:gallery -->'
    assert html(text).endswith("</figure></figure>\n<p>t</p>")
