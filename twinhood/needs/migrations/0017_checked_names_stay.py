"""The name that an institution was checked by changes only by the word of two, and stays written."""

from django.db import migrations

STAY = """
CREATE FUNCTION needs_keep_renaming() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.is_agreed IS NULL THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' AND OLD.is_agreed IS NULL AND NEW.is_agreed IS NOT NULL
     AND (OLD.organisation_id, OLD.name_before, OLD.name, OLD.reason, OLD.proposed_by_id,
          OLD.proposed_for_id, OLD.proposed_at)
         IS NOT DISTINCT FROM
         (NEW.organisation_id, NEW.name_before, NEW.name, NEW.reason, NEW.proposed_by_id,
          NEW.proposed_for_id, NEW.proposed_at)
     AND NOT people_are_one(NEW.proposed_by_id, NEW.decided_by_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'another name is proposed by one, decided once by another, and stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_renaming BEFORE INSERT OR UPDATE OR DELETE ON needs_renaming
  FOR EACH ROW EXECUTE FUNCTION needs_keep_renaming();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_renaming
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();

CREATE FUNCTION needs_keep_checked_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM needs_need n
              WHERE n.beneficiary_id = OLD.id AND n.verified_at IS NOT NULL)
     AND NOT EXISTS (
       SELECT FROM needs_renaming r
        WHERE r.is_agreed AND r.name_before = OLD.name AND r.name = NEW.name
          AND r.id = (SELECT max(last.id) FROM needs_renaming last
                       WHERE last.organisation_id = OLD.id AND last.is_agreed)) THEN
    RAISE EXCEPTION 'the name that an institution was checked by changes by the word of two'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_checked_name BEFORE UPDATE OF name ON people_organisation
  FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name)
  EXECUTE FUNCTION needs_keep_checked_name();
"""
UNDO = "DROP FUNCTION needs_keep_checked_name, needs_keep_renaming CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0016_renamings"),
        ("people", "0007_reminders"),
    ]
    operations = [migrations.RunSQL(STAY, UNDO)]
