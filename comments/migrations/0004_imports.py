"""What comes from elsewhere: in which markup, of which kind, and by which run it was imported."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0003_public_at"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name="thread",
            name="is_public",
        ),
        migrations.AddField(
            model_name="comment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("comment", "comment"),
                    ("pingback", "pingback"),
                    ("trackback", "trackback"),
                ],
                default="comment",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="comment",
            name="markup",
            field=models.CharField(
                choices=[("markdown", "Markdown"), ("html", "HTML")],
                default="markdown",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="commentrevision",
            name="markup",
            field=models.CharField(
                choices=[("markdown", "Markdown"), ("html", "HTML")],
                default="markdown",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("submit", "submitted"),
                    ("approve", "approved"),
                    ("hold", "held"),
                    ("reject", "rejected"),
                    ("mark_spam", "marked as spam"),
                    ("delete", "deleted"),
                    ("edit", "edited"),
                    ("undo", "undid"),
                    ("import", "imported"),
                ],
                max_length=10,
                verbose_name="act",
            ),
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("format", models.CharField(max_length=20, verbose_name="format")),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("file_size", models.BigIntegerField(verbose_name="size in bytes")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("running", "running, or cut off"),
                            ("finished", "finished"),
                            ("failed", "failed"),
                            ("reverted", "reverted"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("report", models.JSONField(blank=True, default=dict, verbose_name="report")),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started")),
                (
                    "finished_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="finished"),
                ),
                (
                    "reverted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "import",
                "verbose_name_plural": "imports",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ImportMap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=20)),
                ("external_id", models.CharField(max_length=200)),
                ("object_id", models.PositiveBigIntegerField()),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("position", models.PositiveBigIntegerField(default=0)),
                ("left_at_version", models.PositiveIntegerField(default=0)),
                ("is_made", models.BooleanField(default=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="comments.importrun",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "object_id"], name="import_of_object"),
                    models.Index(fields=["run", "kind"], name="import_by_run"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "kind", "external_id"), name="imported_once"
                    )
                ],
            },
        ),
        migrations.AlterField(
            model_name="listentry",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="added"
            ),
        ),
        migrations.AlterField(
            model_name="thread",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
    ]
