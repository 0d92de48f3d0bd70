"""Tell the threads of unlisted posts what they are told whenever a post moves."""

from django.db import migrations, models


def tell_threads(apps, schema_editor):
    alias = schema_editor.connection.alias
    unlisted = apps.get_model("blog", "Post").objects.using(alias).filter(status="unlisted")
    threads = apps.get_model("comments", "Thread").objects.using(alias)
    told = threads.filter(pk__in=unlisted.values("thread"))
    told.update(is_unlisted=True, version=models.F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0012_working_copies_in_order"),
        ("comments", "0017_unlisted_threads"),
    ]

    operations = [migrations.RunPython(tell_threads, migrations.RunPython.noop)]
