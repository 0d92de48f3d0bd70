"""Which revision of a comment readers see, and since which version of the thread."""

from django.db import migrations, models
from django.db.models import F


def give_revisions(apps, schema_editor):
    comments = apps.get_model("comments", "Comment")
    comments.objects.filter(status="approved").update(approved_revision=F("revision"))


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0006_import_sign_of_life"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="approved_revision",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="comment",
            name="shown_version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="comment",
            name="standing_html",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="commentrevision",
            name="was_public",
            field=models.BooleanField(default=False, verbose_name="was public"),
        ),
        migrations.AddField(
            model_name="moderationlogentry",
            name="public_before",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.RunPython(give_revisions, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_revision", models.F("revision")), ("status", "approved")),
                    models.Q(
                        ("approved_revision__lt", models.F("revision")), ("status", "pending")
                    ),
                    models.Q(
                        ("approved_revision__isnull", True),
                        models.Q(("status", "approved"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="comment_approved_is_public",
            ),
        ),
    ]
