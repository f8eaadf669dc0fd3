"""What is left of a withdrawn need is moved by another person than who recorded the resolution.

Rows that one person resolved alone would be refused; none exists, as no release had them.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("giving", "0011_limits_count_in_kit"),
        ("ledger", "0007_closed_months"),
        ("needs", "0003_amounts_below_2_53"),
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="reallocation",
            name="proposed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="reallocation",
            name="proposed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="reallocation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "resolved"), _negated=True),
                    models.Q(
                        ("proposed_by__isnull", False),
                        ("resolved_by__isnull", False),
                        models.Q(("resolved_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="rest_is_moved_by_another_than_who_recorded_it",
            ),
        ),
    ]
