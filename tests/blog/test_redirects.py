"""Old addresses: how they are written, and where they lead."""

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from blog.models import OldAddress, PostKind
from blog.redirects import normalised
from tests.blog.received import receive_post


@pytest.mark.parametrize(
    ("path", "query", "kept"),
    [
        ("/2009/05/hello/", "", "/2009/05/hello"),
        ("/2009/05/Hello", "", "/2009/05/hello"),
        ("//2009///05/hello//", "", "/2009/05/hello"),
        ("2009/hello.html", "", "/2009/hello.html"),
        ("/caf%C3%A9/", "", "/café"),
        ("/cafe%CC%81/", "", "/café"),
        ("/%e6%97%a5%e6%9c%ac/", "", "/日本"),
        ("/100%25-sure/", "", "/100%-sure"),
        ("/%2541/", "", "/%41"),
        ("/hello/comment-page-2/", "", "/hello"),
        ("/hello/comment-page-2/feed/", "", "/hello"),
        ("/hello/feed/", "", "/hello"),
        ("/hello/feed/atom/", "", "/hello"),
        ("/hello/amp/", "", "/hello"),
        ("/hello/trackback/", "", "/hello"),
        ("/hello/amplifier/", "", "/hello/amplifier"),
        ("/hello/", "utm_source=x&p=3", "/hello"),
        ("/", "p=123", "/?p=123"),
        ("", "p=0123&preview=true", "/?p=123"),
        ("/index.php", "page_id=7", "/?page_id=7"),
        ("/", "attachment_id=9", "/?attachment_id=9"),
        ("/", "p=x", ""),
        ("/", "p=-1", ""),
        ("/", "p=٣", ""),
        ("/", "", ""),
        ("/feed/", "", ""),
        ("/a%00b", "", ""),
        ("/a%0Ab", "", ""),
        ("/\ud800", "", ""),
        ("/" + "a" * 499, "", "/" + "a" * 499),
        ("/" + "a" * 500, "", ""),
    ],
)
def test_an_old_address_is_written_one_way(path, query, kept):
    assert normalised(path, query) == kept


@given(st.text(), st.text())
def test_whatever_is_asked_for_is_written_within_bounds(path, query):
    written = normalised(path, query)
    assert len(written) <= 500
    assert written == "" or written.startswith("/")
    assert "%" in written or "?" in written or normalised(written) == written


# --- asked for ------------------------------------------------------------------------------


@pytest.fixture
def post(alice):
    post = receive_post(alice, title="Moved")
    for path in (
        "/2009/05/hello",
        "/?p=123",
        "/?page_id=7",
        "/café",
        "/100%-sure",
        "/%41",
        "/privacy",
    ):
        OldAddress.objects.create(path=path, post=post)
    return post


OLD = [
    "/2009/05/hello/",
    "/2009/05/hello",
    "/2009/05/Hello/",
    "/2009//05/hello/",
    "/2009/05/hello/comment-page-3/",
    "/2009/05/hello/?utm_source=letter&utm_medium=mail",
    "/?p=123",
    "/?p=123&preview=true",
    "/?page_id=7",
    "/index.php?p=123",
    "/blog/?p=123",
    "/caf%C3%A9/",
    "/CAF%C3%89/",
    "/cafe%CC%81/",
    "/100%25-sure/",
    "/%2541/",
]


@pytest.mark.parametrize("address", OLD)
def test_an_old_address_leads_to_its_post_for_good(client, post, address):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, "/posts/moved/")
    assert response["Cache-Control"] == "public, max-age=86400"
    assert not response.cookies


def test_an_old_address_leads_to_a_page_too(client, alice):
    page = receive_post(alice, kind=PostKind.PAGE, title="About")
    OldAddress.objects.create(path="/about-us", post=page)
    assert client.get("/about-us/")["Location"] == "/pages/about/"


def test_a_head_request_is_led_on_too(client, post):
    assert client.head("/2009/05/hello/")["Location"] == "/posts/moved/"


def test_a_post_to_an_old_address_leads_nowhere(client, post):
    assert client.post("/2009/05/hello/", {"comment": "spam"}).status_code == 404


@pytest.mark.parametrize("address", ["/?p=124", "/?page_id=8", "/no/such/", "/no/such", "/a%00b/"])
def test_what_was_never_here_is_the_ordinary_404(client, post, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.text


@pytest.mark.parametrize("address", ["/?p=x", "/?q=123", "/?page=1"])
def test_a_question_that_names_no_post_shows_the_home_page(client, post, address):
    response = client.get(address)
    assert response.status_code == 200
    assert "Moved" in response.text


def test_our_own_pages_come_first(client, post):
    assert client.get("/privacy/").status_code == 200


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/privacy", "/privacy/"),
        ("/posts/moved", "/posts/moved/"),
        ("/tags/one?page=2", "/tags/one/?page=2"),
        ("/admin", "/admin/"),
        ("/accounts/login", "/accounts/login/"),
    ],
)
def test_a_forgotten_slash_is_put_back(client, post, address, target):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (301, target)


def test_nothing_at_all_costs_one_query_at_most(client, post, django_assert_num_queries):
    with django_assert_num_queries(1):
        client.get("/no/such/")
    with django_assert_num_queries(1):
        client.get("/2009/05/hello/")
    with django_assert_num_queries(0):
        client.get("/privacy")


# --- the admin ------------------------------------------------------------------------------


def test_an_editor_adds_an_old_address_as_a_browser_shows_it(client, mona, post):
    client.force_login(mona)
    data = {"path": "https://old.example/2010/Bread/?utm_source=x", "post": post.pk}
    assert client.post(reverse("admin:blog_oldaddress_add"), data).status_code == 302
    assert client.get("/2010/bread/")["Location"] == "/posts/moved/"
    refused = client.post(reverse("admin:blog_oldaddress_add"), {"path": "/", "post": post.pk})
    assert "This is the address of no post" in refused.text
