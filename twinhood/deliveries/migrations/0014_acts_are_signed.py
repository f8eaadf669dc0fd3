"""Acts are signed by hand, confirmed, and have a paper; things have photos."""

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import twinhood.kit.fields


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0013_one_person_one_voice"),
        ("documents", "0006_stored_files"),
        ("people", "0002_examples_keep_to_themselves"),
        ("places", "0002_standings"),
        ("twinnings", "0006_logged_revisions_move"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("currency", models.CharField(max_length=3)),
                ("foreign_minor", models.BigIntegerField()),
                ("uah_minor", models.BigIntegerField()),
                ("rate_date", models.DateField()),
                ("source", models.CharField(max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name="ActScan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entered_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ActSeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ActSigner",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("giver", "handed it over"),
                            ("receiver", "received it"),
                            ("commission", "of the commission"),
                        ],
                        max_length=10,
                    ),
                ),
                ("office", twinhood.kit.fields.LocalTextField()),
                ("name", models.CharField(max_length=120)),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("glass", "drawn on the screen"),
                            ("typed", "typed"),
                            ("paper", "on paper"),
                        ],
                        max_length=5,
                    ),
                ),
                ("drawn", models.TextField(blank=True)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("confirmed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="LinePhoto",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_released", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="ScanWitness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("witnessed_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name="handoveract",
            name="completed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="handoveract",
            name="declaration_code",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="handoveract",
            name="document",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.document",
            ),
        ),
        migrations.AddField(
            model_name="handoveract",
            name="is_from_before",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="handoveract",
            name="offer",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="handoveract",
            name="with_papers",
            field=twinhood.kit.fields.LocalTextField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="handoverline",
            name="model_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="handoveract",
            name="signed_by",
            field=twinhood.kit.fields.LocalTextField(
                blank=True, default=twinhood.kit.fields.LocalText
            ),
        ),
        migrations.AlterField(
            model_name="handoverline",
            name="condition",
            field=models.CharField(
                choices=[("good", "in order"), ("damaged", "damaged"), ("missing", "missing")],
                default="good",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="handoveract",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("completed_at__isnull", True),
                    ("document__isnull", False),
                    ("is_from_before", True),
                    _connector="OR",
                ),
                name="complete_act_has_its_paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoverline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("model_year__isnull", True),
                    ("model_year__range", (1900, 2200)),
                    _connector="OR",
                ),
                name="model_year_is_a_year",
            ),
        ),
        migrations.AddField(
            model_name="actrate",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="rates",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            model_name="actscan",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="scans",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            model_name="actscan",
            name="entered_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="actscan",
            name="file",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="actseat",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="seats",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            model_name="actseat",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AddField(
            model_name="actseat",
            name="slot",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="act_seat",
                to="documents.slot",
            ),
        ),
        migrations.AddField(
            model_name="actseat",
            name="term",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="twinnings.term"
            ),
        ),
        migrations.AddField(
            model_name="actsigner",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="signers",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            model_name="actsigner",
            name="entered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="act",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="confirmations",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="confirmed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AddField(
            model_name="confirmation",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="linephoto",
            name="file",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.storedfile",
            ),
        ),
        migrations.AddField(
            model_name="linephoto",
            name="line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="photos",
                to="deliveries.handoverline",
            ),
        ),
        migrations.AddField(
            model_name="scanwitness",
            name="organisation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.organisation",
            ),
        ),
        migrations.AddField(
            model_name="scanwitness",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="scanwitness",
            name="scan",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="witnesses",
                to="deliveries.actscan",
            ),
        ),
        migrations.AddConstraint(
            model_name="actrate",
            constraint=models.UniqueConstraint(
                fields=("act", "currency"), name="act_has_one_rate_a_currency"
            ),
        ),
        migrations.AddConstraint(
            model_name="actrate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("foreign_minor__gt", 0),
                    ("foreign_minor__lte", 9000000000000000),
                    ("uah_minor__gt", 0),
                    ("uah_minor__lte", 9000000000000000),
                    models.Q(("source", ""), _negated=True),
                ),
                name="rate_is_two_amounts_with_a_source",
            ),
        ),
        migrations.AddConstraint(
            model_name="actseat",
            constraint=models.UniqueConstraint(fields=("act", "term"), name="act_seat_is_one_term"),
        ),
        migrations.AddConstraint(
            model_name="actsigner",
            constraint=models.UniqueConstraint(
                fields=("act", "position"), name="signer_has_their_own_place"
            ),
        ),
        migrations.AddConstraint(
            model_name="actsigner",
            constraint=models.UniqueConstraint(
                models.F("act"),
                django.db.models.functions.text.Lower("name"),
                name="nobody_signs_an_act_for_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="actsigner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("drawn", ""),
                        ("entered_by__isnull", True),
                        ("method", ""),
                        ("sha256", ""),
                        ("signed_at__isnull", True),
                    ),
                    models.Q(
                        models.Q(("method", ""), _negated=True),
                        models.Q(("sha256", ""), _negated=True),
                        ("entered_by__isnull", False),
                        ("signed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="signature_by_hand_is_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="actsigner",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="signer_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.UniqueConstraint(
                fields=("act", "confirmed_by"), name="a_hand_over_is_confirmed_once_by_one"
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.UniqueConstraint(
                fields=("act", "organisation"), name="confirmations_are_of_two_organisations"
            ),
        ),
        migrations.AddConstraint(
            model_name="confirmation",
            constraint=models.CheckConstraint(
                condition=models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                name="nobody_confirms_what_they_recorded",
            ),
        ),
        migrations.AddConstraint(
            model_name="scanwitness",
            constraint=models.UniqueConstraint(
                fields=("scan", "person"), name="act_witness_is_one_person"
            ),
        ),
        migrations.AddConstraint(
            model_name="scanwitness",
            constraint=models.UniqueConstraint(
                fields=("scan", "organisation"), name="act_witnesses_are_of_two_organisations"
            ),
        ),
    ]
