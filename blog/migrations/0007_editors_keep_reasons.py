"""Let editors keep the reasons, and see the measures against people and the reports."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ADDED = (
    "view_reason",
    "add_reason",
    "change_reason",
    "view_sanction",
    "view_report",
)


def give(apps, schema_editor):
    database = schema_editor.connection.alias
    make_permissions(apps, database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    editors = apps.get_model("auth", "Group").objects.using(database).filter(name="Editor")
    added = permissions.filter(content_type__app_label="comments", codename__in=ADDED)
    for group in editors:
        group.permissions.add(*added)


def take_back(apps, schema_editor):
    database = schema_editor.connection.alias
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    added = permissions.filter(content_type__app_label="comments", codename__in=ADDED)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name="Editor"):
        group.permissions.remove(*added)


def make_permissions(apps, database):
    """Make the permissions now: Django itself makes them after the last migration only."""
    config = apps.get_app_config("comments")
    config.models_module = True
    create_permissions(config, verbosity=0, using=database, apps=apps)
    config.models_module = None


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0006_editors_set_rules"),
        ("comments", "0012_desk"),
    ]

    operations = [migrations.RunPython(give, take_back)]
