"""Donors are told of what became of things: answers of holders, incidents, credits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("giving", "0015_changes_are_told_once"),
    ]

    operations = [
        migrations.AlterField(
            model_name="moment",
            name="kind",
            field=models.CharField(
                choices=[
                    ("bought", "bought"),
                    ("handed_over", "handed over"),
                    ("a_year", "a year later"),
                    ("follow_up", "its holder said how it fares"),
                    ("incident", "an incident was made public"),
                    ("credited", "its supplier gave the price back"),
                ],
                max_length=11,
            ),
        ),
    ]
