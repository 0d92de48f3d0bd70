"""What a change would have done to the comments of late: exact, crossed, and never guessed."""

from dataclasses import replace

import pytest

from comments.models import ListEffect, ListEntry, ListKind
from comments.moderation import submit
from comments.rehearsal import Change, Terms, rehearse
from comments.spam.lists import forget_lists
from comments.status import Status
from tests.comments.factories import make_comment, make_submission, make_thread

pytestmark = pytest.mark.django_db

HELD, SPAM = ListEffect.HOLD, ListEffect.SPAM


@pytest.fixture
def thread():
    return make_thread()


def with_entries(*rows):
    """Return the change of the lists to what is there and these."""
    terms = Terms.in_force()
    return Change(terms, replace(terms, entries=(*terms.entries, *rows)))


def told(change, **how):
    """Return what a rehearsal tells, in short: where from, where to, which comment."""
    rehearsal = rehearse(change, **how)
    return [(str(move.before), str(move.after), move.comment.pk) for move in rehearsal.moves]


@pytest.fixture
def proved(bob, thread):
    """Return a function by which somebody known comments, whom nothing holds."""
    make_comment(thread, author=bob)

    def say(body="A thought.", **fields):
        return submit(make_submission(thread, body, author=bob, **fields))

    return say


def test_a_word_on_a_list_would_have_held_what_has_it(proved):
    comment = proved("Bread and butter.")
    assert told(with_entries((0, ListKind.WORD, "butter", HELD))) == [
        ("approved", "pending", comment.pk)
    ]


def test_an_entry_that_is_taken_off_lets_through_what_it_held(proved):
    ListEntry.objects.create(kind=ListKind.WORD, pattern="butter", effect=HELD)
    forget_lists()
    comment = proved("Bread and butter.")
    assert comment.status == Status.PENDING
    terms = Terms.in_force()
    assert told(Change(terms, replace(terms, entries=()))) == [("pending", "approved", comment.pk)]


def test_what_another_check_holds_anyway_does_not_move(proved):
    proved("Bread and butter.")
    proved("Butter alone.", honeypot="filled in")
    assert len(told(with_entries((0, ListKind.WORD, "butter", HELD)))) == 1


def test_what_a_check_said_that_cannot_be_made_again_stands(thread):
    comment = submit(make_submission(thread, "Bread and butter.", honeypot="filled in"))
    comment.honeypot = ""
    comment.save()
    assert told(with_entries((0, ListKind.WORD, "butter", HELD))) == []
