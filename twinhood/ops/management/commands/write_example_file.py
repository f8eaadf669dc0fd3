"""`manage write_example_file PATH`: the example's public file; see `twinhood example`."""

import os
import shutil
import time
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.opendata import actions
from twinhood.opendata.errors import AlreadyBuilding
from twinhood.ops.world.build import SLUG
from twinhood.people.models import Partnership
from twinhood.translog.queries import waiting_count

# A worker may be sealing, or building the very file.
TRIES = 120
PAUSE_S = 0.5


class Command(BaseCommand):
    help = "Write the public file of Stamford and Kramatorsk (its money and people are made up)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("load_example", stdout=self.stderr)
        row = _built(Partnership.objects.get(slug=SLUG))
        draft = path.with_name(f".{path.name}.new")
        shutil.copyfile(actions.folder() / row.path, draft)
        os.replace(draft, path)
        self.stdout.write(f"{path}: {row.size_bytes} bytes, a log of {row.log_size} leaves")


def _built(partnership: Partnership) -> Any:
    for _ in range(TRIES):
        actions.seal_all()
        if waiting_count() == 0:
            try:
                return actions.build(partnership)
            except AlreadyBuilding:
                pass
        time.sleep(PAUSE_S)
    raise CommandError("Somebody else is sealing or building and does not come to an end.")
