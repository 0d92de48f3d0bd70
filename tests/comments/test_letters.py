"""The letter to a guest: who gets one, what is in it, what its link does and what it never does."""

import email
import re
import socketserver
import threading
import time
from datetime import timedelta
from email.policy import default as modern
from functools import partial
from http import HTTPStatus
from threading import Barrier
from unittest import mock

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments import letters
from comments.guests import COOKIE
from comments.models import Comment, ModerationLogEntry, Thread
from comments.moderation import Seen, delete, moderate
from comments.status import Action, Status
from tests.comments.factories import make_thread
from tests.comments.test_races import run_together
from tests.comments.writing import HTMX, address_of, fields, post, textarea
from tests.servers import free_port

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r"http://testserver(/comments/mine/\S+)")


@pytest.fixture
def thread():
    return make_thread(title="On bread", url="/")


@pytest.fixture
def eager(settings):
    """A site that lets everybody in at once."""
    settings.COMMENTS_CHECKS = []


@pytest.fixture
def bob():
    return get_user_model().objects.create_user("bob@example.org", "x", display_name="Bob")


def link_in(letter):
    (address,) = LINK.findall(letter.body)
    return address


# --- who gets one ---------------------------------------------------------------------------


def test_a_guest_gets_one_letter_for_a_comment(client, thread):
    post(client, thread, body="My *own* words.")
    (letter,) = mail.outbox
    assert letter.to == ["gus@example.org"]
    assert letter.subject == "Your comment on “On bread”"
    assert "> My *own* words." in letter.body
    assert letter.extra_headers["Auto-Submitted"] == "auto-generated"
    assert len(LINK.findall(letter.body)) == 1


def test_a_double_click_is_one_letter(client, thread):
    sent = fields(thread)
    for _click in range(2):
        client.post(reverse("comments:post", args=[thread.pk]), sent)
    assert len(mail.outbox) == 1


def test_an_account_gets_none_and_neither_does_what_looks_like_a_robot(client, thread, bob):
    post(client, thread, subject="buy")
    links = " ".join(f"https://example.com/{n}" for n in range(20))
    post(client, thread, body=links)
    assert set(Comment.objects.values_list("status", flat=True)) == {Status.SPAM}
    client.force_login(bob)
    post(client, thread)
    assert mail.outbox == []


def test_what_was_refused_or_only_previewed_sends_none(client, thread):
    post(client, thread, body="")
    post(client, thread, action="preview")
    Thread.objects.update(is_open=False)
    post(client, thread)
    assert mail.outbox == []


# --- what is in it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["Bread\r\nBcc: eve@example.org", "Bread\nSubject: x", "Bread\x85\u2028Bcc: x", "B\x00read"],
)
def test_no_title_adds_a_header(client, title):
    post(client, make_thread(title=title.replace("\x00", "\x01"), url="/"))
    (letter,) = mail.outbox
    raw = email.message_from_bytes(letter.message().as_bytes(), policy=modern)
    assert raw["Bcc"] is None
    assert len(raw.get_all("Subject")) == 1
    assert raw["To"] == "gus@example.org"


def test_nothing_of_the_writer_is_in_it_but_a_short_excerpt_that_leads_nowhere(
    client, thread, eager
):
    body = "Buy at https://evil.example/x or www.evil.com or evil.co.uk or mail me@evil.org\n" * 9
    post(client, thread, body=body, name="Evil Corp", website="https://evil.example")
    (letter,) = mail.outbox
    assert "evil" not in letter.body.casefold()
    (excerpt,) = re.findall("^> (.*)$", letter.body, re.MULTILINE)
    assert excerpt.startswith("Buy at […] or […] or […]")
    assert len(excerpt) <= letters.EXCERPT
    assert "Evil" not in letter.subject


def test_marks_of_html_stand_as_they_were_typed(client):
    thread = make_thread(title="R&D <now>", url="/")
    post(client, thread, body="a < b & c")
    (letter,) = mail.outbox
    assert "> a < b & c" in letter.body
    assert letter.subject == "Your comment on “R&D <now>”"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("e.g. 3.5 cups, i.e. many", "e.g. 3.5 cups, i.e. many"),
        ("a\n\nb\tc", "a b c"),
        ("see ftp://x", "see […]"),
        ("(http://x.org)", "[…]"),
        ("word " * 100, "word " * 30 + "word…"),
        ("x" * 500, "x" * 159 + "…"),
        # Left out as it cannot be seen: what is left would be an address.
        ("see evil.\ue000com/x", "see […]"),
    ],
)
def test_an_excerpt_is_one_short_line(text, line):
    shortened = letters.one_line(letters.without_addresses(text), letters.EXCERPT)
    assert shortened == line


def test_a_word_as_long_as_a_comment_takes_no_time(settings):
    began = time.monotonic()
    letters.without_addresses("x" * settings.COMMENTS_MAX_LENGTH)
    assert time.monotonic() - began < 0.5


# --- how many -------------------------------------------------------------------------------


def test_an_address_gets_three_a_day_however_it_is_written(thread, eager):
    spellings = ["gus@example.org", "Gus@Example.org", "gus+1@example.org", "GUS+2@example.org"]
    for number, address in enumerate(spellings):
        sender = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert post(sender, thread, body=f"Words {number}", email=address).status_code == 303
    assert len(mail.outbox) == letters.MOST_TO_ADDRESS == 3
    assert Comment.objects.count() == 4


def test_a_network_address_sends_ten_an_hour(client, thread, eager):
    for number in range(12):
        post(client, thread, body=f"Words {number}", email=f"reader{number}@example.org")
    assert (len(mail.outbox), Comment.objects.count()) == (10, 12)
    post(Client(REMOTE_ADDR="192.0.2.9"), thread, body="Else", email="else@example.org")
    assert len(mail.outbox) == 11


def test_an_ipv6_network_is_one_sender(thread, eager):
    for number in range(12):
        sender = Client(REMOTE_ADDR=f"2001:db8::{number:x}")
        post(sender, thread, body=f"Words {number}", email=f"reader{number}@example.org")
    assert len(mail.outbox) == 10


def test_what_is_counted_names_nobody(client, thread):
    with mock.patch.object(letters.cache, "add", wraps=cache.add) as added:
        post(client, thread)
    keys = " ".join(call.args[0] for call in added.call_args_list)
    assert "comments:letters:" in keys
    assert "gus" not in keys
    assert "127.0.0.1" not in keys


# --- its link -------------------------------------------------------------------------------


def test_the_link_makes_the_comment_theirs_on_another_device_and_proves_the_address(
    client, thread, eager
):
    post(client, thread, body="My words.")
    address = link_in(mail.outbox[0])
    other = Client()
    assert other.get(address_of("edit", thread)).status_code == 403
    answer = other.post(address)
    assert (answer.status_code, answer["Location"]) == (303, "/#comment-1")
    assert Comment.objects.get().email_proved_at is not None
    assert textarea(other.get(address_of("edit", thread))) == "My words."


def test_opening_the_link_changes_nothing(client, thread):
    """Programs that look through mail open every link in it."""
    post(client, thread, body="My words.")
    address = link_in(mail.outbox[0])
    scanner = Client()
    for ask in (scanner.get, scanner.head):
        response = ask(address)
        assert (response.status_code, dict(response.cookies)) == (200, {})
        assert response["Cache-Control"] == "private, no-store"
    assert Comment.objects.get().email_proved_at is None
    page = BeautifulSoup(scanner.get(address).content, "html5lib")
    assert page.select_one("form[method=post] button.primary").text == "Yes, it is mine"
    assert "My words." in page.select_one("article").text


def test_the_address_stays_proved_since_the_first_time(client, thread):
    post(client, thread)
    address = link_in(mail.outbox[0])
    Client().post(address)
    since = Comment.objects.get().email_proved_at
    Client().post(address)
    assert Comment.objects.get().email_proved_at == since


def test_the_cookie_keeps_what_was_theirs_before(client, thread, eager):
    post(client, thread, body="From the telephone.")
    other = Client(REMOTE_ADDR="192.0.2.9")
    post(other, thread, body="From the desk.", remember="on")
    other.post(link_in(mail.outbox[0]))
    for number in (1, 2):
        assert other.get(address_of("edit", thread, number)).status_code == 200
    form = other.get(reverse("comments:reply", args=[thread.pk])).content.decode()
    assert "gus@example.org" in form


def test_a_link_of_30_days_works_and_an_older_one_says_that_it_does_not(client, thread):
    post(client, thread)
    address, now = link_in(mail.outbox[0]), time.time()
    with mock.patch("time.time", return_value=now + 60 * 60 * 24 * 29):
        assert client.get(address).status_code == 200
    with mock.patch("time.time", return_value=now + 60 * 60 * 24 * 31):
        for ask in (client.get, client.post):
            answer = ask(address)
            assert (answer.status_code, "30 days" in answer.content.decode()) == (410, True)
    assert Comment.objects.get().email_proved_at is None


@pytest.mark.parametrize("tail", ["x", "x:y:z", "%00", "é", "a" * 3000])
def test_a_link_that_is_not_whole_says_so(client, thread, tail):
    assert client.get(f"/comments/mine/{tail}/").status_code == 404
    assert client.post(f"/comments/mine/{tail}/").status_code == 404


def test_what_is_signed_for_something_else_opens_nothing(client, thread):
    post(client, thread)
    token = client.cookies[COOKIE].value
    assert client.get(f"/comments/mine/{token}/").status_code == 404


@pytest.mark.parametrize("how", ["deleted", "rejected", "thread"])
def test_a_comment_that_is_gone_is_nobodys(client, thread, how):
    post(client, thread)
    comment = Comment.objects.get()
    if how == "deleted":
        delete(comment, actor=None, actor_name="Gus", seen=Seen.of(comment))
    elif how == "rejected":
        moderate(comment, Action.REJECT, actor=None, seen=Seen.of(comment))
    else:
        Thread.objects.update(public_at=None)
    answer = Client().post(link_in(mail.outbox[0]))
    assert answer.status_code == 404
    assert Comment.objects.get().email_proved_at is None
    assert COOKIE not in answer.cookies


def test_no_other_site_presses_the_button(client, thread):
    post(client, thread)
    headers = {"Origin": "https://evil.example"}
    assert Client().post(link_in(mail.outbox[0]), headers=headers).status_code == 403
    assert Comment.objects.get().email_proved_at is None


def test_who_is_signed_in_is_told_when_it_can_be_changed(client, thread, bob):
    post(client, thread)
    client.force_login(bob)
    page = client.get(link_in(mail.outbox[0])).content.decode()
    assert "You are signed in as <bdi>Bob</bdi>" in page


# --- mail that is down ----------------------------------------------------------------------


@pytest.fixture
def dead_mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 2


@pytest.mark.parametrize("headers", [None, HTMX])
def test_a_mail_server_that_is_down_costs_the_letter_alone(
    client, thread, dead_mail, caplog, headers
):
    response = post(client, thread, headers=headers)
    assert response.status_code == (200 if headers else 303)
    assert Comment.objects.count() == ModerationLogEntry.objects.count() == 1
    assert client.cookies[COOKIE].value
    assert "could not be sent" in caplog.text
    assert "gus@example.org" not in caplog.text


def test_after_a_failure_the_next_readers_do_not_wait_for_it(client, thread, dead_mail, eager):
    post(client, thread, body="One.")
    with mock.patch("comments.letters.letter_about") as written:
        post(client, thread, body="Two.")
    assert not written.called
    assert Comment.objects.count() == 2


def test_whatever_a_letter_raises_the_comment_stands(client, thread):
    with mock.patch("comments.letters.letter_about", side_effect=RuntimeError("odd")):
        assert post(client, thread).status_code == 303
    assert Comment.objects.count() == 1


def test_the_letter_is_sent_when_everybody_can_see_the_comment(client, thread):
    seen = []

    def look(*_args):
        seen.extend(run_together(Comment.objects.count))
        return mock.Mock()

    with mock.patch("comments.letters.letter_about", side_effect=look):
        post(client, thread)
    assert seen == [1]


def test_nobody_waits_for_the_letter_of_another(client, thread, eager):
    still_waiting = []
    write_another = partial(post, Client(), thread, body="Two.")

    def write(*_args):
        if Comment.objects.count() == 1:
            other = threading.Thread(target=run_together, args=[write_another])
            other.start()
            other.join(timeout=10)
            still_waiting.append(other.is_alive())
        return mock.Mock()

    with mock.patch("comments.letters.letter_about", side_effect=write):
        post(client, thread, body="One.")
    assert still_waiting == [False]


# --- many at once, and a real server --------------------------------------------------------


def test_twenty_posts_of_one_form_make_one_comment_one_letter_and_one_place(thread):
    sent, start = fields(thread), Barrier(20)
    address = reverse("comments:post", args=[thread.pk])

    def press():
        start.wait(timeout=60)
        response = Client().post(address, sent)
        return response.status_code, response["Location"]

    assert set(run_together(*[press] * 20)) == {(303, "/#comment-1")}
    assert Comment.objects.count() == ModerationLogEntry.objects.count() == 1
    assert [letter.to for letter in mail.outbox] == [["gus@example.org"]]


class MailServer(socketserver.ThreadingTCPServer):
    """As much of SMTP as one letter needs. `letters` are as they came over the wire."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailSession)
        self.letters = []


class MailSession(socketserver.StreamRequestHandler):
    def handle(self):
        self.say(220, "loopback")
        envelope = {}
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb in {"MAIL", "RCPT"}:
                envelope[verb] = re.search("<(.*)>", line)[1]
            if verb == "DATA":
                self.say(354, "go on")
                self.server.letters.append((envelope, self.read_letter()))
            self.say({"QUIT": 221}.get(verb, 250), "so be it")
            if verb == "QUIT":
                return

    def say(self, code, text):
        self.wfile.write(f"{code} {text}\r\n".encode())

    def read_letter(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        yield server
        server.shutdown()


def test_the_letter_goes_over_the_wire_whole(client, mail_server, eager):
    thread = make_thread(title="Über Brot – שלום 🍞", url="/")
    post(client, thread, body="Größe zählt — nicht.\n.\nEnd.")
    ((envelope, raw),) = mail_server.letters
    assert envelope == {"MAIL": "parley@localhost", "RCPT": "gus@example.org"}
    letter = email.message_from_bytes(raw, policy=modern)
    assert letter["Subject"].strip() == "Your comment on “Über Brot – שלום 🍞”"
    text = letter.get_content()
    assert "> Größe zählt — nicht. . End." in text
    assert letter.get_content_type() == "text/plain"
    (address,) = LINK.findall(text)
    answer = Client().post(address)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert Comment.objects.get().email_proved_at is not None


def test_a_guest_who_proved_the_address_has_a_day(client, thread, eager):
    post(client, thread)
    Comment.objects.update(created_at=timezone.now() - timedelta(hours=23))
    assert client.get(address_of("edit", thread)).status_code == 403
    client.post(link_in(mail.outbox[0]))
    assert client.get(address_of("edit", thread)).status_code == 200
