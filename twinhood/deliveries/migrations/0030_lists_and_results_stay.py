"""Names on a list stay until a newer list is in; a result is of who was looked up, and begins open.

What a result must hold is what `screening.screen` writes: every name of the organisation and every
holder of its accounts, and the newest version of each list.
"""

from django.db import migrations

STAY = """
CREATE FUNCTION deliveries_keep_list() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a list that was imported stays until a newer one is in'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_screeninglist
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_list();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_screeninglist
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_list();
CREATE TRIGGER refuse_change BEFORE UPDATE ON deliveries_listedname
  FOR EACH ROW EXECUTE FUNCTION deliveries_keep_list();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_listedname
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_list();

CREATE FUNCTION deliveries_keep_listed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT list_id FROM gone) g
      JOIN deliveries_screeninglist l ON l.id = g.list_id
     WHERE NOT EXISTS (
       SELECT FROM deliveries_screeninglist newer
        WHERE newer.code = l.code AND newer.id > l.id AND newer.names_count = (
          SELECT count(*) FROM deliveries_listedname n WHERE n.list_id = newer.id))
  ) THEN
    RAISE EXCEPTION 'a list that was imported stays until a newer one is in'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_listed AFTER DELETE ON deliveries_listedname
  REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_keep_listed();

-- At commit: a list without its names would find nobody, and take the names of the one before.
CREATE FUNCTION deliveries_list_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.names_count < 1 OR NEW.names_count > (
    SELECT count(*) FROM deliveries_listedname n WHERE n.list_id = NEW.id
  ) AND NOT EXISTS (
    SELECT FROM deliveries_screeninglist newer WHERE newer.code = NEW.code AND newer.id > NEW.id
  ) THEN
    RAISE EXCEPTION 'a list is imported with all of its names'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER list_is_whole AFTER INSERT ON deliveries_screeninglist
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION deliveries_list_is_whole();

CREATE FUNCTION deliveries_bind_screening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.decided_by_id IS NOT NULL OR NEW.outcome = 'listed' THEN
    RAISE EXCEPTION 'a result is decided about after it was found'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
    SELECT asked.name FROM people_organisation o, jsonb_each_text(o.name) AS asked(language, name)
     WHERE o.id = NEW.organisation_id AND NOT NEW.names ? asked.name
    UNION ALL
    SELECT p.holder FROM deliveries_payeeaccount p
     WHERE p.partnership_id = NEW.partnership_id AND p.supplier_id = NEW.organisation_id
       AND p.state <> 'stopped' AND NOT NEW.names ? p.holder
  ) THEN
    RAISE EXCEPTION 'a result is of the organisation that was looked up, by all of its names'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
    SELECT FROM (
      SELECT DISTINCT ON (l.code) l.code, l.sha256 FROM deliveries_screeninglist l
       ORDER BY l.code, l.version_date DESC, l.id DESC
    ) AS newest
     WHERE NOT NEW.lists @> jsonb_build_array(
       jsonb_build_object('code', newest.code, 'sha256', newest.sha256))
  ) THEN
    RAISE EXCEPTION 'a result is of the newest version of each list'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.outcome = 'clear' AND EXISTS (
    SELECT FROM jsonb_array_elements_text(NEW.names) AS asked(name)
      JOIN deliveries_listedname n ON lower(n.name) = lower(asked.name) AND n.folded <> ''
  ) THEN
    RAISE EXCEPTION 'a name that stands on a list is not clear by itself'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bind_screening BEFORE INSERT ON deliveries_screening
  FOR EACH ROW EXECUTE FUNCTION deliveries_bind_screening();
CREATE INDEX listed_name_in_lower_case ON deliveries_listedname (lower(name));
ALTER TABLE deliveries_screening ADD CONSTRAINT screening_holds_30_days
  CHECK (expires_date <= (screened_at AT TIME ZONE 'UTC')::date + 30) NOT VALID;
"""
UNDO = """
ALTER TABLE deliveries_screening DROP CONSTRAINT screening_holds_30_days;
DROP INDEX listed_name_in_lower_case;
DROP FUNCTION deliveries_bind_screening, deliveries_list_is_whole, deliveries_keep_listed,
  deliveries_keep_list CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0029_what_was_decided_stays")]
    operations = [migrations.RunSQL(STAY, UNDO)]
