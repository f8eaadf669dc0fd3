"""The verbs of transport. Each is one transaction; `at` is an aware UTC time.

The shipment's row is locked first, so that two people who change it at once wait for one another.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from twinhood.deliveries.core.receivers import expect_receiver
from twinhood.deliveries.models import Unit
from twinhood.deliveries.queries import is_vehicle, unit_name
from twinhood.documents.models import StoredFile
from twinhood.giving.models import InKindGift
from twinhood.kit import clock
from twinhood.needs.actions import lock_numbers
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.models import Place
from twinhood.transport import errors
from twinhood.transport.core import legs as way
from twinhood.transport.models import Damage, DamagePhoto, Leg, Load, Rate, RiskHolder, Shipment

log = logging.getLogger(__name__)


@transaction.atomic
def begin(
    *,
    partnership: Partnership,
    consignor: Organisation,
    consignee: Organisation,
    purpose: str,
    by: Person,
    at: datetime,
    form_key: UUID | None = None,
) -> Shipment:
    """Begin an empty shipment; its donation letter has today's date where it starts.

    The same `form_key` again returns the shipment of the first time.
    """
    lock_numbers(partnership)
    if form_key and (known := Shipment.objects.filter(form_key=form_key, made_by=by).first()):
        return known
    last = Shipment.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    return Shipment.objects.create(
        partnership=partnership,
        number=(last or 0) + 1,
        consignor=consignor,
        consignee=consignee,
        purpose=purpose.strip(),
        letter_date=clock.today_in(partnership.giving_place.time_zone),
        made_by=by,
        made_at=at,
        form_key=form_key,
    )


def _locked(shipment: Shipment) -> Shipment:
    """The shipment as it is now, nobody else's to change until this transaction ends."""
    related = (
        "partnership__receiving_place",
        "partnership__giving_place",
        "consignor",
        "consignee",
    )
    found = Shipment.objects.select_for_update(of=("self",)).select_related(*related)
    shipment = found.get(pk=shipment.pk)
    if shipment.cancelled_at is not None:
        raise errors.Closed("cancelled")
    return shipment


@dataclass(frozen=True, slots=True)
class Packed:
    """One thing as it is packed: in how many packages, how heavy with them."""

    thing: Unit | InKindGift
    packages: int
    weight_grams: int


@transaction.atomic
def load(*, shipment: Shipment, things: Sequence[Packed]) -> list[Load]:
    """Say what is in a shipment, instead of what was said before; nothing changes once declared.

    Values are those at which the things were bought or valued. Raises Closed, TravelsElsewhere,
    NotAReceiver for a vehicle to a body that may not have one.
    """
    shipment = _locked(shipment)
    if shipment.declaration_code:
        raise errors.Closed("declared")
    vehicles = any(_is_vehicle(packed.thing) for packed in things)
    expect_receiver(shipment.consignee.legal_form, has_vehicles=vehicles)
    shipment.loads.all().delete()
    return [_loaded(shipment, packed) for packed in things]


def _is_vehicle(thing: Unit | InKindGift) -> bool:
    return is_vehicle(thing.order.need) if isinstance(thing, Unit) else thing.is_vehicle


def _loaded(shipment: Shipment, packed: Packed) -> Load:
    thing = packed.thing
    if isinstance(thing, Unit):
        is_here = thing.order.partnership_id == shipment.partnership_id
        if not is_here or thing.cancelled_at or hasattr(thing, "handover"):
            raise errors.Closed("handed_over")
        what = {"unit": thing, "value_minor": thing.amount_minor, "currency": thing.order.currency}
    else:
        is_here = thing.partnership_id == shipment.partnership_id
        if not is_here or thing.undone_at or thing.handed_over_date:
            raise errors.Closed("handed_over")
        what = {"gift": thing, "value_minor": thing.value_minor, "currency": thing.currency}
    try:
        with transaction.atomic():
            return Load.objects.create(
                shipment=shipment,
                packages=packed.packages,
                weight_grams=packed.weight_grams,
                **what,
            )
    except IntegrityError as problem:
        raise errors.TravelsElsewhere(str(thing_name(thing))) from problem


def thing_name(thing: Unit | InKindGift) -> object:
    """What a thing is called: in each language where it was bought, as it was told where given."""
    if isinstance(thing, Unit):
        return unit_name(thing.order.need, thing.number)
    return thing.description


@dataclass(frozen=True, slots=True)
class LegText:
    """What is written of a leg; times as in `core.legs`."""

    from_place: Place
    to_place: Place
    carrier: str
    risk_holder: RiskHolder
    from_depot: str = ""
    to_depot: str = ""
    vehicle: str = ""
    times: way.Times = way.Times()  # noqa: RUF009 (it is frozen)


@transaction.atomic
def write_leg(
    *, shipment: Shipment, text: LegText, position: int | None = None, at: datetime
) -> Leg:
    """Add a leg at the end of the way, or write the one at `position` anew.

    Once it has left, who bears the loss stays. Raises Closed, and OutOfOrder for dates that
    cannot be.
    """
    shipment = _locked(shipment)
    legs = list(shipment.legs.order_by("position"))
    leg = next((one for one in legs if one.position == position), None)
    if leg is None:
        leg = Leg(shipment=shipment, position=len(legs) + 1)
        legs.append(leg)
    elif leg.departed_at and (text.risk_holder != leg.risk_holder or not text.times.departed):
        raise errors.Closed("left")
    leg.from_place, leg.to_place = text.from_place, text.to_place
    leg.from_depot, leg.to_depot = text.from_depot, text.to_depot
    leg.carrier, leg.vehicle, leg.risk_holder = text.carrier, text.vehicle, text.risk_holder
    leg.planned_departure_at = text.times.planned_departure
    leg.planned_arrival_at = text.times.planned_arrival
    leg.departed_at, leg.arrived_at = text.times.departed, text.times.arrived
    way.expect_order([times_of(one) for one in legs], now=at)
    leg.save()
    return leg


def times_of(leg: Leg) -> way.Times:
    return way.Times(
        leg.planned_departure_at, leg.planned_arrival_at, leg.departed_at, leg.arrived_at
    )


@transaction.atomic
def declare(*, shipment: Shipment, code: str, day: date) -> Shipment:
    """Record the code that the authority gave the declaration; from now on its things stay.

    Raises Closed (empty, cleared), BadDay, CodeKnown.
    """
    shipment = _locked(shipment)
    if not shipment.loads.exists():
        raise errors.Closed("empty")
    if shipment.cleared_date:
        raise errors.Closed("cleared")
    if day > shipment.partnership.receiving_today:
        raise errors.BadDay("future")
    shipment.declaration_code, shipment.declared_date = code.strip().upper(), day
    try:
        with transaction.atomic():
            shipment.save(update_fields=["declaration_code", "declared_date"])
    except IntegrityError as problem:
        raise errors.CodeKnown from problem
    return shipment


@transaction.atomic
def clear_customs(*, shipment: Shipment, day: date) -> Shipment:
    """Record the day on which customs let it in: the 90 days of the report begin.

    What was recorded is corrected to an earlier day only, so that nobody puts the report off.
    Raises Closed (not declared, reported), BadDay.
    """
    shipment = _locked(shipment)
    if shipment.declared_date is None:
        raise errors.Closed("not_declared")
    if shipment.reported_date:
        raise errors.Closed("reported")
    if day > shipment.partnership.receiving_today:
        raise errors.BadDay("future")
    if day < shipment.declared_date:
        raise errors.BadDay("before_declaration")
    if shipment.cleared_date and day > shipment.cleared_date:
        raise errors.BadDay("put_off")
    shipment.cleared_date = day
    shipment.save(update_fields=["cleared_date"])
    return shipment


@transaction.atomic
def report(*, shipment: Shipment, number: str, day: date) -> Shipment:
    """Record that the consignee filed the report with the authority; once, and it stays.

    Raises Closed, BadDay.
    """
    shipment = _locked(shipment)
    if shipment.reported_date is not None:
        raise errors.Closed("reported")
    if shipment.cleared_date is None:
        raise errors.Closed("not_cleared")
    if day > shipment.partnership.receiving_today:
        raise errors.BadDay("future")
    if day < shipment.cleared_date:
        raise errors.BadDay("before_clearance")
    shipment.report_number, shipment.reported_date = number.strip(), day
    shipment.save(update_fields=["report_number", "reported_date"])
    return shipment


@transaction.atomic
def state_rate(
    *,
    shipment: Shipment,
    currency: str,
    amount_minor: int,
    uah_minor: int,
    day: date,
    source: str,
    by: Person,
) -> Rate:
    """State what the shipment's amounts in a currency are worth in hryvnias.

    A stated rate stays once a leg has left. Raises BadDay, Closed.
    """
    shipment = _locked(shipment)
    if day > shipment.partnership.receiving_today:
        raise errors.BadDay("future")
    is_stated = shipment.rates.filter(currency=currency).exists()
    if is_stated and shipment.legs.filter(departed_at__isnull=False).exists():
        raise errors.Closed("left")
    rate, _ = Rate.objects.update_or_create(
        shipment=shipment,
        currency=currency,
        defaults={
            "amount_minor": amount_minor,
            "uah_minor": uah_minor,
            "rate_date": day,
            "source": source,
            "stated_by": by,
        },
    )
    return rate


@transaction.atomic
def record_damage(
    *,
    load: Load,
    kind: Damage.Kind,
    note: str,
    found: date,
    by: Person,
    at: datetime,
    leg: Leg | None = None,
    risk_holder: RiskHolder | None = None,
    form_key: UUID | None = None,
    photos: Sequence[StoredFile] = (),
) -> Damage:
    """Record what was found damaged or missing. Who bore the risk is taken from the leg.

    The same `form_key` again returns the record of the first time. Raises Closed, BadDay.
    """
    shipment = _locked(load.shipment)
    if form_key and (known := Damage.objects.filter(form_key=form_key, reported_by=by).first()):
        return known
    if found > shipment.partnership.receiving_today:
        raise errors.BadDay("future")
    damage = Damage.objects.create(
        load=load,
        leg=leg,
        kind=kind,
        note=note,
        found_date=found,
        risk_holder=leg.risk_holder if leg else risk_holder or RiskHolder.CONSIGNOR,
        reported_by=by,
        reported_at=at,
        form_key=form_key,
    )
    DamagePhoto.objects.bulk_create(DamagePhoto(damage=damage, file=file) for file in photos)
    load.condition = kind
    load.save(update_fields=["condition"])
    log.warning("transport.damage shipment=%s kind=%s", shipment, kind)
    return damage


@transaction.atomic
def record_remedy(
    *, damage: Damage, remedy: Damage.Remedy, note: str, by: Person, at: datetime
) -> Damage:
    """Say how a loss was made good; written again it stands instead."""
    damage = Damage.objects.select_for_update(of=("self",)).get(pk=damage.pk)
    damage.remedy, damage.remedy_note = remedy, note
    damage.remedied_by, damage.remedied_at = by, at
    damage.save(update_fields=["remedy", "remedy_note", "remedied_by", "remedied_at"])
    return damage


@transaction.atomic
def cancel(*, shipment: Shipment, reason: str, at: datetime) -> Shipment:
    """Give a shipment up before customs; its things may travel in another. Raises Closed."""
    shipment = _locked(shipment)
    if shipment.cleared_date:
        raise errors.Closed("cleared")
    shipment.cancelled_at, shipment.cancel_reason = at, reason.strip()
    shipment.save(update_fields=["cancelled_at", "cancel_reason"])
    shipment.loads.update(is_live=False)
    return shipment
