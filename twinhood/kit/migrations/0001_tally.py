"""What limits count, for every room; the giving page's own table goes (giving 0011)."""

from django.db import migrations, models

UNLOGGED = "ALTER TABLE kit_tally SET UNLOGGED"
LOGGED = "ALTER TABLE kit_tally SET LOGGED"


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=1)),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at"], name="kit_tally_that_is_over")],
            },
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
