"""Photos and scans that people send in: looked at apart, kept as they came, shown made anew."""

import logging
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.fields.reverse_related import ForeignObjectRel

from twinhood.documents import apart
from twinhood.documents.core import code, pictures_child
from twinhood.documents.core.unshown import NotShown, Shown, Unshown
from twinhood.documents.errors import FileRefused, TooManyFiles
from twinhood.documents.models import FileChunk, Rendition, Revision, Scan, StoredFile
from twinhood.documents.store import the_store
from twinhood.kit import clock, limits
from twinhood.kit.core.text import tidy_line
from twinhood.people.models import Partnership, Person

logger = logging.getLogger(__name__)

FILE_BYTES_MAX = 32 * 2**20
# Of one person, or of all who come by secret links of one partnership.
FILES_AN_HOUR_MAX = 200
CODE_LENGTH = 16
WALL_S = 60
PICTURES_BYTES_MAX = 48 * 2**20
NAME_LENGTH_MAX = 200
# What belongs to a file itself.
OWN_PARTS: tuple[Any, ...] = (Rendition, FileChunk)
# Whose rows name bytes of the store.
NAMING: tuple[type[Model], ...] = (StoredFile, Rendition, Revision, Scan)
UNUSED_DAYS = 7


def keep(
    uploaded: "UploadedFile[Any]", *, partnership: Partnership | None, by: Person | None
) -> StoredFile:
    """Look at a file and keep it, private; the same one sent again is the one that is here.

    Raises FileRefused, TooManyFiles, TooBusy.
    """
    name = tidy_line(uploaded.name or "")[:NAME_LENGTH_MAX]
    if (uploaded.size or 0) > FILE_BYTES_MAX:
        raise FileRefused(name, Unshown.TOO_LARGE)
    data = uploaded.read()
    digest = sha256(data).hexdigest()
    if (here := waiting(digest, partnership, by)) is not None:
        return here
    count_one(partnership, by)
    found = look(data, name)
    file = StoredFile(
        code=new_code(), partnership=partnership, name=name, sha256=digest, size_bytes=len(data),
        uploaded_by=by, uploaded_at=clock.now(),
    )  # fmt: skip
    return received(file, data, found)


def new_code() -> str:
    """A name that cannot be guessed, about 72 bits."""
    return "".join(code.new(secrets.choice) for _ in range(2))[:CODE_LENGTH]


def count_one(partnership: Partnership | None, by: Person | None) -> None:
    """Count one more file of theirs. Raises TooManyFiles."""
    who = f"person:{by.pk}" if by else f"partnership:{partnership.pk if partnership else ''}"
    if limits.count("files", who) > FILES_AN_HOUR_MAX:
        raise TooManyFiles


def look(data: bytes, name: str = "") -> Shown:
    """What a file shows, found out by a child. Raises FileRefused, TooBusy."""
    answer = apart.answer(
        pictures_child.__name__, data, wall_s=WALL_S, bytes_max=PICTURES_BYTES_MAX
    )
    if answer is None:
        logger.info("documents.file_unfit why=no_answer size=%d", len(data))
        raise FileRefused(name, Unshown.TOO_MUCH)
    try:
        return pictures_child.told(answer)
    except NotShown as problem:
        raise FileRefused(name, problem.why) from problem


def waiting(digest: str, partnership: Partnership | None, by: Person | None) -> StoredFile | None:
    """The same bytes of the same person that nothing refers to yet."""
    if by is None:
        return None
    same = StoredFile.objects.filter(
        sha256=digest, partnership=partnership, uploaded_by=by, state=StoredFile.State.RECEIVED
    )
    return next((file for file in same.order_by("-pk")[:5] if not is_referred_to(file)), None)


def is_referred_to(file: StoredFile) -> bool:
    """Whether a row of any room says that this file belongs to it."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: file}).exists()
        for relation in StoredFile._meta.get_fields(include_hidden=True)
        if isinstance(relation, ForeignObjectRel) and relation.related_model not in OWN_PARTS
    )


def received(file: StoredFile, data: bytes, found: Shown) -> StoredFile:
    """The bytes first, durably; then the rows that name them."""
    file.state = StoredFile.State.RECEIVED
    file.media_type = found.media_type
    file.page_count = found.page_count
    file.had_place = found.had_place
    file.is_active = found.is_active
    with transaction.atomic():
        _hold_sweep()
        store = the_store()
        store.put(data)
        file.save()
        Rendition.objects.bulk_create(
            Rendition(
                file=file, page=one.page, width_px=one.width_px, height_px=one.height_px,
                sha256=store.put(one.webp), size_bytes=len(one.webp),
            )
            for one in found.pictures
        )  # fmt: skip
    logger.info("documents.file_received type=%s size=%d", found.media_type, file.size_bytes)
    return file


# --- what nothing refers to


def sweep(at: datetime) -> int:
    """Remove files that were sent in `UNUSED_DAYS` ago and belong to nothing; how many."""
    old = StoredFile.objects.filter(uploaded_at__lt=at - timedelta(days=UNUSED_DAYS))
    return sum(_removed(file) for file in old.order_by("pk").iterator())


def _removed(file: StoredFile) -> bool:
    with transaction.atomic():
        _hold_sweep(alone=True)
        if is_referred_to(file):
            return False
        digests = {file.sha256, *file.renditions.values_list("sha256", flat=True)}
        file.chunks.all().delete()
        file.renditions.all().delete()
        file.delete()
        for digest in digests:
            if not any(kind._default_manager.filter(sha256=digest).exists() for kind in NAMING):
                the_store().remove(digest)
    return True


def _hold_sweep(*, alone: bool = False) -> None:
    """Until this transaction ends, no bytes are removed that a row is about to name."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtext('documents.sweep'))")
