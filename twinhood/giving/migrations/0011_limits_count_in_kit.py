"""Counts of some hours are kept by kit, for all rooms; those of now are let go."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("giving", "0010_receipt_marks_and_exports"), ("kit", "0001_tally")]

    operations = [migrations.DeleteModel(name="Tally")]
