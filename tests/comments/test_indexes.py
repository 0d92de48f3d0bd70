"""What is written beside a comment each time: no index that another one makes unnecessary."""

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("comments_comment", {"parent_id"}),
        ("comments_moderationlogentry", {"comment_id", "created_at", "actor_id", "batch"}),
    ],
)
def test_no_more_is_indexed_than_is_asked(table, columns):
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table)
    # PostgreSQL has one more of each unique text, for LIKE.
    alone = [
        (each["columns"][0], name)
        for name, each in constraints.items()
        if each["index"]
        and not each["unique"]
        and len(each["columns"]) == 1
        and not name.endswith("_like")
    ]
    assert {column for column, _name in alone} == columns
    names = {name for column, name in alone if column in ("actor_id", "batch")}
    assert names <= {"log_by_actor", "log_by_batch"}
