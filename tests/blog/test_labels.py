"""Tags and categories under other names, or made one: no address breaks, no post is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from threading import Barrier, Event, Thread
from types import SimpleNamespace

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from blog import publishing
from blog.models import Category, FormerSlug, Post, Tag
from blog.publishing import relabelling
from blog.publishing.scheduling import publish_due_changes
from tests.blog.received import receive_post

pytestmark = pytest.mark.django_db


def leads_to(client, address):
    response = client.get(address)
    return response["Location"] if response.status_code == 301 else None


def renamed(row, **words):
    for name, value in words.items():
        setattr(row, name, value)
    relabelling.rename(row, actor=None)
    return row


def tag(name):
    return Tag.objects.get(name=name)


def versions():
    return dict(Post.objects.values_list("pk", "version"))


# --- renaming ---------------------------------------------------------------------------------


def test_a_renamed_tag_is_found_where_it_was_and_its_posts_follow(client, make_post):
    post, other = make_post(tags=["Rye"]), make_post()
    before = versions()
    renamed(tag("Rye"), name="Rye bread", slug="rye-bread")
    assert leads_to(client, "/tags/rye/?page=1") == "/tags/rye-bread/?page=1"
    assert "Rye bread" in client.get(post.get_absolute_url()).text
    assert versions() == before | {post.pk: before[post.pk] + 1}
    post.refresh_from_db()
    assert post.text_version == 1
    assert other.pk in before


def test_a_tag_that_was_taken_off_every_post_is_found_where_it_was_once_it_is_used_again(
    client, alice, make_post
):
    post = make_post(tags=["rye", "salt"])
    post = publishing.save(post, {"tags": []}, actor=alice, seen_version=post.text_version)
    assert client.get("/tags/rye/").status_code == 404
    renamed(tag("rye"), name="Grain", slug="grain")
    make_post(tags=["Grain", "Spice"])
    assert leads_to(client, "/tags/rye/") == "/tags/grain/"
    relabelling.merge([tag("salt")], tag("Spice"), actor=None)
    assert leads_to(client, "/tags/salt/") == "/tags/spice/"


def test_a_tag_that_is_used_again_under_its_own_name_leads_in_no_circle(client, alice, make_post):
    post = make_post(tags=["rye"])
    post = publishing.save(post, {"tags": []}, actor=alice, seen_version=post.text_version)
    publishing.save(post, {"tags": ["rye"]}, actor=alice, seen_version=post.text_version)
    assert client.get("/tags/rye/").status_code == 200
    assert client.get("/tags/rye/?page=9").status_code == 404
    make_post(tags=["salt"])
    relabelling.merge([tag("rye")], tag("salt"), actor=None)
    assert leads_to(client, "/tags/rye/") == "/tags/salt/"


def test_a_tag_that_was_taken_off_a_draft_leaves_no_address(alice, make_post):
    post = make_post(tags=["rye"], published=False)
    publishing.save(post, {"tags": []}, actor=alice, seen_version=post.text_version)
    assert not FormerSlug.objects.exists()


def test_a_tag_of_drafts_alone_leaves_no_address(client, make_post):
    make_post(tags=["Rye"], published=False)
    renamed(tag("Rye"), slug="rye-bread")
    assert not FormerSlug.objects.exists()


def test_a_tag_that_shows_nothing_now_is_not_led_to(client, alice, make_post):
    post = make_post(tags=["Rye"])
    renamed(tag("Rye"), slug="rye-bread")
    publishing.unpublish(post, actor=alice)
    assert leads_to(client, "/tags/rye/") is None


def test_a_tag_that_is_called_as_before_leads_in_no_circle(client, make_post):
    make_post(tags=["Rye"])
    renamed(renamed(tag("Rye"), slug="b"), slug="rye")
    assert client.get("/tags/rye/").status_code == 200
    assert leads_to(client, "/tags/b/") == "/tags/rye/"


def test_an_address_that_another_tag_had_is_refused(make_post):
    make_post(tags=["Rye", "Salt"])
    renamed(tag("Rye"), slug="b")
    with pytest.raises(ValidationError) as refusal:
        renamed(tag("Salt"), slug="rye")
    assert "links to it lead there" in refusal.value.message_dict["slug"][0]
    assert tag("Salt").slug == "salt"


def test_a_new_tag_avoids_an_address_that_another_had(make_post):
    make_post(tags=["C"])
    renamed(tag("C"), name="The language", slug="the-language")
    assert [each.slug for each in make_post(tags=["C++"]).tags.all()] == ["c-2"]


def test_a_form_that_was_open_before_names_the_same_tag(make_post):
    make_post(tags=["Slow food"])
    renamed(tag("Slow food"), name="Food", slug="food")
    assert [each.name for each in make_post(tags=["slow food", "Food"]).tags.all()] == ["Food"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Rye", {"name": "Rye bread"}),  # its address stays
        ("Café", {"name": "Coffee", "slug": "coffee"}),
        ("C++", {"name": "Cpp", "slug": "cpp"}),
        ("寿司", {"name": "Sushi", "slug": "sushi"}),
    ],
)
def test_whatever_its_name_a_text_written_before_means_the_renamed_tag(
    alice, make_post, name, words
):
    post = make_post(tags=[name])
    kept = {"tags": [name], "body": "x"}
    post = publishing.keep(post, kept, actor=alice, seen_version=post.text_version)
    renamed(tag(name), **words)
    publishing.publish_changes(post, actor=alice)
    assert [each.name for each in Tag.objects.all()] == [words["name"]]
    assert [each.name for each in post.tags.all()] == [words["name"]]


def test_a_tag_of_drafts_alone_is_what_it_was_called_too(make_post):
    make_post(tags=["Rye"], published=False)
    renamed(renamed(tag("Rye"), name="Corn"), name="Grain")
    assert [each.name for each in make_post(tags=["rye", "CORN"]).tags.all()] == ["Grain"]


def test_a_tag_that_has_a_name_now_comes_before_one_that_had_it(make_post):
    make_post(tags=["Apple"])
    renamed(tag("Apple"), name="Apple (fruit)")
    Tag.objects.create(name="Apple", slug="apple-2")
    assert [each.name for each in make_post(tags=["apple"]).tags.all()] == ["Apple"]
    renamed(tag("Apple"), name="Apple (company)")
    assert [each.name for each in make_post(tags=["apple"]).tags.all()] == ["Apple (company)"]


def test_an_older_site_folds_the_names_of_all_its_tags():
    for name in ("École", "STRASSE", "寿司"):
        Tag.objects.create(name=name, slug=slugify(name) or "sushi")
    Tag.objects.update(key="")
    migration = import_module("blog.migrations.0014_labels_by_name")
    migration.fold_names(apps, SimpleNamespace(connection=connection))
    assert [tag.key for tag in Tag.objects.order_by("pk")] == ["école", "strasse", "寿司"]


def test_accents_that_are_written_in_two_ways_make_one_tag(make_post):
    make_post(tags=["Café"])
    assert [each.name for each in make_post(tags=["cafe\u0301"]).tags.all()] == ["Café"]
    assert Tag.objects.count() == 1


def test_of_two_that_differ_in_case_alone_the_one_so_written_is_meant(make_post):
    for name, slug in (("Rye", "rye"), ("rye", "rye-2"), ("RYE", "rye-3")):
        Tag.objects.create(name=name, slug=slug)
    assert [each.name for each in make_post(tags=["rye"]).tags.all()] == ["rye"]
    assert [each.name for each in make_post(tags=["rYe"]).tags.all()] == ["Rye"]


@pytest.mark.parametrize("tags", [3, 60])
def test_a_tag_that_is_new_or_typed_in_another_case_reads_no_others(make_post, tags):
    for at in range(tags):
        Tag.objects.create(name=f"Other {at}", slug=f"other-{at}")
    Tag.objects.create(name="École", slug="ecole")
    with CaptureQueriesContext(connection) as asked:
        assert [each.name for each in publishing.tags_named(["éCOLE"])] == ["École"]
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        publishing.tags_named(["éCOLE", "New"])
    assert len(asked) <= 6
    assert not [
        each for each in asked if '"blog_tag"."name"' in each["sql"] and "WHERE" not in each["sql"]
    ]


@pytest.mark.django_db(transaction=True)
def test_whoever_saves_with_a_tag_while_it_is_merged_is_told_and_sends_again(client, make_post):
    post = make_post(title="Draft", published=False)
    make_post(tags=["a", "b"])
    client.force_login(post.author)
    form = {"title": "Draft", "body": "My words.", "tags": "a", "version": post.text_version}
    merged = Event()

    def merge():
        relabelling.merge([tag("a")], tag("b"), actor=None)
        connection.close()
        merged.set()

    def meanwhile(execute, sql, *rest):
        # SQLite lets nobody in between.
        is_between = sql.startswith('INSERT INTO "blog_post_tags"') and not merged.is_set()
        if is_between and connection.vendor == "postgresql":
            Thread(target=merge).start()
            assert merged.wait(10)
        return execute(sql, *rest)

    with connection.execute_wrapper(meanwhile):
        response = client.post(f"/write/{post.pk}/", form)
    if merged.is_set():
        assert (response.status_code, "My words." in response.text) == (422, True)
        assert client.post(f"/write/{post.pk}/", form).status_code == 302
    else:
        relabelling.merge([tag("a")], tag("b"), actor=None)
    assert [each.name for each in Post.objects.get(pk=post.pk).tags.all()] == ["b"]


def test_a_category_and_those_above_it_are_found_where_they_were(client, alice):
    outer = Category.objects.create(name="Outer", slug="outer")
    inner = Category.objects.create(name="Inner", slug="inner", parent=outer)
    post = receive_post(alice, categories=[inner])
    renamed(inner, name="Within", slug="within")
    renamed(outer, slug="around")
    assert leads_to(client, "/categories/inner/") == "/categories/within/"
    assert leads_to(client, "/categories/outer/") == "/categories/around/"
    assert "Within" in client.get(post.get_absolute_url()).text


# --- merging ----------------------------------------------------------------------------------


def test_merged_tags_are_one_on_each_post_and_each_address_leads_to_it(client, make_post):
    posts = [make_post(tags=names) for names in (["a"], ["b"], ["a", "b"], ["a", "b", "c"], ["c"])]
    renamed(tag("a"), slug="aa")
    before = versions()
    assert relabelling.merge([tag("a"), tag("b")], tag("c"), actor=None) == 4
    assert [[each.name for each in post.tags.all()] for post in posts] == [["c"]] * 5
    assert Tag.objects.count() == 1
    assert [leads_to(client, f"/tags/{slug}/") for slug in ("a", "aa", "b")] == ["/tags/c/"] * 3
    after = versions()
    assert [after[post.pk] - before[post.pk] for post in posts] == [1, 1, 1, 1, 0]


def test_a_text_written_before_a_merge_means_what_the_tag_became(alice, make_post):
    post = make_post(tags=["Café"])
    make_post(tags=["Coffee"])
    kept = {"tags": ["Café"], "body": "x"}
    post = publishing.keep(post, kept, actor=alice, seen_version=post.text_version)
    at = timezone.now() + timedelta(hours=1)
    publishing.schedule_changes(post, actor=alice, at=at)
    relabelling.merge([tag("Café")], tag("Coffee"), actor=None)
    renamed(tag("Coffee"), name="Drinks")
    with time_machine.travel(at + timedelta(seconds=1)):
        publish_due_changes()
    assert [each.name for each in post.tags.all()] == ["Drinks"]
    assert Post.objects.get(pk=post.pk).body == "x"
    assert Tag.objects.count() == 1


def test_what_is_written_beside_a_post_stays_on_the_shelf_that_its_own_became_part_of(room, alice):
    one, two = (Category.objects.create(name=name, slug=name) for name in ("one", "two"))
    post = receive_post(alice, categories=[one])
    kept = {"body": "<p>x</p>", "categories": [one]}
    post = publishing.keep(post, kept, actor=alice, seen_version=post.text_version)
    relabelling.merge([one], two, actor=None)
    page = BeautifulSoup(room.get(f"/write/{post.pk}/").text, "html5lib")
    ticked = page.select("[name=categories][checked]")
    assert [box["value"] for box in ticked] == [str(two.pk)]
    assert Post.objects.get().text_version == post.text_version
    publishing.publish_changes(post, actor=alice)
    assert [*post.categories.all()] == [two]


def test_a_plan_and_an_older_text_mean_the_shelf_that_theirs_became_part_of(alice):
    one, two = (Category.objects.create(name=name, slug=name) for name in ("one", "two"))
    post = receive_post(alice, categories=[one])
    kept = {"body": "<p>x</p>", "categories": [one]}
    post = publishing.keep(post, kept, actor=alice, seen_version=post.text_version)
    at = timezone.now() + timedelta(hours=1)
    publishing.schedule_changes(post, actor=alice, at=at)
    relabelling.merge([one], two, actor=None)
    with time_machine.travel(at + timedelta(seconds=1)):
        publish_due_changes()
    assert [*post.categories.all()] == [two]
    post = Post.objects.get()
    post = publishing.save(post, {"categories": []}, actor=alice, seen_version=post.text_version)
    first = post.revisions.get(number=1)
    told = publishing.restore(
        post, first, ["categories"], actor=alice, seen_version=post.text_version
    )
    assert told.gone == []
    publishing.publish_changes(told.post, actor=alice)
    assert [*post.categories.all()] == [two]


def test_the_target_of_a_merge_may_be_among_those_chosen(make_post):
    make_post(tags=["a", "b"])
    relabelling.merge([tag("a"), tag("b")], tag("b"), actor=None)
    assert [each.name for each in Tag.objects.all()] == ["b"]


def test_tags_that_differ_in_case_alone_are_made_one(make_post):
    post = make_post(tags=["python"])
    capital = Tag.objects.create(name="Python", slug="python-2")
    post.tags.add(capital)
    relabelling.merge([tag("python")], capital, actor=None)
    assert [each.name for each in post.tags.all()] == ["Python"]


def test_a_merged_tag_of_drafts_alone_leaves_no_address(make_post):
    make_post(tags=["a"], published=False)
    make_post(tags=["b"])
    relabelling.merge([tag("a")], tag("b"), actor=None)
    assert not FormerSlug.objects.exists()


def test_what_is_gone_meanwhile_is_told_and_nothing_changed(make_post):
    make_post(tags=["a", "b"])
    gone = tag("a")
    Tag.objects.filter(name="a").delete()
    with pytest.raises(ValidationError, match="is gone"):
        relabelling.merge([gone], tag("b"), actor=None)
    with pytest.raises(ValidationError, match="one more"):
        relabelling.merge([tag("b")], tag("b"), actor=None)


@pytest.mark.parametrize("posts", [2, 40])
def test_a_merge_costs_the_same_however_many_posts_it_touches(make_post, posts):
    first = make_post(tags=["a", "b", "c"])
    tags = [tag(name) for name in "abc"]
    for number in range(1, posts):
        other = receive_post(first.author, title=f"Other {number}")
        other.tags.set(tags[: 1 + number % 3])
    with CaptureQueriesContext(connection) as asked:
        relabelling.merge(tags[:2], tags[2], actor=None)
    assert len(asked) <= 19


def test_a_merge_is_written_down(make_post, caplog, mona):
    make_post(tags=["a", "b"])
    caplog.set_level("INFO", logger="parley.publishing")
    relabelling.merge([tag("a")], target := tag("b"), actor=mona)
    line = f"tag {target.pk} b now stands for a too, on 1 posts, by account {mona.pk}."
    assert line in caplog.messages


def test_merged_categories_take_along_what_stood_within_them(client, alice):
    one = Category.objects.create(name="One", slug="one")
    two = Category.objects.create(name="Two", slug="two")
    child = Category.objects.create(name="Child", slug="child", parent=one)
    receive_post(alice, categories=[child])
    relabelling.merge([one], two, actor=None)
    child.refresh_from_db()
    assert child.parent == two
    assert leads_to(client, "/categories/one/") == "/categories/two/"


def test_a_category_may_take_in_what_it_stood_within(alice):
    top = Category.objects.create(name="Top", slug="top")
    one = Category.objects.create(name="One", slug="one", parent=top)
    between = Category.objects.create(name="Between", slug="between", parent=one)
    two = Category.objects.create(name="Two", slug="two", parent=between)
    beside = Category.objects.create(name="Beside", slug="beside", parent=one)
    relabelling.merge([one], two, actor=None)
    parents = dict(Category.objects.values_list("slug", "parent__slug"))
    assert parents == {"top": None, "between": "top", "two": "between", "beside": "two"}
    assert beside.pk
    relabelling.merge([top, between], two, actor=None)
    assert dict(Category.objects.values_list("slug", "parent__slug")) == {
        "two": None,
        "beside": "two",
    }


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_two_tags_into_each_other_lose_no_post(make_post):
    posts = [make_post(tags=["a"]), make_post(tags=["b"])]
    tags = {name: tag(name) for name in "ab"}
    start = Barrier(2)

    def merge(source, target):
        start.wait()
        try:
            return relabelling.merge([tags[source]], tags[target], actor=None)
        except ValidationError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = [*pool.map(merge, "ab", "ba")]
    assert sorted(counts, key=str) == [1, None]
    left = Tag.objects.get()
    assert [[*post.tags.all()] for post in posts] == [[left], [left]]
    assert FormerSlug.objects.get().tag == left


# --- deleting ---------------------------------------------------------------------------------


def test_only_what_no_post_has_is_deleted(make_post):
    make_post(tags=["used"], published=False)
    Tag.objects.create(name="free", slug="free")
    assert relabelling.delete_unused([*Tag.objects.all()], actor=None) == 1
    assert [each.name for each in Tag.objects.all()] == ["used"]


def test_a_shelf_with_shelves_in_it_is_no_unused_one():
    outer = Category.objects.create(name="Outer", slug="outer")
    Category.objects.create(name="Inner", slug="inner", parent=outer)
    assert relabelling.delete_unused([*Category.objects.all()], actor=None) == 1
    assert Category.objects.get() == outer


# --- in the writing room ----------------------------------------------------------------------


@pytest.fixture
def room(client, mona):
    client.force_login(mona)
    return client


def test_the_list_finds_tags_and_counts_their_posts(room, make_post):
    make_post(tags=["rye", "wheat"], published=False)
    make_post(tags=["rye"])
    Tag.objects.create(name="spelt", slug="spelt")
    page = room.get("/write/labels/?q=RY").text
    assert "rye" in page
    assert "2 posts" in page
    assert "wheat" not in page
    unused = room.get("/write/labels/?unused=1").text
    assert "spelt" in unused
    assert "wheat" not in unused
    assert "None is like this" in room.get("/write/labels/?q=zz").text


def test_the_list_tells_of_names_that_differ_in_capitals_alone(room, make_post):
    make_post(tags=["rye"])
    twin = Tag.objects.create(name="Rye", slug="rye-2")
    text = room.get("/write/labels/").text
    assert f"?pk={tag('rye').pk}&amp;pk={twin.pk}" in text


@pytest.mark.parametrize("tags", [3, 60])
def test_the_list_takes_the_same_queries_however_many_there_are(room, alice, tags):
    post = receive_post(alice)
    post.tags.set([Tag.objects.create(name=f"t{at}", slug=f"t{at}") for at in range(tags)])
    room.get("/write/labels/")
    with CaptureQueriesContext(connection) as asked:
        room.get("/write/labels/")
    assert len(asked) == 6  # three for who asks


def test_an_editor_renames_a_tag(room, client, make_post):
    make_post(tags=["rye"])
    page = f"/write/labels/tag/{tag('rye').pk}/"
    assert "1 post has it" in room.get(page).text
    assert room.post(page, {"name": "Rye bread", "slug": ""}).status_code == 302
    assert tag("Rye bread").slug == "rye"
    assert room.post(page, {"name": "Rye bread", "slug": "rye-bread"}).status_code == 302
    assert leads_to(client, "/tags/rye/") == "/tags/rye-bread/"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"name": "SALT", "slug": "rye"}, "merge them"),
        ({"name": "Rye", "slug": "salt"}, "This address is taken"),
        ({"name": "Rye", "slug": "pepper"}, "links to it lead there"),
        ({"name": "", "slug": "rye"}, "required"),
        ({"name": "Rye", "slug": "no slug"}, "letters from a to z"),
        ({"name": "Rye\nbread", "slug": "rye"}, "line"),
    ],
)
def test_a_name_or_an_address_of_anothers_is_refused(room, make_post, words, said):
    make_post(tags=["rye", "salt", "pepper"])
    renamed(tag("pepper"), name="spice", slug="spice")
    response = room.post(f"/write/labels/tag/{tag('rye').pk}/", words)
    assert response.status_code == 422
    assert said in response.text
    assert tag("rye").slug == "rye"


def test_the_case_of_a_name_may_be_changed(room, make_post):
    make_post(tags=["rye"])
    room.post(f"/write/labels/tag/{tag('rye').pk}/", {"name": "RYE", "slug": "rye"})
    assert [each.name for each in Tag.objects.all()] == ["RYE"]


def test_an_editor_sees_what_a_merge_touches_and_makes_it(room, client, make_post):
    make_post(tags=["rye", "wheat"])
    make_post(tags=["wheat"])
    keys = [tag("rye").pk, tag("wheat").pk]
    preview = room.get("/write/labels/merge/", {"kind": "tag", "pk": keys}).text
    assert "2 posts have one of these" in preview
    assert Tag.objects.count() == 2
    made = room.post("/write/labels/merge/", {"kind": "tag", "pk": keys, "into": keys[0]})
    assert made.status_code == 302
    assert leads_to(client, "/tags/wheat/") == "/tags/rye/"


def test_an_editor_merges_into_one_that_was_not_chosen(room, make_post):
    make_post(tags=["rye", "wheat", "Bread"])
    keys = [tag("rye").pk, tag("wheat").pk]
    data = {"kind": "tag", "pk": keys, "into": keys[0]}
    refused = room.post("/write/labels/merge/", data | {"name": "Bred"})
    assert (refused.status_code, "none of this name" in refused.text) == (422, True)
    room.post("/write/labels/merge/", data | {"name": "bread"})
    assert [each.name for each in Tag.objects.all()] == ["Bread"]


@pytest.mark.parametrize("keys", [[], ["x"], ["-1"], ["9" * 30], ["٣"], ["1"] * 300])
def test_keys_that_are_none_merge_nothing(room, keys):
    data = {"kind": "tag", "pk": keys, "into": "1"}
    assert room.get("/write/labels/merge/", data).status_code == 200
    assert room.post("/write/labels/merge/", data).status_code == 422
    assert room.get("/write/labels/?kind=post").status_code == 404


def test_an_editor_deletes_what_no_post_has(room, make_post):
    make_post(tags=["used"])
    free = Tag.objects.create(name="free", slug="free")
    keys = [free.pk, tag("used").pk]
    data = {"kind": "tag", "pk": keys, "action": "delete"}
    text = room.post("/write/labels/merge/", data, follow=True).text
    assert "1 was deleted. 1 is in use and stays." in text
    assert [each.name for each in Tag.objects.all()] == ["used"]


def test_categories_are_changed_in_the_same_way(room, client, alice):
    outer = Category.objects.create(name="Outer", slug="outer")
    inner = Category.objects.create(name="Inner", slug="inner", parent=outer)
    receive_post(alice, categories=[inner])
    assert "Inner" in room.get("/write/labels/?kind=category").text
    page = f"/write/labels/category/{outer.pk}/"
    circle = {"name": "Outer", "slug": "outer", "parent": inner.pk}
    assert room.post(page, circle).status_code == 422
    assert room.post(page, {"name": "Outer", "slug": "around"}).status_code == 302
    assert leads_to(client, "/categories/outer/") == "/categories/around/"


def test_a_slug_changed_in_the_admin_leads_on_too(room, client, make_post):
    make_post(tags=["rye"])
    page = reverse("admin:blog_tag_change", args=[tag("rye").pk])
    assert room.post(page, {"name": "rye", "slug": "rye-bread"}).status_code == 302
    assert leads_to(client, "/tags/rye/") == "/tags/rye-bread/"
    added = room.post(reverse("admin:blog_tag_add"), {"name": "New", "slug": "rye"})
    assert "links to it lead there" in added.text


@pytest.mark.parametrize("person", ["alice", "bob", "eve"])
def test_nobody_but_editors_gets_in(client, request, make_post, person):
    make_post(tags=["rye"])
    client.force_login(request.getfixturevalue(person))
    key = tag("rye").pk
    for address in ("/write/labels/", "/write/labels/merge/", f"/write/labels/tag/{key}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/write/labels/tag/{key}/", {"name": "x"}).status_code == 403
    assert client.post("/write/labels/merge/", {"pk": key, "action": "delete"}).status_code == 403
    assert tag("rye").pk == key
