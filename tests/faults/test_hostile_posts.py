"""1,800 strings made to break pages, as posts: titles, standfirsts, texts, notes, tags, bylines.

On the post's own page, in every list, in the author's rooms, in the feeds and in the sitemap.
"""

import re
from collections.abc import Callable
from itertools import cycle, zip_longest
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from blog import publishing
from blog.models import Post, Tag
from tests.faults.anatomy import evened, misdeeds, packed, read, texts
from tests.faults.hostile import (
    HARMLESS,
    Eye,
    House,
    accepted,
    author_called,
    browser_of,
    column_of,
    html_of,
    sample,
    typed_into,
)
from tests.faults.visitor import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wide_open")]


@pytest.fixture
def house(alice: User, mona: User, make_post: Callable[..., Post]) -> House:
    return House.of(alice, mona, make_post(title="On bread"))


# --- posts --------------------------------------------------------------------------------------


def pages_of_post(house: House, post: Post) -> dict[str, str]:
    """Return the pages that show one post: to readers, to its author, and to an editor."""
    tags = [html_of(Client().get(tag.get_absolute_url())) for tag in post.tags.all()[:1]]
    return {
        "post": html_of(Client().get(post.get_absolute_url())),
        "author": html_of(Client().get(post.author.get_absolute_url())),
        "saved preview": html_of(house.mona.get(reverse("blog:preview", args=[post.pk]))),
        "form": html_of(house.mona.get(reverse("blog:edit", args=[post.pk]))),
        "post in the admin": html_of(house.mona.get(f"/admin/blog/post/{post.pk}/change/")),
        **({"tag": tags[0]} if tags else {}),
    }


def pages_of_posts(house: House) -> dict[str, str]:
    return {
        "home": html_of(Client().get("/")),
        "posts in the admin": html_of(house.mona.get("/admin/blog/post/")),
        "tags in the admin": html_of(house.mona.get("/admin/blog/tag/")),
        "threads": html_of(house.mona.get("/admin/comments/thread/")),
    }


def harmless_posts() -> list[Post]:
    posts = []
    for number, words in enumerate(HARMLESS):
        fields = {"title": words, "body": words}
        if number % 2:
            more = ("excerpt", "author_note", "source_line")
            fields |= dict.fromkeys(more, words) | {"tags": [words]}
        posts.append(publish(author_called(words, number), fields))
    return posts


def publish(author: User, fields: dict[str, Any]) -> Post:
    return publishing.publish(publishing.create_draft(author, **fields), actor=author)


LINES = {"title": 200, "excerpt": 300, "source_line": 300}
LITTLE = {"excerpt": "", "source_line": "", "author_note": "", "body": "Words.", "tags": []}


def packs_for(name: str, strings: list[str], most: int, between: str = " ") -> list[str]:
    """Return what a field of a post takes, several strings together where they fit."""
    take = column_of(Post, name)
    return accepted(take, packed(accepted(take, strings), most, between))


def posts_full_of(strings: list[str]) -> list[dict[str, Any]]:
    """Return the fields of posts that have every string in every field that takes it."""
    lines = {name: packs_for(name, strings, most) for name, most in LINES.items()}
    notes = packs_for("author_note", strings, 300, "\n\n")
    bodies = packs_for("body", strings, 1_500, "\n\n")
    tags = [name for name in accepted(column_of(Tag, "name"), strings) if "," not in name]
    assert len(tags) > 300
    assert len(lines["title"]) > 100
    assert 3 * len(lines["title"]) >= len(tags)
    pairs = [tags[at : at + 3] for at in range(0, len(tags), 3)]
    columns = {**lines, "author_note": notes, "body": bodies, "tags": pairs}
    # There are more titles than anything else: later posts have less in them.
    rows = zip_longest(*columns.values())
    return [LITTLE | {k: v for k, v in zip(columns, row, strict=True) if v} for row in rows]


def test_no_post_gets_out_of_its_place(house: House, shard: list[str]) -> None:
    harmless = [house.post, *harmless_posts()]
    eye = Eye.that_knows(
        pages_of_posts(house),
        *(pages_of_post(house, post) for post in harmless),
        *(previewed(house, fields) for fields in TYPED_HARMLESSLY),
        {"own": html_of(house.alice.get("/write/"))},
    )
    names = packed(accepted(column_of(User, "display_name"), shard), 80)
    authors = [author_called(name, 100 + n) for n, name in enumerate(sample(names, 50))]
    full = posts_full_of(shard)
    posts = [publish(author, fields) for author, fields in zip(cycle(authors), full, strict=False)]

    pages = pages_of_posts(house) | {"own": html_of(browser_of(authors[0]).get("/write/"))}
    home = eye.judge_all(pages)["home"]
    newest = posts[::-1]
    assert texts(home, "h2", "teaser-title")[: len(posts)] == [evened(p.title) for p in newest]
    excerpts = [evened(p.excerpt) for p in newest if p.excerpt]
    assert texts(home, "p", "standfirst")[: len(excerpts)] == excerpts
    bylines = [evened(text_of(a)) for a in home.iter("a") if a.get("rel") == "author"]
    assert bylines[: len(posts)] == [evened(p.author.display_name) for p in newest]
    # The first have every field full, the last only a title.
    for post in [*sample(posts[:40], 8), *sample(posts[40:], 4)]:
        look_at(house, eye, post)
    for fields in sample(full[:40], 6):
        page = eye.judge("preview", previewed(house, typed_as(fields))["preview"], post=True)
        assert texts(page, "h1", "post-title") == [evened(fields["title"])]
    look_at_the_feeds(newest)
    look_at_the_sitemap(posts)


def look_at(house: House, eye: Eye, post: Post) -> None:
    pages = eye.judge_all(pages_of_post(house, post), post=True)
    page, form = pages["post"], pages["form"]
    assert texts(page, "title") == [evened(f"{post.title} · Parley")]
    assert texts(page, "h1", "post-title") == [evened(post.title)]
    assert f"“{evened(post.title)}”" in texts(page, "h2", "discussion-title")[0]
    described = [m.get("content") for m in page.iter("meta") if m.get("name") == "description"]
    assert described == ([post.excerpt] if post.excerpt else [])
    names = [evened(text_of(a)) for a in page.iter("a") if a.get("rel") == "tag"]
    assert names == [evened(tag.name) for tag in post.tags.all()]
    for name in ("title", "excerpt", "body", "author_note", "source_line"):
        assert typed_into(form, name) == getattr(post, name)


TYPED_HARMLESSLY: list[dict[str, str]] = [
    {"title": "Words", "body": "Words."},
    {
        "title": "Words",
        "body": "Words.",
        "excerpt": "Words",
        "author_note": "Words",
        "source_line": "Words",
        "tags": "one, two",
    },
]


def typed_as(fields: dict[str, Any]) -> dict[str, str]:
    return {**fields, "tags": ", ".join(fields["tags"])}


def previewed(house: House, fields: dict[str, str]) -> dict[str, str]:
    data = {"slug": "", "version": "0", **fields, "action": "preview"}
    return {"preview": html_of(house.alice.post("/write/new/", data))}


def look_at_the_feeds(newest: list[Post]) -> None:
    """Read the feeds as a feed reader does, and the HTML in them as its browser."""
    atom = ElementTree.fromstring(Client().get("/feed/atom/").content)  # noqa: S314
    names = {"a": "http://www.w3.org/2005/Atom"}
    entries = atom.findall("a:entry", names)[: len(newest)]
    for entry, post in zip(entries, newest, strict=True):
        assert entry.findtext("a:title", "", names) == as_xml_carries(post.title)
        name = entry.findtext("a:author/a:name", "", names)
        assert name == as_xml_carries(post.author.display_name)
        terms = [each.get("term") for each in entry.findall("a:category", names)]
        assert terms == [as_xml_carries(tag.name) for tag in post.tags.all()]
    contents = [entry.findtext("a:content", "", names) for entry in entries]
    look_at_html(contents)
    summaries = [entry.findtext("a:summary", "", names) for entry in entries]
    assert look_at_html(summaries) == [as_xml_carries(post.excerpt) for post in newest]

    rss = ElementTree.fromstring(Client().get("/feed/rss/").content)  # noqa: S314
    items = list(rss.iter("item"))[: len(newest)]
    assert [item.findtext("title") for item in items] == [as_xml_carries(p.title) for p in newest]
    whole = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert [item.findtext(whole, "") for item in items] == contents
    assert [item.findtext("description", "") for item in items] == summaries


def as_xml_carries(text: str) -> str:
    """Leave out the two noncharacters that XML has no place for; fields refuse the controls."""
    return text.replace("\ufffe", "").replace("\uffff", "")


def look_at_html(pieces: list[str]) -> list[str]:
    """Return the text of each piece of HTML, all of them put into one page."""
    shown = [f'<div class="post-body">{piece}</div>' for piece in pieces]
    document = read(f"<main>{''.join(shown)}</main>")
    assert not misdeeds(document, post=True)
    main = next(document.iter("main"))
    assert len(main) == len(pieces), "something closed the element that it stands in"
    return [text_of(each) for each in main]


def look_at_the_sitemap(posts: list[Post]) -> None:
    sitemap = ElementTree.fromstring(Client().get("/sitemap.xml").content)  # noqa: S314
    places = [each.text or "" for each in sitemap.iter() if each.tag.endswith("}loc")]
    assert len(places) > len(posts)
    assert all(re.fullmatch(r"http://testserver/[\w/-]+/", place) for place in places)
