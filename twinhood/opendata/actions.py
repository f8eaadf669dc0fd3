"""Build a partnership's public file, and remove those that may not or need not be kept."""

import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from twinhood.kit import clock
from twinhood.opendata import building, snapshot
from twinhood.opendata.errors import AlreadyBuilding, NoRoom, NothingSealed
from twinhood.opendata.models import PublicFile
from twinhood.opendata.projection import public_openings
from twinhood.opendata.snapshot import Snapshot
from twinhood.people.models import Partnership
from twinhood.translog import actions as log
from twinhood.translog.core import b64

# So many files of a partnership stay, so that `--since` can be tried on the last ones.
KEPT = 3
# Whoever builds says so more often than this, even while it writes a gigabyte.
DEAD_AFTER = timedelta(minutes=5)
REPORT_S = 1.0
AGE_MIN = timedelta(minutes=5)
TIMES_ITS_TIME = 20
SEALINGS_MAX = 1_000
# What a leaf takes while a file is built: unpacked, in the zip, and gzipped.
BYTES_A_LEAF = 4_000


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.PUBLIC_FILES_DIR)


def build(partnership: Partnership) -> PublicFile:
    """Build the public file of what is sealed and public now, and return its row.

    If nothing changed since the last one, that one is returned. Raises NothingSealed,
    AlreadyBuilding, NoRoom, zipfile.LargeZipFile (above 4 GiB), OSError; and as
    `translog.actions.seal`: nothing is signed then.
    """
    seal_all()
    taken = snapshot.take(partnership, at=clock.now())
    if (same := _newest(partnership)) and same.fingerprint == taken.fingerprint:
        return same
    _expect_room(taken.leaves_count)
    row = _begin(taken)
    try:
        written = building.write_zip(taken, folder() / taken.name, _Reporter(row))
    except BaseException:
        PublicFile.objects.filter(pk=row.pk).update(state=PublicFile.State.FAILED)
        raise
    row = _finish(row, written)
    remove_old(partnership)
    return row


def seal_all() -> None:
    """Seal what waits, unless somebody else is doing so."""
    for _ in range(SEALINGS_MAX):
        if log.seal() is None:
            return


def _newest(partnership: Partnership) -> PublicFile | None:
    ready = PublicFile.objects.filter(partnership=partnership, state=PublicFile.State.READY)
    found = ready.order_by("-id").first()
    return found if found and (folder() / found.path).is_file() else None


def _expect_room(leaves_count: int) -> None:
    """Refuse what could fill the disk: below FREE_BYTES_MIN nobody could give any more."""
    folder().mkdir(parents=True, exist_ok=True)
    wanted = leaves_count * BYTES_A_LEAF + 2 * settings.FREE_BYTES_MIN
    if (free := shutil.disk_usage(folder()).free) < wanted:
        raise NoRoom(wanted, free)


def _begin(taken: Snapshot) -> PublicFile:
    now = clock.now()
    dead = PublicFile.objects.filter(
        partnership=taken.partnership,
        state=PublicFile.State.BUILDING,
        touched_at__lt=now - DEAD_AFTER,
    )
    try:
        with transaction.atomic():
            dead.update(state=PublicFile.State.FAILED)
            return PublicFile.objects.create(
                partnership=taken.partnership,
                fingerprint=taken.fingerprint,
                log_size=taken.sealed.size,
                checkpoint=taken.sealed.note,
                opened=taken.opened,
                leaves_count=taken.leaves_count,
                started_at=now,
                touched_at=now,
            )
    except IntegrityError as problem:
        raise AlreadyBuilding(taken.partnership.slug) from problem


class _Reporter:
    """Writes how far the building is, at most once a second."""

    def __init__(self, row: PublicFile) -> None:
        self._row = row
        self._said_s = 0.0

    def __call__(self, leaves_done: int) -> None:
        if time.monotonic() - self._said_s >= REPORT_S:
            self._said_s = time.monotonic()
            PublicFile.objects.filter(pk=self._row.pk).update(
                leaves_done=leaves_done, touched_at=clock.now()
            )


def _finish(row: PublicFile, written: building.Written) -> PublicFile:
    row.state = PublicFile.State.READY
    row.built_at = row.touched_at = clock.now()
    row.leaves_done = row.leaves_count
    row.path = written.path.relative_to(folder()).as_posix()
    row.sha256, row.size_bytes = written.sha256, written.size_bytes
    row.contents = [list(pair) for pair in written.contents]
    row.save()
    return row


def remove_old(partnership: Partnership) -> int:
    """Delete files beyond the last `KEPT`, and any that opens what may not be shown now.

    Returns how many were deleted.
    """
    rows = PublicFile.objects.filter(partnership=partnership, state=PublicFile.State.READY)
    ready = list(rows.order_by("-id"))
    if not ready:
        return 0
    allowed = {b64.encode(o.commitment) for o in public_openings(partnership, clock.now())}
    removed = 0
    for place, row in enumerate(ready):
        if place >= KEPT or not allowed.issuperset(row.opened):
            _remove(row)
            removed += 1
    return removed


def _remove(row: PublicFile) -> None:
    PublicFile.objects.filter(pk=row.pk).update(state=PublicFile.State.REMOVED, opened=[])
    still = PublicFile.objects.filter(path=row.path, state=PublicFile.State.READY)
    if not still.exists():
        path = folder() / row.path
        path.unlink(missing_ok=True)
        building.compressed_path(path).unlink(missing_ok=True)


def is_due(partnership: Partnership, *, at: datetime) -> bool:
    """Whether another file should be built: something changed, and the last one is old enough.

    A large file, which takes minutes, is built less often than a small one.
    """
    newest = _newest(partnership)
    if newest and newest.built_at:
        took = newest.built_at - newest.started_at
        if at - newest.built_at < max(AGE_MIN, took * TIMES_ITS_TIME):
            return False
    try:
        taken = snapshot.take(partnership, at=at)
    except NothingSealed:
        return False
    return newest is None or newest.fingerprint != taken.fingerprint
