"""What a rehearsal knows of guests whose address may have been proved, and what it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Comment, DiscussionRules, HeldPeople
from comments.moderation import submit
from comments.rehearsal import change_of_rules, rehearse
from comments.ruling import save_rules
from comments.submission import gather
from tests.comments.factories import make_submission, make_thread

pytestmark = pytest.mark.django_db

NOW = timezone.now() - timedelta(days=3)


@pytest.fixture
def thread():
    return make_thread()


def say(thread, hours=0, proved=None, **fields):
    """Let a guest comment; `proved`: what was asked of their address then, if anything was."""
    body = f"A thought of hour {hours} and of no other."
    offered = make_submission(thread, body, submitted_at=NOW + timedelta(hours=hours), **fields)
    return submit(replace(gather(offered), is_address_proved=proved))


def confirm(comment, hours=0, **fields):
    at = NOW + timedelta(hours=hours)
    Comment.objects.filter(pk=comment.pk).update(email_proved_at=at, **fields)


def site_says(held):
    save_rules(DiscussionRules(held_people=held), ["held_people"], None)


def told(held):
    found = rehearse(change_of_rules(DiscussionRules(held_people=held)))
    moves = [(str(move.before), str(move.after)) for move in found.moves]
    return moves, sum(found.unknown.values())


def test_a_guest_whose_address_nobody_had_confirmed_would_have_waited(thread):
    site_says(HeldPeople.NOBODY)
    say(thread)
    confirm(say(thread, hours=1), hours=5)
    confirm(say(thread, hours=2, author_email="ann@example.org"), hours=6)
    assert told(HeldPeople.UNPROVED) == ([("approved", "pending")] * 3, 0)


def test_of_a_guest_whose_address_was_confirmed_by_then_it_is_not_known(thread):
    site_says(HeldPeople.NOBODY)
    confirm(say(thread), hours=1)
    say(thread, hours=2, author_email="GUS@example.org")
    assert told(HeldPeople.UNPROVED) == ([("approved", "pending")], 1)


def test_of_a_guest_who_was_erased_it_is_not_known(thread):
    site_says(HeldPeople.NOBODY)
    comment = say(thread)
    Comment.objects.filter(pk=comment.pk).update(author_email="")
    assert told(HeldPeople.UNPROVED) == ([], 1)


def test_what_was_asked_then_is_known(thread):
    site_says(HeldPeople.UNPROVED)
    confirm(say(thread, proved=False), hours=1)
    assert say(thread, hours=2, proved=True).status == "approved"
    assert told(HeldPeople.NEWCOMERS) == ([("approved", "pending")], 0)
    assert told(HeldPeople.NOBODY) == ([("pending", "approved")], 0)


def test_where_nobody_is_told_apart_by_it_nothing_is_missing(thread):
    site_says(HeldPeople.NOBODY)
    confirm(say(thread), hours=1)
    say(thread, hours=2)
    assert told(HeldPeople.NEWCOMERS) == ([("approved", "pending")] * 2, 0)


def test_accounts_have_nothing_to_prove(thread, bob):
    site_says(HeldPeople.NOBODY)
    say(thread, author=bob)
    say(thread, hours=1, author=bob)
    assert told(HeldPeople.UNPROVED) == ([], 0)
