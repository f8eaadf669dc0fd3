"""Building the public file of a million gifts from the log: how long, in how much memory.

A server of our own is filled with the same leaves that `benchmarks.verify` makes (gifts with fees,
a thousand orders), they are sealed, and one process builds the file. What it wrote is verified at
the end, so that a fast file that does not hold would not count.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import batched
from pathlib import Path
from typing import Any

from benchmarks.replay import measured, result

Result = dict[str, Any]

GIFTS = 1_000_000
BATCH = 10_000
BUILT_S_MAX = 300.0
MEMORY_MB_MAX = 1_000


def built() -> list[Result]:
    """Processor seconds, memory and bytes of one building."""
    from twinhood.ops.postgres import start

    with tempfile.TemporaryDirectory(prefix="twinhood-build-") as name:
        folder = Path(name)
        os.environ["TWINHOOD_VAR"] = str(folder / "var")
        (folder / "var" / "keys").mkdir(parents=True)
        with start(folder / "postgres", progress=tell) as server:
            os.environ["DATABASE_URL"] = server.url
            run("fill", str(GIFTS))
            cost = measured([sys.executable, "-m", "benchmarks.public_file", "build"])
        (zipped,) = (folder / "var" / "public-files").rglob("*.zip")
        verified = [sys.executable, "-m", "twinhood", "verify", str(zipped)]
        subprocess.run(verified, check=True, stdout=sys.stderr)
        size_mb = zipped.stat().st_size / 1e6
        sent_mb = zipped.with_name(f"{zipped.name}.gz").stat().st_size / 1e6
    unit = f"s of one core ({size_mb:,.0f} MB, {sent_mb:,.0f} MB as it is sent)"
    return [
        result("public_file_build_1m_s", round(cost.seconds, 1), unit, BUILT_S_MAX),
        result("public_file_build_1m_memory", round(cost.memory_mb), "MB", MEMORY_MB_MAX),
    ]


def run(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks.public_file", *arguments], check=True)


def tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> None:
    """In a process of its own: `fill GIFTS`, or `build`."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "twinhood.settings"
    os.environ["TWINHOOD_LOG_LEVEL"] = "WARNING"
    import django

    django.setup()
    if arguments[0] == "fill":
        fill(int(arguments[1]))
    else:
        from twinhood.opendata import actions
        from twinhood.people.models import Partnership
        from twinhood.verify.tests.files import PARTNERSHIP

        actions.build(Partnership.objects.get(slug=PARTNERSHIP))


def fill(gifts: int) -> None:
    """Make a partnership with the leaves of so many gifts, sealed."""
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.intake import a_fund
    from benchmarks.verify import entries
    from twinhood.ledger.models import Books
    from twinhood.opendata.actions import seal_all
    from twinhood.verify.tests.files import PARTNERSHIP

    call_command("migrate", interactive=False, verbosity=0)
    # The file is made of leaves alone, so the books themselves may stay empty.
    partnership = a_fund().partnership
    partnership.pk, partnership.slug = None, PARTNERSHIP
    partnership.save()
    Books.objects.create(partnership=partnership, name=PARTNERSHIP)
    started = time.monotonic()
    with connection.cursor() as cursor:
        for batch in batched(in_turn(entries(gifts)), BATCH):
            cursor.execute("SELECT translog_append(%s::bytea[])", [list(batch)])
    seal_all()
    tell(f"{gifts} gifts sealed in {time.monotonic() - started:.0f} s")


def in_turn(leaves: Iterator[bytes]) -> Iterator[bytes]:
    for number, leaf in enumerate(leaves):
        if number % 200_000 == 0 and number:
            tell(f"{number} leaves")
        yield leaf


BENCHMARKS: dict[str, Callable[[], list[Result]]] = {"public-file-build": built}

if __name__ == "__main__":
    main(sys.argv[1:])
