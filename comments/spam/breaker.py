"""The circuit breaker of remote checks: one that fails again and again is left alone for a while,
so that nobody who comments waits for it in vain.

Its state stands in the rows of CheckHealth, shared by all processes, each of which looks at them
every few seconds. When the time is over, one process tries; the others wait for what comes of it.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils import timezone

from comments.models import CheckHealth
from comments.spam.health import make_row
from comments.turns import turn

OPENS_AFTER = 5
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
# So long has the one who tries; then another may.
TRIAL = timedelta(seconds=30)
LOOKS_EVERY_SECONDS = 3.0


class Open(Exception):
    """The check is not asked now. Shape: `until` is when it may be."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not asked until {until}")
        self.until = until


@dataclass(frozen=True)
class State:
    failed_in_row: int = 0
    open_until: datetime | None = None


@dataclass(frozen=True)
class Leave:
    """Leave to ask a check once. Shape: `is_trial` where all others wait for what comes of it."""

    path: str
    is_trial: bool


class _Known:
    """What this process knows of the rows, and since when."""

    def __init__(self) -> None:
        self.read_at = -LOOKS_EVERY_SECONDS
        self.states: dict[str, State] = {}

    def of(self, path: str) -> State:
        """Queries: 1 every few seconds."""
        if time.monotonic() - self.read_at >= LOOKS_EVERY_SECONDS:
            rows = CheckHealth.objects.values_list("check_path", "failed_in_row", "open_until")
            self.states = {path: State(failed, until) for path, failed, until in rows}
            self.read_at = time.monotonic()
        return self.states.get(path, State())

    def forget(self) -> None:
        self.read_at = time.monotonic() - LOOKS_EVERY_SECONDS


known = _Known()


def ask_leave(path: str) -> Leave:
    """Return leave to ask a remote check. Raises: Open. Queries: 1 every few seconds; 1 more for
    whoever may try whether it works again.
    """
    until = known.of(path).open_until
    if until is None:
        return Leave(path, is_trial=False)
    now = timezone.now()
    if until > now:
        raise Open(until)
    known.forget()
    same = CheckHealth.objects.filter(check_path=path, open_until=until)
    if not same.update(open_until=now + TRIAL):
        # Somebody else tries at this moment.
        raise Open(known.of(path).open_until or now + TRIAL)
    return Leave(path, is_trial=True)


def open_until(path: str) -> datetime | None:
    """Return until when a check is left alone; None when it may be asked. Queries: as ask_leave."""
    until = known.of(path).open_until
    return until if until and until > timezone.now() else None


def answered(leave: Leave) -> None:
    """Let everybody ask again. Queries: none, where nothing had failed."""
    if leave.is_trial or known.of(leave.path).failed_in_row:
        close(leave.path)


def close(path: str) -> None:
    """Let everybody ask, at once. Queries: 1."""
    CheckHealth.objects.filter(check_path=path).update(failed_in_row=0, open_until=None)
    known.forget()


def failed(leave: Leave) -> None:
    """Count a failure, and leave the check alone after some in a row. Queries: 2 or 3.

    What fails while it is left alone was asked before, and counts no more: but for the trial.
    """
    path, now = leave.path, timezone.now()
    is_closed = Q(open_until=None) | Q(open_until__lte=now)
    counted = Q() if leave.is_trial else is_closed
    with turn():
        make_row(path)
        row = CheckHealth.objects.filter(counted, check_path=path)
        if row.update(failed_in_row=F("failed_in_row") + 1):
            in_row = row.values_list("failed_in_row", flat=True).get()
            if in_row >= OPENS_AFTER:
                row.update(open_until=now + _pause(in_row))
    known.forget()


def _pause(in_row: int) -> timedelta:
    doubled = min(in_row - OPENS_AFTER, 10)
    return min(SHORTEST * 2**doubled, LONGEST)
