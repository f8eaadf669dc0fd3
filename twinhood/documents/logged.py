"""Papers in the transparency log: a leaf for each revision of a paper that somebody signed, and
for each paper that the log alone seals."""

from collections.abc import Iterable, Mapping, Sequence

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
    _append([revision], [leaf])


def append_sealed(rows: Sequence[tuple[Revision, str]]) -> None:
    """Append leaves of papers that nobody signs, each with its partnership's name in the log.

    In the caller's transaction. A leaf is a hash and a day: neither the paper's code nor what it
    is about is told, so that nobody finds people's papers by the log.
    """
    leaves: list[dict[str, str | int]] = [
        {
            "date": revision.made_at.date().isoformat(),
            "kind": "sealed",
            "partnership": partnership,
            "sha256": revision.sha256,
        }
        for revision, partnership in rows
    ]
    _append([revision for revision, _ in rows], leaves)


def _append(revisions: Sequence[Revision], leaves: Sequence[Mapping[str, str | int]]) -> None:
    ids = translog.append([canonical.encode(leaf) for leaf in leaves])
    LoggedRevision.objects.bulk_create(
        LoggedRevision(revision=revision, leaf_id=leaf_id)
        for revision, leaf_id in zip(revisions, ids, strict=True)
    )


def proof_of(revision: Revision) -> bytes | None:
    """The proof that a revision's leaf is in the log, as a file.

    None while there is none, or while the log's tiles do not show it.
    """
    row = getattr(revision, "logged", None)
    try:
        return None if row is None else proofs.proof_of(row.leaf_id, kind=PAPER)
    except TilesMissing:
        return None


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
