"""Scans of decisions, and the newsroom's photos of a ceremony; what is shown stays what it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import twinhood.kit.fields

STAYS = """
CREATE FUNCTION twinnings_photo_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.pulled_back_at IS NOT NULL OR NEW.pulled_back_at IS NULL
     OR to_jsonb(NEW) - 'pulled_back_at' <> to_jsonb(OLD) - 'pulled_back_at'
  THEN
    RAISE EXCEPTION 'a photo is only ever pulled back'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER photo_stays BEFORE UPDATE ON twinnings_ceremonyphoto
  FOR EACH ROW EXECUTE FUNCTION twinnings_photo_stays();
"""
AWAY = """
DROP TRIGGER photo_stays ON twinnings_ceremonyphoto;
DROP FUNCTION twinnings_photo_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0008_chunks_of_files"),
        ("twinnings", "0006_logged_revisions_move"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CeremonyPhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("caption", twinhood.kit.fields.LocalTextField()),
                ("alt", twinhood.kit.fields.LocalTextField()),
                ("credit", models.CharField(max_length=120)),
                ("form_key", models.UUIDField(unique=True)),
                ("added_at", models.DateTimeField()),
                ("pulled_back_at", models.DateTimeField(blank=True, null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "draft",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="photos",
                        to="twinnings.draft",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("credit", ""), _negated=True),
                        name="photo_names_who_took_it",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StepPaper",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "step",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="twinnings.step",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("step", "file"), name="step_has_a_paper_once")
                ],
            },
        ),
        migrations.RunSQL(STAYS, AWAY),
    ]
