"""Who asked for quotes is reminded once when their last day has passed."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0038_acts_that_are_over_stay")]

    operations = [
        migrations.CreateModel(
            name="QuoteReminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reminder",
                        to="deliveries.quoterequest",
                    ),
                ),
            ],
        ),
    ]
