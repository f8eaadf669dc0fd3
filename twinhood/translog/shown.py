"""What the log's page shows."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from twinhood.translog import queries
from twinhood.translog.core import b64, note
from twinhood.translog.models import Checkpoint, Cosignature, Witness

CHECKPOINTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ShownWitness:
    """A witness, and how far it has cosigned: None and None if it has not yet."""

    name: str
    vkey: str
    size: int | None
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownCheckpoint:
    """One sealed size and the names of who cosigned it."""

    size: int
    root: str
    sealed_at: datetime
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogPage:
    """The newest checkpoint first; `ahead_size` is the published size if it is ahead."""

    origin: str
    vkey: str
    older_vkeys: tuple[str, ...]
    checkpoints: tuple[ShownCheckpoint, ...]
    witnesses: tuple[ShownWitness, ...]
    waiting: int
    ahead_size: int | None
    address: str

    @property
    def latest(self) -> ShownCheckpoint | None:
        return self.checkpoints[0] if self.checkpoints else None


def page_of() -> LogPage:
    """Read all that the page shows, in seven queries."""
    vkeys = queries.log_keys()
    ahead = queries.is_ahead()
    return LogPage(
        origin=note.parse_vkey(vkeys[-1]).name if vkeys else settings.LOG_ORIGIN,
        vkey=vkeys[-1] if vkeys else "",
        older_vkeys=tuple(vkeys[:-1]),
        checkpoints=_checkpoints(),
        witnesses=tuple(_witness(witness) for witness in queries.witnesses()),
        waiting=queries.waiting_count(),
        ahead_size=ahead.published if ahead else None,
        address=f"{settings.SITE_URL}/log",
    )


def _checkpoints() -> tuple[ShownCheckpoint, ...]:
    newest = Checkpoint.objects.order_by("-size").prefetch_related("cosignatures__witness")
    return tuple(
        ShownCheckpoint(
            found.size,
            b64.encode(bytes(found.root)),
            found.sealed_at,
            tuple(sorted(c.witness.name for c in found.cosignatures.all())),
        )
        for found in newest[:CHECKPOINTS_SHOWN]
    )


def _witness(witness: Witness) -> ShownWitness:
    last = Cosignature.objects.filter(witness=witness).order_by("-checkpoint_id").first()
    return ShownWitness(
        witness.name,
        witness.vkey,
        last.checkpoint_id if last else None,
        last.signed_at if last else None,
    )
