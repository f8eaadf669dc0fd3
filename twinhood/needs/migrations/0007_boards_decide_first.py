"""A campaign opens with what its board adopted; what a board decided is never changed."""

from django.db import migrations

FIRST = """
CREATE FUNCTION needs_adopted_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM needs_need n
     WHERE n.campaign_id = NEW.id AND NOT EXISTS (
       SELECT FROM needs_adoptedneed a JOIN needs_boarddecision d ON d.id = a.decision_id
        WHERE d.campaign_id = NEW.id AND a.need_id = n.id
          AND a.quantity = n.quantity AND a.unit_price_minor = n.unit_price_minor)
  ) THEN
    RAISE EXCEPTION 'a campaign opens with needs that its board adopted'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER adopted_first BEFORE UPDATE OF state ON needs_campaign
  FOR EACH ROW WHEN (NEW.state = 'open' AND OLD.state = 'draft')
  EXECUTE FUNCTION needs_adopted_first();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_boarddecision
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_adoptedneed
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_targetnote
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_change ON needs_targetnote;
DROP TRIGGER refuse_change ON needs_adoptedneed;
DROP TRIGGER refuse_change ON needs_boarddecision;
DROP TRIGGER adopted_first ON needs_campaign;
DROP FUNCTION needs_adopted_first();
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0006_boards_and_costs")]
    operations = [migrations.RunSQL(FIRST, UNDO)]
