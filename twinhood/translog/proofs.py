"""The proof of one leaf: a file of some kilobytes that holds by itself.

Canonical JSON: the leaf, its place in the tree, the hashes that lead from there to the root,
and the checkpoint with the keys that signed it. `twinhood verify` reads it without network.
"""

from collections.abc import Mapping
from typing import Any

from twinhood.translog import queries
from twinhood.translog.core import b64, canonical, note
from twinhood.translog.models import Leaf, Witness
from twinhood.translog.sealing import Sealed


def proof_of(leaf_id: int, *, kind: str, opening: Mapping[str, Any] | None = None) -> bytes | None:
    """Prove that a leaf is in the log; None while it waits to be sealed.

    `kind` is one of `core.proof`; `opening` tells what a gift's donor told (commitment, facts,
    salt). Stands on the newest checkpoint
    that a witness signed, where the leaf is below it; else on the newest one.
    """
    index = queries.index_of(leaf_id)
    sealed = _sealed_above(index) if index is not None else None
    if index is None or sealed is None:
        return None
    signed = note.parse(sealed.note)
    told = {
        "checkpoint": sealed.note,
        "index": index,
        "key": next(k for k in reversed(queries.log_keys()) if signed.by(note.parse_vkey(k))),
        "kind": kind,
        "leaf": canonical.decode(
            bytes(Leaf.objects.values_list("data", flat=True).get(pk=leaf_id))
        ),
        "proof": [b64.encode(step) for step in queries.inclusion(index, sealed.size)],
        "version": 1,
        "witnesses": [
            witness.vkey
            for witness in Witness.objects.order_by("id")
            if signed.by(note.parse_vkey(witness.vkey))
        ],
    }
    return canonical.encode(told | ({"opening": dict(opening)} if opening else {}))


def _sealed_above(index: int) -> Sealed | None:
    for sealed in (queries.latest_witnessed(), queries.latest()):
        if sealed is not None and sealed.size > index:
            return sealed
    return None
