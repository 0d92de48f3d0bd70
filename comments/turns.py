"""One's turn to write: a transaction that others wait for without asking again and again.

SQLite lets one write at a time, and lets the others ask at growing intervals; so many writers
sleep more than they write, and the unlucky ones for long. A lock on a file beside the database
makes them a queue, across threads and processes. Elsewhere the database does that itself.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock

from django.db import connection, transaction

try:
    import fcntl
except ImportError:  # Windows has no such lock; there they ask again and again.
    fcntl = None  # type: ignore[assignment]


_of_this_process = Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Open a transaction when it is one's turn. Within another one it is that one's turn."""
    with ExitStack() as place:
        is_first = not connection.in_atomic_block
        if is_first:
            _queue(place)
        with transaction.atomic():
            if is_first:
                # What else follows the commit, a letter say, may take its time.
                transaction.on_commit(place.close)
            yield


def _queue(place: ExitStack) -> None:
    """Wait for one's place, to be left with `place`. Where no file can be locked, ask again and
    again: slower, and as safe.
    """
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or fcntl is None or not os.path.isabs(name):
        return
    # One of each process at a time stands in the queue of all: with all threads of two processes
    # in it, one process often has nothing to do while it waits for the other.
    place.enter_context(_of_this_process)
    try:
        # A descriptor of its own each time: threads of one process are told apart by it. To be
        # read only: the file may be that of another account, which ran a command here.
        descriptor = os.open(f"{name}-turn", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError:
        return
    place.callback(os.close, descriptor)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
