"""What transport tells of a case: the shipments that its things travel in."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext

from twinhood.people.case import Case, Stage, Step
from twinhood.transport.models import Shipment


def steps(case: Case) -> Iterator[Step]:
    """Each shipment: since when it is gone, or when it is to leave."""
    found = Shipment.objects.filter(
        partnership=case.partnership,
        cancelled_at=None,
        loads__unit__order__need__number=case.need,
        loads__is_live=True,
    )
    if case.order is not None:
        found = found.filter(loads__unit__order__number=case.order)
    shipments = found.select_related("consignor").prefetch_related("legs").order_by("number")
    for shipment in shipments.distinct():
        yield _step(shipment, case)


def _step(shipment: Shipment, case: Case) -> Step:
    url = reverse("transport:shipment", args=[case.partnership.slug, shipment.number])
    who = str(shipment.consignor.name)
    legs = sorted(shipment.legs.all(), key=lambda leg: leg.position)
    departed = next((leg.departed_at for leg in legs if leg.departed_at), None)
    if departed is not None:
        title = gettext("%(shipment)s: has left") % {"shipment": shipment}
        return Step(Stage.SHIPPED, title, case.day_of(departed), who, url=url)
    planned = legs[0].planned_departure_at if legs else None
    due = case.day_of(planned) if planned else None
    title = gettext("%(shipment)s: to leave") % {"shipment": shipment}
    return Step(Stage.SHIPPED, title, who=who, due=due, url=url)
