"""Several rows in one column of another: what would be a query of its own for each list."""

from typing import Any

from django.db import models
from django.db.models import Aggregate


class JSONArrayAgg(Aggregate):
    """One JSON array of a group's values, in no order."""

    function = "JSON_GROUP_ARRAY"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **extra)
