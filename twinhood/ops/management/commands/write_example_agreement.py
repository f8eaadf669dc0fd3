"""`manage write_example_agreement PATH`: the example's signed agreement; `twinhood example`."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from twinhood.documents import specimen
from twinhood.ops.world import agreement


class Command(BaseCommand):
    help = "Write a signed agreement of Stamford and Kramatorsk, a specimen by DEMO offices."
    # It needs no database.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path)

    def handle(self, *args: Any, path: Path, **options: Any) -> None:
        made = specimen.signed(agreement.paper(), agreement.MOMENTS)
        root = path.with_suffix(".root.crt")
        _write(root, made.root)
        _write(path, made.data)
        self.stdout.write(f"{path}: {len(made.data)} bytes, two signatures, a specimen")
        self.stdout.write(f"{root}: the certificate above them, for `twinhood verify --trust`")


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(data)
    os.replace(draft, path)
