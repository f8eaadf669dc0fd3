"""Two approvals of the exact content by two others, demanded by the database as well."""

from django.db import migrations

FOUR_EYES = """
CREATE FUNCTION deliveries_bind_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o deliveries_order;
BEGIN
  SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id FOR SHARE;
  IF o.content_hash <> NEW.content_hash OR o.proposed_by_id <> NEW.proposed_by_id
     OR o.state <> 'proposed' THEN
    RAISE EXCEPTION 'an approval binds the content and the proposer that the order has now'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
    SELECT FROM needs_quote q WHERE q.id = o.quote_id AND q.supplier_id = NEW.organisation_id
  ) THEN
    RAISE EXCEPTION 'who is paid does not approve' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_approval BEFORE INSERT ON deliveries_approval
  FOR EACH ROW EXECUTE FUNCTION deliveries_bind_approval();

CREATE FUNCTION deliveries_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_approval
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_approval
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_payment
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();

CREATE FUNCTION deliveries_place_with_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' THEN
      RAISE EXCEPTION 'an order begins as proposed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.need_id, OLD.quote_id, OLD.currency, OLD.fund_codes, OLD.proposed_by_id, OLD.reason)
     IS DISTINCT FROM
     (NEW.need_id, NEW.quote_id, NEW.currency, NEW.fund_codes, NEW.proposed_by_id, NEW.reason)
     AND (OLD.content_hash = NEW.content_hash OR OLD.state <> 'proposed') THEN
    RAISE EXCEPTION 'another content needs another hash, before the order is placed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'placed' AND OLD.state <> 'placed' THEN
    IF OLD.state <> 'proposed' OR 2 > (
      SELECT count(DISTINCT a.organisation_id) FROM deliveries_approval a
       WHERE a.order_id = NEW.id AND a.content_hash = NEW.content_hash
         AND a.approved_by_id <> NEW.proposed_by_id
    ) THEN
      RAISE EXCEPTION 'order % lacks two approvals of this content', NEW.number
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF OLD.state <> 'proposed' AND NEW.state IN ('proposed', 'refused') THEN
    RAISE EXCEPTION 'order % cannot go back', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER place_with_four_eyes BEFORE INSERT OR UPDATE ON deliveries_order
  FOR EACH ROW EXECUTE FUNCTION deliveries_place_with_four_eyes();

CREATE FUNCTION deliveries_pay_what_was_placed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o deliveries_order;
BEGIN
  SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id;
  IF o.state <> 'placed' THEN
    RAISE EXCEPTION 'only a placed order is paid' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF o.proposed_by_id = NEW.paid_by_id THEN
    RAISE EXCEPTION 'who asked for the order does not pay it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER pay_what_was_placed BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_pay_what_was_placed();

CREATE FUNCTION deliveries_keep_units() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER keep_units BEFORE INSERT OR UPDATE OR DELETE ON deliveries_unit
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_units();

CREATE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER hand_over_what_was_bought BEFORE INSERT ON deliveries_handoverline
  FOR EACH ROW EXECUTE FUNCTION deliveries_hand_over_what_was_bought();

CREATE FUNCTION deliveries_keep_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    OLD.public_from_date := NEW.public_from_date;
    OLD.is_pulled_back := NEW.is_pulled_back;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'of an act only its publicity changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_act BEFORE UPDATE OR DELETE ON deliveries_handoveract
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_act();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_handoverline
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_handoverline
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
"""
UNDO = """
DROP FUNCTION deliveries_bind_approval, deliveries_refuse_change, deliveries_place_with_four_eyes,
  deliveries_pay_what_was_placed, deliveries_keep_units, deliveries_hand_over_what_was_bought,
  deliveries_keep_act CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0001_initial")]
    operations = [migrations.RunSQL(FOUR_EYES, UNDO)]
