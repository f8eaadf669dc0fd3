"""A number that a thing bought has is not that of a thing given, nor of two given, and back.

Rooms that keep things bought and given know nothing of one another; here both are known. The
letters are those of `Unit.serial_key`.
"""

from django.db import migrations

ONCE = """
CREATE FUNCTION transport_plate(typed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT translate(upper(typed), 'АВЕКМНОРСТУХІЈЅΑΒΕΖΗΙΚΜΝΟΡΤΥΧOQI ./_-',
                                 'ABEKMH0PCTYX1JSABEZH1KMN0PTYX001')
$$;
CREATE FUNCTION transport_plate_is_known_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE plate text := transport_plate(NEW.serial); is_known boolean;
BEGIN
  IF plate = '' THEN RETURN NEW; END IF;
  -- Two at once: the second waits here and then sees the first.
  PERFORM pg_advisory_xact_lock(hashtextextended(plate, 8));
  IF TG_TABLE_NAME = 'deliveries_unit' THEN
    is_known := EXISTS (SELECT FROM giving_inkindgift g
                         WHERE g.undone_at IS NULL AND transport_plate(g.serial) = plate);
  ELSE
    is_known := EXISTS (SELECT FROM deliveries_unit u WHERE u.serial_key = plate)
      OR EXISTS (SELECT FROM giving_inkindgift g
                  WHERE g.undone_at IS NULL AND transport_plate(g.serial) = plate
                    AND g.id <> NEW.id);
  END IF;
  IF is_known THEN
    RAISE EXCEPTION 'the number % belongs to another thing', NEW.serial
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'plate_is_known_once';
  END IF;
  RETURN NEW;
END $$;
CREATE INDEX given_things_by_plate ON giving_inkindgift (transport_plate(serial))
  WHERE serial <> '' AND undone_at IS NULL;
CREATE TRIGGER plate_is_known_once BEFORE INSERT OR UPDATE OF serial ON giving_inkindgift
  FOR EACH ROW EXECUTE FUNCTION transport_plate_is_known_once();
CREATE TRIGGER plate_is_known_once BEFORE INSERT OR UPDATE OF serial ON deliveries_unit
  FOR EACH ROW EXECUTE FUNCTION transport_plate_is_known_once();
"""
UNDO = """
DROP FUNCTION transport_plate_is_known_once CASCADE;
DROP INDEX given_things_by_plate;
DROP FUNCTION transport_plate;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("transport", "0004_the_clock_of_a_report_stays"),
        ("deliveries", "0006_serials_known_however_typed"),
        ("giving", "0015_changes_are_told_once"),
    ]
    operations = [migrations.RunSQL(ONCE, UNDO)]
