"""States, working copies, revisions, a log, notes, links, series, former addresses."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import accounts.text
import blog.models.reviewing


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0007_editors_keep_reasons"),
        ("comments", "0016_archived_threads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="EditorPresence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "presence",
                "verbose_name_plural": "presences",
            },
        ),
        migrations.CreateModel(
            name="FormerSlug",
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
                ("slug", models.SlugField(max_length=120)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "verbose_name": "former address",
                "verbose_name_plural": "former addresses",
            },
        ),
        migrations.CreateModel(
            name="PublishingLogEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "post_title",
                    models.CharField(blank=True, max_length=200, verbose_name="title then"),
                ),
                ("actor_name", models.CharField(blank=True, max_length=80, verbose_name="who")),
                (
                    "act",
                    models.CharField(
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
                            ("purge", "removed for good"),
                        ],
                        max_length=10,
                        verbose_name="act",
                    ),
                ),
                (
                    "old_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("draft", "draft"),
                            ("review", "in review"),
                            ("published", "published"),
                            ("unlisted", "unlisted"),
                            ("private", "private"),
                            ("archived", "archived"),
                            ("trash", "in the trash"),
                        ],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "new_status",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("review", "in review"),
                            ("published", "published"),
                            ("unlisted", "unlisted"),
                            ("private", "private"),
                            ("archived", "archived"),
                            ("trash", "in the trash"),
                        ],
                        max_length=10,
                        verbose_name="to",
                    ),
                ),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("revision", models.PositiveIntegerField(default=0)),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="why")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="when"
                    ),
                ),
            ],
            options={
                "verbose_name": "entry of the publishing log",
                "verbose_name_plural": "publishing log",
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("format", models.CharField(max_length=4)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("file", models.FileField(max_length=255, upload_to="pictures/%Y/%m")),
            ],
            options={
                "verbose_name": "copy of a picture",
                "verbose_name_plural": "copies of pictures",
            },
        ),
        migrations.CreateModel(
            name="ReviewNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quote", models.TextField(blank=True)),
                ("paragraph", models.PositiveIntegerField(blank=True, null=True)),
                ("text_version", models.PositiveIntegerField(default=0)),
                ("body", models.TextField(max_length=2000, verbose_name="note")),
                (
                    "author_name",
                    models.CharField(
                        max_length=80,
                        validators=[
                            accounts.text.validate_single_line,
                            accounts.text.validate_visible,
                        ],
                        verbose_name="name",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "creation_key",
                    models.CharField(editable=False, max_length=64, null=True, unique=True),
                ),
            ],
            options={
                "verbose_name": "note on a draft",
                "verbose_name_plural": "notes on drafts",
                "ordering": ["created_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("start", "started"),
                            ("save", "saved"),
                            ("kept", "kept while writing"),
                            ("publish", "published"),
                            ("restore", "restored"),
                            ("merge", "merged"),
                            ("convert", "converted"),
                            ("receive", "received from elsewhere"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.JSONField()),
                ("changed", models.JSONField(default=list)),
                ("text_version", models.PositiveIntegerField()),
                ("restored_from", models.PositiveIntegerField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="why")),
                ("actor_name", models.CharField(blank=True, max_length=80, verbose_name="who")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
            ],
            options={
                "verbose_name": "revision",
                "verbose_name_plural": "revisions",
                "ordering": ["post", "-number"],
            },
        ),
        migrations.CreateModel(
            name="ScheduledChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("publish_at", models.DateTimeField(db_index=True, verbose_name="when")),
            ],
            options={
                "verbose_name": "scheduled change",
                "verbose_name_plural": "scheduled changes",
            },
        ),
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        max_length=120,
                        validators=[
                            accounts.text.validate_single_line,
                            accounts.text.validate_visible,
                        ],
                        verbose_name="title",
                    ),
                ),
                ("slug", models.SlugField(max_length=80, unique=True, verbose_name="address")),
                (
                    "description",
                    models.TextField(blank=True, max_length=2000, verbose_name="description"),
                ),
            ],
            options={
                "verbose_name": "series",
                "verbose_name_plural": "series",
                "ordering": ["title", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ShareLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        default=blog.models.reviewing.new_key,
                        editable=False,
                        max_length=32,
                        unique=True,
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        blank=True,
                        max_length=80,
                        validators=[accounts.text.validate_single_line],
                        verbose_name="for whom",
                    ),
                ),
                (
                    "takes_notes",
                    models.BooleanField(default=True, verbose_name="notes may be left"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField(verbose_name="until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("opened_count", models.PositiveIntegerField(default=0, editable=False)),
                ("opened_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "verbose_name": "link to a draft",
                "verbose_name_plural": "links to drafts",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="WorkingCopy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("words", models.JSONField()),
                ("title", models.CharField(blank=True, max_length=300)),
                ("is_saved", models.BooleanField(default=False)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "working copy",
                "verbose_name_plural": "working copies",
            },
        ),
        migrations.AddField(
            model_name="picture",
            name="credit",
            field=models.CharField(
                blank=True,
                max_length=200,
                validators=[accounts.text.validate_single_line],
                verbose_name="credit",
            ),
        ),
        migrations.AddField(
            model_name="picture",
            name="digest",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="picture",
            name="focal_x",
            field=models.PositiveSmallIntegerField(
                default=50, validators=[django.core.validators.MaxValueValidator(100)]
            ),
        ),
        migrations.AddField(
            model_name="picture",
            name="focal_y",
            field=models.PositiveSmallIntegerField(
                default=50, validators=[django.core.validators.MaxValueValidator(100)]
            ),
        ),
        migrations.AddField(
            model_name="picture",
            name="is_decorative",
            field=models.BooleanField(default=False, verbose_name="only decoration"),
        ),
        migrations.AddField(
            model_name="picture",
            name="render_tries",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="picture",
            name="rendered_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="picture",
            name="size",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="bytes"),
        ),
        migrations.AddField(
            model_name="post",
            name="coauthors",
            field=models.ManyToManyField(
                blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="co-authors"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="feed_id",
            field=models.CharField(blank=True, editable=False, max_length=500),
        ),
        migrations.AddField(
            model_name="post",
            name="first_public_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="pictures",
            field=models.ManyToManyField(
                blank=True, editable=False, related_name="posts", to="blog.picture"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="series_position",
            field=models.PositiveIntegerField(default=0, verbose_name="part"),
        ),
        migrations.AddField(
            model_name="post",
            name="text_version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="post",
            name="trashed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="post",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("review", "in review"),
                    ("published", "published"),
                    ("unlisted", "unlisted"),
                    ("private", "private"),
                    ("archived", "archived"),
                    ("trash", "in the trash"),
                ],
                default="draft",
                max_length=10,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="title",
            field=models.CharField(
                blank=True,
                max_length=200,
                validators=[accounts.text.validate_single_line, accounts.text.validate_visible],
                verbose_name="title",
            ),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(fields=["-created_at", "-id"], name="picture_newest"),
        ),
        migrations.AddIndex(
            model_name="picture",
            index=models.Index(
                condition=models.Q(("rendered_at__isnull", True)),
                fields=["id"],
                name="picture_unrendered",
            ),
        ),
        migrations.AddField(
            model_name="editorpresence",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="editorpresence",
            name="post",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="presences",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="category",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="blog.category",
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="post",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="tag",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="blog.tag",
            ),
        ),
        migrations.AddField(
            model_name="publishinglogentry",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="publishinglogentry",
            name="post",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="log",
                to="blog.post",
                verbose_name="post",
            ),
        ),
        migrations.AddField(
            model_name="rendition",
            name="picture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="renditions",
                to="blog.picture",
            ),
        ),
        migrations.AddField(
            model_name="reviewnote",
            name="author",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="reviewnote",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="blog.post"
            ),
        ),
        migrations.AddField(
            model_name="reviewnote",
            name="resolver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="actor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="post",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="revisions",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="scheduledchange",
            name="post",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scheduled_change",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="scheduledchange",
            name="revision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="blog.revision"
            ),
        ),
        migrations.AddField(
            model_name="scheduledchange",
            name="scheduler",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="formerslug",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="former_slugs",
                to="blog.series",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="series",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="posts",
                to="blog.series",
                verbose_name="series",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["author", "-updated_at", "-id"], name="post_own_changed"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["-updated_at", "-id"], name="post_changed"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["status", "-updated_at", "-id"], name="post_changed_in_state"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["series", "series_position", "id"], name="post_in_series"),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("trashed_at__isnull", False)),
                fields=["trashed_at"],
                name="post_trashed",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status", "trash"), ("trashed_at__isnull", True), _connector="OR"
                ),
                name="trashed_post_is_in_the_trash",
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="maker",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sharelink",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="share_links",
                to="blog.post",
            ),
        ),
        migrations.AddField(
            model_name="reviewnote",
            name="share_link",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notes",
                to="blog.sharelink",
            ),
        ),
        migrations.AddField(
            model_name="workingcopy",
            name="editor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="workingcopy",
            name="post",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="working_copy",
                to="blog.post",
            ),
        ),
        migrations.AddConstraint(
            model_name="editorpresence",
            constraint=models.UniqueConstraint(
                fields=("post", "person"), name="one_presence_a_person"
            ),
        ),
        migrations.AddIndex(
            model_name="publishinglogentry",
            index=models.Index(
                condition=models.Q(("actor__isnull", False)),
                fields=["actor"],
                name="publishing_by_actor",
            ),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(
                fields=("picture", "format", "width"), name="one_rendition_a_width"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("post", "number"), name="one_revision_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="formerslug",
            constraint=models.UniqueConstraint(
                fields=("kind", "slug"), name="one_owner_of_a_former_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="formerslug",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "post"), ("post__isnull", False)),
                    models.Q(("kind", "tag"), ("tag__isnull", False)),
                    models.Q(("category__isnull", False), ("kind", "category")),
                    models.Q(("kind", "series"), ("series__isnull", False)),
                    models.Q(("author__isnull", False), ("kind", "author")),
                    _connector="OR",
                ),
                name="former_slug_was_somebodys",
            ),
        ),
    ]
