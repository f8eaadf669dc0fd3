"""Witnesses see a scan before it counts as a signature; the tables were empty until now."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

PROTECT = django.db.models.deletion.PROTECT

TWO_SAW_IT = """
CREATE OR REPLACE FUNCTION documents_two_saw_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.scan_id IS NOT NULL AND (
    2 > (SELECT count(*) FROM documents_handwitness w JOIN documents_scan s ON s.id = w.scan_id
          WHERE w.scan_id = NEW.scan_id AND w.person_id <> s.entered_by_id)
    OR NOT EXISTS (SELECT FROM documents_scan s WHERE s.id = NEW.scan_id AND s.slot_id = NEW.slot_id)
  ) THEN
    RAISE EXCEPTION 'a signature by hand needs two witnesses, neither of them who enters it'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents_scan
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents_scan
  FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse_change();
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON documents_handwitness
  FOR EACH ROW EXECUTE FUNCTION documents_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON documents_handwitness
  FOR EACH STATEMENT EXECUTE FUNCTION documents_refuse_change();
"""
BEFORE = """
CREATE OR REPLACE FUNCTION documents_two_saw_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_what_was_signed_stays"),
        ("people", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.DeleteModel("HandWitness"),
        migrations.CreateModel(
            name="Scan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("media_type", models.CharField(max_length=40)),
                ("signed_date", models.DateField()),
                ("capacity", models.JSONField()),
                ("entered_at", models.DateTimeField()),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(on_delete=PROTECT, related_name="+", to="documents.revision"),
                ),
                (
                    "slot",
                    models.ForeignKey(on_delete=PROTECT, related_name="scans", to="documents.slot"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("slot", "sha256"), name="scan_is_sent_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="HandWitness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("witnessed_at", models.DateTimeField()),
                (
                    "scan",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="witnesses", to="documents.scan"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to="people.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("scan", "person"), name="witness_is_one_person"
                    ),
                    models.UniqueConstraint(
                        fields=("scan", "organisation"), name="witnesses_are_of_two_organisations"
                    ),
                ]
            },
        ),
        migrations.RemoveConstraint("signature", "signature_has_a_certificate_or_a_scan"),
        migrations.RemoveField("signature", "scan_sha256"),
        migrations.AddField(
            "signature",
            "scan",
            models.OneToOneField(
                blank=True,
                null=True,
                on_delete=PROTECT,
                related_name="signature",
                to="documents.scan",
            ),
        ),
        migrations.AddConstraint(
            "signature",
            models.CheckConstraint(
                condition=(Q(method="paper") & Q(scan__isnull=False) & Q(certificate_sha256=""))
                | (~Q(method="paper") & Q(scan__isnull=True) & ~Q(certificate_sha256="")),
                name="signature_has_a_certificate_or_a_scan",
            ),
        ),
        migrations.RunSQL(TWO_SAW_IT, BEFORE),
    ]
