"""Photos of an answer stay, dates are not put off, and no table of what was told is emptied."""

from django.db import migrations

TABLES = ("followup", "followupphoto", "question", "incident", "incidentreview", "incidentnote")
STAY = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON aftercare_followupphoto
  FOR EACH ROW EXECUTE FUNCTION aftercare_refuse_change();
CREATE TRIGGER keep_date BEFORE UPDATE ON aftercare_followup
  FOR EACH ROW WHEN (OLD.due_date <> NEW.due_date)
  EXECUTE FUNCTION aftercare_refuse_change();
""" + "".join(
    f"CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON aftercare_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION aftercare_refuse_change();\n"
    for table in TABLES
)
UNDO = """
DROP TRIGGER refuse_change ON aftercare_followupphoto;
DROP TRIGGER keep_date ON aftercare_followup;
""" + "".join(f"DROP TRIGGER refuse_truncate ON aftercare_{table};\n" for table in TABLES)


class Migration(migrations.Migration):
    dependencies = [("aftercare", "0003_one_voice_about_an_incident")]
    operations = [migrations.RunSQL(STAY, UNDO)]
