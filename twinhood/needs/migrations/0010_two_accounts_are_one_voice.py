"""Two accounts of one person count once: nobody checks or agrees to what they wrote themselves."""

from django.db import migrations

ONE_VOICE = """
CREATE FUNCTION needs_one_voice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF people_are_one(NEW.verified_by_id, NEW.written_by_id) OR EXISTS (
    SELECT FROM needs_verification v
     WHERE v.need_id = NEW.need_id AND v.revision = NEW.revision AND v.id <> NEW.id
       AND people_are_one(v.verified_by_id, NEW.verified_by_id)
  ) THEN
    RAISE EXCEPTION 'a need is verified by others, each of them once'
      USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'nobody_verifies_their_own_need';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER one_voice AFTER INSERT ON needs_verification
  FOR EACH ROW EXECUTE FUNCTION needs_one_voice();

CREATE FUNCTION needs_other_voice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF people_are_one(NEW.decided_by_id, NEW.proposed_by_id) THEN
    RAISE EXCEPTION 'another person agrees to a change'
      USING ERRCODE = 'integrity_constraint_violation',
            CONSTRAINT = 'nobody_agrees_to_their_own_change';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER other_voice AFTER UPDATE ON needs_change
  FOR EACH ROW WHEN (NEW.state = 'made') EXECUTE FUNCTION needs_other_voice();
"""
UNDO = "DROP FUNCTION needs_one_voice, needs_other_voice CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0009_seen_confirmed_changed"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [migrations.RunSQL(ONE_VOICE, UNDO)]
