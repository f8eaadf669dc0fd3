"""The verbs of the log. Each runs in its caller's transaction, or in one of its own."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from twinhood.kit import clock
from twinhood.translog import keys, sealing, witnessing
from twinhood.translog.core import b64, canonical, commitment, note
from twinhood.translog.core.keys import hand_over as key_leaf
from twinhood.translog.errors import BadLeaf
from twinhood.translog.models import (
    LEAF_BYTES_MAX,
    PARTNERSHIP_LENGTH_MAX,
    Opening,
    SigningKey,
    Witness,
)
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


def cosign(data: bytes, *, store: Folder | None = None) -> list[str]:
    """Take cosignatures in: a note as the witness sends it. Return the names of who signed.

    The served checkpoint has them at once, if it is still the one that was signed. Raises
    BadCosignature.
    """
    with transaction.atomic():
        checkpoint, sent = witnessing.read(data)
        names = witnessing.keep(checkpoint, sent)
    # Whoever is sealing meanwhile publishes what comes after this one.
    sealing.publish(store or the_store(), is_waiting=False)
    return names


def add_witness(*, vkey: str) -> Witness:
    """Let a witness cosign from now on. Raises BadNote, for a key of another kind too."""
    key = note.parse_vkey(vkey)
    if key.kind != note.COSIGNATURE:
        raise note.BadNote("a witness has a key for cosignatures (kind 4)")
    witness, _ = Witness.objects.update_or_create(
        name=key.name,
        vkey=vkey,
        defaults={"ended_at": None},
        create_defaults={"added_at": clock.now()},
    )
    return witness


def end_witness(*, name: str) -> bool:
    """Take no more cosignatures of a witness; those that stand stay. False if unknown."""
    active = Witness.objects.filter(name=name, ended_at__isnull=True)
    return active.update(ended_at=clock.now()) > 0


@transaction.atomic
def hand_over_key() -> str:
    """Make a new key for the log, and let the old one hand over to it; return the new vkey.

    The hand-over is a leaf. The checkpoint that seals it is the old key's last. The log keeps its
    name, whatever the settings of this process say: witnesses know it by that. Raises
    LogKeyMissing, LogAhead.
    """
    head = sealing.locked_head()
    sealing.refuse_if_ahead(sealing.published(the_store()), head.size if head else 0)
    keys.first_key()
    old = keys.signer(keys.known_keys()[-1].vkey)
    vkey = keys.make_key(old.key.name)
    (leaf_id,) = append([key_leaf(old.key, note.parse_vkey(vkey), old.sign)])
    SigningKey.objects.create(vkey=vkey, begun_at=clock.now(), handed_over_by_id=leaf_id)
    return vkey


def rebuild_tiles(*, store: Folder | None = None) -> int:
    """Write all tiles again from the database; return how many leaves they hold.

    For when the folder was lost. What comes out must have the root that was signed, else
    TilesMissing is raised and no checkpoint is written. Raises LogAhead, OSError.
    """
    store = store or the_store()
    size = sealing.rebuild(store)
    sealing.publish(store)
    return size
