"""What waits for a person among shipments: reports that are due."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import HandoverLine
from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Evidence, Kind, Task, oldest
from twinhood.transport import queries
from twinhood.transport.models import Damage, Load, Shipment

REPORTS = Kind("reports", _("Reports to customs"))
DAMAGES = Kind("damages", _("Damages without a remedy"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Reports to file, for both sides; damages that nobody made good yet."""
    if work.may(Action.SHIP):
        yield from reports_waiting(work)
        yield from damages_waiting(work)


def reports_waiting(work: Workspace) -> Iterator[Task]:
    """Shipments that customs cleared and nobody reported; days count where they arrive."""
    running = queries.reports_running(work.partnership).order_by("cleared_date", "number")
    missing = Load.objects.filter(shipment=OuterRef("pk"), unit__isnull=False).exclude(
        Exists(HandoverLine.objects.filter(unit=OuterRef("unit"), act__completed_at__isnull=False))
    )
    for shipment, behind in oldest(running.annotate(has_missing=Exists(missing))):
        state = queries.report_state(shipment)
        yield Task(
            kind=REPORTS,
            since=shipment.made_at,
            title=gettext("Report on a shipment: %(shipment)s") % {"shipment": shipment},
            why=_why(state),
            url=reverse("transport:shipment", args=[work.partnership.slug, shipment.number]),
            action=gettext("Look at it"),
            due_date=state.due,
            evidence=[
                Evidence(gettext("Act of hand-over"), None if shipment.has_missing else True),  # type: ignore[attr-defined]
            ],
            behind=behind,
        )


def _why(state: queries.ReportState) -> str:
    if state.due is not None and clock.now().date() > state.due:
        return gettext(
            "Day %(day)d of 90: it is late. Who does not report loses the right to declare."
        ) % {"day": state.day}
    return gettext("Day %(day)d of 90 since customs cleared it.") % {"day": state.day}


def damages_waiting(work: Workspace) -> Iterator[Task]:
    """What was damaged or lost, and nobody said yet who makes it good."""
    open_ones = (
        Damage.objects.filter(load__shipment__partnership=work.partnership, remedy="")
        .select_related("load__shipment", "load__unit__order__need", "load__gift")
        .order_by("reported_at", "pk")
    )
    for damage, behind in oldest(open_ones):
        shipment: Shipment = damage.load.shipment
        yield Task(
            kind=DAMAGES,
            since=damage.reported_at,
            title=gettext("Damaged or missing: %(thing)s")
            % {"thing": queries.load_name(damage.load)},
            why=gettext("%(shipment)s. Say who makes it good, and by which paper.")
            % {"shipment": shipment},
            url=reverse("transport:shipment", args=[work.partnership.slug, shipment.number]),
            action=gettext("Look at it"),
            behind=behind,
        )
