"""Comments that editors decided on, and what the learner makes of them."""

from itertools import zip_longest
from random import Random
from uuid import uuid4

from django.utils import timezone

from comments.learning.examples import follow
from comments.learning.memory import Memory, memory
from comments.learning.upkeep import catch_up, rebuild
from comments.models import (
    Comment,
    LearnerCheckpoint,
    LearnerExample,
    LearnerState,
    ModerationLogEntry,
    Thread,
    path_segment,
)
from comments.moderation import Seen, moderate
from comments.spam.learner.features import Written, features_of
from comments.spam.learner.state import dump
from comments.status import Action, Status
from comments.turns import turn

HAM = [
    "bread",
    "flour",
    "patience",
    "oven",
    "water",
    "rye",
    "crust",
    "crumb",
    "salt",
    "morning",
    "kitchen",
    "neighbour",
]
SPAM = [
    "casino",
    "pills",
    "cheap",
    "click",
    "winner",
    "crypto",
    "bonus",
    "loan",
    "offer",
    "viagra",
    "subscribe",
    "free",
]
TASTES = [" ".join(words) for words in (HAM, SPAM, HAM[:4] + SPAM[:4])]


def words(some, pool, count=10):
    return " ".join(some.choice(pool) for _word in range(count))


def decide(comment, action, actor):
    comment = Comment.objects.select_related("thread", "parent").get(pk=comment.pk)
    return moderate(comment, action, actor=actor, seen=Seen.of(comment))


def teach(thread, editor, ham=0, spam=0, seed=1):
    """Have an editor decide on so many comments, one of each kind after the other.

    They are written straight into the tables, and learnt from as after any act.
    """
    some, at = Random(seed), timezone.now()
    labels = [label for pair in zip_longest([HAM] * ham, [SPAM] * spam) for label in pair if label]
    first = Comment.objects.filter(thread=thread).count() + 1
    comments = [
        Comment(
            thread=thread, number=number, path=path_segment(number), author_name="Gus",
            status=Status.REJECTED, body=words(some, pool), markup_version=1,
            submission_key=uuid4().hex, created_at=at,
        )
        for number, pool in enumerate(labels, start=first)
    ]  # fmt: skip
    Comment.objects.bulk_create(comments)
    comments = list(Comment.objects.filter(thread=thread, number__gte=first).order_by("number"))
    Thread.objects.filter(pk=thread.pk).update(last_number=first + len(comments) - 1)
    entries = []
    for comment, pool in zip(comments, labels, strict=True):
        act = Action.APPROVE if pool is HAM else Action.MARK_SPAM
        entries += [
            entry(comment, Action.SUBMIT, at),
            entry(comment, act, at, actor=editor),
        ]
    ModerationLogEntry.objects.bulk_create(entries)
    with turn():
        follow(comment.pk for comment in comments)


def entry(comment, action, at, actor=None):
    return ModerationLogEntry(
        comment=comment, actor=actor, action=action, revision=1, new_status=comment.status,
        old_status="" if actor is None else Status.PENDING,
        created_at=at,
    )  # fmt: skip


def examples():
    """Return what is learnt from, in order."""
    rows = LearnerExample.objects.order_by("order")
    return list(rows.values_list("comment", "label", "revision"))


def bits(held=memory):
    """Return the model of a process that has caught up, bit for bit."""
    while not catch_up(held):
        pass
    return dump(held.model)


def bits_of_fresh_process():
    return bits(Memory())


def bits_of_rebuild():
    """Return the model that comes of the log alone."""
    for model in (LearnerExample, LearnerCheckpoint, LearnerState):
        model.objects.all().delete()
    rebuild()
    return bits()


def scores(held=memory):
    bits(held)
    return [held.model.score(features_of(Written(text))) for text in TASTES]
