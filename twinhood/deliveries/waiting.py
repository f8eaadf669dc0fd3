"""What waits for a person among orders and hand-overs."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import Approval, Order, Unit
from twinhood.deliveries.queries import unit_name
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

ORDERS = Kind("orders", _("Orders to approve"))
HAND_OVERS = Kind("hand-overs", _("Things without an act"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Orders that others proposed, for who approves; things without an act, for who hands over."""
    if work.may(Action.APPROVE_ORDER):
        yield from orders_waiting(work)
    if work.may(Action.HAND_OVER):
        yield from hand_overs_waiting(work)


def orders_waiting(work: Workspace) -> Iterator[Task]:
    """Orders whose present content this person neither proposed nor approved."""
    own = Approval.objects.filter(
        order=OuterRef("pk"), content_hash=OuterRef("content_hash"), approved_by=work.person
    )
    proposed = (
        Order.objects.filter(partnership=work.partnership, state=Order.State.PROPOSED)
        .exclude(proposed_by=work.person)
        .exclude(Exists(own))
        .select_related("need")
        .order_by("proposed_at", "number")
    )
    found = list(oldest(proposed))
    present = Approval.objects.filter(
        order__in=[order for order, _behind in found], content_hash=F("order__content_hash")
    )
    approvals: dict[int, list[Approval]] = {}
    for approval in present.select_related("organisation").order_by("approved_at", "id"):
        approvals.setdefault(approval.order_id, []).append(approval)
    for order, behind in found:
        done = approvals.get(order.pk, [])
        yield Task(
            kind=ORDERS,
            since=order.proposed_at,
            title=gettext("Approve an order: %(need)s") % {"need": order.need.title},
            why=gettext("%(order)s. You approve exactly what you see there.") % {"order": order},
            url=reverse("deliveries:order", args=[work.partnership.slug, order.number]),
            action=gettext("Look at it"),
            done=len(done),
            wanted=2,
            first_by=str(done[0].organisation) if done else "",
            behind=behind,
        )


def hand_overs_waiting(work: Workspace) -> Iterator[Task]:
    """Things that are bought and of which no act tells yet."""
    waiting = (
        Unit.objects.filter(
            order__partnership=work.partnership,
            order__state=Order.State.PLACED,
            cancelled_at=None,
            handover=None,
        )
        .select_related("order__need")
        .order_by("order__placed_at", "order_id", "number")
    )
    for unit, behind in oldest(waiting):
        yield Task(
            kind=HAND_OVERS,
            since=unit.order.placed_at or unit.order.proposed_at,
            title=gettext("To be handed over: %(thing)s")
            % {"thing": unit_name(unit.order.need, unit.number)},
            why=gettext("Bought with %(order)s, no act yet.") % {"order": unit.order},
            url=reverse("deliveries:hand_over", args=[work.partnership.slug]),
            action=gettext("Record the act"),
            behind=behind,
        )
