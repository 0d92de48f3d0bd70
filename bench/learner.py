"""The learner: what a check costs beside a full model, and how fast it learns.

Each is told in milliseconds, and as a multiple of what making the features of the words takes,
which is done in between and which no model makes longer. BENCH_DECISIONS makes it smaller.
"""

import os
import time
from collections.abc import Callable, Iterator
from math import inf
from random import Random
from statistics import median
from string import ascii_lowercase
from uuid import uuid4

import numpy as np
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import Figure
from comments.learning.checkpoints import Version, keep, newest
from comments.learning.examples import follow
from comments.learning.memory import Memory, current_version, memory
from comments.learning.upkeep import catch_up
from comments.models import Comment, LearnerCheckpoint, ModerationLogEntry, Thread, path_segment
from comments.spam import Verdict
from comments.spam.learner.check import learnt
from comments.spam.learner.features import SLOTS, Written, features_of
from comments.status import Action, Status
from comments.submission import Submission, gather
from comments.turns import turn

DECISIONS = int(os.environ.get("BENCH_DECISIONS", 1_000))
FEATURES = 1_000_000
ROUNDS = 200
MOST_QUERIES = 2
# Making the features of sixty words takes this long on a machine on which nothing else runs; there
# a check takes no longer than 1 ms, and a thousand decisions are learnt from in 1 s.
FEATURES_MS = 0.27
MOST_MS, MOST_LEARNING_MS = 1.0, 1.0
WORDS = 60


def measure() -> Iterator[Figure]:
    call_command("migrate", verbosity=0)
    thread, texts = decided(DECISIONS)
    words = median(ms_of(lambda each=each: features_of(Written(each, "Gus"))) for each in texts)
    yield Figure(f"making the features of {WORDS} words", words, "ms")
    yield from _learning(words)
    yield from _checks(thread, texts[:ROUNDS], words)


def _learning(words: float) -> Iterator[Figure]:
    version, held = current_version(), Memory()
    held.take(newest(), Version(0, version.epoch))
    took = ms_of(lambda: held.fold(version, inf))
    yield Figure(f"learning from {DECISIONS:,} decisions, their words read", took / 1000, "s")
    most = MOST_LEARNING_MS / FEATURES_MS
    yield Figure("learning from one", took / DECISIONS / words, "times its features", most)
    yield Figure("storing a checkpoint then", ms_of(lambda: catch_up(Memory())) - took, "ms")


def _checks(thread: Thread, texts: list[str], words: float) -> Iterator[Figure]:
    fill()
    offered = [gather(submission(thread, text)) for text in texts]
    what = f"a check beside {FEATURES:,} features"
    yield Figure(f"{what}, a process's first", queries_of(offered[0]), "queries", MOST_QUERIES)
    yield Figure(f"{what}, any other", queries_of(offered[0]), "queries", 0)
    good, bad = [], []
    for each in offered:
        found = learnt(each)
        (good if found and found.verdict == Verdict.HAM else bad).append(each)
    for name, some in (("good", good), ("held, or spam", bad)):
        if some:
            took = median(ms_of(lambda each=each: learnt(each)) for each in some)
            yield Figure(f"{what}: {name}", took, "ms")
            most = MOST_MS / FEATURES_MS
            yield Figure(f"{what}: {name}", took / words, "times its features", most)


# --- what it is measured on ---------------------------------------------------------------------


def decided(count: int) -> tuple[Thread, list[str]]:
    """Write comments that an editor decided on, every other one spam; return what they say."""
    some, at = Random(1), timezone.now()
    editor = get_user_model().objects.create_user("editor@example.org", display_name="Mona")
    words = ["".join(some.choices(ascii_lowercase, k=some.randint(3, 9))) for _n in range(20_000)]
    pools = words[:11_000], words[9_000:]
    thread = Thread.objects.create(title="Bread", url="/bread/", public_at=at)
    texts = [" ".join(some.choices(pools[number % 2], k=WORDS)) for number in range(count)]
    Comment.objects.bulk_create(
        Comment(
            thread=thread, number=number, path=path_segment(number), author_name="Gus",
            status=Status.REJECTED, body=text, markup_version=1, submission_key=uuid4().hex,
            created_at=at,
        )
        for number, text in enumerate(texts, start=1)
    )  # fmt: skip
    comments = list(Comment.objects.filter(thread=thread).order_by("number"))
    acts = (Action.APPROVE, Action.MARK_SPAM)
    ModerationLogEntry.objects.bulk_create(
        ModerationLogEntry(
            comment=comment, actor=editor, action=acts[number % 2], new_status=Status.REJECTED,
            revision=1, created_at=at,
        )
        for number, comment in enumerate(comments)
    )  # fmt: skip
    with turn():
        follow(comment.pk for comment in comments)
    return thread, texts


def fill() -> None:
    """Store the model with so many features, and let this process forget what it holds."""
    version = current_version()
    folded = newest()
    empty = np.flatnonzero(folded.model.weights == 0)
    known = SLOTS - len(empty)
    folded.model.weights[empty[: max(0, FEATURES - known)]] = 1
    LearnerCheckpoint.objects.all().delete()
    if not keep(folded, version.epoch):
        raise RuntimeError("The model could not be stored.")
    memory.forget()


def submission(thread: Thread, text: str) -> Submission:
    return Submission(
        thread=thread,
        parent=None,
        author=None,
        author_name="Gus",
        author_email="gus@example.org",
        author_website="",
        body=text,
        submitted_at=timezone.now(),
        submission_key=uuid4().hex,
    )


def ms_of(do: Callable[[], object]) -> float:
    started = time.process_time()
    do()
    return (time.process_time() - started) * 1000


def queries_of(offered: Submission) -> int:
    with CaptureQueriesContext(connection) as found:
        learnt(offered)
    return len(found)
