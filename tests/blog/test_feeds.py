"""The feeds: well-formed whatever a title holds, whole, and readable elsewhere."""

from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
import time_machine
from django.utils import timezone

from blog import feeds, media, publishing
from blog.feeds import NEWEST
from blog.markup import absolute
from blog.markup_pictures import picture_markdown
from blog.models import Post, Series, Tag
from tests.blog.pictures import upload
from tests.blog.received import receive_post

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
AUTHOR = "{http://purl.org/dc/elements/1.1/}creator"
URLS = ["/feed/atom/", "/feed/rss/"]


def feed(client, url):
    """Parse as a feed reader does. Python's parser expands no entity of its own accord."""
    response = client.get(url)
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)  # noqa: S314


def entries(client, url):
    """Return (title, text, author, tags, address) of each entry, whichever the format."""
    root = feed(client, url)
    if "atom" in url:
        return [
            (
                entry.findtext(f"{ATOM}title"),
                entry.findtext(f"{ATOM}content"),
                entry.findtext(f"{ATOM}author/{ATOM}name"),
                [tag.get("term") for tag in entry.findall(f"{ATOM}category")],
                entry.find(f"{ATOM}link").get("href"),
            )
            for entry in root.findall(f"{ATOM}entry")
        ]
    return [
        (
            item.findtext("title"),
            item.findtext(CONTENT),
            item.findtext(AUTHOR),
            [tag.text for tag in item.findall("category")],
            item.findtext("link"),
        )
        for item in root.findall("channel/item")
    ]


@pytest.mark.parametrize("url", URLS)
def test_a_feed_carries_the_whole_post_with_addresses_in_full(client, alice, make_post, url):
    picture = media.keep(media.accept(upload()), uploader=alice, alt="A loaf")
    body = f"See [here](/about/) and [there](#fn1)[^1].\n\n{picture_markdown(picture)}\n\n[^1]: N"
    make_post(title="On <bread>", body=body, author_note="*Note*", source_line="Src", tags=["a b"])
    [(title, text, author, tags, address)] = entries(client, url)
    assert (title, author, tags) == ("On <bread>", "Alice", ["a b"])
    assert address == "http://testserver/posts/on-bread/"
    assert 'href="http://testserver/about/"' in text
    assert 'href="http://testserver/posts/on-bread/#fn1"' in text
    assert f'src="http://testserver{picture.file.url}"' in text
    assert "<em>Note</em>" in text
    assert "<p>Src</p>" in text
    assert 'href="/' not in text
    assert 'src="/' not in text


@pytest.mark.parametrize("url", URLS)
def test_a_feed_is_xml_whatever_is_in_a_title(client, alice, make_post, url):
    make_post(tags=["one"])
    hostile = (
        "".join(map(chr, range(1, 32))) + "\x7f\ufffe\uffff]]><![CDATA[<script>&bogus;\u202e😀"
    )
    Post.objects.update(title=hostile, excerpt=hostile, body_html=f"<p>{hostile}</p>")
    Tag.objects.update(name=hostile[:60])
    type(alice).objects.update(display_name=hostile[:80])
    [(title, text, author, tags, _address)] = entries(client, url)
    assert "<script>&bogus;" in title
    assert "<script" not in text
    assert "\x0b" not in f"{title}{text}{author}{tags}"


@pytest.mark.parametrize("url", URLS)
def test_hostile_strings_do_not_break_a_feed(client, make_post, shared_data, url):
    lines = (shared_data / "naughty-strings" / "blns.txt").read_text().splitlines()
    post = make_post()
    for start in range(0, len(lines), 120):
        title = " ".join(lines[start : start + 120])
        Post.objects.filter(pk=post.pk).update(title=title[:200], excerpt=title[-300:])
        feed(client, url)


@pytest.mark.parametrize("url", URLS)
def test_a_feed_has_the_newest_twenty_and_no_drafts(client, make_post, url):
    for number in range(NEWEST + 2):
        make_post(title=f"Post {number}")
    make_post(title="Draft", published=False)
    found = [title for title, *_rest in entries(client, url)]
    assert found == [f"Post {number}" for number in range(NEWEST + 1, 1, -1)]


@pytest.mark.parametrize("url", URLS)
def test_a_feed_of_nothing_is_a_feed(client, url):
    assert entries(client, url) == []


@pytest.mark.parametrize("url", URLS)
def test_a_feed_takes_as_many_queries_for_one_post_as_for_twenty(
    client, make_post, django_assert_max_num_queries, url
):
    for _ in range(5):
        make_post(tags=["one", "two"])
    with django_assert_max_num_queries(3):
        client.get(url)


def test_an_entry_says_when_it_was_published_and_when_changed(client, alice, make_post):
    post = make_post()
    post = publishing.save(post, {"body": "Changed."}, actor=alice, seen_version=post.text_version)
    entry = feed(client, "/feed/atom/").find(f"{ATOM}entry")
    published = datetime.fromisoformat(entry.findtext(f"{ATOM}published"))
    updated = datetime.fromisoformat(entry.findtext(f"{ATOM}updated"))
    assert (published, updated) == (post.published_at, post.updated_at)
    assert "Changed." in entry.findtext(f"{ATOM}content")


# --- what feed readers know a post by ---------------------------------------------------------


def id_and_link(client, url):
    """Return what the one entry is known by, and where it leads."""
    root = feed(client, url)
    if "atom" in url:
        entry = root.find(f"{ATOM}entry")
        return entry.findtext(f"{ATOM}id"), entry.find(f"{ATOM}link").get("href")
    item = root.find("channel/item")
    return item.findtext("guid"), item.findtext("link")


def changed(post, author, **fields):
    return publishing.save(post, fields, actor=author, seen_version=post.text_version)


@pytest.mark.parametrize("url", URLS)
def test_an_entry_is_known_by_the_same_id_for_life(client, alice, make_post, url):
    post = make_post(title="Once")
    first = "http://testserver/posts/once/"
    assert id_and_link(client, url) == (first, first)
    post = changed(post, alice, slug="now")
    assert id_and_link(client, url) == (first, "http://testserver/posts/now/")
    post = publishing.publish(publishing.unpublish(post, actor=alice), actor=alice)
    series = Series.objects.create(title="S", slug="s")
    post = changed(post, alice, series=series, series_position=2)
    assert id_and_link(client, url) == (first, "http://testserver/posts/now/")


def test_an_entry_that_has_no_id_of_its_own_gets_that_of_its_old_address(client, alice, make_post):
    post = make_post(title="Once")
    Post.objects.update(feed_id="")
    changed(post, alice, slug="now")
    assert id_and_link(client, "/feed/atom/")[0] == "http://testserver/posts/once/"


@pytest.mark.parametrize("url", URLS)
def test_an_entry_keeps_the_id_that_it_had_elsewhere(client, alice, url):
    receive_post(alice, title="Came", feed_id="https://old.example/?p=7")
    address = "http://testserver/posts/came/"
    assert id_and_link(client, url) == ("https://old.example/?p=7", address)


@pytest.mark.parametrize("url", URLS)
def test_an_entry_keeps_its_id_when_the_site_moves_to_another_domain(
    client, settings, make_post, url
):
    make_post(title="Once")
    settings.FEED_ORIGIN = "https://old.example/"
    known_by, address = id_and_link(client, url)
    assert (known_by, address) == (
        "https://old.example/posts/once/",
        "http://testserver/posts/once/",
    )
    assert ">https://old.example/</id>" in client.get("/feed/atom/").text


def test_only_an_id_that_is_an_address_claims_to_be_one(client, alice, make_post):
    post = make_post(title="Once")
    guid = feed(client, "/feed/rss/").find("channel/item/guid")
    assert guid.get("isPermaLink") == "true"
    changed(post, alice, slug="now")
    guid = feed(client, "/feed/rss/").find("channel/item/guid")
    assert guid.get("isPermaLink") == "false"


@pytest.mark.parametrize("url", URLS)
def test_two_posts_are_never_known_by_one_id(client, alice, make_post, url):
    first = make_post(title="Once", published=False)
    soon = timezone.now() + timedelta(hours=1)
    first = publishing.publish(first, actor=alice, at=soon)
    changed(first, alice, slug="first")
    make_post(title="Once")
    with time_machine.travel(soon + timedelta(hours=1)):
        root = feed(client, url)
    ids = [each.text for each in root.iter() if each.tag in {f"{ATOM}id", "guid"}]
    assert {"http://testserver/posts/first/", "http://testserver/posts/once/"} <= set(ids)


@pytest.mark.parametrize("url", URLS)
def test_a_post_is_made_ready_once_under_whatever_host_it_is_asked_for(
    client, make_post, monkeypatch, url
):
    make_post(title="On bread", body="See [here](/about/) and [me](http://a.example/).")
    made = []
    monkeypatch.setattr(feeds, "absolute", lambda *parts: made.append(parts) or absolute(*parts))
    for host in ("localhost:8001", "localhost:8002", "testserver"):
        text = client.get(url, headers={"Host": host}).text
        assert f"http://{host}/about/" in text
        assert "http://a.example/" in text
        assert ".invalid" not in text
    assert len(made) == 1
