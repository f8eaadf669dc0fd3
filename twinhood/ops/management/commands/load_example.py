"""`manage load_example`: build the example once; again it does nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from twinhood.ops.world import build_example, is_built


class Command(BaseCommand):
    help = "Load the example of Stamford and Kramatorsk (its money and people are made up)."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The example is never loaded on a production server.")
        if not is_built():
            build_example(self.stdout.write)
