"""The clock of what comments came with: a look where nothing is due, and clearing a thousand.

Among many comments, each as a multiple of one indexed query of 50 rows that is asked in between.
BENCH_TOTAL makes it smaller.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from unittest import mock

from bench import Figure
from bench._seeded import TOTAL, threads
from comments import retention
from comments.models import Comment, RetentionProgress

TIMES = 15
CLEARED = 1_000
# A look is made every quarter of a minute, by every process.
LOOK_QUERIES = 20
# Others who write wait for one turn of it at most.
MOST_TURN_MS = 250


def measure() -> Iterator[Figure]:
    threads()
    newest = Comment.objects.order_by("-created_at").values_list("created_at", flat=True)[0]
    RetentionProgress.objects.all().delete()
    base = median_ms(lambda: list(Comment.objects.order_by("-pk")[:50]))
    turns: list[float] = []
    clear = retention._clear
    with (
        mock.patch.object(retention, "due_before", return_value=newest),
        mock.patch.object(retention, "_clear", lambda keys: timed(turns, clear, keys)),
    ):
        started = time.perf_counter()
        assert retention.clear_due_facts(CLEARED) == CLEARED
        took = (time.perf_counter() - started) * 1000
        # As after the last of them.
        RetentionProgress(pk=1, written_at=newest, last_comment=2**62).save()
        look = median_ms(retention.clear_due_facts)
    yield Figure(f"clearing {CLEARED:,}, of {TOTAL:,}", took, "ms")
    yield Figure("others wait at most", max(turns), "ms", MOST_TURN_MS)
    yield Figure(f"a look where nothing is due, of {TOTAL:,}", look, "ms")
    yield Figure(f"the same, of {TOTAL:,}", look / base, "queries' time", LOOK_QUERIES)


def timed(into: list[float], do: Callable, *arguments: object) -> object:
    started = time.perf_counter()
    try:
        return do(*arguments)
    finally:
        into.append((time.perf_counter() - started) * 1000)


def median_ms(do: Callable[[], object]) -> float:
    took: list[float] = []
    for _each in range(TIMES):
        timed(took, do)
    return statistics.median(took)
