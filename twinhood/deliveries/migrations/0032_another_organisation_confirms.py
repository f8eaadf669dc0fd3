"""An act counts once somebody of another organisation than who recorded it has confirmed it."""

from django.db import migrations

ELSEWHERE = """
CREATE FUNCTION deliveries_confirmed_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_confirmation c
     WHERE c.act_id = NEW.id AND NOT EXISTS (
       SELECT FROM people_role r
        WHERE r.person_id = NEW.recorded_by_id AND r.partnership_id = NEW.partnership_id
          AND r.organisation_id = c.organisation_id)
  ) THEN
    RAISE EXCEPTION 'act % lacks the word of another organisation', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- After `keep_act`, which says first what signatures lack.
CREATE TRIGGER seen_elsewhere BEFORE UPDATE OF completed_at ON deliveries_handoveract
  FOR EACH ROW WHEN (OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL)
  EXECUTE FUNCTION deliveries_confirmed_elsewhere();
"""
UNDO = "DROP FUNCTION deliveries_confirmed_elsewhere CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0031_acts_units_and_rules_stay")]
    operations = [migrations.RunSQL(ELSEWHERE, UNDO)]
