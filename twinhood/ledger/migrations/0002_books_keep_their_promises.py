"""The promises of the books, kept by the database: also against the owner of the tables."""

from django.db import migrations

REFUSE_CHANGE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'posted rows never change (%): a mistake is reversed by a new entry', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""
NEVER_CHANGED = ("entry", "transfer", "segment", "use")
NEVER_DELETED = ("account", "fund", "piece", "useunit", "books")

# What may be written once, later: who ended a piece, who cancelled a unit.
WRITE_ONCE = """
CREATE FUNCTION ledger_only_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE before jsonb := to_jsonb(OLD); after jsonb := to_jsonb(NEW);
BEGIN
  IF before ->> TG_ARGV[0] IS NOT NULL OR after ->> TG_ARGV[0] IS NULL
     OR before - TG_ARGV[0] <> after - TG_ARGV[0] THEN
    RAISE EXCEPTION 'a % is never edited: it is ended once and another is written', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_end BEFORE UPDATE ON ledger_piece
  FOR EACH ROW EXECUTE FUNCTION ledger_only_end('ended_by_id');
CREATE TRIGGER only_end BEFORE UPDATE ON ledger_useunit
  FOR EACH ROW EXECUTE FUNCTION ledger_only_end('cancelled_by_id');
"""

# Balances, heads and used sums follow from the rows beside them: only the triggers below write
# them (they run at depth 2, a client's own UPDATE at depth 1).
DERIVED = """
CREATE FUNCTION ledger_only_derived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a % follows from what is posted and is not edited', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_derived BEFORE UPDATE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_only_derived();
CREATE TRIGGER only_derived BEFORE UPDATE ON ledger_fund
  FOR EACH ROW EXECUTE FUNCTION ledger_only_derived();

CREATE FUNCTION ledger_starts_at_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE made jsonb := to_jsonb(NEW); total text;
BEGIN
  FOREACH total IN ARRAY TG_ARGV LOOP
    IF (made ->> total)::bigint <> 0 THEN
      RAISE EXCEPTION 'a new % starts at zero', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
CREATE TRIGGER starts_at_zero BEFORE INSERT ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION ledger_starts_at_zero('balance_minor');
CREATE TRIGGER starts_at_zero BEFORE INSERT ON ledger_fund
  FOR EACH ROW EXECUTE FUNCTION ledger_starts_at_zero('head_minor', 'used_minor');
"""

BALANCES = """
ALTER TABLE ledger_account ADD CONSTRAINT account_has_one_currency UNIQUE (id, currency);
ALTER TABLE ledger_transfer
  ADD CONSTRAINT debit_is_in_the_currency FOREIGN KEY (debit_id, currency)
    REFERENCES ledger_account (id, currency),
  ADD CONSTRAINT credit_is_in_the_currency FOREIGN KEY (credit_id, currency)
    REFERENCES ledger_account (id, currency);

CREATE FUNCTION ledger_move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added t
    JOIN ledger_entry e ON e.id = t.entry_id
    JOIN ledger_account d ON d.id = t.debit_id
    JOIN ledger_account c ON c.id = t.credit_id
    WHERE d.partnership_id <> e.partnership_id OR c.partnership_id <> e.partnership_id
  ) THEN
    RAISE EXCEPTION 'a transfer stays within the books of its entry'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger_account a
     SET balance_minor = balance_minor
       + CASE WHEN a.is_credit_normal THEN moved.credited ELSE -moved.credited END
    FROM (
      SELECT account_id, sum(amount) AS credited FROM (
        SELECT credit_id AS account_id, amount_minor AS amount FROM added
        UNION ALL
        SELECT debit_id, -amount_minor FROM added
      ) AS legs GROUP BY account_id
    ) AS moved
   WHERE a.id = moved.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER move_balances AFTER INSERT ON ledger_transfer
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_move_balances();
"""

LINE = """
CREATE FUNCTION ledger_extend_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (
      SELECT fund_id, min(start_minor) AS start_minor, max(end_minor) AS end_minor,
             sum(end_minor - start_minor) AS length_minor
        FROM added GROUP BY fund_id
    ) AS a JOIN ledger_fund f ON f.id = a.fund_id
    WHERE a.start_minor <> f.head_minor OR a.length_minor <> a.end_minor - a.start_minor
  ) THEN
    RAISE EXCEPTION 'income takes the next interval of its line: no gap, no overlap'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger_fund f SET head_minor = a.end_minor
    FROM (SELECT fund_id, max(end_minor) AS end_minor FROM added GROUP BY fund_id) AS a
   WHERE f.id = a.fund_id;
  RETURN NULL;
END $$;
CREATE TRIGGER extend_line AFTER INSERT ON ledger_segment
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_extend_line();

CREATE FUNCTION ledger_take_cents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added p JOIN ledger_fund f ON f.id = p.fund_id
    WHERE p.end_minor > f.head_minor OR p.ended_by_id IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'a piece covers cents that were given'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger_fund f SET used_minor = used_minor + a.length_minor
    FROM (SELECT fund_id, sum(end_minor - start_minor) AS length_minor
            FROM added GROUP BY fund_id) AS a
   WHERE f.id = a.fund_id;
  RETURN NULL;
END $$;
CREATE TRIGGER take_cents AFTER INSERT ON ledger_piece
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_take_cents();

CREATE FUNCTION ledger_free_cents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger_fund f SET used_minor = used_minor - a.length_minor
    FROM (SELECT fund_id, sum(end_minor - start_minor) AS length_minor
            FROM ended GROUP BY fund_id) AS a
   WHERE f.id = a.fund_id;
  RETURN NULL;
END $$;
CREATE TRIGGER free_cents AFTER UPDATE ON ledger_piece
  REFERENCING NEW TABLE AS ended
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_free_cents();
"""

# The one equation that ties the books to the line; asked at commit, when both sides are written.
EQUATION = """
CREATE FUNCTION ledger_fund_equals_its_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unequal record;
BEGIN
  IF TG_TABLE_NAME = 'ledger_fund' THEN
    SELECT f.code, f.head_minor - f.used_minor AS free_minor, a.balance_minor INTO unequal
      FROM ledger_fund f JOIN ledger_account a ON a.id = f.account_id
     WHERE f.id = NEW.id AND a.balance_minor <> f.head_minor - f.used_minor;
  ELSE
    SELECT f.code, f.head_minor - f.used_minor AS free_minor, a.balance_minor INTO unequal
      FROM ledger_fund f JOIN ledger_account a ON a.id = f.account_id
     WHERE a.id = NEW.id AND a.balance_minor <> f.head_minor - f.used_minor;
  END IF;
  IF FOUND THEN
    RAISE EXCEPTION 'fund % has % on its line and % in the books',
      unequal.code, unequal.free_minor, unequal.balance_minor
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fund_equals_its_line AFTER INSERT OR UPDATE ON ledger_fund
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_fund_equals_its_line();
CREATE CONSTRAINT TRIGGER fund_equals_its_line AFTER UPDATE ON ledger_account
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_fund_equals_its_line();

CREATE FUNCTION ledger_entry_has_transfers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.kind <> 'fund'
     AND NOT EXISTS (SELECT FROM ledger_transfer t WHERE t.entry_id = NEW.id) THEN
    RAISE EXCEPTION 'entry % moves nothing', NEW.key
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_has_transfers AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_entry_has_transfers();
"""


def guard(table: str, operations: str) -> str:
    return f"""
CREATE TRIGGER refuse_change BEFORE {operations} ON ledger_{table}
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_{table}
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""


GUARDS = "".join(guard(table, "UPDATE OR DELETE") for table in NEVER_CHANGED) + "".join(
    guard(table, "DELETE") for table in NEVER_DELETED
)
UNDO = """
DROP FUNCTION ledger_refuse_change, ledger_only_end, ledger_only_derived, ledger_starts_at_zero,
  ledger_move_balances, ledger_extend_line, ledger_take_cents, ledger_free_cents,
  ledger_fund_equals_its_line, ledger_entry_has_transfers CASCADE;
ALTER TABLE ledger_transfer DROP CONSTRAINT debit_is_in_the_currency,
  DROP CONSTRAINT credit_is_in_the_currency;
ALTER TABLE ledger_account DROP CONSTRAINT account_has_one_currency;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    operations = [
        migrations.RunSQL(
            REFUSE_CHANGE + GUARDS + WRITE_ONCE + DERIVED + BALANCES + LINE + EQUATION, UNDO
        ),
    ]
