"""What no list names is not found by counting either: not by a comment's number, nor by an old
one. Whoever has the page, a letter or wrote there goes on as under any other post.
"""

import re
from importlib import import_module
from operator import attrgetter
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from blog import publishing
from blog.models import Act, OldAddress, Post
from comments.forms import make_token
from comments.models import Comment, Thread
from tests.comments.factories import make_comment

ADDRESS = "/posts/nobody-is-told/"
# What stands below /comments/7/, and who asks. {} is a comment's number.
ASKED = ["new/", "rows/?numbers=1,2", "reply/", "{}/", "{}/reply/", "{}/history/", "{}/report/",
         "{}/report/thanks/"]  # fmt: skip
ASKED_SIGNED_IN = ["{}/helpful/", "{}/mute/", "{}/moderate/", "moderation/", "manage/"]
SENT = ["", "sort/", "seen/", "{}/helpful/", "{}/mute/", "{}/report/", "{}/edit/", "{}/delete/"]


@pytest.fixture
def post(alice, make_post):
    post = make_post(title="Nobody is told", slug="nobody-is-told")
    make_comment(post.thread, body="First.", author_name="Ann")
    return publishing.move(post, Act.UNLIST, actor=alice)


def told(response):
    return f"{response.headers}{response.content.decode(errors='replace')}"


@pytest.mark.parametrize("path", ASKED)
def test_whoever_counts_is_told_nothing(client, post, path):
    response = client.get(f"/comments/{post.thread_id}/{path.format(1)}")
    assert response.status_code == 404
    assert "nobody-is-told" not in told(response).casefold()
    assert "Nobody is told" not in told(response)


@pytest.mark.parametrize("path", ASKED + ASKED_SIGNED_IN)
def test_nor_is_who_counts_with_an_account(client, bob, post, path):
    client.force_login(bob)
    response = client.get(f"/comments/{post.thread_id}/{path.format(1)}")
    assert response.status_code == 404
    assert "Nobody is told" not in told(response)


@pytest.mark.parametrize("path", SENT)
def test_nor_is_who_sends_something_to_a_number(client, bob, post, path):
    client.force_login(bob)
    data = {"sort": "newest", "version": "1", "body": "Hello?", "name": "Eve", "token": "made up"}
    response = client.post(f"/comments/{post.thread_id}/{path.format(1)}", data)
    assert response.status_code in {403, 404}
    assert ADDRESS not in told(response)
    assert "Nobody is told" not in told(response)
    assert Comment.objects.count() == 1


def test_a_key_is_of_one_discussion_alone(client, post, make_post):
    key = post.thread.handle.partition("-")[2]
    other = make_post().thread
    Thread.objects.filter(pk=other.pk).update(is_unlisted=True)
    make_comment(other)
    assert client.get(f"/comments/{other.pk}-{key}/1/").status_code == 404
    assert client.get(f"/comments/{other.pk}-{'0' * 20}/1/").status_code == 404


@pytest.mark.parametrize("reader", ["a stranger", "bob", "mona"])
def test_every_link_of_the_page_itself_leads_on(client, request, post, reader):
    comment = make_comment(post.thread, body="Hello @Ann, see above.", author_name="Ben")
    make_comment(post.thread, parent=comment, body="Yes?")
    if reader != "a stranger":
        client.force_login(request.getfixturevalue(reader))
    page = client.get(ADDRESS).content.decode()
    linked = set(re.findall(r'(?:href|data-new|data-seen-at|action)="(/comments/\d[^"]*)"', page))
    assert len(linked) > 6
    assert all(each.startswith(f"/comments/{post.thread.handle}/") for each in linked)
    for each in linked - {each for each in linked if each.endswith(("/seen/", "/sort/"))}:
        assert client.get(each).status_code in {200, 302, 303, 405}, each


def test_a_permalink_with_its_key_leads_to_the_comment_in_its_place(client, post):
    comment = Comment.objects.select_related("thread").get()
    response = client.get(comment.get_absolute_url())
    assert response["Location"] == f"{ADDRESS}#comment-1"


def test_who_wrote_a_comment_is_led_to_it_by_its_number_too(client, bob, post):
    make_comment(post.thread, body="Mine.", author=bob)
    client.force_login(bob)
    assert client.get(f"/comments/{post.thread_id}/2/")["Location"] == f"{ADDRESS}#comment-2"


@pytest.mark.parametrize("name", ["thread_id", "thread.handle"])
def test_a_comment_is_taken_by_its_key_and_from_a_form_older_than_that(client, post, name):
    """The form of a page that was open when the post was unlisted names it by its number."""
    data = {"body": "Hello.", "name": "Gus", "email": "gus@example.org", "website": ""}
    data |= {"subject": "", "parent": "1", "token": make_token(post.thread)}
    response = client.post(f"/comments/{attrgetter(name)(post)}/", data)
    assert response.status_code == 303
    assert response["Location"].startswith(f"{ADDRESS}#comment-2")


def test_in_the_lists_again_it_goes_by_its_number_and_its_key_still_leads_on(client, alice, post):
    keyed = f"/comments/{post.thread.handle}/1/"
    publishing.move(post, Act.PUBLISH, actor=alice)
    for address in (keyed, f"/comments/{post.thread_id}/1/"):
        assert client.get(address)["Location"] == f"{ADDRESS}#comment-1"
    assert f'href="/comments/{post.thread_id}/1/"' in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("path", ["/?p=12", "/archives/12", "/archives/12.html"])
def test_an_old_number_leads_to_no_unlisted_post(client, alice, post, path):
    OldAddress.objects.create(path=path, post=post)
    OldAddress.objects.create(path="/2009/05/nobody", post=post)
    assert client.get(path).status_code == 404
    assert client.get("/2009/05/nobody/")["Location"] == ADDRESS
    publishing.move(post, Act.PUBLISH, actor=alice)
    assert client.get(path)["Location"] == ADDRESS


def test_the_threads_of_posts_that_were_unlisted_before_are_told(post, make_post):
    listed = make_post()
    Thread.objects.update(is_unlisted=False)
    migration = import_module("blog.migrations.0013_threads_of_unlisted_posts")
    migration.tell_threads(apps, SimpleNamespace(connection=connection))
    assert {post.thread_id: post.thread.is_unlisted for post in Post.objects.all()} == {
        post.thread_id: True,
        listed.thread_id: False,
    }
