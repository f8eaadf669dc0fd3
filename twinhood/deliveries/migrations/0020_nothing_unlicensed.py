"""Nothing of dual use is ordered before another than who attached its licence has read it."""

from django.db import migrations

LICENSED = """
CREATE FUNCTION deliveries_refuse_unlicensed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM needs_need n WHERE n.id = NEW.need_id AND n.may_need_licence)
     AND NOT EXISTS (
       SELECT FROM deliveries_licence l
        WHERE l.need_id = NEW.need_id AND l.is_accepted
          AND (l.until_date IS NULL OR l.until_date >=
               (coalesce(NEW.placed_at, NEW.approved_at, now()) AT TIME ZONE 'UTC')::date)) THEN
    RAISE EXCEPTION 'two read a licence first, or a note that none is needed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER licensed_first BEFORE UPDATE OF state ON deliveries_order
  FOR EACH ROW WHEN (NEW.state IN ('approved', 'placed') AND OLD.state <> NEW.state)
  EXECUTE FUNCTION deliveries_refuse_unlicensed();

CREATE FUNCTION deliveries_keep_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.is_accepted IS NULL THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'UPDATE' AND OLD.is_accepted IS NULL
     AND (OLD.need_id, OLD.kind, OLD.file_id, OLD.said_by, OLD.until_date, OLD.entered_by_id,
          OLD.entered_at)
         IS NOT DISTINCT FROM
         (NEW.need_id, NEW.kind, NEW.file_id, NEW.said_by, NEW.until_date, NEW.entered_by_id,
          NEW.entered_at)
     AND NEW.read_by_id IS NOT NULL AND NOT people_are_one(NEW.read_by_id, NEW.entered_by_id) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'a licence is attached by one, read once by another, and stays'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_licence BEFORE INSERT OR UPDATE OR DELETE ON deliveries_licence
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_licence();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_licence
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_licence();
"""
UNDO = "DROP FUNCTION deliveries_keep_licence, deliveries_refuse_unlicensed CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0019_licences"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [migrations.RunSQL(LICENSED, UNDO)]
