"""What a need asks of donors never falls below what is ordered, from either side.

A need is changed while its row is locked, and an order of it is approved under the same lock, so
whoever comes second sees the first. Orders that are only proposed hold no need: the words of the
code refuse those.
"""

from django.db import migrations

BOTH_SIDES = """
CREATE FUNCTION deliveries_things_ordered(need bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(*) FROM deliveries_unit u JOIN deliveries_order o ON o.id = u.order_id
   WHERE o.need_id = need AND o.state IN ('approved', 'placed') AND u.cancelled_at IS NULL
$$;

CREATE FUNCTION deliveries_keep_what_is_ordered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.quantity - NEW.covered < deliveries_things_ordered(NEW.id) THEN
    RAISE EXCEPTION 'need % cannot ask for fewer things than are ordered', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_what_is_ordered BEFORE UPDATE OF quantity, covered ON needs_need
  FOR EACH ROW WHEN (NEW.quantity - NEW.covered < OLD.quantity - OLD.covered)
  EXECUTE FUNCTION deliveries_keep_what_is_ordered();

CREATE FUNCTION deliveries_order_what_is_needed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n needs_need;
BEGIN
  SELECT * INTO n FROM needs_need WHERE id = NEW.need_id FOR UPDATE;
  IF n.quantity - n.covered < deliveries_things_ordered(n.id) THEN
    RAISE EXCEPTION 'more is ordered than need % asks for', n.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_what_is_needed AFTER UPDATE OF state ON deliveries_order
  FOR EACH ROW WHEN (NEW.state IN ('approved', 'placed') AND OLD.state = 'proposed')
  EXECUTE FUNCTION deliveries_order_what_is_needed();
"""
UNDO = """
DROP TRIGGER order_what_is_needed ON deliveries_order;
DROP TRIGGER keep_what_is_ordered ON needs_need;
DROP FUNCTION deliveries_order_what_is_needed();
DROP FUNCTION deliveries_keep_what_is_ordered();
DROP FUNCTION deliveries_things_ordered(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0017_nothing_unscreened"),
        ("needs", "0010_two_accounts_are_one_voice"),
    ]
    operations = [migrations.RunSQL(BOTH_SIDES, UNDO)]
