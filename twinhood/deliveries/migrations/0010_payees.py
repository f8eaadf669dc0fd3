"""Accounts of suppliers, and which of them an order and a payment name."""

import datetime

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0009_nothing_for_the_occupied"),
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PayeeAccount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("account", models.CharField(max_length=40)),
                ("holder", models.CharField(max_length=140)),
                ("came_by", models.CharField(max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("approved", "approved"),
                            ("stopped", "stopped"),
                        ],
                        default="proposed",
                        max_length=10,
                    ),
                ),
                ("proposed_at", models.DateTimeField()),
                ("called_at", models.DateTimeField(blank=True, null=True)),
                ("called_number", models.CharField(blank=True, max_length=40)),
                ("call_note", models.CharField(blank=True, max_length=500)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("usable_from_at", models.DateTimeField(blank=True, null=True)),
                ("stopped_at", models.DateTimeField(blank=True, null=True)),
                ("stop_reason", models.CharField(blank=True, max_length=500)),
                (
                    "called_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "partnership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payees",
                        to="people.partnership",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_for",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.organisation",
                    ),
                ),
                (
                    "stopped_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payees",
                        to="people.organisation",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="order",
            name="payee",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="deliveries.payeeaccount",
            ),
        ),
        migrations.AddField(
            model_name="payment",
            name="payee",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="payments",
                to="deliveries.payeeaccount",
            ),
        ),
        migrations.CreateModel(
            name="PayeeApproval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("approved_at", models.DateTimeField()),
                (
                    "approved_by",
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
                    "payee",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals",
                        to="deliveries.payeeaccount",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="payeeaccount",
            constraint=models.UniqueConstraint(
                fields=("partnership", "number"), name="payee_number_is_unique"
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("called_by", None),
                    models.Q(
                        models.Q(("called_by", models.F("proposed_by")), _negated=True),
                        models.Q(("called_number", ""), _negated=True),
                        models.Q(("call_note", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="somebody_else_calls_the_supplier",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "approved"), _negated=True),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("called_by__isnull", False),
                        (
                            "usable_from_at__gte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("approved_at"),
                                "+",
                                models.Value(datetime.timedelta(days=3)),
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="payee_waits_three_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "stopped"), _negated=True),
                    models.Q(
                        ("stopped_at__isnull", False),
                        ("stopped_by__isnull", False),
                        models.Q(("stop_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="stopped_payee_says_who_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeapproval",
            constraint=models.UniqueConstraint(
                fields=("payee", "approved_by"), name="payee_approver_approves_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeapproval",
            constraint=models.UniqueConstraint(
                fields=("payee", "organisation"), name="payee_approvers_are_of_two_organisations"
            ),
        ),
        migrations.AddConstraint(
            model_name="payeeapproval",
            constraint=models.CheckConstraint(
                condition=models.Q(("approved_by", models.F("proposed_by")), _negated=True),
                name="nobody_approves_a_payee_of_their_own",
            ),
        ),
    ]
