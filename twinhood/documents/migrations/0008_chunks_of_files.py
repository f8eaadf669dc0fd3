"""Files that arrive in chunks."""

import django.db.models.deletion
from django.db import migrations, models

NO_GAP = """
CREATE FUNCTION documents_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.start_byte <> (
    SELECT COALESCE(sum(length(data)), 0) FROM documents_filechunk WHERE file_id = NEW.file_id
  ) OR NEW.start_byte + length(NEW.data) > (
    SELECT size_bytes FROM documents_storedfile WHERE id = NEW.file_id AND state = 'receiving'
  ) THEN
    RAISE EXCEPTION 'a chunk follows the one before, within its file'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER no_gap BEFORE INSERT ON documents_filechunk
  FOR EACH ROW EXECUTE FUNCTION documents_no_gap();
CREATE TRIGGER refuse_change BEFORE UPDATE ON documents_filechunk
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
"""
AWAY = """
DROP TRIGGER refuse_change ON documents_filechunk;
DROP TRIGGER no_gap ON documents_filechunk;
DROP FUNCTION documents_no_gap();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0007_a_certificate_is_renewed"),
    ]

    operations = [
        migrations.CreateModel(
            name="FileChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start_byte", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chunks",
                        to="documents.storedfile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("file", "start_byte"), name="chunk_is_sent_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(NO_GAP, AWAY),
    ]
