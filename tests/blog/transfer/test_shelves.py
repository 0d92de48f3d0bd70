"""Categories and tags of an import: what labels mean, and that a second run undoes nothing here."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from blog.models import Category, FormerSlug, Post, Tag
from tests.blog.transfer.imports import bring, notes_of
from tests.blog.transfer.standing import exact
from tests.blog.transfer.wordpress_files import category, document, post

pytestmark = pytest.mark.django_db

FOO = ("post_tag", "foo", "Foo")


@pytest.fixture
def imported(tmp_path: Path) -> Any:
    return partial(bring, tmp_path)


def labelled(label: str) -> str:
    """Return a post with a label as a file has it."""
    return post(1, labels=[]).replace("</item>", f"{label}</item>")


def shelves_of(post: Post) -> list[str]:
    return [each.slug for each in post.categories.all()]


# ---- What labels mean ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        "<category><![CDATA[News]]></category>",
        '<category domain="category">News</category>',
        '<category domain="category" nicename=""> News\n</category>',
        '<category nicename="news">News</category>',
    ],
)
@pytest.mark.parametrize("listed", ["", category("news", "News")])
def test_a_label_without_a_slug_is_known_by_its_name(
    imported: Any, label: str, listed: str
) -> None:
    report = imported(listed, labelled(label))
    assert list(Category.objects.values_list("name", "slug")) == [("News", "news")]
    assert shelves_of(Post.objects.get()) == ["news"]
    assert report["categories"] == 1


def test_a_name_alone_leads_to_the_category_listed_under_another_slug(imported: Any) -> None:
    imported(category("old-news", "News"), labelled("<category>News</category>"))
    assert shelves_of(Post.objects.get()) == ["old-news"]


def test_a_name_in_no_latin_letter_makes_a_category_once(imported: Any) -> None:
    parts = labelled("<category>Новости</category>")
    imported(parts)
    before = exact()
    imported(parts)
    assert exact() == before
    assert [each.name for each in Post.objects.get().categories.all()] == ["Новости"]


@pytest.mark.parametrize("parent", ["baking-stuff", "Baking Stuff", "baking stuff", "Baking-Stuff"])
def test_a_parent_may_be_named_by_its_slug_or_its_name(imported: Any, parent: str) -> None:
    imported(category("rye", "Rye", parent), category("baking-stuff", "Baking Stuff"))
    assert Category.objects.get(slug="rye").parent == Category.objects.get(slug="baking-stuff")


def test_a_new_category_takes_no_address_that_another_had(imported: Any) -> None:
    here = Category.objects.create(name="Reports", slug="reports")
    FormerSlug.objects.create(kind="category", slug="news", category=here)
    imported(category("news", "News"))
    assert Category.objects.get(name="News").slug == "news-2"


def test_other_taxonomies_are_counted_by_name(imported: Any) -> None:
    labels = [("series", "trip", "Trip"), ("series", "walk", "Walk"), ("language", "de", "Deutsch")]
    term = (
        "<wp:term><wp:term_taxonomy>%s</wp:term_taxonomy><wp:term_slug>s</wp:term_slug></wp:term>"
    )
    report = imported(term % "series", term % "nav_menu", post(1, labels=labels))
    assert report["skipped"] == {
        "a taxonomy this site does not have: language": 1,
        "a taxonomy this site does not have: series": 2,
        "menus": 1,
        "terms of a taxonomy this site does not have: series": 1,
    }
    assert not Tag.objects.exists()


# ---- Again --------------------------------------------------------------------------------------


def test_a_category_moved_to_the_top_here_stays_there(imported: Any) -> None:
    parts = [category("low", "Low", "high"), category("high", "High")]
    imported(*parts)
    Category.objects.filter(slug="low").update(parent=None)
    report = imported(*parts)
    assert Category.objects.get(slug="low").parent is None
    assert report["changes"]["categories"] == {"unchanged": 2}


def test_a_category_renamed_there_is_renamed_here(imported: Any) -> None:
    imported(category("low", "Low", "high"), category("high", "High"))
    report = imported(category("low", "Lower"), category("high", "High"))
    low = Category.objects.get(slug="low")
    assert (low.name, low.parent) == ("Lower", None)
    assert report["changes"]["categories"] == {"unchanged": 1, "updated": 1}
    before = exact()
    imported(category("low", "Lower"), category("high", "High"))
    assert exact() == before


def test_two_categories_that_change_places_there_change_places_here(imported: Any) -> None:
    imported(category("a", "A", "b"), category("b", "B"))
    imported(category("a", "A"), category("b", "B", "a"))
    assert Category.objects.get(slug="b").parent == Category.objects.get(slug="a")
    assert Category.objects.get(slug="a").parent is None


@pytest.mark.parametrize("change", [{"name": "Mine"}, {"description": "Mine"}, {"parent": None}])
def test_a_category_that_changed_here_is_left_with_a_note(
    imported: Any, change: dict[str, Any]
) -> None:
    imported(category("low", "Low", "high"), category("high", "High"))
    Category.objects.filter(slug="low").update(**change)
    report = imported(category("low", "Lower", "high"), category("high", "High"))
    low = Category.objects.get(slug="low")
    assert {name: getattr(low, name) for name in change} == change
    assert low.name != "Lower"
    assert f"category {low.name}: changed here since, so left as it is" in notes_of(report)


def test_a_category_that_was_here_before_is_nobody_elses(imported: Any) -> None:
    Category.objects.create(name="Ours", slug="low", description="Our words")
    for name in ("Low", "Lower"):
        imported(category("low", name, "high"), category("high", "High"))
    low = Category.objects.get(slug="low")
    assert (low.name, low.description, low.parent) == ("Ours", "Our words", None)


def test_a_label_takes_nothing_from_a_category_that_an_earlier_file_listed(imported: Any) -> None:
    imported(category("low", "Low", "high"), category("high", "High"))
    imported(post(1, labels=[("category", "low", "Low")]))
    assert Category.objects.get(slug="low").parent == Category.objects.get(slug="high")


def test_a_list_completes_the_category_that_a_label_made(imported: Any) -> None:
    imported(post(1, labels=[("category", "low", "Low")]))
    imported(category("low", "Low", "high"), category("high", "High"))
    assert Category.objects.get(slug="low").parent == Category.objects.get(slug="high")


def test_a_tag_renamed_here_keeps_its_name_and_its_posts(imported: Any) -> None:
    listed = "<wp:tag><wp:tag_slug>foo</wp:tag_slug><wp:tag_name>Foo</wp:tag_name></wp:tag>"
    imported(listed, post(1, labels=[FOO]))
    Tag.objects.update(name="Bar")
    imported(listed, post(1, labels=[FOO], content="Other words."))
    assert [tag.name for tag in Tag.objects.all()] == ["Bar"]
    assert [tag.name for tag in Post.objects.get().tags.all()] == ["Bar"]


def test_what_was_removed_here_stays_removed(imported: Any) -> None:
    labels = [FOO, ("category", "low", "Low")]
    parts = [category("low", "Low"), category("lower", "Lower", "low")]
    imported(*parts, post(1, labels=labels))
    Tag.objects.all().delete()
    Category.objects.filter(slug="low").delete()
    report = imported(*parts, post(1, labels=labels, content="Other words."))
    assert not Tag.objects.exists()
    assert [each.slug for each in Category.objects.all()] == ["lower"]
    assert report["skipped"] == {
        "categories that were removed here": 1,
        "tags that were removed here": 1,
    }
    assert report["changes"]["posts"] == {"updated": 1}


def test_a_tag_that_was_here_before_is_found_in_any_case_and_stays_removed(imported: Any) -> None:
    Tag.objects.create(name="fOO", slug="foo")
    imported(post(1, labels=[FOO]))
    assert [tag.name for tag in Post.objects.get().tags.all()] == ["fOO"]
    Tag.objects.all().delete()
    imported(post(1, labels=[FOO]))
    assert not Tag.objects.exists()


def test_a_list_of_wxr_1_0_comes_in_with_its_parents(tmp_path: Path) -> None:
    parts = category("baking-stuff", "Baking Stuff") + category("rye", "Rye", "Baking Stuff")
    export = document(parts).replace("/export/1.2/", "/export/1.0/").replace(">1.2<", ">1.0<")
    bring(tmp_path, export=export)
    assert str(Category.objects.get(slug="rye").parent) == "Baking Stuff"
