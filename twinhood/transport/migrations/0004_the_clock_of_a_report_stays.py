"""The 90 days run from the day that was recorded, and what was reported stays.

A clearance may be corrected to an earlier day: then the report is due sooner, never later.
"""

from django.db import migrations

STAYS = """
CREATE FUNCTION transport_keep_clock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.cleared_date IS NOT NULL AND NEW.cleared_date > OLD.cleared_date
     OR OLD.reported_date IS NOT NULL AND (OLD.cleared_date, OLD.reported_date, OLD.report_number)
        IS DISTINCT FROM (NEW.cleared_date, NEW.reported_date, NEW.report_number) THEN
    RAISE EXCEPTION 'the days of a report run from what was recorded'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_clock BEFORE UPDATE ON transport_shipment
  FOR EACH ROW EXECUTE FUNCTION transport_keep_clock();

CREATE FUNCTION transport_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was recorded of a shipment stays (%)', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON transport_damagephoto
  FOR EACH ROW EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_delete BEFORE DELETE ON transport_leg
  FOR EACH ROW WHEN (OLD.departed_at IS NOT NULL) EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_delete BEFORE DELETE ON transport_reminder
  FOR EACH ROW EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON transport_shipment
  FOR EACH STATEMENT EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON transport_damage
  FOR EACH STATEMENT EXECUTE FUNCTION transport_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON transport_damagephoto
  FOR EACH STATEMENT EXECUTE FUNCTION transport_refuse_change();
"""
UNDO = "DROP FUNCTION transport_keep_clock, transport_refuse_change CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("transport", "0003_photos_of_a_damage")]
    operations = [migrations.RunSQL(STAYS, UNDO)]
