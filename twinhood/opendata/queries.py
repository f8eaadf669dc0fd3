"""Reads for the public file's page and its download."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from twinhood.opendata.actions import folder
from twinhood.opendata.models import PublicFile
from twinhood.opendata.projection import public_openings
from twinhood.people.models import Partnership
from twinhood.translog.core import b64, note


@dataclass(frozen=True, slots=True)
class Shelf:
    """A partnership's files that may be taken now, newest first, and the one being built."""

    files: list[PublicFile]
    building: PublicFile | None

    @property
    def newest(self) -> PublicFile | None:
        return self.files[0] if self.files else None


def shelf(partnership: Partnership, *, at: datetime) -> Shelf:
    """What may be downloaded at `at`: a file that opens what was pulled back is not among it."""
    rows = PublicFile.objects.filter(partnership=partnership).order_by("-id")
    ready = list(rows.filter(state=PublicFile.State.READY)[:5])
    allowed = _allowed(partnership, at) if any(row.opened for row in ready) else frozenset()
    files = [row for row in ready if allowed.issuperset(row.opened) and path_of(row).is_file()]
    return Shelf(files, rows.filter(state=PublicFile.State.BUILDING).first())


_known: dict[int, tuple[float, frozenset[str]]] = {}


def _allowed(partnership: Partnership, at: datetime) -> frozenset[str]:
    """What may be opened, as read not longer than BURST_CACHE_S ago: many ask at once."""
    now_s = time.monotonic()
    read_s, found = _known.get(partnership.pk, (-1e9, frozenset()))
    if now_s - read_s >= settings.BURST_CACHE_S:
        found = frozenset(b64.encode(o.commitment) for o in public_openings(partnership, at))
        _known[partnership.pk] = now_s, found
    return found


def path_of(row: PublicFile) -> Path:
    return folder() / row.path


def checkpoint_of(row: PublicFile) -> tuple[note.Checkpoint, list[str]]:
    """What the file's checkpoint says, and the names of the witnesses that signed it."""
    read = note.parse(row.checkpoint)
    found = note.parse_checkpoint(read.text)
    names = [one.name for one in read.signatures if one.name != found.origin]
    return found, names
