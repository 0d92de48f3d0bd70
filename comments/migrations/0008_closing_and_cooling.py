"""When discussions close or slow down, and who may still edit."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def give_last_comments(apps, schema_editor):
    comments = apps.get_model("comments", "Comment")
    public = comments.objects.filter(thread=models.OuterRef("pk"), status="approved").order_by()
    latest = public.values("thread").annotate(at=models.Max("created_at")).values("at")
    thread = apps.get_model("comments", "Thread")
    thread.objects.filter(approved_count__gt=0).update(last_comment_at=models.Subquery(latest))


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0007_public_revision"),
    ]

    operations = [
        migrations.CreateModel(
            name="DiscussionRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "edit_minutes",
                    models.PositiveIntegerField(
                        default=15,
                        help_text="How long people may change or delete their own comment. 0: not at all.",
                        validators=[django.core.validators.MaxValueValidator(43200)],
                        verbose_name="minutes to edit",
                    ),
                ),
                (
                    "proved_edit_minutes",
                    models.PositiveIntegerField(
                        default=1440,
                        help_text="The same for accounts, and for guests who confirmed their address.",
                        validators=[django.core.validators.MaxValueValidator(43200)],
                        verbose_name="minutes to edit, address proved",
                    ),
                ),
                (
                    "close_after_days",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="0: never by itself. A single discussion may have a rule of its own.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="days until a discussion closes",
                    ),
                ),
                (
                    "close_counts_from",
                    models.CharField(
                        choices=[
                            ("publication", "the publication of the page"),
                            ("comment", "the last comment"),
                        ],
                        default="publication",
                        max_length=11,
                        verbose_name="counted from",
                    ),
                ),
            ],
            options={
                "verbose_name": "rules for discussions",
                "verbose_name_plural": "rules for discussions",
            },
        ),
        migrations.AddField(
            model_name="comment",
            name="email_proved_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="address proved"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="close_after_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="closes after days"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="close_counts_from",
            field=models.CharField(
                blank=True,
                choices=[
                    ("publication", "the publication of the page"),
                    ("comment", "the last comment"),
                ],
                max_length=11,
                verbose_name="counted from",
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="closed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="closed since"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="closes_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="closes"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="closing_note",
            field=models.CharField(blank=True, max_length=200, verbose_name="why it is closed"),
        ),
        migrations.AddField(
            model_name="thread",
            name="cooled_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="cooled since"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="cooling_note",
            field=models.CharField(blank=True, max_length=200, verbose_name="why it is cooled"),
        ),
        migrations.AddField(
            model_name="thread",
            name="is_premoderated",
            field=models.BooleanField(
                default=False, verbose_name="every comment waits for an editor"
            ),
        ),
        migrations.AddField(
            model_name="thread",
            name="last_comment_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="thread",
            name="pinned_number",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="pinned comment"),
        ),
        migrations.AddField(
            model_name="thread",
            name="slow_seconds",
            field=models.PositiveIntegerField(default=0, verbose_name="seconds between comments"),
        ),
        migrations.AddConstraint(
            model_name="discussionrules",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="rules_are_one"),
        ),
        migrations.RunPython(give_last_comments, migrations.RunPython.noop),
    ]
