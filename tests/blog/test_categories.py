"""Categories: shelves within shelves, and what readers see of them."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from django.core.cache import cache
from django.urls import reverse

from blog.models import Attachment, Category, Post
from tests.blog.received import receive_post

pytestmark = pytest.mark.django_db


def parse(response):
    return BeautifulSoup(response.text, "html5lib")


def titles(response):
    return [link.text.strip() for link in parse(response).select(".teaser-title a")]


def make(name, parent=None, **fields):
    return Category.objects.create(name=name, slug=name.lower(), parent=parent, **fields)


@pytest.fixture
def shelves(alice):
    """Return Food > Bread > Rye, with a post on Bread, one on Rye and one on both."""
    food = make("Food", description="All that is eaten.\n\n<script>")
    bread = make("Bread", food)
    rye = make("Rye", bread)
    make("Empty", food)
    days = iter(range(9))
    for title, categories in (("Both", [bread, rye]), ("Loaf", [bread]), ("Dark", [rye])):
        ago = timedelta(days=-next(days) - 1)
        receive_post(alice, title=title, categories=categories, tags=["flour"], published_in=ago)
    return food, bread, rye


def test_a_post_shows_its_categories_with_its_tags(client, shelves):
    page = parse(client.get("/posts/both/"))
    links = [(link.text.split()[-1], link["href"]) for link in page.select(".tags .category a")]
    assert links == [("Bread", "/categories/bread/"), ("Rye", "/categories/rye/")]
    assert [link.text for link in page.select("a[rel=tag]")] == ["flour"]


def test_a_category_shows_what_stands_on_it_and_within_it_once(client, shelves):
    assert titles(client.get("/categories/food/")) == ["Both", "Loaf", "Dark"]
    assert titles(client.get("/categories/bread/")) == ["Both", "Loaf", "Dark"]
    assert titles(client.get("/categories/rye/")) == ["Both", "Dark"]


def test_a_category_says_what_it_is_and_where_it_stands(client, shelves):
    food = parse(client.get("/categories/food/"))
    assert "All that is eaten." in food.select_one(".list-header").text
    assert not food.select("main script")
    rye = parse(client.get("/categories/rye/"))
    assert [link.text for link in rye.select(".crumbs a")] == ["Food", "Bread"]


@pytest.mark.parametrize("slug", ["empty", "none"])
def test_a_category_that_holds_nothing_is_no_page(client, shelves, slug):
    assert client.get(f"/categories/{slug}/").status_code == 404


def test_the_sitemap_has_the_categories_that_lead_to_a_post(client, shelves):
    text = client.get("/sitemap.xml").text
    found = [name for name in ("food", "bread", "rye", "empty") if f"/categories/{name}/" in text]
    assert found == ["food", "bread", "rye"]


@pytest.mark.parametrize("url", ["/feed/atom/", "/feed/rss/"])
def test_a_feed_carries_categories_beside_tags(client, shelves, url):
    root = ElementTree.fromstring(client.get(url).content)  # noqa: S314
    labels = [each for each in root.iter() if each.tag.endswith("category")]
    found = [label.get("term") or label.text for label in labels]
    assert found == ["Bread", "Rye", "flour", "Bread", "flour", "Rye", "flour"]


def test_a_category_takes_as_many_queries_for_many_posts(
    client, shelves, alice, django_assert_max_num_queries
):
    for _ in range(12):
        receive_post(alice, categories=shelves[1:])
    with django_assert_max_num_queries(4):
        assert len(titles(client.get("/categories/food/"))) == 10


def test_categories_cost_a_post_no_query_and_a_file_costs_one(
    client, shelves, django_assert_num_queries
):
    client.get("/privacy/")
    cache.clear()
    with django_assert_num_queries(3):
        client.get("/posts/both/")
    Attachment.objects.create(post=Post.objects.get(slug="loaf"), file="files/lost.pdf")
    with django_assert_num_queries(4):
        client.get("/posts/loaf/")


# --- the admin --------------------------------------------------------------------------------


def change(client, category, **fields):
    data = {"name": category.name, "slug": category.slug, "description": "", "parent": ""}
    url = reverse("admin:blog_category_change", args=[category.pk])
    return client.post(url, data | fields)


def test_a_renamed_category_makes_its_posts_other_pages(client, mona, shelves):
    etag = client.get("/posts/loaf/")["ETag"]
    client.force_login(mona)
    assert change(client, shelves[1], name="Baking", parent=shelves[0].pk).status_code == 302
    client.logout()
    response = client.get("/posts/loaf/", headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert "Baking" in response.text


def test_a_category_does_not_stand_within_itself(client, mona, shelves):
    client.force_login(mona)
    food, _bread, rye = shelves
    assert "cannot stand within itself" in change(client, food, parent=rye.pk).text
    assert "cannot stand within itself" in change(client, food, parent=food.pk).text
    food.refresh_from_db()
    assert food.parent is None


@pytest.mark.parametrize("model", ["category", "oldaddress", "attachment"])
@pytest.mark.parametrize("person", ["alice", "bob", "eve"])
def test_what_stands_around_posts_is_for_editors(client, request, person, model):
    client.force_login(request.getfixturevalue(person))
    assert client.get(reverse(f"admin:blog_{model}_changelist")).status_code in {302, 403}


@pytest.mark.parametrize("model", ["category", "oldaddress", "attachment"])
def test_an_editor_sees_what_stands_around_posts(client, mona, model):
    client.force_login(mona)
    assert client.get(reverse(f"admin:blog_{model}_changelist")).status_code == 200
