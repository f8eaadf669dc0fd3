"""Verbs: recording what is publicly known of twinnings. All are safe to repeat."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from twinhood.kit.fields import LocalText
from twinhood.people.models import Partnership, Person
from twinhood.places.actions import name_place
from twinhood.places.models import Place
from twinhood.twinnings import facts
from twinhood.twinnings.core import states
from twinhood.twinnings.core.records import (
    AgreementRecord,
    InstrumentRecord,
    NameRecord,
    PartialDate,
    SignatureRecord,
    Texts,
    TwinningRecord,
)
from twinhood.twinnings.errors import CannotBecome, PlacesMissing, SamePlace
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
    *,
    twinning: Twinning,
    kind: str,
    when: PartialDate,
    text: Texts,
    source: str,
    state: str = "",
    decided_by: Texts | None = None,
    place: Place | None = None,
) -> Milestone:
    """Record what happened to a twinning, by whose account; the same fact again is reworded.

    The twinning's own state does not follow: whoever records a suspension from a report records
    the state too. What is decided here goes through `change_state`.
    """
    milestone, _ = Milestone.objects.update_or_create(
        twinning=twinning,
        kind=kind,
        date=when.date,
        date_digits=when.digits,
        source=source,
        defaults={
            "text": LocalText(text),
            "state": state,
            "decided_by": None if decided_by is None else LocalText(decided_by),
            "place": place,
        },
    )
    return milestone


_KIND_OF_STATE = {
    Twinning.State.PROPOSED: Milestone.Kind.PROPOSED,
    Twinning.State.RESOLVED: Milestone.Kind.RESOLUTION,
    Twinning.State.IN_FORCE: Milestone.Kind.IN_FORCE,
    Twinning.State.SUSPENDED: Milestone.Kind.SUSPENDED,
    Twinning.State.ENDED: Milestone.Kind.ENDED,
    Twinning.State.EMERITUS: Milestone.Kind.EMERITUS,
}


@transaction.atomic
def change_state(
    *,
    twinning: Twinning,
    new_state: Twinning.State,
    place: Place,
    decided_date: date,
    decided_by: Texts,
    text: Texts,
    source: str,
    by: Person,
    at: datetime,
) -> Milestone:
    """Record that one city decided on the bond: which body, when, where it can be read.

    One city alone can suspend, and it is the one that resumes. Nothing is deleted: what went
    before stays in the bond's history. Raises CannotBecome.
    """
    twinning = Twinning.objects.select_for_update().get(pk=twinning.pk)
    last = twinning.milestones.exclude(state="").order_by("date", "pk").last()
    refusal = states.why_not_become(
        twinning.state,
        new_state,
        side=str(place.pk),
        suspended_by=_suspended_by(last),
    )
    if refusal is None and decided_date > at.astimezone(ZoneInfo(place.time_zone)).date():
        refusal = states.Refusal.FUTURE
    if refusal is None and last is not None and decided_date < last.date:
        refusal = states.Refusal.EARLIER
    if refusal is not None:
        raise CannotBecome(refusal)
    is_resumed = twinning.state == Twinning.State.SUSPENDED and new_state == "in_force"
    twinning.state = new_state
    twinning.save(update_fields=["state"])
    return Milestone.objects.create(
        twinning=twinning,
        kind=Milestone.Kind.RESUMED if is_resumed else _KIND_OF_STATE[new_state],
        date=decided_date,
        text=LocalText(text),
        source=source,
        state=new_state,
        decided_by=LocalText(decided_by),
        place=place,
        recorded_by=by,
        recorded_at=at,
    )


def _suspended_by(last: Milestone | None) -> str | None:
    if last is None or last.state != Twinning.State.SUSPENDED or last.place_id is None:
        return None
    return str(last.place_id)


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
            state=milestone.state,
            decided_by=milestone.decided_by,
            place=places[milestone.geoname_id] if milestone.geoname_id else None,
        )
    if record.agreement is not None:
        record_agreement(twinning=twinning, record=record.agreement)


def _places(geoname_ids: Iterable[int]) -> dict[int, Place]:
    wanted = set(geoname_ids)
    found = Place.objects.in_bulk(wanted, field_name="geoname_id")
    if missing := wanted - found.keys():
        raise PlacesMissing(missing)
    return found
