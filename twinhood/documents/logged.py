"""Papers in the transparency log: a leaf for each revision of a paper that somebody signed, and
for each paper that the log alone seals."""

from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from twinhood.documents.core.checking_report import InLog, Place
from twinhood.documents.models import Document, LoggedRevision, Revision
from twinhood.translog import actions as translog
from twinhood.translog import proofs, queries
from twinhood.translog.core import canonical
from twinhood.translog.core.proof import PAPER
from twinhood.translog.errors import TilesMissing


def unlogged(documents: Iterable[Document]) -> QuerySet[Revision]:
    """Revisions of papers that bear a signature and have no leaf yet, oldest first."""
    signed = Document.objects.filter(
        pk__in=[one.pk for one in documents], slots__signature__isnull=False
    )
    found = Revision.objects.filter(document__in=signed, logged=None)
    return found.select_related("document").order_by("document_id", "number")


def append(revision: Revision, *, partnership: str) -> None:
    """Append a revision's leaf, in the caller's transaction. No person is in it."""
    leaf: dict[str, str | int] = {
        "added": revision.added,
        "code": revision.document.code,
        "date": revision.made_at.date().isoformat(),
        "kind": "paper",
        "partnership": partnership,
        "revision": revision.number,
        "sha256": revision.sha256,
    }
    _append(revision, leaf)


def append_sealed(revision: Revision, *, partnership: str) -> None:
    """Append the leaf of a paper that nobody signs, in the caller's transaction: a hash and a day.

    Neither its code nor what it is about is told, so that nobody finds people's papers by the log.
    """
    leaf: dict[str, str | int] = {
        "date": revision.made_at.date().isoformat(),
        "kind": "sealed",
        "partnership": partnership,
        "sha256": revision.sha256,
    }
    _append(revision, leaf)


def _append(revision: Revision, leaf: Mapping[str, str | int]) -> None:
    (leaf_id,) = translog.append([canonical.encode(leaf)])
    LoggedRevision.objects.create(revision=revision, leaf_id=leaf_id)


def proof_of(revision: Revision) -> bytes | None:
    """The proof that a revision's leaf is in the log, as a file; None while there is none."""
    row = getattr(revision, "logged", None)
    return None if row is None else proofs.proof_of(row.leaf_id, kind=PAPER)


def place_of(revision: Revision) -> InLog:
    """Where a revision's SHA-256 stands in the log, as the tiles on the disk prove it."""
    row = getattr(revision, "logged", None)
    if row is None:
        return InLog(Place.NOWHERE)
    try:
        found = queries.proven(row.leaf_id)
    except TilesMissing:
        return InLog(Place.UNSHOWN)
    if found is None or canonical.decode(found.leaf).get("sha256") != revision.sha256:
        return InLog(Place.UNSHOWN)
    if found.size == 0:
        return InLog(Place.WAITING)
    return InLog(Place.SEALED, found.index, found.size)
