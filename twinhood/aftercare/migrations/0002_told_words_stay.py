"""An answer stays, a question is decided by somebody, and no incident is public without two."""

from django.db import migrations

KEEP = """
CREATE FUNCTION aftercare_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was said stays (%)', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION aftercare_keep_answer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
     OR (NEW.unit_id, NEW.months) IS DISTINCT FROM (OLD.unit_id, OLD.months) THEN
    RAISE EXCEPTION 'what a holder answered stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_answer BEFORE UPDATE OR DELETE ON aftercare_followup
  FOR EACH ROW EXECUTE FUNCTION aftercare_keep_answer();

CREATE FUNCTION aftercare_keep_question() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.state = 'cleared' OR NEW.state = 'open'
     OR (NEW.follow_up_id, NEW.said, NEW.raised_at)
        IS DISTINCT FROM (OLD.follow_up_id, OLD.said, OLD.raised_at) THEN
    RAISE EXCEPTION 'a question is decided, and never taken back'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_question BEFORE UPDATE OR DELETE ON aftercare_question
  FOR EACH ROW EXECUTE FUNCTION aftercare_keep_question();

CREATE FUNCTION aftercare_publish_by_two() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'an incident that is public stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF TG_OP = 'UPDATE' AND NEW.revision = OLD.revision
     AND (NEW.title, NEW.what, NEW.done, NEW.severity, NEW.found_date, NEW.amount_minor,
          NEW.written_by_id)
         IS DISTINCT FROM
         (OLD.title, OLD.what, OLD.done, OLD.severity, OLD.found_date, OLD.amount_minor,
          OLD.written_by_id) THEN
    RAISE EXCEPTION 'other words are another revision'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.published_at IS NOT NULL AND (
    SELECT count(DISTINCT r.organisation_id) FROM aftercare_incidentreview r
     WHERE r.incident_id = NEW.id AND r.revision = NEW.revision
       AND r.reviewed_by_id <> NEW.written_by_id
  ) < 2 THEN
    RAISE EXCEPTION 'two people of two organisations agree to an incident before it is public'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER publish_by_two BEFORE INSERT OR UPDATE OR DELETE ON aftercare_incident
  FOR EACH ROW EXECUTE FUNCTION aftercare_publish_by_two();

CREATE FUNCTION aftercare_bind_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM aftercare_incident i WHERE i.id = NEW.incident_id
       AND i.revision = NEW.revision AND i.written_by_id = NEW.written_by_id
       AND i.published_at IS NULL
  ) THEN
    RAISE EXCEPTION 'a review is of the words that stand now'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_review BEFORE INSERT ON aftercare_incidentreview
  FOR EACH ROW EXECUTE FUNCTION aftercare_bind_review();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON aftercare_incidentreview
  FOR EACH ROW EXECUTE FUNCTION aftercare_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON aftercare_incidentnote
  FOR EACH ROW EXECUTE FUNCTION aftercare_refuse_change();

CREATE FUNCTION aftercare_keep_units() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE link aftercare_incident_units;
BEGIN
  link := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  IF EXISTS (SELECT FROM aftercare_incident i
              WHERE i.id = link.incident_id AND i.published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'an incident that is public stays'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN link;
END $$;
CREATE TRIGGER keep_units BEFORE INSERT OR UPDATE OR DELETE ON aftercare_incident_units
  FOR EACH ROW EXECUTE FUNCTION aftercare_keep_units();
"""
UNDO = """
DROP FUNCTION aftercare_refuse_change, aftercare_keep_answer, aftercare_keep_question,
  aftercare_publish_by_two, aftercare_bind_review, aftercare_keep_units CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("aftercare", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, UNDO)]
