"""What PostgreSQL can add: paths that sort by bytes, and a log that refuses to be changed."""

from django.db import migrations

PATHS_SORT_BY_BYTES = """
ALTER TABLE comments_comment ALTER COLUMN path TYPE varchar(200) COLLATE "C";
"""
PATHS_SORT_BY_LOCALE = """
ALTER TABLE comments_comment ALTER COLUMN path TYPE varchar(200);
"""

LOG_IS_APPEND_ONLY = """
CREATE FUNCTION comments_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The moderation log is append-only.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER comments_log_is_append_only
    BEFORE UPDATE OR DELETE ON comments_moderationlogentry
    FOR EACH ROW EXECUTE FUNCTION comments_log_is_append_only();
"""
LOG_IS_A_TABLE = """
DROP TRIGGER comments_log_is_append_only ON comments_moderationlogentry;
DROP FUNCTION comments_log_is_append_only();
"""


def run_on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("comments", "0001_initial")]

    operations = [
        migrations.RunPython(
            run_on_postgresql(PATHS_SORT_BY_BYTES), run_on_postgresql(PATHS_SORT_BY_LOCALE)
        ),
        migrations.RunPython(
            run_on_postgresql(LOG_IS_APPEND_ONLY), run_on_postgresql(LOG_IS_A_TABLE)
        ),
    ]
