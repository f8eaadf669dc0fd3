"""Every entry has a leaf, and thousands of gifts are posted in one statement.

What foreign keys and per-row triggers said of entries, transfers and segments is now asked once a
statement, of all its rows: parents are never deleted, so it is enough to look when a row comes.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# Asked when the statement has written its rows; a lookup a row keeps each check on an index,
# whatever the planner believes of the tables' sizes.
CHECKS = """
CREATE FUNCTION ledger_entries_belong() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION ledger_move_balances() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION ledger_extend_line() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION ledger_posting_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE FUNCTION ledger_books_go_on() RETURNS trigger LANGUAGE plpgsql AS $$
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
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE books record; many bigint := coalesce(cardinality(incomes), 0);
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
  SELECT DISTINCT partnership, a.code, f.currency, a.is_credit_normal, false, 0
    FROM unnest(incomes) AS g
    JOIN ledger_fund f ON f.id = g.fund_id
    CROSS JOIN LATERAL (VALUES
      (g.arrives_at, false, true),
      ('expenses:fees:' || g.rail, false, g.fee_minor > 0),
      ('income:fees-covered:' || g.rail, true, g.fee_minor > 0)
    ) AS a (code, is_credit_normal, is_needed)
   WHERE a.is_needed AND NOT EXISTS (
     SELECT FROM ledger_account known
      WHERE known.partnership_id = partnership AND known.code = a.code
        AND known.currency = f.currency
   );
  UPDATE ledger_books SET last_seq = last_seq + many WHERE id = books.id;
  WITH gift AS MATERIALIZED (
    SELECT g.*, books.last_seq + g.place AS seq, f.code AS fund, f.account_id,
           f.head_minor - (g.amount_minor - g.fee_minor)
             + sum(g.amount_minor - g.fee_minor) OVER (PARTITION BY g.fund_id ORDER BY g.place)
             AS start_minor,
           arrives.id AS arrives_id
      FROM unnest(incomes) WITH ORDINALITY AS g (
             key, fund_id, currency, rail, arrives_at, amount_minor, fee_minor, happened_at, donor, place)
      JOIN ledger_fund f ON f.id = g.fund_id
      JOIN ledger_account arrives ON arrives.partnership_id = partnership
       AND arrives.code = g.arrives_at AND arrives.currency = f.currency
  ), leaf AS MATERIALIZED (
    SELECT translog_append(array_agg(
      ledger_gift_leaf(
        (g.key, g.fund_id, g.currency, g.rail, g.arrives_at, g.amount_minor, g.fee_minor,
         g.happened_at, g.donor)::ledger_income,
        books.name, g.seq, g.fund
      ) ORDER BY g.place)) AS ids FROM gift g
  ), entry AS (
    INSERT INTO ledger_entry (partnership_id, seq, key, kind, happened_at, posted_at, leaf_id)
    SELECT partnership, g.seq, g.key, 'gift', g.happened_at, posted, leaf.ids[g.place]
      FROM gift g CROSS JOIN leaf ORDER BY g.place
    RETURNING id, seq
  ), transfers AS (
    INSERT INTO ledger_transfer (entry_id, debit_id, credit_id, amount_minor, currency)
    SELECT e.id, m.debit_id, m.credit_id, m.amount_minor, g.currency
      FROM gift g JOIN entry e ON e.seq = g.seq
      CROSS JOIN LATERAL (
        SELECT 1 AS turn, g.arrives_id AS debit_id, g.account_id AS credit_id,
               g.amount_minor - g.fee_minor AS amount_minor
        UNION ALL
        SELECT 2, d.id, c.id, g.fee_minor
          FROM ledger_account d, ledger_account c
         WHERE g.fee_minor > 0
           AND d.partnership_id = partnership AND d.currency = g.currency
           AND d.code = 'expenses:fees:' || g.rail
           AND c.partnership_id = partnership AND c.currency = g.currency
           AND c.code = 'income:fees-covered:' || g.rail
      ) AS m
     ORDER BY g.place, m.turn
  )
  INSERT INTO ledger_segment (fund_id, entry_id, kind, key, start_minor, end_minor)
  SELECT g.fund_id, e.id, 'gift', g.key, g.start_minor,
         g.start_minor + g.amount_minor - g.fee_minor
    FROM gift g JOIN entry e ON e.seq = g.seq ORDER BY g.place;
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
        ("translog", "0002_only_ever_added"),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE ledger_transfer DROP CONSTRAINT debit_is_in_the_currency,"
            " DROP CONSTRAINT credit_is_in_the_currency;"
            " ALTER TABLE ledger_account DROP CONSTRAINT account_has_one_currency",
        ),
        migrations.RemoveConstraint("segment", "segments_do_not_overlap"),
        migrations.RemoveConstraint("transfer", "transfer_moves_an_amount"),
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
