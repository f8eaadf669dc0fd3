"""Receipts: how many are issued a second, and the memory that a year of 100,000 donors takes.

A receipt counts when it is numbered, sealed and stored, with the letter that brings it queued in
the same transaction; its PDF is made when somebody asks for it. The year is issued by a process of
its own, whose peak memory is what counts.

The first copy of a receipt is a PDF and a leaf of the log; it is compared with its pages alone,
asked for one by one and by so many as a year's file takes at once.
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

GIFTS, YEAR_DONORS, YEAR = 20_000, 100_000, 2025
PER_SECOND_GOAL, PEAK_MB_MAX = 1_000, 300
COPIES, COPY_TIMES_MAX, EXPORT_TIMES_MAX = 200, 3.0, 1.5
STEP = 5_000
NEW_GIFTS = """
INSERT INTO giving_gift (
  partnership_id, fund_id, ref, secret_hash, intake_key, rail, donor_id, donor_commitment,
  donor_salt, shows_name, amount_minor, fee_minor, currency, received_date, settled_at, purpose,
  note
)
SELECT %(partnership)s, %(fund)s, %(head)s || n, sha256((%(head)s || n)::bytea), %(head)s || n,
       'wire', donor, sha256('x'), sha256('y'), false, 2500, 98, 'USD', %(on)s, now(),
       'Ambulances', ''
  FROM unnest(%(donors)s::bigint[]) WITH ORDINALITY AS donors (donor, n)
"""


def set_up() -> Any:
    """A charity that issues receipts, and its fund."""
    from benchmarks.intake import a_fund
    from twinhood.giving.models import Issuer

    fund = a_fund()
    Issuer.objects.create(
        organisation=fund.partnership.recipient,
        legal_name="Example Aid",
        registry_code="00-0000000",
        is_example=True,
    )
    return fund


def give(fund: Any, count: int, head: str, on: str) -> None:
    """So many donors with one posted gift each."""
    from django.db import connection

    from benchmarks.intake import post_the_rest
    from twinhood.giving.core.sealing import DonorFacts
    from twinhood.giving.keys import master_keys, seal_donor
    from twinhood.giving.models import Donor

    keys = master_keys()
    for first in range(0, count, STEP):
        donors = []
        for number in range(first, min(first + STEP, count)):
            donor = Donor(partnership=fund.partnership)
            name = f"{head}{number}"
            seal_donor(donor, DonorFacts(f"Donor {name}", f"{name}@example.org", "1 Road"), keys)
            donors.append(donor)
        made = Donor.objects.bulk_create(donors)
        values: dict[str, Any] = {
            "partnership": fund.partnership_id,
            "fund": fund.pk,
            "head": f"{head}{first}-",
            "on": on,
            "donors": [donor.pk for donor in made],
        }
        with connection.cursor() as cursor:
            cursor.execute(NEW_GIFTS, values)
    post_the_rest()


def issuing_rate(fund: Any) -> float:
    """Receipts a second, for gifts that all wait."""
    from twinhood.giving import receipts

    give(fund, GIFTS, "B", "2026-01-02")
    started = time.perf_counter()
    issued = receipts.issue_due(batches_max=1_000)
    rate = issued / (time.perf_counter() - started)
    if issued != GIFTS:
        raise AssertionError(f"{issued} receipts for {GIFTS} gifts")
    return rate


def copying() -> dict[str, float]:
    """How many times as long as its pages a first copy takes: by itself, and in a year's file.

    Medians of batches that take turns, so that all see the same machine. The log of this process
    is new, and the disk keeps what is committed.
    """
    from itertools import batched

    from twinhood.documents.sealed import Mark
    from twinhood.giving import receipt_pdf
    from twinhood.giving.keys import master_keys
    from twinhood.giving.models import Receipt
    from twinhood.giving.receipt_export import TELL_EVERY
    from twinhood.giving.receipt_writing import open_receipt, secret_of

    keys = master_keys()
    mark = Mark("34679ACDEF", "https://twinhood.example/v/34679ACDEF")

    def set_alone(batch: Sequence[Receipt]) -> None:
        for one in batch:
            receipt_pdf.page(open_receipt(one, keys), mark, secret=secret_of(one, keys))

    def copy_each(batch: Sequence[Receipt]) -> None:
        for one in batch:
            receipt_pdf.render(one, keys)

    def copy_all(batch: Sequence[Receipt]) -> None:
        receipt_pdf.render_all(batch, keys)

    found = Receipt.objects.select_related("issuer", "donor__partnership__books").order_by("-id")
    took: dict[str, list[float]] = {"alone": [], "each": [], "all": []}
    set_alone(list(found[:TELL_EVERY]))
    for number, batch in enumerate(batched(found[: 2 * COPIES], TELL_EVERY)):
        took["alone"].append(_seconds(set_alone, batch))
        name, copy = ("all", copy_all) if number % 2 else ("each", copy_each)
        took[name].append(_seconds(copy, batch))
    each, all_, alone = (statistics.median(took[name]) for name in ("each", "all", "alone"))
    return {"copy_times": each / alone, "export_times": all_ / alone}


def _seconds(work: Callable[[Sequence[Any]], None], batch: Sequence[Any]) -> float:
    started = time.perf_counter()
    work(batch)
    return time.perf_counter() - started


def year() -> dict[str, float]:
    """Issue the year in this process, and say what it took."""
    import django

    django.setup()
    from twinhood.giving import receipts
    from twinhood.people.models import Partnership

    issued = receipts.issue_year(Partnership.objects.get(), YEAR)
    if issued != YEAR_DONORS:
        raise AssertionError(f"{issued} statements for {YEAR_DONORS} donors")
    return {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000}


def figures() -> dict[str, float]:
    """All of them, in the database that the settings name."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    fund = set_up()
    found = {"receipts_per_s": issuing_rate(fund)}
    give(fund, YEAR_DONORS, "A", f"{YEAR}-05-01")
    # Before pages are set here: on Linux a process begins with the peak of the one that starts it.
    found["year_end_100k_peak_mb"] = spoken("year", {})["peak_mb"]
    return found | copying()


def spoken(what: str, environment: dict[str, str]) -> dict[str, float]:
    """What a process of its own measured."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.receipts", what],
        env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def receipts() -> list[dict[str, Any]]:
    """Start a durable PostgreSQL of our own, and measure in processes with its address."""
    from twinhood.ops.postgres import start

    folder = Path(tempfile.mkdtemp(prefix="twinhood-receipts-"))
    folder.chmod(0o711)
    try:
        with start(folder / "postgres") as server:
            environment = {
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": "twinhood.settings",
                "TWINHOOD_VAR": str(folder / "var"),
                "TWINHOOD_LOG_LEVEL": "WARNING",
            }
            found = spoken("figures", environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rate, peak_mb = found["receipts_per_s"], found["year_end_100k_peak_mb"]
    return [
        {
            "name": "receipts_per_s",
            "value": round(rate),
            "unit": "receipts/s",
            "goal": PER_SECOND_GOAL,
            "met": rate >= PER_SECOND_GOAL,
        },
        {
            "name": "year_end_100k_peak_mb",
            "value": round(peak_mb),
            "unit": "MB",
            "goal": PEAK_MB_MAX,
            "met": peak_mb <= PEAK_MB_MAX,
        },
        {
            "name": "receipt_copy_times_typst",
            "value": round(found["copy_times"], 2),
            "unit": "times the pages alone",
            "goal": COPY_TIMES_MAX,
            "met": found["copy_times"] <= COPY_TIMES_MAX,
        },
        {
            "name": "receipt_export_times_typst",
            "value": round(found["export_times"], 2),
            "unit": "times the pages alone",
            "goal": EXPORT_TIMES_MAX,
            "met": found["export_times"] <= EXPORT_TIMES_MAX,
        },
    ]


BENCHMARKS = {"receipts": receipts}

if __name__ == "__main__":
    print(json.dumps(figures() if sys.argv[1] == "figures" else year()))
