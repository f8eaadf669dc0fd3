"""A donor waits while a pledge is written: what nobody searches by has no index.

Those of a partnership are found by `pledge_by_its_state`; a fund's or a need's are never looked for.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("giving", "0013_forms_kept_together"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="pledge",
            constraint=models.UniqueConstraint(
                fields=("reference",), name="pledge_has_its_own_reference"
            ),
        ),
        migrations.AlterField(
            model_name="pledge", name="reference", field=models.CharField(max_length=25)
        ),
        migrations.AlterField(
            model_name="pledge",
            name="partnership",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pledges",
                to="people.partnership",
            ),
        ),
        migrations.AlterField(
            model_name="pledge",
            name="fund",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pledges",
                to="ledger.fund",
            ),
        ),
        migrations.AlterField(
            model_name="pledge",
            name="need",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="pledges",
                to="needs.need",
            ),
        ),
    ]
