"""What the checks are called wherever editors read of them; addresses keep the code."""

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from comments.models import ListEntry, ListKind
from comments.moderation import submit
from comments.spam import Finding, Verdict
from comments.spam.lists import forget_lists
from comments.spam.names import NAMES, VERDICTS, name_of, verdict_in_words
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db

OWN_CHECK = f"{__name__}.shouts_much"
MORNING, ALL = "/admin/desk/morning/", "/admin/desk/all/"


def shouts_much(submission):
    """Stand for a check of a site's own: nobody gave it a name."""
    return Finding("shouts_much", Verdict.UNSURE, "Loud.", span=(0, 5))


@pytest.fixture
def editor(mona):
    client = Client()
    client.force_login(mona)
    cache.clear()
    return client


@pytest.fixture
def comment(settings):
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, OWN_CHECK]
    ListEntry.objects.create(kind=ListKind.WORD, pattern="pills")
    forget_lists()
    return submit(make_submission(make_thread(), "Cheap pills for all."))


def test_every_check_of_ours_has_a_name_of_its_own():
    codes = [path.rpartition(".")[2] for path in settings.COMMENTS_CHECKS]
    assert set(codes) <= NAMES.keys()
    assert len({name_of(code) for code in NAMES}) == len(NAMES)
    assert not [code for code in NAMES if "_" in name_of(code)]


def test_the_morning_leads_to_no_filter_that_is_not_there(editor, comment, settings):
    settings.COMMENTS_CHECKS = settings.COMMENTS_CHECKS[:-1]
    page = BeautifulSoup(editor.get(MORNING).text, "html5lib")
    assert "shouts_much" in page.select_one(".morning-checks").get_text()
    links = [link.text for link in page.select(".morning-checks a")]
    assert "Listed word" in links
    assert "shouts_much" not in links


@pytest.mark.parametrize("code", ["shouts_much", "", None, ["x"], {"y": 1}, "<b>"])
def test_a_check_without_a_name_is_its_code(code):
    assert name_of(code) == str(code)


@pytest.mark.parametrize(
    ("address", "where"),
    [
        (lambda comment: ALL, ".findings"),
        (lambda comment: ALL, ".card-text .mark-name"),
        (lambda comment: reverse("admin:comments_comment_change", args=[comment.pk]), ".findings"),
        (lambda comment: MORNING, ".morning-checks"),
        (lambda comment: ALL, "select[name=check]"),
        (
            lambda comment: reverse(
                "admin:comments_moderationlogentry_change", args=[comment.log.get().pk]
            ),
            ".findings",
        ),
    ],
    ids=["card", "marks", "comment", "morning", "filter", "log"],
)
def test_checks_are_named_and_those_without_a_name_stand_as_their_code(
    editor, comment, address, where
):
    page = BeautifulSoup(editor.get(address(comment)).text, "html5lib")
    said = " ".join(each.get_text(" ") for each in page.select(where))
    assert "Listed word" in said
    assert "shouts_much" in said
    assert "listed_words" not in said
    assert "listed words" not in said


def test_the_filter_keeps_the_code_in_the_address(editor, comment):
    page = BeautifulSoup(editor.get(MORNING).text, "html5lib")
    address = page.find("a", string="Listed word")["href"]
    assert address == f"{ALL}?check=listed_words"
    found = BeautifulSoup(editor.get(address).text, "html5lib")
    assert found.select_one(f"#card-{comment.pk}")
    assert "Check that fired: Listed word" in found.select_one(".desk-chips").get_text()
    chosen = found.select_one("select[name=check] option[selected]")
    assert (chosen["value"], chosen.text) == ("listed_words", "Listed word")


def test_a_verdict_is_in_words_and_one_from_elsewhere_as_it_has_it(editor, comment, monkeypatch):
    monkeypatch.setitem(VERDICTS, "unsure", "hard to tell")
    page = BeautifulSoup(editor.get(ALL).text, "html5lib")
    shown = {each.text for each in page.select(".findings .verdict")}
    assert "hard to tell" in shown
    assert "unsure" not in shown
    assert verdict_in_words("<other>") == "<other>"
