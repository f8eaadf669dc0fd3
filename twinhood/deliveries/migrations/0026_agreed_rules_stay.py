"""Rules of orders are proposed, then decided once; rules from before hold as they stood."""

from django.db import migrations

STAY = """
UPDATE deliveries_orderrules SET is_agreed = true;
CREATE FUNCTION deliveries_keep_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.is_agreed IS NULL AND NEW.proposed_by_id IS NOT NULL
     AND NEW.proposed_for_id IS NOT NULL AND NEW.proposed_at IS NOT NULL AND NEW.reason <> '' THEN
    RETURN NEW;
  ELSIF TG_OP = 'UPDATE' AND OLD.is_agreed IS NULL AND NEW.is_agreed IS NOT NULL
     AND (OLD.partnership_id, OLD.quotes_limit_minor, OLD.quotes_limit_currency, OLD.quotes_needed,
          OLD.together_days, OLD.ceiling_percent, OLD.reason, OLD.proposed_by_id,
          OLD.proposed_for_id, OLD.proposed_at)
         IS NOT DISTINCT FROM
         (NEW.partnership_id, NEW.quotes_limit_minor, NEW.quotes_limit_currency, NEW.quotes_needed,
          NEW.together_days, NEW.ceiling_percent, NEW.reason, NEW.proposed_by_id,
          NEW.proposed_for_id, NEW.proposed_at) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rules of orders are proposed with a reason, decided once, and stay'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_rules BEFORE INSERT OR UPDATE OR DELETE ON deliveries_orderrules
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_rules();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_orderrules
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_rules();
"""
UNDO = "DROP FUNCTION deliveries_keep_rules CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0025_rules_are_agreed_to")]
    operations = [migrations.RunSQL(STAY, UNDO)]
