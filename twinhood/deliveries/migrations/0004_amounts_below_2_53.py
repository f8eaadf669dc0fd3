"""No amount is larger than an integer that every reader of JSON reads alike (below 2^53)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0003_act_commitment"),
        ("ledger", "0006_leaves"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="unit",
            name="ordered_unit_has_an_amount",
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0), ("amount_minor__lte", 9000000000000000)
                ),
                name="ordered_unit_has_an_amount",
            ),
        ),
    ]
