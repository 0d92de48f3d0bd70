"""Let editors set the rules for discussions."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ADDED = ("view_discussionrules", "change_discussionrules")


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
        ("blog", "0005_old_addresses_claimed"),
        ("comments", "0008_closing_and_cooling"),
    ]

    operations = [migrations.RunPython(give, take_back)]
