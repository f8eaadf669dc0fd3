"""The verbs of papers: freeze, sign in three ways, refuse. Each is durable before it answers."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from twinhood.documents import evidence, offices, paper_words, releasing, uploads
from twinhood.documents.core import code as codes
from twinhood.documents.core import paper as papers
from twinhood.documents.core import receiving, signing, typesetting
from twinhood.documents.core.capacity import Capacity, from_json, to_json, why_not_sign
from twinhood.documents.core.paper import Paper
from twinhood.documents.errors import (
    AlreadySigned,
    CapacityEnded,
    NotSpecimen,
    NotTaken,
    PaperTooLong,
    Replaced,
    ScanUnfit,
    SignedBefore,
    Stale,
    TextUnfit,
    WitnessUnfit,
)
from twinhood.documents.models import (
    Document,
    HandWitness,
    LevelReached,
    Refusal,
    Revision,
    Scan,
    Signature,
    Slot,
    Taken,
)
from twinhood.documents.store import the_store
from twinhood.documents.timestamps import timestamper_for
from twinhood.kit import clock
from twinhood.kit.dates import moment_words
from twinhood.people.models import Organisation, Partnership, Person

Level = LevelReached.Level
Added = Revision.Added
Method = Signature.Method
# Nowhere on earth is the date more than twelve hours behind the one of UTC.
WEST_OF_UTC_MAX = timedelta(hours=12)
SCAN_BYTES_MAX = 20 * 1024 * 1024
SCAN_HEADS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}


def freeze(
    paper: Paper,
    *,
    about: str,
    partnership: Partnership | None = None,
    replaces: Document | None = None,
    is_private: bool = False,
) -> Document:
    """Typeset `paper` and keep it: from now on nothing but signatures changes its bytes.

    `about` is a plain reference, such as "agreement:12". A paper that `replaces` another lets
    nobody sign that one any more. Of a private one the check page tells hashes, and no content.
    Raises TextUnfit, PaperTooLong, OSError.
    """
    code = codes.new(secrets.choice)
    check_url = f"{settings.SITE_URL}/v/{code}"
    setting = paper_words.setting_of(paper, code=code, check_url=check_url)
    try:
        data = typesetting.typeset(paper, setting)
    except typesetting.NotTypeset as problem:
        raise TextUnfit(problem.where, problem.unfit) from problem
    except typesetting.TooLong as problem:
        raise PaperTooLong from problem
    name = the_store().put(data)
    with transaction.atomic():
        document = Document.objects.create(
            partnership=partnership,
            about=about,
            code=code,
            kind=paper.kind,
            title=dict(paper.title),
            languages=list(paper.languages),
            is_specimen=paper.is_specimen,
            is_private=is_private,
            frozen_at=clock.now(),
            sha256=name,
            facts=papers.to_json(paper),
            replaces=replaces,
        )
        _add(document, data, name, Added.FROZEN)
        for position, place in enumerate(paper.places):
            Slot.objects.create(
                document=document,
                position=position,
                field_name=place.field,
                party=dict(place.party),
                office=dict(place.capacity.office),
            )
    return document


def begin_release(*, slot: Slot, person: Person) -> dict[str, Any]:
    """Ask a passkey about the paper as it is now; return what the browser needs, as JSON.

    Raises NotReleased without a passkey, AlreadySigned, Replaced.
    """
    _expect_open(slot)
    return releasing.begin(slot=slot, person=person, revision=last_revision(slot.document))


def sign_here(*, slot: Slot, capacity: Capacity, person: Person, answer: Any) -> Signature:
    """Sign with the office's certificate, released by the passkey's `answer`.

    The signature is on the disk before this returns; its timestamp and evidence are added as far
    as they can be had, else by the worker. Raises CapacityEnded, NotReleased, Stale,
    AlreadySigned, Replaced, KeysMissing, OSError.
    """
    _expect_capacity(capacity)
    _expect_open(slot)
    last = last_revision(slot.document)
    release = releasing.use(slot=slot, person=person, answer=answer, last=last)
    return _sign(slot, capacity, person, release, last)


def sign_specimen(*, slot: Slot, capacity: Capacity, person: Person) -> Signature:
    """Sign a specimen, which proves nothing, without a passkey. Raises NotSpecimen too."""
    if not slot.document.is_specimen:
        raise NotSpecimen
    _expect_capacity(capacity)
    release = {"kind": "specimen", "credential": "", "counter": 0}
    return _sign(slot, capacity, person, release, last_revision(slot.document))


def _sign(
    slot: Slot, capacity: Capacity, person: Person, release: Mapping[str, Any], seen: Revision
) -> Signature:
    identity = offices.identity_for(capacity, is_specimen=slot.document.is_specimen)
    at = clock.now()
    with transaction.atomic():
        document = _locked(slot)
        last = last_revision(document)
        if last.pk != seen.pk:
            raise Stale(last.number)
        signed = signing.sign(
            the_store().get(last.sha256),
            field=slot.field_name,
            identity=identity,
            at=at,
            reason=str(document.title.in_language(document.languages[0])[0]),
            stamp=_stamp(document, capacity, sha256(identity.certificate).hexdigest(), at),
            timestamper=timestamper_for(document, at),
        )
        revision = _add(document, signed.data, the_store().put(signed.data), Added.SIGNATURE)
        signature = _signature(
            slot,
            revision,
            capacity,
            method=Method.HERE,
            entered_by=person,
            certificate_sha256=sha256(identity.certificate).hexdigest(),
            release=dict(release),
        )
        evidence.reach(signature, revision, Level.B)
        if signed.has_timestamp:
            evidence.reach(signature, revision, Level.T)
    evidence.raise_document(document)
    return signature


def take_to_sign(*, slot: Slot, person: Person) -> bytes:
    """The paper as it is now, to be signed elsewhere. It waits for that as long as it can.

    Raises AlreadySigned, Replaced.
    """
    _expect_open(slot)
    last = last_revision(slot.document)
    Taken.objects.create(slot=slot, revision=last, person=person, taken_at=clock.now())
    return the_store().get(last.sha256)


def accept_signed(*, slot: Slot, capacity: Capacity, person: Person, data: bytes) -> Signature:
    """Take back a paper that was signed elsewhere: the last revision and one signature more.

    Whether its certificate is trusted is said by the check, not here; one that its authority
    calls revoked is not taken. Raises NotTaken, Stale,
    CapacityEnded, AlreadySigned, Replaced, TooBusy, OSError.
    """
    _expect_capacity(capacity)
    if len(data) > receiving.BYTES_MAX:
        raise NotTaken(receiving.Problem.TOO_LONG)
    with transaction.atomic():
        document = _locked(slot)
        last = last_revision(document)
        try:
            found = uploads.receive(
                data, before=the_store().get(last.sha256), field=slot.field_name
            )
        except receiving.NotReceived as problem:
            if _is_older(document, data):
                raise Stale(last.number) from problem
            raise NotTaken(problem.problem, problem.detail) from problem
        if evidence.revoked_at(data, field=slot.field_name) is not None:
            raise NotTaken(receiving.Problem.REVOKED)
        revision = _add(document, data, the_store().put(data), Added.SIGNATURE)
        signature = _signature(
            slot,
            revision,
            capacity,
            method=Method.OWN,
            entered_by=person,
            certificate_sha256=found.certificate_sha256,
        )
        evidence.reach(signature, revision, Level.B)
        if found.has_timestamp:
            evidence.reach(signature, revision, Level.T)
    evidence.raise_document(document)
    return signature


def _is_older(document: Document, data: bytes) -> bool:
    """Whether it goes on from a revision that is no longer the last one."""
    last, *older = document.revisions.order_by("-number")

    def goes_on_from(one: Revision) -> bool:
        return sha256(data[: one.length_bytes]).hexdigest() == one.sha256

    return (
        not goes_on_from(last)
        and any(goes_on_from(one) for one in older)
        and len(data) > document.revisions.get(number=0).length_bytes
    )


def enter_scan(
    *, slot: Slot, capacity: Capacity, person: Person, data: bytes, signed_date: date
) -> Scan:
    """Keep the scan of a paper signed by hand, privately; it counts once two others saw it.

    The capacity is looked at for the day on which it was signed. Raises ScanUnfit, SignedBefore,
    CapacityEnded, AlreadySigned, Replaced, OSError.
    """
    media_type = next((kind for head, kind in SCAN_HEADS.items() if data.startswith(head)), "")
    if not media_type or len(data) > SCAN_BYTES_MAX:
        raise ScanUnfit
    first = (slot.document.frozen_at - WEST_OF_UTC_MAX).date()
    if signed_date < first:
        raise SignedBefore(first)
    _expect_capacity(capacity, on=signed_date)
    _expect_open(slot)
    scan, _ = Scan.objects.get_or_create(
        slot=slot,
        sha256=the_store().put(data),
        defaults={
            "revision": last_revision(slot.document),
            "media_type": media_type,
            "signed_date": signed_date,
            "capacity": to_json(capacity),
            "entered_by": person,
            "entered_at": clock.now(),
        },
    )
    return scan


def may_witness(scan: Scan, person: Person, organisation: Organisation) -> bool:
    """Whether somebody's word on a scan counts: they did not enter it, and no witness is of the
    same organisation.
    """
    same = Q(person=person) | Q(organisation=organisation)
    return person.pk != scan.entered_by_id and not scan.witnesses.filter(same).exists()


@transaction.atomic
def witness_scan(*, scan: Scan, person: Person, organisation: Organisation) -> Signature | None:
    """Say that one saw it signed by hand. The second witness's word makes the signature.

    Witnesses are of two organisations, and neither entered the scan. Raises WitnessUnfit,
    AlreadySigned, Replaced.
    """
    _locked(scan.slot)
    if not may_witness(scan, person, organisation):
        raise WitnessUnfit
    is_second = scan.witnesses.exists()
    HandWitness.objects.create(
        scan=scan, person=person, organisation=organisation, witnessed_at=clock.now()
    )
    if not is_second:
        return None
    capacity = from_json(scan.capacity)
    return _signature(
        scan.slot,
        scan.revision,
        capacity,
        method=Method.PAPER,
        entered_by=scan.entered_by,
        scan=scan,
    )


@transaction.atomic
def refuse(*, slot: Slot, person: Person, reason: str) -> Refusal:
    """Say no for a side, and why; it stays said. Raises AlreadySigned, Replaced, ValueError."""
    if not reason.strip():
        raise ValueError("a refusal says why")
    _locked(slot)
    return Refusal.objects.create(
        slot=slot, refused_by=person, reason=reason.strip(), refused_at=clock.now()
    )


# --- what several of them do


def last_revision(document: Document) -> Revision:
    """The newest revision: what is signed next."""
    return document.revisions.order_by("number").reverse()[0]


def _add(document: Document, data: bytes, name: str, added: Added) -> Revision:
    number = document.revisions.count()
    return Revision.objects.create(
        document=document,
        number=number,
        added=added,
        sha256=name,
        length_bytes=len(data),
        made_at=clock.now(),
    )


def _signature(slot: Slot, revision: Revision, capacity: Capacity, **more: Any) -> Signature:
    return Signature.objects.create(
        slot=slot,
        revision=revision,
        signed_at=clock.now(),
        name=capacity.name,
        office=dict(capacity.office),
        legal_basis=dict(capacity.legal_basis),
        act=capacity.act,
        from_date=capacity.from_date,
        until_date=capacity.until_date,
        **more,
    )


def _expect_capacity(capacity: Capacity, *, on: date | None = None) -> None:
    today = on or clock.today_in(capacity.zone)
    if why := why_not_sign(capacity, today=today):
        raise CapacityEnded(capacity, why, today)


def _expect_open(slot: Slot) -> None:
    if Signature.objects.filter(slot=slot).exists() or Refusal.objects.filter(slot=slot).exists():
        raise AlreadySigned(slot.field_name)
    if other := Document.objects.filter(replaces_id=slot.document_id).first():
        raise Replaced(other.code)


def _locked(slot: Slot) -> Document:
    """The slot's document, locked, if the slot is still open: one signature at a time."""
    document = Document.objects.select_for_update().get(pk=slot.document_id)
    _expect_open(slot)
    return document


def _stamp(document: Document, capacity: Capacity, digits: str, at: datetime) -> bytes:
    language = document.languages[0]
    moment = moment_words(at.astimezone(ZoneInfo(capacity.zone)), capacity.zone, language)
    office = capacity.office.get(language) or next(iter(capacity.office.values()))
    return typesetting.stamp(
        typesetting.Stamp(
            name=capacity.name,
            office=office,
            lines=paper_words.stamp_lines(
                moment=moment,
                certificate_sha256=digits,
                code=typesetting.shown(document.code),
                language=language,
            ),
            certificate_sha256=digits,
        )
    )
