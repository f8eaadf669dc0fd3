"""A thing given knows whether it is a vehicle, and from when the world may know of its hand-over."""

from django.db import migrations, models
from django.db.models import Q

# Seventeen signs of a vehicle identification number, however spaced.
SHAPE = r"^(?=.*[A-Za-z])(?=.*[0-9])[ -]*([A-HJ-NPR-Za-hj-npr-z0-9][ -]*){17}$"
FILL = """
UPDATE giving_inkindgift g
   SET is_vehicle = COALESCE(g.serial ~ %s, false) OR EXISTS (
         SELECT FROM needs_need n WHERE n.id = g.need_id AND n.category IN ('ambulance', 'truck')),
       public_from_date = g.handed_over_date + p.delivery_delay_days
  FROM people_partnership p WHERE p.id = g.partnership_id
"""
VEHICLES = """
CREATE FUNCTION giving_needed_vehicle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.is_vehicle AND EXISTS (SELECT FROM needs_need n WHERE n.id = NEW.need_id
                                       AND n.category IN ('ambulance', 'truck')) THEN
    RAISE EXCEPTION 'what answers the need of a vehicle is one'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER needed_vehicle BEFORE INSERT OR UPDATE OF is_vehicle, need_id ON giving_inkindgift
  FOR EACH ROW EXECUTE FUNCTION giving_needed_vehicle();
"""
UNDO = "DROP FUNCTION giving_needed_vehicle CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("giving", "0017_teams"), ("needs", "0003_amounts_below_2_53")]

    operations = [
        migrations.AddField("inkindgift", "is_vehicle", models.BooleanField(default=False)),
        migrations.AddField(
            "inkindgift", "public_from_date", models.DateField(blank=True, null=True)
        ),
        migrations.RunSQL([(FILL, [SHAPE])], migrations.RunSQL.noop),
        migrations.AddConstraint(
            "inkindgift",
            models.CheckConstraint(
                condition=Q(("is_vehicle", True), ~Q(("serial__regex", SHAPE)), _connector="OR"),
                name="what_has_a_vin_is_a_vehicle",
            ),
        ),
        migrations.RunSQL(VEHICLES, UNDO),
    ]
