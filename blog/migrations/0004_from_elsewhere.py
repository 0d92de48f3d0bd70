"""What blogs elsewhere have: pages, categories, passwords, attachments, old addresses."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.text


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0003_creation_key"),
        ("comments", "0004_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source_url",
                    models.CharField(blank=True, max_length=2000, verbose_name="where it was"),
                ),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="title")),
                (
                    "alt",
                    models.CharField(
                        blank=True, max_length=300, verbose_name="text for those who cannot see it"
                    ),
                ),
                ("caption", models.TextField(blank=True, verbose_name="caption")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "file",
                    models.FileField(
                        blank=True, max_length=255, upload_to="files/%Y/%m", verbose_name="file"
                    ),
                ),
                (
                    "uploaded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="uploaded"),
                ),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
            },
        ),
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=120,
                        validators=[accounts.text.validate_single_line],
                        verbose_name="name",
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True, verbose_name="slug")),
                (
                    "description",
                    models.TextField(blank=True, max_length=2000, verbose_name="description"),
                ),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="OldAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("path", models.CharField(max_length=500, unique=True, verbose_name="path")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "verbose_name": "old address",
                "verbose_name_plural": "old addresses",
            },
        ),
        migrations.RemoveIndex(
            model_name="post",
            name="post_published",
        ),
        migrations.AddField(
            model_name="post",
            name="is_sticky",
            field=models.BooleanField(default=False, verbose_name="stays on top of the first page"),
        ),
        migrations.AddField(
            model_name="post",
            name="kind",
            field=models.CharField(
                choices=[("post", "post"), ("page", "page")],
                default="post",
                editable=False,
                max_length=4,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="markup",
            field=models.CharField(
                choices=[("markdown", "Markdown"), ("html", "HTML")],
                default="markdown",
                editable=False,
                max_length=8,
                verbose_name="written in",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="children",
                to="blog.post",
                verbose_name="below the page",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="password",
            field=models.CharField(
                blank=True, editable=False, max_length=128, verbose_name="password"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="position",
            field=models.IntegerField(default=0, verbose_name="place among its siblings"),
        ),
        migrations.AlterField(
            model_name="post",
            name="body",
            field=models.TextField(blank=True, verbose_name="text"),
        ),
        migrations.AlterField(
            model_name="post",
            name="excerpt",
            field=models.CharField(
                blank=True,
                max_length=1000,
                validators=[accounts.text.validate_single_line],
                verbose_name="standfirst",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("review", "in review"),
                    ("published", "published"),
                    ("private", "private"),
                    ("trash", "in the trash"),
                ],
                default="draft",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="picture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="attachments",
                to="blog.picture",
            ),
        ),
        migrations.AddField(
            model_name="attachment",
            name="post",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="attachments",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="category",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="children",
                to="blog.category",
                verbose_name="within",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="categories",
            field=models.ManyToManyField(
                blank=True, related_name="posts", to="blog.category", verbose_name="categories"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["kind", "status", "-published_at", "-id"], name="post_published"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["kind", "status", "-is_sticky", "-published_at", "-id"], name="post_home"
            ),
        ),
        migrations.AddField(
            model_name="oldaddress",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="old_addresses",
                to="blog.post",
                verbose_name="post",
            ),
        ),
        migrations.AlterField(
            model_name="picture",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AlterField(
            model_name="post",
            name="created_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="created"
            ),
        ),
    ]
