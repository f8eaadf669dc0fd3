"""An order may wait for its exchange; approvals must still stand when it is placed.

All that was approved stays as it was: the terms of delivery, the interest, the fund that is
exchanged, rate and ceiling. Whoever lost the role since has no voice.
"""

from importlib import import_module

from django.db import migrations

STANDING = """
CREATE FUNCTION deliveries_standing_approvals(o deliveries_order, at timestamptz)
RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT count(DISTINCT a.organisation_id) FROM deliveries_approval a
    JOIN people_person p ON p.id = a.approved_by_id AND p.is_active
   WHERE a.order_id = o.id AND a.content_hash = o.content_hash
     AND a.approved_by_id <> o.proposed_by_id
     AND EXISTS (
       SELECT FROM people_role r
        WHERE r.person_id = a.approved_by_id AND r.organisation_id = a.organisation_id
          AND r.partnership_id = o.partnership_id AND r.name = 'approver'
          AND r.since_date <= (at AT TIME ZONE 'UTC')::date
          AND (r.until_date IS NULL OR r.until_date > (at AT TIME ZONE 'UTC')::date)
     )
$$;

CREATE FUNCTION deliveries_state_no_interest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.statement !~ '^no-interest-[0-9]+$' THEN
    RAISE EXCEPTION 'who approves states that they have no interest in the supplier'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER state_no_interest BEFORE INSERT ON deliveries_approval
  FOR EACH ROW EXECUTE FUNCTION deliveries_state_no_interest();

CREATE OR REPLACE FUNCTION deliveries_place_with_four_eyes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' THEN
      RAISE EXCEPTION 'an order begins as proposed' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.need_id, OLD.quote_id, OLD.currency, OLD.fund_codes, OLD.proposed_by_id, OLD.reason,
      OLD.delivery_terms, OLD.interest, OLD.source_fund_id, OLD.rate_order_minor,
      OLD.rate_fund_minor, OLD.rate_said_by, OLD.rate_date, OLD.price_minor, OLD.ceiling_minor)
     IS DISTINCT FROM
     (NEW.need_id, NEW.quote_id, NEW.currency, NEW.fund_codes, NEW.proposed_by_id, NEW.reason,
      NEW.delivery_terms, NEW.interest, NEW.source_fund_id, NEW.rate_order_minor,
      NEW.rate_fund_minor, NEW.rate_said_by, NEW.rate_date, NEW.price_minor, NEW.ceiling_minor)
     AND (OLD.content_hash = NEW.content_hash OR OLD.state NOT IN ('proposed', 'approved')
          OR NEW.state <> 'proposed') THEN
    RAISE EXCEPTION 'another content needs another hash, before the order is placed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state IN ('approved', 'placed') AND OLD.state <> NEW.state THEN
    IF NOT (OLD.state = 'proposed' OR OLD.state = 'approved' AND NEW.state = 'placed')
       OR 2 > deliveries_standing_approvals(NEW, coalesce(NEW.placed_at, NEW.approved_at, now()))
    THEN
      RAISE EXCEPTION 'order % lacks two approvals of this content', NEW.number
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  ELSIF OLD.state = 'approved' AND NEW.state = 'proposed' AND OLD.content_hash = NEW.content_hash
        OR OLD.state NOT IN ('proposed', 'approved') AND NEW.state IN ('proposed', 'refused') THEN
    RAISE EXCEPTION 'order % cannot go back', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
before = import_module("twinhood.deliveries.migrations.0002_four_eyes").FOUR_EYES
placing = before[before.index("CREATE FUNCTION deliveries_place_with_four_eyes") :]
UNDO = (
    placing[: placing.index("CREATE TRIGGER")].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    + "DROP FUNCTION deliveries_state_no_interest CASCADE;"
    + "DROP FUNCTION deliveries_standing_approvals;"
)


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0007_order_terms")]
    operations = [migrations.RunSQL(STANDING, UNDO)]
