"""Reads of shipments: where they are, what is in them, which reports are due."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, QuerySet

from twinhood.deliveries.models import Order, Unit
from twinhood.deliveries.queries import unit_name
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.giving.models import InKindGift
from twinhood.kit.money import converted_minor
from twinhood.people.models import Partnership
from twinhood.transport.core import legs as way
from twinhood.transport.core import reporting
from twinhood.transport.core.reporting import Urgency
from twinhood.transport.models import Damage, DamagePhoto, Leg, Load, Rate, Shipment


def shipments_of(partnership: Partnership) -> QuerySet[Shipment]:
    """Every shipment, newest first, with its legs and `loads_count`; two queries."""
    return (
        Shipment.objects.filter(partnership=partnership)
        .select_related("consignor", "consignee", "partnership__receiving_place")
        .prefetch_related(_legs())
        .annotate(loads_count=Count("loads"))
        .order_by("-number")
    )


def _legs() -> "Prefetch[str, QuerySet[Leg], str]":
    found = Leg.objects.select_related("from_place", "to_place").order_by("position")
    return Prefetch("legs", found)


def shipment_at_work(partnership: Partnership, number: int) -> Shipment | None:
    """One shipment with all that belongs to it."""
    loads = Load.objects.select_related(
        "unit__order__need", "unit__handover__act__receiver", "gift__need", "gift__handed_over_to"
    ).order_by("pk")
    damages = Damage.objects.select_related("leg", "reported_by", "remedied_by").order_by("pk")
    damages = damages.prefetch_related("photos__file__renditions")
    return (
        Shipment.objects.filter(partnership=partnership, number=number)
        .select_related(
            "partnership__receiving_place", "partnership__giving_place", "consignor", "consignee",
            "made_by",
        )
        .prefetch_related(
            _legs(),
            Prefetch("loads", loads.prefetch_related(Prefetch("damages", damages))),
            Prefetch("rates", Rate.objects.order_by("currency")),
        )
        .first()
    )  # fmt: skip


def whereabouts(shipment: Shipment) -> way.Whereabouts:
    """Where it is now; reads the fetched legs."""
    return way.whereabouts([_times(leg) for leg in shipment.legs.all()])


def _times(leg: Leg) -> way.Times:
    return way.Times(
        leg.planned_departure_at, leg.planned_arrival_at, leg.departed_at, leg.arrived_at
    )


@dataclass(frozen=True, slots=True)
class ReportState:
    """How the report of a shipment stands today, where the things arrive."""

    urgency: Urgency
    day: int = 0
    due: date | None = None

    @property
    def is_red(self) -> bool:
        return self.urgency in {Urgency.RED, Urgency.LATE}


def report_state(shipment: Shipment) -> ReportState:
    """Days are counted in the zone of the receiving place."""
    today = shipment.partnership.receiving_today
    if shipment.cleared_date is None:
        return ReportState(Urgency.NOT_DUE)
    return ReportState(
        reporting.urgency(shipment.cleared_date, shipment.reported_date, today),
        reporting.day_of(shipment.cleared_date, today),
        reporting.due_date(shipment.cleared_date),
    )


def reports_running(partnership: Partnership | None = None) -> QuerySet[Shipment]:
    """Shipments that customs cleared and nobody has reported, the oldest first."""
    found = Shipment.objects.filter(cleared_date__isnull=False, reported_date__isnull=True)
    if partnership is not None:
        found = found.filter(partnership=partnership)
    return found.select_related("partnership__receiving_place", "consignee").order_by(
        "cleared_date", "pk"
    )


def sight_of(file: StoredFile) -> Sight | None:
    """How far a photo of a damage may be seen: by both sides, by nobody else."""
    return Sight.WORKSPACE if DamagePhoto.objects.filter(file=file).exists() else None


def late_reporters(partnership: Partnership) -> set[int]:
    """Bodies with a report that is late: they may have lost the right to declare."""
    return {
        shipment.consignee_id
        for shipment in reports_running(partnership)
        if report_state(shipment).urgency == Urgency.LATE
    }


def units_to_ship(partnership: Partnership, shipment: Shipment | None = None) -> list[Unit]:
    """Things that are bought, not handed over, and in no live shipment but this one."""
    found = Unit.objects.filter(
        order__partnership=partnership,
        order__state=Order.State.PLACED,
        cancelled_at=None,
        handover=None,
    ).exclude(loads__in=_elsewhere(shipment))
    return list(found.select_related("order__need").order_by("order__need__number", "number"))


def gifts_to_ship(partnership: Partnership, shipment: Shipment | None = None) -> list[InKindGift]:
    """Things given in kind that wait, and are in no live shipment but this one."""
    found = InKindGift.objects.filter(
        partnership=partnership, handed_over_date=None, undone_at=None
    ).exclude(loads__in=_elsewhere(shipment))
    return list(found.select_related("need").order_by("received_date", "pk"))


def _elsewhere(shipment: Shipment | None) -> QuerySet[Load]:
    return Load.objects.filter(is_live=True).exclude(shipment=shipment)


def load_name(load: Load) -> object:
    """What a load is called, in each language where it was bought."""
    if load.unit is not None:
        return unit_name(load.unit.order.need, load.unit.number)
    return load.gift.description if load.gift else ""


def load_serial(load: Load) -> str:
    return load.unit.serial if load.unit else load.gift.serial if load.gift else ""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of a shipment; amounts in minor units by currency. `uah_minor` None without a rate."""

    packages: int
    weight_grams: int
    value_minor: dict[str, int]
    uah_minor: int | None


def totals_of(shipment: Shipment) -> Totals:
    """Reads the fetched loads and rates."""
    loads = list(shipment.loads.all())
    values: dict[str, int] = defaultdict(int)
    for load in loads:
        values[load.currency] += load.value_minor
    in_uah = [uah_minor(load, shipment.rates.all()) for load in loads]
    return Totals(
        packages=sum(load.packages for load in loads),
        weight_grams=sum(load.weight_grams for load in loads),
        value_minor=dict(values),
        uah_minor=sum(v for v in in_uah if v is not None) if None not in in_uah else None,
    )


def uah_minor(load: Load, rates: Iterable[Rate]) -> int | None:
    """What a load is worth in hryvnias at the shipment's rate; None where none is stated."""
    if load.currency == "UAH":
        return load.value_minor
    rate = next((rate for rate in rates if rate.currency == load.currency), None)
    if rate is None:
        return None
    return converted_minor(load.value_minor, of_minor=rate.amount_minor, to_minor=rate.uah_minor)
