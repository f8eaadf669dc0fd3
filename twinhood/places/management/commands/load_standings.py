"""`manage load_standings FILE --source … --date …`: take an official list of dangers in."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.places import standing
from twinhood.places.core.standing import UnreadableList


class Command(BaseCommand):
    help = "Take in a list of places near the fighting or occupied, as CSV; safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", required=True, help="who keeps it, by which order")
        parser.add_argument("--date", required=True, type=date.fromisoformat, help="of the edition")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            taken = standing.take_list(
                options["file"].read_bytes(),
                source=options["source"].strip()[:300],
                published_date=options["date"],
            )
        except OSError as problem:
            raise CommandError(f"The file cannot be read: {problem.strerror}.") from problem
        except UnreadableList as problem:
            raise CommandError(
                f"Nothing was taken in. Line {problem.line}: {WHY[problem.why]} {problem.text}"
            ) from problem
        self.stdout.write(
            f"began: {taken.began}, ended: {taken.ended}, not a place here: {taken.unknown}"
        )


WHY = {
    "large": "the list is too long.",
    "encoding": "this is not text in UTF-8.",
    "csv": "this is no CSV:",
    "columns": "these columns are missing:",
    "code": "this is no code of the form UA and 17 digits:",
    "status": "this class is not known:",
    "order": "it ends before it begins:",
    "place": "this is no number of GeoNames:",
    "day": "this is no day like 2025-07-17 or 17.07.2025:",
}
