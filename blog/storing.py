"""Files beside rows: a database forgets what is rolled back, a disk does not.

What is written for a row is noted here first, and removed when the row does not come to stay.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.files.storage import default_storage
from django.db import transaction

logger = logging.getLogger("parley.media")

_uncommitted: ContextVar[set[str] | None] = ContextVar("uncommitted", default=None)

Kept = Callable[[set[str]], set[str]]


def _none(names: set[str]) -> set[str]:
    return set()


@contextmanager
def unkept_on_failure(kept: Kept = _none) -> Iterator[None]:
    """Remove at the end what was written in transactions that did not come to stay.

    This goes around the transactions; where one is still open at its end, that counts as rolled
    back, as a dry run's will be, except for the files that `kept` answers for.
    """
    outer = _uncommitted.set(set())
    try:
        yield
    finally:
        names = _uncommitted.get() or set()
        _uncommitted.reset(outer)
        if names:
            remove(names - kept(names))


def expect(path: str) -> None:
    """Note a file before anything is written under its name; a commit takes the note back."""
    names = _uncommitted.get()
    if names is not None:
        names.add(path)
        transaction.on_commit(lambda: names.discard(path))


def remove(names: set[str]) -> None:
    """Remove files; one that cannot be removed keeps no other from going."""
    for name in sorted(names):
        try:
            default_storage.delete(name)
        except Exception:  # each kind of storage raises its own
            logger.exception("The file %s could not be removed.", name)
