"""A Merkle tree in files: C2SP tlog-tiles.

A tile holds up to 256 hashes of one level of eight: tile level L has the nodes of level 8·L. A
bundle holds the leaves that a tile of level 0 stands over, each behind its length (two bytes, big
end first). Both are written whole once, and while they fill as `.p/<width>`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from twinhood.translog.core.merkle import EMPTY_ROOT, HASH_BYTES, node_hash

WIDTH = 256
HEIGHT = 8
LEVEL_MAX = 7
LEAF_BYTES_MAX = 65_535
ENTRIES = -1
_PATH = re.compile(r"tile/([0-7]|entries)/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")
_GROUPS_MAX = 7
# Every length that a leaf can have, as it stands in a bundle; looked up for each leaf.
_LENGTHS = [length.to_bytes(2, "big") for length in range(LEAF_BYTES_MAX + 1)]


class BadTile(ValueError):
    """A file of the log that does not have the form that its name promises."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Which file: its level (ENTRIES for a bundle), its index there, and how wide it is."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """E.g. `tile/0/x001/234`, or `tile/entries/005.p/17` for one that is still filling."""
        number = f"{self.index % 1000:03}"
        rest = self.index // 1000
        while rest:
            number = f"x{rest % 1000:03}/{number}"
            rest //= 1000
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{number}" + (f".p/{self.width}" if self.width < WIDTH else "")

    @property
    def full(self) -> "Tile":
        """The tile that this one becomes when it is full."""
        return Tile(self.level, self.index)

    def at(self, size: int) -> "Tile":
        """This tile as wide as it is in a log of `size` leaves (not less than its own width)."""
        hashes = size >> HEIGHT * max(self.level, 0)
        return replace(self, width=min(WIDTH, max(self.width, hashes - self.index * WIDTH)))

    def is_within(self, size: int) -> bool:
        """Whether a log of `size` leaves has all of it."""
        hashes = size >> HEIGHT * max(self.level, 0)
        return self.index * WIDTH + self.width <= hashes


def parse_path(path: str) -> Tile | None:
    """Read a file's path; None for what `Tile.path` never gives."""
    found = _PATH.fullmatch(path)
    if found is None or found[2].count("/") > _GROUPS_MAX:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    tile = Tile(level, int(found[2].replace("x", "").replace("/", "")), int(found[3] or WIDTH))
    return tile if tile.path == path else None


def edge(size: int) -> list[Tile]:
    """The tiles that are still filling in a log of `size` leaves, and its bundle, if any."""
    found = []
    for level in range(LEVEL_MAX + 1):
        hashes = size >> HEIGHT * level
        if hashes % WIDTH:
            found.append(Tile(level, hashes // WIDTH, hashes % WIDTH))
    if size % WIDTH:
        found.append(Tile(ENTRIES, size // WIDTH, size % WIDTH))
    return found


def bundle(leaves: Sequence[bytes]) -> bytes:
    return b"".join([part for leaf in leaves for part in (_LENGTHS[len(leaf)], leaf)])


def split_bundle(data: bytes) -> list[bytes]:
    """The leaves in a bundle. Raises BadTile."""
    leaves = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise BadTile("a bundle that ends within a leaf")
        leaves.append(data[at + 2 : end])
        at = end
    return leaves


def leaf_hashes(leaves: Sequence[bytes]) -> list[bytes]:
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def fold(hashes: bytes) -> bytes:
    """The node over 2^n hashes laid end to end."""
    while len(hashes) > HASH_BYTES:
        hashes = _one_level(hashes)
    return hashes


def _one_level(hashes: bytes) -> bytes:
    pair = 2 * HASH_BYTES
    return b"".join(
        [sha256(b"\x01" + hashes[at : at + pair]).digest() for at in range(0, len(hashes), pair)]
    )


def rows_of(data: bytes) -> list[bytes]:
    """All complete nodes over the hashes of a tile: its own row first, then each level above."""
    rows = [data]
    while len(data) > HASH_BYTES:
        data = _one_level(data[: len(data) // (2 * HASH_BYTES) * 2 * HASH_BYTES])
        rows.append(data)
    return rows


type Fetch = Callable[[Tile], bytes]


def node(level: int, index: int, size: int, fetch: Fetch) -> bytes:
    """The hash of a complete node of a log of `size` leaves, out of the one tile that has it.

    Raises BadTile.
    """
    return node_in(level, index, size, lambda tile: rows_of(fetch(tile)))


def node_in(level: int, index: int, size: int, rows: Callable[[Tile], list[bytes]]) -> bytes:
    """Like `node`, where `rows` gives `rows_of` a tile: who asks often keeps them."""
    tile_level, rest = divmod(level, HEIGHT)
    first = index << rest
    number = first // WIDTH
    hashes = size >> HEIGHT * tile_level
    tile = Tile(tile_level, number, min(WIDTH, hashes - number * WIDTH))
    start = (first % WIDTH >> rest) * HASH_BYTES
    found = rows(tile)
    if rest >= len(found) or start + HASH_BYTES > len(found[rest]):
        raise BadTile(f"{tile.path} is too short")
    return found[rest][start : start + HASH_BYTES]


type File = tuple[Tile, bytes]


class Growing:
    """Lays leaves behind a log and gives the files that come of it.

    It starts from the tiles that are still filling (`edge`), given by `fetch`, and keeps no more
    than one tile a level and one bundle. Raises BadTile if they do not fit together.
    """

    def __init__(self, size: int, fetch: Fetch) -> None:
        self.size = size
        # For each level, the hashes of the tile that is filling.
        self._rows: list[bytes] = [b""] * (LEVEL_MAX + 1)
        self._leaves: list[bytes] = []
        for tile in edge(size):
            data = fetch(tile)
            if tile.level == ENTRIES:
                self._leaves = split_bundle(data)
            elif len(data) == tile.width * HASH_BYTES:
                self._rows[tile.level] = data
            else:
                raise BadTile(f"{tile.path} has {len(data)} bytes")
        if b"".join(leaf_hashes(self._leaves)) != self._rows[0]:
            raise BadTile("the last bundle and the last tile do not fit together")

    def add(self, leaves: Sequence[bytes]) -> Iterator[File]:
        """Lay `leaves` behind; yield each tile and bundle that is full."""
        at = 0
        while at < len(leaves):
            part = leaves[at : at + WIDTH - len(self._leaves)]
            at += len(part)
            self._leaves.extend(part)
            self._rows[0] += b"".join(leaf_hashes(part))
            self.size += len(part)
            if len(self._leaves) == WIDTH:
                yield Tile(ENTRIES, self.size // WIDTH - 1), bundle(self._leaves)
                self._leaves.clear()
                yield from self._carry()

    def _carry(self) -> Iterator[File]:
        for level in range(LEVEL_MAX):
            row = self._rows[level]
            if len(row) < WIDTH * HASH_BYTES:
                return
            yield Tile(level, (self.size >> HEIGHT * (level + 1)) - 1), row
            self._rows[level] = b""
            self._rows[level + 1] += fold(row)

    def rest(self) -> Iterator[File]:
        """Yield the tiles and the bundle that are still filling."""
        for tile in edge(self.size):
            if tile.level == ENTRIES:
                yield tile, bundle(self._leaves)
            else:
                yield tile, self._rows[tile.level]

    def root(self) -> bytes:
        """The root over all leaves so far."""
        found: bytes | None = None
        for row in self._rows:
            end = len(row)
            while end:
                count = end // HASH_BYTES
                start = end - (count & -count) * HASH_BYTES
                part = fold(row[start:end])
                found = part if found is None else node_hash(part, found)
                end = start
        return EMPTY_ROOT if found is None else found


def narrow(tile: Tile, wider: bytes) -> bytes:
    """What stands in `tile`, cut out of the same tile as it was when it was wider."""
    if tile.level == ENTRIES:
        return bundle(split_bundle(wider)[: tile.width])
    return wider[: tile.width * HASH_BYTES]
