"""An act that is over stays as it was; a correction takes its place when it counts itself."""

from django.db import migrations

STAY = """
CREATE OR REPLACE FUNCTION deliveries_keep_act() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE kept deliveries_handoveract;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.completed_at IS NOT NULL OR NEW.document_id IS NOT NULL OR NEW.is_from_before
       OR NEW.withdrawn_at IS NOT NULL OR NEW.replaced_at IS NOT NULL THEN
      RAISE EXCEPTION 'an act begins without signatures, so it is not complete'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM deliveries_handoveract a
       WHERE a.id = NEW.replaces_id AND a.partnership_id = NEW.partnership_id
         AND (a.document_id IS NOT NULL OR a.is_from_before) AND a.replaced_at IS NULL
    ) THEN
      RAISE EXCEPTION 'an act corrects one that was signed, and not corrected yet'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF (OLD.withdrawn_at IS NOT NULL OR OLD.replaced_at IS NOT NULL)
       AND OLD IS DISTINCT FROM NEW THEN
      RAISE EXCEPTION 'act % is over, and stays as it was', OLD.number
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    kept := OLD;
    IF NEW.withdrawn_at IS NOT NULL THEN
      IF OLD.document_id IS NOT NULL OR OLD.is_from_before THEN
        RAISE EXCEPTION 'an act that was signed is corrected, not withdrawn'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      kept.withdrawn_at := NEW.withdrawn_at;
      kept.withdrawn_by_id := NEW.withdrawn_by_id;
      kept.withdrawal_reason := NEW.withdrawal_reason;
    END IF;
    IF NEW.replaced_at IS NOT NULL THEN
      IF NOT EXISTS (SELECT FROM deliveries_handoveract c WHERE c.replaces_id = OLD.id
                        AND (c.completed_at IS NOT NULL OR c.replaced_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'an act is replaced by one that counts'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      kept.replaced_at := NEW.replaced_at;
    END IF;
    kept.public_from_date := NEW.public_from_date;
    kept.is_pulled_back := NEW.is_pulled_back;
    kept.commitment := NEW.commitment;
    IF OLD.document_id IS DISTINCT FROM NEW.document_id THEN
      IF NEW.document_id IS NULL OR NOT deliveries_is_signed(NEW) OR (
        OLD.document_id IS NOT NULL AND NOT EXISTS (
          SELECT FROM documents_document d
           WHERE d.id = NEW.document_id AND d.replaces_id = OLD.document_id)
      ) OR EXISTS (
        SELECT FROM deliveries_handoveract a JOIN documents_document d ON d.id = NEW.document_id
         WHERE a.id = NEW.replaces_id AND OLD.document_id IS NULL
           AND d.replaces_id IS DISTINCT FROM a.document_id
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
      IF NEW.replaces_id IS NOT NULL AND EXISTS (
        (SELECT l.unit_id, l.given_id FROM deliveries_handoverline l WHERE l.act_id = NEW.id
         EXCEPT ALL
         SELECT l.unit_id, l.given_id FROM deliveries_handoverline l
          WHERE l.act_id = NEW.replaces_id)
        UNION ALL
        (SELECT l.unit_id, l.given_id FROM deliveries_handoverline l
          WHERE l.act_id = NEW.replaces_id
         EXCEPT ALL
         SELECT l.unit_id, l.given_id FROM deliveries_handoverline l WHERE l.act_id = NEW.id)
      ) THEN
        RAISE EXCEPTION 'act % names other things than the one that it corrects', NEW.number
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

CREATE OR REPLACE FUNCTION deliveries_keep_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o deliveries_order;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.order_id, NEW.amount_minor, NEW.code, NEW.number)
     IS NOT DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.code, OLD.number) THEN
    IF NEW.serial <> OLD.serial
       AND EXISTS (SELECT FROM deliveries_handoverline l
                    WHERE l.standing_unit_id = OLD.id AND l.serial <> NEW.serial) THEN
      RAISE EXCEPTION 'the serial number of a thing handed over stays'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id;
  ELSE
    SELECT * INTO o FROM deliveries_order WHERE id = OLD.order_id;
  END IF;
  IF o.state <> 'proposed' THEN
    RAISE EXCEPTION 'units of a placed order stay' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (TG_OP <> 'UPDATE' OR (NEW.order_id, NEW.amount_minor, NEW.code)
      IS DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.code))
     AND EXISTS (SELECT FROM deliveries_approval a
                  WHERE a.order_id = o.id AND a.content_hash = o.content_hash) THEN
    RAISE EXCEPTION 'units that were approved stay, or the order needs another hash first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE OR REPLACE FUNCTION deliveries_keep_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.cancelled_at IS NOT NULL THEN
    RAISE EXCEPTION 'a thing that was given up stays so'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM deliveries_handoverline l
              WHERE l.standing_unit_id = OLD.id AND l.condition = 'good') THEN
    RAISE EXCEPTION 'a thing that was handed over in order is not given up'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE o deliveries_order; a deliveries_handoveract; handed_minor numeric; paid_minor numeric;
BEGIN
  SELECT * INTO a FROM deliveries_handoveract WHERE id = NEW.act_id;
  IF NEW.given_id IS NULL AND a.replaces_id IS NULL AND NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
     WHERE u.id = NEW.unit_id AND p.partnership_id = a.partnership_id
       AND u.cancelled_at IS NULL AND p.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF a.document_id IS NOT NULL OR a.is_from_before THEN
    RAISE EXCEPTION 'nothing is added to an act that was signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF a.withdrawn_at IS NOT NULL THEN
    RAISE EXCEPTION 'nothing is added to an act that was withdrawn'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF a.replaces_id IS NOT NULL THEN
    -- It takes the place of the other act once it is complete; until then the other one counts.
    IF NEW.standing_unit_id IS NOT NULL OR NEW.standing_given_id IS NOT NULL OR NOT EXISTS (
      SELECT FROM deliveries_handoverline l WHERE l.act_id = a.replaces_id
         AND (l.unit_id = NEW.unit_id OR l.given_id = NEW.given_id)
    ) OR EXISTS (
      SELECT FROM deliveries_unit u WHERE u.id = NEW.unit_id AND u.cancelled_at IS NOT NULL
         AND NEW.condition = 'good'
    ) THEN
      RAISE EXCEPTION 'a correction names the things of the act that it corrects'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.given_id IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM deliveries_giventhing g
                    WHERE g.id = NEW.given_id AND g.partnership_id = a.partnership_id
                      AND g.serial = NEW.serial) THEN
      RAISE EXCEPTION 'an act hands over things given to its own partnership'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.standing_given_id IS DISTINCT FROM NEW.given_id THEN
      RAISE EXCEPTION 'what an act hands over stands on it'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  SELECT p.* INTO o FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
   WHERE u.id = NEW.unit_id;
  SELECT COALESCE(sum(amount_minor), 0) INTO paid_minor
    FROM deliveries_payment WHERE order_id = o.id;
  SELECT paid_minor - COALESCE(sum(c.amount_minor), 0) INTO paid_minor
    FROM deliveries_suppliercredit c JOIN deliveries_unit u ON u.id = c.unit_id
   WHERE u.order_id = o.id AND c.bank_code <> '';
  SELECT COALESCE(sum(u.price_minor), 0) INTO handed_minor FROM deliveries_unit u
   WHERE u.order_id = o.id AND u.cancelled_at IS NULL
     AND (u.id = NEW.unit_id
          OR EXISTS (SELECT FROM deliveries_handoverline l WHERE l.standing_unit_id = u.id));
  IF paid_minor < handed_minor THEN
    RAISE EXCEPTION 'order % is not paid for what is handed over', o.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.standing_unit_id IS DISTINCT FROM NEW.unit_id THEN
    RAISE EXCEPTION 'what an act hands over stands on it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

-- Of a line only changes whether its thing stands on it, as the act says.
CREATE FUNCTION deliveries_keep_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE a deliveries_handoveract; kept deliveries_handoverline;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT * INTO a FROM deliveries_handoveract WHERE id = OLD.act_id;
    kept := OLD;
    kept.standing_unit_id := NEW.standing_unit_id;
    kept.standing_given_id := NEW.standing_given_id;
    IF OLD IS DISTINCT FROM NEW AND kept IS NOT DISTINCT FROM NEW AND (
      (a.withdrawn_at IS NOT NULL OR a.replaced_at IS NOT NULL)
        = (NEW.standing_unit_id IS NULL AND NEW.standing_given_id IS NULL)
    ) AND (a.completed_at IS NOT NULL OR a.withdrawn_at IS NOT NULL OR a.replaced_at IS NOT NULL)
    THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'what stands in an act stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER refuse_change ON deliveries_handoverline;
CREATE TRIGGER keep_line BEFORE UPDATE OR DELETE ON deliveries_handoverline
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_line();

-- At commit: a correction that counts has taken over, and one that is over holds nothing.
CREATE FUNCTION deliveries_takes_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM deliveries_handoveract a JOIN deliveries_handoverline l ON l.act_id = a.id
     WHERE a.id = NEW.id
       AND (a.withdrawn_at IS NOT NULL OR a.replaced_at IS NOT NULL)
           = (l.standing_unit_id IS NOT NULL OR l.standing_given_id IS NOT NULL)
  ) THEN
    RAISE EXCEPTION 'each thing stands on the act that counts'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER takes_over
  AFTER UPDATE OF completed_at, withdrawn_at, replaced_at ON deliveries_handoveract
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION deliveries_takes_over();

CREATE FUNCTION deliveries_is_not_over() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE one bigint;
BEGIN
  one := CASE WHEN TG_OP = 'DELETE' THEN OLD.act_id ELSE NEW.act_id END;
  IF EXISTS (SELECT FROM deliveries_handoveract a WHERE a.id = one
                AND (a.withdrawn_at IS NOT NULL OR a.replaced_at IS NOT NULL)) THEN
    RAISE EXCEPTION 'nothing is signed or confirmed in an act that is over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER is_not_over BEFORE INSERT OR UPDATE OR DELETE ON deliveries_actsigner
  FOR EACH ROW EXECUTE FUNCTION deliveries_is_not_over();
CREATE TRIGGER is_not_over BEFORE INSERT ON deliveries_confirmation
  FOR EACH ROW EXECUTE FUNCTION deliveries_is_not_over();
"""
UNDO = """
DROP FUNCTION deliveries_is_not_over, deliveries_takes_over, deliveries_keep_line CASCADE;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_handoverline
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
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
CREATE OR REPLACE FUNCTION deliveries_keep_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o deliveries_order;
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.order_id, NEW.amount_minor, NEW.code, NEW.number)
     IS NOT DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.code, OLD.number) THEN
    IF NEW.serial <> OLD.serial
       AND EXISTS (SELECT FROM deliveries_handoverline l WHERE l.unit_id = OLD.id) THEN
      RAISE EXCEPTION 'the serial number of a thing handed over stays'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id;
  ELSE
    SELECT * INTO o FROM deliveries_order WHERE id = OLD.order_id;
  END IF;
  IF o.state <> 'proposed' THEN
    RAISE EXCEPTION 'units of a placed order stay' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (TG_OP <> 'UPDATE' OR (NEW.order_id, NEW.amount_minor, NEW.code)
      IS DISTINCT FROM (OLD.order_id, OLD.amount_minor, OLD.code))
     AND EXISTS (SELECT FROM deliveries_approval a
                  WHERE a.order_id = o.id AND a.content_hash = o.content_hash) THEN
    RAISE EXCEPTION 'units that were approved stay, or the order needs another hash first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE OR REPLACE FUNCTION deliveries_keep_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.cancelled_at IS NOT NULL THEN
    RAISE EXCEPTION 'a thing that was given up stays so'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM deliveries_handoverline l
              WHERE l.unit_id = OLD.id AND l.condition = 'good') THEN
    RAISE EXCEPTION 'a thing that was handed over in order is not given up'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE o deliveries_order; a deliveries_handoveract; handed_minor numeric; paid_minor numeric;
BEGIN
  SELECT * INTO a FROM deliveries_handoveract WHERE id = NEW.act_id;
  IF NEW.given_id IS NULL AND NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
     WHERE u.id = NEW.unit_id AND p.partnership_id = a.partnership_id
       AND u.cancelled_at IS NULL AND p.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF a.document_id IS NOT NULL OR a.is_from_before THEN
    RAISE EXCEPTION 'nothing is added to an act that was signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.given_id IS NOT NULL THEN
    IF NOT EXISTS (SELECT FROM deliveries_giventhing g
                    WHERE g.id = NEW.given_id AND g.partnership_id = a.partnership_id
                      AND g.serial = NEW.serial) THEN
      RAISE EXCEPTION 'an act hands over things given to its own partnership'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  SELECT p.* INTO o FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
   WHERE u.id = NEW.unit_id;
  SELECT COALESCE(sum(amount_minor), 0) INTO paid_minor
    FROM deliveries_payment WHERE order_id = o.id;
  SELECT paid_minor - COALESCE(sum(c.amount_minor), 0) INTO paid_minor
    FROM deliveries_suppliercredit c JOIN deliveries_unit u ON u.id = c.unit_id
   WHERE u.order_id = o.id AND c.bank_code <> '';
  SELECT COALESCE(sum(u.price_minor), 0) INTO handed_minor FROM deliveries_unit u
   WHERE u.order_id = o.id AND u.cancelled_at IS NULL
     AND (u.id = NEW.unit_id
          OR EXISTS (SELECT FROM deliveries_handoverline l WHERE l.standing_unit_id = u.id));
  IF paid_minor < handed_minor THEN
    RAISE EXCEPTION 'order % is not paid for what is handed over', o.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0037_acts_are_withdrawn_or_corrected")]
    operations = [migrations.RunSQL(STAY, UNDO)]
