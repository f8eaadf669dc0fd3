"""Lists of sanctions, and what came of looking somebody up."""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0015_signed_acts_stay"),
        ("people", "0006_one_person_one_voice"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScreeningList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40)),
                ("version_date", models.DateField()),
                ("sha256", models.CharField(max_length=64)),
                ("names_count", models.PositiveIntegerField()),
                ("imported_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("code", "sha256"), name="list_is_imported_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Screening",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("names", models.JSONField()),
                ("lists", models.JSONField()),
                ("hits", models.JSONField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "open"), ("clear", "clear"), ("listed", "listed")],
                        max_length=8,
                    ),
                ),
                ("screened_at", models.DateTimeField()),
                ("expires_date", models.DateField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screenings",
                        to="people.organisation",
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="screenings",
                        to="people.partnership",
                    ),
                ),
                (
                    "screened_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lists", []), _negated=True),
                            models.Q(("names", []), _negated=True),
                        ),
                        name="screening_looked_something_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_by", None), ("outcome", "open")),
                            models.Q(("decided_by", None), ("hits", []), ("outcome", "clear")),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                                models.Q(("decided_by", models.F("screened_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_hit_is_decided_by_somebody_else_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedName",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=600)),
                ("folded", models.CharField(max_length=600)),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="deliveries.screeninglist",
                    ),
                ),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["folded"],
                        name="listed_name_by_trigrams",
                        opclasses=["gin_trgm_ops"],
                    )
                ],
            },
        ),
    ]
