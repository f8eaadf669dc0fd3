"""Papers that nobody signs, sealed by the log alone: there is no place in them for a signature."""

from django.db import migrations, models
from django.db.models import Q

NO_PLACE = """
CREATE FUNCTION documents_no_place_in_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM documents_document WHERE id = NEW.document_id AND is_sealed) THEN
    RAISE EXCEPTION 'a paper that the log seals has no place for a signature'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER no_place_in_sealed BEFORE INSERT ON documents_slot
  FOR EACH ROW EXECUTE FUNCTION documents_no_place_in_sealed();
"""
UNDO = """
DROP TRIGGER no_place_in_sealed ON documents_slot;
DROP FUNCTION documents_no_place_in_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [("documents", "0008_chunks_of_files")]
    operations = [
        migrations.AddField(
            model_name="document",
            name="is_sealed",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=Q(is_sealed=False) | Q(is_private=True), name="sealed_paper_is_private"
            ),
        ),
        migrations.RunSQL(NO_PLACE, UNDO),
    ]
