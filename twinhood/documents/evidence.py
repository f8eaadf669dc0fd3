"""Levels of signatures: raised as far as timestamps and revocation data can be had, never lowered.

B-B is a signature alone, B-T one with a timestamp, B-LT one with certificates and lists of what
was revoked, B-LTA one with a timestamp over all of that (ETSI EN 319 142-1, 5.1). A timestamp
server that is down costs a level until it is back, and no signature.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from twinhood.documents import fetching, offices
from twinhood.documents.core import signing
from twinhood.documents.core.signing import Evidence
from twinhood.documents.models import (
    Authority,
    Document,
    LevelReached,
    OfficeCertificate,
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
            lacking = list(_lacking(document))
            if not lacking or _is_away(document):
                return False
            _add(document, lacking, timestamper)
    except Exception as problem:
        reason = f"{type(problem).__name__}: {problem}"
        logger.warning("documents.level_not_raised document=%s %s", document.code, reason)
        return False
    return True


def raise_levels() -> int:
    """Raise every paper that can be raised; return how many were."""
    return sum(raise_document(one) for one in _waiting())


def waiting_since() -> list[datetime]:
    """When each paper that waits for a higher level was first signed, oldest first.

    Papers that somebody took away to sign are not among them: those wait for a person.
    """
    return sorted(
        _lacking(one).earliest("signed_at").signed_at for one in _waiting() if not _is_away(one)
    )


def _waiting() -> QuerySet[Document]:
    ids = _all_lacking().values("slot__document_id")
    return Document.objects.filter(pk__in=ids).order_by("id")


def _all_lacking() -> QuerySet[Signature]:
    """Signatures below the level that we can give them."""
    reached = LevelReached.objects.filter(signature=OuterRef("pk"))
    return Signature.objects.filter(
        Q(method=Signature.Method.HERE) & ~Exists(reached.filter(level=Level.LTA))
        | Q(method=Signature.Method.OWN) & ~Exists(reached.filter(level=Level.T))
    )


def _lacking(document: Document) -> QuerySet[Signature]:
    return _all_lacking().filter(slot__document=document).order_by("id")


def _is_away(document: Document) -> bool:
    since = clock.now() - TAKEN_FOR
    open_slots = Slot.objects.filter(document=document, signature=None, refusal=None)
    return Taken.objects.filter(slot__in=open_slots, taken_at__gt=since).exists()


def _add(document: Document, lacking: list[Signature], timestamper: Any) -> None:
    last = document.revisions.order_by("number").reverse()[0]
    before = the_store().get(last.sha256)
    # What is in the timestamps that are there already; the new one comes from the same server.
    seen = signing.certificates_of_timestamps(before)
    first = signing.probe(timestamper) if not seen else []
    timestamps = _chain([*seen, *first])
    lists, are_complete = _lists(timestamps)
    evidence = Evidence(
        certificates=[*_certificates_of(document), *timestamps],
        lists=[bytes(offices.newest_list().data), *lists],
    )
    data = signing.add_evidence(
        before, evidence, timestamper=timestamper, field=f"Timestamp{last.number + 1}"
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
        if are_complete and signature.method == Signature.Method.HERE:
            reach(signature, revision, Level.LT)
            reach(signature, revision, Level.LTA)


def _certificates_of(document: Document) -> list[bytes]:
    """Of the offices that signed here, and of what issued them."""
    names = Signature.objects.filter(slot__document=document).values("certificate_sha256")
    rows = OfficeCertificate.objects.filter(sha256__in=names).order_by("id")
    roots = Authority.objects.filter(certificates__in=rows).distinct().order_by("id")
    own = [bytes(one.certificate) for one in rows]
    return own + [bytes(one.certificate) for one in roots]


def _chain(certificates: Iterable[bytes]) -> list[bytes]:
    """These and the roots above them that we know: ours, and those trusted for timestamps."""
    found = dict.fromkeys(certificates)
    trusted = TrustedIssuer.objects.filter(
        purpose=TrustedIssuer.Purpose.TIMESTAMPS, ended_at__isnull=True
    )
    roots = [bytes(one.certificate) for one in trusted]
    roots += [bytes(one.certificate) for one in Authority.objects.order_by("id")]
    issuers = {x509.load_der_x509_certificate(one).issuer for one in found}
    for one in roots:
        if x509.load_der_x509_certificate(one).subject in issuers:
            found[one] = None
    return list(found)


def _lists(certificates: Iterable[bytes]) -> tuple[list[bytes], bool]:
    """Lists of what is revoked for each of these that is no root, and whether all could be had."""
    lists: list[bytes] = []
    are_complete = True
    for one in certificates:
        certificate = x509.load_der_x509_certificate(one)
        if certificate.subject == certificate.issuer:
            continue
        known = fetching.list_for(certificate)
        are_complete = are_complete and known is not None
        lists += [known] if known and known not in lists else []
    return lists, are_complete
