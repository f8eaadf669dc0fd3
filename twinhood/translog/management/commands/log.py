"""`manage.py log …`: what the operator does with the log."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from twinhood.translog import actions, queries
from twinhood.translog.core import merkle
from twinhood.translog.core.note import BadNote
from twinhood.translog.errors import LogAhead, LogKeyMissing, TilesMissing


class Command(BaseCommand):
    help = "The log: show it, seal now, change its key, name witnesses, write its tiles again."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        what.add_parser("status", help="what is sealed, by which key, and who witnesses it")
        what.add_parser("seal", help="seal what waits, now")
        what.add_parser("change-key", help="make a new key; the old one hands over to it")
        what.add_parser("check", help="compare every leaf in the database with the tiles")
        what.add_parser("rebuild", help="write all tiles again from the database")
        add = what.add_parser("add-witness", help="let a witness cosign")
        add.add_argument("vkey", help="the witness's key, as `twinhood witness` tells it")
        end = what.add_parser("end-witness", help="take no more cosignatures of a witness")
        end.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._do(options["what"], options)
        except (BadNote, LogAhead, LogKeyMissing, TilesMissing, OSError) as problem:
            raise CommandError(str(problem)) from problem

    def _do(self, what: str, options: dict[str, Any]) -> None:
        match what:
            case "status":
                self._status()
            case "seal":
                while sealed := actions.seal():
                    self.stdout.write(f"Sealed: {sealed.size:,} leaves.")
            case "change-key":
                self.stdout.write(f"The log's next key: {actions.hand_over_key()}")
            case "check":
                self._check()
            case "rebuild":
                self.stdout.write(f"Tiles of {actions.rebuild_tiles():,} leaves are written.")
            case "add-witness":
                self.stdout.write(f"{actions.add_witness(vkey=options['vkey'])} may cosign.")
            case "end-witness":
                if not actions.end_witness(name=options["name"]):
                    raise CommandError(f"There is no witness {options['name']}.")

    def _status(self) -> None:
        sealed = queries.latest()
        self.stdout.write(sealed.note if sealed else "Nothing is sealed yet.")
        self.stdout.write(f"{queries.waiting_count():,} leaves wait.")
        self.stdout.write("".join(f"key {vkey}\n" for vkey in queries.log_keys()))
        self.stdout.write("".join(f"witness {w.vkey}\n" for w in queries.witnesses()))
        if ahead := queries.is_ahead():
            raise ahead

    def _check(self) -> None:
        """Compare the newest checkpoint's tree, the tiles and the database's leaves."""
        sealed = queries.latest()
        size = sealed.size if sealed else 0
        altered = queries.first_altered(size)
        if altered is not None:
            raise CommandError(f"Leaf {altered} in the database is not the one that was sealed.")
        if sealed and merkle.root(size, queries.Tiles(size).node) != sealed.root:
            raise CommandError("The tiles have another root than the one that was signed.")
        self.stdout.write(f"All {size:,} leaves are as they were sealed.")
