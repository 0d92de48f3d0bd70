"""The desk says which comments were not checked, why, and when they will be."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from comments.desk.month import Row, _accusers
from comments.models import ModerationLogEntry, UncheckedComment
from comments.moderation import Seen, moderate, submit
from comments.status import Action
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db

down = {"is_down": True}


def mood(submission):
    if down["is_down"]:
        raise OSError("connection refused")


PATH = f"{__name__}.mood"


@pytest.fixture(autouse=True)
def _down(settings):
    settings.COMMENTS_CHECKS = [PATH]
    down["is_down"] = True


@pytest.fixture
def editor(client, mona):
    client.force_login(mona)
    return client


def owed(thread=None, **fields):
    return submit(make_submission(thread or make_thread(), **fields))


def page(client, address):
    return client.get(address).content.decode()


def pages_of(comment):
    return reverse("admin:desk"), reverse("admin:comments_comment_change", args=[comment.pk])


def test_a_card_says_who_did_not_answer_why_and_when_it_is_asked_again(editor):
    comment = owed()
    in_a_minute = timezone.localtime(UncheckedComment.objects.get().due_at)
    for address in pages_of(comment):
        shown = page(editor, address)
        assert "Not checked yet by “mood”: The check could not be made (OSError)." in shown
        assert "Next try at" in shown
        assert f"{in_a_minute:%H:%M}." in shown


def test_a_card_says_that_it_was_given_up(editor):
    comment = owed()
    UncheckedComment.objects.update(due_at=None)
    for address in pages_of(comment):
        assert "It is not asked again: please decide without it." in page(editor, address)


def test_what_is_due_is_asked_for_any_moment(editor):
    owed()
    UncheckedComment.objects.update(due_at=timezone.now() - timedelta(seconds=5))
    assert "asked again any moment now" in page(editor, reverse("admin:desk"))


def test_nothing_is_said_of_a_comment_that_an_editor_has_judged(editor, mona):
    comment = owed()
    moderate(comment, Action.REJECT, actor=mona, seen=Seen.of(comment))
    assert "Not checked" not in page(editor, pages_of(comment)[1])


def test_it_costs_one_query_for_a_page_of_cards_and_none_where_no_check_failed(
    editor, django_assert_max_num_queries
):
    thread, queries = make_thread(), []
    down["is_down"] = False
    owed(thread)
    down["is_down"] = True
    owed(thread)
    page(editor, reverse("admin:desk"))
    for _round in range(2):
        with django_assert_max_num_queries(100) as captured:
            page(editor, reverse("admin:desk"))
        queries.append(len(captured))
        for _number in range(5):
            owed(thread)
    assert queries[0] == queries[1]


def test_what_the_site_found_when_it_asked_again_is_what_the_checks_saw(editor):
    comment = owed()
    said = [{"check": "mood", "verdict": "unsure", "message": "Gloomy."}]
    detail = {"rechecked": PATH}
    moderate(comment, Action.NOTE, actor=None, seen=Seen.of(comment), findings=said, detail=detail)
    UncheckedComment.objects.all().delete()
    for address in pages_of(comment):
        shown = page(editor, address)
        assert "Gloomy." in shown
        assert "It was checked again at" in shown
    assert "could not be made" not in page(editor, reverse("admin:desk"))
    listed = page(editor, reverse("admin:comments_comment_changelist") + "?status=all")
    assert "Gloomy." in listed


def test_a_check_that_failed_accused_nobody():
    owed()
    entry = ModerationLogEntry.objects.get()
    row = Row(*[None] * 4, "submit", "", "pending", None, None, None, entry.findings, None, None)
    assert _accusers(row) == set()
    found = [{"check": "mood", "verdict": "unsure"}]
    said = row._replace(findings=found)
    assert _accusers(said) == {"mood"}
    assert _accusers(said._replace(action="note")) == {"mood"}
    assert _accusers(said._replace(action="note", actor=3)) == set()
