"""How fast `twinhood replay` is, how much memory it takes, and how long peers read the same books.

Times are processor seconds of one process (user and system), so that other programs on the
machine weigh little. Where two programs are compared, they take turns and medians are quoted.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.journals import JOURNALS, Record, plain, write

Result = dict[str, Any]

ROUNDS = 3
COMPARED_GIFTS = 100_000
MILLION_S_MAX = 14.0
REFUNDED_S_MAX = 16.0
MEMORY_MB_MAX = 300
# A second million-gift journal may not cost much more for each record than the plain one.
SHAPE_MICROSECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What one program took: processor seconds, and its peak memory in MB (10^6 bytes)."""

    seconds: float
    memory_mb: float


def million() -> list[Result]:
    """A million gifts and a thousand orders; the same with refunds and exchanges."""
    results = []
    for name, seconds_max in (("plain", MILLION_S_MAX), ("refunded", REFUNDED_S_MAX)):
        with journal_of(JOURNALS[name]()) as journal:
            cost = replayed(journal)
        results += [
            result(f"replay, a million gifts, {name}", round(cost.seconds, 1), "s", seconds_max),
            result(
                f"replay, a million gifts, {name}: memory",
                round(cost.memory_mb),
                "MB",
                MEMORY_MB_MAX,
            ),
        ]
    return results


def shapes() -> list[Result]:
    """Journals that a program may be quadratic in: fragments, circles, chains."""
    results = []
    for name in ("fragmented", "circular", "chained"):
        with journal_of(JOURNALS[name]()) as journal:
            records = sum(1 for _ in journal.open("rb"))
            rows = journal.with_suffix(".rows")
            with rows.open("wb") as out:
                cost = measured(replay_command(journal), out.fileno())
            answered = rows.read_bytes().count(b'"amount":')
        each = cost.seconds * 1e6 / (records + answered)
        name = f"replay, {name}, for each record read and row answered"
        results.append(result(name, round(each, 1), "µs", SHAPE_MICROSECONDS_MAX))
    return results


def replay_vs_bean_check() -> list[Result]:
    """The same gifts and orders, as a journal and as a beancount file."""
    program = Path(sys.executable).with_name("bean-check")
    if not program.exists():
        return [not_installed("bean-check ÷ replay", 10)]
    return [
        compared("bean-check ÷ replay", "beancount", lambda file: [str(program), str(file)], 10)
    ]


def replay_vs_hledger() -> list[Result]:
    """The same gifts and orders, as a journal and as an hledger file."""
    program = shutil.which("hledger")
    if program is None:
        return [not_installed("hledger ÷ replay", 1)]
    return [
        compared("hledger ÷ replay", "hledger", lambda file: [program, "-f", str(file), "check"], 1)
    ]


def compared(name: str, kind: str, command: Callable[[Path], list[str]], goal: float) -> Result:
    """How many times our seconds the other program takes, the median of some rounds."""
    ratios = []
    with journal_of(plain(COMPARED_GIFTS, COMPARED_GIFTS // 1000)) as journal:
        books = write_books(plain(COMPARED_GIFTS, COMPARED_GIFTS // 1000), journal, kind)
        for _ in range(ROUNDS):
            ours, theirs = replayed(journal), measured(command(books))
            ratios.append(theirs.seconds / ours.seconds)
            print(f"  replay {ours.seconds:.1f} s, {kind} {theirs.seconds:.1f} s", flush=True)
    value = round(statistics.median(ratios), 1)
    return {"name": name, "value": value, "unit": "×", "goal": goal, "met": value >= goal}


def result(name: str, value: float, unit: str, most: float) -> Result:
    return {"name": name, "value": value, "unit": unit, "goal": most, "met": value <= most}


def not_installed(name: str, goal: float) -> Result:
    return {"name": name, "value": None, "unit": "not installed", "goal": goal, "met": True}


@contextmanager
def journal_of(records: Iterator[Record]) -> Iterator[Path]:
    """Yield a journal's path in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="twinhood-journal-") as folder:
        yield write(records, Path(folder) / "journal.jsonl")


def replay_command(journal: Path) -> list[str]:
    return [sys.executable, "-m", "twinhood", "replay", str(journal)]


def replayed(journal: Path) -> Cost:
    return measured(replay_command(journal))


def measured(command: list[str], stdout: int = subprocess.DEVNULL) -> Cost:
    """Run a program to its end and say what it took; raises RuntimeError if it failed."""
    running = subprocess.Popen(command, stdout=stdout, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {running.returncode}")
    # Linux counts kibibytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 1e6)


def write_books(records: Iterator[Record], beside: Path, kind: str) -> Path:
    """Write the entries that the records stand for, in beancount's or hledger's words."""
    path = beside.with_suffix(f".{kind}")
    with path.open("w", encoding="utf-8") as out:
        if kind == "beancount":
            out.writelines(f"2026-01-01 open {account}\n" for account in ACCOUNTS)
        for record in records:
            out.writelines(entry_lines(record))
    return path


ACCOUNTS = [
    "Assets:Clearing", "Liabilities:Fund", "Liabilities:Commitments", "Expenses:Fees",
    "Income:FeesCovered",
]  # fmt: skip


def entry_lines(record: Record) -> Iterator[str]:
    """Yield one transaction with its postings, for a gift or an order."""
    if record["kind"] == "gift":
        net_minor = record["amount"] - record["fee"]
        moves = [("Assets:Clearing", "Liabilities:Fund", net_minor)]
        if record["fee"]:
            moves.append(("Expenses:Fees", "Income:FeesCovered", record["fee"]))
    elif record["kind"] == "order":
        total_minor = sum(unit["amount"] for unit in record["units"])
        moves = [("Liabilities:Fund", "Liabilities:Commitments", total_minor)]
    else:
        return
    yield f'2026-01-02 * "{record["key"]}"\n'
    for debit, credit, amount_minor in moves:
        amount = f"{amount_minor // 100}.{amount_minor % 100:02}"
        yield f"  {debit}  {amount} USD\n  {credit}  -{amount} USD\n"
    yield "\n"


BENCHMARKS: dict[str, Callable[[], list[Result]]] = {
    "replay-million": million,
    "replay-shapes": shapes,
    "replay-vs-bean-check": replay_vs_bean_check,
    "replay-vs-hledger": replay_vs_hledger,
}
