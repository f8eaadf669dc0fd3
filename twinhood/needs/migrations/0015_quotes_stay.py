"""A quote stays as it was recorded; another price, or another last day, is another quote."""

from django.db import migrations

STAY = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON needs_quote
  FOR EACH ROW EXECUTE FUNCTION needs_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON needs_quote
  FOR EACH STATEMENT EXECUTE FUNCTION needs_refuse_change();
"""
UNDO = """
DROP TRIGGER refuse_truncate ON needs_quote;
DROP TRIGGER refuse_change ON needs_quote;
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0014_terms_stay_once_open")]
    operations = [migrations.RunSQL(STAY, UNDO)]
