"""The proof of one leaf: that it stands in the tree whose root the log's key signed."""

from dataclasses import dataclass
from typing import Any

from twinhood.translog.core import b64, canonical, merkle, note
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

FIELDS = {"checkpoint", "index", "key", "kind", "leaf", "proof", "version"}
# What the donor of a gift told; and the keys of the witnesses who signed the checkpoint.
OPTIONAL = {"opening", "witnesses"}
WHERE = "the proof"
CHECKPOINT = "the proof's checkpoint"


@dataclass(frozen=True, slots=True)
class Proven:
    """A leaf that is in the log. What it says is for the caller to look at."""

    leaf: Any
    index: int
    checkpoint: Checkpoint
    key: Key
    witnesses: list[Witnessed]


def told_by(data: bytes, kind: str) -> dict[str, Any]:
    """Read the fields of a proof of this kind. Raises Fails."""
    told = json_of(data, WHERE)
    if type(told) is not dict or told.keys() - OPTIONAL != FIELDS:
        raise Fails(WHERE, f"the fields {', '.join(sorted(FIELDS))}", Said("another form"))
    if (told["kind"], told["version"]) != (kind, 1):
        raise Fails(WHERE, f"{kind}, version 1", Said("another kind or version"))
    if "witnesses" in told and type(told["witnesses"]) is not list:
        raise Fails(WHERE, "a list of the witnesses' keys", told["witnesses"])
    return told


def verify(told: dict[str, Any], trust: Trust) -> Proven:
    """Verify a proof. Raises Fails, and CannotTell where it is asked to count witnesses that
    nobody but the proof names: unlike a public file's, its list is not signed.
    """
    key = key_of(told["key"], WHERE, note.ED25519)
    expect_key(trust, [key], WHERE)
    signed = str(told["checkpoint"]).encode()
    checkpoint = checkpoint_of(signed, key, CHECKPOINT)
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
    return Proven(told["leaf"], told["index"], checkpoint, key, witnesses)


def _look_place(told: dict[str, Any], checkpoint: Checkpoint) -> None:
    """The leaf stands at its index in the checkpoint's tree."""
    index, steps = told["index"], told["proof"]
    if type(index) is not int or type(steps) is not list:
        raise Fails(WHERE, "an index and a list of hashes", Said("another form"))
    found = merkle.leaf_hash(canonical.encode(told["leaf"]))
    try:
        hashes = [b64.decode(str(step), merkle.HASH_BYTES) for step in steps]
        merkle.check_inclusion(found, index, checkpoint.size, hashes, checkpoint.root)
    except b64.NotBase64 as problem:
        raise Fails(WHERE, "hashes in base64", Said("others")) from problem
    except merkle.BadProof as problem:
        root = b64.encode(checkpoint.root)
        raise Fails(WHERE, f"hashes that lead to {root}", Said(str(problem))) from problem
