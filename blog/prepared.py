"""A query that is written once and asked often: Django takes longer to write one than the database
to answer it. For the one query of the pages that are kept; everything else asks in the usual way.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

# Stand for the values to come while the query is written. No slug has a space.
TEXT = "a text to come"
INSTANT = datetime(1969, 7, 20, 20, 17, 40, 123456, tzinfo=UTC)


class Prepared:
    """`build(text, instant)` returns a queryset of values that depends on nothing else.

    Rows come as the database gives them, unconverted: to be compared, not to be shown.
    """

    def __init__(self, build: Callable[[str, datetime], QuerySet[Any, Any]]) -> None:
        self.build = build
        self.sql = ""
        self.params: tuple[Any, ...] = ()

    def row(self, text: str, instant: datetime) -> tuple[Any, ...] | None:
        """Return the first row. Queries: 1."""
        if not self.sql:
            self._write()
        adapt = connection.ops.adapt_datetimefield_value
        values = {TEXT: text, adapt(INSTANT): adapt(instant)}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [values.get(param, param) for param in self.params])
            return cursor.fetchone()

    def _write(self) -> None:
        query = self.build(TEXT, INSTANT).query
        sql, self.params = query.sql_with_params()
        adapted = connection.ops.adapt_datetimefield_value(INSTANT)
        if TEXT not in self.params or adapted not in self.params:
            raise ValueError("The query does not ask for what changes from one time to the next.")
        self.sql = sql
