"""By what right an old address is a post's, and where uploaded files were to be had."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0004_from_elsewhere")]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="source_path",
            field=models.CharField(blank=True, db_index=True, editable=False, max_length=500),
        ),
        migrations.AddField(
            model_name="oldaddress",
            name="claim",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
    ]
