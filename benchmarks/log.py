"""What the log costs: appending against the hashes alone, and a proof out of the tiles.

Appending hashes leaves as large as an entry of the books, folds them into tiles, writes these and
forces each batch to the disk. The floor is Python's hashlib giving the very same hashes and nothing
else. Both take turns. A second figure writes the bundles too, which copy the leaves' own bytes out
of the database: there the disk's speed is measured more than ours, so it has no goal.
"""

import os
import shutil
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

from twinhood.translog.core import canonical, merkle, tiles
from twinhood.translog.core.tiles import Growing, Tile
from twinhood.translog.store import Folder

Result = dict[str, Any]

CHECKOUT = Path(__file__).resolve().parent.parent
BATCH = 32_768
BATCHES = 4
ROUNDS = 5
APPEND_MIN = 0.6
PROVED_LEAVES = 1_000_000
PROOFS = 1_000
PROOF_MS_MAX = 0.5


def append() -> list[Result]:
    """Leaves appended in the time in which hashlib alone gives their hashes, as a part of 1."""
    leaves = [_entry(number) for number in range(BATCH * BATCHES)]
    floors: list[float] = []
    appends: dict[bool, list[float]] = {False: [], True: []}
    # Emptied only at the end: ext4 is slow to reuse what was deleted within the last seconds.
    with _folder() as folder:
        for number in range(ROUNDS):
            floors.append(_hashed(leaves))
            for has_bundles, times in appends.items():
                store = Folder(folder.root / f"{number}-{has_bundles}")
                times.append(_appended(leaves, store, has_bundles=has_bundles))
    return [
        _ratio("log_append_vs_hashlib", floors, appends[False], len(leaves), APPEND_MIN),
        _ratio("log_append_with_bundles_vs_hashlib", floors, appends[True], len(leaves), None),
    ]


def _ratio(
    name: str, floors: list[float], appends: list[float], count: int, least: float | None
) -> Result:
    value = statistics.median(floor / ours for floor, ours in zip(floors, appends, strict=True))
    rate = count / statistics.median(appends)
    return {
        "name": name,
        "value": round(value, 2),
        "unit": f"× ({rate:,.0f} leaves a second)",
        "goal": "none" if least is None else f"≥ {least}",
        "met": least is None or value >= least,
    }


def _entry(number: int) -> bytes:
    """A leaf of the books, of the usual size."""
    key = f"gift:{number:07}"
    amount = 500 + number % 9_500
    return canonical.encode(
        {
            "date": "2026-11-25",
            "donor": "Q" * 43 + "=",
            "journal": [
                {"amount": amount, "fee": 0, "fund": "kramatorsk-usd", "key": key, "kind": "gift"}
            ],
            "key": key,
            "kind": "entry",
            "partnership": "stamford-kramatorsk",
            "seq": number,
            "transfers": [
                {
                    "amount": amount,
                    "credit": "fund:kramatorsk-usd",
                    "currency": "USD",
                    "debit": "assets:clearing:card",
                }
            ],
        }
    )


def _hashed(leaves: list[bytes]) -> float:
    """The seconds that hashlib takes for the hashes of this tree."""
    started = time.perf_counter()
    row = [sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return time.perf_counter() - started


def _appended(leaves: list[bytes], store: Folder, *, has_bundles: bool) -> float:
    """The seconds until all leaves stand in tiles on the disk, batch by batch."""
    started = time.perf_counter()
    growing = Growing(0, _nothing)
    for at in range(0, len(leaves), BATCH):
        files = growing.add(leaves[at : at + BATCH])
        store.write(
            (tile.path, data) for tile, data in files if has_bundles or tile.level != tiles.ENTRIES
        )
    growing.root()
    return time.perf_counter() - started


def proof() -> list[Result]:
    """The milliseconds that one inclusion proof takes, read from the tiles of a large log."""
    with _folder() as store:
        growing = Growing(0, _nothing)
        for at in range(0, PROVED_LEAVES, BATCH):
            count = min(BATCH, PROVED_LEAVES - at)
            for tile, data in growing.add([b"%d" % number for number in range(at, at + count)]):
                _put(store, tile, data)
        for tile, data in growing.rest():
            _put(store, tile, data)
        times = sorted(_proofs(store, growing.root()))
    median = statistics.median(times)
    return [
        {
            "name": "proof_from_tiles_ms",
            "value": round(median, 3),
            "unit": f"ms (median of {PROOFS} in a log of {PROVED_LEAVES:,})",
            "goal": f"≤ {PROOF_MS_MAX}",
            "met": median <= PROOF_MS_MAX,
        }
    ]


def _proofs(store: Folder, root: bytes) -> Iterator[float]:
    """Milliseconds of each proof; every one is checked, outside the time."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    import django

    django.setup()
    from twinhood.translog.queries import Tiles

    random = Random(1)  # noqa: S311 (the same leaves on every machine; no secret)
    for _ in range(PROOFS):
        index = random.randrange(PROVED_LEAVES)
        started = time.perf_counter()
        found = merkle.inclusion_proof(index, PROVED_LEAVES, Tiles(PROVED_LEAVES, store).node)
        yield (time.perf_counter() - started) * 1e3
        leaf_hash = merkle.leaf_hash(b"%d" % index)
        merkle.check_inclusion(leaf_hash, index, PROVED_LEAVES, found, root)


def _put(store: Folder, tile: Tile, data: bytes) -> None:
    """Put a tile there; nobody waits for the disk here, which is not what is measured."""
    if tile.level != tiles.ENTRIES:
        path = store.root / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _nothing(tile: Tile) -> bytes:
    raise FileNotFoundError(tile.path)


@contextmanager
def _folder() -> Iterator[Folder]:
    """A store on the disk of the checkout, not in memory as a temporary folder may be."""
    (CHECKOUT / "var").mkdir(exist_ok=True)
    root = Path(mkdtemp(prefix="bench-log-", dir=CHECKOUT / "var"))
    try:
        yield Folder(root)
    finally:
        shutil.rmtree(root)


BENCHMARKS = {"log_append": append, "proof_from_tiles": proof}
