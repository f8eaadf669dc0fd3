"""A photo of an answer is shown once the receiving side releases it; nothing else of it changes."""

from django.db import migrations, models

ONLY_RELEASED = """
CREATE FUNCTION aftercare_keep_photo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE'
     OR (OLD.follow_up_id, OLD.file_id) IS DISTINCT FROM (NEW.follow_up_id, NEW.file_id) THEN
    RAISE EXCEPTION 'of a photo of an answer only its release changes'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
DROP TRIGGER refuse_change ON aftercare_followupphoto;
CREATE TRIGGER keep_photo BEFORE UPDATE OR DELETE ON aftercare_followupphoto
  FOR EACH ROW EXECUTE FUNCTION aftercare_keep_photo();
"""
UNDO = """
DROP FUNCTION aftercare_keep_photo CASCADE;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON aftercare_followupphoto
  FOR EACH ROW EXECUTE FUNCTION aftercare_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("aftercare", "0004_answers_are_not_emptied")]
    operations = [
        migrations.AddField("followupphoto", "is_released", models.BooleanField(default=False)),
        migrations.RunSQL(ONLY_RELEASED, UNDO),
    ]
