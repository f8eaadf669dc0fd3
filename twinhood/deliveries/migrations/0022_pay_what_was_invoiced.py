"""A payment names an invoice of its order and never exceeds it; invoices stay as they came."""

from django.db import migrations

INVOICED = """
CREATE FUNCTION deliveries_pay_what_was_invoiced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE asked bigint;
BEGIN
  SELECT i.amount_minor INTO asked FROM deliveries_invoice i
   WHERE i.order_id = NEW.order_id AND i.number = NEW.invoice AND i.voided_at IS NULL FOR UPDATE;
  IF asked IS NULL OR asked < NEW.amount_minor + (
    SELECT coalesce(sum(p.amount_minor), 0) FROM deliveries_payment p
     WHERE p.order_id = NEW.order_id AND p.invoice = NEW.invoice
  ) THEN
    RAISE EXCEPTION 'a payment is for an invoice of its order, and not above it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
-- Triggers fire in the order of their names: this one after those of account and screening.
CREATE TRIGGER what_was_invoiced BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_pay_what_was_invoiced();

CREATE FUNCTION deliveries_keep_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.voided_at IS NULL AND EXISTS (
      SELECT FROM deliveries_order o JOIN needs_quote q ON q.id = o.quote_id
       WHERE o.id = NEW.order_id AND o.state = 'placed' AND q.supplier_id = NEW.supplier_id
    ) THEN
      RETURN NEW;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND OLD.voided_at IS NULL AND NEW.voided_at IS NOT NULL
     AND (OLD.order_id, OLD.supplier_id, OLD.number, OLD.amount_minor, OLD.invoice_date,
          OLD.difference, OLD.recorded_by_id, OLD.recorded_at)
         IS NOT DISTINCT FROM
         (NEW.order_id, NEW.supplier_id, NEW.number, NEW.amount_minor, NEW.invoice_date,
          NEW.difference, NEW.recorded_by_id, NEW.recorded_at)
     AND NOT EXISTS (
       SELECT FROM deliveries_payment p
        WHERE p.order_id = OLD.order_id AND p.invoice = OLD.number) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'an invoice is of the supplier of a placed order, and stays as it came'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_invoice BEFORE INSERT OR UPDATE OR DELETE ON deliveries_invoice
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_invoice();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_invoice
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_invoice();
"""
UNDO = "DROP FUNCTION deliveries_keep_invoice, deliveries_pay_what_was_invoiced CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0021_invoices")]
    operations = [migrations.RunSQL(INVOICED, UNDO)]
