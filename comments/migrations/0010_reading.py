"""What long discussions are read by: lines rendered when written, and indexes of sorts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0009_readers"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="meta_html",
            field=models.TextField(blank=True, editable=False),
        ),
        migrations.AddField(
            model_name="comment",
            name="meta_stamp",
            field=models.CharField(blank=True, editable=False, max_length=12),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("depth", 0)),
                fields=["thread", "-living_replies", "path"],
                name="comment_most_replied",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("depth", 0)),
                fields=["thread", "-score", "path"],
                name="comment_best",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("depth", 0)), fields=["thread", "path"], name="comment_roots"
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["thread", "shown_version"], name="comment_shown_since"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["thread", "author_name"], name="comment_by_name"),
        ),
    ]
