"""Who saw whom with which document: two make a person known."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_what_kind_of_body"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                (
                    "paper",
                    models.CharField(
                        choices=[
                            ("passport", "passport"),
                            ("card", "identity card"),
                            ("licence", "driving licence"),
                        ],
                        max_length=10,
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                (
                    "checked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                        related_name="identity_checks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key"], name="identity_by_key")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "checked_by", "key"),
                        name="identity_is_checked_once_by_each",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("person", models.F("checked_by")), _negated=True),
                        name="nobody_checks_their_own_identity",
                    ),
                ],
            },
        ),
    ]
