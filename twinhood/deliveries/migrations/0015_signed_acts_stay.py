"""An act counts when all have signed it; what was signed stays; old acts are what they are."""

from django.db import migrations

# Acts from before are complete as they were recorded, without a paper of ours.
OLD_ACTS = """
ALTER TABLE deliveries_handoveract DISABLE TRIGGER keep_act;
UPDATE deliveries_handoveract SET is_from_before = true, completed_at = recorded_at;
ALTER TABLE deliveries_handoveract ENABLE TRIGGER keep_act;
"""
FORGET_OLD_ACTS = """
ALTER TABLE deliveries_handoveract DISABLE TRIGGER keep_act;
UPDATE deliveries_handoveract SET is_from_before = false, completed_at = NULL;
ALTER TABLE deliveries_handoveract ENABLE TRIGGER keep_act;
"""
SIGNED_ACTS_STAY = """
CREATE FUNCTION deliveries_is_signed(act deliveries_handoveract) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT count(*) FILTER (WHERE role = 'giver') >= 1
     AND count(*) FILTER (WHERE role = 'receiver') >= 1
     AND count(*) FILTER (WHERE role = 'commission') >= 3
     AND bool_and(method <> '')
    FROM deliveries_actsigner WHERE act_id = act.id
$$;

CREATE OR REPLACE FUNCTION deliveries_keep_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept deliveries_handoveract;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.completed_at IS NOT NULL OR NEW.document_id IS NOT NULL OR NEW.is_from_before THEN
      RAISE EXCEPTION 'an act begins without signatures, so it is not complete'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    kept := OLD;
    kept.public_from_date := NEW.public_from_date;
    kept.is_pulled_back := NEW.is_pulled_back;
    kept.commitment := NEW.commitment;
    IF OLD.document_id IS DISTINCT FROM NEW.document_id THEN
      IF NEW.document_id IS NULL OR NOT deliveries_is_signed(NEW) OR (
        OLD.document_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM documents_document d
           WHERE d.id = NEW.document_id AND d.replaces_id = OLD.document_id)
      ) THEN
        RAISE EXCEPTION 'the paper of an act is made when giver, receiver and three signed'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      kept.document_id := NEW.document_id;
    END IF;
    IF OLD.completed_at IS NULL AND NEW.completed_at IS NOT NULL THEN
      IF NEW.document_id IS NULL OR NOT deliveries_is_signed(NEW) THEN
        RAISE EXCEPTION 'act % lacks signatures', NEW.number
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      IF EXISTS (
        SELECT FROM people_partnership p WHERE p.id = NEW.partnership_id AND (
          p.is_conflict_zone OR EXISTS (
            SELECT FROM places_standing s
             WHERE s.place_id = p.receiving_place_id
               AND s.danger IN ('active', 'registers', 'occupied')
               AND s.since_date <= NEW.handed_over_date
               AND (s.until_date IS NULL OR s.until_date > NEW.handed_over_date)))
      ) AND 2 > (SELECT count(DISTINCT organisation_id) FROM deliveries_confirmation
                   WHERE act_id = NEW.id) THEN
        RAISE EXCEPTION 'near a front act % needs two confirmations', NEW.number
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      kept.completed_at := NEW.completed_at;
    END IF;
    IF kept IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'of an act only its publicity changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER keep_act ON deliveries_handoveract;
CREATE TRIGGER keep_act BEFORE INSERT OR UPDATE OR DELETE ON deliveries_handoveract
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_act();

CREATE FUNCTION deliveries_keep_signer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE a deliveries_handoveract; one bigint;
BEGIN
  one := CASE WHEN TG_OP = 'DELETE' THEN OLD.act_id ELSE NEW.act_id END;
  SELECT * INTO a FROM deliveries_handoveract WHERE id = one FOR SHARE;
  IF a.document_id IS NOT NULL OR a.is_from_before THEN
    RAISE EXCEPTION 'who signed act % stays', a.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP <> 'INSERT' AND OLD.method <> '' THEN
    RAISE EXCEPTION 'a signature is never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND (OLD.act_id, OLD.role, OLD.name, OLD.office)
     IS DISTINCT FROM (NEW.act_id, NEW.role, NEW.name, NEW.office) THEN
    RAISE EXCEPTION 'somebody else is another signer'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.method IN ('glass', 'typed') AND NEW.sha256 <>
     encode(sha256(convert_to(NEW.drawn, 'UTF8')), 'hex') THEN
    RAISE EXCEPTION 'a signature has the hash of what was drawn'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.method = 'paper' AND 2 > (
    SELECT count(DISTINCT w.organisation_id) FROM deliveries_actscan s
      JOIN documents_storedfile f ON f.id = s.file_id
      JOIN deliveries_scanwitness w ON w.scan_id = s.id
     WHERE s.act_id = NEW.act_id AND f.sha256 = NEW.sha256
       AND w.person_id <> s.entered_by_id
  ) THEN
    RAISE EXCEPTION 'a signature on paper needs a scan that two people of two organisations saw'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_signer BEFORE INSERT OR UPDATE OR DELETE ON deliveries_actsigner
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_signer();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_actsigner
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();

CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE o deliveries_order; handed_minor numeric; paid_minor numeric;
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
      JOIN deliveries_handoveract a ON a.id = NEW.act_id AND a.partnership_id = p.partnership_id
     WHERE u.id = NEW.unit_id AND u.cancelled_at IS NULL AND p.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM deliveries_handoveract a
              WHERE a.id = NEW.act_id AND (a.document_id IS NOT NULL OR a.is_from_before)) THEN
    RAISE EXCEPTION 'nothing is added to an act that was signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT p.* INTO o FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
   WHERE u.id = NEW.unit_id;
  SELECT COALESCE(sum(amount_minor), 0) INTO paid_minor
    FROM deliveries_payment WHERE order_id = o.id;
  SELECT COALESCE(sum(u.amount_minor), 0) INTO handed_minor FROM deliveries_unit u
   WHERE u.order_id = o.id AND u.cancelled_at IS NULL
     AND (u.id = NEW.unit_id
          OR EXISTS (SELECT FROM deliveries_handoverline l WHERE l.unit_id = u.id));
  IF paid_minor < handed_minor THEN
    RAISE EXCEPTION 'order % is not paid for what is handed over', o.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION deliveries_bind_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.recorded_by_id <> (SELECT recorded_by_id FROM deliveries_handoveract
                             WHERE id = NEW.act_id) THEN
    RAISE EXCEPTION 'a confirmation names who recorded the act'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_confirmation BEFORE INSERT ON deliveries_confirmation
  FOR EACH ROW EXECUTE FUNCTION deliveries_bind_confirmation();

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_confirmation
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_confirmation
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_scanwitness
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_actscan
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_actrate
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
"""
CHANGE_AGAIN = """
CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order o ON o.id = u.order_id
      JOIN deliveries_handoveract a ON a.id = NEW.act_id AND a.partnership_id = o.partnership_id
     WHERE u.id = NEW.unit_id AND u.cancelled_at IS NULL AND o.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER refuse_change ON deliveries_actrate;
DROP TRIGGER refuse_change ON deliveries_actscan;
DROP TRIGGER refuse_change ON deliveries_scanwitness;
DROP TRIGGER refuse_change ON deliveries_confirmation;
DROP TRIGGER refuse_truncate ON deliveries_confirmation;
DROP TRIGGER refuse_truncate ON deliveries_actsigner;
DROP FUNCTION deliveries_bind_confirmation, deliveries_keep_signer CASCADE;
DROP TRIGGER keep_act ON deliveries_handoveract;
CREATE OR REPLACE FUNCTION deliveries_keep_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    OLD.public_from_date := NEW.public_from_date;
    OLD.is_pulled_back := NEW.is_pulled_back;
    OLD.commitment := NEW.commitment;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'of an act only its publicity changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_act BEFORE UPDATE OR DELETE ON deliveries_handoveract
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_act();
DROP FUNCTION deliveries_is_signed;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0014_acts_are_signed")]
    operations = [
        migrations.RunSQL(OLD_ACTS, FORGET_OLD_ACTS),
        migrations.RunSQL(SIGNED_ACTS_STAY, CHANGE_AGAIN),
    ]
