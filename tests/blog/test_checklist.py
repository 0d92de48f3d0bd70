"""The checklist: what is worth a look before publishing, told and never enforced."""

import math
import time
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse
from django.utils import timezone

from blog import policy, publishing
from blog.checklist import MUST, NOTE, SHOULD, check
from blog.models import Category, FormerSlug, OldAddress, Picture, Post, SlugKind
from blog.parts import parts_of
from blog.words import words_of
from comments.models import Markup
from tests.blog.in_state import put
from tests.blog.received import HIDDEN, put_into, receive_post

HOSTS = frozenset(["example.org"])
EXCERPT = "A standfirst that says what the post is about, at a length that is shown whole."


def looked_over(body="A paragraph.", markup=Markup.MARKDOWN, **words):
    fine = {"title": "Bread", "excerpt": EXCERPT, "tags": ["baking"], "cover": None}
    words = fine | {"body": body, "markup": str(markup)} | words
    return check(words, hosts=HOSTS, known=Post.objects.all())


def said(*arguments, **words):
    return [item.said for item in looked_over(*arguments, **words).items]


def where(*arguments, **words):
    return [quote for item in looked_over(*arguments, **words).items for quote in item.where]


BARE = "A picture has no text for those who cannot see it."
NAMED = "What stands for a picture is the name of a file."
TOP = "There is another heading of the first level."
JUMP = "A heading leaves out a level."
TWICE = "A heading repeats the title."
EMPTY = "A heading is empty."
SILENT = "A link has no words."
VAGUE = "A link does not say where it leads."
LONG = "A long address stands bare in the text."
NOWHERE = "A link on this site leads nowhere."
BETTER = "A link on this site could be better."
NOTHING_THERE = "there is nothing at this address"
ADDRESS = "https://elsewhere.example/a/very/long/path/of/its/own"


def test_nothing_is_said_of_a_post_that_has_it_all():
    checklist = looked_over("## Flour\n\nOf [rye](https://elsewhere.example/) and\n\n### Water")
    assert (checklist.items, checklist.to_look_at, checklist.minutes) == ([], 0, 1)


# --- Markdown -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("![](https://elsewhere.example/x.png)", [BARE]),
        ("![  ](https://elsewhere.example/x.png)", [BARE]),
        ("![IMG_1234.jpg](https://elsewhere.example/x.png)", [NAMED]),
        ("![DSC 0042](https://elsewhere.example/x.png)", [NAMED]),
        ("![A loaf](https://elsewhere.example/x.png)", []),
        ("`![](x.png)` and\n\n    ![](x.png)\n\n```\n[here](x)\n# One\n```", []),
        ("# Flour", [TOP]),
        ("Flour\n=====", [TOP]),
        ("### Flour", [JUMP]),
        ("## Flour\n\n#### Water", [JUMP]),
        ("## Flour\n\n### Rye\n\n## Water", []),
        ("## BREAD", [TWICE]),
        ("## ", [EMPTY]),
        ("[](https://elsewhere.example/)", [SILENT]),
        ("[![A loaf](https://a.example/x.png)](https://elsewhere.example/)", []),
        ("[here](https://elsewhere.example/)", [VAGUE]),
        ("[**Click here!**](https://elsewhere.example/)", [VAGUE]),
        ("[read more …](https://elsewhere.example/)", [VAGUE]),
        ("[where it grows](https://elsewhere.example/)", []),
        (f"<{ADDRESS}>", [LONG]),
        (f"[{ADDRESS}]({ADDRESS})", [LONG]),
        ("<https://elsewhere.example/>", []),
        ("[one][1] and [here][1]\n\n[1]: https://elsewhere.example/", [VAGUE]),
        ("Text[^1]\n\n[^1]: See [here](https://elsewhere.example/)", [VAGUE]),
        ("[up](#section-flour)\n\n## Flour", []),
        ("[up](#section-water)\n\n## Flour", [NOWHERE]),
        ("[up](#comments)", []),
    ],
)
@pytest.mark.django_db
def test_what_is_said_of_markdown(body, expected):
    assert said(body) == expected


# --- HTML -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<img src="https://elsewhere.example/x.png">', [BARE]),
        ("<IMG SRC=https://elsewhere.example/x.png>", [BARE]),
        ('<img src="https://elsewhere.example/x.png" alt="">', []),
        ('<img alt="A &gt; B" src="https://elsewhere.example/x.png"/>', []),
        ("<!-- <img src=x.png> --><p>Text</p>", []),
        ("<!-- <img src=x.png>", []),
        ("<h1>Flour</h1>", [TOP]),
        ("<h2>Flour</h2><h4>Water</h4>", [JUMP]),
        ("<h2><b>Bread</b></h2>", [TWICE]),
        ('<a href="https://elsewhere.example/"></a>', [SILENT]),
        ('<a href="https://elsewhere.example/" aria-label="Rye"></a>', []),
        ('<a href="https://elsewhere.example/"><img src="/x.png" alt="A loaf"></a>', []),
        ('<a href="https://elsewhere.example/"> <b>here</b> </a>', [VAGUE]),
        ('<a name="there"></a><a href="#there">the place</a>', []),
        ('<p id="there"></p><a href="#nowhere">the place</a>', [NOWHERE]),
    ],
)
@pytest.mark.django_db
def test_what_is_said_of_html(body, expected):
    assert said(body, Markup.HTML) == expected


# --- the rest of the words ------------------------------------------------------------------


def test_what_is_said_of_title_standfirst_and_tags():
    assert said(title=" ") == ["The post has no title."]
    assert said(title="x" * 71) == ["The title is longer than 70 characters."]
    assert said(excerpt="") == ["There is no standfirst."]
    assert said(excerpt="Short.") == ["The standfirst is 6 characters long."]
    assert said(excerpt="x" * 161) == ["The standfirst is 161 characters long."]
    assert said(tags=[]) == ["It has no tags."]
    assert said("") == ["There is no text yet."]


def test_a_long_post_says_how_long_it_takes():
    checklist = looked_over("word " * 220 * 21)
    assert checklist.minutes == 21
    assert [item.said for item in checklist.items] == ["Reading it takes about 21 minutes."]


@pytest.mark.parametrize("text", ["我今天去了商店", "ภาษาไทยไม่มี"])
def test_what_is_written_without_spaces_takes_its_time_too(text):
    assert looked_over(text * 440).minutes == math.ceil(len(text) * 440 / 2 / 220)


def test_what_must_be_mended_comes_first_and_notes_do_not_count():
    checklist = looked_over("### Deep\n\n[](https://elsewhere.example/)", tags=[])
    assert [item.level for item in checklist.items] == [MUST, SHOULD, NOTE]
    assert (checklist.to_look_at, checklist.has_faults) == (2, True)


def test_a_fault_in_many_places_is_one_item_that_quotes_some():
    body = "\n\n".join(f"![](https://elsewhere.example/{n}.png)" for n in range(9))
    (item,) = looked_over(body).items
    assert item.said == "9 pictures have no text for those who cannot see them."
    assert (item.where[0], len(item.where), item.more) == ("0.png", 5, 4)


# --- what the site knows --------------------------------------------------------------------


def make_picture(**fields):
    name = f"pictures/2026/01/p{Picture.objects.count()}.png"
    return Picture.objects.create(file=name, width=1, height=1, **fields)


@pytest.mark.django_db
def test_a_picture_that_is_only_decoration_needs_no_words():
    plain, decoration = make_picture(), make_picture(is_decorative=True)
    assert said(f"![](/media/{decoration.file.name})") == []
    assert said(f"![](/media/{plain.file.name})") == [BARE]
    assert said(f'<img src="/media/{plain.file.name}" alt="">', Markup.HTML) == [BARE]
    assert said(f'<img src="/media/{decoration.file.name}">', Markup.HTML) == []


@pytest.mark.django_db
def test_a_cover_needs_words_as_well():
    without = "The cover has no text for those who cannot see it."
    assert said(cover=make_picture().pk) == [without]
    assert said(cover=make_picture(alt="A loaf").pk) == []
    assert said(cover=make_picture(is_decorative=True).pk) == []


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/posts/out/", []),
        ("/posts/out", []),
        ("https://example.org/posts/out/", []),
        ("https://elsewhere.example/posts/none/", []),
        ("/posts/out/#section-flour", []),
        ("/posts/out/#comments", []),
        ("/posts/out/#section-water", [BETTER]),
        ("/posts/none/", [NOWHERE]),
        ("http://example.org/posts/none/", [NOWHERE]),
        ("/pages/out/", [NOWHERE]),
        ("/posts/hidden/", [NOWHERE]),
        ("/posts/private/", [NOWHERE]),
        ("/posts/later/", [BETTER]),
        ("/posts/former/", [BETTER]),
        ("/tags/baking/", []),
        ("/tags/none/", [NOWHERE]),
        ("/categories/bread/", []),
        ("/categories/none/", [NOWHERE]),
        ("/authors/none/", [NOWHERE]),
        ("/pages/", []),
        ("/feed/atom/", []),
        ("/static/css/parley.css", []),
        ("/2009/05/an-old-post/", []),
        ("/2009/05/no-old-post/", [NOWHERE]),
        ("/2009/05/of-a-private-post/", [NOWHERE]),
        ("/media/none.png", [NOWHERE]),
        ("/%zz", [NOWHERE]),
        ("http://[", []),
        ("mailto:x@example.org", []),
        ("javascript:alert(1)", []),
    ],
)
@pytest.mark.django_db
def test_links_on_this_site_are_followed(make_post, alice, href, expected):
    out = make_post(title="Out", slug="out", body="## Flour", tags=["Baking"])
    make_post(title="Hidden", slug="hidden", published=False)
    private = put_into(receive_post(alice, title="Private", slug="private"), "private")
    OldAddress.objects.create(path="/2009/05/of-a-private-post", post=private)
    later = make_post(title="Later", slug="later", published=False)
    publishing.publish(later, actor=alice, at=timezone.now() + timedelta(days=1))
    FormerSlug.objects.create(kind=SlugKind.POST, slug="former", post=out)
    OldAddress.objects.create(path="/2009/05/an-old-post", post=out)
    Category.objects.create(name="Bread", slug="bread")
    assert said(f'<a href="{href}">the post</a>', Markup.HTML) == expected


@pytest.mark.django_db
def test_a_link_to_a_file_of_the_site_leads_there():
    assert said(f"[A picture](/media/{make_picture().file.name})") == []


@pytest.mark.django_db
def test_many_links_cost_no_more_queries_than_one_of_each(make_post, django_assert_max_num_queries):
    kinds = ("posts", "pages", "tags", "categories", "authors", "media", "2009")
    hrefs = [f"/{kind}/none-{n}/" for n in range(200) for kind in kinds]
    body = "\n\n".join(f"[a post]({href})" for href in hrefs) + "\n\n![](/media/x.png)"
    with django_assert_max_num_queries(16):
        assert NOWHERE not in said(body)[1:]


# --- fast, whatever it is -------------------------------------------------------------------

LONGEST = 200_000


@pytest.mark.parametrize(
    "piece",
    [
        "<a ", "<", "<!--", '<a "', "</", "<a href='", "<![", "&#", "<a/", "<script>", "<a b= ",
        "<h2>", "<a>", "<h2><a>", "<img alt=' ", "a=", "<a a a a ", "<a =", '<a href="x">',
        "<a " + "b" * 1000,
    ],
)  # fmt: skip
@pytest.mark.once
def test_hostile_html_takes_no_longer_than_any(piece):
    body = (piece * LONGEST)[:LONGEST]
    started = time.process_time()
    parts_of(body, Markup.HTML)
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize(
    "piece",
    ["[", "![", "*a ", "# a\n\n", "[a](b) ", "![](/media/x.png)", "> ", "[^1] ", "<a", "- ", "|a"],
)
@pytest.mark.once
@pytest.mark.django_db
def test_hostile_markdown_takes_no_longer_than_saving_it(piece):
    body = (piece * LONGEST)[:LONGEST]
    started = time.process_time()
    looked_over(body)
    assert time.process_time() - started < 6


@pytest.mark.once
def test_a_long_text_is_looked_over_in_a_moment():
    body = "Some *words* and a [link to it](https://elsewhere.example/) here.\n\n" * 4000
    started = time.process_time()
    looked_over(body[:LONGEST])
    assert time.process_time() - started < 3


# --- in the writing room --------------------------------------------------------------------


@pytest.mark.django_db
def test_the_checklist_is_of_the_words_written_last(client, alice, make_post):
    post = make_post(title="Bread", body="Fine.")
    words = {"body": '[here](https://elsewhere.example/)"<b>'}
    publishing.keep(post, words, actor=alice, seen_version=post.text_version)
    client.force_login(alice)
    response = client.get(reverse("blog:checklist", args=[post.pk]))
    assert "no-store" in response["Cache-Control"]
    page = BeautifulSoup(response.text, "html5lib")
    assert VAGUE in page.text
    assert "to look at" in page.select_one("summary").text


@pytest.mark.django_db
def test_the_checklist_quotes_what_was_typed_as_text(client, alice, make_post):
    post = make_post(title="Bread", body="## <b>x</b>\n\n#### <script>y</script>")
    client.force_login(alice)
    page = BeautifulSoup(client.get(reverse("blog:checklist", args=[post.pk])).text, "html5lib")
    assert "<script>y</script>" in page.select_one("q").text
    assert page.select("b, script") == []


@pytest.mark.django_db
def test_others_learn_nothing_of_a_post_from_its_checklist(client, bob, alice, mona, make_post):
    theirs = reverse("blog:checklist", args=[make_post(author=mona).pk])
    assert client.get(theirs).status_code == 302
    for person, expected in ((bob, 403), (alice, 404), (mona, 200)):
        client.force_login(person)
        assert client.get(theirs).status_code == expected


@pytest.mark.parametrize("state", HIDDEN)
@pytest.mark.django_db
def test_a_link_tells_nothing_of_what_others_hide(alice, carl, make_post, state):
    put(make_post(title="Hidden", slug="hidden", body="## Flour", published=False), state)
    links = ["/posts/hidden/", "/posts/hidden/#section-flour", "/posts/none/#section-flour"]
    body = "".join(f'<a href="{href}">the post</a>' for href in links)
    post = make_post(published=False, author=carl, body=body, markup=Markup.HTML)

    def told(person):
        checked = check(words_of(post), hosts=HOSTS, known=policy.readable_by(person))
        return [item for item in checked.items if item.said.startswith(("3 links", "A link"))]

    (only,) = told(carl)
    assert [quote.partition(": ")[2] for quote in only.where] == [NOTHING_THERE] * 3
    assert told(alice) != [only]


@pytest.mark.django_db
def test_a_link_tells_nothing_of_the_text_behind_a_password(alice, carl, make_post):
    locked = make_post(title="Locked", slug="locked", body="## Flour")
    publishing.set_password(locked, "open sesame", actor=alice)
    words = {"title": "", "excerpt": "", "tags": [], "cover": None, "markup": Markup.HTML}
    words["body"] = '<a href="/posts/locked/#section-water">the post</a>'
    for person, expected in ((carl, False), (alice, True)):
        checked = check(words, hosts=HOSTS, known=policy.readable_by(person))
        assert (BETTER in [item.said for item in checked.items]) is expected


@pytest.mark.django_db
def test_a_stored_post_says_the_same_of_itself(make_post):
    post = make_post(title="Bread", body="# One", tags=["x"], excerpt=EXCERPT)
    assert [item.said for item in check(words_of(Post.objects.get())).items] == [TOP]
    assert post.pk
