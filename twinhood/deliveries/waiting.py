"""What waits for a person among orders and hand-overs."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import Approval, Order, PayeeAccount, PayeeApproval, Unit
from twinhood.deliveries.queries import unit_name
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

ORDERS = Kind("orders", _("Orders to approve"))
PAYEES = Kind("accounts", _("Accounts of suppliers"))
HAND_OVERS = Kind("hand-overs", _("Things without an act"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Orders that others proposed, for who approves; things without an act, for who hands over."""
    if work.may(Action.APPROVE_ORDER):
        yield from orders_waiting(work)
        yield from payees_waiting(work)
    if work.may(Action.EXCHANGE):
        yield from exchanges_waiting(work)
    if work.may(Action.PROPOSE_ORDER):
        yield from calls_waiting(work)
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
        .select_related("need", "quote")
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
            due_date=order.quote.valid_until_date,
            behind=behind,
        )


def exchanges_waiting(work: Workspace) -> Iterator[Task]:
    """Orders that two approved and that wait for the bank to change their money."""
    approved = (
        Order.objects.filter(partnership=work.partnership, state=Order.State.APPROVED)
        .exclude(proposed_by=work.person)
        .select_related("need")
        .order_by("approved_at", "number")
    )
    for order, behind in oldest(approved):
        yield Task(
            kind=ORDERS,
            since=order.approved_at or order.proposed_at,
            title=gettext("Change money and place an order: %(need)s") % {"need": order.need.title},
            why=gettext("%(order)s is approved by two. Its ceiling is set aside.")
            % {"order": order},
            url=reverse("deliveries:order", args=[work.partnership.slug, order.number]),
            action=gettext("Look at it"),
            behind=behind,
        )


def _proposed_payees(work: Workspace, is_called: bool) -> QuerySet[PayeeAccount]:
    found = PayeeAccount.objects.filter(
        partnership=work.partnership, state="proposed", called_by__isnull=not is_called
    )
    others = found.exclude(proposed_by=work.person).select_related("supplier")
    return others.order_by("proposed_at", "number")


def calls_waiting(work: Workspace) -> Iterator[Task]:
    """Accounts that others recorded and about which nobody has called the supplier."""
    for payee, behind in oldest(_proposed_payees(work, is_called=False)):
        yield Task(
            kind=PAYEES,
            since=payee.proposed_at,
            title=gettext("Call a supplier: %(supplier)s") % {"supplier": payee.supplier.name},
            why=gettext("Ask whether the recorded account is theirs."),
            url=reverse("deliveries:payee", args=[work.partnership.slug, payee.number]),
            action=gettext("Look at it"),
            behind=behind,
        )


def payees_waiting(work: Workspace) -> Iterator[Task]:
    """Accounts that were called back about and that this person has not approved."""
    own = PayeeApproval.objects.filter(payee=OuterRef("pk"), approved_by=work.person)
    called = _proposed_payees(work, is_called=True).exclude(Exists(own))
    for payee, behind in oldest(called.annotate(done=Count("approvals"))):
        yield Task(
            kind=PAYEES,
            since=payee.proposed_at,
            title=gettext("Approve an account: %(supplier)s") % {"supplier": payee.supplier.name},
            why=gettext("Compare each figure with the paper first."),
            url=reverse("deliveries:payee", args=[work.partnership.slug, payee.number]),
            action=gettext("Look at it"),
            done=payee.done,  # type: ignore[attr-defined]
            wanted=2,
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
