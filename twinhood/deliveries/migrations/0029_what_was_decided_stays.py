"""What was tried, credited, photographed, cancelled or quoted for an order stays as it was."""

from django.db import migrations

STAYS = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_refusedapproval
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_refusedapproval
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_serialclash
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_serialclash
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_bankfee
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_scanwitness
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();

-- At commit: an order is marked placed after its fee is booked.
CREATE FUNCTION deliveries_fee_under_the_ceiling() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM deliveries_order o WHERE o.id = NEW.order_id
                AND o.exchanged_minor + NEW.amount_minor > o.ceiling_minor) THEN
    RAISE EXCEPTION 'exchange and fee stay under the ceiling together'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fee_under_the_ceiling AFTER INSERT ON deliveries_bankfee
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION deliveries_fee_under_the_ceiling();

CREATE FUNCTION deliveries_keep_photo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.line_id, OLD.file_id) IS DISTINCT FROM (NEW.line_id, NEW.file_id) THEN
    RAISE EXCEPTION 'of a photo in an act only its release changes'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_photo BEFORE UPDATE OR DELETE ON deliveries_linephoto
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_photo();

CREATE FUNCTION deliveries_keep_seat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (OLD.act_id, OLD.organisation_id, OLD.term_id)
     IS DISTINCT FROM (NEW.act_id, NEW.organisation_id, NEW.term_id) THEN
    RAISE EXCEPTION 'who signs the paper of an act stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_seat BEFORE UPDATE OR DELETE ON deliveries_actseat
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_seat();

CREATE FUNCTION deliveries_keep_cancelled() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER keep_cancelled BEFORE UPDATE OF cancelled_at, cancel_reason ON deliveries_unit
  FOR EACH ROW
  WHEN ((OLD.cancelled_at, OLD.cancel_reason) IS DISTINCT FROM
        (NEW.cancelled_at, NEW.cancel_reason))
  EXECUTE FUNCTION deliveries_keep_cancelled();

CREATE FUNCTION deliveries_keep_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.partnership_id, OLD.number, OLD.proposed_for_id, OLD.proposed_at)
     IS DISTINCT FROM (NEW.partnership_id, NEW.number, NEW.proposed_for_id, NEW.proposed_at)
     OR OLD.placed_at IS NOT NULL AND (OLD.placed_at, OLD.approved_at, OLD.exchanged_minor,
         OLD.exchanged_by_id)
        IS DISTINCT FROM (NEW.placed_at, NEW.approved_at, NEW.exchanged_minor,
         NEW.exchanged_by_id) THEN
    RAISE EXCEPTION 'when and by whom an order was asked for and placed stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'cancelled' AND OLD.state <> 'cancelled' AND EXISTS (
    SELECT FROM deliveries_unit u WHERE u.order_id = OLD.id AND u.cancelled_at IS NULL
  ) THEN
    RAISE EXCEPTION 'an order is cancelled with its last thing'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_decided BEFORE UPDATE ON deliveries_order
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_decided();

CREATE FUNCTION deliveries_keep_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM deliveries_order o
              WHERE o.quote_id = OLD.id AND o.state IN ('approved', 'placed', 'cancelled')) THEN
    RAISE EXCEPTION 'the quote that an order was approved for stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_quote BEFORE UPDATE ON needs_quote
  FOR EACH ROW
  WHEN ((OLD.need_id, OLD.supplier_id, OLD.unit_price_minor, OLD.currency)
        IS DISTINCT FROM (NEW.need_id, NEW.supplier_id, NEW.unit_price_minor, NEW.currency))
  EXECUTE FUNCTION deliveries_keep_quote();
"""
UNDO = """
DROP FUNCTION deliveries_fee_under_the_ceiling, deliveries_keep_photo, deliveries_keep_seat, deliveries_keep_cancelled,
  deliveries_keep_decided, deliveries_keep_quote CASCADE;
DROP TRIGGER refuse_truncate ON deliveries_scanwitness;
DROP TRIGGER refuse_change ON deliveries_bankfee;
DROP TRIGGER refuse_truncate ON deliveries_serialclash;
DROP TRIGGER refuse_change ON deliveries_serialclash;
DROP TRIGGER refuse_truncate ON deliveries_refusedapproval;
DROP TRIGGER refuse_change ON deliveries_refusedapproval;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0028_handed_over_to_who_may_receive")]
    operations = [migrations.RunSQL(STAYS, UNDO)]
