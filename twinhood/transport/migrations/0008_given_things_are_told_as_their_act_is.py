"""From when the world may know that a thing given was handed over, its act says."""

from django.db import migrations

AS_THE_ACT = """
CREATE FUNCTION transport_tell_given() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_handoverline l
      JOIN deliveries_giventhing t ON t.id = l.standing_given_id
      JOIN deliveries_handoveract a ON a.id = l.act_id
     WHERE t.key = 'in-kind:' || NEW.ref AND a.completed_at IS NOT NULL
       AND NOT a.is_pulled_back AND a.public_from_date = NEW.public_from_date
  ) THEN
    RAISE EXCEPTION 'a thing given is told of from the day of its act'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER tell_given BEFORE UPDATE OF public_from_date ON giving_inkindgift
  FOR EACH ROW
  WHEN (NEW.public_from_date IS NOT NULL
        AND NEW.public_from_date IS DISTINCT FROM OLD.public_from_date)
  EXECUTE FUNCTION transport_tell_given();
CREATE TRIGGER begin_untold BEFORE INSERT ON giving_inkindgift
  FOR EACH ROW WHEN (NEW.public_from_date IS NOT NULL)
  EXECUTE FUNCTION transport_tell_given();
"""
UNDO = "DROP FUNCTION transport_tell_given CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("transport", "0007_given_things_are_handed_over_by_acts")]
    operations = [migrations.RunSQL(AS_THE_ACT, UNDO)]
