"""A supplier gives a part of a price back: the thing stays, and costs less from then on."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

# Until now a credit was the whole price of a thing that had not become cheaper.
FILL = """
UPDATE deliveries_suppliercredit c SET amount_minor = u.amount_minor
  FROM deliveries_unit u WHERE u.id = c.unit_id
"""
GUARDS = """
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON deliveries_suppliercredit
  FOR EACH ROW EXECUTE FUNCTION deliveries_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON deliveries_suppliercredit
  FOR EACH STATEMENT EXECUTE FUNCTION deliveries_refuse_change();

CREATE FUNCTION deliveries_credit_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order o ON o.id = u.order_id
     WHERE u.id = NEW.unit_id AND people_are_one(o.proposed_by_id, NEW.recorded_by_id)
  ) THEN
    RAISE EXCEPTION 'who asked for an order does not record what comes back of it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER credit_by_another BEFORE INSERT ON deliveries_suppliercredit
  FOR EACH ROW EXECUTE FUNCTION deliveries_credit_by_another();

CREATE FUNCTION deliveries_price_falls() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE deliveries_unit SET credited_minor = credited_minor + NEW.amount_minor
   WHERE id = NEW.unit_id;
  RETURN NULL;
END $$;
CREATE TRIGGER price_falls AFTER INSERT ON deliveries_suppliercredit
  FOR EACH ROW WHEN (NEW.is_part) EXECUTE FUNCTION deliveries_price_falls();

CREATE FUNCTION deliveries_price_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'what came off a price follows from the credits of its thing'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER price_follows BEFORE UPDATE ON deliveries_unit
  FOR EACH ROW WHEN (OLD.credited_minor <> NEW.credited_minor)
  EXECUTE FUNCTION deliveries_price_follows();
CREATE TRIGGER price_is_whole BEFORE INSERT ON deliveries_unit
  FOR EACH ROW WHEN (NEW.credited_minor <> 0) EXECUTE FUNCTION deliveries_price_follows();

-- At commit: what is said of a credit stands in the books.
CREATE FUNCTION deliveries_credit_is_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE thing record;
BEGIN
  SELECT u.line_unit_id, u.cancelled_at, o.partnership_id INTO thing
    FROM deliveries_unit u JOIN deliveries_order o ON o.id = u.order_id WHERE u.id = NEW.unit_id;
  IF NEW.is_part AND NOT EXISTS (
    SELECT FROM ledger_unitreduction r JOIN ledger_entry e ON e.id = r.entry_id
     WHERE e.partnership_id = thing.partnership_id AND e.key = NEW.key
       AND r.unit_id = thing.line_unit_id AND r.amount_minor = NEW.amount_minor
  ) OR NOT NEW.is_part AND thing.cancelled_at IS NULL
  OR NEW.bank_code <> '' AND NOT EXISTS (
    SELECT FROM ledger_entry e
      JOIN ledger_transfer t ON t.entry_id = e.id
      JOIN ledger_account a ON a.id = t.debit_id
     WHERE e.partnership_id = thing.partnership_id AND e.kind = 'payment'
       AND e.key = regexp_replace(NEW.key, '^reduction:', 'credit:')
       AND a.code = NEW.bank_code AND t.amount_minor = NEW.amount_minor
  ) THEN
    RAISE EXCEPTION 'credit % is not what the books say', NEW.key
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER credit_is_booked AFTER INSERT ON deliveries_suppliercredit
  DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION deliveries_credit_is_booked();
"""
UNDO_GUARDS = """
DROP FUNCTION deliveries_credit_by_another, deliveries_price_falls, deliveries_price_follows,
  deliveries_credit_is_booked CASCADE;
DROP TRIGGER refuse_truncate ON deliveries_suppliercredit;
DROP TRIGGER refuse_change ON deliveries_suppliercredit;
"""
# As 0015 has it, and now what came back is not paid, and a thing costs what is left of its price.
PAID = """
CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE o deliveries_order; handed_minor numeric; paid_minor numeric;
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
      JOIN deliveries_handoveract a ON a.id = NEW.act_id AND a.partnership_id = p.partnership_id
     WHERE u.id = NEW.unit_id AND u.cancelled_at IS NULL AND p.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM deliveries_handoveract a
              WHERE a.id = NEW.act_id AND (a.document_id IS NOT NULL OR a.is_from_before)) THEN
    RAISE EXCEPTION 'nothing is added to an act that was signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT p.* INTO o FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
   WHERE u.id = NEW.unit_id;
  SELECT COALESCE(sum(amount_minor), 0) INTO paid_minor
    FROM deliveries_payment WHERE order_id = o.id;
  SELECT paid_minor - COALESCE(sum(c.amount_minor), 0) INTO paid_minor
    FROM deliveries_suppliercredit c JOIN deliveries_unit u ON u.id = c.unit_id
   WHERE u.order_id = o.id AND c.bank_code <> '';
  SELECT COALESCE(sum(u.price_minor), 0) INTO handed_minor FROM deliveries_unit u
   WHERE u.order_id = o.id AND u.cancelled_at IS NULL
     AND (u.id = NEW.unit_id
          OR EXISTS (SELECT FROM deliveries_handoverline l WHERE l.unit_id = u.id));
  IF paid_minor < handed_minor THEN
    RAISE EXCEPTION 'order % is not paid for what is handed over', o.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""
PAID_BEFORE = """
CREATE OR REPLACE FUNCTION deliveries_hand_over_what_was_bought() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE o deliveries_order; handed_minor numeric; paid_minor numeric;
BEGIN
  IF NOT EXISTS (
    SELECT FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
      JOIN deliveries_handoveract a ON a.id = NEW.act_id AND a.partnership_id = p.partnership_id
     WHERE u.id = NEW.unit_id AND u.cancelled_at IS NULL AND p.state = 'placed'
  ) THEN
    RAISE EXCEPTION 'only a thing that was bought, and not cancelled, is handed over'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT FROM deliveries_handoveract a
              WHERE a.id = NEW.act_id AND (a.document_id IS NOT NULL OR a.is_from_before)) THEN
    RAISE EXCEPTION 'nothing is added to an act that was signed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT p.* INTO o FROM deliveries_unit u JOIN deliveries_order p ON p.id = u.order_id
   WHERE u.id = NEW.unit_id;
  SELECT COALESCE(sum(amount_minor), 0) INTO paid_minor
    FROM deliveries_payment WHERE order_id = o.id;
  SELECT COALESCE(sum(u.amount_minor), 0) INTO handed_minor FROM deliveries_unit u
   WHERE u.order_id = o.id AND u.cancelled_at IS NULL
     AND (u.id = NEW.unit_id
          OR EXISTS (SELECT FROM deliveries_handoverline l WHERE l.unit_id = u.id));
  IF paid_minor < handed_minor THEN
    RAISE EXCEPTION 'order % is not paid for what is handed over', o.number
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0032_another_organisation_confirms"),
        ("ledger", "0008_units_become_cheaper"),
        ("people", "0006_one_person_one_voice"),
    ]
    operations = [
        migrations.AddField("unit", "credited_minor", models.BigIntegerField(default=0)),
        migrations.AddField(
            "unit",
            "price_minor",
            models.GeneratedField(
                expression=F("amount_minor") - F("credited_minor"),
                output_field=models.BigIntegerField(),
                db_persist=True,
            ),
        ),
        migrations.AddConstraint(
            "unit",
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lt=F("amount_minor")),
                name="unit_costs_something",
            ),
        ),
        migrations.AlterField(
            "suppliercredit",
            "unit",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="credits",
                to="deliveries.unit",
            ),
        ),
        migrations.AlterField(
            "suppliercredit", "bank_code", models.CharField(blank=True, max_length=120)
        ),
        migrations.AddField("suppliercredit", "is_part", models.BooleanField(default=False)),
        migrations.AddField(
            "suppliercredit",
            "reason",
            models.CharField(blank=True, default="", max_length=300),
            preserve_default=False,
        ),
        migrations.AddField("suppliercredit", "amount_minor", models.BigIntegerField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("suppliercredit", "amount_minor", models.BigIntegerField()),
        migrations.AddConstraint(
            "suppliercredit",
            models.UniqueConstraint(
                fields=["unit"], condition=Q(is_part=False), name="whole_price_comes_back_once"
            ),
        ),
        migrations.AddConstraint(
            "suppliercredit",
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="credit_is_an_amount"),
        ),
        migrations.AddConstraint(
            "suppliercredit",
            models.CheckConstraint(
                condition=Q(is_part=True) & ~Q(reason="") | Q(is_part=False) & ~Q(bank_code=""),
                name="credit_says_why_and_where",
            ),
        ),
        migrations.RunSQL(GUARDS, UNDO_GUARDS),
        migrations.RunSQL(PAID, PAID_BEFORE),
    ]
