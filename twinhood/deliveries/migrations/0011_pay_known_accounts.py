"""Money goes only to an account of the supplier that two approved, after a call and the wait."""

from django.db import migrations

KNOWN = """
CREATE FUNCTION deliveries_keep_payee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'proposed' OR NEW.called_by_id IS NOT NULL THEN
      RAISE EXCEPTION 'an account begins as proposed'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE'
     OR (OLD.partnership_id, OLD.number, OLD.supplier_id, OLD.account, OLD.holder, OLD.came_by,
         OLD.proposed_by_id, OLD.proposed_for_id, OLD.proposed_at)
        IS DISTINCT FROM
        (NEW.partnership_id, NEW.number, NEW.supplier_id, NEW.account, NEW.holder, NEW.came_by,
         NEW.proposed_by_id, NEW.proposed_for_id, NEW.proposed_at)
     OR OLD.called_by_id IS NOT NULL
        AND (OLD.called_by_id, OLD.called_at, OLD.called_number, OLD.call_note)
            IS DISTINCT FROM
            (NEW.called_by_id, NEW.called_at, NEW.called_number, NEW.call_note)
     OR OLD.state <> 'proposed' AND (OLD.approved_at, OLD.usable_from_at)
        IS DISTINCT FROM (NEW.approved_at, NEW.usable_from_at)
     OR OLD.state = 'stopped' OR OLD.state = 'approved' AND NEW.state = 'proposed' THEN
    RAISE EXCEPTION 'what was said of an account stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'approved' AND OLD.state <> 'approved' AND 2 > (
    SELECT count(DISTINCT a.organisation_id) FROM deliveries_payeeapproval a
      JOIN people_person p ON p.id = a.approved_by_id AND p.is_active
      JOIN people_role r ON r.person_id = a.approved_by_id AND r.name = 'approver'
       AND r.organisation_id = a.organisation_id AND r.partnership_id = NEW.partnership_id
       AND r.since_date <= (NEW.approved_at AT TIME ZONE 'UTC')::date
       AND (r.until_date IS NULL OR r.until_date > (NEW.approved_at AT TIME ZONE 'UTC')::date)
     WHERE a.payee_id = NEW.id AND a.approved_by_id <> NEW.proposed_by_id
  ) THEN
    RAISE EXCEPTION 'account % lacks two approvals', NEW.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_payee BEFORE INSERT OR UPDATE OR DELETE ON deliveries_payeeaccount
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_payee();

CREATE FUNCTION deliveries_bind_payee_approval() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE p deliveries_payeeaccount;
BEGIN
  SELECT * INTO p FROM deliveries_payeeaccount WHERE id = NEW.payee_id FOR SHARE;
  IF p.state <> 'proposed' OR p.called_by_id IS NULL OR p.proposed_by_id <> NEW.proposed_by_id
     OR p.supplier_id = NEW.organisation_id THEN
    RAISE EXCEPTION 'an account is approved after the call, and not by its supplier'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_payee_approval BEFORE INSERT ON deliveries_payeeapproval
  FOR EACH ROW EXECUTE FUNCTION deliveries_bind_payee_approval();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_payeeapproval
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_payeeapproval
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();

CREATE FUNCTION deliveries_pay_known_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_payeeaccount p
      JOIN deliveries_order o ON o.id = NEW.order_id AND o.partnership_id = p.partnership_id
      JOIN needs_quote q ON q.id = o.quote_id AND q.supplier_id = p.supplier_id
     WHERE p.id = NEW.payee_id AND p.state = 'approved' AND p.usable_from_at <= NEW.paid_at
  ) THEN
    RAISE EXCEPTION 'money goes to an account of the supplier whose wait is over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER pay_known_account BEFORE INSERT ON deliveries_payment
  FOR EACH ROW EXECUTE FUNCTION deliveries_pay_known_account();

CREATE FUNCTION deliveries_keep_ordered_payee() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.payee_id IS DISTINCT FROM NEW.payee_id
     AND (OLD.content_hash = NEW.content_hash OR NEW.state <> 'proposed') THEN
    RAISE EXCEPTION 'another content needs another hash, before the order is placed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_ordered_payee BEFORE UPDATE ON deliveries_order
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_ordered_payee();
"""
UNDO = """
DROP FUNCTION deliveries_keep_payee, deliveries_bind_payee_approval, deliveries_pay_known_account,
  deliveries_keep_ordered_payee CASCADE;
DROP TRIGGER refuse_change ON deliveries_payeeapproval;
DROP TRIGGER refuse_truncate ON deliveries_payeeapproval;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0010_payees")]
    operations = [migrations.RunSQL(KNOWN, UNDO)]
