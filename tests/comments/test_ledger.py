"""The ledger as editors read it, and that it holds nothing of a person."""

import pytest
from django.utils import timezone

from comments import ledger, moderation
from comments.egress import sending
from comments.models import EgressEntry, Outcome
from comments.moderation import Seen, submit
from comments.spam import remote
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db
SENT = {"text": "the words", "who": "the name"}


@remote(service="Word police", host="words.example.org", sends=SENT, why="to find bad words")
def word_police(submission):
    return None


@pytest.fixture(autouse=True)
def in_force(settings):
    settings.COMMENTS_CHECKS = [f"{__name__}.word_police"]


@pytest.fixture
def comment():
    return make_comment(make_thread())


def sent(comment, **fields):
    defaults = {
        "service": "Word police",
        "host": "words.example.org",
        "purpose": "check",
        "fields": ["text", "who"],
        "outcome": Outcome.ANSWERED,
        "submission_key": comment.submission_key,
        "comment": comment,
    }
    return EgressEntry.objects.create(**{**defaults, **fields})


def page_of(client, comment):
    text = client.get(f"/admin/comments/comment/{comment.pk}/change/").text
    section = text[text.index('class="case-sent"') :]
    return " ".join(section[: section.index("</section>")].split())


def test_by_default_nothing_left(client, mona, comment):
    client.force_login(mona)
    assert "Nothing." in page_of(client, comment)


def test_an_editor_sees_to_whom_what_went_when_and_why_and_what_came_of_it(client, mona, comment):
    sent(comment, answer="<spam>")
    sent(comment, purpose="report ham", outcome=Outcome.FAILED, sent_at=timezone.now())
    client.force_login(mona)
    text = page_of(client, comment)
    first, second = text.split("<li>")[1:]
    assert "to <bdi>Word police</bdi> (<code>words.example.org</code>), to be checked:" in first
    assert "text, who." in first
    assert "answered: <bdi>&lt;spam&gt;</bdi>" in first
    assert "to be told that it is not spam" in second
    assert "failed" in second


def test_what_nobody_has_words_for_any_more_is_told_as_it_was_written(settings, comment):
    sent(comment, purpose="to sell it", fields=["text", "other"])
    settings.COMMENTS_CHECKS = []
    (row,) = ledger.sent_of([comment])[comment.pk]
    assert (row.why, row.what) == ("to sell it", ["text", "other"])


def test_of_many_comments_in_one_query_each_with_its_own(comment, django_assert_num_queries):
    other, untouched = make_comment(comment.thread), make_comment(comment.thread)
    sent(comment)
    sent(other, purpose="recheck")
    with django_assert_num_queries(1):
        found = ledger.sent_of([comment, other, untouched])
    assert {pk: [row.why for row in rows] for pk, rows in found.items()} == {
        comment.pk: ["to be checked"],
        other.pk: ["to be checked again"],
    }


def test_a_row_holds_the_names_of_fields_alone_also_when_the_comment_is_erased():
    offered = make_submission(
        make_thread(), "Words of marked.", author_name="Marked", author_email="marked@example.org"
    )
    with sending(offered, word_police, list(SENT)) as answer:
        answer.answer = "ham"
    made = submit(offered)
    assert made.egress.count() == 1
    moderation.delete(made, actor=None, actor_name="Marked", seen=Seen.of(made))
    (row,) = EgressEntry.objects.values()
    assert row["comment_id"] == made.pk
    assert "marked" not in str(row).lower()
