"""Levels of signatures: raised as far as timestamps and revocation data can be had, never lowered.

B-B is a signature alone, B-T one with a timestamp, B-LT one with certificates and lists of what
was revoked, B-LTA one with a timestamp over all of that (ETSI EN 319 142-1, 5.1). A timestamp
server that is down costs a level until it is back, and no signature.
"""

import logging
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from twinhood.documents.backing import Backing, backing_of, has_way
from twinhood.documents.core import signing
from twinhood.documents.core.signing import Evidence
from twinhood.documents.models import (
    Document,
    LevelReached,
    Revision,
    Signature,
    Slot,
    Taken,
    TrustedIssuer,
)
from twinhood.documents.store import the_store
from twinhood.documents.timestamps import timestamper_for
from twinhood.kit import clock

logger = logging.getLogger(__name__)

Level = LevelReached.Level
Purpose = TrustedIssuer.Purpose
# A paper that somebody took away to sign waits so long for them before anything is added to it.
TAKEN_FOR = timedelta(days=30)


def reach(signature: Signature, revision: Revision, level: Level) -> None:
    """Note that a signature has this level now, unless it had it before."""
    LevelReached.objects.get_or_create(
        signature=signature,
        level=level,
        defaults={"revision": revision, "reached_at": clock.now()},
    )


def raise_document(document: Document) -> bool:
    """Add what a paper's signatures lack; whether something was added.

    A paper that somebody took away to sign is left alone meanwhile, or their signature would be
    one over an older revision. A server that fails is logged, and asked again later.
    """
    timestamper = timestamper_for(document, clock.now())
    if timestamper is None:
        return False
    try:
        with transaction.atomic():
            Document.objects.select_for_update().get(pk=document.pk)
            lacking = _lacking(document)
            if not lacking or _is_away(document):
                return False
            return _add(document, lacking, timestamper)
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        logger.warning("documents.level_not_raised document=%s %s", document.code, reason)
        return False


def raise_levels() -> int:
    """Raise every paper that can be raised; return how many were."""
    return sum(raise_document(one) for one in _waiting())


def waiting_since() -> list[datetime]:
    """When each paper that waits for a higher level was first signed, oldest first.

    Papers that somebody took away to sign are not among them: those wait for a person.
    """
    waiting = [_lacking(one) for one in _waiting() if not _is_away(one)]
    return sorted(min(one.signed_at for one in lacking) for lacking in waiting if lacking)


def _waiting() -> QuerySet[Document]:
    ids = _below_the_highest().values("slot__document_id")
    return Document.objects.filter(pk__in=ids).order_by("id")


def _below_the_highest() -> QuerySet[Signature]:
    reached = LevelReached.objects.filter(signature=OuterRef("pk"))
    digital = Signature.objects.exclude(method=Signature.Method.PAPER)
    return digital.exclude(Exists(reached.filter(level=Level.LTA)))


def _lacking(document: Document) -> list[Signature]:
    """Signatures below the level that we can give them.

    Where the issuer of somebody's own certificate is not trusted here, a timestamp is all.
    """
    found = _below_the_highest().filter(slot__document=document).order_by("id")
    return [
        one
        for one in found.select_related("slot")
        if one.method == Signature.Method.HERE
        or not one.levels.filter(level=Level.T).exists()
        or has_way(*_signed_with(one), Purpose.SIGNATURES)
    ]


def _signed_with(signature: Signature) -> tuple[bytes, tuple[bytes, ...]]:
    """The certificate that signed, and those that came with it."""
    name = signature.revision.sha256
    return _certificates_in(name, signature.slot.field_name)


@lru_cache(maxsize=1024)
def _certificates_in(sha256: str, field: str) -> tuple[bytes, tuple[bytes, ...]]:
    return signing.certificates_of(the_store().get(sha256), field=field)


def revoked_at(data: bytes, *, field: str) -> datetime | None:
    """Since when the certificate of a signature counts no more, if its authority says so now.

    Asks nobody where the authority is not trusted here.
    """
    certificate, others = signing.certificates_of(data, field=field)
    told = backing_of(certificate, others, Purpose.SIGNATURES).told
    return min((one.revoked_at for one in told if one.revoked_at), default=None)


def _is_away(document: Document) -> bool:
    since = clock.now() - TAKEN_FOR
    open_slots = Slot.objects.filter(document=document, signature=None, refusal=None)
    return Taken.objects.filter(slot__in=open_slots, taken_at__gt=since).exists()


def _add(document: Document, lacking: list[Signature], timestamper: Any) -> bool:
    """Add a revision with evidence; False where it would give no signature another level."""
    last = document.revisions.order_by("number").reverse()[0]
    before = the_store().get(last.sha256)
    # What is in the timestamps that are there already; the new one comes from the same server.
    stamps = signing.certificates_of_timestamps(before) or signing.probe(timestamper)
    of_time = sum((backing_of(one, stamps, Purpose.TIMESTAMPS) for one in stamps), Backing())
    behind = {one.pk: _behind(one) for one in lacking}
    whole = [one for one in lacking if of_time.is_complete and behind[one.pk].is_complete]
    timeless = [one for one in lacking if not one.levels.filter(level=Level.T).exists()]
    if not whole and not timeless:
        return False
    found = sum(behind.values(), of_time)
    data = signing.add_evidence(
        before,
        Evidence(found.certificates, found.lists, found.answers),
        timestamper=timestamper,
        field=f"Timestamp{last.number + 1}",
    )
    revision = Revision.objects.create(
        document=document,
        number=last.number + 1,
        added=Revision.Added.EVIDENCE,
        sha256=the_store().put(data),
        length_bytes=len(data),
        made_at=clock.now(),
    )
    for signature in lacking:
        reach(signature, revision, Level.T)
    for signature in whole:
        reach(signature, revision, Level.LT)
        reach(signature, revision, Level.LTA)
    return True


def _behind(signature: Signature) -> Backing:
    return backing_of(*_signed_with(signature), Purpose.SIGNATURES)
