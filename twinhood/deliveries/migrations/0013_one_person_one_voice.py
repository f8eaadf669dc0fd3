"""Approvers are known people, and two accounts of one person are one voice, in SQL as well."""

from importlib import import_module

from django.db import migrations

VOICES = """
CREATE FUNCTION deliveries_known_voice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE others bigint[];
BEGIN
  IF NOT people_is_known(NEW.approved_by_id) THEN
    RAISE EXCEPTION 'who approves is known: two others saw their document'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_TABLE_NAME = 'deliveries_approval' THEN
    -- Two at once: the second waits here and then sees the first.
    PERFORM FROM deliveries_order WHERE id = NEW.order_id FOR UPDATE;
    SELECT array_agg(a.approved_by_id) INTO others FROM deliveries_approval a
     WHERE a.order_id = NEW.order_id AND a.content_hash = NEW.content_hash;
  ELSE
    PERFORM FROM deliveries_payeeaccount WHERE id = NEW.payee_id FOR UPDATE;
    SELECT array_agg(a.approved_by_id) INTO others FROM deliveries_payeeapproval a
     WHERE a.payee_id = NEW.payee_id;
  END IF;
  IF EXISTS (
    SELECT FROM unnest(array_append(others, NEW.proposed_by_id)) AS other
     WHERE other <> NEW.approved_by_id AND people_are_one(other, NEW.approved_by_id)
  ) THEN
    RAISE EXCEPTION 'two accounts of one person are one voice'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER known_voice BEFORE INSERT ON deliveries_approval
  FOR EACH ROW EXECUTE FUNCTION deliveries_known_voice();
CREATE TRIGGER known_voice BEFORE INSERT ON deliveries_payeeapproval
  FOR EACH ROW EXECUTE FUNCTION deliveries_known_voice();

CREATE OR REPLACE FUNCTION deliveries_standing_approvals(o deliveries_order, at timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(DISTINCT a.organisation_id) FROM deliveries_approval a
    JOIN people_person p ON p.id = a.approved_by_id AND p.is_active
   WHERE a.order_id = o.id AND a.content_hash = o.content_hash
     AND NOT people_are_one(a.approved_by_id, o.proposed_by_id)
     -- Of two accounts that turned out to be one person, the earlier word counts.
     AND NOT EXISTS (
       SELECT FROM deliveries_approval b
        WHERE b.order_id = a.order_id AND b.content_hash = a.content_hash AND b.id < a.id
          AND people_are_one(a.approved_by_id, b.approved_by_id)
     )
     AND EXISTS (
       SELECT FROM people_role r
        WHERE r.person_id = a.approved_by_id AND r.organisation_id = a.organisation_id
          AND r.partnership_id = o.partnership_id AND r.name = 'approver'
          AND r.since_date <= (at AT TIME ZONE 'UTC')::date
          AND (r.until_date IS NULL OR r.until_date > (at AT TIME ZONE 'UTC')::date)
     )
$$;
"""
before = import_module("twinhood.deliveries.migrations.0008_approvals_stand").STANDING
UNDO = (
    before[: before.index("CREATE FUNCTION deliveries_state_no_interest")].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    + "DROP FUNCTION deliveries_known_voice CASCADE;"
)


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0012_refused_approvals"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [migrations.RunSQL(VOICES, UNDO)]
