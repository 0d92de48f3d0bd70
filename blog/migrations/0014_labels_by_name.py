"""Tags found by their folded names, also by those that they had; and posts handed over."""

import unicodedata

import django.db.models.deletion
from django.db import migrations, models

PART = 1000


def fold_names(apps, schema_editor):
    Tag = apps.get_model("blog", "Tag")
    tags = Tag.objects.using(schema_editor.connection.alias)
    last = 0
    while part := list(tags.filter(pk__gt=last).order_by("pk").only("name")[:PART]):
        for tag in part:
            decomposed = unicodedata.normalize("NFD", tag.name)
            tag.key = unicodedata.normalize("NFC", decomposed.casefold())
        tags.bulk_update(part, ["key"])
        last = part[-1].pk


class Migration(migrations.Migration):
    dependencies = [("blog", "0013_threads_of_unlisted_posts")]

    operations = [
        migrations.AddField(
            model_name="tag",
            name="key",
            field=models.CharField(default="", editable=False, max_length=180),
            preserve_default=False,
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(fields=["key"], name="tag_by_key"),
        ),
        migrations.CreateModel(
            name="FormerLabel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("post", "post"),
                            ("tag", "tag"),
                            ("category", "category"),
                            ("series", "series"),
                            ("author", "author"),
                        ],
                        max_length=8,
                    ),
                ),
                ("known_by", models.CharField(max_length=180)),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.tag",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.category",
                    ),
                ),
            ],
            options={
                "verbose_name": "former label",
                "verbose_name_plural": "former labels",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "known_by"), name="one_label_known_by"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "tag"), ("tag__isnull", False)),
                            models.Q(("category__isnull", False), ("kind", "category")),
                            _connector="OR",
                        ),
                        name="former_label_is_somethings",
                    ),
                ],
            },
        ),
        migrations.AlterField(
            model_name="publishinglogentry",
            name="act",
            field=models.CharField(
                choices=[
                    ("start", "started"),
                    ("receive", "received from elsewhere"),
                    ("submit", "submitted for review"),
                    ("withdraw", "taken back from review"),
                    ("return", "returned with a wish for changes"),
                    ("publish", "published"),
                    ("schedule", "scheduled"),
                    ("unpublish", "taken back as a draft"),
                    ("unlist", "taken out of all lists"),
                    ("private", "made private"),
                    ("archive", "archived"),
                    ("trash", "put into the trash"),
                    ("restore", "taken out of the trash"),
                    ("appear", "became public at its moment"),
                    ("change", "published changes"),
                    ("plan", "scheduled changes"),
                    ("unplan", "took back scheduled changes"),
                    ("lock", "given a password"),
                    ("unlock", "freed of its password"),
                    ("rename", "given another address"),
                    ("handover", "handed over to another author"),
                    ("purge", "removed for good"),
                ],
                max_length=10,
                verbose_name="act",
            ),
        ),
    ]
