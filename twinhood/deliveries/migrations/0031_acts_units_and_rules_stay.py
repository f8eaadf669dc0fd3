"""What the log holds of an act, a thing's place on the line, and who agreed to rules, stay true."""

from django.db import migrations

STAY = """
CREATE FUNCTION deliveries_keep_commitment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Another one only after the log took the first back, and one that the log holds.
  IF NEW.commitment IS NULL
     OR NOT EXISTS (SELECT FROM translog_opening o WHERE o.commitment = NEW.commitment)
     OR EXISTS (SELECT FROM translog_opening o
                 WHERE o.commitment = OLD.commitment AND o.pulled_back_by_id IS NULL) THEN
    RAISE EXCEPTION 'what the log holds of an act stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_commitment BEFORE UPDATE OF commitment ON deliveries_handoveract
  FOR EACH ROW
  WHEN (OLD.commitment IS NOT NULL AND OLD.commitment IS DISTINCT FROM NEW.commitment)
  EXECUTE FUNCTION deliveries_keep_commitment();

CREATE FUNCTION deliveries_keep_line_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the piece of the line that a thing was bought with stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_line_unit BEFORE UPDATE OF line_unit_id ON deliveries_unit
  FOR EACH ROW
  WHEN (OLD.line_unit_id IS NOT NULL AND OLD.line_unit_id IS DISTINCT FROM NEW.line_unit_id)
  EXECUTE FUNCTION deliveries_keep_line_unit();

CREATE FUNCTION deliveries_rules_of_two() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE speaks bigint; body bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    speaks := NEW.proposed_by_id; body := NEW.proposed_for_id;
  ELSE
    speaks := NEW.decided_by_id; body := NEW.decided_for_id;
  END IF;
  IF NOT EXISTS (SELECT FROM people_role r WHERE r.person_id = speaks
                    AND r.organisation_id = body AND r.partnership_id = NEW.partnership_id) THEN
    RAISE EXCEPTION 'rules of orders are proposed and decided by people of this partnership'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND people_are_one(NEW.proposed_by_id, NEW.decided_by_id) THEN
    RAISE EXCEPTION 'two accounts of one person are one voice'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rules_of_two BEFORE INSERT OR UPDATE ON deliveries_orderrules
  FOR EACH ROW EXECUTE FUNCTION deliveries_rules_of_two();
"""
UNDO = """
DROP FUNCTION deliveries_rules_of_two, deliveries_keep_line_unit,
  deliveries_keep_commitment CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0030_lists_and_results_stay"),
        ("people", "0007_reminders"),
        ("translog", "0001_initial"),
    ]
    operations = [migrations.RunSQL(STAY, UNDO)]
