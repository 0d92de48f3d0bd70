"""Full-text search in comments: indexes on PostgreSQL, a table of its own on SQLite.

On a million comments PostgreSQL takes a minute or two to make them. SQLite's table is filled by
`manage.py renew_comments`, and bit by bit by searching.
"""

from django.db import OperationalError, migrations, models

BETWEEN = "./-@_:?&=#%+'’<>\\"
TEXT = (
    "translate(left(author_name || ' ' || body, 200000), "
    f"'{BETWEEN.replace(chr(39), chr(39) * 2)}', '{' ' * len(BETWEEN)}')"
)
POSTGRESQL = f"""
CREATE INDEX comment_words ON comments_comment USING gin (to_tsvector('simple', {TEXT}));
CREATE INDEX comment_facets ON comments_comment USING gin (string_to_array(facets, ' '));
"""
NOT_POSTGRESQL = """
DROP INDEX comment_words;
DROP INDEX comment_facets;
"""
SQLITE = """
CREATE VIRTUAL TABLE comments_search
USING fts5(name, body, facets, tokenize = "unicode61 remove_diacritics 0")
"""

SECURE = "INSERT INTO comments_search (comments_search, rank) VALUES ('secure-delete', 1)"


def make(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL, params=None)
        return
    try:
        schema_editor.execute(SQLITE, params=None)
        if schema_editor.connection.Database.sqlite_version_info >= (3, 42):
            # What is taken out leaves no trace in the file.
            schema_editor.execute(SECURE, params=None)
    except OperationalError as missing:
        # Built without its full-text search: comments are looked through one by one then.
        if "no such module" not in str(missing):
            raise


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(NOT_POSTGRESQL, params=None)
    else:
        schema_editor.execute("DROP TABLE IF EXISTS comments_search", params=None)


class Migration(migrations.Migration):
    dependencies = [("comments", "0013_moves")]

    operations = [
        migrations.CreateModel(
            name="SearchProgress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("last_entry", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("pk", 1)), name="search_progress_is_one"
                    )
                ],
            },
        ),
        migrations.RunPython(make, remove),
    ]
