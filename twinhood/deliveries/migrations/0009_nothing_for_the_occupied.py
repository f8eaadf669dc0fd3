"""Nothing is placed or paid for a body, or to a supplier, where a list says "occupied" that day."""

from django.db import migrations

NOTHING = """
CREATE FUNCTION deliveries_is_occupied(body bigint, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM people_organisation o
    JOIN places_place p ON p.id = o.place_id
    JOIN places_standing s ON s.place_id = p.id AND s.danger = 'occupied'
   WHERE o.id = body
     AND s.since_date <= (moment AT TIME ZONE p.time_zone)::date
     AND (s.until_date IS NULL OR s.until_date > (moment AT TIME ZONE p.time_zone)::date)
  )
$$;
CREATE FUNCTION deliveries_refuse_occupied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz; of_order bigint;
BEGIN
  IF TG_TABLE_NAME = 'deliveries_order' THEN
    moment := NEW.placed_at; of_order := NEW.id;
  ELSE
    moment := NEW.paid_at; of_order := NEW.order_id;
  END IF;
  IF EXISTS (
    SELECT FROM deliveries_order o
    JOIN needs_need n ON n.id = o.need_id
    JOIN needs_quote q ON q.id = o.quote_id
   WHERE o.id = of_order AND (
     deliveries_is_occupied(n.beneficiary_id, moment)
     OR deliveries_is_occupied(q.supplier_id, moment))
  ) THEN
    RAISE EXCEPTION 'nothing is ordered or paid for a body under occupation'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER nothing_for_the_occupied BEFORE UPDATE OF state ON deliveries_order
  FOR EACH ROW WHEN (NEW.state = 'placed' AND OLD.state <> 'placed')
  EXECUTE FUNCTION deliveries_refuse_occupied();
CREATE TRIGGER nothing_for_the_occupied BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_occupied();
"""
UNDO = """
DROP TRIGGER nothing_for_the_occupied ON deliveries_payment;
DROP TRIGGER nothing_for_the_occupied ON deliveries_order;
DROP FUNCTION deliveries_refuse_occupied();
DROP FUNCTION deliveries_is_occupied(bigint, timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0008_approvals_stand"),
        ("places", "0002_standings"),
    ]
    operations = [migrations.RunSQL(NOTHING, UNDO)]
