"""Cents that may not be ordered while a gift is disputed."""

import django.db.models.deletion
from django.db import migrations, models

# A hold is opened, and once released; it is never edited and never deleted.
GUARD = """
CREATE TRIGGER only_end BEFORE UPDATE ON ledger_hold
  FOR EACH ROW EXECUTE FUNCTION ledger_only_end('released_at');
CREATE TRIGGER refuse_change BEFORE DELETE ON ledger_hold
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON ledger_hold
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
UNDO = """
DROP TRIGGER only_end ON ledger_hold;
DROP TRIGGER refuse_change ON ledger_hold;
DROP TRIGGER refuse_truncate ON ledger_hold;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_free_runs")]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("amount_minor", models.BigIntegerField()),
                ("opened_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(blank=True, null=True)),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holds",
                        to="ledger.fund",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.UniqueConstraint(fields=("fund", "key"), name="hold_is_opened_once"),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_minor__gt", 0)), name="hold_keeps_an_amount"
            ),
        ),
        migrations.AddIndex(
            model_name="hold",
            index=models.Index(
                condition=models.Q(("released_at", None)), fields=["fund"], name="hold_still_open"
            ),
        ),
        migrations.RunSQL(GUARD, UNDO),
    ]
