"""Threads of pages that no list names: what their number leads to, only who has the key is shown.

Which they are, the blog knows; comments are told by it whenever a post moves, and here once.
"""

from django.db import migrations, models


def tell_of_unlisted_posts(apps, schema_editor):
    alias = schema_editor.connection.alias
    unlisted = apps.get_model("blog", "Post").objects.using(alias).filter(status="unlisted")
    threads = apps.get_model("comments", "Thread").objects.using(alias)
    told = threads.filter(pk__in=unlisted.values("thread"))
    told.update(is_unlisted=True, version=models.F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0016_archived_threads"),
        ("blog", "0011_orders_of_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="is_unlisted",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="its page is unlisted"
            ),
        ),
        migrations.RunPython(tell_of_unlisted_posts, migrations.RunPython.noop),
    ]
