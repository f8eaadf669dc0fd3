"""Rows behind the last line of a bank's CSV, which a mapping passes over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("treasury", "0004_closed_months")]

    operations = [
        migrations.AddField(
            model_name="csvmapping",
            name="footer_rows",
            field=models.PositiveIntegerField(default=0),
        ),
    ]
