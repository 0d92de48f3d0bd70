"""Addresses that were given up, and series, move with the site: nothing breaks by moving house."""

import json

import pytest
from django.core.management import CommandError, call_command

from blog import publishing
from blog.models import Category, FormerSlug, OldAddress, Post, Series, Tag
from blog.publishing import relabelling
from blog.publishing.series import arrange
from blog.transfer.reverting import revert
from comments.transfer.records import ImportRun
from tests.blog.received import receive_post
from tests.blog.transfer.moves import (
    empty_the_site,
    entries,
    export,
    import_site,
    rewritten,
)

pytestmark = pytest.mark.django_db
FILE = "content/posts/now.html"


def renamed(row, slug):
    row.slug = slug
    relabelling.rename(row, actor=None)


def leads_to(client, address):
    response = client.get(address)
    return response["Location"] if response.status_code == 301 else None


@pytest.fixture
def zipped(tmp_path, client, alice, mona):
    """Return the zip of a site in which everything public was renamed; the site here is empty."""
    shelf = Category.objects.create(name="Bread", slug="bread")
    series = Series.objects.create(title="On loaves", slug="loaves")
    post = receive_post(alice, title="Once", tags=["rye"], categories=[shelf], series=series)
    other = receive_post(alice, title="Other", series=series, series_position=1)
    post.coauthors.set([mona])
    arrange(series, [post.pk, other.pk])
    post = Post.objects.get(pk=post.pk)
    publishing.save(post, {"slug": "now"}, actor=alice, seen_version=post.text_version)
    for row, slug in ((Tag.objects.get(), "rye-bread"), (shelf, "loaf"), (series, "rolls")):
        renamed(row, slug)
    FormerSlug.objects.create(kind="author", slug="al", author=alice)
    export(tmp_path / "site.zip")
    empty_the_site()
    return tmp_path / "site.zip"


def test_every_address_that_was_given_up_leads_on_at_the_new_place(zipped, client):
    import_site(zipped)
    assert leads_to(client, "/posts/once/") == "/posts/now/"
    assert leads_to(client, "/tags/rye/") == "/tags/rye-bread/"
    assert leads_to(client, "/categories/bread/") == "/categories/loaf/"
    assert leads_to(client, "/series/loaves/") == "/series/rolls/"
    assert leads_to(client, "/authors/al/") == "/authors/alice/"
    assert not OldAddress.objects.exists()


def test_feeds_and_series_are_as_they_were(zipped, client):
    import_site(zipped)
    assert "<id>http://testserver/posts/once/</id>" in client.get("/feed/atom/").text
    parts = Post.objects.order_by("series_position").values_list("slug", "series__slug")
    assert list(parts) == [("now", "rolls"), ("other", "rolls")]
    assert client.get("/authors/mona/").status_code == 200


def test_a_second_run_brings_nothing_twice(zipped):
    import_site(zipped)
    before = [FormerSlug.objects.count(), Series.objects.count()]
    import_site(zipped)
    assert [FormerSlug.objects.count(), Series.objects.count()] == before == [5, 1]


ADDED = ("former_slugs", "series", "series_position", "coauthors")


def test_a_zip_from_before_has_none_of_it(zipped, client):
    def without(content, *names):
        rows = [json.loads(line) for line in content.splitlines()]
        return "\n".join(
            json.dumps({k: v for k, v in row.items() if k not in names}) for row in rows
        )

    files = entries(zipped)
    changes = {"data/series.jsonl": None}
    for name in ("users", "tags", "categories"):
        entry = f"data/{name}.jsonl"
        changes[entry] = without(files[entry], "former_slugs")
    for entry in (FILE, "content/posts/other.html"):
        changes[entry] = in_params(files[entry], lambda told: [told.pop(name) for name in ADDED])
    import_site(rewritten(zipped, zipped.with_name("old.zip"), changes))
    assert client.get("/posts/now/").status_code == 200
    # What Hugo is told of is an address like any other.
    assert leads_to(client, "/posts/once/") == "/posts/now/"
    assert not FormerSlug.objects.exists()


def in_params(content, change):
    """Return a post's file with other params."""
    lines = content.decode().split("\n")
    at = next(at for at, line in enumerate(lines) if line.startswith("params: "))
    params = json.loads(lines[at].removeprefix("params: "))
    change(params)
    lines[at] = f"params: {json.dumps(params)}"
    return "\n".join(lines)


def test_what_is_anothers_by_now_is_told_of_and_stays_that(zipped, client, make_post):
    files = entries(zipped)
    at = "2026-01-01T00:00:00+00:00"
    taken = {"former_slugs": {"now": at, "once": at, "other": at}}
    changes = {FILE: in_params(files[FILE], lambda params: params.update(taken))}
    Tag.objects.create(name="Rye of another kind", slug="rye")
    out = import_site(rewritten(zipped, zipped.with_name("taken.zip"), changes))
    assert "post now was once at other, which is another's now" in out
    assert "tag rye-bread was once at rye, which is another's now" in out
    assert client.get("/posts/other/").status_code == 200
    assert leads_to(client, "/tags/rye/") is None
    assert [*FormerSlug.objects.filter(kind="post").values_list("slug", flat=True)] == ["once"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"former_slugs": {"../x": "2026-01-01T00:00:00+00:00"}}, "not a short name"),
        ({"former_slugs": {"x" * 121: "2026-01-01T00:00:00+00:00"}}, "not a short name"),
        ({"former_slugs": {"x": "yesterday"}}, "not a date"),
        ({"former_slugs": ["x"]}, "not an object"),
        ({"series": "none"}, "there is no series 'none'"),
        ({"series_position": -1}, "not a whole number"),
        ({"series_position": 2**31}, "not a whole number"),
        ({"coauthors": ["nobody"]}, "there is no person 'nobody'"),
    ],
)
def test_what_no_site_says_is_refused_before_anything_is_written(zipped, params, said):
    files = entries(zipped)
    change = {FILE: in_params(files[FILE], lambda told: told.update(params))}
    with pytest.raises(CommandError, match=said):
        import_site(rewritten(zipped, zipped.with_name("bad.zip"), change))
    assert not Post.objects.exists()


def test_one_address_that_two_say_they_had_is_refused(zipped):
    files = entries(zipped)
    same = {"former_slugs": {"once": "2026-01-01T00:00:00+00:00"}}
    entry = "content/posts/other.html"
    change = {entry: in_params(files[entry], lambda told: told.update(same))}
    with pytest.raises(CommandError, match="the former slug once for the second time"):
        import_site(rewritten(zipped, zipped.with_name("bad.zip"), change))


def test_a_series_of_another_name_is_another(zipped):
    Series.objects.create(title="Rolls of film", slug="rolls")
    out = import_site(zipped)
    assert "On loaves was to be read at rolls and is now at on-loaves" in out
    assert Post.objects.get(slug="now").series.slug == "on-loaves"


def test_a_new_shelf_takes_no_address_that_another_had(zipped, client):
    here = Tag.objects.create(name="Here", slug="here")
    FormerSlug.objects.create(kind="tag", slug="rye-bread", tag=here)
    out = import_site(zipped)
    assert "rye was to be read at rye-bread and is now at rye" in out


def test_a_series_goes_with_the_import_that_made_it(zipped, mona_again):
    import_site(zipped)
    plan = revert(ImportRun.objects.get().pk, actor=mona_again)
    assert plan.counts()["series"] == 1
    assert not Series.objects.exists()
    assert not FormerSlug.objects.exists()


def test_an_author_takes_no_address_that_another_had(tmp_path, make_post, django_user_model):
    make_post()
    call_command("export", wxr=tmp_path / "site.xml", verbosity=0)
    empty_the_site()
    other = django_user_model.objects.create_user("other@example.org", display_name="Other")
    FormerSlug.objects.create(kind="author", slug="alice", author=other)
    call_command("import_wxr", str(tmp_path / "site.xml"), verbosity=0)
    assert Post.objects.get().author.slug.startswith("alice-")


@pytest.fixture
def mona_again(zipped, django_user_model):
    return django_user_model.objects.create_user("editor@example.org", display_name="Editor")
