"""A matcher adds to gifts at a ratio: so much for each so much."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("giving", "0018_things_are_handed_over_by_acts")]

    operations = [
        migrations.AddField("matchoffer", "gives", models.PositiveIntegerField(default=1)),
        migrations.AddField("matchoffer", "per", models.PositiveIntegerField(default=1)),
        migrations.AddConstraint(
            "matchoffer",
            models.CheckConstraint(
                condition=Q(
                    ("gives__range", (1, 10000)),
                    ("per__range", (1, 10000)),
                    ("gives__lte", F("per") * 100),
                ),
                name="match_offer_has_a_ratio",
            ),
        ),
    ]
