"""Photos and scans that people send in, and what is shown of them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

STAYS = """
CREATE FUNCTION documents_file_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'receiving' OR (NEW.code, NEW.sha256, NEW.size_bytes, NEW.name, NEW.uploaded_at)
       IS DISTINCT FROM (OLD.code, OLD.sha256, OLD.size_bytes, OLD.name, OLD.uploaded_at)
     OR (NEW.partnership_id, NEW.uploaded_by_id)
       IS DISTINCT FROM (OLD.partnership_id, OLD.uploaded_by_id)
  THEN
    RAISE EXCEPTION 'a file that was sent in is never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER file_stays BEFORE UPDATE ON documents_storedfile
  FOR EACH ROW EXECUTE FUNCTION documents_file_stays();
CREATE TRIGGER refuse_change BEFORE UPDATE ON documents_rendition
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
"""
AWAY = """
DROP TRIGGER refuse_change ON documents_rendition;
DROP TRIGGER file_stays ON documents_storedfile;
DROP FUNCTION documents_file_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_private_papers"),
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StoredFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size_bytes", models.PositiveIntegerField()),
                ("media_type", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("receiving", "on its way"),
                            ("received", "received"),
                            ("refused", "refused"),
                        ],
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=20)),
                ("uploaded_at", models.DateTimeField()),
                ("page_count", models.PositiveSmallIntegerField(default=0)),
                ("had_place", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=False)),
                (
                    "partnership",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.partnership",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rendition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.PositiveSmallIntegerField()),
                ("width_px", models.PositiveIntegerField()),
                ("height_px", models.PositiveIntegerField()),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size_bytes", models.PositiveIntegerField()),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renditions",
                        to="documents.storedfile",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("page_count", 0),
                        ("state", "refused"),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    models.Q(models.Q(("state", "refused"), _negated=True), ("reason", "")),
                    _connector="OR",
                ),
                name="refused_file_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "received"), _negated=True),
                    models.Q(models.Q(("media_type", ""), _negated=True), ("page_count__gte", 1)),
                    _connector="OR",
                ),
                name="received_file_was_looked_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="storedfile",
            constraint=models.CheckConstraint(
                condition=models.Q(("size_bytes__gt", 0)), name="file_is_not_empty"
            ),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.UniqueConstraint(
                fields=("file", "page", "width_px"), name="rendition_has_its_own_width"
            ),
        ),
        migrations.AddConstraint(
            model_name="rendition",
            constraint=models.CheckConstraint(
                condition=models.Q(("page__gte", 1)), name="first_page_is_1"
            ),
        ),
        migrations.RunSQL(STAYS, AWAY),
    ]
