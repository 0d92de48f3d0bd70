"""What an item of an export says of a post: titles, names, dates, what nobody is to read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from blog.models import PostStatus
from blog.transfer.wordpress.posts import Written, remarks, written
from blog.transfer.wxr.reading import Item

EXPORTED = datetime(2024, 1, 1, tzinfo=UTC)
SECRET = "My diagnosis came back positive"


def said(html: str = "<p>Words.</p>", **fields: Any) -> Written:
    return written(item(**fields), html, exported_at=EXPORTED)


def item(**fields: Any) -> Item:
    known: dict[str, Any] = {"type": "post", "status": "publish", "date_gmt": "2012-01-01 00:00:00"}
    return Item(line=1, post_id="1", **known | fields)


def test_no_word_of_a_secret_text_becomes_its_title_or_its_address() -> None:
    found = said(f"<p>{SECRET}</p>", password="family", title=" \u200b ")
    assert (found.title, found.slug, found.excerpt) == ("Protected", "", "")


def test_a_post_without_a_title_is_named_after_its_first_words() -> None:
    assert said("<p>Some words.</p>").title == "Some words."


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The [gallery] and [caption]its[/caption] friends",) * 2,
        ("Using [youtube id=5] &amp; <em>more</em>", "Using [youtube id=5] & more"),
        ("[sic]", "[sic]"),
    ],
)
def test_brackets_in_a_title_are_brackets(title: str, expected: str) -> None:
    assert said(title=title).title == expected


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("blog/2012/5/3/my-post", "blog-2012-5-3-my-post"),
        ("a_b.html", "a_b-html"),
        ("caf%c3%a9", "cafe"),
    ],
)
def test_slashes_and_dots_of_an_address_become_hyphens(name: str, slug: str) -> None:
    assert said(name=name).slug == slug


@pytest.mark.parametrize(
    ("date", "status"),
    [
        ("2015-01-01 00:00:00", PostStatus.DRAFT),
        ("2024-01-01 00:00:00", PostStatus.DRAFT),
        ("2024-01-01 00:00:01", PostStatus.PUBLISHED),
        ("2199-01-01 00:00:00", PostStatus.PUBLISHED),
    ],
)
def test_what_had_missed_its_hour_there_was_not_public_and_is_not_here(
    date: str, status: PostStatus
) -> None:
    fields = {"status": "future", "date_gmt": date}
    found = said(**fields)
    assert found.status == status
    assert bool(remarks(item(**fields), found)) == (status == PostStatus.DRAFT)


def test_a_missed_hour_and_a_cut_excerpt_are_told_of() -> None:
    fields = {"status": "future", "excerpt": "word " * 400}
    told = remarks(item(**fields), said(**fields))
    assert ["excerpt was cut" in told[0], "came as a draft" in told[1]] == [True, True]
    assert remarks(item(excerpt="Short."), said(excerpt="Short.")) == []
