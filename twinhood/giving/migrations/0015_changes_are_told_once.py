"""Whoever gave for a need is told of each change once: which ones were told of."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("giving", "0014_fewer_indexes_of_pledges"),
        ("needs", "0010_two_accounts_are_one_voice"),
    ]

    operations = [
        migrations.CreateModel(
            name="ChangeTold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told_at", models.DateTimeField()),
                (
                    "change",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="told_by_letter",
                        to="needs.change",
                    ),
                ),
            ],
        ),
    ]
