"""What was declared to an authority stays, and the legs of a way follow one another."""

from django.db import migrations

KEEP = """
CREATE FUNCTION transport_keep_declared() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE s transport_shipment; l transport_load;
BEGIN
  l := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  SELECT * INTO s FROM transport_shipment WHERE id = l.shipment_id;
  IF s.declaration_code <> '' THEN
    IF TG_OP = 'UPDATE' THEN
      OLD.condition := NEW.condition;
      OLD.is_live := NEW.is_live;
    END IF;
    IF TG_OP <> 'UPDATE' OR OLD IS DISTINCT FROM NEW THEN
      RAISE EXCEPTION 'what is in a declared shipment stays'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  IF TG_OP <> 'DELETE' AND NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order o ON o.id = u.order_id
     WHERE u.id = l.unit_id AND o.partnership_id = s.partnership_id
    UNION ALL
    SELECT FROM giving_inkindgift g
     WHERE g.id = l.gift_id AND g.partnership_id = s.partnership_id
  ) THEN
    RAISE EXCEPTION 'a shipment carries things of its own partnership'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_declared BEFORE INSERT OR UPDATE OR DELETE ON transport_load
  FOR EACH ROW EXECUTE FUNCTION transport_keep_declared();

CREATE FUNCTION transport_keep_shipment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a shipment is cancelled, never deleted'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.declaration_code <> ''
     AND (NEW.consignor_id, NEW.consignee_id, NEW.purpose, NEW.letter_date, NEW.partnership_id)
         IS DISTINCT FROM
         (OLD.consignor_id, OLD.consignee_id, OLD.purpose, OLD.letter_date, OLD.partnership_id)
  THEN
    RAISE EXCEPTION 'what was declared stays' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.cleared_date IS NOT NULL
     AND (NEW.cleared_date IS NULL OR NEW.declaration_code <> OLD.declaration_code) THEN
    RAISE EXCEPTION 'what customs cleared stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_shipment BEFORE UPDATE OR DELETE ON transport_shipment
  FOR EACH ROW EXECUTE FUNCTION transport_keep_shipment();

CREATE FUNCTION transport_legs_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM transport_leg a JOIN transport_leg b
        ON b.shipment_id = a.shipment_id AND b.position = a.position + 1
     WHERE a.shipment_id = NEW.shipment_id AND b.departed_at IS NOT NULL
       AND (a.arrived_at IS NULL OR a.arrived_at > b.departed_at)
  ) THEN
    RAISE EXCEPTION 'a leg leaves after the one before it arrived'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER legs_follow AFTER INSERT OR UPDATE ON transport_leg
  FOR EACH ROW EXECUTE FUNCTION transport_legs_follow();

CREATE FUNCTION transport_keep_damage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    OLD.remedy := NEW.remedy;
    OLD.remedy_note := NEW.remedy_note;
    OLD.remedied_by_id := NEW.remedied_by_id;
    OLD.remedied_at := NEW.remedied_at;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'of a damage only its remedy changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_damage BEFORE UPDATE OR DELETE ON transport_damage
  FOR EACH ROW EXECUTE FUNCTION transport_keep_damage();
"""
UNDO = """
DROP FUNCTION transport_keep_declared, transport_keep_shipment, transport_legs_follow,
  transport_keep_damage CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("transport", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, UNDO)]
