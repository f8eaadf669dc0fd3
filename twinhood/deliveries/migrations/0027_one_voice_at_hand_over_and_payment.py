"""A second account of one person confirms, witnesses, pays, exchanges, calls and decides nothing."""

from django.db import migrations

# Where somebody else must speak: which trigger, on what, whose word came before.
VOICES = """
CREATE FUNCTION deliveries_second_voice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE speaks bigint; spoke bigint[];
BEGIN
  IF TG_TABLE_NAME = 'deliveries_confirmation' THEN
    -- Two at once: the second waits here and then sees the first.
    PERFORM FROM deliveries_handoveract WHERE id = NEW.act_id FOR UPDATE;
    speaks := NEW.confirmed_by_id;
    SELECT array_agg(confirmed_by_id) INTO spoke FROM deliveries_confirmation
     WHERE act_id = NEW.act_id;
    spoke := array_append(spoke, NEW.recorded_by_id);
  ELSIF TG_TABLE_NAME = 'deliveries_scanwitness' THEN
    PERFORM FROM deliveries_actscan WHERE id = NEW.scan_id FOR UPDATE;
    speaks := NEW.person_id;
    SELECT array_agg(person_id) INTO spoke FROM deliveries_scanwitness
     WHERE scan_id = NEW.scan_id;
    spoke := array_append(spoke,
      (SELECT entered_by_id FROM deliveries_actscan WHERE id = NEW.scan_id));
  ELSIF TG_TABLE_NAME = 'deliveries_payment' THEN
    speaks := NEW.paid_by_id;
    SELECT array_agg(proposed_by_id) INTO spoke FROM deliveries_order WHERE id = NEW.order_id;
  ELSIF TG_TABLE_NAME = 'deliveries_order' THEN
    speaks := NEW.exchanged_by_id; spoke := ARRAY[NEW.proposed_by_id];
  ELSIF TG_TABLE_NAME = 'deliveries_payeeaccount' THEN
    speaks := NEW.called_by_id; spoke := ARRAY[NEW.proposed_by_id];
  ELSE
    speaks := NEW.decided_by_id; spoke := ARRAY[NEW.screened_by_id];
  END IF;
  IF EXISTS (SELECT FROM unnest(spoke) AS other WHERE people_are_one(other, speaks)) THEN
    RAISE EXCEPTION 'two accounts of one person are one voice'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER second_voice BEFORE INSERT ON deliveries_confirmation
  FOR EACH ROW EXECUTE FUNCTION deliveries_second_voice();
CREATE TRIGGER second_voice BEFORE INSERT ON deliveries_scanwitness
  FOR EACH ROW EXECUTE FUNCTION deliveries_second_voice();
CREATE TRIGGER second_voice BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_second_voice();
CREATE TRIGGER second_voice BEFORE UPDATE OF exchanged_by_id ON deliveries_order
  FOR EACH ROW WHEN (NEW.exchanged_by_id IS NOT NULL)
  EXECUTE FUNCTION deliveries_second_voice();
CREATE TRIGGER second_voice BEFORE UPDATE OF called_by_id ON deliveries_payeeaccount
  FOR EACH ROW WHEN (NEW.called_by_id IS NOT NULL AND OLD.called_by_id IS NULL)
  EXECUTE FUNCTION deliveries_second_voice();
CREATE TRIGGER second_voice BEFORE UPDATE OF decided_by_id ON deliveries_screening
  FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL)
  EXECUTE FUNCTION deliveries_second_voice();
"""
UNDO = "DROP FUNCTION deliveries_second_voice CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0026_agreed_rules_stay"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [migrations.RunSQL(VOICES, UNDO)]
