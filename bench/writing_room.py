"""The writing room: its lists, its pages and its acts, among many posts and among few.

Each is told in milliseconds and as a multiple of one small query, or one row written, asked in
between; and beside the same in a database of a tenth, on SQLite and on PostgreSQL.
WRITING_POSTS makes it smaller, to try it out.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from bench import Figure
from tests.servers import ROOT, PostgresCluster, create_database, find_postgres

POSTS = int(os.environ.get("WRITING_POSTS", 50_000))
REVISIONS_A_POST = 10
# So many that what has a bound has reached it: a word that nothing has is looked for among 5,000
# posts, a tab counts up to 500.
SMALL = max(POSTS // 10, 5_000)
# Flat: ten times as many cost half as much again at most.
MOST_GROWTH = 1.5
# Of what waits beside posts up to 1,000 keys are taken: there are ten times as many, and so that
# many are read, and then no more.
GROWING = {"own, changes not yet public": 2.0, "all, changes not yet public": 2.0}


def measure() -> Iterator[Figure]:
    with ExitStack() as stack:
        databases: dict[str, str | None] = {"SQLite": None}
        if find_postgres():
            databases["PostgreSQL"] = stack.enter_context(PostgresCluster()).url()
        for name, server_url in databases.items():
            yield from _compared(name, timed(POSTS, server_url), timed(SMALL, server_url))


def _compared(database: str, large: dict[str, Any], small: dict[str, Any]) -> Iterator[Figure]:
    for kind in ("pages", "acts"):
        for name, one in large[kind].items():
            alone = small[kind][name]
            what = f"{database}: {name}"
            yield Figure(what, one["ms"], "ms")
            yield Figure(what, one["queries"], "queries")
            growth = (one["ms"] / one["base_ms"]) / (alone["ms"] / alone["base_ms"])
            limit = GROWING.get(name, MOST_GROWTH)
            yield Figure(f"{what}: time among {POSTS:,}", growth, f"of {SMALL:,}", limit)


def timed(posts: int, server_url: str | None) -> dict[str, Any]:
    """Return what bench/_writing_turns.py tells of a database of its own."""
    with tempfile.TemporaryDirectory(prefix="parley-writing-") as folder:
        env = os.environ | {"VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
        if server_url:
            env |= _on_server(create_database(server_url, f"writing_{secrets.token_hex(4)}"))
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "bench._writing_turns",
                str(posts),
                str(posts * REVISIONS_A_POST),
            ],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
    if done.returncode:
        raise RuntimeError(f"The writing room could not be timed among {posts:,} posts.")
    return json.loads(done.stdout)


def _on_server(url: str) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "localhost",
        "HTTPS": "off",
    }
