"""That a thing may need a licence is said at any time, and not taken back once it was verified."""

from django.db import migrations

STAYS = """
CREATE FUNCTION needs_keep_licence_flag() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('draft', 'submitted') OR NEW.state NOT IN ('draft', 'submitted') THEN
    RAISE EXCEPTION 'that a need may ask for a licence is not taken back'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_licence_flag BEFORE UPDATE ON needs_need
  FOR EACH ROW WHEN (OLD.may_need_licence AND NOT NEW.may_need_licence)
  EXECUTE FUNCTION needs_keep_licence_flag();
"""
UNDO = "DROP FUNCTION needs_keep_licence_flag CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("needs", "0011_may_need_licence")]
    operations = [migrations.RunSQL(STAYS, UNDO)]
