"""Make the roles Contributor and Administrator, and give editors the labels and pictures."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# As blog/roles.py had it when this was written: a migration does not follow later changes.
CONTRIBUTOR = ["comments.add_comment", "blog.add_post", "blog.change_post"]
EDITORS_TOO = [
    "blog.delete_tag",
    "blog.view_series",
    "blog.add_series",
    "blog.change_series",
    "blog.delete_series",
    "blog.view_picture",
    "blog.change_picture",
    "blog.delete_picture",
]
ADMINISTRATORS_TOO = [
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.delete_user",
]


def make_roles(apps, schema_editor):
    database = schema_editor.connection.alias
    make_permissions(apps, database)
    Group = apps.get_model("auth", "Group")
    groups = Group.objects.using(database)
    contributors, _made = groups.get_or_create(name="Contributor")
    contributors.permissions.set(found(apps, database, CONTRIBUTOR))
    editors, _made = groups.get_or_create(name="Editor")
    editors.permissions.add(*found(apps, database, EDITORS_TOO))
    administrators, _made = groups.get_or_create(name="Administrator")
    administrators.permissions.set(
        [*editors.permissions.all(), *found(apps, database, ADMINISTRATORS_TOO)]
    )


def take_back(apps, schema_editor):
    database = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(database)
    for editors in groups.filter(name="Editor"):
        editors.permissions.remove(*found(apps, database, EDITORS_TOO))


def make_permissions(apps, database):
    """Make the permissions now: Django itself makes them after the last migration only."""
    for label in ("blog", "accounts"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, verbosity=0, using=database, apps=apps)
        config.models_module = None


def found(apps, database, names):
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    return [
        permissions.get(content_type__app_label=label, codename=codename)
        for label, codename in (name.split(".") for name in names)
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0008_writing_room"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunPython(make_roles, take_back)]
