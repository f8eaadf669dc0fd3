"""No amount is larger than an integer that every reader of JSON reads alike (below 2^53)."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0006_leaves"),
        ("needs", "0002_somebody_else_verifies"),
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="need",
            name="need_has_a_price",
        ),
        migrations.RemoveConstraint(
            model_name="quote",
            name="quote_has_a_price",
        ),
        migrations.AddConstraint(
            model_name="need",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unit_price_minor__gt", 0), ("unit_price_minor__lte", 9000000000000000)
                ),
                name="need_has_a_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="quote",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("unit_price_minor__gt", 0), ("unit_price_minor__lte", 9000000000000000)
                ),
                name="quote_has_a_price",
            ),
        ),
    ]
