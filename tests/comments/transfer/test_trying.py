"""A dry run writes nothing and keeps nobody from writing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.db.utils import ConnectionHandler

from comments.transfer.trying import private_copy


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "site.sqlite3"
    with closing(sqlite3.connect(path)) as made:
        made.executescript("PRAGMA journal_mode=WAL; CREATE TABLE words (word TEXT)")
    return path


@pytest.fixture
def connection(database: Path, django_db_blocker: Any) -> Iterator[Any]:
    settings = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(database)}
    settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE"}  # type: ignore[assignment]
    made = ConnectionHandler({"default": settings})["default"]
    with django_db_blocker.unblock():
        yield made
        made.close()


def write(connection: Any, word: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO words VALUES (%s)", [word])


def fail_after_writing(connection: Any) -> None:
    write(connection, "tried")
    raise sqlite3.Error


def words(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as reader:
        return [word for (word,) in reader.execute("SELECT word FROM words ORDER BY word")]


def test_somebody_else_can_write_during_a_dry_run_on_sqlite(
    connection: Any, database: Path
) -> None:
    write(connection, "before")
    with private_copy(connection):
        write(connection, "tried")
        with closing(sqlite3.connect(database, timeout=0)) as reader, reader:
            reader.execute("INSERT INTO words VALUES ('meanwhile')")
        write(connection, "tried again")
    write(connection, "later")
    assert words(database) == ["before", "later", "meanwhile"]


def test_the_copy_is_the_whole_database_and_goes_afterwards(
    connection: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "room"))
    write(connection, "before")
    with private_copy(connection), connection.cursor() as cursor:
        cursor.execute("SELECT word FROM words")
        assert cursor.fetchall() == [("before",)]
        assert Path(connection.settings_dict["NAME"]).is_relative_to(tmp_path / "room")
    assert connection.settings_dict["NAME"] == str(database)
    assert list((tmp_path / "room").iterdir()) == []


def test_a_dry_run_that_fails_leaves_nothing_either(
    connection: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "room"))
    with pytest.raises(sqlite3.Error), private_copy(connection):
        fail_after_writing(connection)
    assert words(database) == []
    assert list((tmp_path / "room").iterdir()) == []


def test_a_copy_that_cannot_be_made_is_told_of_in_words(
    connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comments.transfer.trying.sqlite3.connect", _full)
    with pytest.raises(CommandError, match="disk is full"), private_copy(connection):
        pass


def _full(*_args: object, **_options: object) -> Any:
    raise sqlite3.OperationalError("database or disk is full")
