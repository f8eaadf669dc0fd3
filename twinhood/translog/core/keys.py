"""The log's key hands over to the next: a leaf that the old key signed.

`{"from": vkey, "kind": "key", "partnership": "", "signature": base64, "to": vkey}`. What is signed
(Ed25519, by the key of `from`) is the canonical text of the same object without `signature`. The
checkpoint that seals such a leaf is the last that the old key signs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from twinhood.translog.core import b64, canonical, ed25519
from twinhood.translog.core.note import ED25519, BadNote, Key, parse_vkey


def message(old: Key, new: Key) -> bytes:
    """The bytes that the old key signs."""
    told = {"from": old.vkey, "kind": "key", "partnership": "", "to": new.vkey}
    return canonical.encode(told)


def hand_over(old: Key, new: Key, sign: Callable[[bytes], bytes]) -> bytes:
    """Return the leaf by which `old` hands over to `new`; `sign` signs by the old key."""
    told = canonical.decode(message(old, new))
    told["signature"] = b64.encode(sign(message(old, new)))
    return canonical.encode(told)


def read_hand_over(leaf: Mapping[str, Any]) -> tuple[Key, Key]:
    """Return who hands over to whom, after verifying the signature. Raises BadNote."""
    if set(leaf) != {"from", "kind", "partnership", "signature", "to"} or leaf["kind"] != "key":
        raise BadNote("not a hand-over of keys")
    if leaf["partnership"] != "" or not all(isinstance(part, str) for part in leaf.values()):
        raise BadNote("not a hand-over of keys")
    old, new = parse_vkey(leaf["from"]), parse_vkey(leaf["to"])
    try:
        signature = b64.decode(leaf["signature"], 64)
    except b64.NotBase64 as problem:
        raise BadNote("a signature that is not canonical base64") from problem
    if old.kind != ED25519 or new.kind != ED25519 or old == new:
        raise BadNote("a log's keys are Ed25519 keys, and two")
    if not ed25519.verify(old.public, message(old, new), signature):
        raise BadNote("the old key did not sign this")
    return old, new
