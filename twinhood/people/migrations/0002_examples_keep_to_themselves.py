"""Somebody of the example holds roles in example partnerships only; roles end, none is deleted."""

from django.db import migrations

# Asked when the transaction ends, so that person, partnership and role may come in any order.
STRAYS = """
CREATE FUNCTION people_refuse_strays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM people_role r
    JOIN people_person p ON p.id = r.person_id
    JOIN people_partnership s ON s.id = r.partnership_id
    WHERE p.is_example AND NOT s.is_example
      AND CASE TG_TABLE_NAME
            WHEN 'people_role' THEN r.id
            WHEN 'people_person' THEN p.id
            ELSE s.id
          END = NEW.id
  ) THEN
    RAISE EXCEPTION 'somebody of the example holds roles in example partnerships only'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER example_keeps_to_itself
  AFTER INSERT OR UPDATE OF person_id, partnership_id ON people_role
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION people_refuse_strays();
CREATE CONSTRAINT TRIGGER example_keeps_to_itself AFTER UPDATE OF is_example ON people_person
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION people_refuse_strays();
CREATE CONSTRAINT TRIGGER example_keeps_to_itself AFTER UPDATE OF is_example ON people_partnership
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION people_refuse_strays();
"""
NEVER_DELETED = """
CREATE FUNCTION people_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a role is ended, never deleted'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER never_deleted BEFORE DELETE ON people_role
  FOR EACH ROW EXECUTE FUNCTION people_refuse_delete();
"""
UNDO = """
DROP FUNCTION people_refuse_strays() CASCADE;
DROP FUNCTION people_refuse_delete() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunSQL(STRAYS + NEVER_DELETED, UNDO)]
