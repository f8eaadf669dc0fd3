"""What waits for a person among orders and hand-overs."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.core import act as rules
from twinhood.deliveries.handing_over import confirmations_wanted
from twinhood.deliveries.models import (
    ActSeat,
    Approval,
    Confirmation,
    HandoverAct,
    Licence,
    Order,
    OrderRules,
    PayeeAccount,
    PayeeApproval,
    QuoteRequest,
    Screening,
    Unit,
)
from twinhood.deliveries.queries import unit_name
from twinhood.needs.models import Need
from twinhood.people import identity
from twinhood.people.core.permissions import Action
from twinhood.people.models import Role
from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Task, oldest

ORDERS = Kind("orders", _("Orders to approve"))
QUOTES = Kind("quotes", _("Quotes that were asked for"))
PAYEES = Kind("accounts", _("Accounts of suppliers"))
HAND_OVERS = Kind("hand-overs", _("Things without an act"))
ACTS = Kind("acts", _("Acts to sign or confirm"))


def tasks(work: Workspace) -> Iterator[Task]:
    """Orders that others proposed, for who approves; things without an act, for who hands over."""
    if work.may(Action.APPROVE_ORDER) or work.may(Action.EXCHANGE):
        yield from orders_waiting(work)
    if work.may(Action.APPROVE_ORDER):
        yield from hits_waiting(work)
        yield from licences_waiting(work)
    if work.may(Action.PROPOSE_ORDER) or work.may(Action.APPROVE_ORDER):
        yield from payees_waiting(work)
        yield from answers_and_rules_waiting(work)
    if work.may(Action.HAND_OVER):
        yield from hand_overs_waiting(work)
    if work.may(Action.HAND_OVER) or work.may(Action.VERIFY_NEED):
        yield from acts_waiting(work)
    if work.may(Action.SIGN_AGREEMENT):
        yield from acts_for_the_office(work)


def orders_waiting(work: Workspace) -> Iterator[Task]:
    """Orders of others whose present content this person has not approved, and those that two
    approved and that wait for the bank to change their money. One query tells both.
    """
    present = Approval.objects.filter(order=OuterRef("pk"), content_hash=OuterRef("content_hash"))
    first = present.order_by("approved_at", "id").values("organisation__name")[:1]
    asked: Combinable | Q = Q(pk__in=[])
    if work.may(Action.APPROVE_ORDER):
        own = Exists(present.filter(approved_by=work.person))
        asked |= Q(state=Order.State.PROPOSED) & ~own
    if work.may(Action.EXCHANGE):
        asked |= Q(state=Order.State.APPROVED)
    found = (
        Order.objects.filter(asked, partnership=work.partnership)
        .exclude(proposed_by=work.person)
        .annotate(
            done=Count("approvals", filter=Q(approvals__content_hash=F("content_hash"))),
            first_by=Subquery(first),
        )
        .select_related("need", "quote")
        .order_by("proposed_at", "number")
    )
    for order, behind in oldest(found):
        is_approved = order.state == Order.State.APPROVED
        yield (_exchange_task if is_approved else _order_task)(work, order, behind)


def _order_task(work: Workspace, order: Order, behind: int) -> Task:
    return Task(
        kind=ORDERS,
        since=order.proposed_at,
        title=gettext("Approve an order: %(need)s") % {"need": order.need.title},
        why=gettext("%(order)s. You approve exactly what you see there.") % {"order": order},
        url=reverse("deliveries:order", args=[work.partnership.slug, order.number]),
        action=gettext("Look at it"),
        done=order.done,  # type: ignore[attr-defined]
        wanted=2,
        first_by=str(order.first_by or ""),  # type: ignore[attr-defined]
        due_date=order.quote.valid_until_date,
        behind=behind,
    )


def _exchange_task(work: Workspace, order: Order, behind: int) -> Task:
    return Task(
        kind=ORDERS,
        since=order.approved_at or order.proposed_at,
        title=gettext("Change money and place an order: %(need)s") % {"need": order.need.title},
        why=gettext("%(order)s is approved by two. Its ceiling is set aside.") % {"order": order},
        url=reverse("deliveries:order", args=[work.partnership.slug, order.number]),
        action=gettext("Look at it"),
        behind=behind,
    )


def answers_and_rules_waiting(work: Workspace) -> Iterator[Task]:
    """What `_late_requests` and `_proposed_rules` find, told by one query."""
    found: list[QuerySet[Any, tuple[Any, ...]]] = []
    if work.may(Action.PROPOSE_ORDER):
        found.append(_late_requests(work))
    if work.may(Action.APPROVE_ORDER):
        found.append(_proposed_rules(work))
    for number, name, at, day, done, wanted in found[0].union(*found[1:], all=True):
        if day is None:
            yield _rules_task(work, str(name), at)
        else:
            yield _answers_task(work, number, str(name), day, done, wanted)


def _late_requests(work: Workspace) -> "QuerySet[QuoteRequest, tuple[Any, ...]]":
    """Requests of this person's own body whose day has passed, until it asks anew or proposes."""
    mine = [role.organisation_id for role in work.roles]
    later = QuoteRequest.objects.filter(need=OuterRef("need"), pk__gt=OuterRef("pk"))
    ordered = Order.objects.filter(need=OuterRef("need"), proposed_at__gte=OuterRef("asked_at"))
    found = QuoteRequest.objects.filter(
        ~Exists(later),
        ~Exists(ordered),
        need__partnership=work.partnership,
        need__state__in=[Need.State.SUBMITTED, Need.State.VERIFIED],
        asked_for__in=mine,
        by_date__lt=work.partnership.receiving_today,
    )
    counted = found.annotate(done=Count("asked__quote"), wanted=Count("asked"))
    return counted.values_list(
        "need__number", "need__title", "asked_at", "by_date", "done", "wanted"
    )


def _proposed_rules(work: Workspace) -> "QuerySet[OrderRules, tuple[Any, ...]]":
    """A change of the rules of orders that somebody else of another body proposed."""
    mine = work.organisation_for(Action.APPROVE_ORDER)
    found = OrderRules.objects.filter(partnership=work.partnership, is_agreed=None)
    accounts = identity.other_accounts(work.person).values("person")
    others = found.exclude(Q(proposed_by=work.person) | Q(proposed_by__in=accounts))
    return others.exclude(proposed_for=mine).values_list(
        Value(0), "proposed_for__name", "proposed_at", Value(None, DateField()), Value(1), Value(2)
    )


def _answers_task(
    work: Workspace, number: int, need: str, day: date, done: int, wanted: int
) -> Task:
    zone = ZoneInfo(work.partnership.receiving_place.time_zone)
    why = gettext("%(done)d of %(wanted)d answered. Decide, or ask again.")
    return Task(
        kind=QUOTES,
        since=datetime.combine(day + timedelta(days=1), time.min, zone),
        title=gettext("The day for quotes has passed: %(need)s") % {"need": need},
        why=why % {"done": done, "wanted": wanted},
        url=reverse("deliveries:comparison", args=[work.partnership.slug, number]),
        action=gettext("Compare the quotes"),
    )


def _rules_task(work: Workspace, proposed_for: str, at: datetime) -> Task:
    return Task(
        kind=ORDERS,
        since=at,
        title=gettext("Agree to other rules of orders, or decline them"),
        why=gettext("Until then the rules stay as they are."),
        url=reverse("deliveries:order_rules", args=[work.partnership.slug]),
        action=gettext("Look at it"),
        done=1,
        wanted=2,
        first_by=proposed_for,
    )


def hits_waiting(work: Workspace) -> Iterator[Task]:
    """Names that are like one on a list of sanctions, which this person did not look up."""
    found = Screening.objects.filter(partnership=work.partnership, outcome="open")
    others = found.exclude(screened_by=work.person).select_related("organisation")
    for screening, behind in oldest(others.order_by("screened_at", "pk")):
        yield Task(
            kind=PAYEES,
            since=screening.screened_at,
            title=gettext("Decide about a name on a list: %(name)s")
            % {"name": screening.organisation.name},
            why=gettext("Until then nothing is ordered or paid."),
            url=reverse("deliveries:screening", args=[work.partnership.slug, screening.pk]),
            action=gettext("Look at it"),
            behind=behind,
        )


def licences_waiting(work: Workspace) -> Iterator[Task]:
    """Papers of things of dual use that this person did not attach, with an order that waits."""
    waits = Order.objects.filter(need=OuterRef("need"), state=Order.State.PROPOSED)
    unread = (
        Licence.objects.filter(need__partnership=work.partnership, is_accepted=None)
        .exclude(entered_by=work.person)
        .annotate(order_number=Subquery(waits.order_by("number").values("number")[:1]))
        .filter(order_number__isnull=False)
        .select_related("need")
        .order_by("entered_at", "pk")
    )
    for licence, behind in oldest(unread):
        number = licence.order_number  # type: ignore[attr-defined]
        yield Task(
            kind=ORDERS,
            since=licence.entered_at,
            title=gettext("Read a licence: %(need)s") % {"need": licence.need.title},
            why=gettext("Until then it is not ordered."),
            url=reverse("deliveries:order", args=[work.partnership.slug, number]) + "#licence",
            action=gettext("Look at it"),
            behind=behind,
        )


def payees_waiting(work: Workspace) -> Iterator[Task]:
    """Accounts that others recorded: those to call about, and those that were called back about
    and that this person has not approved. One query tells both."""
    own = PayeeApproval.objects.filter(payee=OuterRef("pk"), approved_by=work.person)
    asked: Combinable | Q = Q(pk__in=[])
    if work.may(Action.PROPOSE_ORDER):
        asked |= Q(called_by__isnull=True)
    if work.may(Action.APPROVE_ORDER):
        asked |= Q(called_by__isnull=False) & ~Exists(own)
    found = (
        PayeeAccount.objects.filter(asked, partnership=work.partnership, state="proposed")
        .exclude(proposed_by=work.person)
        .select_related("supplier")
        .annotate(done=Count("approvals"))
        .order_by("proposed_at", "number")
    )
    for payee, behind in oldest(found):
        is_called = payee.called_by_id is not None
        title = gettext("Approve an account: %(supplier)s")
        if not is_called:
            title = gettext("Call a supplier: %(supplier)s")
        yield Task(
            kind=PAYEES,
            since=payee.proposed_at,
            title=title % {"supplier": payee.supplier.name},
            why=gettext("Compare each figure with the paper first.")
            if is_called
            else gettext("Ask whether the recorded account is theirs."),
            url=reverse("deliveries:payee", args=[work.partnership.slug, payee.number]),
            action=gettext("Look at it"),
            done=payee.done if is_called else 0,  # type: ignore[attr-defined]
            wanted=2 if is_called else 0,
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


def acts_waiting(work: Workspace) -> Iterator[Task]:
    """Acts that somebody has still to sign, for who hands over; signed acts that this person
    neither recorded nor confirmed. One query tells both."""
    own = Confirmation.objects.filter(
        Q(confirmed_by=work.person) | Q(organisation__in=[r.organisation_id for r in work.roles]),
        act=OuterRef("pk"),
    )
    signed = Q(document__isnull=False, completed_at=None) & ~Q(recorded_by=work.person)
    asked: Combinable | Q = signed & ~Exists(own)
    if not work.partnership.is_conflict_zone:
        # One word is enough there, and it comes from another organisation.
        colleague = Role.objects.filter(
            person=OuterRef("recorded_by"), partnership=work.partnership,
            organisation__in=[r.organisation_id for r in work.roles],
        )  # fmt: skip
        asked &= ~Exists(colleague)
    if work.may(Action.HAND_OVER):
        asked |= Q(document=None, is_from_before=False)
    found = HandoverAct.objects.filter(asked, partnership=work.partnership).annotate(
        signed=Count("signers", filter=~Q(signers__method=""), distinct=True),
        wanted=Count("signers", distinct=True),
        confirmed=Count("confirmations", distinct=True),
    )
    found = found.select_related("partnership")
    for act, behind in oldest(found.order_by("recorded_at", "pk")):
        yield _act_task(work, act, behind)


def _act_task(work: Workspace, act: HandoverAct, behind: int) -> Task:
    is_signed = act.document_id is not None
    if is_signed:
        title = gettext("Confirm a hand-over: %(act)s")
        why = gettext("All have signed. Others say that the things arrived: one, near a front two.")
        done, wanted = act.confirmed, confirmations_wanted(act)  # type: ignore[attr-defined]
    else:
        title = gettext("Have an act signed: %(act)s")
        why = gettext("Nothing of it counts as handed over before all have signed.")
        done, wanted = act.signed, max(act.wanted, sum(rules.WANTED.values()))  # type: ignore[attr-defined]
    return Task(
        kind=ACTS,
        since=act.recorded_at,
        title=title % {"act": act},
        why=why,
        url=reverse("deliveries:act", args=[work.partnership.slug, act.number]),
        action=gettext("Look at it"),
        done=done,
        wanted=wanted,
        behind=behind,
    )


def acts_for_the_office(work: Workspace) -> Iterator[Task]:
    """Papers of acts that wait for the signature of this person's office."""
    seats = ActSeat.objects.filter(
        act__partnership=work.partnership,
        term__person=work.person,
        slot__isnull=False,
        slot__signature=None,
        slot__refusal=None,
    ).select_related("act")
    for seat, behind in oldest(seats.order_by("act__recorded_at", "pk")):
        yield Task(
            kind=ACTS,
            since=seat.act.recorded_at,
            title=gettext("Sign the paper of a hand-over: %(act)s") % {"act": seat.act},
            why=gettext("All have signed it by hand; your office’s certificate comes last."),
            url=reverse("deliveries:act", args=[work.partnership.slug, seat.act.number]),
            action=gettext("Look at it"),
            behind=behind,
        )
