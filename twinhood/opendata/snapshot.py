"""What a public file is made of, read in one moment: nothing of it changes while it is built."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from twinhood.opendata.errors import NothingSealed
from twinhood.opendata.models import PublicFile
from twinhood.opendata.projection import name_in_log, public_openings
from twinhood.people.models import Partnership
from twinhood.translog import queries as translog
from twinhood.translog.core import b64, canonical, note
from twinhood.translog.models import Checkpoint, Position, SigningKey, Witness
from twinhood.translog.queries import Opened
from twinhood.translog.sealing import Sealed, with_cosignatures

# A checkpoint that a witness signed is worth waiting for, but not for longer than this.
WITNESSED_AGE_MAX = timedelta(days=1)
# Raise it when a file of the same leaves becomes another one.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sealed size, who signs, and what is public at this size."""

    partnership: Partnership
    at: datetime
    name: str
    origin: str
    sealed: Sealed
    # The log's keys, the one that signed `sealed` last; and those of its witnesses.
    log_keys: Sequence[str]
    witness_keys: Sequence[str]
    openings: Sequence[Opened]
    leaves_count: int
    # Of how many leaves of the log the partnership's files before this one were, ascending.
    older_sizes: Sequence[int]

    @property
    def keys_json(self) -> bytes:
        return canonical.encode({"log": list(self.log_keys), "witnesses": list(self.witness_keys)})

    @property
    def opened(self) -> list[str]:
        return [b64.encode(opened.commitment) for opened in self.openings]

    @property
    def fingerprint(self) -> str:
        """The same for the same state: then the file would be the same to the byte."""
        state = [FORMAT, self.name, self.sealed.note, self.keys_json.decode(), self.opened]
        return hashlib.sha256(canonical.encode(state)).hexdigest()


def take(partnership: Partnership, *, at: datetime) -> Snapshot:
    """Read what is sealed and what may be opened at `at`. Raises NothingSealed.

    Leaves below a sealed size never change, so they need not be held by the transaction.
    """
    with transaction.atomic():
        if not _is_within_another():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _take(partnership, at)


def _is_within_another() -> bool:
    return len(connection.savepoint_ids) > 0


def _take(partnership: Partnership, at: datetime) -> Snapshot:
    name = name_in_log(partnership)
    sealed, log_keys = _chosen(at)
    own = Position.objects.filter(partnership__in=[name, ""], index__lt=sealed.size)
    count = own.count()
    if not name or not count:
        raise NothingSealed(partnership.slug)
    return Snapshot(
        partnership=partnership,
        at=at,
        name=name,
        origin=note.parse_checkpoint(note.parse(sealed.note).text).origin,
        sealed=sealed,
        log_keys=log_keys,
        witness_keys=_witness_keys(sealed),
        openings=public_openings(partnership, at, size=sealed.size),
        leaves_count=count,
        older_sizes=_older_sizes(partnership, sealed.size),
    )


def _older_sizes(partnership: Partnership, size: int) -> list[int]:
    """The sizes of files that somebody may have, and which `verify --since` is to know again."""
    built = [PublicFile.State.READY, PublicFile.State.REMOVED]
    before = PublicFile.objects.filter(partnership=partnership, state__in=built)
    sizes = before.filter(log_size__lt=size).values_list("log_size", flat=True)
    return sorted(set(sizes))


def _chosen(at: datetime) -> tuple[Sealed, list[str]]:
    """The checkpoint to build at: the newest that a witness signed, unless that is too old."""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first()
    witnessed = translog.latest_witnessed()
    if witnessed and witnessed.sealed_at >= at - WITNESSED_AGE_MAX:
        newest = witnessed.size
    # The one that seals a key's hand-over is the old key's last; the file wants one by the new.
    for checkpoint in Checkpoint.objects.filter(size__lte=newest or 0).order_by("-size")[:2]:
        sealed = with_cosignatures(checkpoint)
        keys = _keys_at(checkpoint.size)
        if sealed and keys and note.parse(sealed.note).by(note.parse_vkey(keys[-1])):
            return sealed, keys
    raise NothingSealed("the log")


def _keys_at(size: int) -> list[str]:
    """The keys that the first `size` leaves know of, oldest first."""
    keys = SigningKey.objects.exclude(handed_over_by__position__index__gte=size).exclude(
        handed_over_by__isnull=False, handed_over_by__position__isnull=True
    )
    return list(keys.order_by("id").values_list("vkey", flat=True))


def _witness_keys(sealed: Sealed) -> list[str]:
    """Those who may cosign, and those who did."""
    signed = note.parse(sealed.note)
    return [
        witness.vkey
        for witness in Witness.objects.order_by("id")
        if witness.ended_at is None or signed.by(note.parse_vkey(witness.vkey))
    ]
