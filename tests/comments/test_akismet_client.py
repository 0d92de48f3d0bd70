"""One request to Akismet, against a server on this machine that does all a server can do wrong."""

import socket
import threading
import time
import tracemalloc

import pytest
from django.views.debug import ExceptionReporter

from comments.spam.akismet.client import MOST_BYTES, SECONDS, post
from comments.spam.akismet.failures import IN_WORDS, AkismetFailed, Failure
from tests.comments import akismet_server as stand_in
from tests.comments.akismet_server import KEY, MISBEHAVIOURS, reply

PATH = "/1.1/comment-check"
FIELDS = {"api_key": KEY, "blog": "https://blog.example.org/", "user_ip": "192.0.2.7"}
WORDS = "between us"
# What a busy machine may add to a time limit.
TOLERANCE = 2.0


def failure(*, seconds=SECONDS, fields=FIELDS):
    """Return why a request failed, and how long that took."""
    began = time.monotonic()
    with pytest.raises(AkismetFailed) as failed:
        post(PATH, fields, seconds)
    took = time.monotonic() - began
    assert KEY not in f"{failed.value} {failed.value.in_words} {failed.value.said}"
    return failed.value.failure, took


def test_fields_arrive_as_they_were_given_and_the_answer_comes_back(akismet_server):
    akismet_server.behave(reply("true\n", X_akismet_guid="abc"))
    fields = {**FIELDS, "comment_content": "“Zażółć” &=+%\n🙂", "comment_context[]": ["a", "b"]}
    answer = post(PATH, fields)
    assert (answer.status, answer.text) == (200, "true")
    assert answer.headers["x-akismet-guid"] == "abc"
    (asked,) = akismet_server.asked
    assert asked.path == PATH
    assert {name: asked[name] for name in FIELDS} == FIELDS
    assert asked["comment_content"] == fields["comment_content"]
    assert asked.fields["comment_context[]"] == ["a", "b"]
    assert asked.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert asked.headers["user-agent"].startswith("Parley/")
    assert asked.headers["host"] == akismet_server.host


def test_half_a_character_does_not_keep_a_comment_from_being_asked_about(akismet_server):
    assert post(PATH, {**FIELDS, "comment_content": "\ud800"}).text == "false"
    assert akismet_server.asked[0]["comment_content"] == "?"


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", ["slow", "trickling headers", "trickling body"])
def test_the_time_limit_is_for_the_whole_however_the_answer_trickles(akismet_server, behaviour):
    akismet_server.behave(MISBEHAVIOURS[behaviour])
    why, took = failure(seconds=0.5)
    assert why == Failure.SLOW
    assert 0.5 <= took < 0.5 + TOLERANCE


def test_three_seconds_are_the_limit_where_none_is_said(akismet_server):
    akismet_server.behave(stand_in.slow)
    why, took = failure()
    assert why == Failure.SLOW
    assert 3.0 <= took < 3.0 + TOLERANCE


def test_a_handshake_that_does_not_begin_counts(akismet_server, monkeypatch):
    monkeypatch.setattr(akismet_server, "on_connect", lambda _it: akismet_server.closing.wait(30))
    why, took = failure(seconds=0.5)
    assert why == Failure.SLOW
    assert took < 0.5 + TOLERANCE


@pytest.fixture
def deaf(akismet_server, monkeypatch):
    """Return a function that lets the server read no more."""

    def read_nothing(_connection):
        akismet_server.closing.wait(30)
        raise OSError

    return lambda: monkeypatch.setattr(stand_in, "_read", read_nothing)


def test_a_server_that_does_not_read_counts(deaf):
    deaf()
    why, took = failure(seconds=0.5, fields={**FIELDS, "comment_content": "x" * 20_000_000})
    assert why == Failure.SLOW
    # Encoding so much takes its time too.
    assert took < 0.5 + 2 * TOLERANCE


def test_a_name_that_is_not_resolved_counts(akismet_server, monkeypatch):
    released = threading.Event()

    def waiting(*_args, **_options):
        released.wait(30)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", waiting)
    why, took = failure(seconds=0.3)
    released.set()
    assert why == Failure.SLOW
    assert took < 0.3 + TOLERANCE
    assert akismet_server.connections == 0


# --- answers that are none --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ("reset", Failure.BROKEN),
        ("cut short", Failure.BROKEN),
        ("no HTTP", Failure.BROKEN),
        ("endless headers", Failure.BROKEN),
        ("1 GB", Failure.TOO_LARGE),
        ("1 GB in chunks", Failure.TOO_LARGE),
    ],
)
def test_what_is_no_answer_is_said_so(akismet_server, behaviour, why):
    akismet_server.behave(MISBEHAVIOURS[behaviour])
    assert failure()[0] == why


@pytest.mark.parametrize("behaviour", ["1 GB", "1 GB in chunks", "endless headers"])
def test_of_a_large_answer_little_is_read_and_less_is_kept(akismet_server, behaviour):
    post(PATH, FIELDS)  # what is loaded once is not counted
    akismet_server.behave(MISBEHAVIOURS[behaviour])
    tracemalloc.start()
    try:
        failure()
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # What two sockets hold may have been sent and is never read.
    assert akismet_server.sent < 20_000_000
    assert peak < 3_000_000


def test_an_answer_of_just_the_allowed_size_is_read(akismet_server):
    akismet_server.behave(reply("f" * MOST_BYTES))
    assert len(post(PATH, FIELDS).body) == MOST_BYTES
    akismet_server.behave(reply("f" * (MOST_BYTES + 1)))
    assert failure()[0] == Failure.TOO_LARGE


def test_a_redirect_is_an_answer_and_is_not_followed(akismet_server):
    akismet_server.behave(MISBEHAVIOURS["redirect"])
    assert post(PATH, FIELDS).status == 302
    assert akismet_server.connections == 1


def test_a_host_where_nothing_listens_is_said_so(akismet_server):
    akismet_server.close()
    assert failure()[0] == Failure.UNREACHABLE


def test_a_host_that_nobody_knows_is_said_so(akismet_server, settings):
    settings.COMMENTS_AKISMET_HOST = "nowhere.invalid"
    assert failure()[0] in {Failure.UNREACHABLE, Failure.SLOW}


def test_every_failure_has_words_for_an_editor():
    assert set(IN_WORDS) == set(Failure)


# --- who is spoken to -------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["stranger", "elsewhere"])
def test_who_cannot_prove_to_be_the_host_is_told_nothing(akismet_at, certificates, which):
    server = akismet_at(getattr(certificates, which))
    assert failure()[0] == Failure.CERTIFICATE
    assert server.asked == []


def test_the_authorities_of_a_file_are_the_only_ones(akismet_at, certificates, settings):
    server = akismet_at()
    settings.COMMENTS_AKISMET_CA_FILE = str(certificates.stranger)
    assert failure()[0] == Failure.CERTIFICATE
    settings.COMMENTS_AKISMET_CA_FILE = ""
    assert failure()[0] == Failure.CERTIFICATE
    settings.COMMENTS_AKISMET_CA_FILE = "/nowhere/authorities.pem"
    assert failure()[0] == Failure.CERTIFICATE
    assert server.asked == []


def test_a_server_that_speaks_plainly_is_told_nothing(akismet_at, monkeypatch):
    server = akismet_at(None)
    monkeypatch.setattr(server, "on_connect", lambda it: it.sendall(b"HTTP/1.1 200 OK\r\n\r\ntrue"))
    assert failure()[0] == Failure.UNREACHABLE
    assert server.asked == []


@pytest.mark.parametrize(
    "host",
    [
        "http://rest.akismet.com",
        "https://rest.akismet.com",
        "rest.akismet.com/1.1",
        "user@rest.akismet.com",
        "rest.akismet.com:0",
        "rest.akismet.com:99999",
        "rest.akismet.com:443\r\nX: y",
        "",
    ],
)
def test_a_host_is_a_name_and_at_most_a_port(akismet_server, settings, host):
    settings.COMMENTS_AKISMET_HOST = host
    assert failure()[0] == Failure.SETTINGS


def test_a_proxy_that_the_environment_names_is_not_used(akismet_server, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert post(PATH, FIELDS).text == "false"


@pytest.mark.parametrize("fault", [stand_in.cut_short, None], ids=["reading", "writing"])
def test_no_report_of_an_error_shows_the_key_or_the_comment(akismet_server, deaf, caplog, fault):
    if fault is None:
        deaf()
    akismet_server.behave(fault)
    try:
        post(PATH, {**FIELDS, "comment_content": WORDS * 1_000_000}, seconds=0.5)
    except AkismetFailed as error:
        reporter = ExceptionReporter(None, type(error), error, error.__traceback__)
    shown = reporter.get_traceback_text() + reporter.get_traceback_html() + caplog.text
    assert KEY not in shown
    assert WORDS not in shown.replace("+", " ")
