"""Why the learner thinks what it thinks, on the page of one comment."""

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from comments.held import OF_MEASURES, count_change
from comments.models import DiscussionRules, LearnerCheckpoint
from comments.status import Status
from tests.comments.factories import make_comment, make_thread
from tests.comments.learning.lessons import teach

pytestmark = pytest.mark.django_db


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def leaning_on(editor, comment):
    """Return the heading, and the marked words each way."""
    page = editor.get(reverse("admin:comments_comment_change", args=[comment.pk]))
    assert page.status_code == 200
    shown = BeautifulSoup(page.text, "html5lib").select_one(".case-leaning")
    if shown is None:
        return None
    heading = " ".join(shown.find_parent("section").h2.text.split())
    marks = [{each.text for each in shown.select(f"mark.verdict-{v}")} for v in ("spam", "ham")]
    return heading, *marks


def test_it_says_which_words_spoke_for_spam_and_which_against_it(editor, thread, mona):
    teach(thread, mona, ham=30, spam=30)
    comment = make_comment(thread, body="bread and casino", status=Status.PENDING)
    heading, spam, ham = leaning_on(editor, comment)
    assert heading.startswith("The learner leans to")
    assert any("casino" in words for words in spam)
    assert any("bread" in words for words in ham)


def test_it_says_nothing_while_it_knows_nothing_is_off_or_cannot_be_read(editor, thread, mona):
    comment = make_comment(thread, body="bread and casino", status=Status.PENDING)
    assert leaning_on(editor, comment) is None
    LearnerCheckpoint.objects.create(upto=1, data=b"")
    teach(thread, mona, ham=3, spam=3)
    assert leaning_on(editor, comment) is None
    LearnerCheckpoint.objects.all().delete()
    assert leaning_on(editor, comment) is not None
    DiscussionRules.objects.create(pk=1, learner_mode="off")
    count_change(OF_MEASURES)
    assert leaning_on(editor, comment) is None


def test_the_words_of_a_stranger_stay_text(editor, thread, mona):
    teach(thread, mona, ham=30, spam=30)
    comment = make_comment(thread, body="casino<b id=bad>casino</b>", status=Status.PENDING)
    page = editor.get(reverse("admin:comments_comment_change", args=[comment.pk]))
    assert not BeautifulSoup(page.text, "html5lib").select("#bad")
    assert leaning_on(editor, comment)
