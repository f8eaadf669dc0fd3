"""A Merkle tree over leaves in order: RFC 6962, section 2.1.

Hashes are SHA-256, 32 bytes. A node (level, index) is complete: it stands over the 2^level leaves
from index · 2^level on. `Reader` gives the hash of such a node; where from is its own matter.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
# The root of a tree without leaves.
EMPTY_ROOT = sha256().digest()

type Reader = Callable[[int, int], bytes]


class BadProof(ValueError):
    """A proof that does not prove what it was given for."""


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Tree:
    """The root of a tree whose leaves and complete subtrees come in order, left to right.

    It remembers one hash a level, however many leaves there are.
    """

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Put a leaf (its bytes) behind what is there."""
        self.add_subtree(0, leaf_hash(leaf))

    def add_subtree(self, level: int, found: bytes) -> None:
        """Put a complete subtree of 2^level leaves behind. Raises ValueError if out of line."""
        if level < 0 or self.size % (1 << level) or len(found) != HASH_BYTES:
            raise ValueError(f"no subtree of level {level} begins at leaf {self.size}")
        self.size += 1 << level
        while self._edge and self._edge[-1][0] == level:
            found = node_hash(self._edge.pop()[1], found)
            level += 1
        self._edge.append((level, found))

    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        found = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            found = node_hash(left, found)
        return found


def root(size: int, read: Reader) -> bytes:
    """Return the root of the tree of the first `size` leaves."""
    return range_hash(0, size, read) if size else EMPTY_ROOT


def range_hash(start: int, end: int, read: Reader) -> bytes:
    """Return the hash over leaves [start, end): a node of some RFC 6962 tree, so start is aligned.

    Reads one complete node for each bit of the length.
    """
    nodes = [read(level, begin >> level) for begin, level in complete_subtrees(start, end)]
    found = nodes.pop()
    while nodes:
        found = node_hash(nodes.pop(), found)
    return found


def complete_subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Split leaves [start, end) into the largest complete aligned subtrees, as (start, level)."""
    parts = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        parts.append((start, level))
        start += 1 << level
    return parts


def _split(length: int) -> int:
    """The largest power of two smaller than `length`."""
    return 1 << ((length - 1).bit_length() - 1)


def inclusion_proof(index: int, size: int, read: Reader) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root of `size` leaves, from below (2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} among {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_hash(middle, end, read))
            end = middle
        else:
            proof.append(range_hash(start, middle, read))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, size: int, read: Reader) -> list[bytes]:
    """The hashes that show that the tree of `old` leaves begins the tree of `size` (2.1.2)."""
    if not 0 <= old <= size:
        raise ValueError(f"no tree of {old} leaves begins one of {size}")
    if old in {0, size}:
        return []
    proof = []
    start, end = 0, size
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(range_hash(middle, end, read))
            end = middle
        else:
            proof.append(range_hash(start, middle, read))
            start = middle
    # The old tree itself need not be told: whoever asks knows its root.
    if start:
        proof.append(range_hash(start, end, read))
    return proof[::-1]


def root_from_inclusion(found: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that `proof` leads to from the leaf hash `found`. Raises BadProof.

    RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size:
        raise BadProof(f"no leaf {index} among {size}")
    last = size - 1
    for step in proof:
        if last == 0:
            raise BadProof("the proof is too long")
        if index & 1 or index == last:
            found = node_hash(step, found)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            found = node_hash(found, step)
        index >>= 1
        last >>= 1
    if last:
        raise BadProof("the proof is too short")
    return found


def check_inclusion(
    found: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise BadProof unless the leaf hash `found` stands at `index` in the tree of that root."""
    if root_from_inclusion(found, index, size, proof) != root:
        raise BadProof("the leaf is not in that tree at that place")


def check_consistency(
    old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise BadProof unless the tree of `old` leaves begins that of `size` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        raise BadProof(f"no tree of {old} leaves begins one of {size}")
    if old in {0, size}:
        if proof or old_root != (root if old else EMPTY_ROOT):
            raise BadProof("not the same tree")
        return
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not steps:
        raise BadProof("the proof is too short")
    if _roots_of(old - 1, size - 1, steps) != (old_root, root):
        raise BadProof("the older tree does not begin the newer one")


def _roots_of(index: int, last: int, steps: list[bytes]) -> tuple[bytes, bytes]:
    """The old root and the new one that a consistency proof leads to."""
    while index & 1:
        index >>= 1
        last >>= 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise BadProof("the proof is too long")
        if index & 1 or index == last:
            older = node_hash(step, older)
            newer = node_hash(step, newer)
            while not index & 1 and index:
                index >>= 1
                last >>= 1
        else:
            newer = node_hash(newer, step)
        index >>= 1
        last >>= 1
    if last:
        raise BadProof("the proof is too short")
    return older, newer
