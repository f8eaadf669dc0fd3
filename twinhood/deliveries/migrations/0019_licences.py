import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0018_no_more_ordered_than_needed"),
        ("documents", "0008_chunks_of_files"),
        ("needs", "0011_may_need_licence"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Licence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("licence", "licence"),
                            ("not_needed", "note that none is needed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("said_by", models.CharField(max_length=200)),
                ("until_date", models.DateField(blank=True, null=True)),
                ("entered_at", models.DateTimeField()),
                ("is_accepted", models.BooleanField(blank=True, null=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "entered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="documents.storedfile",
                    ),
                ),
                (
                    "need",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="licences",
                        to="needs.need",
                    ),
                ),
                (
                    "read_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("said_by", ""), _negated=True),
                        name="licence_names_who_says_so",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_accepted", None), ("read_at", None), ("read_by", None)),
                            models.Q(
                                ("is_accepted__isnull", False),
                                ("read_at__isnull", False),
                                ("read_by__isnull", False),
                                models.Q(("read_by", models.F("entered_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="licence_is_read_by_somebody_else",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_accepted", False), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="licence_that_does_not_do_says_why",
                    ),
                ],
            },
        ),
    ]
