"""The page that strangers share: given again while it is true, and not a moment longer."""

import gzip
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from blog import publishing
from blog.models import Post
from blog.packing import pack
from comments.models import Thread
from comments.moderation import Seen, moderate
from comments.status import Action
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(make_post):
    return make_post(title="Kept")


def read(post, query="", client=None, **headers):
    return (client or Client()).get(post.get_absolute_url() + query, headers=headers)


def parsed(response):
    return BeautifulSoup(response.text, "html5lib")


def is_kept(post, query="", client=None):
    """Tell whether a page comes from where pages are kept: it costs one query then."""
    with CaptureQueriesContext(connection) as queries:
        read(post, query, client)
    return len(queries) == 1


def without_key(response):
    page = parsed(response)
    page.select_one("[name=token]")["value"] = ""
    return str(page)


def test_the_second_stranger_is_given_the_same_page_with_a_form_of_their_own(post):
    make_comment(post.thread, body="Said")
    first = read(post)
    assert is_kept(post)
    second = read(post)
    assert without_key(first) == without_key(second)
    assert first.text != second.text
    assert first.headers.items() - second.headers.items() <= {
        ("Content-Length", first.headers.get("Content-Length"))
    }
    assert int(second["Content-Length"]) == len(second.content)


def test_whoever_asks_for_the_head_alone_gets_it(post):
    read(post)
    answer = Client().head(post.get_absolute_url())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == read(post)["ETag"]


def test_one_sort_is_not_another(post):
    for body in ("First", "Second"):
        make_comment(post.thread, body=body)
    texts = {sort: read(post, f"?sort={sort}").text for sort in ("oldest", "newest")}
    again = {sort: read(post, f"?sort={sort}").text for sort in ("oldest", "newest")}
    for pages in (texts, again):
        assert pages["oldest"].index("First") < pages["oldest"].index("Second")
        assert pages["newest"].index("Second") < pages["newest"].index("First")


@pytest.mark.parametrize("cookie", ["sessionid", "parley_guest", "parley_sort", "parley_unlocked"])
def test_who_comes_with_a_cookie_of_ours_is_given_no_kept_page(post, cookie):
    read(post)
    client = Client()
    client.cookies[cookie] = "x"
    assert not is_kept(post, client=client)
    assert "private" in read(post, client=client)["Cache-Control"]


def test_what_was_removed_is_gone_at_once(post):
    comment = make_comment(post.thread, body="To be removed")
    assert "To be removed" in read(post).text
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    assert "To be removed" not in read(post).text


def test_a_post_taken_back_or_put_behind_a_password_is_not_read_on(post, alice):
    read(post)
    Post.objects.filter(pk=post.pk).update(password=make_password("secret"))
    assert "A paragraph." not in read(post).text
    Post.objects.filter(pk=post.pk).update(password="")
    assert "A paragraph." in read(post).text
    publishing.unpublish(post, actor=alice)
    assert read(post).status_code == 404


def test_what_the_clock_changes_changes_the_page(post, make_post, alice):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        in_an_hour = timezone.now() + timedelta(hours=1)
        publishing.publish(make_post(title="Tomorrow", published=False), actor=alice, at=in_an_hour)
        make_comment(post.thread)
        Thread.objects.filter(pk=post.thread_id).update(closes_at=in_an_hour)
        page = read(post).text
        assert "Tomorrow" not in page
        assert "reply-form" in page
        assert is_kept(post)
        clock.shift(timedelta(hours=2))
        page = read(post).text
        assert "Tomorrow" in page
        assert "reply-form" not in page


def test_where_nothing_is_kept_the_page_is_the_same(post, settings):
    make_comment(post.thread)
    kept = without_key(read(post))
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    cache.clear()
    assert without_key(read(post)) == kept


# --- what search engines are told -------------------------------------------------------------


def test_each_page_says_where_it_stands(post, settings):
    settings.COMMENTS_PAGE_SIZE = 4
    for _number in range(10):
        make_comment(post.thread)
    first = parsed(read(post))
    address = f"http://testserver{post.get_absolute_url()}"
    assert first.select_one("link[rel=canonical]")["href"] == address
    assert first.select_one("link[rel=next]")["href"] == f"{address}?after=4"
    assert not first.select("link[rel=prev], meta[name=robots]")
    second = parsed(read(post, "?after=4"))
    assert second.select_one("link[rel=canonical]")["href"] == f"{address}?after=4"
    assert second.select_one("link[rel=prev]")["href"] == f"{address}?before=5"
    assert (
        second.select_one("nav a[rel=next]")["href"]
        == f"{post.get_absolute_url()}?after=8#discussion"
    )
    for detour in ("?from=5", "?before=9", "?branch=5"):
        page = parsed(read(post, detour))
        assert page.select_one("meta[name=robots]")["content"] == "noindex, follow"
    best = parsed(read(post, "?sort=best"))
    assert best.select_one("link[rel=canonical]")["href"] == address


# --- compressed -------------------------------------------------------------------------------


@given(
    before=st.binary(max_size=3000), middle=st.binary(max_size=300), after=st.binary(max_size=900)
)
def test_what_is_packed_around_other_bytes_is_one_gzip_stream(before, middle, after):
    assert gzip.decompress(pack(before, after).around(middle)) == before + middle + after


def test_a_kept_page_is_compressed_once_and_given_to_each_with_a_form_of_their_own(post):
    make_comment(post.thread, body="Said " * 300)
    plain = read(post)
    packed = [read(post, accept_encoding="gzip, br") for _reader in range(2)]
    assert packed[0]["Content-Encoding"] == packed[1]["Content-Encoding"] == "gzip"
    texts = [gzip.decompress(answer.content).decode() for answer in packed]
    assert texts[0] != texts[1]
    soups = [BeautifulSoup(text, "html5lib") for text in texts]
    for soup in soups:
        soup.select_one("[name=token]")["value"] = ""
    assert str(soups[0]) == str(soups[1]) == without_key(plain)
    for answer in packed:
        assert int(answer["Content-Length"]) == len(answer.content)
        assert {"Accept-Encoding", "Cookie"} <= set(answer["Vary"].split(", "))
    again = read(post, accept_encoding="gzip", if_none_match=packed[0]["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("header", ["", "br"])
def test_who_does_not_read_gzip_is_given_none(post, header):
    for _reader in range(3):
        answer = read(post, accept_encoding=header)
        assert "Content-Encoding" not in answer.headers
        assert "A paragraph." in answer.text
