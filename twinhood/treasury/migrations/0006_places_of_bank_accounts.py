"""Each further account of a currency has a place of its own in the books; those there are stay."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("treasury", "0005_footer_rows")]

    operations = [
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.UniqueConstraint(
                fields=["partnership", "code", "currency"],
                condition=~Q(code="assets:bank:main"),
                name="bank_account_has_its_own_place_in_the_books",
            ),
        ),
    ]
