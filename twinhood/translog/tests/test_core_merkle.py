"""The tree of RFC 6962: its known roots, and proofs that hold or do not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.translog.core import merkle
from twinhood.translog.core.merkle import BadProof, Tree, leaf_hash, node_hash

# Inputs and roots that Certificate Transparency's reference implementation is tested with.
KNOWN_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves_of(size: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(size)]


def reader(leaves: list[bytes]) -> merkle.Reader:
    """Complete nodes by the definition itself, with no cleverness."""

    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaf_hash(leaves[index])
        assert (index + 1) << level <= len(leaves)
        return node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


def slow_root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else merkle.EMPTY_ROOT
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(slow_root(leaves[:split]), slow_root(leaves[split:]))


@pytest.mark.parametrize("size", range(9))
def test_known_trees_have_their_known_roots(size: int) -> None:
    tree = Tree()
    for leaf in KNOWN_LEAVES[:size]:
        tree.add(leaf)

    assert tree.root().hex() == KNOWN_ROOTS[size]
    assert merkle.root(size, reader(KNOWN_LEAVES)).hex() == KNOWN_ROOTS[size]


@given(st.integers(0, 70), st.data())
def test_a_tree_of_subtrees_is_the_tree_of_its_leaves(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    read = reader(leaves)
    cuts = sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=5))})
    tree = Tree()

    for start, end in pairwise(cuts):
        for begin, level in merkle.complete_subtrees(start, end):
            tree.add_subtree(level, read(level, begin >> level))

    assert tree.size == size
    assert tree.root() == slow_root(leaves)


def test_a_subtree_begins_only_where_it_may() -> None:
    tree = Tree()
    tree.add(b"")

    with pytest.raises(ValueError, match="begins at leaf 1"):
        tree.add_subtree(1, bytes(32))


@given(st.integers(1, 300), st.data())
def test_every_leaf_can_be_proved_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    index = data.draw(st.integers(0, size - 1))
    root = slow_root(leaves)

    proof = merkle.inclusion_proof(index, size, reader(leaves))

    merkle.check_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
    with pytest.raises(BadProof):
        merkle.check_inclusion(leaf_hash(b"another"), index, size, proof, root)
    for wrong in _altered(proof, data):
        with pytest.raises(BadProof):
            merkle.check_inclusion(leaf_hash(leaves[index]), index, size, wrong, root)
    if size > 1:
        with pytest.raises(BadProof):
            merkle.check_inclusion(leaf_hash(leaves[index]), (index + 1) % size, size, proof, root)


@given(st.integers(0, 300), st.data())
def test_a_tree_that_grew_can_be_proved_and_another_cannot(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    old = data.draw(st.integers(0, size))
    old_root, root = slow_root(leaves[:old]), slow_root(leaves)

    proof = merkle.consistency_proof(old, size, reader(leaves))

    merkle.check_consistency(old, old_root, size, root, proof)
    for wrong in _altered(proof, data):
        with pytest.raises(BadProof):
            merkle.check_consistency(old, old_root, size, root, wrong)
    with pytest.raises(BadProof):
        merkle.check_consistency(old, _flipped(old_root, 0), size, root, proof)
    if old:
        with pytest.raises(BadProof):
            merkle.check_consistency(old, old_root, size, _flipped(root, 255), proof)


def _altered(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """The proof with a hash more, with one less, and with one bit changed."""
    wrong = [[*proof, bytes(32)]]
    if proof:
        which = data.draw(st.integers(0, len(proof) - 1))
        changed = list(proof)
        changed[which] = _flipped(proof[which], data.draw(st.integers(0, 255)))
        wrong += [proof[:-1], changed]
    return wrong


def _flipped(data: bytes, bit: int) -> bytes:
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (1, 1), (0, 0), (2**70, 5)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, reader(leaves_of(8)))
    with pytest.raises(BadProof):
        merkle.check_inclusion(bytes(32), index, size, [], bytes(32))


def test_a_tree_never_shrank() -> None:
    with pytest.raises(ValueError, match="begins"):
        merkle.consistency_proof(3, 2, reader(leaves_of(3)))
    with pytest.raises(BadProof):
        merkle.check_consistency(3, bytes(32), 2, bytes(32), [])
