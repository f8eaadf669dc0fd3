"""Every entry has a leaf, and thousands of gifts are posted in one statement.

What foreign keys and per-row triggers said of entries, transfers and segments is now asked once a
statement, of all its rows: parents are never deleted, so it is enough to look when a row comes.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# Asked when the statement has written its rows. A lookup a row, and no reading of whole tables: a
# plan that was made while they were empty stays good when they are large.
CHECKS = """
CREATE FUNCTION ledger_entries_belong() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added e LEFT JOIN ledger_books b ON b.partnership_id = e.partnership_id
    WHERE b.id IS NULL OR e.seq < 1 OR e.seq > b.last_seq OR e.leaf_id IS NULL
  ) THEN
    RAISE EXCEPTION 'an entry stands in its books'' order and has a leaf'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_belong AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_belong();

CREATE OR REPLACE FUNCTION ledger_move_balances() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (
    SELECT FROM added t
    LEFT JOIN ledger_account d ON d.id = t.debit_id
    LEFT JOIN ledger_account c ON c.id = t.credit_id
    WHERE d.id IS NULL OR c.id IS NULL
       OR d.currency <> t.currency OR c.currency <> t.currency
       OR d.partnership_id <> c.partnership_id
       OR (SELECT e.partnership_id FROM ledger_entry e WHERE e.id = t.entry_id)
          IS DISTINCT FROM d.partnership_id
  ) THEN
    RAISE EXCEPTION 'a transfer stays within the books of its entry and in one currency'
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

CREATE OR REPLACE FUNCTION ledger_extend_line() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  PERFORM FROM ledger_fund WHERE id IN (SELECT fund_id FROM added) ORDER BY id FOR NO KEY UPDATE;
  IF EXISTS (
    SELECT FROM (
      SELECT *, lag(end_minor) OVER (PARTITION BY fund_id ORDER BY start_minor) AS before_minor
        FROM added
    ) AS a LEFT JOIN ledger_fund f ON f.id = a.fund_id
    WHERE f.id IS NULL
       OR a.start_minor <> coalesce(a.before_minor, f.head_minor)
       OR (SELECT e.partnership_id FROM ledger_entry e WHERE e.id = a.entry_id)
          IS DISTINCT FROM f.partnership_id
       OR (a.source_use_id IS NOT NULL
           AND (SELECT u.partnership_id FROM ledger_use u WHERE u.id = a.source_use_id)
               IS DISTINCT FROM f.partnership_id)
  ) THEN
    RAISE EXCEPTION 'income takes the next interval of its line: no gap, no overlap'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  UPDATE ledger_fund f SET head_minor = a.end_minor
    FROM (SELECT fund_id, max(end_minor) AS end_minor FROM added GROUP BY fund_id) AS a
   WHERE f.id = a.fund_id;
  RETURN NULL;
END $$;

-- Only gifts have no source, and they are many: their rows stay out of this index.
ALTER TABLE ledger_segment DROP CONSTRAINT ledger_segment_source_use_id_key;
CREATE UNIQUE INDEX segment_is_one_uses_income ON ledger_segment (source_use_id)
  WHERE source_use_id IS NOT NULL;
"""

# Once a posting, at commit: the numbers that the books went on by are all there, and all move
# something. An entry beyond `last_seq` is refused, one below it has its number taken.
WHOLE = """
DROP TRIGGER entry_has_transfers ON ledger_entry;
DROP FUNCTION ledger_entry_has_transfers();

CREATE FUNCTION ledger_posting_is_whole() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE found record;
BEGIN
  SELECT count(*) AS entries, min(e.key) FILTER (
      WHERE e.kind <> 'fund'
        AND (SELECT t.id FROM ledger_transfer t WHERE t.entry_id = e.id LIMIT 1) IS NULL
    ) AS empty
    INTO found
    FROM ledger_entry e
   WHERE e.partnership_id = NEW.partnership_id
     AND e.seq > OLD.last_seq AND e.seq <= NEW.last_seq;
  IF found.empty IS NOT NULL THEN
    RAISE EXCEPTION 'entry % moves nothing', found.empty
      USING ERRCODE = 'integrity_constraint_violation';
  ELSIF found.entries <> NEW.last_seq - OLD.last_seq THEN
    RAISE EXCEPTION 'the books of % have a gap', NEW.name
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_is_whole AFTER UPDATE ON ledger_books
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_posting_is_whole();

CREATE FUNCTION ledger_books_go_on() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF NEW.last_seq <= OLD.last_seq
     OR (NEW.id, NEW.partnership_id, NEW.name) <> (OLD.id, OLD.partnership_id, OLD.name) THEN
    RAISE EXCEPTION 'books keep their name and only go on'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER books_go_on BEFORE UPDATE ON ledger_books
  FOR EACH ROW EXECUTE FUNCTION ledger_books_go_on();
CREATE TRIGGER starts_at_zero BEFORE INSERT ON ledger_books
  FOR EACH ROW EXECUTE FUNCTION ledger_starts_at_zero('last_seq');
"""

# A leaf's text is what `core.leaf.entry_leaf` gives for the same gift: fields in order of their
# names (RFC 8785), and to_json escapes a text as that standard asks.
POST_GIFTS = """
CREATE TYPE ledger_income AS (
  key text,
  fund_id bigint,
  currency text,
  rail text,
  arrives_at text,
  amount_minor bigint,
  fee_minor bigint,
  happened_at timestamptz,
  donor bytea
);

CREATE FUNCTION ledger_gift_leaf(income ledger_income, books text, seq bigint, fund text) RETURNS bytea LANGUAGE sql STABLE
RETURN convert_to(
  '{"date":"' || to_char(income.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
  || '","donor":"' || encode(income.donor, 'base64')
  || '","journal":[{"amount":' || income.amount_minor || ',"fee":' || income.fee_minor
  || ',"fund":' || to_json(fund) || ',"key":' || to_json(income.key)
  || ',"kind":"gift"}],"key":' || to_json(income.key)
  || ',"kind":"entry","partnership":' || to_json(books) || ',"seq":' || seq
  || ',"transfers":[{"amount":' || income.amount_minor - income.fee_minor
  || ',"credit":' || to_json('fund:' || fund) || ',"currency":' || to_json(income.currency)
  || ',"debit":' || to_json(income.arrives_at)
  || CASE WHEN income.fee_minor = 0 THEN '' ELSE
       '},{"amount":' || income.fee_minor
       || ',"credit":' || to_json('income:fees-covered:' || income.rail)
       || ',"currency":' || to_json(income.currency)
       || ',"debit":' || to_json('expenses:fees:' || income.rail)
     END
  || '}]}', 'UTF8');

CREATE FUNCTION ledger_post_gifts(
  partnership bigint, incomes ledger_income[], posted timestamptz DEFAULT clock_timestamp()
) RETURNS bigint LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  books record;
  many bigint := coalesce(cardinality(incomes), 0);
  leaves bytea[];
  leaf_ids bigint[];
BEGIN
  IF many = 0 THEN
    RETURN 0;
  END IF;
  SELECT * INTO books FROM ledger_books WHERE partnership_id = partnership FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'partnership % has no books', partnership
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (
    SELECT FROM unnest(incomes) AS g LEFT JOIN ledger_fund f ON f.id = g.fund_id
    WHERE f.partnership_id IS DISTINCT FROM partnership
       OR g.currency IS DISTINCT FROM f.currency OR g.key IS NULL OR g.rail IS NULL
       OR g.arrives_at IS NULL OR g.happened_at IS NULL OR octet_length(g.donor) <> 32
       OR g.donor IS NULL OR g.amount_minor IS NULL OR g.fee_minor IS NULL
       OR g.fee_minor < 0 OR g.fee_minor >= g.amount_minor
  ) THEN
    RAISE EXCEPTION 'a gift that cannot be posted'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  INSERT INTO ledger_account
    (partnership_id, code, currency, is_credit_normal, is_never_below_zero, balance_minor)
  SELECT partnership, a.code, a.currency, a.is_credit_normal, false, 0
    FROM (
      SELECT DISTINCT needed.* FROM (
        SELECT DISTINCT rail, arrives_at, currency, fee_minor > 0 AS has_fee FROM unnest(incomes)
      ) AS g CROSS JOIN LATERAL (VALUES
        (g.arrives_at, g.currency, false, true),
        ('expenses:fees:' || g.rail, g.currency, false, g.has_fee),
        ('income:fees-covered:' || g.rail, g.currency, true, g.has_fee)
      ) AS needed (code, currency, is_credit_normal, is_needed)
       WHERE needed.is_needed
    ) AS a
   WHERE NOT EXISTS (
     SELECT FROM ledger_account known
      WHERE known.partnership_id = partnership AND known.code = a.code
        AND known.currency = a.currency
   );
  UPDATE ledger_books SET last_seq = last_seq + many WHERE id = books.id;
  SELECT array_agg(ledger_gift_leaf(
      (g.key, g.fund_id, g.currency, g.rail, g.arrives_at, g.amount_minor, g.fee_minor,
       g.happened_at, g.donor)::ledger_income,
      books.name, books.last_seq + g.place, f.code
    ) ORDER BY g.place) INTO leaves
    FROM unnest(incomes) WITH ORDINALITY AS g (
           key, fund_id, currency, rail, arrives_at, amount_minor, fee_minor, happened_at, donor,
           place)
    JOIN ledger_fund f ON f.id = g.fund_id;
  leaf_ids := translog_append(leaves, books.name);
  -- Nothing is joined by what was just written: its ids are drawn before, in the order of places.
  WITH account AS MATERIALIZED (
    SELECT a.id, a.code, a.currency FROM ledger_account a
     WHERE a.partnership_id = partnership AND a.code IN (
       SELECT unnest(ARRAY[
         g.arrives_at, 'expenses:fees:' || g.rail, 'income:fees-covered:' || g.rail
       ]) FROM unnest(incomes) AS g
     )
  ), placed AS MATERIALIZED (
    SELECT g.*, f.account_id,
           f.head_minor - (g.amount_minor - g.fee_minor)
             + sum(g.amount_minor - g.fee_minor) OVER (PARTITION BY g.fund_id ORDER BY g.place)
             AS start_minor,
           arrives.id AS arrives_id, spent.id AS spent_id, covered.id AS covered_id
      FROM ROWS FROM (unnest(incomes), unnest(leaf_ids)) WITH ORDINALITY AS g (
             key, fund_id, currency, rail, arrives_at, amount_minor, fee_minor, happened_at, donor,
             leaf_id, place)
      JOIN ledger_fund f ON f.id = g.fund_id
      JOIN account arrives ON arrives.code = g.arrives_at AND arrives.currency = g.currency
      LEFT JOIN account spent
        ON spent.code = 'expenses:fees:' || g.rail AND spent.currency = g.currency
      LEFT JOIN account covered
        ON covered.code = 'income:fees-covered:' || g.rail AND covered.currency = g.currency
     ORDER BY g.place
  ), gift AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('ledger_entry', 'id')) AS entry_id, placed.* FROM placed
  ), entry AS (
    INSERT INTO ledger_entry (id, partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)
    SELECT entry_id, partnership, books.last_seq + place, key, 'gift', happened_at, posted, leaf_id
      FROM gift ORDER BY place
  ), transfers AS (
    INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)
    SELECT entry_id, move.debit_id, move.credit_id, move.amount_minor, currency
      FROM gift CROSS JOIN LATERAL (VALUES
        (1, arrives_id, account_id, gift.amount_minor - fee_minor),
        (2, spent_id, covered_id, fee_minor)
      ) AS move (turn, debit_id, credit_id, amount_minor)
     WHERE move.amount_minor > 0
     ORDER BY place, move.turn
  )
  INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)
  SELECT fund_id, entry_id, 'gift', key, start_minor, start_minor + amount_minor - fee_minor
    FROM gift ORDER BY place;
  RETURN many;
END $$;
"""
UNDO_GIFTS = """
DROP FUNCTION ledger_post_gifts(bigint, ledger_income[], timestamptz);
DROP FUNCTION ledger_gift_leaf(ledger_income, text, bigint, text);
DROP TYPE ledger_income;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0005_holds"),
        ("translog", "0004_ask_for_sealing"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_transfer DROP CONSTRAINT debit_is_in_the_currency,"
            " DROP CONSTRAINT credit_is_in_the_currency;"
            " ALTER TABLE ledger_account DROP CONSTRAINT account_has_one_currency",
        ),
        migrations.RemoveConstraint("segment", "segments_do_not_overlap"),
        migrations.RemoveConstraint("transfer", "transfer_moves_an_amount"),
        migrations.RemoveConstraint("entry", "entry_is_posted_once"),
        migrations.AddConstraint(
            "entry",
            models.UniqueConstraint(fields=("key", "partnership"), name="entry_is_posted_once"),
        ),
        migrations.RemoveIndex("entry", "entry_by_time"),
        migrations.RemoveIndex("segment", "segment_by_start"),
        migrations.RemoveIndex("segment", "segment_by_key"),
        migrations.AddField("books", "name", models.CharField(max_length=120, null=True)),
        migrations.RunSQL(
            "UPDATE ledger_books b SET name = p.slug FROM people_partnership p"
            " WHERE p.id = b.partnership_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField("books", "name", models.CharField(max_length=120, unique=True)),
        migrations.AddField("entry", "leaf_id", models.BigIntegerField(null=True)),
        migrations.AlterField(
            "entry",
            "partnership",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="people.partnership",
            ),
        ),
        migrations.AlterField(
            "segment",
            "entry",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="segments",
                to="ledger.entry",
            ),
        ),
        migrations.AlterField(
            "segment",
            "fund",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="segments",
                to="ledger.fund",
            ),
        ),
        migrations.AlterField(
            "segment",
            "source_use",
            models.OneToOneField(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="income",
                to="ledger.use",
            ),
        ),
        *(
            migrations.AlterField(
                "transfer",
                name,
                models.ForeignKey(
                    db_constraint=False,
                    db_index=False,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name=f"{name}s",
                    to="ledger.account",
                ),
            )
            for name in ("debit", "credit")
        ),
        migrations.AlterField(
            "transfer",
            "entry",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transfers",
                to="ledger.entry",
            ),
        ),
        migrations.AddIndex(
            "entry",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["happened_at"], name="entry_by_time", pages_per_range=16
            ),
        ),
        migrations.AddConstraint(
            "segment",
            models.UniqueConstraint(
                fields=("fund", "start_minor"), name="segment_begins_where_none_did"
            ),
        ),
        migrations.AddConstraint(
            "transfer",
            models.CheckConstraint(
                condition=models.Q(
                    ("amount_minor__gt", 0), ("amount_minor__lte", 9000000000000000)
                ),
                name="transfer_moves_an_amount",
            ),
        ),
        migrations.RunSQL(CHECKS + WHOLE),
        migrations.RunSQL(POST_GIFTS, UNDO_GIFTS),
    ]
