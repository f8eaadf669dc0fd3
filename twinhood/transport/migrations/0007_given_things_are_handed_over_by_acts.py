"""A thing given is handed over by an act that counts, and by nothing else; the act names it truly."""

from django.db import migrations

BY_ACTS = """
CREATE FUNCTION transport_name_truly() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM giving_inkindgift g
     WHERE 'in-kind:' || g.ref = NEW.key AND g.undone_at IS NULL
       AND (g.partnership_id, g.description, g.quantity, g.unit, g.serial, g.value_minor,
            g.currency, g.is_vehicle, g.received_date)
         = (NEW.partnership_id, NEW.name, NEW.quantity, NEW.counted_in, NEW.serial,
            NEW.value_minor, NEW.currency, NEW.is_vehicle, NEW.received_date)
  ) THEN
    RAISE EXCEPTION 'an act names a thing given as it was taken in'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER name_truly BEFORE INSERT ON deliveries_giventhing
  FOR EACH ROW EXECUTE FUNCTION transport_name_truly();

CREATE FUNCTION transport_hand_over_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND EXISTS (
    SELECT FROM deliveries_giventhing t WHERE t.key = 'in-kind:' || OLD.ref
  ) THEN
    IF (OLD.ref, OLD.partnership_id, OLD.description, OLD.quantity, OLD.unit, OLD.serial,
        OLD.value_minor, OLD.currency, OLD.is_vehicle, OLD.received_date)
       IS DISTINCT FROM
       (NEW.ref, NEW.partnership_id, NEW.description, NEW.quantity, NEW.unit, NEW.serial,
        NEW.value_minor, NEW.currency, NEW.is_vehicle, NEW.received_date) THEN
      RAISE EXCEPTION 'what an act names stays as it was taken in'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.undone_at IS NOT NULL AND OLD.undone_at IS NULL AND EXISTS (
      SELECT FROM deliveries_handoverline l
        JOIN deliveries_giventhing t ON t.id = l.standing_given_id
       WHERE t.key = 'in-kind:' || OLD.ref
    ) THEN
      RAISE EXCEPTION 'a thing that stands on an act is not taken back'
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'given_thing_stands_on_an_act';
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.handed_over_date, OLD.handed_over_to_id)
     IS NOT DISTINCT FROM (NEW.handed_over_date, NEW.handed_over_to_id) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' AND NEW.handed_over_date IS NULL THEN
    RETURN NEW;
  END IF;
  IF NOT EXISTS (
    SELECT FROM deliveries_handoverline l
      JOIN deliveries_giventhing t ON t.id = l.standing_given_id
      JOIN deliveries_handoveract a ON a.id = l.act_id
     WHERE t.key = 'in-kind:' || NEW.ref AND a.completed_at IS NOT NULL
       AND a.handed_over_date = NEW.handed_over_date AND a.receiver_id = NEW.handed_over_to_id
  ) THEN
    RAISE EXCEPTION 'a thing given is handed over by an act that counts'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hand_over_given BEFORE INSERT OR UPDATE ON giving_inkindgift
  FOR EACH ROW EXECUTE FUNCTION transport_hand_over_given();
"""
UNDO = "DROP FUNCTION transport_hand_over_given, transport_name_truly CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("transport", "0006_what_left_stays"),
        ("deliveries", "0036_given_things_are_accepted"),
        ("giving", "0018_things_are_handed_over_by_acts"),
    ]
    operations = [migrations.RunSQL(BY_ACTS, UNDO)]
