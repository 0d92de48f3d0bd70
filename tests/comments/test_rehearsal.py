"""What a change would have done to the comments of late: told, crossed, bounded, never guessed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import (
    Comment,
    ListEffect,
    ListEntry,
    ListKind,
    ModerationLogEntry,
)
from comments.moderation import Seen, delete, edit, moderate, submit, undo
from comments.rehearsal import Change, Fate, Missing, Terms, change_of_lists, rehearse
from comments.retention import clear_due_facts
from comments.spam import Finding, Verdict, lists, remote
from comments.spam.lists import forget_lists
from comments.status import Action, Status
from tests.comments.factories import fill, make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

HOLD, SPAM = ListEffect.HOLD, ListEffect.SPAM


@pytest.fixture
def thread():
    return make_thread()


@pytest.fixture
def known(bob, thread):
    """Return a function by which somebody known comments, whom nothing holds."""
    make_comment(thread, author=bob)

    def say(body="Bread and butter.", **fields):
        return submit(make_submission(thread, body, author=bob, **fields))

    return say


def entry(kind, pattern, effect=HOLD):
    """Return the change of the lists to what is there and this."""
    return change_of_lists(None, (0, kind, pattern, effect))


def word(pattern="butter", effect=HOLD):
    return entry(ListKind.WORD, pattern, effect)


def listed(pattern="butter", effect=HOLD, kind=ListKind.WORD):
    made = ListEntry.objects.create(kind=kind, pattern=pattern, effect=effect)
    forget_lists()
    return made


def told(change, **how):
    """Return what a rehearsal tells, in short: which comment, where from, where to."""
    moves = rehearse(change, **how).moves
    return [(move.comment.pk, str(move.before), str(move.after)) for move in moves]


def fate_of(comment):
    moves = {move.comment.pk: move for move in rehearse(word()).moves}
    return moves[comment.pk].fate


def unknown(change):
    return dict(rehearse(change).unknown)


# --- what moves -----------------------------------------------------------------------------------


def test_an_entry_would_have_held_what_it_is_found_in(known):
    known("Crumbs.")
    comment = known()
    assert told(word()) == [(comment.pk, "approved", "pending")]
    assert told(word(effect=SPAM)) == [(comment.pk, "approved", "spam")]


def test_without_an_entry_what_it_held_would_have_been_let_through(known):
    held_by = listed()
    comment = known()
    assert told(change_of_lists(held_by.pk)) == [(comment.pk, "pending", "approved")]


def test_an_entry_with_another_effect_moves_what_it_is_found_in(known):
    held_by = listed()
    comment = known()
    stricter = (held_by.pk, ListKind.WORD, "butter", SPAM)
    assert told(change_of_lists(held_by.pk, stricter)) == [(comment.pk, "pending", "spam")]


def test_what_another_check_holds_anyway_does_not_move(known):
    known(honeypot="filled in")
    assert told(word(effect=SPAM)) == []


def test_what_a_check_said_that_cannot_be_made_again_stands(known):
    comment = known(honeypot="filled in")
    Comment.objects.filter(pk=comment.pk).update(honeypot="")
    assert told(word()) == []


def test_advice_decides_nothing(known, settings):
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, f"{__name__}.advises"]
    comment = known()
    assert told(word()) == [(comment.pk, "approved", "pending")]


def advises(submission):
    return Finding("advises", Verdict.SPAM, "I would not.", is_advice=True)


def test_the_words_are_those_that_were_offered_first(known, bob):
    first, later = known(), known("Crumbs.")
    for comment, body in ((first, "Crumbs."), (later, "Bread and butter.")):
        edit(comment, body, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert told(word()) == [(first.pk, "approved", "pending")]


def test_the_newest_come_first(known):
    now = timezone.now()
    older, newer = (known(submitted_at=now - timedelta(days=days)) for days in (2, 1))
    assert [row[0] for row in told(word())] == [newer.pk, older.pk]


# --- which comments -------------------------------------------------------------------------------


def test_only_the_last_ninety_days_are_looked_at(known):
    now = timezone.now()
    known(submitted_at=now - timedelta(days=91))
    comment = known(submitted_at=now - timedelta(days=89))
    assert [row[0] for row in told(word())] == [comment.pk]


def test_whoever_may_moderate_was_not_judged(thread, mona, alice):
    submit(make_submission(thread, "Bread and butter.", author=mona))
    submit(make_submission(make_thread(owner=alice), "Bread and butter.", author=alice))
    rehearsal = rehearse(word())
    assert (rehearsal.judged, rehearsal.moves) == (0, [])


def test_it_can_be_asked_of_one_discussion_alone(known, bob):
    other = make_thread()
    known()
    comment = submit(make_submission(other, "Bread and butter.", author=bob))
    assert [row[0] for row in told(word(), thread=other)] == [comment.pk]


def test_no_more_than_the_newest_are_looked_at(known):
    known(submitted_at=timezone.now() - timedelta(days=1))
    for _each in range(2):
        known()
    rehearsal = rehearse(word(), most=2)
    assert (rehearsal.judged, rehearsal.is_cut) == (2, True)
    assert not rehearse(word(), most=4).is_cut


def test_nobody_waits_longer_than_some_seconds(known):
    known()
    rehearsal = rehearse(word(), seconds=-1)
    assert (rehearsal.judged, rehearsal.is_cut) == (0, True)


def test_what_decides_nothing_is_not_tried(known):
    known()
    there = Terms.in_force()
    assert rehearse(Change(there, there)).is_idle
    assert not rehearse(word()).is_idle


# --- what cannot be told --------------------------------------------------------------------------


def test_deleted_words_are_unknown(known, bob):
    comment = known()
    delete(comment, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    known("Crumbs.")
    rehearsal = rehearse(word())
    assert (rehearsal.unknown, rehearsal.moves) == ({Missing.WORDS: 1}, [])


def test_what_was_deleted_still_has_its_network(known, bob):
    comment = known()
    delete(comment, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    (move,) = rehearse(entry(ListKind.NETWORK, "192.0.2.0/24")).moves
    assert (move.comment.pk, move.fate) == (comment.pk, Fate.DELETED)


def test_a_shortened_address_is_unknown_to_a_network_that_is_narrower(known):
    long_ago = timezone.now() - timedelta(days=40)
    comment = known(submitted_at=long_ago)
    known(submitted_at=long_ago, ip_address="198.51.100.7")
    clear_due_facts()
    assert told(entry(ListKind.NETWORK, "192.0.2.0/24")) == [(comment.pk, "approved", "pending")]
    narrow = entry(ListKind.NETWORK, "192.0.2.128/25")
    assert (unknown(narrow), told(narrow)) == ({Missing.ADDRESS: 1}, [])


def test_of_a_comment_that_had_no_address_nothing_is_missing(known):
    known(ip_address=None)
    change = entry(ListKind.NETWORK, "192.0.2.7")
    assert (unknown(change), told(change)) == ({}, [])
    Comment.objects.update(ip_address=None)
    known()
    Comment.objects.filter(ip_address="192.0.2.7").update(ip_address=None)
    assert unknown(change) == {Missing.ADDRESS: 2}


def test_what_came_from_elsewhere_was_not_judged_here(thread):
    fill(thread, 2)
    first, second = thread.comments.order_by("pk")
    Comment.objects.filter(pk=first.pk).update(body="Bread and butter.")
    now = timezone.now()
    Comment.objects.update(created_at=now)
    for comment in (first, second):
        ModerationLogEntry.objects.create(
            comment=comment,
            action=Action.IMPORT,
            new_status=comment.status,
            revision=1,
            created_at=now,
        )
    rehearsal = rehearse(word())
    assert (rehearsal.judged, rehearsal.unknown, rehearsal.moves) == (2, {Missing.FACTS: 1}, [])


def test_a_check_that_breaks_is_unknown_and_does_no_harm(known, monkeypatch):
    known()
    monkeypatch.setattr(lists, "listed_in", lambda *_given: 1 / 0)
    assert unknown(word()) == {Missing.FAILED: 2}


def test_what_another_site_was_not_asked_is_unknown(known, settings):
    settings.COMMENTS_CHECKS = [*settings.COMMENTS_CHECKS, f"{__name__}.asks_afar"]
    spam_by = listed(effect=SPAM)
    known()
    assert unknown(change_of_lists(spam_by.pk)) == {Missing.UNASKED: 1}


@remote(service="Afar", host="afar.example", sends={}, why="To try it.")
def asks_afar(submission):
    return None


# --- what editors decided -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "fate"),
    [
        (Action.HOLD, Fate.HELD),
        (Action.REJECT, Fate.REJECTED),
        (Action.MARK_SPAM, Fate.SPAM),
    ],
)
def test_it_is_crossed_with_what_an_editor_decided(known, mona, action, fate):
    comment = known()
    moderate(comment, action, actor=mona, seen=Seen.of(comment))
    (move,) = rehearse(word()).moves
    assert (move.fate, move.judge_id) == (fate, mona.pk)


def test_an_approval_is_crossed_too(known, mona):
    held_by = listed()
    comment = known()
    moderate(comment, Action.APPROVE, actor=mona, seen=Seen.of(comment))
    (move,) = rehearse(change_of_lists(held_by.pk)).moves
    assert (move.fate, move.before, move.after) == (
        Fate.APPROVED,
        Status.PENDING,
        Status.APPROVED,
    )


def test_what_was_taken_back_is_no_decision(known, mona):
    comment = known()
    act = moderate(comment, Action.MARK_SPAM, actor=mona, seen=Seen.of(comment))
    assert fate_of(comment) == Fate.SPAM
    undo(act, actor=mona)
    assert fate_of(comment) == Fate.LEFT


def test_nobody_decided_on_what_was_left_as_it_came(known):
    assert fate_of(known()) == Fate.LEFT


# --- what it costs, and writes --------------------------------------------------------------------


def queries_of(change):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rehearse(change)
    return [query["sql"] for query in queries]


def test_the_queries_do_not_grow_with_the_comments(known, bob):
    known()
    few = len(queries_of(word()))
    for days in range(1, 21):
        comment = known(submitted_at=timezone.now() - timedelta(days=days))
        edit(comment, "Other words.", actor=bob, actor_name="Bob", seen=Seen.of(comment))
    assert len(rehearse(word()).moves) == 21
    assert len(queries_of(word())) == few + 1 <= 4


def test_nothing_is_written(known):
    listed("crumbs")
    known("Crumbs and butter.")
    sent = queries_of(word("crumbs and"))
    assert sent
    assert all(sql.startswith("SELECT") for sql in sent)


def test_what_is_kept_of_it_are_figures(known):
    known("Mine alone: butter.")
    kept = rehearse(word()).as_json()
    assert kept == {
        "judged": 2,
        "moves": {"approved-pending": {"left": 1}},
        "unknown": {},
        "is_cut": False,
    }


def test_entries_that_are_the_same_but_for_their_note_change_nothing(known):
    there = listed()
    known()
    again = (there.pk, ListKind.WORD, "butter", HOLD)
    terms = Terms.in_force()
    assert rehearse(change_of_lists(there.pk, again)).is_idle
    assert rehearse(Change(terms, replace(terms, entries=terms.entries[::-1]))).is_idle
