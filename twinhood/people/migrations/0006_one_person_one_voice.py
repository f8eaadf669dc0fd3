"""What the rules of four eyes ask in SQL: who is known, and which accounts are one person."""

from django.db import migrations

ASKED = """
CREATE FUNCTION people_is_known(someone bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM people_identitycheck WHERE person_id = someone
     GROUP BY key HAVING count(DISTINCT checked_by_id) >= 2
  )
$$;
CREATE FUNCTION people_are_one(a bigint, b bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT a = b OR EXISTS (
    SELECT FROM people_identitycheck x JOIN people_identitycheck y ON y.key = x.key
     WHERE x.person_id = a AND y.person_id = b
  )
$$;
CREATE FUNCTION people_keep_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_identity BEFORE UPDATE OR DELETE ON people_identitycheck
  FOR EACH ROW EXECUTE FUNCTION people_keep_identity();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON people_identitycheck
  FOR EACH STATEMENT EXECUTE FUNCTION people_keep_identity();
"""
UNDO = """
DROP FUNCTION people_keep_identity CASCADE;
DROP FUNCTION people_are_one;
DROP FUNCTION people_is_known;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_identity_checks")]
    operations = [migrations.RunSQL(ASKED, UNDO)]
