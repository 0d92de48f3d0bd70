"""One `manage.py import_wxr` as a process: how long it takes, and what it takes up."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from tests.servers import ROOT, Site

BETWEEN_LOOKS = 0.25


@dataclass
class Measured:
    """Units: seconds, of the wall and of the processor; megabytes of memory.

    `held` is all that the process held at its peak, pages of files and of the mapped database
    among it, which the system takes back when it needs them; `own` is what it made itself,
    SQLite's cache of 32 MB among it.
    """

    seconds: float
    processor: float
    held: float
    own: float
    # Of each look at a running import: seconds of processor so far, and how many comments stood.
    looks: list[tuple[float, int]] = field(default_factory=list)

    def processor_of_quarters(self, comments: int) -> list[float]:
        """Return the seconds of processor that each quarter of the comments took."""
        marks = [self._reached(comments * quarter // 4) for quarter in range(1, 5)]
        start = next(at for at, count in self.looks if count)
        return [later - earlier for earlier, later in zip([start, *marks], marks, strict=False)]

    def _reached(self, count: int) -> float:
        return next((at for at, standing in self.looks if standing >= count), self.looks[-1][0])


def import_file(site: Site, path: Path, *, samples: bool = False) -> Measured:
    """Import a file into a site; `samples`: look every quarter of a second how far it has got.

    Raises: RuntimeError with what the import said, when it fails.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "import_wxr", path, "--verbosity", "0"],
        cwd=ROOT,
        env=site.env,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    looks, held, own = [], 0.0, 0.0
    # Not waited for by Popen: what it used up is told to whoever waits, once.
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        memory = _memory(process.pid)
        held, own = max(held, memory.get("VmHWM", 0)), max(own, memory.get("RssAnon", 0))
        if samples:
            looks.append((_processor(process.pid), _comments(site)))
        time.sleep(BETWEEN_LOOKS)
    seconds = time.perf_counter() - started
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode:
        raise RuntimeError(said)
    processor = used.ru_utime + used.ru_stime
    looks.append((processor, _comments(site)))
    return Measured(seconds, processor, held, own, looks)


def _memory(pid: int) -> dict[str, float]:
    """Return the memory of a process by its names in proc(5): VmHWM and RssAnon, in megabytes.

    What wait4() tells counts the process that started this one as well.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    found = re.findall(r"(VmHWM|RssAnon):\s+(\d+) kB", status)
    return {name: int(kilobytes) / 1024 for name, kilobytes in found}


def _processor(pid: int) -> float:
    """Return the seconds of processor that a process has used so far. Source: proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _comments(site: Site) -> int:
    """Return how many comments stand there: their last key, since none is ever removed."""
    query = "SELECT coalesce(max(id), 0) FROM comments_comment"
    if url := site.env.get("DATABASE_URL"):
        connection = psycopg2.connect(url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return int(cursor.fetchone()[0])
        finally:
            connection.close()
    with sqlite3.connect(site.var_dir / "parley.sqlite3") as database:
        return int(database.execute(query).fetchone()[0])
