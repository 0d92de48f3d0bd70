"""Statements that are written once and made often: Django takes longer to write one than the
database to answer it. For what is done for every reader and every comment that comes; all else asks
and stores in the usual way.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.sql import Query, UpdateQuery


class Prepared:
    """A queryset of values that is the same each time but for some values in it.

    Shape: `examples` are values that stand for those to come while the query is written; each must
    be found in it, and equal to nothing else there. `build(*examples)` returns the queryset.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *examples: Any) -> None:
        self.build, self.examples = build, examples
        self.written: Written | None = None

    def rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows for these values in the place of the examples. Queries: 1."""
        return self.converted(self.raw_rows(*values))

    def raw_rows(self, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows as the database gives them: to be compared, not to be shown."""
        with self._executed(values) as cursor:
            return cursor.fetchall()

    def converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        written = self.written = self.written or self._write()
        if not written.converters:
            return rows
        return [tuple(row) for row in written.compiler.apply_converters(rows, written.converters)]

    @contextmanager
    def _executed(self, values: Sequence[Any]) -> Iterator[CursorWrapper]:
        # Two threads may both write it: the same, so either will do.
        written = self.written = self.written or self._write()
        # The one of this thread, looked up once: `connection` looks for it at every word.
        database = connections[DEFAULT_DB_ALIAS]
        params = written.fixed.copy()
        for name, value in zip(written.names, values, strict=True):
            params[name] = _adapted(database.ops, value)
        with database.cursor() as cursor:
            cursor.execute(written.sql, params)
            yield cursor

    def _write(self) -> "Written":
        compiler = self._query().get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        names = [f"value_{at}" for at in range(len(self.examples))]
        name_of = {
            repr(_adapted(connection.ops, example)): name
            for example, name in zip(self.examples, names, strict=True)
        }
        fixed: dict[str, Any] = {}
        placed = [name_of.get(repr(param)) or _fixed(fixed, param) for param in params]
        if missing := set(names) - set(placed):
            raise ValueError(f"The query does not ask for all of {self.examples}: {missing}")
        converters = compiler.get_converters([each[0] for each in compiler.select or ()])
        return Written(_named(sql, placed), names, fixed, compiler, converters)

    def _query(self) -> Query:
        return self.build(*self.examples).query


class PreparedChange(Prepared):
    """A change of the rows of a queryset, as QuerySet.update() makes it. No signals are sent."""

    def __init__(
        self, changes: dict[str, Any], build: Callable[..., QuerySet[Any, Any]], *examples: Any
    ) -> None:
        super().__init__(build, *examples)
        self.changes = changes

    def make(self, *values: Any) -> None:
        """Make it, with these values in the place of the examples. Queries: 1."""
        with self._executed(values):
            pass

    def _query(self) -> Query:
        query = cast(UpdateQuery, super()._query().chain(UpdateQuery))
        query.add_update_values(self.changes)
        return query


class Written(NamedTuple):
    """A query with a name for each value, in whose place it may stand several times.

    Django makes the marks of SQLite out of named ones in a tenth of the time that it takes for
    others. Shape: `names` of the values to come, `fixed` the values of all other names.
    """

    sql: str
    names: list[str]
    fixed: dict[str, Any]
    compiler: Any
    converters: Any


def _named(sql: str, names: list[str]) -> str:
    """Return SQL with a name at each mark. A percent sign that is none stands there doubled."""
    marks = iter(names)
    return re.sub(r"%(.)", lambda mark: f"%({next(marks)})s" if mark[1] == "s" else mark[0], sql)


def _fixed(fixed: dict[str, Any], param: Any) -> str:
    """Return the name of a value that is always the same, with those before it in `fixed`."""
    value = param.value if isinstance(param, Enum) else param
    for name, other in fixed.items():
        if type(other) is type(value) and other == value:
            return name
    name = f"fixed_{len(fixed)}"
    fixed[name] = value
    return name


class Address(str):
    """A network address among the values: PostgreSQL has a type of its own for them."""


def _adapted(ops: BaseDatabaseOperations, value: Any) -> Any:
    """Return a value as it stands among the parameters: an instant is a text on SQLite."""
    if isinstance(value, datetime):
        return ops.adapt_datetimefield_value(value)
    return ops.adapt_ipaddressfield_value(str(value)) if isinstance(value, Address) else value


# --- what is stored -----------------------------------------------------------------------------


class PreparedInsert:
    """Stores new rows of a model, each with all of its columns. No signals are sent."""

    def __init__(self, model: type[Model]) -> None:
        key, quoted = model._meta.pk, connection.ops.quote_name
        self.fields = [field for field in model._meta.local_concrete_fields if field != key]
        columns = ", ".join(quoted(str(field.column)) for field in self.fields)
        values = ", ".join(["%s"] * len(self.fields))
        into = f"INSERT INTO {quoted(model._meta.db_table)} ({columns})"
        self.sql = f"{into} VALUES ({values}) RETURNING {quoted(str(key.column))}"

    def store(self, instance: Model) -> None:
        """Store an instance and give it its key. Queries: 1. Raises: IntegrityError."""
        database = connections[DEFAULT_DB_ALIAS]
        with database.cursor() as cursor:
            cursor.execute(self.sql, _values_of(instance, self.fields, database))
            (instance.pk,) = cursor.fetchone()
        instance._state.adding, instance._state.db = False, DEFAULT_DB_ALIAS


class PreparedUpdate:
    """Stores some columns of rows of a model. No signals are sent."""

    def __init__(self, model: type[Model], names: Sequence[str]) -> None:
        concrete = {field.name: field for field in model._meta.local_concrete_fields}
        fields, key = [concrete[name] for name in names], model._meta.pk
        quoted = connection.ops.quote_name
        self.fields = [*fields, key]
        values = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
        where = f"WHERE {quoted(str(key.column))} = %s"
        # Names of the models' own; every value is passed apart.
        self.sql = f"UPDATE {quoted(model._meta.db_table)} SET {values} {where}"  # noqa: S608

    def store(self, instance: Model) -> None:
        """Store these columns of an instance. Queries: 1."""
        database = connections[DEFAULT_DB_ALIAS]
        with database.cursor() as cursor:
            cursor.execute(self.sql, _values_of(instance, self.fields, database))


def _values_of(
    instance: Model, fields: "Sequence[Field[Any, Any]]", database: BaseDatabaseWrapper
) -> list[Any]:
    """Return the columns of an instance as the database takes them.

    A text or a number of a field of texts or numbers it takes as it is.
    """
    values = []
    for field in fields:
        value = getattr(instance, field.attname)
        is_plain = type(value) in PLAIN and isinstance(field, OF_PLAIN)
        values.append(value if is_plain else field.get_db_prep_save(value, database))
    return values


PLAIN = frozenset([str, int, float, bool, type(None)])
OF_PLAIN = (CharField, TextField, IntegerField, FloatField, BooleanField, ForeignKey)
