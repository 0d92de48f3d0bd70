"""Indexes for the orders in which the writing room lists posts, and for pictures by their file."""

import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0010_public_since"),
        ("comments", "0016_archived_threads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(fields=["file"], name="picture_by_file"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["author", "status", "-updated_at", "-id"], name="post_own_in_state"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                django.db.models.functions.text.Lower("title"), models.F("id"), name="post_titled"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("author"),
                django.db.models.functions.text.Lower("title"),
                models.F("id"),
                name="post_own_titled",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["-published_at", "-id"], name="post_dated"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "-published_at", "-id"], name="post_own_dated"),
        ),
    ]
