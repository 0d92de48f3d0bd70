"""The threads that the measures read and write, made once in a run by `manage.py seed_threads`.

They stand in the temporary folder of the run, the one database that this process itself sees.
BENCH_TOTAL makes everything smaller, to try a measure out.
"""

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass

from django.core.management import call_command

from tests.servers import ROOT

TOTAL = int(os.environ.get("BENCH_TOTAL", 1_000_000))
LARGE = min(100_000, TOTAL // 4)
CHAIN = min(10_000, TOTAL // 10)
SIZES = [size for size in (10, 50, 200, 1_000, 10_000) if size < LARGE] + [LARGE]


@dataclass(frozen=True)
class Seeded:
    comments: int
    url: str
    thread: int


@dataclass(frozen=True)
class Threads:
    """Shape: by the number of comments; `chain` is the one in which each answers the last."""

    by_size: dict[int, Seeded]
    chain: Seeded

    @property
    def large(self) -> Seeded:
        return self.by_size[LARGE]


@functools.cache
def threads() -> Threads:
    """Return the threads, among TOTAL comments in all; made by the first measure that asks."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    sizes = list(map(str, SIZES))
    *by_size, chain = seed(*sizes, "--chain", str(CHAIN), "--total", str(TOTAL))
    return Threads({each.comments: each for each in by_size}, chain)


def seed(*arguments: str, env: dict[str, str] | None = None) -> list[Seeded]:
    """Make threads in a process of its own, and return them."""
    done = subprocess.run(
        [sys.executable, ROOT / "manage.py", "seed_threads", *arguments, "--json"],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [Seeded(**each) for each in json.loads(done.stdout)]
