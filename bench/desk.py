"""The moderation desk: pages of every queue and bulk acts, among many comments and among few.

Each is told in milliseconds, as a multiple of one indexed query of 50 rows that is asked in
between, and beside the same in a database of a hundredth. BENCH_TOTAL makes it smaller.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from bench import Figure
from bench._seeded import TOTAL
from tests.servers import ROOT

PENDING = TOTAL // 10
SMALL_TOTAL = max(TOTAL // 100, 1_000)
FEW, MANY = 100, 10_000
# What peers were seen to need on this kind of machine: the first page of a queue, and approving a
# hundred comments at once. A page takes no longer than the quickest of them by far.
PAGE_MS, BULK_MS = 60, 100
# One query of 50 rows takes this long on a machine on which nothing else runs.
QUERY_MS = 1.2
MOST_GROWTH = 1.3


def measure() -> Iterator[Figure]:
    large = timed(TOTAL, PENDING, FEW, min(MANY, PENDING))
    small = timed(SMALL_TOTAL, SMALL_TOTAL // 10, min(FEW, SMALL_TOTAL // 10))
    for name, page in large["pages"].items():
        what = f"{name}, of {TOTAL:,}"
        yield Figure(what, page["queries"], "queries")
        yield Figure(what, page["ms"], "ms")
        yield Figure(what, page["ms"] / page["base_ms"], "queries' time", PAGE_MS / QUERY_MS)
        if alone := small["pages"].get(name):
            growth = (page["ms"] / page["base_ms"]) / (alone["ms"] / alone["base_ms"])
            yield Figure(f"{what}: time", growth, f"of {SMALL_TOTAL:,}", MOST_GROWTH)
    for count, act in large["bulk"].items():
        limit = BULK_MS / QUERY_MS if int(count) == FEW else None
        what = f"approving {int(count):,} at once, of {TOTAL:,}"
        yield Figure(what, act["queries"], "queries")
        yield Figure(what, act["ms"], "ms")
        yield Figure(what, act["ms"] / act["base_ms"], "queries' time", limit)
        yield Figure(f"undoing that, of {TOTAL:,}", act["undo_ms"], "ms")


def timed(comments: int, pending: int, *bulk: int) -> dict[str, Any]:
    """Return what bench/_desk_turns.py tells of a database of its own."""
    with tempfile.TemporaryDirectory(prefix="parley-desk-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "bench._desk_turns", *map(str, (comments, pending, *bulk))],
            cwd=ROOT,
            env=os.environ | {"VAR_DIR": folder, "LOG_LEVEL": "ERROR"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(f"The desk could not be timed among {comments:,} comments.")
    return json.loads(done.stdout)
