"""A shipment of the example: there after a week, cleared by customs, its report still to come."""

from datetime import datetime, timedelta

from twinhood.kit import clock
from twinhood.people.models import Partnership, Person
from twinhood.transport import actions, queries
from twinhood.transport.actions import LegText, Packed
from twinhood.transport.core.legs import Times
from twinhood.transport.models import Damage, Leg, RiskHolder, Shipment

AMBULANCE_GRAMS = 2_850_000
LEFT_DAYS_AGO = 47
CLEARED_DAYS_AGO = 40


def ship(partnership: Partnership, persons: dict[str, Person]) -> None:
    """Ship what is bought and waits: one leg, customs, and a broken mirror."""
    units = queries.units_to_ship(partnership)[:2]
    if not units:
        return
    now = clock.now()
    consignee = units[0].order.need.beneficiary
    left = now - timedelta(days=LEFT_DAYS_AGO)
    with clock.showing(left - timedelta(days=3)):
        shipment = actions.begin(
            partnership=partnership,
            consignor=partnership.recipient,
            consignee=consignee,
            purpose="For the hospital’s emergency care (example)",
            by=persons["iryna"],
            at=clock.now(),
        )
        loads = actions.load(
            shipment=shipment, things=[Packed(unit, 1, AMBULANCE_GRAMS) for unit in units]
        )
        actions.declare(shipment=shipment, code="EX-GD-0001", day=clock.now().date())
    first = _travelled(shipment, left)
    cleared = (now - timedelta(days=CLEARED_DAYS_AGO)).date()
    actions.clear_customs(shipment=shipment, day=cleared)
    actions.state_rate(
        shipment=shipment,
        currency=loads[0].currency,
        amount_minor=1_000_000,
        uah_minor=41_250_000,
        day=cleared,
        source="illustrative",
        by=persons["iryna"],
    )
    damage = actions.record_damage(
        load=loads[0],
        kind=Damage.Kind.DAMAGED,
        note="The left mirror is broken. (example)",
        found=cleared,
        leg=first,
        by=persons["iryna"],
        at=now - timedelta(days=CLEARED_DAYS_AGO),
    )
    actions.record_remedy(
        damage=damage,
        remedy=Damage.Remedy.INSURANCE,
        note="The carrier’s insurance paid for a new one. (example)",
        by=persons["tom"],
        at=now - timedelta(days=CLEARED_DAYS_AGO - 9),
    )


def _travelled(shipment: Shipment, left: datetime) -> Leg:
    text = LegText(
        from_place=shipment.partnership.giving_place,
        to_place=shipment.partnership.receiving_place,
        carrier="Example Carriers",
        risk_holder=RiskHolder.CARRIER,
        from_depot="Depot (example)",
        times=Times(departed=left, arrived=left + timedelta(days=8)),
    )
    return actions.write_leg(shipment=shipment, text=text, at=clock.now())
