"""Letters about what an editor did: to proved addresses, after a while, and not once undone."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from comments.models import OutgoingLetter
from comments.moderation import (
    Seen,
    delete,
    moderate,
    moderate_many,
    plan_undo,
    prove_address,
    undo,
    undo_many,
)
from comments.outgoing import MOST_ATTEMPTS, send_due_letters
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

LATER = timedelta(minutes=6)


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    return mail.outbox


@pytest.fixture
def comment(bob):
    return make_comment(
        make_thread(title="A radio"), author=bob, author_email=bob.email, status=Status.PENDING
    )


def rejected(comment, mona, message="Please stay on the subject."):
    return moderate(comment, Action.REJECT, actor=mona, seen=Seen.of(comment), message=message)


def sent_later(after=LATER):
    with time_machine.travel(timezone.now() + after, tick=False):
        return send_due_letters()


def test_the_author_is_written_to_after_a_while_and_once(comment, bob, mona, outbox):
    rejected(comment, mona)
    assert send_due_letters() == 0
    assert sent_later() == 1
    assert sent_later() == 0
    (letter,) = outbox
    assert letter.to == [bob.email]
    assert "Please stay on the subject." in letter.body
    assert "A radio" in letter.subject


def test_nobody_is_written_to_without_a_text(comment, mona, outbox):
    rejected(comment, mona, message="")
    assert sent_later() == 0


def test_an_address_that_was_only_typed_gets_no_letter(mona, outbox):
    comment = make_comment(make_thread(), author_email="eve@example.org", status=Status.PENDING)
    rejected(comment, mona)
    assert not OutgoingLetter.objects.exists()


def test_a_guest_who_proved_the_address_is_written_to(mona, outbox):
    comment = make_comment(make_thread(), author_email="gus@example.org", status=Status.PENDING)
    prove_address(comment)
    rejected(comment, mona)
    sent_later()
    assert [letter.to for letter in outbox] == [["gus@example.org"]]


def test_undoing_the_act_withdraws_the_letter(comment, mona, outbox):
    entry = rejected(comment, mona)
    assert plan_undo(entry).letters == 1
    undo(entry, actor=mona)
    assert sent_later() == 0
    assert not outbox


def test_undoing_a_bulk_act_withdraws_its_letters_but_not_those_that_were_sent(comment, mona, bob):
    other = make_comment(comment.thread, author=bob, author_email=bob.email, status=Status.PENDING)
    chosen = [(each, Seen.of(each)) for each in (comment, other)]
    bulk = moderate_many(chosen, Action.REJECT, actor=mona, message="No.")
    OutgoingLetter.objects.filter(entry__comment=other).update(sent_at=timezone.now())
    undo_many(bulk.batch, actor=mona)
    withdrawn = OutgoingLetter.objects.exclude(withdrawn_at=None)
    assert [letter.entry.comment_id for letter in withdrawn] == [comment.pk]


def test_a_mail_server_that_is_down_costs_time_and_no_letter(comment, mona, settings, outbox):
    rejected(comment, mona)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    assert sent_later() == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sent_later() == 0
    assert sent_later(LATER + timedelta(minutes=11)) == 1
    assert len(outbox) == 1


def test_a_letter_that_could_not_be_sent_while_its_act_was_undone_is_not_tried_again(
    comment, mona, outbox, monkeypatch
):
    entry = rejected(comment, mona)

    def broken(*_args, **_kwargs):
        undo(entry, actor=mona)
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", broken)
        assert sent_later() == 0
    assert sent_later(LATER + timedelta(minutes=11)) == 0
    assert OutgoingLetter.objects.get().withdrawn_at is not None


def test_nobody_is_written_to_about_what_they_deleted(comment, bob, mona, outbox):
    entry = moderate(
        comment, Action.APPROVE, actor=mona, seen=Seen.of(comment), message="Thank you."
    )
    assert entry.letters.count() == 1
    comment.refresh_from_db()
    delete(comment, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert sent_later() == 0


def test_a_letter_that_nobody_takes_is_given_up(comment, mona, outbox):
    rejected(comment, mona)
    OutgoingLetter.objects.update(attempts=MOST_ATTEMPTS)
    assert sent_later() == 0


def test_a_title_made_to_forge_headers_makes_none(bob, mona, outbox):
    thread = make_thread(title="Radio\r\nBcc: eve@example.org")
    comment = make_comment(thread, author=bob, author_email=bob.email, status=Status.PENDING)
    rejected(comment, mona)
    assert sent_later() == 1
    assert outbox[0].recipients() == [bob.email]


def test_the_command_sends_what_is_due(comment, mona, outbox, capsys):
    rejected(comment, mona)
    with time_machine.travel(timezone.now() + LATER, tick=False):
        call_command("send_letters")
    assert capsys.readouterr().out == "1 letters sent.\n"
