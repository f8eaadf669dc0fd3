"""Free cents are found without reading the line; pieces of any day by span, of a use by offset."""

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# As 0002 has them, and beside `used_minor` they now keep `laid_minor` and the free runs.
TAKE = """
CREATE OR REPLACE FUNCTION ledger_take_cents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fund record; piece record; run record; laid bigint;
BEGIN
  IF EXISTS (
    SELECT FROM added p JOIN ledger_fund f ON f.id = p.fund_id
    WHERE p.end_minor > f.head_minor OR p.ended_by_id IS NOT NULL
  ) THEN
    RAISE EXCEPTION 'a piece covers cents that were given'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  FOR fund IN
    SELECT fund_id AS id, sum(end_minor - start_minor) AS length_minor
      FROM added GROUP BY fund_id ORDER BY fund_id
  LOOP
    SELECT laid_minor INTO laid FROM ledger_fund WHERE id = fund.id;
    FOR piece IN
      SELECT start_minor, end_minor FROM added WHERE fund_id = fund.id ORDER BY start_minor
    LOOP
      IF piece.start_minor >= laid THEN
        IF piece.start_minor > laid THEN
          INSERT INTO ledger_freerun (fund_id, start_minor, end_minor)
            VALUES (fund.id, laid, piece.start_minor);
        END IF;
        laid := piece.end_minor;
        CONTINUE;
      END IF;
      SELECT id, start_minor, end_minor INTO run FROM ledger_freerun
       WHERE fund_id = fund.id AND start_minor <= piece.start_minor
       ORDER BY start_minor DESC LIMIT 1;
      IF run.id IS NULL OR run.end_minor < piece.end_minor THEN
        RAISE EXCEPTION 'a piece takes free cents'
          USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      DELETE FROM ledger_freerun WHERE id = run.id;
      INSERT INTO ledger_freerun (fund_id, start_minor, end_minor)
        SELECT fund.id, side.a, side.b
          FROM (VALUES (run.start_minor, piece.start_minor), (piece.end_minor, run.end_minor))
            AS side (a, b)
         WHERE side.a < side.b;
    END LOOP;
    UPDATE ledger_fund SET used_minor = used_minor + fund.length_minor, laid_minor = laid
     WHERE id = fund.id;
  END LOOP;
  RETURN NULL;
END $$;
"""
# From the end of the line, so that the last used cent recedes through what is freed before it.
FREE = """
CREATE OR REPLACE FUNCTION ledger_free_cents() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fund record; piece record; laid bigint; low bigint; high bigint; found_minor bigint;
BEGIN
  FOR fund IN
    SELECT fund_id AS id, sum(end_minor - start_minor) AS length_minor
      FROM ended GROUP BY fund_id ORDER BY fund_id
  LOOP
    SELECT laid_minor INTO laid FROM ledger_fund WHERE id = fund.id;
    FOR piece IN
      SELECT start_minor, end_minor FROM ended WHERE fund_id = fund.id ORDER BY start_minor DESC
    LOOP
      low := piece.start_minor;
      high := piece.end_minor;
      DELETE FROM ledger_freerun WHERE fund_id = fund.id AND end_minor = low
        RETURNING start_minor INTO found_minor;
      IF FOUND THEN
        low := found_minor;
      END IF;
      IF high = laid THEN
        laid := low;
        CONTINUE;
      END IF;
      DELETE FROM ledger_freerun WHERE fund_id = fund.id AND start_minor = high
        RETURNING end_minor INTO found_minor;
      IF FOUND THEN
        high := found_minor;
      END IF;
      INSERT INTO ledger_freerun (fund_id, start_minor, end_minor) VALUES (fund.id, low, high);
    END LOOP;
    UPDATE ledger_fund SET used_minor = used_minor - fund.length_minor, laid_minor = laid
     WHERE id = fund.id;
  END LOOP;
  RETURN NULL;
END $$;
"""
GUARD = """
CREATE FUNCTION ledger_only_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a % follows from what is posted and is not edited', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER only_by_trigger BEFORE INSERT OR UPDATE OR DELETE ON ledger_freerun
  FOR EACH ROW EXECUTE FUNCTION ledger_only_by_trigger();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_freerun
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER laid_starts_at_zero BEFORE INSERT ON ledger_fund
  FOR EACH ROW EXECUTE FUNCTION ledger_starts_at_zero('laid_minor');
"""
# What is free on the lines that stand already.
FILL = """
INSERT INTO ledger_freerun (fund_id, start_minor, end_minor)
SELECT fund_id, before_minor, start_minor
  FROM (
    SELECT fund_id, start_minor,
           coalesce(lag(end_minor) OVER (PARTITION BY fund_id ORDER BY start_minor), 0)
             AS before_minor
      FROM ledger_piece WHERE ended_by_id IS NULL
  ) AS live
 WHERE before_minor < start_minor;
ALTER TABLE ledger_fund DISABLE TRIGGER only_derived;
UPDATE ledger_fund f SET laid_minor = live.laid_minor
  FROM (
    SELECT fund_id, max(end_minor) AS laid_minor
      FROM ledger_piece WHERE ended_by_id IS NULL GROUP BY fund_id
  ) AS live
 WHERE f.id = live.fund_id;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
ALTER TABLE ledger_fund ENABLE TRIGGER only_derived;
"""
UNDO = """
CREATE OR REPLACE FUNCTION ledger_take_cents() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION ledger_free_cents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger_fund f SET used_minor = used_minor - a.length_minor
    FROM (SELECT fund_id, sum(end_minor - start_minor) AS length_minor
            FROM ended GROUP BY fund_id) AS a
   WHERE f.id = a.fund_id;
  RETURN NULL;
END $$;
DROP TRIGGER laid_starts_at_zero ON ledger_fund;
DROP FUNCTION ledger_only_by_trigger CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_books_keep_their_promises")]

    operations = [
        migrations.CreateModel(
            name="FreeRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_minor", models.BigIntegerField()),
                ("end_minor", models.BigIntegerField()),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="free_runs",
                        to="ledger.fund",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="freerun",
            constraint=models.UniqueConstraint(
                fields=("fund", "start_minor"), name="free_run_starts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="freerun",
            constraint=models.UniqueConstraint(
                fields=("fund", "end_minor"), name="free_run_ends_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="freerun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("end_minor__gt", models.F("start_minor")), ("start_minor__gte", 0)
                ),
                name="free_run_has_a_length",
            ),
        ),
        migrations.AddField(
            model_name="fund", name="laid_minor", field=models.BigIntegerField(default=0)
        ),
        migrations.AddIndex(
            model_name="piece",
            index=django.contrib.postgres.indexes.GistIndex(
                models.F("fund"),
                models.Func(
                    models.F("start_minor"),
                    models.F("end_minor"),
                    function="int8range",
                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                ),
                name="piece_of_any_day",
            ),
        ),
        migrations.AddIndex(
            model_name="piece",
            index=models.Index(
                condition=models.Q(("ended_by__isnull", True)),
                fields=["use", "offset_minor"],
                name="live_piece_by_offset",
            ),
        ),
        migrations.RunSQL(FILL + TAKE + FREE + GUARD, UNDO),
        migrations.AddConstraint(
            model_name="fund",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("laid_minor__gte", models.F("used_minor")),
                    ("laid_minor__lte", models.F("head_minor")),
                ),
                name="last_used_cent_lies_on_the_line",
            ),
        ),
    ]
