"""How each check runs: counted in the memory of each process, written down by the thread beside the
requests, and at once where a check failed. So a comment pays nothing for being counted.

breaker.py decides by failures whether a remote check is asked at all.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Case, F, Value, When

from comments.models import CheckHealth
from comments.turns import turn

logger = logging.getLogger("parley.spam")

MOST_SAID = 300


@dataclass
class Tally:
    """What one process has seen of a check since it was last written down. Units: seconds."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    # Of the clock as it is: a comment passes a dozen checks, and Django's instants take longer.
    answered: float | None = None
    failed: float | None = None
    last_error: str = ""
    alert: str | None = None


_lock = threading.Lock()
_tallies: dict[str, Tally] = {}


def note_answer(path: str, seconds: float) -> None:
    """Count a call that was answered in time. Queries: none."""
    with _lock:
        _called(path, seconds).answered = time.time()


def note_failure(path: str, seconds: float, why: str) -> None:
    """Count a call that failed. Queries: 1 outside a transaction, which may be rolled back."""
    with _lock:
        tally = _called(path, seconds)
        tally.failures += 1
        tally.failed, tally.last_error = time.time(), why[:MOST_SAID]
    if connection.in_atomic_block:
        return
    try:
        flush()
    except DatabaseError:
        # What is only counted must not keep anybody from commenting.
        logger.exception("How the checks run could not be written down.")


def note_alert(path: str, alert: str) -> None:
    """Note what a service asks its users to be told; nothing takes back what it told before."""
    with _lock:
        _tallies.setdefault(path, Tally()).alert = alert[:MOST_SAID]


def _called(path: str, seconds: float) -> Tally:
    tally = _tallies.get(path)
    if tally is None:
        tally = _tallies[path] = Tally()
    tally.calls += 1
    tally.seconds += seconds
    if seconds > tally.slowest:
        tally.slowest = seconds
    return tally


def forget() -> None:
    """Forget what was counted and not written down: where the database is another one now."""
    with _lock:
        _tallies.clear()


# --- written down -------------------------------------------------------------------------------


def flush() -> None:
    """Write down what was counted. Queries: 1 for each check that ran, 2 the first time."""
    with _lock:
        counted = dict(_tallies)
        _tallies.clear()
    if not counted:
        return
    with turn():
        # Always in this order: of two processes none waits for the other half-way.
        for path in sorted(counted):
            of_check(path, **_changes(counted[path]))


def _changes(tally: Tally) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "calls": F("calls") + tally.calls,
        "failures": F("failures") + tally.failures,
        "seconds": F("seconds") + tally.seconds,
        "slowest": Case(
            When(slowest__lt=tally.slowest, then=Value(tally.slowest)), default=F("slowest")
        ),
    }
    said: dict[str, Any] = {
        "last_ok_at": _instant(tally.answered),
        "last_failed_at": _instant(tally.failed),
        "alert": tally.alert,
    }
    if tally.failures:
        said["last_error"] = tally.last_error
    return changes | {name: value for name, value in said.items() if value is not None}


def _instant(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)


def of_check(path: str, **changes: Any) -> None:
    """Change the row of a check, and make it where there is none. Queries: 1, or 3."""
    row = CheckHealth.objects.filter(check_path=path)
    if not row.update(**changes):
        make_row(path)
        row.update(**changes)


def make_row(path: str) -> None:
    """Make the row of a check, where there is none. Queries: 1."""
    CheckHealth.objects.bulk_create([CheckHealth(check_path=path)], ignore_conflicts=True)
