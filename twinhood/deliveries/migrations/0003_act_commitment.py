"""An act knows what the log holds of it: its commitment, which may come or be replaced."""

from django.db import migrations, models

KEEP_ACT = """
CREATE OR REPLACE FUNCTION deliveries_keep_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    OLD.public_from_date := NEW.public_from_date;
    OLD.is_pulled_back := NEW.is_pulled_back;
    {and_its_commitment}
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'of an act only its publicity changes'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0002_four_eyes"), ("translog", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="handoveract",
            name="commitment",
            field=models.BinaryField(blank=True, null=True),
        ),
        migrations.RunSQL(
            KEEP_ACT.format(and_its_commitment="OLD.commitment := NEW.commitment;"),
            KEEP_ACT.format(and_its_commitment=""),
        ),
    ]
