"""Where a signed paper stands in the log: shown by a proof, a public file, or the log's own tiles.

All of it is on the reader's disk; nothing is fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from twinhood.opendata.core.leaf import BadLeaf, kind_of
from twinhood.translog.core import canonical, merkle, note, tiles
from twinhood.translog.core.canonical import NotCanonical
from twinhood.translog.core.note import Checkpoint, Key
from twinhood.translog.core.proof import PAPER
from twinhood.translog.core.tiles import ENTRIES, WIDTH, BadTile, Tile
from twinhood.verify import container, proof, public_file
from twinhood.verify.errors import CannotTell, Fails, Said
from twinhood.verify.reading import SMALL_MAX
from twinhood.verify.signed import CHECKPOINT, Keys, Trust, Witnessed, checkpoint_of, witnessed

SEALED = "sealed"
KINDS = ("paper", SEALED)
BUNDLE_BYTES_MAX = WIDTH * (tiles.LEAF_BYTES_MAX + 2)


@dataclass(frozen=True, slots=True)
class Placed:
    """What the log shows of a paper: its leaf's index, None if it names another or none.

    `is_sealed`: the leaf says that the log alone vouches for it, since nobody signs it.
    """

    index: int | None
    is_sealed: bool
    checkpoint: Checkpoint
    keys: tuple[Key, ...]
    witnesses: list[Witnessed]


def place_of(path: Path, sha256: str, trust: Trust, *, bytes_max: int) -> Placed:
    """Look for a paper's SHA-256 (hexadecimal) in what shows the log.

    Raises Fails where that does not hold in itself, CannotTell where it can show no leaf.
    """
    if path.is_dir() and not (path / "leaves.jsonl").exists():
        return _in_tiles(path, sha256, trust)
    if not path.is_dir():
        with container.open_regular(path) as stream:
            data = stream.read(SMALL_MAX + 1)
        if data.startswith(b"{"):
            return _in_proof(data, sha256, trust)
        if not data.startswith(b"PK"):
            raise CannotTell(
                "a checkpoint alone shows no leaf: take the proof of the paper from its page, the "
                "public file, or the folder with the log's tiles"
            )
    opened = container.opened(path, bytes_max)
    try:
        found = public_file.verify(opened, trust)
    finally:
        opened.close()
    index, is_sealed = found.papers.get(sha256), sha256 in found.sealed
    if is_sealed:
        index = found.sealed[sha256]
    return Placed(index, is_sealed, found.checkpoint, found.keys.log, found.witnesses)


def _in_proof(data: bytes, sha256: str, trust: Trust) -> Placed:
    found = proof.verify(proof.told_by(data, PAPER), trust)
    kind = _kind_naming(found.leaf, sha256)
    index = found.index if kind else None
    return Placed(index, kind == SEALED, found.checkpoint, (found.key,), found.witnesses)


def _kind_naming(leaf: object, sha256: str) -> str:
    """The kind of a paper's leaf if it names this one, else ""."""
    try:
        kind = kind_of(leaf)
        return kind if kind in KINDS and leaf["sha256"] == sha256 else ""  # type: ignore[index]
    except BadLeaf:
        return ""


def _in_tiles(folder: Path, sha256: str, trust: Trust) -> Placed:
    key = trust.log_key
    if key is None:
        raise CannotTell("tiles do not bring the log's key; name the one that you know (--key)")
    signed = _read(folder / CHECKPOINT, note.NOTE_BYTES_MAX)
    checkpoint = checkpoint_of(signed, key)
    witnesses = witnessed(signed, Keys((key,), trust.witnesses), trust, names_all=False)
    index, kind = _found_in(folder, checkpoint, sha256)
    return Placed(index, kind == SEALED, checkpoint, (key,), witnesses)


def _found_in(folder: Path, checkpoint: Checkpoint, sha256: str) -> tuple[int | None, str]:
    """Index and kind of the paper's leaf, once tiles lead from it to the root. Raises Fails."""
    found = next(_leaves_naming(folder, checkpoint.size, sha256), None)
    if found is None:
        return None, ""
    index, leaf = found
    fetch = lru_cache(256)(lambda tile: _tile(folder, tile, checkpoint.size))

    def read(level: int, place: int) -> bytes:
        return tiles.node(level, place, checkpoint.size, fetch)

    try:
        steps = merkle.inclusion_proof(index, checkpoint.size, read)
        merkle.check_inclusion(
            merkle.leaf_hash(leaf), index, checkpoint.size, steps, checkpoint.root
        )
    except (BadTile, merkle.BadProof) as problem:
        expected = f"hashes that lead from leaf {index} to the signed root"
        raise Fails("the log's tiles", expected, Said(str(problem))) from problem
    return index, _kind_in(leaf, sha256)


def _leaves_naming(folder: Path, size: int, sha256: str) -> Iterator[tuple[int, bytes]]:
    """Leaves of this paper with their index, read bundle by bundle."""
    for number in range((size + WIDTH - 1) // WIDTH):
        data = _tile(folder, Tile(ENTRIES, number, min(WIDTH, size - number * WIDTH)), size)
        if sha256.encode() not in data:
            continue
        try:
            leaves = tiles.split_bundle(data)
        except BadTile as problem:
            raise Fails("the log's tiles", "whole leaves", Said(str(problem))) from problem
        for offset, leaf in enumerate(leaves):
            if sha256.encode() in leaf and _kind_in(leaf, sha256):
                yield number * WIDTH + offset, leaf


def _kind_in(leaf: bytes, sha256: str) -> str:
    try:
        return _kind_naming(canonical.decode(leaf), sha256)
    except NotCanonical:
        return ""


def _tile(folder: Path, tile: Tile, size: int) -> bytes:
    """A tile as it is in a log of `size` leaves, also where it has grown since. Raises Fails."""
    for one in (tile, tile.at(size), tile.full):
        if (folder / one.path).is_file():
            data = _read(folder / one.path, BUNDLE_BYTES_MAX)
            return data if one == tile or tile.level == ENTRIES else tiles.narrow(tile, data)
    raise Fails("the log's tiles", f"a file {tile.path}", Said("none"))


def _read(path: Path, bytes_max: int) -> bytes:
    with container.open_regular(path) as stream:
        data: bytes = stream.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise Fails(path.name, f"at most {bytes_max} bytes", Said("more"))
    return data
