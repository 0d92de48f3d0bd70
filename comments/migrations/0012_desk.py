"""What the moderation desk keeps: reasons, reports, measures, letters, and more of each comment."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class AddColumn(migrations.AddField):
    """Adds a column with a default; SQLite would otherwise write the whole table anew for each."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        connection = schema_editor.connection
        if connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        facts = field.db_parameters(connection)
        column = f'"{field.column}" {facts["type"]}'
        if not field.null:
            default = schema_editor.quote_value(schema_editor.effective_default(field))
            column += f" NOT NULL DEFAULT {default}"
        if facts["check"]:
            column += f" CHECK ({facts['check']})"
        schema_editor.execute(f'ALTER TABLE "{model._meta.db_table}" ADD COLUMN {column}', None)


REASONS = [
    ("spam", "spam", "1"),
    ("abuse", "abuse", "2"),
    ("off_topic", "off topic", "3"),
    ("personal_data", "personal data", "4"),
    ("illegal", "illegal", "5"),
    ("other", "other", "6"),
]


def make_reasons(apps, schema_editor):
    reasons = apps.get_model("comments", "Reason").objects.using(schema_editor.connection.alias)
    for position, (code, label, key) in enumerate(REASONS, start=1):
        reasons.get_or_create(
            code=code, defaults={"label": label, "key": key, "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0011_leaner_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ListsVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="OutgoingLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.EmailField(max_length=254, verbose_name="to")),
                ("subject", models.CharField(max_length=200, verbose_name="subject")),
                ("body", models.TextField(verbose_name="text")),
                ("due_at", models.DateTimeField(verbose_name="to be sent")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="withdrawn"),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name": "letter",
                "verbose_name_plural": "letters",
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "presence at the desk",
                "verbose_name_plural": "presences at the desk",
            },
        ),
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.SlugField(
                        help_text="Stands in the log and never changes.",
                        max_length=40,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                ("label", models.CharField(max_length=80, verbose_name="reason")),
                (
                    "key",
                    models.CharField(
                        blank=True,
                        help_text="The digit that chooses it, right after the key of the act.",
                        max_length=1,
                        validators=[
                            django.core.validators.RegexValidator("^[1-9]$", "A digit from 1 to 9.")
                        ],
                        verbose_name="key",
                    ),
                ),
                (
                    "text_for_author",
                    models.TextField(
                        blank=True,
                        help_text="Offered for the letter to the author; can be changed each time.",
                        max_length=2000,
                        verbose_name="text for the author",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "reason",
                "verbose_name_plural": "reasons",
                "ordering": ["position", "label"],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reporter_key", models.CharField(editable=False, max_length=64)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("spam", "It is advertising or spam"),
                            ("abuse", "It attacks or insults somebody"),
                            ("personal_data", "It gives away somebody's personal data"),
                            ("illegal", "It is against the law"),
                            ("off_topic", "It has nothing to do with the page"),
                            ("other", "Something else"),
                        ],
                        max_length=40,
                        verbose_name="reason",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="when"),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
            },
        ),
        migrations.CreateModel(
            name="Sanction",
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
                            ("warn", "warned"),
                            ("premoderate", "every comment waits"),
                            ("suspend", "suspended"),
                            ("ban", "banned"),
                        ],
                        max_length=11,
                        verbose_name="measure",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        choices=[
                            ("account", "account"),
                            ("email", "e-mail address"),
                            ("domain", "e-mail domain"),
                            ("network", "network"),
                        ],
                        max_length=7,
                        verbose_name="against",
                    ),
                ),
                ("value", models.CharField(max_length=254, verbose_name="who")),
                ("reason", models.CharField(blank=True, max_length=40, verbose_name="reason")),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                (
                    "message",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="text for the person"
                    ),
                ),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="since"),
                ),
                ("actor_name", models.CharField(max_length=80, verbose_name="by")),
                ("lifted_at", models.DateTimeField(blank=True, null=True, verbose_name="lifted")),
                (
                    "lifted_by_name",
                    models.CharField(blank=True, max_length=80, verbose_name="lifted by"),
                ),
                ("batch", models.UUIDField(blank=True, db_index=True, null=True)),
            ],
            options={
                "verbose_name": "measure",
                "verbose_name_plural": "measures against people",
                "ordering": ["-created_at", "-pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="listentry",
            options={
                "verbose_name": "list entry",
                "verbose_name_plural": "lists of words, domains and networks",
            },
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="comment_by_email",
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="comment_by_author",
        ),
        AddColumn(
            model_name="comment",
            name="facets",
            field=models.TextField(blank=True, editable=False),
        ),
        AddColumn(
            model_name="comment",
            name="is_edited_by_editor",
            field=models.BooleanField(default=False, editable=False),
        ),
        AddColumn(
            model_name="comment",
            name="open_reports",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        AddColumn(
            model_name="comment",
            name="reported_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        AddColumn(
            model_name="comment",
            name="risk",
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="risk"),
        ),
        migrations.AddField(
            model_name="discussionrules",
            name="authors_moderate",
            field=models.BooleanField(
                default=False,
                help_text="The author of a page may hold and reject comments under it. Editors stand above them.",
                verbose_name="authors moderate their own posts",
            ),
        ),
        migrations.AddField(
            model_name="listentry",
            name="hits",
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name="hits"),
        ),
        migrations.AddField(
            model_name="listentry",
            name="last_hit_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="last hit"
            ),
        ),
        AddColumn(
            model_name="moderationlogentry",
            name="detail",
            field=models.JSONField(blank=True, editable=False, null=True),
        ),
        AddColumn(
            model_name="moderationlogentry",
            name="message",
            field=models.TextField(blank=True, max_length=2000, verbose_name="text for the author"),
        ),
        migrations.AlterField(
            model_name="listentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("word", "word or phrase"),
                    ("domain", "domain"),
                    ("network", "network"),
                    ("regex", "regular expression"),
                ],
                max_length=7,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="listentry",
            name="pattern",
            field=models.CharField(
                help_text="A whole word or phrase, a domain such as example.com (its subdomains too), a network such as 192.0.2.0/24, or a regular expression.",
                max_length=200,
                verbose_name="what to look for",
            ),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("submit", "submitted"),
                    ("approve", "approved"),
                    ("hold", "held"),
                    ("reject", "rejected"),
                    ("mark_spam", "marked as spam"),
                    ("delete", "deleted"),
                    ("edit", "edited"),
                    ("undo", "undid"),
                    ("import", "imported"),
                    ("revise", "edited by an editor"),
                    ("dismiss", "kept"),
                    ("note", "noted"),
                    ("move", "moved"),
                ],
                max_length=10,
                verbose_name="act",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["-risk", "created_at", "id"],
                name="comment_riskiest",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("reported_at__isnull", False)),
                fields=["reported_at", "id"],
                name="comment_reported",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("reported_at__isnull", False)),
                fields=["-open_reports", "reported_at", "id"],
                name="comment_most_reported",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("author__isnull", False)),
                fields=["author", "status", "created_at"],
                name="comment_by_author",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                fields=["author_email", "status", "created_at"], name="comment_by_email"
            ),
        ),
        migrations.AddConstraint(
            model_name="listsversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("pk", 1)), name="lists_version_is_one"
            ),
        ),
        migrations.AddField(
            model_name="outgoingletter",
            name="entry",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letters",
                to="comments.moderationlogentry",
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="comments.comment"
            ),
        ),
        migrations.AddField(
            model_name="presence",
            name="user",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="reason",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True),
                fields=("key",),
                name="reason_key_once",
                violation_error_message="Another reason has this key.",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="comment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="reports",
                to="comments.comment",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reporter",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="settled",
                to="comments.moderationlogentry",
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="by",
            ),
        ),
        migrations.AddField(
            model_name="sanction",
            name="user",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="account",
            ),
        ),
        migrations.AddField(
            model_name="outgoingletter",
            name="sanction",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="letters",
                to="comments.sanction",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_by", None)),
                fields=("comment", "reporter_key"),
                name="report_open_once",
            ),
        ),
        migrations.AddIndex(
            model_name="sanction",
            index=models.Index(fields=["target", "value"], name="sanction_by_target"),
        ),
        migrations.AddIndex(
            model_name="outgoingletter",
            index=models.Index(
                condition=models.Q(("sent_at", None), ("withdrawn_at", None)),
                fields=["due_at"],
                name="letter_is_due",
            ),
        ),
        migrations.RunPython(make_reasons, migrations.RunPython.noop),
    ]
