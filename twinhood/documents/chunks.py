"""A file that arrives in chunks, over a line that breaks: what is here is not sent again.

A chunk follows the one before without a gap. One that was sent before changes nothing, and one
whose bytes are not those that its sender hashed is not taken. The last one makes the file whole:
its hash is compared, and it is looked at as every other.
"""

import re
from hashlib import sha256

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length

from twinhood.documents import files
from twinhood.documents.core.unshown import Unshown
from twinhood.documents.errors import ChunkUnfit, FileRefused, TooManyFiles
from twinhood.documents.models import FileChunk, StoredFile
from twinhood.kit import clock
from twinhood.kit.core.text import tidy_line
from twinhood.people.models import Partnership, Person

CHUNK_BYTES_MAX = 2**20
# Of one person, begun and not whole.
UNFINISHED_MAX = 40
_SHA256 = re.compile("[0-9a-f]{64}")


def begin(
    *, name: str, size_bytes: int, digest: str, partnership: Partnership, by: Person
) -> StoredFile:
    """The file to send chunks of: the one that was begun before, if it is the same.

    Raises FileRefused, TooManyFiles, ChunkUnfit, TooBusy.
    """
    name = tidy_line(name)[: files.NAME_LENGTH_MAX]
    if size_bytes > files.FILE_BYTES_MAX:
        raise FileRefused(name, Unshown.TOO_LARGE)
    if size_bytes <= 0 or not _SHA256.fullmatch(digest):
        raise ChunkUnfit
    if (here := files.waiting(digest, partnership, by)) is not None:
        return here
    begun = StoredFile.objects.filter(
        partnership=partnership, uploaded_by=by, state=StoredFile.State.RECEIVING
    )
    same = begun.filter(sha256=digest, size_bytes=size_bytes).order_by("pk").first()
    if same is not None:
        return finish(same) if bytes_here(same) == size_bytes else same
    if begun.count() >= UNFINISHED_MAX:
        raise TooManyFiles
    files.count_one(partnership, by)
    return StoredFile.objects.create(
        code=files.new_code(), partnership=partnership, name=name, sha256=digest,
        size_bytes=size_bytes, state=StoredFile.State.RECEIVING, uploaded_by=by,
        uploaded_at=clock.now(),
    )  # fmt: skip


def bytes_here(file: StoredFile) -> int:
    """How many bytes of it are here, counted from its first."""
    if file.state == StoredFile.State.RECEIVED:
        return file.size_bytes
    found = file.chunks.aggregate(total=Sum(Length("data")))["total"]
    return int(found or 0)


def add(file: StoredFile, *, start_byte: int, data: bytes, digest: str) -> StoredFile:
    """Keep a chunk, durably when this returns; the last one makes the file whole.

    Repeats change nothing, nor does a chunk that begins behind a gap. Raises ChunkUnfit,
    FileRefused, TooBusy.
    """
    if not data or len(data) > CHUNK_BYTES_MAX or sha256(data).hexdigest() != digest:
        raise ChunkUnfit
    with transaction.atomic():
        locked = StoredFile.objects.select_for_update().get(pk=file.pk)
        here = bytes_here(locked)
        if locked.state != StoredFile.State.RECEIVING or start_byte != here:
            return locked
        if here + len(data) > locked.size_bytes:
            raise ChunkUnfit
        FileChunk.objects.create(file=locked, start_byte=start_byte, data=data)
    return finish(locked) if here + len(data) == locked.size_bytes else locked


def finish(file: StoredFile) -> StoredFile:
    """Make the file whole and look at it. Raises FileRefused (and keeps why), TooBusy."""
    parts = file.chunks.order_by("start_byte").values_list("data", flat=True)
    data = b"".join(bytes(part) for part in parts)
    try:
        if sha256(data).hexdigest() != file.sha256:
            raise FileRefused(file.name, Unshown.OTHER_BYTES)
        found = files.look(data, file.name)
    except FileRefused as problem:
        with transaction.atomic():
            file.chunks.all().delete()
            StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.RECEIVING).update(
                state=StoredFile.State.REFUSED, reason=problem.why
            )
        raise
    with transaction.atomic():
        locked = StoredFile.objects.select_for_update().get(pk=file.pk)
        if locked.state != StoredFile.State.RECEIVING:
            # Two asked for it at the same time.
            return locked
        files.received(locked, data, found)
        locked.chunks.all().delete()
    return locked
