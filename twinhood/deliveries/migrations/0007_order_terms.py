"""What an order states beside quote and quantity; exchanges under a ceiling, the bank's fee."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deliveries", "0006_serials_known_however_typed"),
        ("ledger", "0007_closed_months"),
        ("needs", "0003_amounts_below_2_53"),
        ("people", "0002_examples_keep_to_themselves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BankFee",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=16, unique=True)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
            ],
        ),
        migrations.CreateModel(
            name="OrderRules",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quotes_limit_minor", models.BigIntegerField(default=0)),
                ("quotes_limit_currency", models.CharField(default="USD", max_length=3)),
                ("quotes_needed", models.PositiveSmallIntegerField(default=3)),
                ("together_days", models.PositiveSmallIntegerField(default=30)),
                ("ceiling_percent", models.PositiveSmallIntegerField(default=5)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="order",
            name="placed_order_says_when",
        ),
        migrations.AddField(
            model_name="approval",
            name="statement",
            # Rows from before stated nothing.
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="order",
            name="approved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="ceiling_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="delivery_terms",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="order",
            name="exchanged_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="order",
            name="exchanged_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="interest",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="order",
            name="price_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="rate_date",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="order",
            name="rate_fund_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="rate_order_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="order",
            name="rate_said_by",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name="order",
            name="source_fund",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="ledger.fund",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="state",
            field=models.CharField(
                choices=[
                    ("proposed", "proposed"),
                    ("approved", "approved"),
                    ("placed", "placed"),
                    ("cancelled", "cancelled"),
                    ("refused", "refused"),
                ],
                default="proposed",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["proposed", "approved", "refused"]),
                    ("placed_at__isnull", False),
                    _connector="OR",
                ),
                name="placed_order_says_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ceiling_minor", 0), ("rate_fund_minor", 0), ("source_fund", None)),
                    models.Q(
                        ("ceiling_minor__gte", models.F("price_minor")),
                        ("ceiling_minor__lte", 9000000000000000),
                        ("price_minor__gt", 0),
                        ("rate_date__isnull", False),
                        ("rate_fund_minor__gt", 0),
                        ("rate_order_minor__gt", 0),
                        ("source_fund__isnull", False),
                        models.Q(("rate_said_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="order_in_another_currency_states_its_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("exchanged_minor", 0), ("source_fund", None)),
                    models.Q(
                        ("source_fund__isnull", False),
                        models.Q(
                            models.Q(("exchanged_minor", 0), ("placed_at", None)),
                            models.Q(
                                ("exchanged_minor__gt", 0),
                                ("exchanged_minor__lte", models.F("ceiling_minor")),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="exchange_stays_under_the_ceiling",
            ),
        ),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("exchanged_by", None),
                    models.Q(("exchanged_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="who_asks_does_not_exchange",
            ),
        ),
        migrations.AddField(
            model_name="bankfee",
            name="order",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bank_fee",
                to="deliveries.order",
            ),
        ),
        migrations.AddField(
            model_name="orderrules",
            name="partnership",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="order_rules",
                to="people.partnership",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankfee",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="bank_fee_is_an_amount"
            ),
        ),
        migrations.AddConstraint(
            model_name="orderrules",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ceiling_percent__lte", 20),
                    ("quotes_needed__gte", 3),
                    ("together_days__gte", 7),
                ),
                name="order_rules_are_not_given_up",
            ),
        ),
        migrations.AlterField(
            model_name="approval",
            name="statement",
            field=models.CharField(default="no-interest-1", max_length=20),
        ),
    ]
