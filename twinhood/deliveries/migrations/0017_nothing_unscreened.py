"""Nothing is placed or paid where supplier and beneficiary are not clear of sanctions that day."""

from django.db import migrations

CLEAR = """
CREATE FUNCTION deliveries_is_clear(body bigint, partnership bigint, moment timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce((
    SELECT s.outcome = 'clear' AND s.expires_date >= (moment AT TIME ZONE 'UTC')::date
      FROM deliveries_screening s
     WHERE s.organisation_id = body AND s.partnership_id = partnership
     ORDER BY s.screened_at DESC, s.id DESC LIMIT 1
  ), false)
$$;
CREATE FUNCTION deliveries_refuse_unscreened() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moment timestamptz; o deliveries_order; supplier bigint; holder text;
BEGIN
  IF TG_TABLE_NAME = 'deliveries_order' THEN
    o := NEW; moment := coalesce(NEW.placed_at, NEW.approved_at, now());
  ELSE
    SELECT * INTO o FROM deliveries_order WHERE id = NEW.order_id;
    SELECT p.holder INTO holder FROM deliveries_payeeaccount p WHERE p.id = NEW.payee_id;
    moment := NEW.paid_at;
  END IF;
  SELECT q.supplier_id INTO supplier FROM needs_quote q WHERE q.id = o.quote_id;
  IF NOT deliveries_is_clear(supplier, o.partnership_id, moment) OR NOT deliveries_is_clear(
    (SELECT n.beneficiary_id FROM needs_need n WHERE n.id = o.need_id), o.partnership_id, moment)
  THEN
    RAISE EXCEPTION 'supplier and beneficiary are clear of sanctions first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF holder IS NOT NULL AND NOT (
    SELECT s.names ? holder FROM deliveries_screening s
     WHERE s.organisation_id = supplier AND s.partnership_id = o.partnership_id
     ORDER BY s.screened_at DESC, s.id DESC LIMIT 1
  ) THEN
    RAISE EXCEPTION 'the holder of the account is looked up first'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER screened_first BEFORE UPDATE OF state ON deliveries_order
  FOR EACH ROW WHEN (NEW.state IN ('approved', 'placed') AND OLD.state <> NEW.state)
  EXECUTE FUNCTION deliveries_refuse_unscreened();
CREATE TRIGGER screened_first BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_unscreened();

CREATE FUNCTION deliveries_keep_screening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.outcome = 'open' AND NEW.decided_by_id IS NOT NULL
     AND (OLD.partnership_id, OLD.organisation_id, OLD.names, OLD.lists, OLD.hits,
          OLD.screened_by_id, OLD.screened_at, OLD.expires_date)
         IS NOT DISTINCT FROM
         (NEW.partnership_id, NEW.organisation_id, NEW.names, NEW.lists, NEW.hits,
          NEW.screened_by_id, NEW.screened_at, NEW.expires_date) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'what was found on a list stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_screening BEFORE UPDATE OR DELETE ON deliveries_screening
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_screening();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_screening
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_screening();
"""
UNDO = """
DROP FUNCTION deliveries_keep_screening, deliveries_refuse_unscreened CASCADE;
DROP FUNCTION deliveries_is_clear;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0016_screening")]
    operations = [migrations.RunSQL(CLEAR, UNDO)]
