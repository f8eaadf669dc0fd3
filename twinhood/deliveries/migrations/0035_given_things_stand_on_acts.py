"""What is given in kind stands on an act as what is bought does; lines keep the number they saw."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

FILL = """
ALTER TABLE deliveries_handoverline DISABLE TRIGGER refuse_change;
UPDATE deliveries_handoverline l SET unit_id = standing_unit_id, serial = u.serial
  FROM deliveries_unit u WHERE u.id = l.standing_unit_id;
-- Foreign keys of the new column are checked now: its table changes below.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE deliveries_handoverline ENABLE TRIGGER refuse_change;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0034_who_was_looked_up"),
        ("people", "0007_reminders"),
    ]

    operations = [
        migrations.CreateModel(
            name="GivenThing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60, unique=True)),
                ("name", models.CharField(max_length=300)),
                ("quantity", models.PositiveIntegerField()),
                ("counted_in", models.CharField(blank=True, max_length=40)),
                ("serial", models.CharField(blank=True, max_length=80)),
                ("value_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("is_vehicle", models.BooleanField()),
                ("received_date", models.DateField()),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.partnership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(("is_vehicle", False), ~Q(("serial", "")), _connector="OR"),
                        name="given_vehicle_has_its_number",
                    ),
                    models.CheckConstraint(
                        condition=Q(
                            ("quantity__gt", 0),
                            ("value_minor__gt", 0),
                            ("value_minor__lte", 9000000000000000),
                        ),
                        name="given_thing_is_worth_something",
                    ),
                ],
            },
        ),
        migrations.RenameField("handoverline", "unit", "standing_unit"),
        migrations.AlterField(
            "handoverline",
            "standing_unit",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handover",
                to="deliveries.unit",
            ),
        ),
        migrations.AddField(
            "handoverline",
            "unit",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deliveries.unit",
            ),
        ),
        migrations.AddField(
            "handoverline",
            "given",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="deliveries.giventhing",
            ),
        ),
        migrations.AddField(
            "handoverline",
            "standing_given",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="handover",
                to="deliveries.giventhing",
            ),
        ),
        migrations.AddField("handoverline", "serial", models.CharField(blank=True, max_length=80)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "handoverline",
            models.CheckConstraint(
                condition=Q(
                    Q(("given__isnull", True), ("unit__isnull", False)),
                    Q(("given__isnull", False), ("unit__isnull", True)),
                    _connector="OR",
                ),
                name="line_of_an_act_is_bought_or_given",
            ),
        ),
        migrations.AddConstraint(
            "handoverline",
            models.CheckConstraint(
                condition=Q(
                    Q(
                        ("standing_unit__isnull", True),
                        ("standing_unit", F("unit")),
                        _connector="OR",
                    ),
                    Q(
                        ("standing_given__isnull", True),
                        ("standing_given", F("given")),
                        _connector="OR",
                    ),
                ),
                name="what_stands_on_an_act_is_in_it",
            ),
        ),
    ]
