"""An act with an error is withdrawn, or another corrects it; a correction keeps its photos."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0036_given_things_are_accepted"),
        ("documents", "0006_stored_files"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "handoveract", "withdrawn_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            "handoveract",
            "withdrawn_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "handoveract", "withdrawal_reason", models.CharField(blank=True, max_length=300)
        ),
        migrations.AddField(
            "handoveract",
            "replaces",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrections",
                to="deliveries.handoveract",
            ),
        ),
        migrations.AddField(
            "handoveract", "correction_reason", models.CharField(blank=True, max_length=300)
        ),
        migrations.AddField(
            "handoveract", "replaced_at", models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            "handoveract",
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason=""
                )
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~Q(withdrawal_reason="")
                    & Q(document__isnull=True, completed_at__isnull=True)
                ),
                name="withdrawn_act_was_not_signed_and_says_why",
            ),
        ),
        migrations.AddConstraint(
            "handoveract",
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, correction_reason="")
                | (Q(replaces__isnull=False) & ~Q(correction_reason="")),
                name="correction_of_an_act_says_why",
            ),
        ),
        migrations.AddConstraint(
            "handoveract",
            models.UniqueConstraint(
                condition=Q(("withdrawn_at__isnull", True)),
                fields=("replaces",),
                name="act_is_corrected_by_one",
            ),
        ),
        migrations.AlterField(
            "linephoto",
            "file",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="documents.storedfile",
            ),
        ),
        migrations.AddConstraint(
            "linephoto",
            models.UniqueConstraint(fields=("line", "file"), name="photo_stands_once_at_a_thing"),
        ),
    ]
