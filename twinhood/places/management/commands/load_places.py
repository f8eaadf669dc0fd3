"""`manage.py load_places`: put GeoNames' cities into the database."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from twinhood.places import actions


class Command(BaseCommand):
    help = "Load the cities of GeoNames with their names in all scripts (once; safe to repeat)."

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        count = actions.load_gazetteer(progress=self.stdout.write)
        self.stdout.write(f"{count:,} places stand ({time.monotonic() - started:.1f} s).")
