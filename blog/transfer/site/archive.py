"""Files written whole or not at all, and zips that are equal where what is in them is equal."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from django.core.management.base import CommandError
from django.db import connection, transaction

# The first day that a zip can tell of.
NO_DATE = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE = 0o100644


@contextmanager
def whole_file(target: Path, *, force: bool) -> Iterator[IO[bytes]]:
    """Write beside `target`, and give it the name when all of it is on the disk.

    Only its owner may read it: what we export holds people's addresses.

    Raises: CommandError, in words, for what stands in the way.
    """
    _refuse_existing(target, force)
    try:
        handle, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)
    except OSError as error:
        raise CommandError(f"Nothing can be written beside {target}: {error.strerror}") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(target, force)
        part.replace(target)
    except OSError as error:
        raise CommandError(f"{target} could not be written: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _refuse_existing(target: Path, force: bool) -> None:
    if target.is_dir():
        raise CommandError(f"{target} is a folder; please give the name of a file.")
    if target.exists() and not force:
        raise CommandError(f"{target} exists. Give another name, or --force to replace it.")


class Archive:
    """A zip being written: entries without dates, in whatever order they are added."""

    def __init__(self, file: IO[bytes]) -> None:
        self.zip = ZipFile(file, "w", allowZip64=True)

    def text(self, name: str, text: str) -> None:
        with self.open(name) as entry:
            entry.write(text.encode())

    def lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Write the lines, and return how many there were."""
        count = 0
        with self.open(name) as entry:
            for line in lines:
                entry.write(line)
                count += 1
        return count

    def copy(self, name: str, source: IO[bytes]) -> None:
        """Write a file that is compressed already."""
        with self.open(name, compression=ZIP_STORED) as entry:
            shutil.copyfileobj(source, entry, 256 * 1024)

    def open(self, name: str, *, compression: int = ZIP_DEFLATED) -> IO[bytes]:
        info = ZipInfo(name, NO_DATE)
        info.compress_type = compression
        info.create_system = 3
        info.external_attr = PLAIN_FILE << 16
        return self.zip.open(info, "w", force_zip64=True)


@contextmanager
def new_archive(target: Path, *, force: bool) -> Iterator[Archive]:
    with whole_file(target, force=force) as file:
        archive = Archive(file)
        try:
            yield archive
            archive.zip.close()
        except BaseException:
            # What is told is the first fault, and not that the zip cannot be ended either.
            with suppress(OSError, ValueError):
                archive.zip.close()
            raise


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let everything that is read inside be as it was at one moment; writers are not kept waiting.

    Within a transaction of somebody else's that is theirs to decide.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            # Our own transactions are IMMEDIATE: a reading one must not take the lock to write.
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
