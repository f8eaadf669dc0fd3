"""The verbs of the log. Each runs in its caller's transaction, or in one of its own."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from twinhood.translog import sealing
from twinhood.translog.core import b64, canonical, commitment
from twinhood.translog.errors import BadLeaf
from twinhood.translog.models import LEAF_BYTES_MAX, PARTNERSHIP_LENGTH_MAX, Opening
from twinhood.translog.store import Folder, the_store


@dataclass(frozen=True, slots=True)
class Commitment:
    """A fact that the log holds without telling it: its leaf's id, and the 32 bytes."""

    leaf_id: int
    commitment: bytes


def append(leaves: Sequence[bytes]) -> list[int]:
    """Append leaves, canonical JSON each, in order; return their ids, which ascend.

    Runs in the caller's transaction: what is rolled back was never appended. They are sealed soon
    after the commit. Raises BadLeaf.
    """
    for leaf in leaves:
        _look(leaf)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT translog_append(%s::bytea[])", [list(leaves)])
        (ids,) = cursor.fetchone()
    return list(ids)


def _look(leaf: bytes) -> None:
    if len(leaf) > LEAF_BYTES_MAX:
        raise BadLeaf(f"a leaf has at most {LEAF_BYTES_MAX} bytes")
    try:
        read = canonical.decode(leaf)
    except canonical.NotCanonical as problem:
        raise BadLeaf(str(problem)) from problem
    if not isinstance(read, dict) or not isinstance(read.get("kind"), str):
        raise BadLeaf("a leaf is an object with a kind")
    partnership = read.get("partnership")
    if not isinstance(partnership, str) or len(partnership) > PARTNERSHIP_LENGTH_MAX:
        raise BadLeaf("a leaf names its partnership")


@transaction.atomic
def commit(*, partnership: str, facts: Mapping[str, Any], salt: bytes | None = None) -> Commitment:
    """Append a commitment to `facts` (which name their own "kind") and keep what opens it.

    A watcher sees only that something was committed to. Raises BadLeaf, NotCanonical.
    """
    salt = secrets.token_bytes(commitment.SALT_BYTES) if salt is None else salt
    found = commitment.commit(facts, salt)
    leaf = {"commitment": b64.encode(found), "kind": "commitment", "partnership": partnership}
    (leaf_id,) = append([canonical.encode(leaf)])
    Opening.objects.create(
        partnership=partnership,
        commitment=found,
        leaf_id=leaf_id,
        facts=canonical.encode(dict(facts)),
        salt=salt,
    )
    return Commitment(leaf_id, found)


@transaction.atomic
def pull_back(*, commitment: bytes) -> int | None:
    """Take a published fact back: a tombstone in the log, its hash stays. Return the leaf's id.

    Repeated, or for an unknown commitment, it does nothing and returns None.
    """
    opening = Opening.objects.select_for_update().filter(commitment=commitment).first()
    if opening is None or opening.pulled_back_by_id is not None:
        return None
    leaf = {
        "commitment": b64.encode(commitment),
        "kind": "pulled-back",
        "partnership": opening.partnership,
    }
    (leaf_id,) = append([canonical.encode(leaf)])
    Opening.objects.filter(pk=opening.pk).update(pulled_back_by=leaf_id)
    return leaf_id


@transaction.atomic
def erase_opening(*, commitment: bytes) -> bool:
    """Destroy facts and salt: the 32 bytes in the log then tell nothing. False if unknown."""
    erased = Opening.objects.filter(commitment=commitment).update(facts=None, salt=None)
    return erased > 0


def seal(*, store: Folder | None = None) -> sealing.Sealed | None:
    """Seal what waits and tell the world; None if nothing was there to seal, or another does it.

    Tiles are on the disk before the head moves, and the checkpoint's file comes last; see
    `sealing` for the order. Each call seals up to `sealing.CHUNK` leaves. Raises LogAhead,
    TilesMissing, LogKeyMissing, OSError: then nothing was signed.
    """
    store = store or the_store()
    sealed = sealing.seal_chunk(store)
    published = sealing.publish(store)
    return published if sealed else None
