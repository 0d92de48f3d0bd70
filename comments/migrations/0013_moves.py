"""Remember where comments stood before they were moved."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0012_desk"),
    ]

    operations = [
        migrations.CreateModel(
            name="CommentMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.comment",
                    ),
                ),
                (
                    "thread",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="comments.thread",
                    ),
                ),
            ],
            options={
                "verbose_name": "place before a move",
                "verbose_name_plural": "places before a move",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("thread", "number"), name="comment_stood_there_once"
                    )
                ],
            },
        ),
    ]
