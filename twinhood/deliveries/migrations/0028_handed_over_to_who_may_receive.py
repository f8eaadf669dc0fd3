"""Nothing is handed over before it is bought, and no vehicle to a body that may not have one."""

from django.db import migrations

IN_ORDER = """
CREATE FUNCTION deliveries_hand_over_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM deliveries_handoveract a
      JOIN places_place p ON p.id = a.place_id
      JOIN deliveries_unit u ON u.id = NEW.unit_id
      JOIN deliveries_order o ON o.id = u.order_id
     WHERE a.id = NEW.act_id
       AND a.handed_over_date < (o.placed_at AT TIME ZONE p.time_zone)::date
  ) THEN
    RAISE EXCEPTION 'nothing is handed over before it is bought'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.condition <> 'missing' AND EXISTS (
    SELECT FROM deliveries_handoveract a
      JOIN people_organisation r ON r.id = a.receiver_id
      JOIN deliveries_unit u ON u.id = NEW.unit_id
      JOIN deliveries_order o ON o.id = u.order_id
      JOIN needs_need n ON n.id = o.need_id
     WHERE a.id = NEW.act_id AND n.category IN ('ambulance', 'truck')
       AND r.legal_form NOT IN ('local_government', 'municipal_enterprise', 'public_institution')
  ) THEN
    RAISE EXCEPTION 'a vehicle goes to a body of the public hand'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hand_over_in_order BEFORE INSERT ON deliveries_handoverline
  FOR EACH ROW EXECUTE FUNCTION deliveries_hand_over_in_order();
"""
UNDO = "DROP FUNCTION deliveries_hand_over_in_order CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0027_one_voice_at_hand_over_and_payment"),
        ("people", "0007_reminders"),
        ("places", "0002_standings"),
    ]
    operations = [migrations.RunSQL(IN_ORDER, UNDO)]
