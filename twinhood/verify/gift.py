"""The proof of one gift: a file of a few kilobytes that its donor keeps.

It shows that the gift's entry stands in the tree that the log's key signed, and what the entry
says. What became of the money is in the public file; `--since` shows that both speak of one tree.
"""

from dataclasses import dataclass
from typing import Any

from twinhood.opendata.core.leaf import BadLeaf, kind_of
from twinhood.translog.core import b64, commitment
from twinhood.translog.core.note import Checkpoint, Key
from twinhood.translog.core.proof import GIFT
from twinhood.verify import proof
from twinhood.verify.errors import Fails, Said
from twinhood.verify.signed import Trust, Witnessed


@dataclass(frozen=True, slots=True)
class FoundGift:
    """What holds of one gift."""

    leaf: dict[str, Any]
    index: int
    checkpoint: Checkpoint
    key: Key
    witnesses: list[Witnessed]
    # What the donor told, if the proof says it.
    facts: dict[str, Any] | None


def verify(data: bytes, trust: Trust) -> FoundGift:
    """Verify the proof of one gift. Raises Fails, CannotTell."""
    told = proof.told_by(data, GIFT)
    found = proof.verify(told, trust)
    leaf = found.leaf
    try:
        is_gift = kind_of(leaf) == "entry" and "donor" in leaf
    except BadLeaf as why:
        raise Fails("the proof's leaf", "a leaf of its form", Said(str(why))) from why
    if not is_gift:
        raise Fails("the proof's leaf", "a gift's entry", leaf)
    facts = _facts_of(told["opening"], leaf) if "opening" in told else None
    return FoundGift(leaf, found.index, found.checkpoint, found.key, found.witnesses, facts)


def _facts_of(opening: Any, leaf: dict[str, Any]) -> dict[str, Any]:
    """What opens the entry's commitment to its donor."""
    where = "the proof's opening"
    if type(opening) is not dict or opening.keys() != {"commitment", "facts", "salt"}:
        raise Fails(where, "commitment, facts and salt", Said("another form"))
    facts = opening["facts"]
    try:
        salt = b64.decode(str(opening["salt"]), commitment.SALT_BYTES)
    except b64.NotBase64 as problem:
        raise Fails(where, "a salt of 32 bytes in base64", Said("another")) from problem
    if type(facts) is not dict:
        raise Fails(where, "facts", facts)
    made = b64.encode(commitment.commit(facts, salt))
    if not made == opening["commitment"] == leaf["donor"]:
        raise Fails(where, f"the entry's commitment {leaf['donor']}", made)
    return facts
