"""Which paper was frozen of which version, and whose powers it names, is never changed."""

from django.db import migrations

TABLES = ("twinnings_frozenpaper", "twinnings_seat", "twinnings_loggedrevision")
STAY = "".join(
    f"""
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION twinnings_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION twinnings_refuse_change();
"""
    for table in TABLES
)
UNDO = "".join(
    f"DROP TRIGGER refuse_change ON {table}; DROP TRIGGER refuse_truncate ON {table};"
    for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("twinnings", "0004_frozen_papers")]
    operations = [migrations.RunSQL(STAY, UNDO)]
