"""What waits for a person among shipments: reports that are due."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import HandoverLine
from twinhood.deliveries.queries import numbered
from twinhood.deliveries.waiting import HAND_OVERS
from twinhood.giving.models import InKindGift
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Evidence, Kind, Pile
from twinhood.transport import queries
from twinhood.transport.core import reporting
from twinhood.transport.models import Damage, Load, Shipment

REPORTS = Kind("reports", _("Reports to customs"))
DAMAGES = Kind("damages", _("Damages without a remedy"))


def tasks(work: Workspace) -> Iterator[Pile]:
    """Reports to file, damages that nobody made good yet; things given that have no act."""
    if work.may(Action.SHIP):
        yield from (_reports(work), _damages(work))
    if work.may(Action.HAND_OVER):
        yield _given(work)


def _reports(work: Workspace) -> Pile:
    """Shipments that customs cleared and nobody reported; days count where they arrive."""
    done = HandoverLine.objects.filter(
        standing_unit=OuterRef("unit"), act__completed_at__isnull=False
    )
    missing = Load.objects.filter(shipment=OuterRef("pk"), unit__isnull=False).exclude(Exists(done))
    today = work.partnership.receiving_today

    def state(facts: Mapping[str, Any]) -> dict[str, Any]:
        cleared = date.fromisoformat(facts["cleared_date"])
        due = reporting.due_date(cleared)
        act = Evidence(gettext("Act of hand-over"), None if facts["is_missing"] else True)
        late = gettext(
            "Day %(day)d of 90: it is late. Who does not report loses the right to declare."
        )
        return _name(facts) | {
            "day": reporting.day_of(cleared, today),
            "due_date": due,
            "evidence": [act],
            "why": late if today > due else facts["why"],
        }

    return Pile(
        kind=REPORTS,
        rows=queries.reports_running(work.partnership).order_by("cleared_date", "number"),
        since="made_at",
        facts={"number": "number", "cleared_date": "cleared_date", "is_missing": Exists(missing)},
        also=state,
        title=_("Report on a shipment: %(shipment)s"),
        why=_("Day %(day)d of 90 since customs cleared it."),
        address=("transport:shipment", "number"),
    )


def _damages(work: Workspace) -> Pile:
    """What was damaged or lost, and nobody said yet who makes it good."""

    def names(facts: Mapping[str, Any]) -> dict[str, Any]:
        is_bought = facts["unit"] is not None
        thing = numbered(facts["unit_title"], facts["unit"]) if is_bought else facts["gift"]
        return _name(facts) | {"thing": thing}

    return Pile(
        kind=DAMAGES,
        rows=Damage.objects.filter(
            load__shipment__partnership=work.partnership, remedy=""
        ).order_by("reported_at", "pk"),
        since="reported_at",
        facts={
            "number": "load__shipment__number",
            "unit_title": "load__unit__order__need__unit_title",
            "unit": "load__unit__number",
            "gift": "load__gift__description",
        },
        also=names,
        title=_("Damaged or missing: %(thing)s"),
        why=_("%(shipment)s. Say who makes it good, and by which paper."),
        address=("transport:shipment", "number"),
    )


def _given(work: Workspace) -> Pile:
    """Things that were given in kind and of which no act tells yet."""
    key = Concat(Value("in-kind:"), OuterRef("ref"))
    standing = HandoverLine.objects.filter(standing_given__key=key)
    waiting = InKindGift.objects.filter(
        ~Exists(standing), partnership=work.partnership, handed_over_date=None, undone_at=None
    )
    return Pile(
        kind=HAND_OVERS,
        rows=waiting.order_by("received_date", "pk"),
        since="received_date",
        facts={"thing": "description"},
        title=_("To be handed over: %(thing)s"),
        why=_("Given in kind, no act yet."),
        address=("deliveries:hand_over",),
        action=_("Record the act"),
    )


def _name(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"shipment": Shipment(number=facts["number"])}
