"""A closed month stays closed: no entry is dated into it, whoever writes."""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION ledger_month_is_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE late record;
BEGIN
  SELECT e.key, e.happened_at, b.closed_before_at INTO late
    FROM added e JOIN ledger_books b ON b.partnership_id = e.partnership_id
   WHERE e.happened_at < b.closed_before_at LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'entry % is dated %, and the books are closed up to %',
      late.key, late.happened_at, late.closed_before_at
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER month_is_open AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_month_is_open();
"""
UNDO = "DROP FUNCTION ledger_month_is_open CASCADE;"
# The books' row goes on with each entry; when a month is closed or opened, it may stay.
GO_ON = """
CREATE OR REPLACE FUNCTION ledger_books_go_on() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
BEGIN
  IF NEW.last_seq < OLD.last_seq
     OR (NEW.last_seq = OLD.last_seq{stays})
     OR (NEW.id, NEW.partnership_id, NEW.name) <> (OLD.id, OLD.partnership_id, OLD.name) THEN
    RAISE EXCEPTION 'books keep their name and only go on'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
STAYS = " AND NEW.closed_before_at IS NOT DISTINCT FROM OLD.closed_before_at"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_leaves")]
    operations = [
        migrations.AddField(
            model_name="books",
            name="closed_before_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("gift", "Gift"),
                    ("order", "Order"),
                    ("cancel", "Cancel"),
                    ("refund", "Refund"),
                    ("exchange", "Exchange"),
                    ("payment", "Payment"),
                    ("fund", "Fund"),
                    ("in kind", "In Kind"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunSQL(GO_ON.format(stays=STAYS), GO_ON.format(stays="")),
        migrations.RunSQL(GUARD, UNDO),
    ]
