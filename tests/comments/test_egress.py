"""The ledger of what leaves the site, and what makes a check a remote one."""

import pytest
from django.db import DatabaseError

from comments.egress import Purpose, begin, finish, link, sending
from comments.models import EgressEntry, Outcome
from comments.spam import CheckFailed, local_paths, remote, remote_checks_in_force
from comments.spam.remote import remote_of
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

is_on = True


@remote(
    service="Word police",
    host="https://words.example.org:8443/v1/",
    sends={"body": "the text", "author_name": "the name"},
    why="to find bad words",
    is_on=lambda: is_on,
)
def word_police(submission):
    return None


REMOTE = f"{__name__}.word_police"
LOCAL = "comments.spam.rules.honeypot"


@pytest.fixture
def offered():
    return make_submission(make_thread())


def test_a_remote_check_says_to_whom_it_sends_what_and_why(settings, monkeypatch):
    settings.COMMENTS_CHECKS = [LOCAL, REMOTE]
    (says,) = remote_checks_in_force()
    assert (says.path, says.hostname, says.seconds) == (REMOTE, "words.example.org", 3.0)
    assert says.sends == {"body": "the text", "author_name": "the name"}
    assert local_paths() == [LOCAL]
    monkeypatch.setattr(f"{__name__}.is_on", False)
    assert remote_checks_in_force() == []


def test_host_and_deadline_may_be_settings_or_functions(settings):
    settings.WORDS_HOST, settings.WORDS_SECONDS = "10.0.0.1:99", 0.5
    says = {"service": "x", "sends": {}, "why": "y"}
    as_set = remote_of(remote(host="WORDS_HOST", deadline="WORDS_SECONDS", **says)(lambda _: None))
    assert (as_set.hostname, as_set.seconds) == ("10.0.0.1", 0.5)
    asked = remote_of(remote(host=lambda: "a.example", deadline=lambda: 9, **says)(lambda _: None))
    assert (asked.hostname, asked.seconds) == ("a.example", 9.0)


def test_what_is_sent_is_written_down_before_and_what_came_of_it_after(offered):
    with sending(offered, word_police, ["body"]) as sent:
        entry = EgressEntry.objects.get()
        assert (entry.outcome, entry.purpose) == (Outcome.BEGUN, Purpose.CHECK)
        assert (entry.service, entry.host) == ("Word police", "words.example.org")
        assert (entry.submission_key, entry.comment) == (offered.submission_key, None)
        sent.answer = "ham"
    entry.refresh_from_db()
    assert (entry.outcome, entry.answer, entry.fields) == (Outcome.ANSWERED, "ham", ["body"])


def test_what_fails_is_written_down_as_failed(offered):
    with pytest.raises(CheckFailed, match="cut"), sending(offered, word_police, ["body"]):
        raise CheckFailed("the line was cut" + "!" * 300)
    entry = EgressEntry.objects.get()
    assert (entry.outcome, entry.answer) == (Outcome.FAILED, "the line was cut" + "!" * 184)


def test_an_error_that_nobody_wrote_for_editors_is_told_by_its_name(offered):
    with pytest.raises(OSError, match="secret"), sending(offered, word_police, ["body"]):
        raise OSError(f"404 for https://words.example.org/?key=secret&text={offered.body}")
    assert EgressEntry.objects.get().answer == "OSError"


@pytest.mark.parametrize("answer", ["cut\0off", "cut\ud800off", "cut\noff"])
def test_whatever_a_service_answers_can_be_written_down(offered, answer):
    with sending(offered, word_police, ["body"]) as sent:
        sent.answer = answer
    assert EgressEntry.objects.get().answer == "cut off"


def test_nothing_is_sent_where_it_cannot_be_written_down(offered, monkeypatch):
    def full(*args, **kwargs):
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(EgressEntry, "save", full)
    with pytest.raises(DatabaseError), sending(offered, word_police, ["body"]):
        pytest.fail("it was sent")


def test_only_what_is_marked_as_remote_may_send(offered):
    with pytest.raises(TypeError), sending(offered, lambda submission: None, ["body"]):
        pytest.fail("it was sent")
    assert not EgressEntry.objects.exists()


def test_admission_links_what_was_sent_to_its_comment(offered):
    comment = make_comment(offered.thread)
    mine = begin(offered, remote_of(word_police), Purpose.CHECK, ["body"])
    others = begin(make_submission(offered.thread), remote_of(word_police), Purpose.CHECK, [])
    link(offered.submission_key, comment)
    mine.refresh_from_db(), others.refresh_from_db()
    assert (mine.comment, others.comment) == (comment, None)


def test_what_is_sent_of_a_stored_comment_is_linked_at_once(offered):
    comment = make_comment(offered.thread)
    entry = begin(comment, remote_of(word_police), Purpose.REPORT_HAM, ["body"])
    finish(entry, Outcome.ANSWERED, "thanks")
    entry.refresh_from_db()
    assert (entry.comment, entry.purpose, entry.answer) == (comment, "report ham", "thanks")
