"""The world of transport, with things that were handed over and are asked after."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from twinhood.aftercare import following, incidents
from twinhood.aftercare.following import Answer
from twinhood.aftercare.incidents import IncidentText
from twinhood.aftercare.models import FollowUp, Incident
from twinhood.deliveries.models import Unit
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY, words
from twinhood.transport.tests.world import World as TransportWorld

HOSPITAL = "City Hospital 3"


@dataclass
class World(TransportWorld):
    """One ambulance, handed over to City Hospital 3 on 1 September 2026."""

    unit: Unit = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        (self.unit,) = self.with_serials(self.placed(1))
        self.handed_over(self.unit)
        following.plan()

    def follow_up(self, months: int = 3) -> FollowUp:
        found = FollowUp.objects.select_related("unit__order__need", "unit__order__partnership")
        return found.get(unit=self.unit, months=months)

    def answered(self, months: int = 3, holder: str = HOSPITAL, **changes: object) -> FollowUp:
        follow_up = self.follow_up(months)
        said = Answer(**{
            "condition": FollowUp.Condition.IN_USE,
            "answered_as": "Head physician",
            "plate": "AH 1234 KK",
            "registered_holder": holder,
            "mileage_km": 4_210,
        } | changes)  # type: ignore[arg-type]  # fmt: skip
        at = AT + (follow_up.due_date - DAY) + timedelta(days=2)
        with clock.showing(at):
            return following.answer(follow_up=follow_up, said=said, form_key=uuid4(), at=at)

    def incident_text(self, **changes: object) -> IncidentText:
        return IncidentText(**{
            "severity": Incident.Severity.SERIOUS,
            "title": words("A generator came damaged", "Генератор прибув пошкодженим"),
            "what": words("Its casing was broken."),
            "done": words("Its supplier gave the price back."),
            "found": DAY,
            "units": [self.unit],
        } | changes)  # type: ignore[arg-type]  # fmt: skip

    def incident(self, **changes: object) -> Incident:
        return incidents.register(
            partnership=self.partnership, text=self.incident_text(**changes), by=self.iryna, at=AT
        )
