"""The proof of one gift: a file of a few kilobytes that its donor keeps.

It shows that the gift's entry stands in the tree that the log's key signed, and what the entry
says. What became of the money is in the public file; `--since` shows that both speak of one tree.
"""

from dataclasses import dataclass
from typing import Any

from twinhood.opendata.core.leaf import BadLeaf, kind_of
from twinhood.translog.core import b64, canonical, commitment, merkle, note
from twinhood.translog.core.note import Checkpoint, Key
from twinhood.verify.errors import CannotTell, Fails, Said
from twinhood.verify.reading import json_of
from twinhood.verify.signed import (
    Keys,
    Trust,
    Witnessed,
    checkpoint_of,
    expect_key,
    key_of,
    witnessed,
)

KIND = "twinhood proof of a gift"
FIELDS = {"checkpoint", "index", "key", "kind", "leaf", "proof", "version"}
# What the donor told; and the keys of the witnesses whose signatures are under the checkpoint.
OPTIONAL = {"opening", "witnesses"}
WHERE = "the proof"
CHECKPOINT = "the proof's checkpoint"


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
    """Verify the proof of one gift. Raises Fails, and CannotTell where it is asked to count
    witnesses that nobody but the proof names: unlike a public file's, its list is not signed.
    """
    told = told_by(data)
    key = key_of(told["key"], WHERE, note.ED25519)
    expect_key(trust, [key], WHERE)
    signed = str(told["checkpoint"]).encode()
    checkpoint = checkpoint_of(signed, key, CHECKPOINT)
    leaf = told["leaf"]
    try:
        is_gift = kind_of(leaf) == "entry" and "donor" in leaf
    except BadLeaf as why:
        raise Fails("the proof's leaf", "a leaf of its form", Said(str(why))) from why
    if not is_gift:
        raise Fails("the proof's leaf", "a gift's entry", leaf)
    _look_place(told, checkpoint)
    known = tuple(key_of(line, WHERE, note.COSIGNATURE) for line in told.get("witnesses", []))
    witnesses = witnessed(signed, Keys((key,), known), trust)
    cosigners = {one.key for one in witnesses}
    if len(set(known)) < len(known) or not cosigners.issuperset(known):
        raise Fails(WHERE, "keys of witnesses under its checkpoint, each once", Said("others"))
    if trust.required and not trust.witnesses:
        raise CannotTell(
            "nothing vouches for the witnesses that a proof names; name those you know (--witness)"
        )
    facts = _facts_of(told["opening"], leaf) if "opening" in told else None
    return FoundGift(leaf, told["index"], checkpoint, key, witnesses, facts)


def told_by(data: bytes) -> dict[str, Any]:
    """Read the proof's fields. Raises Fails."""
    told = json_of(data, WHERE)
    if type(told) is not dict or told.keys() - OPTIONAL != FIELDS:
        raise Fails(WHERE, f"the fields {', '.join(sorted(FIELDS))}", Said("another form"))
    if (told["kind"], told["version"]) != (KIND, 1):
        raise Fails(WHERE, f"{KIND}, version 1", Said("another kind or version"))
    if "witnesses" in told and type(told["witnesses"]) is not list:
        raise Fails(WHERE, "a list of the witnesses' keys", told["witnesses"])
    return told


def _look_place(told: dict[str, Any], checkpoint: Checkpoint) -> None:
    """The leaf stands at its index in the checkpoint's tree."""
    index, proof = told["index"], told["proof"]
    if type(index) is not int or type(proof) is not list:
        raise Fails(WHERE, "an index and a list of hashes", Said("another form"))
    found = merkle.leaf_hash(canonical.encode(told["leaf"]))
    try:
        steps = [b64.decode(str(step), merkle.HASH_BYTES) for step in proof]
        merkle.check_inclusion(found, index, checkpoint.size, steps, checkpoint.root)
    except b64.NotBase64 as problem:
        raise Fails(WHERE, "hashes in base64", Said("others")) from problem
    except merkle.BadProof as problem:
        root = b64.encode(checkpoint.root)
        raise Fails(WHERE, f"hashes that lead to {root}", Said(str(problem))) from problem


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
