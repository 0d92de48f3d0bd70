"""The readers' acts over HTTP: what is admitted, and that a refusal keeps every word."""

import json
import time
from unittest import mock
from urllib.parse import urlencode

import html5lib
import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from comments.forms import make_token
from comments.guests import COOKIE
from comments.models import Comment, Thread
from comments.moderation import Seen, moderate
from comments.paging import Sort
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import WORDS, fields, post, textarea

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def bob():
    return get_user_model().objects.create_user("bob@example.org", "x", display_name="Bob")


@pytest.fixture
def eager(settings):
    """A site that lets everybody in at once."""
    settings.COMMENTS_CHECKS = []


# --- taken ----------------------------------------------------------------------------------


def test_a_guest_comments_and_is_led_to_it(client, thread):
    response = post(client, thread, website="gus.example.org")
    comment = Comment.objects.get()
    assert (response.status_code, response["Location"]) == (303, "/#comment-1")
    assert (comment.body, comment.status) == (WORDS, Status.PENDING)
    assert comment.author_website == "https://gus.example.org"
    assert comment.seconds_taken is not None


def test_a_reader_with_an_account_is_known_and_not_asked(client, thread, bob):
    client.force_login(bob)
    address = reverse("comments:post", args=[thread.pk])
    client.post(address, {"body": WORDS, "token": make_token(thread)})
    comment = Comment.objects.get()
    assert (comment.author, comment.author_name) == (bob, "Bob")
    page = client.get(reverse("comments:reply", args=[thread.pk])).content.decode()
    assert "You are commenting as <bdi>Bob</bdi>" in page
    assert 'name="email"' not in page


def test_a_second_approved_comment_of_an_account_is_not_held(client, thread, bob):
    make_comment(thread, author=bob)
    client.force_login(bob)
    address = reverse("comments:post", args=[thread.pk])
    client.post(address, {"body": WORDS, "token": make_token(thread)})
    assert Comment.objects.get(number=2).status == Status.APPROVED


def test_a_reply_stands_under_its_parent(client, thread):
    parent = make_comment(thread)
    post(client, thread, parent=parent.number)
    assert Comment.objects.get(number=2).parent == parent


def test_a_double_click_makes_one_comment_and_leads_to_it_twice(client, thread):
    sent = fields(thread)
    address = reverse("comments:post", args=[thread.pk])
    places = {client.post(address, sent)["Location"] for _click in range(2)}
    assert (places, Comment.objects.count()) == ({"/#comment-1"}, 1)


def test_two_readers_of_one_cached_form_make_two_comments(thread):
    token = make_token(thread)
    for name in ("Ada", "Ben"):
        post(Client(), thread, name=name, email=f"{name}@example.org", token=token)
    assert Comment.objects.count() == 2


def test_a_form_never_expires(client, thread):
    with mock.patch("time.time", return_value=time.time() - 60 * 60 * 24 * 400):
        token = make_token(thread)
    assert post(client, thread, token=token).status_code == 303
    assert Comment.objects.get().log.get().findings[0]["check"] == "first_time_commenter"


@pytest.mark.parametrize("token", ["", "forged", "x" * 400, "\ud800"])
def test_a_form_without_its_key_is_taken_and_held(client, thread, token):
    assert post(client, thread, token=token.encode("utf-8", "replace").decode()).status_code == 303
    checks = [finding["check"] for finding in Comment.objects.get().log.get().findings]
    assert "too_fast" in checks


def test_the_hidden_field_makes_it_spam_and_the_sender_is_not_told(client, thread):
    response = post(client, thread, subject="buy")
    assert response.status_code == 303
    assert Comment.objects.get().status == Status.SPAM


def test_htmx_gets_the_comment_instead_of_a_page(client, thread):
    response = post(client, thread, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert 'id="comment-1"' in response.content.decode()
    assert "<html" not in response.content.decode()


# --- seen again -----------------------------------------------------------------------------


def test_a_guests_browser_keeps_what_is_theirs_and_details_only_if_asked(client, thread):
    post(client, thread)
    assert client.cookies[COOKIE]["httponly"]
    form = client.get(reverse("comments:reply", args=[thread.pk])).content.decode()
    assert "gus@example.org" not in form
    post(client, thread, body="Another.", remember="on")
    form = client.get(reverse("comments:reply", args=[thread.pk])).content.decode()
    assert "gus@example.org" in form


def test_no_cookie_before_a_comment_is_posted(client, thread):
    make_comment(thread)
    for name, args in (("reply", [thread.pk]), ("reply_to", [thread.pk, 1])):
        client.get(reverse(f"comments:{name}", args=args))
    assert not client.cookies


def test_whoever_repeats_a_guests_form_from_elsewhere_does_not_get_the_comment(thread, eager):
    sent = fields(thread)
    address = reverse("comments:post", args=[thread.pk])
    writer, thief = Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")
    edit = reverse("comments:edit", args=[thread.pk, 1])
    assert writer.post(address, sent)["Location"] == thief.post(address, sent)["Location"]
    assert Comment.objects.count() == 1
    assert (writer.get(edit).status_code, thief.get(edit).status_code) == (200, 403)


def test_forms_without_their_key_share_none(thread):
    for client in (Client(), Client()):
        assert post(client, thread, token="").status_code == 303
    assert Comment.objects.count() == 2


def test_a_forged_cookie_says_nothing(client, thread):
    held = make_comment(thread, status=Status.PENDING)
    client.cookies[COOKIE] = json.dumps([[held.pk], "", "", ""])
    assert client.get(held.get_absolute_url()).status_code == 404


def test_a_permalink_leads_to_the_page_it_stands_on(client, thread, settings):
    settings.COMMENTS_PAGE_SIZE = 2
    comments = [make_comment(thread) for _number in range(5)]
    assert client.get(comments[0].get_absolute_url())["Location"] == "/#comment-1"
    assert client.get(comments[4].get_absolute_url())["Location"] == "/?from=5#comment-5"


@pytest.mark.parametrize("sort", Sort)
def test_a_permalink_lands_on_a_page_that_shows_the_comment_whatever_the_sort(
    client, make_post, settings, sort
):
    settings.COMMENTS_PAGE_SIZE = 6
    thread = make_post().thread
    comments = [make_comment(thread)]
    for number in range(30):
        comments.append(make_comment(thread, parent=comments[number * 7 % len(comments)]))
        comments.append(make_comment(thread))
    client.cookies["parley_sort"] = sort.value
    for comment in comments:
        address, _hash, anchor = client.get(comment.get_absolute_url())["Location"].partition("#")
        assert f'id="{anchor}"' in client.get(address).text, address
        assert anchor == comment.anchor


def test_a_held_comment_has_no_permalink_but_for_its_author(client, thread):
    post(client, thread)
    held = Comment.objects.get()
    assert client.get(held.get_absolute_url())["Location"] == "/#comment-1"
    assert Client().get(held.get_absolute_url()).status_code == 404


# --- preview --------------------------------------------------------------------------------


def test_preview_shows_it_rendered_keeps_it_in_the_box_and_stores_nothing(client, thread):
    response = post(client, thread, body="*So* <b>x</b>", action="preview")
    assert "<em>So</em> &lt;b&gt;x&lt;/b&gt;" in response.content.decode()
    assert textarea(response) == "*So* <b>x</b>"
    assert not Comment.objects.exists()


# --- refused, with every word kept ----------------------------------------------------------


@pytest.mark.parametrize(
    ("others", "status", "says"),
    [
        ({"email": "no address"}, 422, "valid e-mail"),
        ({"name": ""}, 422, "give a name"),
        ({"name": "Gus\u202eevil"}, 422, "U+202E"),
        ({"name": "x" * 81}, 422, "at most 80"),
        ({"website": "javascript:alert(1)"}, 422, "valid URL"),
        ({"website": "ftp://example.org"}, 422, "https://"),
        ({"parent": "99"}, 422, "not part of this discussion"),
        ({"parent": "no number"}, 422, "whole number"),
        ({"status": "approved"}, 422, "no field called status"),
        ({"number": "7", "depth": "1"}, 422, "no fields called depth, number"),
        ({"name": "a\x00b"}, 422, "Null characters"),
        ({"name": "\u200b"}, 422, "can be seen"),
        ({"name": "a\x85b"}, 422, "U+0085"),
        ({"name": "x\u2028y"}, 422, "U+2028"),
        ({"email": f"{'a' * 60}@{'b' * 50}.{'c' * 150}.example"}, 422, "254"),
        ({"website": f"https://example.org/{'x' * 300}"}, 422, "200"),
    ],
)
def test_a_refusal_names_the_field_and_keeps_the_words(client, thread, others, status, says):
    response = post(client, thread, **others)
    assert response.status_code == status
    assert says in response.content.decode()
    assert textarea(response) == WORDS
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("x" * 20_001, "too long"),
        ("<i>" * 6_000, "HTML tags"),
        ("(" * 16_000, "equal marks"),
        ("a\x00b", "NUL"),
        ("abc\u202edef", "U+202E"),
    ],
)
def test_hostile_text_is_refused_and_comes_back_in_the_box(client, thread, body, says):
    response = post(client, thread, body=body)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert textarea(response).replace("\ufffd", "\x00") == body
    assert not Comment.objects.exists()


@pytest.mark.parametrize("body", ["", " \n\t ", "\u00a0"])
def test_nothing_at_all_is_no_comment(client, thread, body):
    response = post(client, thread, body=body)
    assert response.status_code == 422
    assert "write something" in response.content.decode()


def test_what_is_not_utf_8_is_refused_and_not_mended_with_question_marks(client, thread):
    raw = urlencode(fields(thread, body="ab")).encode().replace(b"ab", b"a%ED%A0%80b")
    address = reverse("comments:post", args=[thread.pk])
    response = client.post(address, raw, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    assert not Comment.objects.exists()


def test_ten_megabytes_are_refused_before_they_are_read(client, thread):
    response = post(client, thread, body="x" * 10_000_000)
    assert response.status_code == 413
    assert "20,000" in response.content.decode()


def test_a_parent_from_another_thread_cannot_even_be_named(client, thread):
    elsewhere = make_thread()
    for _number in range(3):
        make_comment(elsewhere)
    response = post(client, thread, parent=3)
    assert response.status_code == 422
    assert textarea(response) == WORDS


def test_a_parent_that_was_removed_meanwhile_leaves_the_words_and_a_way_on(client, thread):
    parent = make_comment(thread)
    moderate(parent, Action.REJECT, actor=None, seen=Seen.of(parent))
    response = post(client, thread, parent=1)
    assert response.status_code == 422
    assert "not any more" in response.content.decode()
    assert textarea(response) == WORDS
    assert post(client, thread, parent="").status_code == 303


def test_a_thread_that_was_closed_meanwhile_says_so_and_keeps_the_words(client, thread):
    Thread.objects.update(is_open=False)
    response = post(client, thread)
    assert response.status_code == 409
    assert "closed while you were writing" in response.content.decode()
    assert textarea(response) == WORDS


def test_a_thread_that_is_not_public_is_nowhere(client, thread):
    comment = make_comment(thread)
    Thread.objects.update(public_at=None)
    response = post(client, thread)
    assert (response.status_code, textarea(response)) == (404, WORDS)
    assert thread.title not in response.content.decode()
    assert client.get(comment.get_absolute_url()).status_code == 404
    assert client.get(reverse("comments:reply_to", args=[thread.pk, 1])).status_code == 404


def test_far_too_much_at_once_is_refused_with_the_words_kept(client, thread, settings):
    settings.COMMENTS_REFUSE_LIMIT = 3
    for number in range(3):
        assert post(client, thread, body=f"Number {number}").status_code == 303
    response = post(client, thread)
    assert response.status_code == 429
    assert textarea(response) == WORDS


def test_a_reader_whose_sign_in_ended_gets_the_words_back_and_may_go_on_as_a_guest(
    client, thread, bob
):
    address = reverse("comments:post", args=[thread.pk])
    response = client.post(address, {"body": WORDS, "token": make_token(thread)})
    assert response.status_code == 422
    assert textarea(response) == WORDS
    assert 'name="email"' in response.content.decode()


def test_a_form_opened_before_signing_in_is_not_called_wrong(client, thread, bob):
    client.force_login(bob)
    assert post(client, thread).status_code == 303
    assert Comment.objects.get().author_name == "Bob"


def test_a_held_comment_cannot_be_told_from_one_that_never_was(client, thread):
    make_comment(thread, status=Status.PENDING)
    pages = [post(client, thread, parent=number).content.decode() for number in (1, 2)]
    assert all("not part of this discussion, or not any more" in page for page in pages)
    for name in ("edit", "delete", "permalink"):
        statuses = {
            client.get(reverse(f"comments:{name}", args=[thread.pk, number])).status_code
            for number in (1, 2)
        }
        assert statuses == {404}


@pytest.mark.parametrize(
    "path",
    ["{}/1/", "{}/1/edit/", "{}/1/delete/", "{}/", "{}/reply/", "{}/new/", "{}/rows/", "1/{}/"],
)
def test_a_number_larger_than_any_row_leads_nowhere(client, thread, path):
    assert client.get(f"/comments/{path.format(10**30)}").status_code in {404, 405}
    sent = {"body": "x", "parent": "1"}
    assert client.post(f"/comments/{path.format(10**30)}", sent).status_code in {403, 404, 405}


def test_readers_of_unknown_address_do_not_share_a_limit(thread, settings):
    settings.COMMENTS_REFUSE_LIMIT = 2
    for number in range(4):
        unknown = Client(REMOTE_ADDR="")
        assert post(unknown, thread, body=f"Number {number}").status_code == 303


def test_a_permalink_answers_a_head_request(client, thread):
    assert client.head(make_comment(thread).get_absolute_url()).status_code == 302


def test_a_database_that_is_down_gives_the_words_back(client, thread):
    with mock.patch("comments.views.submit", side_effect=OperationalError("locked")):
        response = post(client, thread)
    assert response.status_code == 503
    assert textarea(response) == WORDS
    with mock.patch("comments.views.readable_thread", side_effect=OperationalError("down")):
        assert textarea(post(client, thread)) == WORDS


# --- who may post ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Origin": "http://testserver"}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}, 303),
        ({"Referer": "http://testserver/posts/x/"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "https://testserver"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 403),
        ({"Referer": "https://evil.example/"}, 403),
        ({"Origin": "https://blog.trusted.example"}, 303),
        ({"Origin": "http://blog.trusted.example"}, 403),
        ({"Origin": "https://trusted.example.evil.example"}, 403),
    ],
)
def test_a_guests_post_is_judged_by_its_origin(thread, settings, headers, status):
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.trusted.example"]
    client = Client(enforce_csrf_checks=True)
    assert post(client, thread, headers=headers).status_code == status
    assert Comment.objects.count() == (status == 303)


def test_with_a_session_djangos_token_is_asked_for_and_a_stale_one_keeps_the_words(thread, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    address = reverse("comments:post", args=[thread.pk])
    sent = {"body": WORDS, "token": make_token(thread)}
    response = client.post(address, sent, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 403
    assert textarea(response) == WORDS
    assert not Comment.objects.exists()
    document = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    (token,) = {
        field.get("value")
        for form in document.iter("form")
        if "reply-form" in form.get("class", "")
        for field in form.iter("input")
        if field.get("name") == "csrfmiddlewaretoken"
    }
    response = client.post(address, {**sent, "csrfmiddlewaretoken": token})
    assert response.status_code == 303


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_a_post_posts(client, thread, method):
    response = getattr(client, method)(reverse("comments:post", args=[thread.pk]))
    assert response.status_code == 405
