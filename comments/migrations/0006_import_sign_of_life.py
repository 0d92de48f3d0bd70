import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("comments", "0005_log_of_reverted_imports")]

    operations = [
        migrations.AddField(
            model_name="importrun",
            name="alive_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
    ]
