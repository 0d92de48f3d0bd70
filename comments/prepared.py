"""A query that is written once and asked often: Django takes longer to write one than the database
to answer it. For the queries of the pages that strangers read; all else asks in the usual way.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet


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
        # Two threads may both write it: the same, so either will do.
        written = self.written = self.written or self._write()
        adapted = [_adapted(value) for value in values]
        params = [param if at is None else adapted[at] for param, at in written.params]
        with connection.cursor() as cursor:
            cursor.execute(written.sql, params)
            return cursor.fetchall()

    def converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        written = self.written = self.written or self._write()
        if not written.converters:
            return rows
        return [tuple(row) for row in written.compiler.apply_converters(rows, written.converters)]

    def _write(self) -> "Written":
        compiler = self.build(*self.examples).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        examples = [repr(_adapted(example)) for example in self.examples]
        placed = [(param, _place_in(examples, param)) for param in params]
        if missing := set(range(len(examples))) - {at for _param, at in placed}:
            raise ValueError(f"The query does not ask for: {[self.examples[at] for at in missing]}")
        converters = compiler.get_converters([each[0] for each in compiler.select])
        return Written(sql, placed, compiler, converters)


class Written(NamedTuple):
    """Shape: of `params` each is a value with None, or has the place of the one to come."""

    sql: str
    params: list[tuple[Any, int | None]]
    compiler: Any
    converters: Any


class Address(str):
    """A network address among the values: PostgreSQL has a type of its own for them."""


def _adapted(value: Any) -> Any:
    """Return a value as it stands among the parameters: an instant is a text on SQLite."""
    if isinstance(value, Address):
        return connection.ops.adapt_ipaddressfield_value(str(value))
    return connection.ops.adapt_datetimefield_value(value) if hasattr(value, "tzinfo") else value


def _place_in(examples: list[str], param: Any) -> int | None:
    return examples.index(repr(param)) if repr(param) in examples else None
