"""What was ticked and shown stays; a verified need changes only by the word of two.

A verification says what was checked, and with the last one that a need wants somebody has called
the beneficiary by a number of a register. Quantity and price of a verified need move only as a
change says that another person agreed to. Evidence comes before the need is verified and stays.
"""

from django.db import migrations

EYES = """
CREATE OR REPLACE FUNCTION needs_bind_verification() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n needs_need;
BEGIN
  SELECT * INTO n FROM needs_need WHERE id = NEW.need_id FOR SHARE;
  IF n.written_by_id <> NEW.written_by_id OR n.revision <> NEW.revision
     OR n.state <> 'submitted' THEN
    RAISE EXCEPTION 'a verification binds the writer and the revision that the need has now'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF jsonb_typeof(NEW.checked) <> 'array' OR jsonb_array_length(NEW.checked) = 0
     OR (NEW.checked ? 'called' AND btrim(NEW.register) = '') THEN
    RAISE EXCEPTION 'a verification says what was checked, and whence a number was'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION needs_verified_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' OR NEW.covered <> 0 THEN
      RAISE EXCEPTION 'a need begins as a draft' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.title, OLD.unit_title, OLD.why, OLD.currency, OLD.category, OLD.price_note,
      OLD.beneficiary_id, OLD.written_by_id, OLD.kind, OLD.specification, OLD.priority,
      OLD.needed_by_date, OLD.has_relation, OLD.relation, OLD.why_not_the_same)
     IS DISTINCT FROM
     (NEW.title, NEW.unit_title, NEW.why, NEW.currency, NEW.category, NEW.price_note,
      NEW.beneficiary_id, NEW.written_by_id, NEW.kind, NEW.specification, NEW.priority,
      NEW.needed_by_date, NEW.has_relation, NEW.relation, NEW.why_not_the_same)
     AND NOT (OLD.state = 'draft' OR (OLD.state = 'submitted' AND NEW.revision > OLD.revision))
  THEN
    RAISE EXCEPTION 'what was verified stays as it was seen'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (OLD.quantity, OLD.unit_price_minor, OLD.covered)
     IS DISTINCT FROM (NEW.quantity, NEW.unit_price_minor, NEW.covered)
     AND NOT (OLD.state = 'draft' OR (OLD.state = 'submitted' AND NEW.revision > OLD.revision))
     AND NOT (OLD.state = 'verified' AND NEW.state = 'verified' AND EXISTS (
       SELECT FROM needs_change c
        WHERE c.need_id = NEW.id AND c.state = 'made' AND c.decided_by_id <> c.proposed_by_id
          AND c.id = (SELECT max(d.id) FROM needs_change d
                       WHERE d.need_id = NEW.id AND d.state = 'made')
          AND (c.quantity_before, c.unit_price_minor_before, c.covered_before)
              = (OLD.quantity, OLD.unit_price_minor, OLD.covered)
          AND (c.quantity, c.unit_price_minor, c.covered)
              = (NEW.quantity, NEW.unit_price_minor, NEW.covered)))
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
  IF NEW.state = 'verified' AND OLD.state <> 'verified' AND NOT EXISTS (
    SELECT FROM needs_verification v WHERE v.need_id = NEW.id AND v.revision = NEW.revision
       AND v.verified_by_id <> NEW.written_by_id AND v.checked ? 'called'
  ) THEN
    RAISE EXCEPTION 'nobody called whom need % is for', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION needs_keep_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' OR NOT EXISTS (
      SELECT FROM needs_need n WHERE n.id = NEW.need_id AND n.state = 'verified'
         AND (n.quantity, n.unit_price_minor, n.covered)
             = (NEW.quantity_before, NEW.unit_price_minor_before, NEW.covered_before)) THEN
      RAISE EXCEPTION 'a change begins as a proposal from what the need asks for now'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' OR OLD.state <> 'proposed' OR NEW.state = 'proposed'
     OR (OLD.need_id, OLD.quantity, OLD.covered, OLD.unit_price_minor, OLD.quantity_before,
         OLD.covered_before, OLD.unit_price_minor_before, OLD.reason, OLD.proposed_by_id,
         OLD.proposed_for_id, OLD.proposed_at)
        IS DISTINCT FROM
        (NEW.need_id, NEW.quantity, NEW.covered, NEW.unit_price_minor, NEW.quantity_before,
         NEW.covered_before, NEW.unit_price_minor_before, NEW.reason, NEW.proposed_by_id,
         NEW.proposed_for_id, NEW.proposed_at) THEN
    RAISE EXCEPTION 'a change is decided once, as it was proposed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_change BEFORE INSERT OR UPDATE OR DELETE ON needs_change
  FOR EACH ROW EXECUTE FUNCTION needs_keep_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_change
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_confirmation
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_confirmation
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();

CREATE FUNCTION needs_keep_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE need_state text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.need_id, OLD.file_id, OLD.added_by_id, OLD.added_at)
       IS DISTINCT FROM (NEW.need_id, NEW.file_id, NEW.added_by_id, NEW.added_at) THEN
      RAISE EXCEPTION 'evidence stays the file that it is'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  SELECT n.state INTO need_state FROM needs_need n
   WHERE n.id = CASE WHEN TG_OP = 'DELETE' THEN OLD.need_id ELSE NEW.need_id END FOR SHARE;
  IF need_state NOT IN ('draft', 'submitted') THEN
    RAISE EXCEPTION 'evidence comes before its need is verified, and stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_evidence BEFORE INSERT OR UPDATE OR DELETE ON needs_evidence
  FOR EACH ROW EXECUTE FUNCTION needs_keep_evidence();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_evidence
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_truncate ON needs_change;
DROP TRIGGER refuse_truncate ON needs_evidence;
DROP TRIGGER refuse_change ON needs_confirmation;
DROP TRIGGER refuse_truncate ON needs_confirmation;
DROP FUNCTION needs_keep_change, needs_keep_evidence CASCADE;
"""


class Migration(migrations.Migration):
    """Backwards the stricter rules stay in the functions that were replaced, until 0002 goes."""

    dependencies = [("needs", "0008_evidence_confirmations_changes")]
    operations = [migrations.RunSQL(EYES, UNDO)]
