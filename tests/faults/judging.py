"""How an answer to bad input is judged: a clear status, quick, and nothing stored.

Quick is 100 ms by the clock; where the machine is busy with other things, 100 ms of the time that
the site itself was at work.
"""

import contextlib
import functools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.faults.visitor import Visitor, parse, rows_in, text_of
from tests.servers import Site

QUICK_MS = 100
# However busy the machine: nobody is left waiting.
PATIENCE_MS = 5_000
BROKEN = ("Internal Server Error", "Error handling request")
# What a guest types beside the comment.
WHO = {"name": "Gus Guest", "email": "gus@example.org"}


@dataclass(frozen=True)
class Room:
    """A site with two posts, each with a thread and an approved comment, and three people."""

    site: Site
    thread: int
    post: str
    other_thread: int
    guest: Visitor
    alice: Visitor
    mona: Visitor

    @property
    def door(self) -> str:
        return f"/comments/{self.thread}/"


@dataclass(frozen=True)
class Figures:
    """Units: milliseconds, medians of three. `worked`: processor time of the site's processes."""

    waited: float
    worked: float

    def __str__(self) -> str:
        return f"{self.waited:.0f} ms by the clock, {self.worked:.0f} ms of work"

    def is_quick(self) -> bool:
        return min(self.waited, self.worked) < QUICK_MS and self.waited < PATIENCE_MS


def ask_thrice(
    room: Room, ask: Callable[[], httpx.Response]
) -> tuple[list[httpx.Response], Figures]:
    answers, waited, worked = [], [], []
    for _turn in range(3):
        before, started = work_of(room.site), time.perf_counter()
        answers.append(ask())
        waited.append((time.perf_counter() - started) * 1000)
        after = work_of(room.site)
        worked.append(after - before if before is not None and after is not None else waited[-1])
    return answers, Figures(statistics.median(waited), statistics.median(worked))


def work_of(site: Site) -> float | None:
    """Return the processor time that the site's processes used so far, in ms; None if unknown."""
    spent = 0
    for pid in pids_of(site):
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                spent += int(task.read_text().split()[0])
    return spent / 1e6 or None


@functools.cache
def pids_of(site: Site) -> list[int]:
    """Return the processes of a site, as /proc knows them: they share a process group."""
    assert site._process is not None
    pids = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            group = (process / "stat").read_text().rpartition(")")[2].split()[2]
            if group == str(site._process.pid):
                pids.append(int(process.name))
    return pids


def judge(room: Room, ask: Callable[[], httpx.Response], statuses: set[int], what: str) -> str:
    """Ask three times; return the last page. Fail on anything but a clear, quick, clean refusal."""
    before = rows_in(room.site)
    answers, figures = ask_thrice(room, ask)
    print(f"{what}: {answers[-1].status_code}, {figures}")
    assert {answer.status_code for answer in answers} <= statuses, answers[-1].text[-3000:]
    assert rows_in(room.site) == before
    assert figures.is_quick(), f"{what}: {figures}"
    return answers[-1].text


def says_something(html: str) -> bool:
    main = next(parse(html).iter("main"), None)
    return len(text_of(main).split()) >= 5


def broken_in(site: Site) -> list[str]:
    """Return the lines in which the site's log says that a view, or the server itself, broke."""
    return [line for line in site.log().splitlines() if any(sign in line for sign in BROKEN)]
