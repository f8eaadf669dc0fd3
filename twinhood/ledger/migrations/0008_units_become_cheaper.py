"""A unit may become cheaper: its last offsets are freed, exactly those, and never all of it."""

import django.db.models.deletion
from django.db import migrations, models

GUARDS = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON ledger_unitreduction
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_unitreduction
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Asked at commit, when the entry, its transfers and the pieces are written.
CREATE FUNCTION ledger_reduction_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unit record; moved bigint; off bigint; covered bigint; beyond bigint;
BEGIN
  SELECT u.*, e.kind, e.seq, c.seq AS cancelled_seq,
         e.partnership_id = w.partnership_id AS is_of_its_books
    INTO unit
    FROM ledger_useunit u
    JOIN ledger_use w ON w.id = u.use_id
    JOIN ledger_entry e ON e.id = NEW.entry_id
    LEFT JOIN ledger_entry c ON c.id = u.cancelled_by_id
   WHERE u.id = NEW.unit_id;
  IF unit.kind IS DISTINCT FROM 'reduction' OR NOT unit.is_of_its_books
     OR unit.cancelled_seq < unit.seq THEN
    RAISE EXCEPTION 'a unit becomes cheaper by an entry of its own, before it is cancelled'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT coalesce(sum(amount_minor), 0) INTO moved
    FROM ledger_transfer WHERE entry_id = NEW.entry_id;
  IF moved <> NEW.amount_minor THEN
    RAISE EXCEPTION 'a unit becomes % cheaper, and % is moved', NEW.amount_minor, moved
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT sum(amount_minor) INTO off FROM ledger_unitreduction WHERE unit_id = NEW.unit_id;
  IF off >= unit.end_offset - unit.start_offset THEN
    RAISE EXCEPTION 'a unit that costs nothing is cancelled'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT coalesce(sum(least(p.offset_minor + p.end_minor - p.start_minor, unit.end_offset)
                      - greatest(p.offset_minor, unit.start_offset)), 0),
         coalesce(max(p.offset_minor + p.end_minor - p.start_minor)
                    FILTER (WHERE p.offset_minor < unit.end_offset), 0)
    INTO covered, beyond
    FROM ledger_piece p
   WHERE p.use_id = unit.use_id AND p.ended_by_id IS NULL
     AND int8range(p.offset_minor, p.offset_minor + p.end_minor - p.start_minor)
         && int8range(unit.start_offset, unit.end_offset);
  IF unit.cancelled_seq IS NULL
     AND (covered <> unit.end_offset - unit.start_offset - off
          OR beyond > unit.end_offset - off) THEN
    RAISE EXCEPTION 'of a unit that became cheaper the last offsets are free, and no others'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reduction_is_true AFTER INSERT ON ledger_unitreduction
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION ledger_reduction_is_true();

CREATE FUNCTION ledger_reduction_is_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM ledger_unitreduction r WHERE r.entry_id = NEW.id) THEN
    RAISE EXCEPTION 'entry % says of no unit that it became cheaper', NEW.key
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reduction_is_written AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.kind = 'reduction') EXECUTE FUNCTION ledger_reduction_is_written();
"""
UNDO = "DROP FUNCTION ledger_reduction_is_true, ledger_reduction_is_written CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_closed_months")]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("gift", "Gift"),
                    ("order", "Order"),
                    ("cancel", "Cancel"),
                    ("reduction", "Reduction"),
                    ("refund", "Refund"),
                    ("exchange", "Exchange"),
                    ("payment", "Payment"),
                    ("fund", "Fund"),
                    ("in kind", "In Kind"),
                ],
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="UnitReduction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reduction",
                        to="ledger.entry",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reductions",
                        to="ledger.useunit",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="reduction_is_an_amount"
                    )
                ],
            },
        ),
        migrations.RunSQL(GUARDS, UNDO),
    ]
