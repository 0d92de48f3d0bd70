"""An administrator asks whether Akismet would serve the site."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from comments.spam.akismet import CHECK
from comments.spam.akismet.verifying import verify
from config.checks import akismet_can_be_asked
from tests.comments.akismet_server import KEY, MISBEHAVIOURS, reply

BLOG = "https://blog.example.org/"


@pytest.fixture(autouse=True)
def stand_in(akismet_server, settings):
    settings.COMMENTS_AKISMET_BLOG = BLOG
    return akismet_server


def test_a_key_that_akismet_knows_is_fine_and_no_comment_is_sent(stand_in, capsys):
    assert verify() == ""
    (asked,) = stand_in.asked
    assert asked.path == "/1.1/verify-key"
    assert asked.fields == {"key": [KEY], "blog": [BLOG]}
    call_command("check_akismet")
    assert capsys.readouterr().out == f"Akismet knows the key, and serves {BLOG}.\n"


def test_a_key_that_akismet_does_not_know_is_said_with_akismets_own_words(settings):
    settings.COMMENTS_AKISMET_KEY = "wrong-key"
    with pytest.raises(CommandError, match="does not know the key") as failed:
        call_command("check_akismet")
    assert "We were unable to parse your blog URI" in str(failed.value)
    assert "wrong-key" not in str(failed.value)


def test_akismets_words_are_shown_without_the_key_and_in_one_short_line(stand_in):
    help_text = f"Key {KEY}\x1b[31m is " + "long " * 50
    stand_in.behave(reply("invalid", X_akismet_debug_help=help_text))
    wrong = verify()
    assert "Key …" in wrong
    assert KEY not in wrong
    assert "\x1b" not in wrong
    assert len(wrong) < 160


@pytest.mark.parametrize("behaviour", ["500", "reset", "HTML", "empty", "1 GB"])
def test_whatever_goes_wrong_is_said(stand_in, behaviour):
    stand_in.behave(MISBEHAVIOURS[behaviour])
    assert verify()


def test_a_suspended_key_is_not_fine_though_it_is_valid(stand_in):
    stand_in.behave(reply("valid", X_akismet_error="suspended"))
    assert verify() == "Akismet does not serve this key any more. (suspended)"


def test_without_a_key_or_a_check_nobody_is_asked(stand_in, settings):
    settings.COMMENTS_CHECKS = ["comments.spam.rules.honeypot"]
    assert "COMMENTS_CHECKS" in verify()
    settings.COMMENTS_AKISMET_KEY = ""
    assert "COMMENTS_AKISMET_KEY" in verify()
    assert stand_in.connections == 0


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("COMMENTS_AKISMET_HOST", "http://rest.akismet.com"),
        ("COMMENTS_AKISMET_BLOG", "blog.example.org"),
        ("COMMENTS_AKISMET_CA_FILE", "/nowhere/authorities.pem"),
    ],
)
def test_settings_that_cannot_work_are_said_at_start(stand_in, settings, setting, value):
    assert akismet_can_be_asked(None) == []
    setattr(settings, setting, value)
    (fault,) = akismet_can_be_asked(None)
    assert setting in fault.msg
    settings.COMMENTS_AKISMET_KEY = ""
    assert akismet_can_be_asked(None) == []
    assert stand_in.connections == 0


@pytest.mark.django_db
def test_an_editor_has_it_tried_on_the_page_of_the_checks(stand_in, client, mona):
    client.force_login(mona)
    page = client.post(reverse("admin:desk_checks_verify"), {"check": CHECK}, follow=True)
    assert "serves this site" in page.text
    stand_in.behave(MISBEHAVIOURS["invalid"])
    page = client.post(reverse("admin:desk_checks_verify"), {"check": CHECK}, follow=True)
    assert "Akismet does not know the key, or not for this site. (Invalid key)" in page.text
    assert KEY not in page.text
