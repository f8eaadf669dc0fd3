from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("needs", "0010_two_accounts_are_one_voice"),
    ]

    operations = [
        migrations.AddField(
            model_name="need",
            name="may_need_licence",
            field=models.BooleanField(default=False),
        ),
    ]
