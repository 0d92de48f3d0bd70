"""Posts behind a password: what goes out without it, and who may read on with it."""

from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.test import Client

from blog import media, unlocking
from blog.models import Attachment, Category, OldAddress, PostKind
from comments.models import Thread
from tests.blog.pictures import upload
from tests.blog.received import receive_post, received_again
from tests.comments.factories import make_comment

pytestmark = pytest.mark.django_db

WORD = "open sesame"
SECRET = "Zephyrine"
UNLOCK = "/posts/locked/unlock/"
SINGLE = "/posts/locked/"


@pytest.fixture
def locked(alice):
    """Return a post whose every part but the title gives the secret away."""
    cover = media.keep(media.accept(upload()), uploader=alice, alt=SECRET, caption=SECRET)
    shelf = Category.objects.create(name="Shelf", slug="shelf")
    fields = {
        "title": "Locked",
        "excerpt": f"About {SECRET}.",
        "body": f"<p>{SECRET}</p>",
        "author_note": SECRET,
        "source_line": SECRET,
        "cover": cover,
        "tags": ["one"],
        "categories": [shelf],
    }
    post = receive_post(alice, **fields)
    make_comment(post.thread, body=f"So {SECRET}", author_name=SECRET)
    file = ContentFile(b"x", name=f"{SECRET}.pdf")
    Attachment.objects.create(post=post, title=SECRET, file=file)
    OldAddress.objects.create(path="/old", post=post)
    return received_again(post, password=make_password(WORD))


def unlock(client, password=WORD, url=UNLOCK, **headers):
    return client.post(url, {"password": password}, headers=headers)


def parse(response):
    return BeautifulSoup(response.text, "html5lib")


# --- without it ---------------------------------------------------------------------------------

TITLE_ALONE = ["/", SINGLE, "/tags/one/", "/categories/shelf/", "/authors/alice/"]
TITLE_ALONE += ["/feed/atom/", "/feed/rss/"]
NOTHING = ["/comments/{t}/1/", "/comments/{t}/reply/", "/comments/{t}/1/reply/"]


def test_nothing_but_the_title_goes_out(client, locked):
    for address in TITLE_ALONE:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "Locked" in response.text, address
        assert SECRET not in response.text, address
        assert locked.cover.file.url not in response.text, address
    for route in NOTHING:
        response = client.get(route.format(t=locked.thread_id))
        assert (response.status_code, SECRET in response.text) == (404, False)


def test_lists_do_not_count_its_comments_or_its_words(client, locked):
    teaser = parse(client.get("/")).select_one(".teaser")
    assert not teaser.select(".comment-count, .reading-time, img")
    assert "needs a password" in teaser.text


def test_the_page_asks_for_the_password_and_works_without_a_script(client, locked):
    page = parse(client.get(SINGLE))
    form = page.select_one("form.unlock-form")
    assert (form["method"], form["action"]) == ("post", UNLOCK)
    assert page.select_one("label")["for"] == page.select_one("input[type=password]")["id"]
    assert page.select_one("time")
    assert not page.select("meta[name=description], #discussion, form.reply-form")


def test_its_old_address_still_leads_there(client, locked):
    assert client.get("/old/")["Location"] == SINGLE


def test_nobody_comments_on_it(client, locked):
    assert client.post(f"/comments/{locked.thread_id}/", {"body": "Hello"}).status_code == 404
    unlock(client)
    assert client.post(f"/comments/{locked.thread_id}/", {"body": "Hello"}).status_code == 404


# --- with it ------------------------------------------------------------------------------------


def test_the_right_password_opens_the_post(client, locked):
    response = unlock(client)
    assert (response.status_code, response["Location"]) == (303, SINGLE)
    page = parse(client.get(SINGLE))
    assert SECRET in page.select_one(".post-body").text
    assert SECRET in page.select_one(".downloads").text


def test_the_discussion_can_be_read_and_not_added_to(client, locked):
    unlock(client)
    page = parse(client.get(SINGLE))
    assert page.select("li.comment")
    assert not page.select("form.reply-form, a.reply")
    assert "not open to everybody" in page.select_one("#discussion .closed").text


def test_a_page_opens_as_well(client, alice):
    receive_post(alice, kind=PostKind.PAGE, title="Inner", password=WORD)
    assert SECRET not in client.get("/pages/inner/").text
    response = unlock(client, url="/pages/inner/unlock/")
    assert response["Location"] == "/pages/inner/"
    assert not parse(client.get("/pages/inner/")).select(".unlock-form")


def test_the_cookie_is_signed_and_for_this_post_alone(client, locked, settings):
    settings.SESSION_COOKIE_SECURE = True
    cookie = unlock(client).cookies[unlocking.COOKIE]
    assert (cookie["path"], cookie["samesite"]) == (SINGLE, "Lax")
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["max-age"] == 10 * 24 * 60 * 60
    assert WORD not in cookie.value


def test_a_cookie_of_another_post_opens_nothing(client, locked, alice):
    received_again(receive_post(alice, title="Other"), password=locked.password)
    unlock(client)
    assert parse(client.get("/posts/other/")).select(".unlock-form")


@pytest.mark.parametrize("value", ["", "x", "x:y:z", "Ilx1MDAwMCI:1:2", "é"])
def test_a_forged_cookie_opens_nothing(client, locked, value):
    client.cookies[unlocking.COOKIE] = value
    assert SECRET not in client.get(SINGLE).text


def test_another_password_locks_again(client, locked):
    unlock(client)
    received_again(locked, password=make_password("another"))
    assert SECRET not in client.get(SINGLE).text


def test_after_ten_days_it_is_asked_for_again(client, locked):
    unlock(client)
    with time_machine.travel(locked.published_at + timedelta(days=12)):
        assert parse(client.get(SINGLE)).select(".unlock-form")


def test_a_post_without_a_password_asks_for_none(client, alice):
    receive_post(alice, title="Locked")
    assert client.get(UNLOCK)["Location"] == SINGLE
    assert unlock(client)["Location"] == SINGLE


def test_a_reload_of_the_refusal_leads_back_to_the_post(client, locked):
    assert client.get(UNLOCK)["Location"] == SINGLE
    assert client.get("/posts/none/unlock/").status_code == 404
    assert client.get("/pages/locked/unlock/").status_code == 404


# --- caches -------------------------------------------------------------------------------------


def test_neither_side_of_the_lock_is_kept_by_anybody(client, locked):
    for response in (client.get(SINGLE), unlock(client, "wrong")):
        assert "no-store" in response["Cache-Control"]
        assert "public" not in response["Cache-Control"]
        assert not response.has_header("ETag")
    unlock(client)
    response = client.get(SINGLE)
    assert "no-store" in response["Cache-Control"]
    assert "private" in response["Cache-Control"]
    assert "Cookie" in response["Vary"]
    assert not response.has_header("ETag")


def test_what_was_public_is_not_confirmed_once_it_is_locked(client, alice):
    post = receive_post(alice, title="Locked", body=f"<p>{SECRET}</p>")
    etag = client.get(SINGLE)["ETag"]
    received_again(post, password=make_password(WORD))
    response = client.get(SINGLE, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert SECRET not in response.text
    assert client.get(SINGLE, headers={"If-None-Match": "*"}).status_code == 200


def test_whoever_was_let_in_shares_no_page_with_others(client, locked):
    unlock(client)
    assert "private" in client.get("/privacy/")["Cache-Control"]


def test_what_one_reader_unlocked_is_locked_to_the_next(client, locked):
    unlock(client)
    assert SECRET in client.get(SINGLE).text
    assert SECRET not in Client().get(SINGLE).text


# --- wrong tries --------------------------------------------------------------------------------


@pytest.mark.parametrize("password", ["", "wrong", "OPEN SESAME", "x" * 5000, "a\x00b", "é😀"])
def test_a_wrong_password_is_told_so_and_opens_nothing(client, locked, password):
    response = unlock(client, password)
    assert response.status_code == 403
    assert "That is not the password." in response.text
    assert SECRET not in response.text
    assert not response.cookies


def test_passwords_are_not_tried_without_end(client, locked):
    for _ in range(unlocking.MOST_TRIES):
        assert unlock(client, "wrong").status_code == 403
    response = unlock(client)
    assert response.status_code == 429
    assert "too often" in response.text
    assert not response.cookies
    assert unlock(Client(REMOTE_ADDR="198.51.100.9")).status_code == 303


def test_a_household_with_many_addresses_tries_as_one(locked):
    for number in range(unlocking.MOST_TRIES):
        unlock(Client(REMOTE_ADDR=f"2001:db8::{number:x}"), "wrong")
    assert unlock(Client(REMOTE_ADDR="2001:db8::ffff")).status_code == 429
    assert unlock(Client(REMOTE_ADDR="2001:db8:1::1")).status_code == 303


def test_readers_of_ipv4_try_for_themselves_where_the_server_is_bound_to_ipv6(locked):
    for number in range(unlocking.MOST_TRIES + 1):
        assert unlock(Client(REMOTE_ADDR=f"::ffff:10.0.{number}.1"), "wrong").status_code == 403


def test_after_a_minute_it_may_be_tried_again(client, locked):
    with time_machine.travel("2030-01-01T12:00:00Z", tick=False) as clock:
        for _ in range(unlocking.MOST_TRIES + 1):
            unlock(client, "wrong")
        clock.shift(timedelta(seconds=unlocking.TRIES_SECONDS + 1))
        assert unlock(client).status_code == 303


def test_another_sites_form_is_refused(client, locked):
    assert unlock(client, Origin="https://evil.example").status_code == 403
    assert unlock(client, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert unlock(client, Origin="http://testserver").status_code == 303


def test_a_signed_in_reader_needs_the_token_of_the_page(locked, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert unlock(client).status_code == 403
    page = parse(client.get(SINGLE))
    data = {
        "password": WORD,
        "csrfmiddlewaretoken": page.select_one("[name=csrfmiddlewaretoken]")["value"],
    }
    assert client.post(UNLOCK, data).status_code == 303


def test_the_privacy_page_names_the_cookie(client, db):
    assert unlocking.COOKIE in client.get("/privacy/").text


def test_its_thread_is_nobodys(locked):
    assert not Thread.objects.public().filter(pk=locked.thread_id).exists()
