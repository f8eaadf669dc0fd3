"""How leaves become a longer tree, and how the world is told.

The order makes it safe to die anywhere: the head's row is locked; leaves get their positions; tiles
and bundles go to the disk; then the head moves on from exactly the size that was read, with the
signed note, in one commit; then the checkpoint's file is replaced. Before the commit nothing
counts: the tiles lie beyond the published size, are not served, and are written again next time.
After it, the next run writes the file if this one could not.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import psycopg
from django.db import connection, transaction

from twinhood.kit import clock
from twinhood.translog import keys
from twinhood.translog.core import note, tiles
from twinhood.translog.core.merkle import EMPTY_ROOT
from twinhood.translog.core.tiles import BadTile, Growing, Tile
from twinhood.translog.errors import LogAhead, TilesMissing
from twinhood.translog.models import Checkpoint, Head, SigningKey
from twinhood.translog.store import CHECKPOINT, Folder

logger = logging.getLogger(__name__)

# A transaction seals at most so many leaves; memory holds one bundle of them.
CHUNK = 32_768
READ_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed size with its root (32 bytes) and the signed note, cosignatures included."""

    size: int
    root: bytes
    note: str
    sealed_at: datetime


def published(store: Folder) -> note.Checkpoint | None:
    """What the checkpoint's file says; None if there is none. Raises TilesMissing."""
    data = store.read(CHECKPOINT)
    if data is None:
        return None
    try:
        return note.parse_checkpoint(note.parse(data).text)
    except note.BadNote as problem:
        raise TilesMissing(f"the file {CHECKPOINT}: {problem}") from problem


def refuse_if_ahead(told: note.Checkpoint | None, size: int) -> None:
    """Raise LogAhead if what is published is not a beginning of the database's `size` leaves.

    Without a lock on the head, read what is published first: it follows the database.
    """
    if told is None:
        return
    if told.size > size:
        raise LogAhead(told.size, size)
    known = Checkpoint.objects.filter(size=told.size).values_list("root", flat=True).first()
    root = EMPTY_ROOT if told.size == 0 else bytes(known or b"")
    if root != told.root:
        raise LogAhead(told.size, size)


def locked_head(*, is_waiting: bool = True) -> Head | None:
    """The head's row, locked until the transaction ends; None if another has it and we do not wait.

    Made when it is asked for first.
    """
    Head.objects.bulk_create([Head(root=EMPTY_ROOT)], ignore_conflicts=True)
    return Head.objects.select_for_update(skip_locked=not is_waiting).first()


@transaction.atomic
def seal_chunk(store: Folder) -> Sealed | None:
    """Seal what waits, up to CHUNK leaves; None if another is sealing or nothing waits.

    Raises LogAhead, TilesMissing, LogKeyMissing, OSError; then nothing has changed.
    """
    head = locked_head(is_waiting=False)
    if head is None:
        return None
    refuse_if_ahead(published(store), head.size)
    growing = growing_from(store, head.size, bytes(head.root))
    end = head.size + _give_positions(head.size)
    if end == head.size:
        return None
    store.write((tile.path, data) for tile, data in _files(growing, end))
    sealed = _sign(head.size, growing)
    _move_on(head.size, sealed)
    return sealed


def growing_from(store: Folder, size: int, root: bytes) -> Growing:
    """The tree as the tiles on the disk have it, which must be the one that was signed."""

    def fetch(tile: Tile) -> bytes:
        data = store.read(tile.path)
        if data is None:
            raise TilesMissing(tile.path)
        return data

    try:
        growing = Growing(size, fetch)
    except BadTile as problem:
        raise TilesMissing(str(problem)) from problem
    if growing.root() != root:
        raise TilesMissing(f"the tiles of {size} leaves have another root")
    return growing


GIVE_POSITIONS = """
WITH taken AS (
  DELETE FROM translog_waiting WHERE leaf_id = ANY (ARRAY(
    SELECT leaf_id FROM translog_waiting ORDER BY leaf_id LIMIT %s
  )) RETURNING leaf_id
)
INSERT INTO translog_position (index, leaf_id, partnership)
SELECT %s + row_number() OVER (ORDER BY leaf_id) - 1, leaf_id, partnership
FROM taken CROSS JOIN LATERAL
  (SELECT partnership FROM translog_leaf WHERE id = leaf_id OFFSET 0) leaf
ORDER BY leaf_id
"""


def _give_positions(size: int) -> int:
    """Give the oldest waiting leaves the positions from `size` on; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_POSITIONS, [CHUNK, size])
        return int(cursor.rowcount)


def _files(growing: Growing, end: int) -> Iterator[tuple[Tile, bytes]]:
    """Lay the leaves up to `end` behind the tree; yield every file that changes."""
    while growing.size < end:
        yield from growing.add(_leaves(growing.size, min(end, growing.size + READ_AT_ONCE)))
    yield from growing.rest()


def _leaves(start: int, end: int) -> list[bytes]:
    """The leaves at positions [start, end), which all have one."""
    # Each leaf by its id, whatever the planner believes of tables that were empty a moment ago: a
    # plain join then reads all leaves for each position.
    query = (
        "SELECT leaf.data FROM translog_position p CROSS JOIN LATERAL"
        " (SELECT data FROM translog_leaf WHERE id = p.leaf_id OFFSET 0) leaf"
        " WHERE p.index >= %s AND p.index < %s ORDER BY p.index"
    )
    connection.ensure_connection()
    # As bytes, not as text in hexadecimal digits: half the time.
    with psycopg.Cursor(connection.connection) as cursor:
        found = [data for (data,) in cursor.execute(query, [start, end], binary=True)]
    if len(found) != end - start:
        raise TilesMissing(f"positions from {start} on")
    return found


def _sign(size: int, growing: Growing) -> Sealed:
    key = _key_at(size)
    text = note.Checkpoint(key.key.name, growing.size, growing.root()).text
    return Sealed(growing.size, growing.root(), key.note(text), clock.now())


def _key_at(size: int) -> keys.Signer:
    """The key that signs what comes behind `size` leaves: the last one whose hand-over is sealed.

    So the checkpoint that seals a hand-over is the old key's last.
    """
    keys.first_key()
    in_use = SigningKey.objects.exclude(
        handed_over_by__isnull=False, handed_over_by__position__isnull=True
    ).exclude(handed_over_by__position__index__gte=size)
    return keys.signer(in_use.order_by("id").values_list("vkey", flat=True).last() or "")


def _move_on(old: int, sealed: Sealed) -> None:
    moved = Head.objects.filter(size=old).update(size=sealed.size, root=sealed.root)
    if moved != 1:
        raise LogAhead(sealed.size, old)
    Checkpoint.objects.create(
        size=sealed.size, root=sealed.root, note=sealed.note, sealed_at=sealed.sealed_at
    )
    logger.info("translog.sealed size=%d leaves=%d", sealed.size, sealed.size - old)


@transaction.atomic
def publish(store: Folder, *, is_waiting: bool = True) -> Sealed | None:
    """Make the checkpoint's file say what the database knows; None if nothing is sealed.

    Whoever publishes holds the head's row, so an older note never replaces a newer one. Does
    nothing if another holds it and we do not wait. Raises LogAhead, TilesMissing, OSError.
    """
    head = locked_head(is_waiting=is_waiting)
    latest = with_cosignatures(Checkpoint.objects.order_by("-size").first())
    if head is None or latest is None:
        return None
    refuse_if_ahead(published(store), head.size)
    told = store.read(CHECKPOINT)
    if told != latest.note.encode():
        before = published(store)
        store.write([(CHECKPOINT, latest.note.encode())])
        _tidy(store, before.size if before else 0, latest.size)
    return latest


def with_cosignatures(checkpoint: Checkpoint | None) -> Sealed | None:
    """A checkpoint's note with every witness's line below the log's own, by witness."""
    if checkpoint is None:
        return None
    lines = checkpoint.cosignatures.order_by("witness_id").values_list("line", flat=True)
    return Sealed(
        checkpoint.size,
        bytes(checkpoint.root),
        checkpoint.note + "".join(lines),
        checkpoint.sealed_at,
    )


def _tidy(store: Folder, old: int, size: int) -> None:
    """Remove the narrow forms of tiles that are full since `old` leaves."""
    for tile in tiles.edge(old):
        if tile.full.is_within(size):
            store.remove_filling(tile.full.path)


@transaction.atomic
def rebuild(store: Folder) -> int:
    """Write every tile and bundle from the database; return the sealed size.

    Raises LogAhead, OSError, and TilesMissing if they come out with another root.
    """
    head = locked_head()
    if head is None or head.size == 0:
        return 0
    refuse_if_ahead(published(store), head.size)
    growing = Growing(0, lambda tile: b"")
    while growing.size < head.size:
        end = min(head.size, growing.size + CHUNK)
        files = _files(growing, end)
        store.write((tile.path, data) for tile, data in files)
    if growing.root() != bytes(head.root):
        raise TilesMissing("the leaves in the database have another root than the signed one")
    return head.size
