"""The log stays append-only on PostgreSQL, but for a whole import that is taken back.

Reverting an import removes comments together with their history. It says so in its own transaction
by `SET LOCAL parley.reverting = 'on'`; nothing is ever updated.
"""

from django.db import migrations

ALLOW = """
CREATE OR REPLACE FUNCTION comments_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('parley.reverting', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The moderation log is append-only.' USING ERRCODE = 'restrict_violation';
END $$;
"""
FORBID = """
CREATE OR REPLACE FUNCTION comments_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The moderation log is append-only.' USING ERRCODE = 'restrict_violation';
END $$;
"""


def run_on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_imports")]

    operations = [migrations.RunPython(run_on_postgresql(ALLOW), run_on_postgresql(FORBID))]
