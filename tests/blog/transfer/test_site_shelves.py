"""Shelves of a zip in a site that has some: the same by name, at a free address if need be."""

import json

import pytest

from blog.models import Category, Post, Tag
from tests.blog.transfer.moves import (
    empty_the_site,
    entries,
    export,
    import_site,
    received,
    rewritten,
)
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def zipped(tmp_path):
    """Return the zip of a site with the tag C++ and the category Sea, both in use."""
    sea = Category.objects.create(name="Sea", slug="s")
    received(make_person("Alice", "Author"), "On ships", ["C++"], [sea], status="draft")
    assert Tag.objects.get().slug == "c"
    export(tmp_path / "site.zip")
    empty_the_site()
    return tmp_path / "site.zip"


def labels():
    post = Post.objects.get()
    return [(each.name, each.slug) for each in (post.tags.get(), post.categories.get())]


def test_one_that_has_only_the_address_is_another(zipped):
    Tag.objects.create(name="C#", slug="c")
    Category.objects.create(name="Sand", slug="s")
    out = import_site(zipped)
    assert labels() == [("C++", "c-2"), ("Sea", "sea")]
    assert "C++ was to be read at c and is now at c-2" in out
    assert "Sea was to be read at s and is now at sea" in out


def test_one_of_the_same_name_is_the_same_in_whatever_case_and_wherever_it_is_read(zipped):
    Tag.objects.create(name="c++", slug="cpp")
    Category.objects.create(name="SEA", slug="s")
    out = import_site(zipped)
    assert labels() == [("c++", "cpp"), ("SEA", "s")]
    assert "c++ was to be read at c and is now at cpp" in out


def test_tags_of_the_zip_that_differ_in_case_alone_stay_two(zipped):
    rows = [json.loads(line) for line in entries(zipped)["data/tags.jsonl"].splitlines()]
    rows.append({**rows[0], "name": "c++", "slug": "c-small"})
    content = "\n".join(map(json.dumps, rows))
    import_site(rewritten(zipped, zipped.with_name("two.zip"), {"data/tags.jsonl": content}))
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["C++", "c++"]


def test_a_second_run_makes_no_second_shelf(zipped):
    Tag.objects.create(name="C#", slug="c")
    import_site(zipped)
    import_site(zipped)
    assert sorted(Tag.objects.values_list("name", "slug")) == [("C#", "c"), ("C++", "c-2")]
