"""The tables of papers and signatures."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import twinhood.kit.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Authority",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("certificate", models.BinaryField()),
                ("sealed_key", models.BinaryField()),
                ("made_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("about", models.CharField(max_length=80)),
                ("code", models.CharField(max_length=12, unique=True)),
                ("kind", models.CharField(max_length=40)),
                ("title", twinhood.kit.fields.LocalTextField()),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=12), size=2
                    ),
                ),
                ("is_specimen", models.BooleanField(default=False)),
                ("frozen_at", models.DateTimeField()),
                ("sha256", models.CharField(max_length=64)),
                ("facts", models.JSONField()),
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
                    "replaces",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="documents.document",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OfficeCertificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("term", models.CharField(max_length=80)),
                ("office", models.CharField(max_length=200)),
                ("certificate", models.BinaryField()),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("serial", models.CharField(max_length=40, unique=True)),
                ("sealed_key", models.BinaryField()),
                ("issued_at", models.DateTimeField()),
                ("not_after", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("revoke_reason", models.CharField(blank=True, max_length=200)),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="certificates",
                        to="documents.authority",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "added",
                    models.CharField(
                        choices=[
                            ("frozen", "the frozen text"),
                            ("signature", "a signature"),
                            ("evidence", "timestamps and revocation data"),
                        ],
                        max_length=10,
                    ),
                ),
                ("sha256", models.CharField(max_length=64)),
                ("length_bytes", models.PositiveIntegerField()),
                ("made_at", models.DateTimeField()),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revisions",
                        to="documents.document",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RevocationList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("data", models.BinaryField()),
                ("issued_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                (
                    "authority",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lists",
                        to="documents.authority",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("here", "with the office's certificate here"),
                            ("own", "with a certificate of their own"),
                            ("paper", "by hand, on paper"),
                        ],
                        max_length=6,
                    ),
                ),
                ("signed_at", models.DateTimeField()),
                ("name", models.CharField(max_length=200)),
                ("office", twinhood.kit.fields.LocalTextField()),
                ("legal_basis", twinhood.kit.fields.LocalTextField()),
                ("act", models.CharField(blank=True, max_length=200)),
                ("from_date", models.DateField()),
                ("until_date", models.DateField(blank=True, null=True)),
                ("certificate_sha256", models.CharField(blank=True, max_length=64)),
                ("release", models.JSONField(blank=True, null=True)),
                ("scan_sha256", models.CharField(blank=True, max_length=64)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to="documents.revision",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LevelReached",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("B-B", "signed"),
                            ("B-T", "with a timestamp"),
                            ("B-LT", "with revocation data"),
                            ("B-LTA", "with a timestamp over all of it"),
                        ],
                        max_length=5,
                    ),
                ),
                ("reached_at", models.DateTimeField()),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.revision",
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="levels",
                        to="documents.signature",
                    ),
                ),
            ],
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "signature",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="witnesses",
                        to="documents.signature",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("field_name", models.CharField(max_length=40)),
                ("party", twinhood.kit.fields.LocalTextField()),
                ("office", twinhood.kit.fields.LocalTextField()),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="documents.document",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="signature",
            name="slot",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signature",
                to="documents.slot",
            ),
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("challenge", models.BinaryField(unique=True)),
                ("nonce", models.BinaryField()),
                ("asked_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.revision",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.slot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Refusal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=1000)),
                ("refused_at", models.DateTimeField()),
                (
                    "refused_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "slot",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refusal",
                        to="documents.slot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Taken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("taken_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.revision",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="taken",
                        to="documents.slot",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="TrustedIssuer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("signatures", "signatures"), ("timestamps", "timestamps")],
                        max_length=10,
                    ),
                ),
                ("certificate", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("source", models.CharField(max_length=500)),
                ("from_date", models.DateField()),
                ("until_date", models.DateField()),
                ("added_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("sha256", "purpose"),
                        name="issuer_is_trusted_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True), name="trust_has_a_source"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["about"], name="document_about"),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaces", models.F("id")), _negated=True),
                name="document_does_not_replace_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="officecertificate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at__isnull", True)),
                fields=("term",),
                name="a_term_has_one_good_certificate",
            ),
        ),
        migrations.AddConstraint(
            model_name="officecertificate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("revoked_at__isnull", True),
                    models.Q(("revoke_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="revocation_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("document", "number"), name="revision_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                fields=("sha256",), name="revision_bytes_are_of_one_document"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("added", "frozen"), ("number", 0)),
                    models.Q(("number__gt", 0), models.Q(("added", "frozen"), _negated=True)),
                    _connector="OR",
                ),
                name="revision_0_is_the_frozen_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="revocationlist",
            constraint=models.UniqueConstraint(
                fields=("authority", "number"), name="revocation_list_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="levelreached",
            constraint=models.UniqueConstraint(
                fields=("signature", "level"), name="level_is_reached_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="handwitness",
            constraint=models.UniqueConstraint(
                fields=("signature", "person"), name="witness_is_one_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="handwitness",
            constraint=models.UniqueConstraint(
                fields=("signature", "organisation"), name="witnesses_are_of_two_organisations"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("document", "field_name"), name="slot_has_its_own_field"
            ),
        ),
        migrations.AddConstraint(
            model_name="slot",
            constraint=models.UniqueConstraint(
                fields=("document", "position"), name="slot_has_its_own_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("method", "paper"),
                        models.Q(("scan_sha256", ""), _negated=True),
                        ("certificate_sha256", ""),
                    ),
                    models.Q(
                        models.Q(("method", "paper"), _negated=True),
                        ("scan_sha256", ""),
                        models.Q(("certificate_sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="signature_has_a_certificate_or_a_scan",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "here"), _negated=True),
                    ("release__isnull", False),
                    _connector="OR",
                ),
                name="signature_made_here_was_released",
            ),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until_date__isnull", True),
                    ("until_date__gte", models.F("from_date")),
                    _connector="OR",
                ),
                name="capacity_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="refusal",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="refusal_says_why"
            ),
        ),
    ]
