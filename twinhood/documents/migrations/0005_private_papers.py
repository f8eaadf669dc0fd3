"""A paper may be private: its bytes are for those at work, the world sees its hashes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0004_logged_revisions")]
    operations = [
        migrations.AddField(
            model_name="document",
            name="is_private",
            field=models.BooleanField(default=False),
        )
    ]
