"""The pattern of a gift's leaf takes canonical JSON and nothing else."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinhood.opendata.core.leaf import BadLeaf, kind_of
from twinhood.translog.core import canonical
from twinhood.verify import leaves
from twinhood.verify.errors import Fails
from twinhood.verify.tests.files import World, gift_of

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
# Other texts there are no leaf of a gift.
SHAPED = {"kind", "donor", "date", "currency"}
amounts = st.integers(1, canonical.INTEGER_MAX)


@st.composite
def gifts(draw: st.DrawFn) -> dict[str, Any]:
    world = World()
    world.enter(*gift_of(1, "k-usd", 2500, draw(st.sampled_from([0, 98]))))
    (leaf,) = world.leaves
    for holder in (leaf, leaf["journal"][0], *leaf["transfers"]):
        for name in holder:
            if isinstance(holder[name], str) and draw(st.booleans()):
                holder[name] = draw(texts) if name not in SHAPED else holder[name]
            elif isinstance(holder[name], int):
                holder[name] = draw(amounts)
    return leaf


@settings(deadline=None)
@given(gifts())
def test_it_reads_what_the_long_way_reads(leaf: dict[str, Any]) -> None:
    assert outcome(canonical.encode(leaf)) == long_way(canonical.encode(leaf))


@settings(deadline=None)
@given(gifts(), st.data())
def test_a_changed_byte_is_read_as_the_long_way_reads_it(
    leaf: dict[str, Any], data: st.DataObject
) -> None:
    line = bytearray(canonical.encode(leaf))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] = data.draw(st.integers(0, 255))

    assert outcome(bytes(line)) == long_way(bytes(line))


NOT_CANONICAL = [
    b'"amount":02500',
    b'"amount":2500.0',
    b'"amount": 2500',
    b'"amount":-2500',
    b'"amount":0',
    b'"amount":+2500',
    b'"amount":25e2',
    b'"amount":9007199254740992',
    b'"amount":"2500"',
    b'"amount":2500,"amount":2500',
    b'"Amount":2500',
]


@pytest.mark.parametrize("text", NOT_CANONICAL)
def test_other_ways_to_write_a_number_are_not_taken(text: bytes) -> None:
    world = World()
    world.enter(*gift_of(1, "k-usd", 2500, 98))
    line = canonical.encode(world.leaves[0]).replace(b'"amount":2500', text, 1)

    assert outcome(line) == long_way(line)


PLAIN_GIFT = World()
PLAIN_GIFT.enter(*gift_of(1, "k-usd", 2500, 98))


def test_a_plain_gift_is_read() -> None:
    (leaf,) = PLAIN_GIFT.leaves

    assert leaves.leaf_of(canonical.encode(leaf), 1) == (leaf, "entry")


def outcome(line: bytes) -> Any:
    try:
        found = leaves.leaf_of(line, 1)
    except Fails:
        return None
    return None if joins_one_account(found[0]) else found


def long_way(line: bytes) -> Any:
    try:
        found = canonical.decode(line)
        return found, kind_of(found)
    except (canonical.NotCanonical, BadLeaf):
        return None


def joins_one_account(leaf: dict[str, Any]) -> bool:
    """What the pattern leaves to the books."""
    return any(move["debit"] == move["credit"] for move in leaf.get("transfers", []))
