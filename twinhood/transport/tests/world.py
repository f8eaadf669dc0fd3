"""The world of deliveries, with things that travel."""

from dataclasses import dataclass
from datetime import datetime

from twinhood.deliveries.models import Unit
from twinhood.deliveries.tests.world import World as DeliveriesWorld
from twinhood.needs.tests.world import AT
from twinhood.places.models import Place
from twinhood.transport import actions
from twinhood.transport.actions import LegText, Packed
from twinhood.transport.core.legs import Times
from twinhood.transport.models import Leg, RiskHolder, Shipment

KILOGRAM = 1_000


@dataclass
class World(DeliveriesWorld):
    """Iryna ships ambulances for City Hospital 3, a public institution."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.hospital.legal_form = "public_institution"
        self.hospital.registry_code = "01234567"
        self.hospital.save()

    def begun(self, **changes: object) -> Shipment:
        return actions.begin(**{
            "partnership": self.partnership,
            "consignor": self.charity,
            "consignee": self.hospital,
            "purpose": "For emergency care",
            "by": self.iryna,
            "at": AT,
        } | changes)  # type: ignore[arg-type]  # fmt: skip

    def loaded(self, *units: Unit) -> Shipment:
        shipment = self.begun()
        actions.load(
            shipment=shipment, things=[Packed(unit, 1, 2_800 * KILOGRAM) for unit in units]
        )
        return shipment

    def leg(
        self,
        shipment: Shipment,
        times: Times = Times(),  # noqa: B008 (it is frozen)
        *,
        position: int | None = None,
        at: datetime = AT,
        to: Place | None = None,
    ) -> Leg:
        text = LegText(
            from_place=self.stamford,
            to_place=to or self.kramatorsk,
            carrier="Carrier (example)",
            risk_holder=RiskHolder.CARRIER,
            from_depot="Depot 7",
            times=times,
        )
        return actions.write_leg(shipment=shipment, text=text, position=position, at=at)
