"""How a text will look while it is written: as on its public page, and nothing is stored."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from blog.models import Picture, Post, Revision, WorkingCopy
from tests.blog.pictures import upload
from tests.blog.received import receive_post
from tests.cast import make_person

pytestmark = pytest.mark.django_db

NEW = "/write/new/look/"
TEXT = "Flour & *water*[^1].\n\n## Salt\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[^1]: A note."
WORDS = {"title": "On <bread>", "excerpt": "Short.", "body": TEXT, "tags": "Baking"}


@pytest.fixture
def writer(client, alice):
    client.force_login(alice)
    return client


def look_of(post):
    return reverse("blog:live_preview", args=[post.pk])


def body_in(html):
    return BeautifulSoup(html, "html5lib").select_one("article.post .post-body").decode()


def test_a_look_is_what_readers_will_see(writer, client):
    look = writer.post(NEW, WORDS)
    assert look.status_code == 200
    writer.post("/write/new/", WORDS | {"action": "publish"})
    page = client.get(Post.objects.get().get_absolute_url())
    assert body_in(look.text) == body_in(page.text)
    article = BeautifulSoup(look.text, "html5lib").select_one("article")
    assert article.h1.text == "On <bread>"
    assert "Baking" in article.text


def test_a_look_stores_nothing(writer, make_post):
    post = make_post()
    writer.post(look_of(post), WORDS | {"version": post.text_version, "cover_file": upload()})
    writer.post(NEW, WORDS | {"picture": upload(), "picture_alt": "A loaf"})
    after = Post.objects.get()
    assert (after.body, after.text_version, after.version) == (post.body, 1, post.version)
    assert not any(model.objects.exists() for model in (WorkingCopy, Picture))
    assert Revision.objects.count() <= 1


@pytest.mark.parametrize(
    "odd",
    [
        {"title": ""},
        {"body": ""},
        {"version": "nonsense"},
        {"publish_at": "soon"},
        {"cover_alt": "x" * 400},
        {"unknown": "x"},
    ],
    ids=lambda odd: " ".join(odd),
)
def test_what_no_article_shows_keeps_no_look_back(writer, odd):
    assert writer.post(NEW, WORDS | odd).status_code == 200


def test_an_article_without_a_title_is_shown_as_untitled(writer):
    look = writer.post(NEW, WORDS | {"title": ""})
    assert BeautifulSoup(look.text, "html5lib").h1.text == "Untitled"


@pytest.mark.parametrize(
    ("name", "text"),
    [("body", "(" * 300), ("body", "x" * 200_001), ("title", "x" * 201), ("tags", "y" * 61)],
    ids=lambda value: value[:4],
)
def test_words_beyond_the_caps_are_refused_by_name(writer, name, text):
    look = writer.post(NEW, WORDS | {name: text})
    assert look.status_code == 422
    assert BeautifulSoup(look.text, "html5lib").li.text.strip()


def test_nothing_hostile_gets_through_a_look(writer):
    hostile = "<script>x</script> [x](javascript:alert) ![x](https://elsewhere.example/x.png)"
    html = writer.post(NEW, WORDS | {"body": hostile, "author_note": hostile}).text
    page = BeautifulSoup(html, "html5lib")
    assert not page.select("script, img")
    assert not [a for a in page.select("a[href]") if a["href"].startswith("javascript")]


def test_a_post_in_html_is_looked_at_as_html(writer, alice):
    post = receive_post(alice)
    look = writer.post(look_of(post), WORDS | {"body": "<p>One <b>loaf</b> *bare*</p>"})
    body = BeautifulSoup(look.text, "html5lib").select_one(".post-body")
    assert (body.b.text, body.em) == ("loaf", None)


def test_a_look_is_nobody_elses_to_keep(writer):
    assert "no-store" in writer.post(NEW, WORDS)["Cache-Control"]


def test_a_look_is_asked_for_by_post_alone(writer):
    assert writer.get(NEW).status_code == 405


@pytest.mark.parametrize(("name", "status"), [("bob", 403), ("eve", 403), (None, 302)])
def test_who_does_not_write_sees_no_look(request, client, make_post, name, status):
    post = make_post()
    if name:
        client.force_login(request.getfixturevalue(name))
    for address in (NEW, look_of(post)):
        assert client.post(address, WORDS).status_code == status


def test_anothers_post_is_not_looked_at(client, make_post):
    post = make_post()
    client.force_login(make_person("Anna", "Author"))
    assert client.post(look_of(post), WORDS).status_code == 404
    assert client.post(reverse("blog:live_preview", args=[10**6]), WORDS).status_code == 404


def test_a_look_is_not_asked_for_by_another_site(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(NEW, WORDS).status_code == 403


def test_a_look_costs_few_queries(writer, make_post, django_assert_max_num_queries):
    post = make_post(published=False)
    with django_assert_max_num_queries(16):
        writer.post(look_of(post), WORDS)
