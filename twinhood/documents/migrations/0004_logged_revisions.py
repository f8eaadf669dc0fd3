"""Which leaf of the log a revision has is for this room to know: the check tells of it.

The table itself stays, with its rows and triggers; `twinnings` gives it its new name.
"""

from django.db import migrations, models
from django.db.models import PROTECT


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_scans_are_witnessed")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="LoggedRevision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        ("leaf_id", models.BigIntegerField()),
                        (
                            "revision",
                            models.OneToOneField(
                                on_delete=PROTECT, related_name="logged", to="documents.revision"
                            ),
                        ),
                    ],
                )
            ]
        )
    ]
