"""How long `twinhood verify` takes for the public file of a million gifts, and in how much memory.

The file is made here without a database, by the pure renderers that the server uses: a million
gifts with fees, a thousand orders, and leaves of another partnership between them.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.replay import measured, result
from twinhood.opendata.parquet import Tables
from twinhood.translog.core import b64, canonical
from twinhood.translog.core.merkle import Tree
from twinhood.verify.tests.files import World, gift_of, seal, write_made

Result = dict[str, Any]

GIFTS = 1_000_000
GIFTS_AN_ORDER = 1_000
VERIFIED_S_MAX = 60.0
MEMORY_MB_MAX = 700
OTHERS_LEVEL = 4
OTHERS_EVERY = 1_024


def verified() -> list[Result]:
    """Processor seconds and memory of one process."""
    with tempfile.TemporaryDirectory(prefix="twinhood-public-file-") as name:
        folder = Path(name) / "file"
        make(folder, GIFTS)
        cost = measured([sys.executable, "-m", "twinhood", "verify", str(folder)])
    return [
        result("public_file_verify_1m_s", round(cost.seconds, 1), "s", VERIFIED_S_MAX),
        result("public_file_verify_1m_memory", round(cost.memory_mb), "MB", MEMORY_MB_MAX),
    ]


def make(folder: Path, gifts: int) -> None:
    """Write the public file of that many gifts as a folder, in bounded memory."""
    folder.mkdir(parents=True)
    (folder / "ledger").mkdir()
    tree = Tree()
    with (
        (folder / "others.jsonl").open("wb") as others,
        (folder / "ledger/entries.parquet").open("wb") as entries_table,
        (folder / "ledger/transfers.parquet").open("wb") as transfers_table,
    ):
        tables = Tables(entries_table, transfers_table)
        placed = _placed(entries(gifts), tree, others.write)
        write_made(folder, _with_tables(placed, tables), [])
        tables.close()
    for language in ("en", "uk"):
        (folder / f"README.{language}.md").write_text("# Public file\n", encoding="utf-8")
    seal(folder, World(), tree)


def entries(gifts: int) -> Iterator[bytes]:
    """Yield leaves: a fund, gifts, and an order after each thousand of them."""
    world = World()
    world.fund("k-usd", "USD")
    free = 0
    for number in range(gifts):
        amount, fee = 500 + number * 7919 % 20_000, 30 if number % 3 else 0
        world.enter(*gift_of(number, "k-usd", amount, fee))
        free += amount - fee
        if number % GIFTS_AN_ORDER == GIFTS_AN_ORDER - 1:
            units = {
                hashlib.sha256(b"%d" % (number + n)).hexdigest()[:16]: free // 10 for n in range(8)
            }
            world.order(number // GIFTS_AN_ORDER, {"k-usd": free // 10 * 8}, units)
            free -= free // 10 * 8
        yield from map(canonical.encode, world.leaves)
        world.leaves.clear()


def _placed(
    leaves: Iterator[bytes], tree: Tree, write: Callable[[bytes], object]
) -> Iterator[tuple[int, bytes]]:
    """Give each leaf its index, with some subtree of others in between."""
    for leaf in leaves:
        if tree.size % OTHERS_EVERY == 0 and tree.size:
            found = hashlib.sha256(b"%d" % tree.size).digest()
            told = {"hash": b64.encode(found), "level": OTHERS_LEVEL, "start": tree.size}
            write(canonical.encode(told) + b"\n")
            tree.add_subtree(OTHERS_LEVEL, found)
        yield tree.size, leaf
        tree.add(leaf)


def _with_tables(
    placed: Iterator[tuple[int, bytes]], tables: Tables
) -> Iterator[tuple[int, bytes]]:
    for index, leaf in placed:
        tables.add(index, json.loads(leaf))
        yield index, leaf


BENCHMARKS: dict[str, Callable[[], list[Result]]] = {"public-file-verify": verified}
