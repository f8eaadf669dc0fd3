"""What an act hands over, thing by thing: bought or given, its condition and its number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Sum

from twinhood.deliveries import correcting, errors, given, queries
from twinhood.deliveries.actions import expect_on_the_way, set_serial
from twinhood.deliveries.given import Offered
from twinhood.deliveries.models import HandoverAct, HandoverLine, LinePhoto, Unit
from twinhood.deliveries.things import is_vehicle_thing, thing_words
from twinhood.documents.models import StoredFile
from twinhood.people.models import Partnership, Person
from twinhood.places.models import Place

Condition = HandoverAct.Condition


@dataclass(frozen=True, slots=True)
class Handed:
    """One thing in an act: in which condition it was received, and the number on its plate."""

    thing: Unit | Offered
    condition: HandoverAct.Condition = Condition.GOOD
    note: str = ""
    # "" where the number is recorded already.
    serial: str = ""
    model_year: int | None = None
    photos: Sequence[StoredFile] = ()


def keep_number(partnership: Partnership, handed: Handed, by: Person) -> None:
    """Keep the number that was read off the plate. Raises BadSerial, SerialKnown."""
    if not handed.serial or handed.serial == handed.thing.serial:
        return
    if isinstance(handed.thing, Unit):
        set_serial(unit=handed.thing, serial=handed.serial, by=by)
    elif not handed.thing.serial:
        given.set_serial(partnership, handed.thing.key, handed.serial)


def expect_free_number(handed: Handed, by: Person) -> None:
    """Raise SerialKnown where a correction gives a thing the number of another."""
    if isinstance(handed.thing, Unit) and handed.serial not in {"", handed.thing.serial}:
        correcting.expect_own_number(handed.thing, handed.serial, by)


def write_line(act: HandoverAct, handed: Handed) -> HandoverLine:
    """Write a thing into an act; it stands on it at once, unless the act corrects another."""
    thing = handed.thing
    line = HandoverLine(
        act=act,
        serial=handed.serial if isinstance(thing, Unit) and act.replaces else thing.serial,
        condition=handed.condition,
        note=handed.note,
        model_year=handed.model_year,
    )
    if isinstance(thing, Unit):
        line.unit = thing
    else:
        line.given = given.named(act.partnership, thing)
    if act.replaces is None:
        line.standing_unit, line.standing_given = line.unit, line.given
    line.save(force_insert=True)
    correcting.keep_photos(line)
    LinePhoto.objects.bulk_create(LinePhoto(line=line, file=file) for file in handed.photos)
    return line


def kept(corrected: HandoverAct, handed: Handed) -> Handed:
    """A thing of the act that is corrected, with the number that the correction gives it.

    Raises WrongState for one of another act, PriceIsBack for one whose price is back and that shall
    be in order, SerialMissing.
    """
    if not isinstance(handed.thing, Unit):
        return handed
    line = corrected.lines.filter(unit=handed.thing).first()
    if line is None:
        raise errors.WrongState(str(handed.thing), "not in the act")
    if handed.thing.cancelled_at is not None and handed.condition == Condition.GOOD:
        raise errors.PriceIsBack(handed.thing.code, thing_words(handed.thing))
    serial = handed.serial or line.serial
    _expect_number(handed, serial)
    return replace(handed, serial=serial)


def locked(partnership: Partnership, handed: Handed) -> Handed:
    """A thing as it is now, locked. Raises WrongState where it waits for no act, SerialMissing."""
    thing: Unit | Offered
    if isinstance(handed.thing, Unit):
        units = Unit.objects.select_for_update(of=("self",)).select_related("order__need")
        thing = units.get(pk=handed.thing.pk, order__partnership=partnership)
        expect_on_the_way(thing.order, thing)
    else:
        thing = _locked_given(partnership, handed.thing)
    _expect_number(handed, thing.serial)
    return replace(handed, thing=thing)


def _expect_number(handed: Handed, serial: str) -> None:
    if is_vehicle_there(handed) and not serial:
        raise errors.SerialMissing(thing_words(handed.thing))


def _locked_given(partnership: Partnership, thing: Offered) -> Offered:
    found = given.locked(partnership, thing.key)
    standing = HandoverLine.objects.filter(standing_given__key=thing.key)
    if found is None or standing.exists():
        raise errors.WrongState(thing.name, "handed over")
    return found


def is_vehicle_there(handed: Handed) -> bool:
    """Whether it is a vehicle, and came."""
    return handed.condition != Condition.MISSING and is_vehicle_thing(handed.thing)


def expect_bought_by(day: date, handed_over: Sequence[Handed], place: Place) -> None:
    """Refuse a day before a thing was ordered or received: one of long ago would be public."""
    for handed in handed_over:
        thing = handed.thing
        if isinstance(thing, Offered):
            if day < thing.received_date:
                raise errors.HandedOverBeforeGiven(thing.name, thing.received_date)
        elif thing.order.placed_at is not None:
            placed = thing.order.placed_at.astimezone(ZoneInfo(place.time_zone)).date()
            if day < placed:
                raise errors.HandedOverBeforeBought(str(thing.order), placed)


def expect_paid(units: Sequence[Unit]) -> None:
    """Refuse what nobody has paid: for each order, what is handed over is paid for by then."""
    for order in {unit.order_id: unit.order for unit in units}.values():
        paid_minor = queries.paid_minor(order)
        handed = order.units.filter(handover__isnull=False, cancelled_at=None)
        before_minor = handed.aggregate(sum=Sum("price_minor"))["sum"] or 0
        now_minor = sum(unit.price_minor for unit in units if unit.order_id == order.pk)
        if before_minor + now_minor > paid_minor:
            raise errors.NotPaidYet(
                str(order), before_minor + now_minor - paid_minor, order.currency
            )
