"""Reads of the log: what is sealed, proofs out of the tiles, and one partnership's part."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from twinhood.translog import keys, sealing
from twinhood.translog.core import canonical, merkle, tiles
from twinhood.translog.core.tiles import Tile
from twinhood.translog.errors import LogAhead, LogKeyMissing, TilesMissing
from twinhood.translog.models import (
    Checkpoint,
    Cosignature,
    Head,
    Leaf,
    Opening,
    Position,
    SigningKey,
    Waiting,
    Witness,
)
from twinhood.translog.sealing import Sealed
from twinhood.translog.store import CHECKPOINT, Folder, the_store

BATCH = 2_000
TILES_KEPT = 256


def latest() -> Sealed | None:
    """What is sealed now, with the cosignatures that it has; None before the first sealing."""
    return sealing.with_cosignatures(Checkpoint.objects.order_by("-size").first())


def latest_witnessed() -> Sealed | None:
    """The newest checkpoint that a witness cosigned; None if there is none."""
    cosigned = Checkpoint.objects.filter(
        Exists(Cosignature.objects.filter(checkpoint=OuterRef("pk")))
    )
    return sealing.with_cosignatures(cosigned.order_by("-size").first())


def checkpoint(size: int) -> Sealed | None:
    """What was sealed at exactly that size, if anything was."""
    return sealing.with_cosignatures(Checkpoint.objects.filter(size=size).first())


def index_of(leaf_id: int) -> int | None:
    """A leaf's index in the tree; None while it waits to be sealed."""
    return Position.objects.filter(leaf_id=leaf_id).values_list("index", flat=True).first()


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf's bytes and its place under the first checkpoint over it; size 0 while it waits."""

    leaf: bytes
    index: int
    size: int


def proven(leaf_id: int) -> Proven | None:
    """A leaf with its place, once the tiles proved that it is in the tree that was signed.

    None if there is no such leaf, or the tree holds another in its place. Raises TilesMissing.
    """
    place = Position.objects.filter(leaf_id=leaf_id).select_related("leaf").first()
    if place is None:
        waiting = Leaf.objects.filter(pk=leaf_id).first()
        return Proven(bytes(waiting.data), 0, 0) if waiting else None
    data = bytes(place.leaf.data)
    sealed = Checkpoint.objects.filter(size__gt=place.index).order_by("size")[0]
    proof = inclusion(place.index, sealed.size)
    try:
        merkle.check_inclusion(
            merkle.leaf_hash(data), place.index, sealed.size, proof, bytes(sealed.root)
        )
    except merkle.BadProof:
        return None
    return Proven(data, place.index, sealed.size)


def waiting_count() -> int:
    """How many leaves wait to be sealed."""
    return Waiting.objects.count()


class Tiles:
    """Complete nodes of the tree of `size` leaves, read from the tiles on the disk.

    `size` may be any that is published by now. The process keeps the tiles that were read last,
    with the nodes in them. Raises TilesMissing.
    """

    def __init__(self, size: int, store: Folder | None = None) -> None:
        self.size = size
        self._store = store or the_store()

    def node(self, level: int, index: int) -> bytes:
        return tiles.node_in(level, index, self.size, self._rows)

    def _rows(self, tile: Tile) -> list[bytes]:
        return _rows(self._store.root, tile)


@lru_cache(TILES_KEPT)
def _rows(root: Path, tile: Tile) -> list[bytes]:
    """A published tile's nodes. It never changes again, so it may be kept."""
    store = Folder(root)
    data = store.read(tile.path)
    if data is None:
        # What was narrow when its size was sealed may be wider by now, or full.
        told = sealing.published(store)
        data = store.read(tile.at(told.size if told else 0).path)
    length = tile.width * merkle.HASH_BYTES
    if data is None or len(data) < length:
        raise TilesMissing(tile.path)
    return tiles.rows_of(data[:length])


def inclusion(index: int, size: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1).

    `size` is one that is sealed by now. Raises ValueError, TilesMissing.
    """
    return merkle.inclusion_proof(index, size, Tiles(size).node)


def consistency(old: int, size: int) -> list[bytes]:
    """The proof that the tree of `size` leaves begins with that of `old` (RFC 6962, 2.1.2)."""
    return merkle.consistency_proof(old, size, Tiles(size).node)


def leaves(partnership: str, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield index and bytes of a partnership's leaves below `size`, by index.

    Memory is bounded: 2,000 leaves are read at once.
    """
    last = -1
    own = _positions(size).filter(partnership=partnership)
    while batch := list(own.filter(index__gt=last)[:BATCH]):
        for index, data in batch:
            yield index, bytes(data)
        last = batch[-1][0]


def _positions(size: int) -> QuerySet[Position, tuple[int, Any]]:
    """Index and data of the leaves below `size`, by index.

    Each leaf is looked up by its id: a join may read all leaves for each position, where the
    planner believes that a table is still as empty as it was.
    """
    data = Subquery(Leaf.objects.filter(pk=OuterRef("leaf_id")).values("data"))
    found = Position.objects.filter(index__lt=size).order_by("index")
    return found.annotate(leaf_data=data).values_list("index", "leaf_data")


@dataclass(frozen=True, slots=True)
class Subtree:
    """A complete subtree of 2^level leaves from leaf `start` on, and its hash."""

    start: int
    level: int
    hash: bytes


def others(partnership: str, size: int) -> Iterator[Subtree]:
    """Yield the largest complete subtrees below `size` without a leaf of this partnership.

    By start. With the partnership's own leaves at the indexes that none covers they make up the
    whole tree. Memory is bounded; the hashes come from the tiles.
    """
    found = Tiles(size)
    begin = 0
    for own in chain(_own_indexes(partnership, size), [size]):
        for start, level in merkle.complete_subtrees(begin, own):
            yield Subtree(start, level, found.node(level, start >> level))
        begin = own + 1


def _own_indexes(partnership: str, size: int) -> Iterator[int]:
    last = -1
    own = Position.objects.filter(partnership=partnership, index__lt=size).order_by("index")
    while batch := list(own.filter(index__gt=last).values_list("index", flat=True)[: BATCH * 5]):
        yield from batch
        last = batch[-1]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a commitment stands for. `facts` and `salt` are None once they are erased.

    `index` is None while the leaf waits to be sealed.
    """

    commitment: bytes
    facts: dict[str, Any] | None
    salt: bytes | None
    leaf_id: int
    index: int | None
    is_pulled_back: bool


def openings(partnership: str) -> Iterator[Opened]:
    """Yield every commitment of a partnership with what opens it, in order of appending.

    What may be shown of them, and when, is for the caller to decide.
    """
    last = 0
    kept = Opening.objects.filter(partnership=partnership).order_by("leaf_id")
    kept = kept.select_related("leaf__position").defer("leaf__data")
    while batch := list(kept.filter(leaf_id__gt=last)[:BATCH]):
        yield from (_opened(opening) for opening in batch)
        last = batch[-1].leaf_id


def _opened(opening: Opening) -> Opened:
    facts = None if opening.facts is None else canonical.decode(bytes(opening.facts))
    position = getattr(opening.leaf, "position", None)
    return Opened(
        bytes(opening.commitment),
        facts,
        None if opening.salt is None else bytes(opening.salt),
        opening.leaf_id,
        position.index if position else None,
        opening.pulled_back_by_id is not None,
    )


def log_keys() -> list[str]:
    """The vkeys of the log, oldest first: the last one is the newest."""
    return list(SigningKey.objects.order_by("id").values_list("vkey", flat=True))


def witnesses() -> list[Witness]:
    """Those who may cosign today, by name."""
    return list(Witness.objects.filter(ended_at__isnull=True).order_by("name"))


def is_ahead(store: Folder | None = None) -> LogAhead | None:
    """Say whether what was published is ahead of the database, or another tree; else None.

    Then nothing is signed, and nothing should be taken in (see `LogAhead`).
    """
    told = sealing.published(store or the_store())
    size = Head.objects.values_list("size", flat=True).first() or 0
    try:
        sealing.refuse_if_ahead(told, size)
    except LogAhead as found:
        return found
    return None


@dataclass(slots=True)
class _Look:
    """When this process last compared file and database, and found them in order."""

    folder: str = ""
    changed_ns: int = 0
    at_s: float = 0.0


_look = _Look()
LOOK_AGAIN_S = 10.0


def is_known_ahead() -> bool:
    """Like `is_ahead`, for every request: asks the database once in ten seconds, or if the file
    has changed. Without a published checkpoint it asks nothing."""
    store = the_store()
    changed_ns = store.changed_ns(CHECKPOINT)
    if changed_ns == 0:
        return False
    is_fresh = (str(store.root), changed_ns) == (_look.folder, _look.changed_ns)
    if is_fresh and time.monotonic() - _look.at_s < LOOK_AGAIN_S:
        return False
    try:
        if is_ahead(store):
            return True
    except TilesMissing:
        return True
    _look.folder, _look.changed_ns, _look.at_s = str(store.root), changed_ns, time.monotonic()
    return False


def keys_told() -> dict[str, list[str]]:
    """All keys that a verifier needs: `{"log": […, newest], "witnesses": […]}`, as vkeys."""
    return {"log": log_keys(), "witnesses": [witness.vkey for witness in witnesses()]}


def tile_file(tile: Tile) -> bytes | None:
    """A tile's or bundle's file below the published size; None if it is none of the log's.

    One that is full by now is still given in its narrower forms.
    """
    store = the_store()
    told = sealing.published(store)
    if told is None or not tile.is_within(told.size):
        return None
    data = store.read(tile.path)
    if data is None and tile.width < tiles.WIDTH:
        data = store.read(tile.at(told.size).path)
        return None if data is None else tiles.narrow(tile, data)
    return data


def trouble() -> str:
    """What keeps this log from being sealed, in a few words; empty if nothing does."""
    try:
        if ahead := is_ahead():
            return str(ahead)
        head = Head.objects.first()
        if head is not None and head.size:
            keys.signer(log_keys()[-1])
            sealing.growing_from(the_store(), head.size, bytes(head.root))
    except (LogKeyMissing, TilesMissing) as problem:
        return str(problem)
    return ""


def first_altered(size: int) -> int | None:
    """The lowest index below `size` whose leaf in the database is not the one that was sealed.

    Compares every leaf with the tiles; None if all are as they were. Raises TilesMissing.
    """
    found = Tiles(size)
    last = -1
    rows = _positions(size)
    while batch := list(rows.filter(index__gt=last)[:BATCH]):
        for index, data in batch:
            if index != last + 1:
                return last + 1
            if merkle.leaf_hash(bytes(data or b"")) != found.node(0, index):
                return int(index)
            last = index
    return last + 1 if last + 1 < size else None
