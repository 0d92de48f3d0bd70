"""Calls what may never return: in a thread of its own, and waits no longer than its deadline.

A call that is over its deadline is abandoned; it may end when it likes, and harms nobody: so many
threads at most, and few that are stuck in the same check. Beyond that a call fails at once.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from django.db import connections
from django.utils import timezone
from django.utils.translation import get_language, override

MOST_RUNNING = 24
# Of one check: what is stuck for good must not take the threads of all others, nor the processor.
MOST_STUCK = 3

Answer = TypeVar("Answer")


class Overdue(Exception):
    """The call did not return in time. It is abandoned."""


class AllStuck(Exception):
    """No thread is left for the call: earlier ones have not come back."""


class _Counts:
    """Of this process. A process that is forked has none of its parent's threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.running = 0
        self.stuck: Counter[str] = Counter()


_counts = _Counts()
# The threads that were counted stay behind in the process that was forked.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_counts.__init__)  # type: ignore[misc]


def call_within(seconds: float, key: str, function: Callable[[], Answer]) -> Answer:
    """Return what a function returns, or raise what it raises, in time. `key`: whose call it is.

    Language and time zone are those of the caller; the connection to the database is its own.
    Raises: Overdue, AllStuck.
    """
    with _counts.lock:
        if _counts.running >= MOST_RUNNING or _counts.stuck[key] >= MOST_STUCK:
            raise AllStuck
        _counts.running += 1
    call = _Call(key, function)
    try:
        threading.Thread(target=copy_context().run, args=(call.make,), daemon=True).start()
    except RuntimeError:
        # The system has no thread left.
        call.end()
        raise AllStuck from None
    return call.result(seconds)


class _Call(Generic[Answer]):
    def __init__(self, key: str, function: Callable[[], Answer]) -> None:
        self.key, self.function = key, function
        self.language, self.zone = get_language(), timezone.get_current_timezone()
        self.has_ended = threading.Event()
        self.is_abandoned = False
        self.answer: Any = None
        self.error: Exception | None = None

    def make(self) -> None:
        try:
            with override(self.language), timezone.override(self.zone):
                self.answer = self.function()
        except Exception as error:
            self.error = error
        except BaseException as error:
            # What ends a thread must not end the caller's, which serves requests.
            self.error = RuntimeError(type(error).__name__)
        finally:
            connections.close_all()
            self.end()

    def end(self) -> None:
        with _counts.lock:
            _counts.running -= 1
            if self.is_abandoned:
                _counts.stuck[self.key] -= 1
            self.has_ended.set()

    def result(self, seconds: float) -> Answer:
        if not self.has_ended.wait(seconds):
            self._abandon()
        if self.error is not None:
            raise self.error
        return self.answer

    def _abandon(self) -> None:
        with _counts.lock:
            # It may have ended at this very moment.
            if self.has_ended.is_set():
                return
            self.is_abandoned = True
            _counts.stuck[self.key] += 1
        raise Overdue
