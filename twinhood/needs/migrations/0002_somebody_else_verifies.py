"""Other people's word, for exactly the text that they saw, demanded by the database as well."""

from django.db import migrations

OTHER_EYES = """
CREATE FUNCTION needs_bind_verification() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n needs_need;
BEGIN
  SELECT * INTO n FROM needs_need WHERE id = NEW.need_id FOR SHARE;
  IF n.written_by_id <> NEW.written_by_id OR n.revision <> NEW.revision
     OR n.state <> 'submitted' THEN
    RAISE EXCEPTION 'a verification binds the writer and the revision that the need has now'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_verification BEFORE INSERT ON needs_verification
  FOR EACH ROW EXECUTE FUNCTION needs_bind_verification();

CREATE FUNCTION needs_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_verification
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_verification
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();

CREATE FUNCTION needs_verified_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'a need begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.title, OLD.unit_title, OLD.why, OLD.quantity, OLD.unit_price_minor, OLD.currency,
      OLD.category, OLD.price_note, OLD.beneficiary_id, OLD.written_by_id)
     IS DISTINCT FROM
     (NEW.title, NEW.unit_title, NEW.why, NEW.quantity, NEW.unit_price_minor, NEW.currency,
      NEW.category, NEW.price_note, NEW.beneficiary_id, NEW.written_by_id)
     AND NOT (OLD.state = 'draft' OR (OLD.state = 'submitted' AND NEW.revision > OLD.revision))
  THEN
    RAISE EXCEPTION 'what was verified stays as it was seen'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'verified' AND OLD.state <> 'verified' AND (
    OLD.state <> 'submitted' OR (
      SELECT count(DISTINCT v.verified_by_id) FROM needs_verification v
       WHERE v.need_id = NEW.id AND v.revision = NEW.revision
         AND v.verified_by_id <> NEW.written_by_id
    ) < (SELECT CASE WHEN p.is_conflict_zone THEN 2 ELSE 1 END
           FROM people_partnership p WHERE p.id = NEW.partnership_id)
  ) THEN
    RAISE EXCEPTION 'need % lacks the verification of others', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER verified_by_others BEFORE INSERT OR UPDATE ON needs_need
  FOR EACH ROW EXECUTE FUNCTION needs_verified_by_others();
"""
UNDO = """
DROP FUNCTION needs_bind_verification, needs_refuse_change, needs_verified_by_others CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0001_initial"), ("people", "0001_initial")]
    operations = [migrations.RunSQL(OTHER_EYES, UNDO)]
