from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0002_roles")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="creation_key",
            field=models.CharField(editable=False, max_length=64, null=True, unique=True),
        ),
    ]
