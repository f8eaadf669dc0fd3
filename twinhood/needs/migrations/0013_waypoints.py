"""Waypoints on a campaign's way: sums with words, and the day on which each was reached."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import twinhood.kit.fields

# A waypoint is corrected by taking it away while it is not reached; the day is written once.
STAYS = """
CREATE FUNCTION needs_keep_waypoint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.reached_date IS NOT NULL
     OR TG_OP = 'UPDATE' AND (NEW.campaign_id, NEW.amount_minor, NEW.text, NEW.written_by_id)
        IS DISTINCT FROM (OLD.campaign_id, OLD.amount_minor, OLD.text, OLD.written_by_id)
  THEN
    RAISE EXCEPTION 'a waypoint stays as it was written, and reached once it was'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN COALESCE(NEW, OLD);
END $$;
CREATE TRIGGER keep_waypoint BEFORE UPDATE OR DELETE ON needs_waypoint
  FOR EACH ROW EXECUTE FUNCTION needs_keep_waypoint();
"""
UNDO = "DROP FUNCTION needs_keep_waypoint CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0012_licence_flag_stays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Waypoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                ("text", twinhood.kit.fields.LocalTextField()),
                ("written_at", models.DateTimeField()),
                ("reached_date", models.DateField(blank=True, null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waypoints",
                        to="needs.campaign",
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "amount_minor"),
                        name="campaign_has_one_waypoint_at_a_sum",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gt", 0), ("amount_minor__lte", 9 * 10**15)
                        ),
                        name="waypoint_stands_at_a_sum",
                    ),
                ],
            },
        ),
        migrations.RunSQL(STAYS, UNDO),
    ]
