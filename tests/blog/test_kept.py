"""The page that strangers share: given again while it is true, and not a moment longer."""

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import set_script_prefix
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from blog import kept as kept_pages
from blog import publishing
from blog.facts import facts_of
from blog.held import Held, Kept, Shelf
from blog.models import Post
from blog.packing import pack
from blog.strangers import Asked
from comments.models import Thread
from comments.moderation import Seen, moderate
from comments.paging import FIRST
from comments.status import Action
from tests.comments.factories import fill, make_comment
from tests.front import FrontClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(make_post):
    return make_post(title="Kept")


@pytest.fixture
def client():
    return FrontClient()


def read(client, post, query="", **headers):
    return client.get(post.get_absolute_url() + query, headers=headers)


def parsed(response):
    return BeautifulSoup(response.text, "html5lib")


def is_kept(client, post, query=""):
    """Tell whether a page comes from where pages are kept: it costs one query then."""
    with CaptureQueriesContext(connection) as queries:
        read(client, post, query)
    return len(queries) == 1


def without_key(response):
    page = parsed(response)
    page.select_one("[name=token]")["value"] = ""
    return str(page)


def test_the_second_stranger_is_given_the_same_page_with_a_form_of_their_own(client, post):
    make_comment(post.thread, body="Said")
    first = read(client, post)
    assert is_kept(client, post)
    second = read(client, post)
    assert without_key(first) == without_key(second)
    assert first.text != second.text
    assert first.headers.items() - second.headers.items() <= {
        ("Content-Length", first.headers.get("Content-Length"))
    }
    assert int(second["Content-Length"]) == len(second.content)


def test_whoever_asks_for_the_head_alone_gets_it(client, post):
    read(client, post)
    answer = client.head(post.get_absolute_url())
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == read(client, post)["ETag"]


def test_one_sort_is_not_another(client, post):
    for body in ("First", "Second"):
        make_comment(post.thread, body=body)
    texts = {sort: read(client, post, f"?sort={sort}").text for sort in ("oldest", "newest")}
    again = {sort: read(client, post, f"?sort={sort}").text for sort in ("oldest", "newest")}
    for pages in (texts, again):
        assert pages["oldest"].index("First") < pages["oldest"].index("Second")
        assert pages["newest"].index("Second") < pages["newest"].index("First")


@pytest.mark.parametrize("cookie", ["sessionid", "parley_guest", "parley_sort", "parley_unlocked"])
def test_who_comes_with_a_cookie_of_ours_is_given_no_kept_page(client, post, cookie):
    read(client, post)
    client.cookies[cookie] = "x"
    assert not is_kept(client, post)
    assert "private" in read(client, post)["Cache-Control"]


def test_what_was_removed_is_gone_at_once(client, post):
    comment = make_comment(post.thread, body="To be removed")
    assert "To be removed" in read(client, post).text
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    assert "To be removed" not in read(client, post).text


def test_a_post_taken_back_or_put_behind_a_password_is_not_read_on(client, post, alice):
    read(client, post)
    Post.objects.filter(pk=post.pk).update(password=make_password("secret"))
    assert "A paragraph." not in read(client, post).text
    Post.objects.filter(pk=post.pk).update(password="")
    assert "A paragraph." in read(client, post).text
    publishing.unpublish(post, actor=alice)
    assert read(client, post).status_code == 404


def test_what_the_clock_changes_changes_the_page(client, post, make_post, alice):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        in_an_hour = timezone.now() + timedelta(hours=1)
        publishing.publish(make_post(title="Tomorrow", published=False), actor=alice, at=in_an_hour)
        make_comment(post.thread)
        Thread.objects.filter(pk=post.thread_id).update(closes_at=in_an_hour)
        page = read(client, post).text
        assert "Tomorrow" not in page
        assert "reply-form" in page
        assert is_kept(client, post)
        clock.shift(timedelta(hours=2))
        page = read(client, post).text
        assert "Tomorrow" in page
        assert "reply-form" not in page


def test_where_nothing_is_kept_the_page_is_the_same(client, post, settings):
    make_comment(post.thread)
    kept = without_key(read(client, post))
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    cache.clear()
    assert without_key(read(client, post)) == kept


def test_the_second_reader_costs_no_query_for_the_comments(
    client, make_post, django_assert_num_queries
):
    post = make_post()
    fill(post.thread, 300)
    first = read(client, post, "?after=200").text
    with django_assert_num_queries(1):
        again = read(client, post, "?after=200").text
    assert again.count("Thought") == first.count("Thought") == 100


def test_a_kept_page_gives_each_reader_a_form_of_their_own(client, make_post):
    post = make_post()
    pages = [BeautifulSoup(read(client, post).text, "html5lib") for _reader in range(3)]
    tokens = {page.select_one("[name=token]")["value"] for page in pages}
    assert len(tokens) == 3


def test_a_kept_page_is_not_shown_under_another_name_of_the_site(client, make_post, settings):
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    post = make_post()
    for host in ("one.example", "two.example"):
        page = BeautifulSoup(
            client.get(post.get_absolute_url(), headers={"host": host}).text, "html5lib"
        )
        assert host in page.select_one("link[rel=canonical]")["href"]


def test_places_that_anybody_may_name_do_not_fill_the_cache(client, make_post, monkeypatch):
    monkeypatch.setattr("blog.kept.MOST_PLACES", 3)
    post = make_post()
    fill(post.thread, 3)
    put = set()
    monkeypatch.setattr(kept_pages.cache, "set", lambda key, *_args: put.add(key))
    for number in range(1, 30):
        read(client, post, f"?after={number}")
    assert len(put) <= 3


def test_places_that_are_kept_on_one_shelf_are_told_apart(client, make_post, monkeypatch):
    monkeypatch.setattr("blog.kept.MOST_PLACES", 1)
    post = make_post()
    fill(post.thread, 500)
    for _time in range(2):
        for number in (200, 400):
            page = BeautifulSoup(read(client, post, f"?after={number}").text, "html5lib")
            assert page.select_one("li.comment")["id"] == f"comment-{number + 1}"


# --- what stands before Django ------------------------------------------------------------------


def test_a_page_is_made_anew_of_its_shell_and_says_the_same_as_one_made_whole(client, post):
    for _number in range(2):
        make_comment(post.thread)
    read(client, post)
    make_comment(post.thread, body="The last")
    with CaptureQueriesContext(connection) as queries:
        anew = read(client, post)
    assert len(queries) == 2
    whole = Client().get(post.get_absolute_url())
    assert "The last" in anew.text
    assert "mark-" not in anew.text
    assert without_key(anew) == without_key(whole)
    for name in ("ETag", "Content-Type", "Cache-Control", "Content-Security-Policy"):
        assert anew[name] == whole[name]
    assert is_kept(client, post)


@pytest.mark.parametrize("tags", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_the_page_is_told_so(client, post, tags):
    etag = read(client, post)["ETag"]
    answer = read(client, post, if_none_match=tags.format(etag))
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["ETag"] == etag
    assert "Cookie" in answer["Vary"]
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize("tags", ['"another"', "W/", "", '"*"'])
def test_who_has_another_page_is_given_this_one(client, post, tags):
    read(client, post)
    assert read(client, post, if_none_match=tags).status_code == 200


def test_a_condition_that_fails_is_told_so_for_a_kept_page_too(client, post):
    read(client, post)
    assert read(client, post, if_match='"another"').status_code == 412


def test_a_name_that_is_not_ours_is_given_nothing_that_is_kept(client, post, settings):
    read(client, post)
    settings.ALLOWED_HOSTS = ["testserver"]
    assert read(client, post, host="evil.example").status_code == 400
    assert read(client, post).status_code == 200


@pytest.mark.parametrize("path", ["/posts/nothing-here/", "/posts/kept/x/", "/posts/%F0%9F/"])
def test_where_no_post_is_the_answer_is_a_page_that_says_so(client, post, path):
    assert client.get(path).status_code == 404


def test_an_address_that_asks_for_too_much_is_refused_behind(client, post):
    assert read(client, post, f"?{'a&' * 2_000}").status_code == 400
    assert read(client, post, "?sort=%FF&%00=\xff").status_code == 200


def test_all_but_reading_is_left_to_what_is_behind(client, post):
    read(client, post)
    assert client.post(post.get_absolute_url()).status_code == 405


def test_over_http_nothing_is_given_where_https_is_asked_for(post, settings):
    settings.SECURE_SSL_REDIRECT = True
    client = FrontClient()
    assert client.get(post.get_absolute_url(), secure=True).status_code == 200
    for _time in range(2):
        answer = client.get(post.get_absolute_url())
        assert (answer.status_code, answer["Location"]) == (
            301,
            f"https://testserver{post.get_absolute_url()}",
        )


def test_a_reader_of_ours_is_no_stranger_however_the_cookie_is_written(client, post, bob):
    signed_in = FrontClient()
    signed_in.force_login(bob)
    session = signed_in.cookies["sessionid"].value
    odd = f"\u00a0sessionid={session}".encode().decode("latin-1")
    answer = client.get(post.get_absolute_url(), HTTP_COOKIE=odd)
    assert "private" in answer["Cache-Control"]
    for _time in range(2):
        page = read(client, post)
        assert "public" in page["Cache-Control"]
        assert bob.display_name not in page.text


def test_a_path_before_the_site_stays_with_who_asked_below_it(client, post):
    for _number in range(2):
        make_comment(post.thread)
    path = post.get_absolute_url()
    try:
        assert "/evil/" in client.get(path, SCRIPT_NAME="/evil").text
        assert "/evil/" not in client.get(path).text
        make_comment(post.thread)
        set_script_prefix("/evil/")
        for _time in range(2):
            page = client.get(path)
            assert page.status_code == 200
            assert "/evil/" not in page.text
    finally:
        set_script_prefix("/")


def test_a_page_that_cannot_be_made_anew_is_left_to_django(client, post, monkeypatch, caplog):
    def broken(*_args):
        raise KeyError("It is broken.")

    for _number in range(2):
        make_comment(post.thread)
    read(client, post)
    make_comment(post.thread)
    client.raise_request_exception = False
    monkeypatch.setattr("blog.strangers.pieces_of", broken)
    answer = read(client, post)
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text


def test_a_database_that_is_down_is_told_by_what_is_behind(client, post, monkeypatch):
    def down(*_args):
        raise OperationalError("It is down.")

    read(client, post)
    client.raise_request_exception = False
    monkeypatch.setattr("comments.prepared.Prepared.raw_rows", down)
    answer = read(client, post)
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text


def test_a_cache_that_is_down_costs_time_and_no_page(client, post, monkeypatch, caplog):
    def down(*_args):
        raise ConnectionError("It is down.")

    make_comment(post.thread, body="Still read")
    monkeypatch.setattr(kept_pages.cache, "get", down)
    monkeypatch.setattr(kept_pages.cache, "set", down)
    for _time in range(2):
        assert "Still read" in read(client, post).text
    assert "The cache cannot be read." in caplog.text


def test_while_templates_are_worked_on_nothing_is_kept(client, post, settings):
    settings.DEBUG = True
    read(client, post)
    assert not is_kept(client, post)


def test_of_many_who_ask_at_once_for_a_new_page_one_has_it_made(client, post, monkeypatch):
    for _number in range(2):
        make_comment(post.thread)
    read(client, post)
    make_comment(post.thread)
    front = client.handler.front
    asked = Asked(facts_of("kept"), FIRST, f"http:testserver{post.get_absolute_url()}")
    # What the threads below need has been read: each has a database connection of its own.
    assert asked.page.rows
    made, really = [], kept_pages._made_anew

    def slowly(*args):
        made.append(args)
        time.sleep(0.2)
        return really(*args)

    monkeypatch.setattr(kept_pages, "_made_anew", slowly)
    monkeypatch.setattr(front, "_asked", lambda _environ: asked)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: client.get(post.get_absolute_url()), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len(made) == 1
    assert len({answer.text for answer in answers}) == 8


def test_a_process_holds_no_more_than_it_may():
    shelf = Shelf(most=1_000)
    for number in range(10):
        kept = Kept((), [("ETag", '"x"')], b"x" * 100, b"y" * 50)
        shelf.put(str(number % 7), Held(kept))
        assert shelf.get(str(number % 7)) is not None
    assert shelf.bytes == 900
    assert list(shelf.pages) == ["0", "1", "2"]
    assert shelf.get("6") is None


# --- what search engines are told -------------------------------------------------------------


def test_each_page_says_where_it_stands(client, post, settings):
    settings.COMMENTS_PAGE_SIZE = 4
    for _number in range(10):
        make_comment(post.thread)
    first = parsed(read(client, post))
    address = f"http://testserver{post.get_absolute_url()}"
    assert first.select_one("link[rel=canonical]")["href"] == address
    assert first.select_one("link[rel=next]")["href"] == f"{address}?after=4"
    assert not first.select("link[rel=prev], meta[name=robots]")
    second = parsed(read(client, post, "?after=4"))
    assert second.select_one("link[rel=canonical]")["href"] == f"{address}?after=4"
    assert second.select_one("link[rel=prev]")["href"] == f"{address}?before=5"
    assert (
        second.select_one("nav a[rel=next]")["href"]
        == f"{post.get_absolute_url()}?after=8#discussion"
    )
    for detour in ("?from=5", "?before=9", "?branch=5"):
        page = parsed(read(client, post, detour))
        assert page.select_one("meta[name=robots]")["content"] == "noindex, follow"
    best = parsed(read(client, post, "?sort=best"))
    assert best.select_one("link[rel=canonical]")["href"] == address


# --- compressed -------------------------------------------------------------------------------


@given(
    before=st.binary(max_size=3000), middle=st.binary(max_size=300), after=st.binary(max_size=900)
)
def test_what_is_packed_around_other_bytes_is_one_gzip_stream(before, middle, after):
    assert gzip.decompress(pack(before, after).around(middle)) == before + middle + after


def test_a_kept_page_is_compressed_once_and_given_to_each_with_a_form_of_their_own(client, post):
    make_comment(post.thread, body="Said " * 300)
    plain = read(client, post)
    packed = [read(client, post, accept_encoding="gzip, br") for _reader in range(2)]
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
    again = read(client, post, accept_encoding="gzip", if_none_match=packed[0]["ETag"])
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("header", ["", "br"])
def test_who_does_not_read_gzip_is_given_none(client, post, header):
    for _reader in range(3):
        answer = read(client, post, accept_encoding=header)
        assert "Content-Encoding" not in answer.headers
        assert "A paragraph." in answer.text
