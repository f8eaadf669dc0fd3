"""A second account of the writer, or of who agreed already, lets no incident be public."""

from django.db import migrations

ONE_VOICE = """
CREATE FUNCTION aftercare_one_voice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM aftercare_incident WHERE id = NEW.incident_id FOR UPDATE;
  IF people_are_one(NEW.reviewed_by_id, NEW.written_by_id) OR EXISTS (
    SELECT FROM aftercare_incidentreview r
     WHERE r.incident_id = NEW.incident_id AND r.revision = NEW.revision
       AND people_are_one(r.reviewed_by_id, NEW.reviewed_by_id)
  ) THEN
    RAISE EXCEPTION 'two accounts of one person are one voice'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER one_voice BEFORE INSERT ON aftercare_incidentreview
  FOR EACH ROW EXECUTE FUNCTION aftercare_one_voice();
"""
UNDO = "DROP FUNCTION aftercare_one_voice CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("aftercare", "0002_told_words_stay"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [migrations.RunSQL(ONE_VOICE, UNDO)]
