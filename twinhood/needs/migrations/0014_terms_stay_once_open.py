"""Donors gave under the words that stood there: they stay once a campaign is open.

And what is known of a verified need stays: since when, under which number, until when it holds.
"""

from django.db import migrations

STAY = """
CREATE FUNCTION needs_keep_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'a campaign begins as a draft'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state <> 'draft' AND (TG_OP = 'DELETE' OR NEW.state = 'draft'
     OR OLD.state = 'closed' AND NEW.state <> 'closed'
     OR (OLD.partnership_id, OLD.currency, OLD.fund_id, OLD.fallback_purpose, OLD.surplus_rule,
         OLD.ends_date, OLD.costs_per_10k, OLD.costs_note)
        IS DISTINCT FROM
        (NEW.partnership_id, NEW.currency, NEW.fund_id, NEW.fallback_purpose, NEW.surplus_rule,
         NEW.ends_date, NEW.costs_per_10k, NEW.costs_note)) THEN
    RAISE EXCEPTION 'the terms of a campaign stay once it is open'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER keep_campaign BEFORE INSERT OR UPDATE OR DELETE ON needs_campaign
  FOR EACH ROW EXECUTE FUNCTION needs_keep_campaign();

CREATE FUNCTION needs_adopted_to_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM needs_campaign c WHERE c.id = NEW.campaign_id AND c.state = 'open')
     AND (NEW.state <> 'verified' OR NOT EXISTS (
       SELECT FROM needs_adoptedneed a JOIN needs_boarddecision d ON d.id = a.decision_id
        WHERE d.campaign_id = NEW.campaign_id AND a.need_id = NEW.id
          AND a.quantity = NEW.quantity AND a.unit_price_minor = NEW.unit_price_minor)) THEN
    RAISE EXCEPTION 'an open campaign takes in what its board adopted'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER adopted_to_enter BEFORE UPDATE OF campaign_id ON needs_need
  FOR EACH ROW
  WHEN (NEW.campaign_id IS NOT NULL AND NEW.campaign_id IS DISTINCT FROM OLD.campaign_id)
  EXECUTE FUNCTION needs_adopted_to_enter();

CREATE FUNCTION needs_keep_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state IN ('verified', 'withdrawn', 'rejected')
     AND ((OLD.partnership_id, OLD.number, OLD.submitted_at, OLD.verified_at, OLD.written_for_id)
          IS DISTINCT FROM
          (NEW.partnership_id, NEW.number, NEW.submitted_at, NEW.verified_at, NEW.written_for_id)
          OR NEW.state IN ('draft', 'submitted')) THEN
    RAISE EXCEPTION 'what was decided about a need stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.confirmed_until_date IS DISTINCT FROM OLD.confirmed_until_date AND NOT EXISTS (
    SELECT FROM needs_verification v
     WHERE v.need_id = NEW.id AND v.until_date = NEW.confirmed_until_date
    UNION ALL
    SELECT FROM needs_confirmation c
     WHERE c.need_id = NEW.id AND c.until_date = NEW.confirmed_until_date
  ) THEN
    RAISE EXCEPTION 'a need holds until a day that somebody said'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_known BEFORE UPDATE ON needs_need
  FOR EACH ROW EXECUTE FUNCTION needs_keep_known();

CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_boarddecision
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_adoptedneed
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_targetnote
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_truncate ON needs_targetnote;
DROP TRIGGER refuse_truncate ON needs_adoptedneed;
DROP TRIGGER refuse_truncate ON needs_boarddecision;
DROP FUNCTION needs_keep_campaign, needs_adopted_to_enter, needs_keep_known CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0013_waypoints")]
    operations = [migrations.RunSQL(STAY, UNDO)]
