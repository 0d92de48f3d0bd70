"""Several at once, for real: editors who decide, and processes that fold what they decided."""

from random import Random
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from comments.learning import checkpoints
from comments.learning.memory import Memory
from comments.learning.upkeep import catch_up, rebuild
from comments.models import Comment, LearnerExample
from comments.moderation import Seen, StaleComment, moderate, moderate_many, undo
from comments.status import Action, IllegalTransition
from tests.cast import make_person
from tests.comments.factories import make_thread
from tests.comments.learning.lessons import (
    HAM,
    SPAM,
    bits,
    bits_of_fresh_process,
    bits_of_rebuild,
    examples,
    teach,
    words,
)
from tests.comments.test_races import pending, run_together

pytestmark = pytest.mark.django_db(transaction=True)

DECISIONS = [Action.APPROVE, Action.MARK_SPAM, Action.HOLD, Action.REJECT]
ROUNDS = 60


@pytest.fixture
def editors():
    return [make_person("Mona", "Editor"), make_person("Max", "Editor")]


def at_random(comments, editor, start, seed):
    """Decide, undo, decide on several: at the same moment as the others."""
    some = Random(seed)

    def run():
        for _round in range(ROUNDS):
            start.wait(timeout=60)
            try:
                act(some, comments, editor)
            except (StaleComment, IllegalTransition):
                continue

    return run


def act(some, comments, editor):
    comment = Comment.objects.get(pk=some.choice(comments).pk)
    entry = comment.log.order_by("-pk").first()
    if entry.action in DECISIONS and some.random() < 0.4:
        undo(entry, actor=editor)
    elif some.random() < 0.3:
        several = Comment.objects.filter(pk__in=[each.pk for each in some.sample(comments, 4)])
        chosen = [(each, Seen.of(each)) for each in several]
        moderate_many(chosen, some.choice(DECISIONS), actor=editor)
    else:
        moderate(comment, some.choice(DECISIONS), actor=editor, seen=Seen.of(comment))


def folding(held, start, extra=()):
    """Go on folding in a process of its own, as the background does."""

    def run():
        for _round in range(ROUNDS):
            start.wait(timeout=60)
            catch_up(held)
            for each in extra:
                each()

    return run


def test_two_editors_and_two_processes_at_once_come_to_what_the_log_says(editors, monkeypatch):
    monkeypatch.setattr(checkpoints, "EVERY", 3)
    some = Random(4)
    comments = [comment for _thread in range(3) for comment in pending(make_thread(), 12)]
    for comment in comments:
        Comment.objects.filter(pk=comment.pk).update(body=words(some, some.choice([HAM, SPAM])))
    held, start = [Memory(), Memory()], Barrier(4)
    run_together(
        *(at_random(comments, editor, start, seed) for seed, editor in enumerate(editors)),
        *(folding(each, start) for each in held),
    )
    there, learnt = examples(), bits(held[0])
    assert len(there) > 5
    assert bits(held[1]) == learnt
    assert bits_of_fresh_process() == learnt, "a checkpoint is not what the examples make"
    assert bits_of_rebuild() == learnt
    assert examples() == there


def test_a_rebuild_amid_decisions_loses_none(editors):
    threads = [make_thread() for _number in range(2)]
    teach(threads[0], editors[0], ham=30, spam=30)
    comments = pending(threads[1], 12)
    start = Barrier(3)

    def rebuilding():
        for _round in range(ROUNDS):
            start.wait(timeout=60)
            if _round % 6 == 0:
                rebuild()

    run_together(
        *(at_random(comments, editor, start, seed) for seed, editor in enumerate(editors)),
        rebuilding,
    )
    there, learnt = examples(), bits(Memory())
    assert LearnerExample.objects.count() >= 60
    assert bits_of_rebuild() == learnt
    assert examples() == there


def test_a_rebuild_waits_for_nobody_who_only_names_a_comment(editors):
    """As a report does, or a mark, while it is being stored."""
    teach(make_thread(), editors[0], ham=3, spam=3)
    if connection.vendor != "postgresql":
        assert rebuild().looked == 6, "on SQLite nobody writes beside another one"
        return
    is_named, is_built = Event(), Event()

    def naming():
        with transaction.atomic():
            list(Comment.objects.select_for_update(no_key=True).values_list("pk"))
            is_named.set()
            is_built.wait(timeout=30)

    def rebuilding():
        is_named.wait(timeout=30)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                rebuild()
        finally:
            is_built.set()

    run_together(naming, rebuilding)
    assert LearnerExample.objects.count() == 6
