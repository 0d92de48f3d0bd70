"""Statements that are written once: they say and store what Django's own would."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.utils import timezone

from comments.models import Comment, ModerationLogEntry, Thread
from comments.prepared import Prepared, PreparedChange, PreparedInsert, PreparedUpdate
from comments.status import Action, Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

NO_ID = 918273645546372819


def columns(instance):
    names = [field.attname for field in instance._meta.concrete_fields if not field.primary_key]
    return {name: getattr(instance, name) for name in names}


@pytest.fixture
def thread():
    return make_thread(title="100 % “quoted” %s")


# --- what is asked ----------------------------------------------------------------------------


def test_a_query_gives_what_the_queryset_does_each_time_for_other_values(thread):
    make_comment(thread), make_comment(thread, status=Status.SPAM)
    other = make_thread()
    make_comment(other)
    asked = Prepared(
        lambda thread_id: (
            Comment.objects.filter(thread=thread_id, status=Status.APPROVED, revision=1)
            .order_by("number")
            .values_list("number", "created_at", "status")
        ),
        NO_ID,
    )
    for one in (thread, other, thread):
        expected = Comment.objects.filter(thread=one, status=Status.APPROVED)
        assert asked.rows(one.pk) == list(
            expected.order_by("number").values_list("number", "created_at", "status")
        )


def test_percent_signs_that_are_no_marks_stay_as_they_are(thread):
    asked = Prepared(
        lambda thread_id: Thread.objects.filter(pk=thread_id, title__contains="0 %").values_list(
            "title", Value("100 %s")
        ),
        NO_ID,
    )
    assert asked.rows(thread.pk) == [(thread.title, "100 %s")]


def test_a_value_that_the_query_does_not_ask_for_is_a_mistake(thread):
    asked = Prepared(lambda _thread_id: Thread.objects.values_list("pk"), NO_ID)
    with pytest.raises(ValueError, match="does not ask"):
        asked.rows(thread.pk)


# --- what is stored -----------------------------------------------------------------------------


def test_a_row_is_stored_with_every_column_as_save_does_it(thread, bob):
    made = make_comment(
        thread, author=bob, author_name="Bob", body="Words % %s", ip_address="2001:db8::7"
    )
    copy = Comment(**{**columns(made), "number": 7, "path": "00007", "submission_key": "another"})
    PreparedInsert(Comment).store(copy)
    assert copy.pk not in (None, made.pk)
    assert not copy._state.adding
    assert columns(Comment.objects.get(pk=copy.pk)) == columns(copy)


def test_lists_instants_and_ids_are_stored_as_their_fields_do_it(thread):
    entry = ModerationLogEntry(
        comment=make_comment(thread),
        action=Action.HOLD,
        new_status=Status.PENDING,
        revision=1,
        findings=[{"check": "x", "span": [1, 2]}],
        batch=uuid.uuid4(),
        created_at=timezone.now(),
    )
    PreparedInsert(ModerationLogEntry).store(entry)
    assert columns(ModerationLogEntry.objects.get(pk=entry.pk)) == columns(entry)


def test_what_a_constraint_forbids_is_not_stored(thread):
    made = make_comment(thread)
    with pytest.raises(IntegrityError), transaction.atomic():
        PreparedInsert(Comment).store(Comment(**columns(made)))
    assert Comment.objects.count() == 1


def test_an_update_stores_its_columns_and_no_others(thread, django_assert_num_queries):
    other = make_thread()
    then = timezone.now() - timedelta(days=3)
    thread.version, thread.last_comment_at, thread.closes_at, thread.title = 9, then, None, "Lost"
    update = PreparedUpdate(Thread, ("version", "last_comment_at", "closes_at"))
    with django_assert_num_queries(1):
        update.store(thread)
    stored = Thread.objects.get(pk=thread.pk)
    assert (stored.version, stored.last_comment_at, stored.closes_at) == (9, then, None)
    assert stored.title != "Lost"
    assert Thread.objects.get(pk=other.pk).version == other.version


def test_a_change_is_made_where_the_queryset_says(thread):
    first = make_comment(thread)
    second = make_comment(thread, parent=first)
    other = make_comment(make_thread())
    change = PreparedChange(
        {"living_replies": F("living_replies") + 5},
        lambda thread_id, path: Comment.objects.filter(thread=thread_id, path=path),
        NO_ID,
        "~~",
    )
    for _time in range(2):
        change.make(thread.pk, first.path)
    counts = dict(Comment.objects.values_list("pk", "living_replies"))
    assert counts == {first.pk: 11, second.pk: 0, other.pk: 0}
