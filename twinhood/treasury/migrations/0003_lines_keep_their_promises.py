"""The promises of the bank's lines, kept by the database: also against the owner of the tables."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION treasury_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what the bank said is never deleted (%)', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION treasury_only_may_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before jsonb := to_jsonb(OLD); after jsonb := to_jsonb(NEW);
BEGIN
  IF before - TG_ARGV <> after - TG_ARGV THEN
    RAISE EXCEPTION 'what stands in % is not edited', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER only_state BEFORE UPDATE ON treasury_statementline FOR EACH ROW
  EXECUTE FUNCTION treasury_only_may_change('state', 'reason', 'matched_minor', 'sealed_words',
                                            'other_index');
CREATE TRIGGER only_undoing BEFORE UPDATE ON treasury_match FOR EACH ROW
  EXECUTE FUNCTION treasury_only_may_change('undone_by_id', 'undone_at', 'undo_reason');
CREATE TRIGGER never_edited BEFORE UPDATE ON treasury_statement FOR EACH ROW
  EXECUTE FUNCTION treasury_only_may_change();
"""
NEVER_DELETED = ("statement", "statementline", "match", "decision", "giverchange", "bankaccount")

# What a line is matched with is the sum of its live matches, and nobody writes it by hand.
SUMS = """
CREATE FUNCTION treasury_sum_matches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE treasury_statementline AS line
     SET matched_minor = live.total,
         state = CASE WHEN live.count > 0 AND live.total = line.amount_minor THEN 'matched'
                      WHEN line.state = 'matched' THEN 'open'
                      ELSE line.state END
    FROM (SELECT coalesce(sum(amount_minor), 0)::bigint AS total, count(*) AS count
            FROM treasury_match WHERE line_id = NEW.line_id AND undone_at IS NULL) AS live
   WHERE line.id = NEW.line_id;
  RETURN NULL;
END $$;
CREATE TRIGGER sum_matches AFTER INSERT OR UPDATE ON treasury_match
  FOR EACH ROW EXECUTE FUNCTION treasury_sum_matches();

CREATE FUNCTION treasury_sum_is_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 AND NEW.matched_minor <> OLD.matched_minor THEN
    RAISE EXCEPTION 'what is matched follows from the matches and is not edited'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER sum_is_derived BEFORE UPDATE ON treasury_statementline
  FOR EACH ROW EXECUTE FUNCTION treasury_sum_is_derived();
"""
BACK = """
DROP TRIGGER sum_is_derived ON treasury_statementline;
DROP TRIGGER sum_matches ON treasury_match;
DROP TRIGGER never_edited ON treasury_statement;
DROP TRIGGER only_undoing ON treasury_match;
DROP TRIGGER only_state ON treasury_statementline;
DROP FUNCTION treasury_sum_is_derived();
DROP FUNCTION treasury_sum_matches();
DROP FUNCTION treasury_only_may_change();
DROP FUNCTION treasury_refuse_delete();
"""


def _refuse(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER never_deleted BEFORE DELETE ON treasury_{table} "
        "FOR EACH ROW EXECUTE FUNCTION treasury_refuse_delete();",
        f"DROP TRIGGER never_deleted ON treasury_{table};",
    )


class Migration(migrations.Migration):
    dependencies = [("treasury", "0002_the_bank")]

    operations = [
        migrations.RunSQL(REFUSE + SUMS, BACK),
        *(_refuse(table) for table in NEVER_DELETED),
    ]
