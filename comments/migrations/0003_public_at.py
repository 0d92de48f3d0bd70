"""A thread is public from an instant on, so that a scheduled page's needs nobody to open it."""

from django.db import migrations, models
from django.db.models import F


def give_instants(apps, schema_editor):
    thread = apps.get_model("comments", "Thread")
    thread.objects.filter(is_public=True).update(public_at=F("created_at"))


def give_flags(apps, schema_editor):
    thread = apps.get_model("comments", "Thread")
    thread.objects.filter(public_at__isnull=False).update(is_public=True)


class Migration(migrations.Migration):
    dependencies = [("comments", "0002_postgresql")]

    operations = [
        migrations.AddField(
            model_name="thread",
            name="public_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="public since"),
        ),
        migrations.RunPython(give_instants, give_flags),
    ]
