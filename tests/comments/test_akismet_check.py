"""What Akismet is sent of a comment, and what its answers become."""

from datetime import UTC, datetime, timedelta

import pytest

from comments.models import CheckHealth, EgressEntry, Outcome
from comments.spam import CheckFailed, Verdict, health, remote_checks_in_force
from comments.spam.akismet import CHECK
from comments.spam.akismet.check import BLATANT, akismet
from comments.spam.akismet.fields import FIELDS, HONEYPOT, SENDS, fields_of
from comments.spam.akismet.protocol import LATEST, SOONEST
from comments.spam.remote import remote_of
from comments.submission import Submission
from tests.comments import akismet_server as stand_in
from tests.comments.akismet_server import KEY, MISBEHAVIOURS, reply
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

BLOG = "https://blog.example.org/"


@pytest.fixture(autouse=True)
def blog(settings):
    settings.COMMENTS_AKISMET_BLOG = BLOG


@pytest.fixture
def offered():
    thread = make_thread(title="A radio", url="/2026/radio/")
    return make_submission(thread, "Lovely.", user_agent="Browser/1", referrer=f"{BLOG}2026/radio/")


# --- the answers ------------------------------------------------------------------------------


def test_without_a_key_nothing_is_asked(akismet_server, offered, settings):
    settings.COMMENTS_AKISMET_KEY = ""
    assert akismet(offered) is None
    assert akismet_server.connections == 0
    assert CHECK not in [each.path for each in remote_checks_in_force()]
    assert not EgressEntry.objects.exists()


def test_ham_is_ham(akismet_server, offered):
    finding = akismet(offered)
    assert (finding.check, finding.verdict, finding.value) == ("akismet", Verdict.HAM, None)
    assert (finding.told.verdict, finding.told.answer_id) == ("ham", "guid-1")


def test_spam_is_spam(akismet_server):
    finding = akismet(make_submission(make_thread(), author_name="akismet-guaranteed-spam"))
    assert (finding.verdict, finding.value) == (Verdict.SPAM, None)
    assert finding.told.verdict == "spam"


def test_what_akismet_would_throw_away_is_spam_and_says_so(akismet_server):
    email = "akismet-guaranteed-spam@example.com"
    finding = akismet(make_submission(make_thread(), author_email=email))
    assert (finding.verdict, finding.value) == (Verdict.SPAM, BLATANT)


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("slow", "took too long"),
        ("trickling body", "took too long"),
        ("reset", "broke off"),
        ("500", "out of order"),
        ("empty", "could not be understood"),
        ("invalid", "does not know the key"),
        ("HTML", "could not be understood"),
        ("1 GB", "too large"),
        ("redirect", "could not be understood"),
        ("no HTTP", "broke off"),
    ],
)
def test_whatever_is_no_verdict_is_said_and_judges_nobody(
    akismet_server, offered, behaviour, words, monkeypatch
):
    monkeypatch.setattr("comments.spam.akismet.client.post.__wrapped__.__defaults__", (0.5,))
    akismet_server.behave(MISBEHAVIOURS[behaviour])
    with pytest.raises(CheckFailed, match=words) as failed:
        akismet(offered)
    assert failed.value.retry_after is None
    entry = EgressEntry.objects.get()
    assert entry.outcome == Outcome.FAILED
    assert KEY not in f"{failed.value} {entry.answer} {entry.fields}"


def test_a_wrong_certificate_judges_nobody(akismet_at, certificates, offered):
    akismet_at(certificates.stranger)
    with pytest.raises(CheckFailed, match="certificate"):
        akismet(offered)


@pytest.mark.parametrize("body", ["True", "false;", "true\nfalse", "1", "valid", stand_in.THANKS])
def test_what_only_looks_like_a_verdict_is_none(akismet_server, offered, body):
    akismet_server.behave(reply(body))
    with pytest.raises(CheckFailed, match="understood"):
        akismet(offered)


def test_a_key_that_is_suspended_lets_nothing_pass_though_the_answer_says_ham(
    akismet_server, offered
):
    told = {"X_akismet_error": "suspended", "X_akismet_alert_code": "10402"}
    akismet_server.behave(reply("false", **told, X_akismet_alert_msg=f"Not paid: {KEY}"))
    with pytest.raises(CheckFailed, match="does not serve this key") as failed:
        akismet(offered)
    assert "Not paid: … (10402)" in str(failed.value)


def test_what_comes_with_another_status_is_no_verdict(akismet_server, offered):
    akismet_server.behave(reply("false", "403 Forbidden"))
    with pytest.raises(CheckFailed, match="understood"):
        akismet(offered)


# --- later ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("0", SOONEST),
        ("999999999999", LATEST),
    ],
)
def test_a_verdict_that_may_change_is_asked_for_again_when_akismet_says(
    akismet_server, offered, header, after
):
    akismet_server.behave(reply("false", X_akismet_recheck_after=header, X_akismet_guid="later"))
    with pytest.raises(CheckFailed, match="still looking") as failed:
        akismet(offered)
    assert failed.value.retry_after == after
    assert failed.value.told.answer_id == "later"
    assert EgressEntry.objects.get().outcome == Outcome.ANSWERED


@pytest.mark.parametrize("header", ["", "soon", "-5", "²"])
def test_a_time_that_is_none_is_not_waited_for(akismet_server, offered, header):
    akismet_server.behave(reply("false", X_akismet_recheck_after=header.encode().decode("latin-1")))
    assert akismet(offered).verdict == Verdict.HAM


def test_spam_is_not_waited_for(akismet_server, offered):
    akismet_server.behave(reply("true", X_akismet_recheck_after="120"))
    assert akismet(offered).verdict == Verdict.SPAM


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_who_asks_to_be_left_alone_has_not_answered(akismet_server, offered, status):
    akismet_server.behave(reply("", status, Retry_After="600"))
    with pytest.raises(CheckFailed, match="left alone") as failed:
        akismet(offered)
    assert failed.value.retry_after is None


def test_what_akismet_wants_told_is_kept_until_it_says_otherwise(akismet_server, offered):
    told = {"X_akismet_alert_code": "30001", "X_akismet_alert_msg": "Please upgrade."}
    akismet_server.behave(reply("false", **told))
    akismet(offered)
    health.flush()
    assert CheckHealth.objects.get(check_path=CHECK).alert == "Please upgrade. (30001)"
    akismet_server.behave(reply("false"))
    akismet(offered)
    health.flush()
    assert CheckHealth.objects.get(check_path=CHECK).alert == ""


# --- what is sent -----------------------------------------------------------------------------


def test_all_that_is_known_is_sent_as_the_protocol_names_it(akismet_server, settings, bob):
    settings.COMMENTS_AKISMET_TEST = True
    settings.LANGUAGE_CODE = "en"
    published = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    thread = make_thread(title="A radio", url="/2026/radio/", public_at=published)
    parent = make_comment(thread)
    at = datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    akismet(
        make_submission(
            thread,
            "I agree – “fully”.",
            parent=parent,
            author=bob,
            author_name="Bob",
            author_email="bob@example.org",
            author_website="https://bob.example.org/",
            submitted_at=at,
            ip_address="2001:db8::7",
            user_agent="Browser/1",
            referrer=f"{BLOG}2026/radio/",
            honeypot="buy",
        )
    )
    (asked,) = akismet_server.asked
    assert asked.path == "/1.1/comment-check"
    callback = asked.fields.pop("callback")
    assert callback[0].startswith(f"{BLOG}comments/akismet/")
    assert KEY not in callback[0]
    assert {name: value for name, (value,) in asked.fields.items()} == {
        "api_key": KEY,
        "blog": BLOG,
        "blog_lang": "en",
        "blog_charset": "UTF-8",
        "user_ip": "2001:db8::7",
        "user_agent": "Browser/1",
        "referrer": f"{BLOG}2026/radio/",
        "permalink": f"{BLOG}2026/radio/",
        "comment_type": "reply",
        "comment_parent": str(parent.pk),
        "comment_author": "Bob",
        "comment_author_email": "bob@example.org",
        "comment_author_url": "https://bob.example.org/",
        "comment_content": "I agree – “fully”.",
        "comment_date_gmt": "2026-02-03T04:05:06+00:00",
        "comment_post_modified_gmt": "2026-01-02T03:04:05+00:00",
        "comment_context[]": "A radio",
        "user_role": "member",
        "honeypot_field_name": HONEYPOT,
        HONEYPOT: "buy",
        "is_test": "1",
    }


def test_what_is_not_known_is_not_sent_but_that_the_trap_was_left_alone_is(akismet_server):
    akismet(make_submission(make_thread(), author_email=""))
    (asked,) = akismet_server.asked
    assert asked[HONEYPOT] == ""
    missing = {"comment_author_email", "comment_author_url", "user_agent", "user_role", "is_test"}
    assert not missing & set(asked.fields)
    assert asked["comment_type"] == "comment"


def test_without_the_network_address_akismet_cannot_be_asked_and_nobody_is_let_through(
    akismet_server,
):
    finding = akismet(make_submission(make_thread(), ip_address=None))
    assert (finding.verdict, finding.told) == (Verdict.UNSURE, None)
    assert akismet_server.connections == 0


def test_where_the_site_is_not_read_over_tls_it_is_not_called_back(akismet_server, settings):
    settings.COMMENTS_AKISMET_BLOG = "http://blog.example.org/"
    akismet(make_submission(make_thread()))
    assert "callback" not in akismet_server.asked[0].fields


def test_the_address_of_the_site_is_made_of_the_settings_where_none_is_given(settings):
    settings.COMMENTS_AKISMET_BLOG = ""
    settings.ALLOWED_HOSTS, settings.HTTPS = ["*", ".example.org"], True
    fields = fields_of(make_submission(make_thread(url="/a/")))
    assert (fields["blog"], fields["permalink"]) == (
        "https://example.org/",
        "https://example.org/a/",
    )


def test_the_ledger_names_what_was_sent_and_people_are_told_of_every_field(akismet_server, offered):
    akismet(offered)
    entry = EgressEntry.objects.get()
    (asked,) = akismet_server.asked
    assert set(entry.fields) == set(asked.fields)
    assert (entry.service, entry.host, entry.answer) == ("Akismet", "localhost", "ham")
    assert set(asked.fields) <= set(SENDS) == set(remote_of(akismet).sends)
    assert {field.name for field in FIELDS} < set(SENDS)
    assert all(str(words) for words in SENDS.values())


# --- asked again ------------------------------------------------------------------------------


def test_an_edit_says_that_it_is_one(akismet_server, offered):
    comment = make_comment(offered.thread, body="Lovely.")
    edited = Submission.from_comment(comment)
    akismet(edited)
    akismet(make_submission(offered.thread, "Buy.", edited=comment))
    first, second = akismet_server.asked
    assert "recheck_reason" not in first.fields
    assert second["recheck_reason"] == "edit"


def test_a_check_that_is_made_again_says_why(akismet_server, offered):
    akismet(make_submission(offered.thread, recheck_reason="recheck"))
    assert akismet_server.asked[0]["recheck_reason"] == "recheck"
