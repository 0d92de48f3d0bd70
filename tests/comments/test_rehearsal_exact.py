"""A rehearsal tells what would have been decided: compared with deciding it so in earnest.

Each comment is offered under other terms too, at the very moment it comes, and that is taken back.
What is done to comments afterwards, and which terms hold by then, must make no difference.
"""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from django.db import transaction
from django.utils import timezone

from comments.held import OF_LISTS, count_change, forget
from comments.models import Comment, DiscussionRules, ListEffect, ListEntry, ListKind, Thread
from comments.moderation import Seen, edit, moderate, submit
from comments.rehearsal import Change, Terms, rehearse
from comments.status import Action, Status, allowed
from tests.comments.factories import LONG_AGO, make_submission, make_thread
from tests.comments.learning.lessons import HAM, SPAM, teach, words

pytestmark = pytest.mark.django_db

WORDS = ("bread", "butter", "rye", "crust", "oven", "salt", "flour", "yeast", "casino", "crumb")
ENTRIES = (
    *((ListKind.WORD, word) for word in WORDS),
    (ListKind.WORD, "rye bread"),
    (ListKind.DOMAIN, "example.com"),
    (ListKind.DOMAIN, "shop.example.com"),
    (ListKind.NETWORK, "198.18.1.0/24"),
    (ListKind.NETWORK, "198.18.2.7/32"),
    (ListKind.REGEX, r"cas[i1]no|y[e3]ast"),
)
CHOICES = {
    "held_people": ["nobody", "unproved", "newcomers", "everyone"],
    "newcomer_approvals": [1, 2, 4],
    "hold_after_days": [0, 30, 400],
    "max_links": [None, 0, 1, 4],
    "min_seconds": [None, 0, 20, 90],
    "flood_limit": [None, 1, 2, 3],
    "flood_window_seconds": [None, 50, 200, 7_000],
    "learner_mode": ["off", "advise", "act"],
}
CUTOFFS = [(None, None), (0.2, 0.6), (0.45, 0.9)]
ENOUGH = 50


def random_terms(rng):
    """Return rules and entries of which much is as the server is set."""
    rules = DiscussionRules(pk=1, **{name: rng.choice(some) for name, some in CHOICES.items()})
    rules.ham_cutoff, rules.spam_cutoff = rng.choice(CUTOFFS)
    listed = rng.sample(ENTRIES, rng.randint(0, 5))
    effects = [rng.choice(list(ListEffect)) for _entry in listed]
    rows = zip(range(1, 100), listed, effects, strict=False)
    return Terms(rules, tuple((pk, kind, pattern, effect) for pk, (kind, pattern), effect in rows))


def put_in_force(terms):
    terms.rules.save()
    ListEntry.objects.all().delete()
    for pk, kind, pattern, effect in terms.entries:
        ListEntry.objects.create(pk=pk, kind=kind, pattern=pattern, effect=effect)
    count_change(OF_LISTS)
    forget()


def status_under(terms, submission):
    """Return where a submission would go, by sending it there and taking that back."""
    with transaction.atomic():
        put_in_force(terms)
        status = submit(submission).status
        transaction.set_rollback(True)
    forget()
    return status


def random_submission(rng, threads, people, at):
    body = " ".join(rng.choices((*WORDS, "and", "of", "slowly"), k=rng.randint(1, 12)))
    if rng.random() < 0.4:
        body = words(rng, rng.choice((HAM, SPAM)), rng.randint(1, 6))
    links = " ".join(f"https://{rng.choice(('', 'shop.'))}example.com/{n}" for n in range(9))
    return make_submission(
        rng.choice(threads),
        body + links[: rng.choice((0, 0, 0, 40, 120, 400))],
        author=rng.choice((None, None, *people)),
        submitted_at=at,
        ip_address=rng.choice((None, "198.18.1.9", "198.18.2.7", "198.18.2.8", "198.18.3.3")),
        seconds_taken=rng.choice((None, 2.0, 15.0, 60.0, 600.0)),
        honeypot=rng.choice(("", "", "", "", "filled in")),
    )


def something_happens(rng, comment, editor):
    """Do to a comment, or to what is around it, what may happen in the weeks after."""
    what, seen = rng.randrange(6), Seen.of(comment)
    action = rng.choice((Action.APPROVE, Action.HOLD, Action.REJECT, Action.MARK_SPAM))
    if what == 0 and allowed(Status(comment.status), Action.EDIT):
        edit(comment, "Other words: casino.", actor=None, actor_name="Gus", seen=seen)
    elif what in (1, 2) and allowed(Status(comment.status), action):
        moderate(comment, action, actor=editor, seen=seen)
    elif what == 3:
        held = not comment.thread.is_premoderated
        Thread.objects.filter(pk=comment.thread_id).update(is_premoderated=held)
        comment.thread.is_premoderated = held


@pytest.mark.parametrize("seed", range(6))
def test_a_rehearsal_tells_what_would_have_been_decided(seed, bob, eve, mona):
    rng = Random(seed)
    admitting, later, wanted = (random_terms(rng) for _each in range(3))
    # While it is off, nobody knows what it would have said.
    admitting.rules.learner_mode = rng.choice(("advise", "act"))
    if seed % 3 == 0:
        # Nor whose a comment was, where an account is gone that counts.
        later.rules.flood_window_seconds = wanted.rules.flood_window_seconds = None
        admitting.rules.flood_window_seconds = None
    teach(make_thread(), mona, ham=ENOUGH, spam=ENOUGH if seed % 2 else ENOUGH - 20)
    now = timezone.now()
    at = now - timedelta(days=80)
    threads = [make_thread(), make_thread(max_links=2), make_thread(public_at=at)]
    put_in_force(admitting)
    expected = {}
    for _each in range(40):
        at += timedelta(seconds=rng.choice((5, 30, 100, 3_600, 86_400)))
        submission = random_submission(rng, threads, (bob, eve), at)
        under = [status_under(terms, submission) for terms in (admitting, later, wanted)]
        comment = submit(submission)
        assert comment.status == under[0]
        expected[comment.pk] = under
        something_happens(rng, Comment.objects.select_related("thread").get(pk=comment.pk), mona)
    if len({terms.rules.flood_window_seconds for terms in (admitting, later, wanted)}) == 1:
        bob.delete()
    Thread.objects.update(public_at=now, is_premoderated=True)
    for old, new in ((0, 0), (0, 2), (1, 2), (2, 1), (2, 0)):
        terms = (admitting, later, wanted)
        change = Change(terms[old], terms[new])
        rehearsals = [rehearse(change, thread=thread) for thread in threads]
        assert not any(each.unknown for each in rehearsals)
        moves = [move for each in rehearsals for move in each.moves]
        told = {move.comment.pk: (move.before, move.after) for move in moves}
        assert told == {
            pk: (under[old], under[new])
            for pk, under in expected.items()
            if under[old] != under[new]
        }


def test_the_comparison_compares_something(bob, eve):
    """Most random terms differ in what they decide, so the test above can fail."""
    rng = Random(0)
    terms, thread = [random_terms(rng) for _each in range(2)], make_thread(public_at=LONG_AGO)
    told = set()
    for _each in range(20):
        submission = random_submission(rng, [thread], (bob, eve), timezone.now())
        told.add(tuple(status_under(each, replace(submission)) for each in terms))
    assert len({one for one, _other in told}) > 1
