"""Whatever is refused, the page has the words in its box and the reason above, script or none."""

import time
from unittest import mock

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from comments.forms import make_token
from comments.models import Comment, Thread
from comments.moderation import ParentGone, Seen, ThreadClosed, moderate
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.writing import HTMX, WORDS, address_of, fields, hidden, post, textarea

pytestmark = pytest.mark.django_db

ROTATED = {"csrfmiddlewaretoken": "x" * 32}


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def bob():
    return get_user_model().objects.create_user("bob@example.org", "x", display_name="Bob")


@pytest.fixture(params=[None, HTMX], ids=["page", "htmx"])
def headers(request):
    return request.param


def reason(response):
    """Return what the page says is wrong, where a screen reader hears it or beside the field."""
    page = BeautifulSoup(response.content, "html5lib")
    said = page.select("[role=alert]:not([hidden]), .invalid-feedback, .alert, .closed")
    return " ".join(element.get_text(" ", strip=True) for element in said)


# --- a comment, a reply and their preview ---------------------------------------------------


def breaks_a_rule(client, thread, settings, sent):
    sent["email"] = "no address"
    return 422, "valid e-mail"


def has_too_many_marks(client, thread, settings, sent):
    sent["body"] = "(" * 1_000
    return 422, "equal marks"


def is_too_long(client, thread, settings, sent):
    sent["body"] = "word " * 5_000
    return 422, "too long"


def has_a_field_too_many(client, thread, settings, sent):
    sent["status"] = "approved"
    return 422, "no field called status"


def answers_what_was_removed(client, thread, settings, sent):
    comment = make_comment(thread)
    moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    sent["parent"] = comment.number
    return 422, "not any more"


def is_of_another_sign_in(client, thread, settings, sent):
    """The session was renewed in another window, so that the page's token is an old one."""
    client.handler.enforce_csrf_checks = True
    client.force_login(get_user_model().objects.get(email="bob@example.org"))
    sent |= ROTATED
    return 403, "sign-in changed"


def came_from_somebody_signed_out_meanwhile(client, thread, settings, sent):
    for name in ("name", "email"):
        del sent[name]
    return 422, "give a name"


FORMS = [
    breaks_a_rule, has_too_many_marks, is_too_long, has_a_field_too_many,
    answers_what_was_removed, is_of_another_sign_in, came_from_somebody_signed_out_meanwhile,
]  # fmt: skip


def came_after_it_was_closed(client, thread, settings, sent):
    Thread.objects.update(is_open=False)
    return 409, "closed while you were writing"


def is_one_of_too_many(client, thread, settings, sent):
    settings.COMMENTS_REFUSE_LIMIT = 1
    make_comment(thread, ip_address="127.0.0.1")
    return 429, "wait a minute"


ONLY_WHEN_STORED = [came_after_it_was_closed, is_one_of_too_many]


@pytest.mark.parametrize("wrong", [*FORMS, *ONLY_WHEN_STORED], ids=lambda each: each.__name__)
@pytest.mark.parametrize("kind", ["post", "reply"])
def test_a_comment_that(client, thread, bob, settings, headers, kind, wrong):
    parent = make_comment(thread, ip_address="192.0.2.1")
    sent = fields(thread, **({"parent": parent.number} if kind == "reply" else {}))
    status, says = wrong(client, thread, settings, sent)
    count = Comment.objects.count()
    response = client.post(reverse("comments:post", args=[thread.pk]), sent, headers=headers)
    assert response.status_code == status
    assert says in reason(response)
    assert textarea(response) == sent["body"]
    assert ("<html" in response.content.decode()) == (headers is None)
    assert Comment.objects.count() == count


@pytest.mark.parametrize("wrong", FORMS, ids=lambda each: each.__name__)
def test_a_preview_that(client, thread, bob, settings, headers, wrong):
    sent = fields(thread, action="preview")
    status, says = wrong(client, thread, settings, sent)
    response = client.post(reverse("comments:post", args=[thread.pk]), sent, headers=headers)
    assert (response.status_code, textarea(response)) == (status, sent["body"])
    assert says in reason(response)


@pytest.mark.parametrize("error", [ThreadClosed("x"), ParentGone()])
def test_what_changes_between_the_first_look_and_the_lock_is_told(client, thread, headers, error):
    with mock.patch("comments.views.submit", side_effect=error):
        response = post(client, thread, headers=headers)
    assert (response.status_code, textarea(response)) == (409, WORDS)
    assert "while you were writing" in reason(response)


# Pages from outside the discussion: the script shows their first sentence beside the box, which
# still has the words; without it they have the words themselves.


@pytest.mark.parametrize("action", ["post", "preview"])
@pytest.mark.parametrize("how", ["never there", "not public"])
def test_words_for_a_thread_that_is_gone_come_back(client, thread, headers, action, how):
    if how == "not public":
        Thread.objects.update(public_at=None)
    else:
        thread = Thread(pk=thread.pk + 1)
    response = post(client, thread, headers=headers, action=action)
    assert (response.status_code, textarea(response)) == (404, WORDS)
    assert "not public" in reason(response)


@pytest.mark.parametrize("where", ["addressed", "gather", "submit"])
def test_words_come_back_when_the_database_is_down(client, thread, headers, where):
    with mock.patch(f"comments.views.{where}", side_effect=OperationalError("down")):
        response = post(client, thread, headers=headers)
    assert (response.status_code, textarea(response)) == (503, WORDS)
    assert response["Retry-After"] == "30"
    page = BeautifulSoup(response.content, "html5lib")
    assert {field["name"] for field in page.select("input")} == {"name", "email", "token"}
    assert Comment.objects.count() == 0


def test_what_was_given_back_by_a_database_that_was_down_makes_one_comment(client, thread):
    sent = fields(thread)
    address = reverse("comments:post", args=[thread.pk])
    with mock.patch("comments.views.submit", side_effect=OperationalError("down")):
        token = hidden(client.post(address, sent), "token")
    assert token == sent["token"]
    for _try in range(2):
        assert client.post(address, {**sent, "token": token}).status_code == 303
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("name", ["post", "preview"])
def test_far_too_much_is_not_read_and_says_how_much_may_be(client, thread, headers, name):
    address = reverse(f"comments:{name}", args=[thread.pk])
    response = client.post(address, fields(thread, "x" * 500_000), headers=headers)
    assert response.status_code == 413
    assert "20,000 characters" in response.content.decode()


@pytest.mark.parametrize("kind", ["post", "reply", "preview", "edit"])
def test_no_form_ever_expires(client, thread, settings, kind):
    settings.COMMENTS_CHECKS = []
    with mock.patch("time.time", return_value=time.time() - 60 * 60 * 24 * 3650):
        sent = fields(thread)
    if kind == "reply":
        sent["parent"] = make_comment(thread).number
    if kind == "preview":
        sent["action"] = "preview"
    response = client.post(reverse("comments:post", args=[thread.pk]), sent)
    assert response.status_code == (200 if kind == "preview" else 303)
    if kind == "edit":
        edited = client.post(address_of("edit", thread), {"body": "New.", "seen": "approved:1"})
        assert edited.status_code == 302


# --- an edit and a deletion -----------------------------------------------------------------


@pytest.fixture
def own(client, thread, bob, settings):
    """Bob's comment, and Bob signed in."""
    settings.COMMENTS_CHECKS = []
    client.force_login(bob)
    address = reverse("comments:post", args=[thread.pk])
    client.post(address, {"body": "First.", "token": make_token(thread)})
    return Comment.objects.get()


def is_late(client, own):
    Comment.objects.update(created_at=own.created_at.replace(year=2020))
    return 403, "time for changing"


def is_of_a_reader_signed_out(client, own):
    client.logout()
    return 403, "sign-in has ended"


def is_of_what_an_editor_removed(client, own):
    moderate(own, Action.REJECT, actor=None, seen=Seen.of(own))
    return 403, "time for changing"


def is_of_what_was_deleted(client, own):
    client.post(address_of("delete", own.thread))
    return 403, "deleted"


def is_of_a_thread_that_is_gone(client, own):
    Thread.objects.update(public_at=None)
    return 403, "no longer be changed"


def has_an_old_token(client, own):
    client.handler.enforce_csrf_checks = True
    return 403, "sign-in"


def changed_meanwhile(client, own):
    sent = {"body": "From the other window.", "seen": "approved:1"}
    client.post(address_of("edit", own.thread), sent)
    return 409, "changed meanwhile"


LATE = [
    is_late, is_of_a_reader_signed_out, is_of_what_an_editor_removed, is_of_what_was_deleted,
    is_of_a_thread_that_is_gone, has_an_old_token,
]  # fmt: skip


@pytest.mark.parametrize("wrong", [*LATE, changed_meanwhile], ids=lambda each: each.__name__)
def test_an_edit_that(client, own, headers, wrong):
    status, says = wrong(client, own)
    before = Comment.objects.get().body
    sent = {"body": "Second.", "seen": "approved:1", **ROTATED}
    response = client.post(address_of("edit", own.thread), sent, headers=headers)
    assert (response.status_code, textarea(response)) == (status, "Second.")
    assert says in reason(response)
    assert Comment.objects.get().body == before


@pytest.mark.parametrize(
    ("body", "says"), [("", "write something"), ("x" * 20_001, "too long"), ("(" * 999, "equal")]
)
def test_an_edit_with_unfit_words_keeps_them(client, own, headers, body, says):
    sent = {"body": body, "seen": "approved:1"}
    response = client.post(address_of("edit", own.thread), sent, headers=headers)
    assert (response.status_code, textarea(response)) == (422, body)
    assert says in reason(response)


def test_an_edit_that_met_another_can_be_saved_once_it_was_looked_at(client, own):
    changed_meanwhile(client, own)
    response = client.post(
        address_of("edit", own.thread), {"body": "Second.", "seen": "approved:1"}
    )
    assert hidden(response, "seen") == "approved:2"
    again = {"body": "Second.", "seen": hidden(response, "seen")}
    assert client.post(address_of("edit", own.thread), again).status_code == 302
    assert Comment.objects.get().body == "Second."


@pytest.mark.parametrize("seen", ["", "x", "rejected:1", "deleted:1", "approved:99", "spam:x"])
def test_an_edit_of_what_nobody_saw_is_refused_like_a_late_one(client, own, seen):
    response = client.post(address_of("edit", own.thread), {"body": "Second.", "seen": seen})
    assert response.status_code in {409, 422}
    assert textarea(response) == "Second."
    assert Comment.objects.get().body == "First."


@pytest.mark.parametrize("name", ["edit", "delete"])
def test_a_database_that_is_down_takes_neither_words_nor_comment(client, own, headers, name):
    sent = {"body": "Second.", "seen": "approved:1"} if name == "edit" else {}
    with mock.patch(f"comments.own.{name}", side_effect=OperationalError("down")):
        response = client.post(address_of(name, own.thread), sent, headers=headers)
    assert response.status_code == 503
    assert "could not store anything" in reason(response)
    boxes = BeautifulSoup(response.content, "html5lib").select("textarea")
    assert [box.get_text().removeprefix("\n") for box in boxes] == (
        ["Second."] if name == "edit" else []
    )
    assert Comment.objects.get().body == "First."


@pytest.mark.parametrize("wrong", LATE, ids=lambda each: each.__name__)
def test_a_deletion_that(client, own, headers, wrong):
    status, _says = wrong(client, own)
    before = Comment.objects.get().status
    response = client.post(address_of("delete", own.thread), ROTATED, headers=headers)
    assert response.status_code in {status, 404}
    assert Comment.objects.get().status == before
    assert "keepsake" not in response.content.decode()


def test_a_deletion_of_what_changed_meanwhile_shows_it_once_more(client, own):
    with mock.patch("comments.own.Seen.of", return_value=Seen(Status.APPROVED, 7)):
        response = client.post(address_of("delete", own.thread))
    assert response.status_code == 409
    assert "changed meanwhile" in reason(response)
    assert Comment.objects.get().body == "First."


# --- the preview of the script --------------------------------------------------------------


def previewed(client, thread, body, **headers):
    address = reverse("comments:preview", args=[thread.pk])
    return client.post(address, {"body": body, "token": "x", "name": "Gus"}, headers=headers)


def test_the_script_gets_the_words_as_they_would_be_stored(client, thread):
    body = "*So* <b>x</b>\r\n> quote"
    post(client, thread, body=body)
    fragment = previewed(client, thread, body)
    html = Comment.objects.get().body_html
    assert fragment.content.decode().strip() == f'<div class="words" dir="auto">{html}</div>'


@pytest.mark.parametrize(
    ("body", "says"),
    [("", "write something"), ("x" * 20_001, "too long"), ("(" * 999, "equal"), ("\x00", "NUL")],
)
def test_what_could_not_be_stored_is_told_to_the_script(client, thread, body, says):
    response = previewed(client, thread, body)
    assert response.status_code == 422
    box = BeautifulSoup(response.content, "html5lib").select_one(".alert.alert-danger")
    assert says in box.text


def test_the_preview_stores_nothing_asks_nothing_and_sets_no_cookie(
    client, thread, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = previewed(client, thread, WORDS)
    assert (response.status_code, dict(response.cookies)) == (200, {})
    assert response["Cache-Control"] == "private, no-store"
    assert not Comment.objects.exists()


def test_the_preview_needs_no_token_and_no_other_site_may_use_it(thread, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert previewed(client, thread, WORDS).status_code == 200
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert previewed(client, thread, WORDS, **header).status_code == 403
    assert client.get(reverse("comments:preview", args=[thread.pk])).status_code == 405


# --- words to start from --------------------------------------------------------------------


def test_the_form_says_where_a_draft_belongs_and_where_a_preview_comes_from(client, thread):
    make_comment(thread)
    for name, args, draft in (
        ("reply", [thread.pk], f"{thread.pk}:0"),
        ("reply_to", [thread.pk, 1], f"{thread.pk}:1"),
    ):
        page = BeautifulSoup(client.get(reverse(f"comments:{name}", args=args)).content, "html5lib")
        form = page.select_one("form.reply-form")
        assert form["data-draft"] == draft
        assert form["data-preview"] == f"/comments/{thread.pk}/preview/"
    refused = post(client, thread, body="", parent='1" onload="x', headers=HTMX)
    form = BeautifulSoup(refused.content, "html5lib").select_one("form.reply-form")
    assert form["data-draft"] == f"{thread.pk}:0"
