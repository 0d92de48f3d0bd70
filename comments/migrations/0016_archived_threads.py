"""Threads of pages that are kept for the record: nobody adds to them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0015_spam_check"),
    ]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="is_archived",
            field=models.BooleanField(
                default=False, editable=False, verbose_name="its page is archived"
            ),
        ),
    ]
