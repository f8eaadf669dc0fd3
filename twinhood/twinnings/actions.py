"""Verbs: recording what is publicly known of twinnings. All are safe to repeat."""

from collections.abc import Iterable

from django.db import transaction

from twinhood.kit.fields import LocalText
from twinhood.people.models import Partnership
from twinhood.places.actions import name_place
from twinhood.places.models import Place
from twinhood.twinnings import facts
from twinhood.twinnings.core.records import (
    AgreementRecord,
    InstrumentRecord,
    NameRecord,
    PartialDate,
    SignatureRecord,
    Texts,
    TwinningRecord,
)
from twinhood.twinnings.errors import PlacesMissing, SamePlace
from twinhood.twinnings.models import (
    Agreement,
    Instrument,
    Milestone,
    Signature,
    Twinning,
    TwinningSource,
)


@transaction.atomic
def record_twinning(
    *,
    a: Place,
    b: Place,
    kind: str,
    state: str,
    since_year: int | None,
    is_confirmed: bool,
    sources: Iterable[str],
) -> Twinning:
    """Record the twinning of two places, whichever is named first, with the lists that name it.

    One that stands takes what is said here; its sources are added to. Raises SamePlace.
    """
    if a.geoname_id == b.geoname_id:
        raise SamePlace(a.geoname_id)
    first, second = sorted((a, b), key=lambda place: place.geoname_id)
    twinning, _ = Twinning.objects.update_or_create(
        a=first,
        b=second,
        defaults={
            "kind": kind,
            "state": state,
            "since_year": since_year,
            "is_confirmed": is_confirmed,
        },
    )
    for source in sources:
        TwinningSource.objects.get_or_create(twinning=twinning, name=source)
    return twinning


def add_milestone(
    *, twinning: Twinning, kind: str, when: PartialDate, text: Texts, source: str
) -> Milestone:
    """Record what happened to a twinning, by whose account; the same fact again is reworded.

    The twinning's state does not follow: whoever records a suspension records the state too.
    """
    milestone, _ = Milestone.objects.update_or_create(
        twinning=twinning,
        kind=kind,
        date=when.date,
        date_digits=when.digits,
        source=source,
        defaults={"text": LocalText(text)},
    )
    return milestone


@transaction.atomic
def record_agreement(*, twinning: Twinning, record: AgreementRecord) -> Agreement:
    """Record an agreement with its instruments and who signed them.

    An agreement whose instruments stand already is returned as it is: papers do not change.
    Raises PlacesMissing.
    """
    # One at a time for each twinning, so that two calls cannot both find nothing.
    Twinning.objects.select_for_update().get(pk=twinning.pk)
    for standing in twinning.agreements.order_by("pk"):
        if dict(standing.title) == dict(record.title):
            return standing
    places = _places(instrument.signature.geoname_id for instrument in record.instruments)
    agreement = Agreement.objects.create(
        twinning=twinning, title=LocalText(record.title), aim=LocalText(record.aim)
    )
    for position, instrument in enumerate(record.instruments, start=1):
        _record_instrument(agreement, position, instrument, places)
    return agreement


def _record_instrument(
    agreement: Agreement, position: int, record: InstrumentRecord, places: dict[int, Place]
) -> None:
    instrument = Instrument.objects.create(
        agreement=agreement, kind=record.kind, title=LocalText(record.title), position=position
    )
    signature = record.signature
    Signature.objects.create(
        instrument=instrument,
        position=position,
        place=places[signature.geoname_id],
        **_columns(signature),
    )


def _columns(record: SignatureRecord) -> dict[str, object]:
    return {
        "signatory": LocalText(record.signatory),
        "office": LocalText(record.office),
        "legal_basis": None if record.legal_basis is None else LocalText(record.legal_basis),
        "signed_date": record.signed_date,
        "signed_at": record.signed_at,
        "signed_where": LocalText(record.signed_where),
        "source": record.source,
    }


def put_to_work(*, twinning: Twinning, partnership: Partnership) -> None:
    """Let a partnership on this installation work on the twinning of its two cities."""
    twinning.partnership = partnership
    twinning.save(update_fields=["partnership"])


@transaction.atomic
def load_facts() -> None:
    """Record the public facts of `facts.py`, and nothing twice. Raises PlacesMissing."""
    places = _places(facts.PLACE_IDS)
    for geoname_id, names in facts.TODAYS_NAMES.items():
        for language, name in names.items():
            since = facts.BECAME_VOLGOGRAD if geoname_id == facts.VOLGOGRAD else None
            source = facts.VOLGOGRAD_NAMES if since else ""
            _name(places, NameRecord(geoname_id, name, language, since, None, source))
    for former in facts.FORMER_NAMES:
        _name(places, former)
    for record in facts.TWINNINGS:
        _record(record, places)


def _name(places: dict[int, Place], record: NameRecord) -> None:
    name_place(
        places[record.geoname_id],
        record.name,
        record.language,
        record.since_date,
        record.until_date,
        source=record.source,
    )


def _record(record: TwinningRecord, places: dict[int, Place]) -> None:
    first, second = record.places
    twinning = record_twinning(
        a=places[first],
        b=places[second],
        kind=record.kind,
        state=record.state,
        since_year=record.since_year,
        is_confirmed=record.is_confirmed,
        sources=record.sources,
    )
    for milestone in record.milestones:
        add_milestone(
            twinning=twinning,
            kind=milestone.kind,
            when=milestone.when,
            text=milestone.text,
            source=milestone.source,
        )
    if record.agreement is not None:
        record_agreement(twinning=twinning, record=record.agreement)


def _places(geoname_ids: Iterable[int]) -> dict[int, Place]:
    wanted = set(geoname_ids)
    found = Place.objects.in_bulk(wanted, field_name="geoname_id")
    if missing := wanted - found.keys():
        raise PlacesMissing(missing)
    return found
