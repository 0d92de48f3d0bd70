"""A dry run: the real one, in a transaction that is never committed.

SQLite has one write lock for the whole database, so there it runs on a copy of its own, and readers
who write a comment meanwhile wait for nothing.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import CommandError
from django.db import connection, transaction


@contextmanager
def trying_out() -> Iterator[None]:
    """Let what happens inside be as if it had never been. Raises: CommandError."""
    with private_copy(connection), transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def private_copy(connection: Any) -> Iterator[None]:
    """Have a connection lead to a copy of its database, where that can be and is any use.

    Raises: CommandError.
    """
    is_file = connection.vendor == "sqlite" and not connection.is_in_memory_db()
    if not is_file or connection.in_atomic_block:
        yield
        return
    with TemporaryDirectory(prefix="parley-dry-run-") as folder:
        copy = Path(folder) / "copy.sqlite3"
        _copy(connection, copy)
        settings = connection.settings_dict
        connection.close()
        connection.settings_dict = {**settings, "NAME": str(copy)}
        try:
            yield
        finally:
            connection.close()
            connection.settings_dict = settings


def _copy(connection: Any, copy: Path) -> None:
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(copy)) as target:
            connection.connection.backup(target)
    except sqlite3.Error as error:
        raise CommandError(
            f"A dry run works on a copy of the database, and none could be made in {copy.parent}: "
            f"{error}. TMPDIR names another place."
        ) from error
