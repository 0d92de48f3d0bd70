"""One's turn to write: a transaction that others wait for without asking again and again.

SQLite lets one write at a time, and lets the others ask at growing intervals; so many writers
sleep more than they write, and the unlucky ones for long. A lock on a file beside the database
makes them a queue, across threads and processes. Elsewhere the database does that itself.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection, transaction

try:
    import fcntl
except ImportError:  # Windows has no such lock; there they ask again and again.
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn() -> Iterator[None]:
    """Open a transaction when it is one's turn. Within another one it is that one's turn."""
    with ExitStack() as stack:
        if not connection.in_atomic_block:
            stack.enter_context(_place_in_the_queue())
        stack.enter_context(transaction.atomic())
        yield


@contextmanager
def _place_in_the_queue() -> Iterator[None]:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or fcntl is None or not os.path.isabs(name):
        yield
        return
    # A descriptor of its own each time: threads of one process are told apart by it.
    descriptor = os.open(f"{name}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
