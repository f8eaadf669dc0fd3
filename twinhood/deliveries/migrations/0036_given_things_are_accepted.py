"""The rules of a hand-over hold for what was given in kind; and a thing stands on one act."""

from django.db import migrations

ACCEPTED = """
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

CREATE FUNCTION deliveries_accept_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE a deliveries_handoveract; g deliveries_giventhing;
BEGIN
  SELECT * INTO a FROM deliveries_handoveract WHERE id = NEW.act_id;
  SELECT * INTO g FROM deliveries_giventhing WHERE id = NEW.given_id;
  IF a.handed_over_date < g.received_date THEN
    RAISE EXCEPTION 'nothing is handed over before it was received'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF g.is_vehicle AND NEW.condition <> 'missing' AND NOT EXISTS (
    SELECT FROM people_organisation r WHERE r.id = a.receiver_id
       AND r.legal_form IN ('local_government', 'municipal_enterprise', 'public_institution')
  ) THEN
    RAISE EXCEPTION 'a vehicle goes to a body of the public hand'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER accept_given BEFORE INSERT ON deliveries_handoverline
  FOR EACH ROW WHEN (NEW.given_id IS NOT NULL) EXECUTE FUNCTION deliveries_accept_given();

CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_giventhing
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_giventhing
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_truncate ON deliveries_giventhing;
DROP TRIGGER refuse_change ON deliveries_giventhing;
DROP FUNCTION deliveries_accept_given CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0035_given_things_stand_on_acts")]
    operations = [migrations.RunSQL(ACCEPTED, UNDO)]
