"""Make the groups Reader, Author and Editor with exactly the permissions of their role."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

# As blog/roles.py had it when this was written: a migration does not follow later changes.
READER = ["comments.add_comment"]
AUTHOR = [*READER, "blog.add_post", "blog.change_post", "blog.publish_post", "blog.add_picture"]
EDITOR = [
    *AUTHOR,
    "blog.edit_others_posts",
    "blog.view_tag",
    "blog.add_tag",
    "blog.change_tag",
    "comments.moderate_comment",
    "comments.view_comment",
    "comments.view_moderationlogentry",
    "comments.view_listentry",
    "comments.add_listentry",
    "comments.change_listentry",
    "comments.delete_listentry",
]
ROLES = {"Reader": READER, "Author": AUTHOR, "Editor": EDITOR}


def make_roles(apps, schema_editor):
    database = schema_editor.connection.alias
    make_permissions(apps, database)
    Group = apps.get_model("auth", "Group")
    for name, permissions in ROLES.items():
        group, _made = Group.objects.using(database).get_or_create(name=name)
        group.permissions.set([find(apps, database, name) for name in permissions])


def make_permissions(apps, database):
    """Make the permissions now: Django itself makes them after the last migration only."""
    for label in ("blog", "comments"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, verbosity=0, using=database, apps=apps)
        config.models_module = None


def find(apps, database, name):
    label, codename = name.split(".")
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    return permissions.get(content_type__app_label=label, codename=codename)


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0001_initial"),
        ("comments", "0002_postgresql"),
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
