"""Akismet calls back: it may hasten what waits to be asked about, and nothing else."""

import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from comments.models import SentFields, UncheckedComment
from comments.spam.akismet import CHECK, SERVICE, callback
from comments.spam.akismet.callback import MOST_BYTES, MOST_CALLS, callback_url
from comments.status import Status
from tests.comments.akismet_server import KEY
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=2)


@pytest.fixture(autouse=True)
def switched_on(settings):
    settings.COMMENTS_AKISMET_KEY = KEY
    settings.COMMENTS_AKISMET_BLOG = "https://blog.example.org/"
    cache.delete(callback.CALLS)


@pytest.fixture
def path():
    return callback_url().removeprefix("https://blog.example.org")


@pytest.fixture
def waiting():
    return wait_for("guid-1")


def wait_for(guid, **fields):
    comment = make_comment(make_thread(), status=Status.PENDING)
    SentFields.objects.create(comment=comment, service=SERVICE, verdict="ham", answer_id=guid)
    due = {"due_at": timezone.now() + LATER, "check_path": CHECK, **fields}
    return UncheckedComment.objects.create(comment=comment, revision=1, **due)


def call(client, path, *guids, **said):
    comments = [{"guid": guid, "result": "true", "comment_author": "x"} for guid in guids]
    body = {"key": KEY, "endpoint": "comment-check", "comments": comments, **said}
    return client.post(path, json.dumps(body), content_type="application/json")


def is_due(row):
    row.refresh_from_db()
    return row.due_at is not None and row.due_at <= timezone.now()


def test_what_waits_is_due_at_once_and_its_status_stays(client, path, waiting):
    other = wait_for("guid-2")
    answer = call(client, path, "guid-1", "unheard of")
    assert answer.status_code == 200
    success = {"status": "success"}
    assert answer.json() == {"comments": {"guid-1": success, "unheard of": success}}
    assert (is_due(waiting), is_due(other)) == (True, False)
    waiting.comment.refresh_from_db()
    assert waiting.comment.status == Status.PENDING


def test_a_second_call_changes_nothing_more(client, path, waiting):
    call(client, path, "guid-1")
    waiting.refresh_from_db()
    due_at = waiting.due_at
    call(client, path, "guid-1")
    waiting.refresh_from_db()
    assert waiting.due_at == due_at


def test_a_call_may_come_as_a_form(client, path, waiting):
    client.post(path, {"key": KEY, "endpoint": "comment-check", "comments[0][guid]": "guid-1"})
    assert is_due(waiting)


def test_what_nobody_waits_for_any_more_is_not_taken_up_again(client, path):
    settled = wait_for("guid-1", due_at=None)
    others = wait_for("guid-2", check_path="myblog.checks.shouting")
    call(client, path, "guid-1", "guid-2")
    assert (is_due(settled), is_due(others)) == (False, False)


@pytest.mark.parametrize("secret", ["x", "0" * 40, "é" * 40])
def test_who_does_not_know_the_secret_finds_nothing(client, path, waiting, secret):
    other = path.rsplit("/", 2)[0] + f"/{secret}/"
    assert call(client, other, "guid-1").status_code == 404
    assert not is_due(waiting)


def test_another_key_has_another_address_and_without_one_there_is_none(
    client, path, waiting, settings
):
    settings.COMMENTS_AKISMET_KEY = "another"
    assert call(client, path, "guid-1").status_code == 404
    settings.COMMENTS_AKISMET_KEY = ""
    for address in (path, callback_url().removeprefix("https://blog.example.org")):
        assert call(client, address, "guid-1").status_code == 404
    assert not is_due(waiting)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"comments": null}',
        b'{"comments": 5}',
        b'{"comments": ["guid-1"]}',
        b'{"comments": [{"guid": ["guid-1"]}, {"guid": null}, {"guid": {}}]}',
        b'{"comments": {"guid": "guid-1"}}',
        b"[" * 50_000,
        b"\xff\xfe",
        b'{"comments": [{"guid": "guid-1"}], "x": "' + b"x" * MOST_BYTES + b'"}',
    ],
    ids=range(12),
)
def test_whatever_else_comes_does_nothing(client, path, waiting, body):
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code == 200
    assert not is_due(waiting)


def test_it_is_called_and_not_looked_at(client, path):
    assert client.get(path).status_code == 405


def test_of_too_many_calls_the_further_ones_are_put_off(client, path, waiting):
    for _call in range(MOST_CALLS):
        assert call(client, path).status_code == 200
    answer = call(client, path, "guid-1")
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert not is_due(waiting)


def test_it_costs_one_query_and_sets_no_cookie(
    client, path, waiting, django_assert_max_num_queries
):
    with django_assert_max_num_queries(1):
        answer = call(client, path, "guid-1")
    assert not answer.cookies
