"""One invoice may be for several orders: a part at each, which add up to no more than it asks."""

from django.db import migrations, models
from django.db.models import F, Q

PARTS = """
CREATE FUNCTION deliveries_parts_of_one_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Two parts at once: the second waits here and then sees the first.
  PERFORM pg_advisory_xact_lock(hashtext('invoice:' || NEW.supplier_id || ':' || NEW.number_key));
  IF (
    SELECT count(*) > 1 AND (
             count(i.total_minor) < count(*) OR min(i.total_minor) <> max(i.total_minor)
             OR min(o.currency) <> max(o.currency)
             OR min(o.partnership_id) <> max(o.partnership_id)
             OR sum(i.amount_minor) > min(i.total_minor))
      FROM deliveries_invoice i JOIN deliveries_order o ON o.id = i.order_id
     WHERE i.supplier_id = NEW.supplier_id AND i.number_key = NEW.number_key
       AND i.voided_at IS NULL
  ) THEN
    RAISE EXCEPTION 'a number of a supplier is one invoice: its parts add up to what it asks'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER parts_of_one_invoice AFTER INSERT ON deliveries_invoice
  FOR EACH ROW EXECUTE FUNCTION deliveries_parts_of_one_invoice();

CREATE FUNCTION deliveries_keep_total() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an invoice is of the supplier of a placed order, and stays as it came'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_total BEFORE UPDATE OF total_minor ON deliveries_invoice
  FOR EACH ROW WHEN (OLD.total_minor IS DISTINCT FROM NEW.total_minor)
  EXECUTE FUNCTION deliveries_keep_total();
CREATE INDEX invoice_by_its_number ON deliveries_invoice (supplier_id, number_key);
"""
UNDO = """
DROP INDEX invoice_by_its_number;
DROP FUNCTION deliveries_keep_total, deliveries_parts_of_one_invoice CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0039_quote_reminders")]
    operations = [
        migrations.AddField(
            "invoice", "total_minor", models.BigIntegerField(blank=True, null=True)
        ),
        migrations.RemoveConstraint("invoice", "invoice_number_is_unique_of_its_supplier"),
        migrations.AddConstraint(
            "invoice",
            models.UniqueConstraint(
                fields=["order", "number_key"],
                condition=Q(voided_at=None),
                name="invoice_stands_once_at_its_order",
            ),
        ),
        migrations.AddConstraint(
            "invoice",
            models.CheckConstraint(
                condition=Q(total_minor=None)
                | Q(total_minor__gt=F("amount_minor"), total_minor__lte=9 * 10**15),
                name="whole_invoice_is_more_than_its_part",
            ),
        ),
        migrations.RunSQL(PARTS, UNDO),
    ]
