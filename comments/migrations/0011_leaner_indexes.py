"""Indexes that another one makes unnecessary go: each is one more page to write for every comment.

Dropped by their names: SQLite would write the whole table anew for each of these fields.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def without_index(model: str, name: str, column: str, field: models.Field, index: str):
    table = f"comments_{model}"
    return migrations.RunSQL(
        f'DROP INDEX IF EXISTS "{index}"',
        f'CREATE INDEX "{index}" ON "{table}" ("{column}")',
        state_operations=[migrations.AlterField(model, name, field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0010_reading"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex("comment", "comment_by_author"),
        migrations.AddIndex(
            "comment",
            models.Index(
                fields=["author", "status"],
                condition=Q(author__isnull=False),
                name="comment_by_author",
            ),
        ),
        migrations.AddIndex(
            "moderationlogentry",
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="log_by_actor"),
        ),
        migrations.AddIndex(
            "moderationlogentry",
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="log_by_batch"),
        ),
        without_index(
            "comment",
            "author",
            "author_id",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.SET_NULL,
                null=True,
                blank=True,
                db_index=False,
                related_name="comments",
                verbose_name="account",
            ),
            "comments_comment_author_id_334ce9e2",
        ),
        without_index(
            "comment",
            "thread",
            "thread_id",
            models.ForeignKey(
                "comments.thread",
                django.db.models.deletion.PROTECT,
                db_index=False,
                related_name="comments",
                verbose_name="thread",
            ),
            "comments_comment_thread_id_fab41b92",
        ),
        without_index(
            "moderationlogentry",
            "actor",
            "actor_id",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                django.db.models.deletion.DO_NOTHING,
                null=True,
                blank=True,
                db_constraint=False,
                db_index=False,
                related_name="+",
                verbose_name="account",
            ),
            "comments_moderationlogentry_actor_id_3eaea863",
        ),
        without_index(
            "moderationlogentry",
            "batch",
            "batch",
            models.UUIDField(null=True, blank=True),
            "comments_moderationlogentry_batch_9f43f685",
        ),
    ]
