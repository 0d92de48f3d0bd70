"""Several people write one post: all are named wherever its author is, and each time as of now."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from defusedxml.ElementTree import fromstring
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from blog import policy, publishing
from blog.words import laid_over, latest_words
from tests.cast import make_person
from tests.front import FrontClient

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"


@pytest.fixture
def zoe(db):
    return make_person("Zoe", "Author")


@pytest.fixture
def post(make_post, carl, zoe):
    return make_post(title="Together", coauthors=[zoe, carl])


def read(client, address):
    response = client.get(address)
    return response, BeautifulSoup(response.content, "html5lib")


def names(page, place):
    return [link.text for link in page.select(f"{place} .byline a[rel=author]")]


def test_the_post_names_all_the_author_first(client, post):
    _response, page = read(client, post.get_absolute_url())
    assert names(page, ".post-header") == ["Alice", "Carl", "Zoe"]
    assert "Alice, Carl and Zoe" in " ".join(page.select_one(".post-header .people").text.split())
    assert [tag["content"] for tag in page.select("meta[name=author]")] == ["Alice", "Carl", "Zoe"]


@pytest.mark.parametrize("address", ["/", "/authors/alice/", "/authors/carl/", "/tags/one/"])
def test_lists_name_all_and_each_has_it_on_their_own_page(client, make_post, carl, address):
    make_post(title="Together", coauthors=[carl], tags=["one"])
    _response, page = read(client, address)
    assert page.select_one(".teaser-title").text == "Together"
    assert names(page, ".teaser") == ["Alice", "Carl"]


def test_who_wrote_along_in_a_draft_alone_has_no_page(client, make_post, carl):
    make_post(published=False, coauthors=[carl])
    assert client.get("/authors/carl/").status_code == 404


def test_feeds_name_all(client, post):
    entry = fromstring(client.get("/feed/atom/").content).find(f"{ATOM}entry")
    people = [author.findtext(f"{ATOM}name") for author in entry.iter(f"{ATOM}author")]
    assert people == ["Alice", "Carl", "Zoe"]
    item = fromstring(client.get("/feed/rss/").content).find("channel/item")
    assert [creator.text for creator in item.iter(CREATOR)] == ["Alice", "Carl", "Zoe"]


@pytest.mark.parametrize("make_client", [FrontClient, Client], ids=["kept", "asked"])
def test_a_page_follows_a_change_of_co_authors_and_of_their_names(alice, post, zoe, make_client):
    client = make_client()
    address = post.get_absolute_url()
    first, page = read(client, address)
    zoe.display_name = "Zoë"
    zoe.save()
    second, page = read(client, address)
    assert names(page, ".post-header") == ["Alice", "Carl", "Zoë"]
    seen = post.text_version
    publishing.save(post, {"coauthors": [zoe]}, actor=alice, seen_version=seen)
    third, page = read(client, address)
    assert names(page, ".post-header") == ["Alice", "Zoë"]
    assert len({response["ETag"] for response in (first, second, third)}) == 3


def test_co_authors_cost_no_query(client, make_post, carl, zoe, django_assert_num_queries):
    alone, together = make_post(), make_post(coauthors=[carl, zoe])
    client.get(alone.get_absolute_url())
    cache.clear()
    with django_assert_num_queries(3):
        client.get(together.get_absolute_url())


@pytest.mark.parametrize("address", ["/", "/feed/atom/", "/authors/alice/"])
def test_lists_cost_as_many_queries_with_them(
    client, make_post, carl, zoe, django_assert_max_num_queries, address
):
    for _number in range(5):
        make_post(coauthors=[carl, zoe], tags=["one"])
    with django_assert_max_num_queries(4):
        assert "Zoe" in client.get(address).text


def test_what_is_shown_of_other_words_names_those_of_the_words(make_post, alice, zoe):
    post = make_post(published=False)
    publishing.keep(post, {"coauthors": [zoe]}, actor=alice, seen_version=post.text_version)
    shown = laid_over(post, latest_words(post))
    assert [person.display_name for person in shown.byline()] == ["Alice", "Zoe"]
    assert [person.display_name for person in post.byline()] == ["Alice"]


# --- who may be one, and who says so ------------------------------------------------------------


def test_whoever_may_start_a_post_can_be_a_co_author(alice, carl, mona, ada, bob, eve, make_post):
    root = make_person("Root", is_superuser=True)
    make_person("Gone", "Author", is_active=False)
    post = make_post(published=False)
    assert set(policy.people_to_write_with(post)) == {carl, mona, ada, root}


def test_the_author_and_editors_choose_and_a_co_author_does_not(alice, carl, mona, zoe, make_post):
    post = make_post(published=False, coauthors=[zoe])
    asked = (alice, zoe, carl, mona)
    assert [policy.may_choose_coauthors(each, post) for each in asked] == [True, False, False, True]
    assert "coauthors" not in policy.fields_open_to(zoe, post)
    assert "coauthors" in policy.fields_open_to(alice, post)


def test_a_post_to_come_is_seen_by_who_writes_along_in_the_list(client, make_post, zoe):
    later = timezone.now() + timedelta(days=1)
    post = make_post(title="Later", published=False, coauthors=[zoe])
    publishing.publish(post, actor=post.author, at=later)
    client.force_login(zoe)
    assert client.get(f"/write/{post.pk}/").status_code == 200


# --- by whatever way the words come -------------------------------------------------------------


@pytest.fixture
def shared(make_post, zoe):
    return make_post(published=False, coauthors=[zoe], body="First.")


def test_a_co_author_changes_no_co_authors_however_they_write(shared, alice, carl, zoe):
    saved = publishing.save(
        shared, {"body": "New.", "coauthors": [carl]}, actor=zoe, seen_version=shared.text_version
    )
    assert (saved.body, list(saved.coauthors.all())) == ("New.", [zoe])
    kept = publishing.keep(
        saved, {"body": "Newer.", "coauthors": []}, actor=zoe, seen_version=saved.text_version
    )
    assert latest_words(kept)["body"] == "Newer."
    assert latest_words(kept)["coauthors"] == [zoe.pk]


def test_what_the_author_chose_meanwhile_stays_when_a_co_author_saves(shared, alice, carl, zoe):
    kept = publishing.keep(
        shared, {"coauthors": [zoe, carl]}, actor=alice, seen_version=shared.text_version
    )
    saved = publishing.save(
        kept, {"body": "New.", "coauthors": [zoe]}, actor=zoe, seen_version=kept.text_version
    )
    assert set(saved.coauthors.all()) == {zoe, carl}


def test_the_form_shows_a_co_author_who_writes_along_and_takes_no_change(client, shared, zoe, carl):
    client.force_login(zoe)
    page = BeautifulSoup(client.get(f"/write/{shared.pk}/").content, "html5lib")
    boxes = page.select("[name=coauthors]")
    assert boxes
    assert all(box.has_attr("disabled") for box in boxes)
    data = {"title": "T", "body": "Mine.", "version": shared.text_version, "action": "save"}
    assert client.post(f"/write/{shared.pk}/", data | {"coauthors": carl.pk}).status_code == 302
    shared.refresh_from_db()
    assert (shared.body, list(shared.coauthors.all())) == ("Mine.", [zoe])


@pytest.mark.parametrize("name", ["bob", "eve", "alice"])
def test_who_does_not_write_or_is_the_author_is_no_co_author(client, request, shared, alice, name):
    person = request.getfixturevalue(name)
    client.force_login(alice)
    data = {"title": "T", "body": "B", "version": shared.text_version, "action": "save"}
    response = client.post(f"/write/{shared.pk}/", data | {"coauthors": person.pk})
    assert response.status_code == 422
    assert person not in shared.coauthors.all()


def test_who_becomes_the_author_is_no_co_author_of_the_next_version(post, alice, zoe, mona):
    seen = post.text_version
    publishing.keep(post, {"body": "Next.", "coauthors": [zoe]}, actor=alice, seen_version=seen)
    publishing.hand_over(post, zoe, actor=mona)
    publishing.publish_changes(post, actor=mona)
    post.refresh_from_db()
    assert (post.author, post.body, [*post.coauthors.all()]) == (zoe, "Next.", [])
