"""Threads of pages that no list names: what their number leads to, only who has the key is shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0016_archived_threads")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="is_unlisted",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="its page is unlisted"
            ),
        ),
    ]
