"""Once a leg has left, who bears its loss stays, and so do the rates of its shipment."""

from django.db import migrations

STAY = """
CREATE FUNCTION transport_keep_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'it has left: who bears the loss, and at which rate, stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_left BEFORE UPDATE ON transport_leg
  FOR EACH ROW WHEN (OLD.departed_at IS NOT NULL AND (
    NEW.departed_at IS NULL
    OR (OLD.shipment_id, OLD.risk_holder) IS DISTINCT FROM (NEW.shipment_id, NEW.risk_holder)))
  EXECUTE FUNCTION transport_keep_left();

CREATE FUNCTION transport_keep_rate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND
     (OLD.shipment_id, OLD.currency, OLD.amount_minor, OLD.uah_minor, OLD.rate_date, OLD.source)
     IS NOT DISTINCT FROM
     (NEW.shipment_id, NEW.currency, NEW.amount_minor, NEW.uah_minor, NEW.rate_date, NEW.source)
  THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM transport_leg l
              WHERE l.shipment_id = OLD.shipment_id AND l.departed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'it has left: who bears the loss, and at which rate, stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_rate BEFORE UPDATE OR DELETE ON transport_rate
  FOR EACH ROW EXECUTE FUNCTION transport_keep_rate();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON transport_leg
  FOR EACH STATEMENT EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON transport_rate
  FOR EACH STATEMENT EXECUTE FUNCTION transport_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_truncate ON transport_rate;
DROP TRIGGER refuse_truncate ON transport_leg;
DROP FUNCTION transport_keep_left, transport_keep_rate CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("transport", "0005_a_plate_is_known_once")]
    operations = [migrations.RunSQL(STAY, UNDO)]
