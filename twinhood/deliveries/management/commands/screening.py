"""`twinhood manage screening import FILE --list ofac-sdn --date 2026-09-01`."""

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.deliveries import screening
from twinhood.deliveries.core.listed import READERS, BadList
from twinhood.deliveries.errors import EmptyList, ListTooShort, OlderList
from twinhood.kit import clock


class Command(BaseCommand):
    help = "Take a list of sanctions in, or show which are here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=("import", "lists"))
        parser.add_argument("file", nargs="?", type=Path)
        parser.add_argument("--list", dest="code", help="its name here: ofac-sdn, uk, eu, ua …")
        parser.add_argument("--as", dest="kind", choices=sorted(READERS), help="how it is written")
        parser.add_argument("--date", type=date.fromisoformat, help="the publisher's date of it")
        parser.add_argument(
            "--shorter", default="", help="why it has far fewer names than the one before"
        )

    def handle(self, *args: Any, **given: Any) -> None:
        if given["what"] == "import":
            self._import(
                given["file"], given["code"], given["kind"], given["date"], given["shorter"]
            )
        for one in screening.lists_now():
            line = f"{one.code}\t{one.version_date}\t{one.names_count}\t{one.sha256}"
            self.stdout.write(line)

    def _import(
        self,
        file: Path | None,
        code: str | None,
        kind: str | None,
        version: date | None,
        shorter: str,
    ) -> None:
        if file is None or code is None or version is None:
            raise CommandError("name the FILE, --list and --date")
        kind = kind or (code if code in READERS else "plain")
        try:
            data = file.read_bytes()
            screening.import_list(
                data, code=code, kind=kind, version=version, at=clock.now(), shorter_reason=shorter
            )
        except OSError as problem:
            raise CommandError(f"{file}: {problem.strerror}") from problem
        except (OlderList, ListTooShort) as problem:
            raise CommandError(str(problem)) from problem
        except (BadList, EmptyList) as problem:
            raise CommandError(f"{file} is no list as {kind} publishes it: {problem}") from problem
