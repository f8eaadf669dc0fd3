"""What the limits of the giving page count."""

from django.db import migrations, models

UNLOGGED = "ALTER TABLE giving_tally SET UNLOGGED"
LOGGED = "ALTER TABLE giving_tally SET LOGGED"


class Migration(migrations.Migration):
    dependencies = [("giving", "0006_payouts_and_refund_requests")]

    operations = [
        migrations.AddField(
            model_name="pledge",
            name="sent_from",
            field=models.BinaryField(max_length=16, null=True),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField(default=1)),
                ("ends_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["ends_at"], name="tally_that_is_over")],
            },
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
