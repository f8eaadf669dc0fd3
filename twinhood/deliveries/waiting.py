"""What waits for a person among orders and hand-overs."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.core import act as rules
from twinhood.deliveries.models import (
    ActScan,
    ActSeat,
    Approval,
    Confirmation,
    HandoverAct,
    HandoverLine,
    Licence,
    Order,
    OrderRules,
    PayeeAccount,
    PayeeApproval,
    QuoteRequest,
    ScanWitness,
    Screening,
    Unit,
)
from twinhood.deliveries.queries import numbered
from twinhood.needs.models import Need
from twinhood.people import identity, safety
from twinhood.people.core.permissions import Action
from twinhood.people.models import Role
from twinhood.people.queries import Workspace
from twinhood.people.waiting import SECOND_ASKED, Kind, Pile

ORDERS = Kind("orders", _("Orders to approve"))
QUOTES = Kind("quotes", _("Quotes that were asked for"))
PAYEES = Kind("accounts", _("Accounts of suppliers"))
HAND_OVERS = Kind("hand-overs", _("Things without an act"))
ACTS = Kind("acts", _("Acts to sign or confirm"))
CREDITS = Kind("credits", _("Prices to be asked back"))


def tasks(work: Workspace) -> Iterator[Pile]:
    """Orders that others proposed, for who approves; things without an act, for who hands over."""
    if work.may(Action.APPROVE_ORDER):
        yield from (_orders(work), _rules(work), _licences(work), _hits(work), _accounts(work))
    if work.may(Action.EXCHANGE):
        yield _exchanges(work)
    if work.may(Action.PAY_ORDER):
        yield _unfit(work)
    if work.may(Action.PROPOSE_ORDER):
        yield from (_late_requests(work), _calls(work))
    if work.may(Action.HAND_OVER):
        yield from (_hand_overs(work), _acts_to_sign(work))
    if work.may(Action.HAND_OVER) or work.may(Action.VERIFY_NEED):
        yield _acts_to_confirm(work)
    if work.may(Action.SIGN_AGREEMENT):
        yield _acts_for_the_office(work)
    if work.roles:
        yield _scans_of_acts(work)


# --- orders


def _order_name(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"order": Order(number=facts["number"])}


def _orders(work: Workspace) -> Pile:
    """Orders of others whose present content this person has not approved."""
    present = Approval.objects.filter(order=OuterRef("pk"), content_hash=OuterRef("content_hash"))
    first = present.order_by("approved_at", "id").values("organisation__name")[:1]
    return Pile(
        kind=ORDERS,
        rows=Order.objects.filter(partnership=work.partnership, state=Order.State.PROPOSED)
        .exclude(proposed_by=work.person)
        .exclude(Exists(present.filter(approved_by=work.person)))
        .order_by("proposed_at", "number"),
        since="proposed_at",
        due="quote__valid_until_date",
        facts={
            "number": "number",
            "need": "need__title",
            "done": Count("approvals", filter=Q(approvals__content_hash=F("content_hash"))),
            "wanted": Value(2),
            "first_by": Subquery(first),
        },
        also=_order_name,
        title=_("Approve an order: %(need)s"),
        why=_("%(order)s. You approve exactly what you see there."),
        address=("deliveries:order", "number"),
    )


def _exchanges(work: Workspace) -> Pile:
    """Orders of others that two approved and that wait for the bank to change their money."""
    return Pile(
        kind=ORDERS,
        rows=Order.objects.filter(partnership=work.partnership, state=Order.State.APPROVED)
        .exclude(proposed_by=work.person)
        .order_by("proposed_at", "number"),
        since=Coalesce("approved_at", "proposed_at"),
        facts={"number": "number", "need": "need__title"},
        also=_order_name,
        title=_("Change money and place an order: %(need)s"),
        why=_("%(order)s is approved by two. Its ceiling is set aside."),
        address=("deliveries:order", "number"),
    )


def _rules(work: Workspace) -> Pile:
    """A change of the rules of orders that somebody else of another body proposed."""
    accounts = identity.other_accounts(work.person).values("person")
    return Pile(
        kind=ORDERS,
        rows=OrderRules.objects.filter(partnership=work.partnership, is_agreed=None)
        .exclude(Q(proposed_by=work.person) | Q(proposed_by__in=accounts))
        .exclude(proposed_for=work.organisation_for(Action.APPROVE_ORDER))
        .order_by("proposed_at", "pk"),
        since="proposed_at",
        facts=SECOND_ASKED | {"first_by": "proposed_for__name"},
        title=_("Agree to other rules of orders, or decline them"),
        why=_("Until then the rules stay as they are."),
        address=("deliveries:order_rules",),
    )


def _licences(work: Workspace) -> Pile:
    """Papers of things of dual use that this person did not attach, with an order that waits."""
    waits = Order.objects.filter(need=OuterRef("need"), state=Order.State.PROPOSED)
    return Pile(
        kind=ORDERS,
        rows=Licence.objects.filter(need__partnership=work.partnership, is_accepted=None)
        .exclude(entered_by=work.person)
        .annotate(order_number=Subquery(waits.order_by("number").values("number")[:1]))
        .filter(order_number__isnull=False)
        .order_by("entered_at", "pk"),
        since="entered_at",
        facts={"number": "order_number", "need": "need__title"},
        title=_("Read a licence: %(need)s"),
        why=_("Until then it is not ordered."),
        address=("deliveries:order", "number"),
        anchor="#licence",
    )


def _late_requests(work: Workspace) -> Pile:
    """Requests of this person's own body whose day has passed, until it asks anew or proposes."""
    mine = [role.organisation_id for role in work.roles]
    later = QuoteRequest.objects.filter(need=OuterRef("need"), pk__gt=OuterRef("pk"))
    ordered = Order.objects.filter(need=OuterRef("need"), proposed_at__gte=OuterRef("asked_at"))
    zone = ZoneInfo(work.partnership.receiving_place.time_zone)

    def since_the_day_after(facts: Mapping[str, Any]) -> dict[str, Any]:
        day_after = date.fromisoformat(facts["by_date"]) + timedelta(days=1)
        return {"since": datetime.combine(day_after, time.min, zone)}

    return Pile(
        kind=QUOTES,
        rows=QuoteRequest.objects.filter(
            ~Exists(later),
            ~Exists(ordered),
            need__partnership=work.partnership,
            need__state__in=[Need.State.SUBMITTED, Need.State.VERIFIED],
            asked_for__in=mine,
            by_date__lt=work.partnership.receiving_today,
        ).order_by("by_date", "pk"),
        since="asked_at",
        facts={
            "number": "need__number",
            "need": "need__title",
            "by_date": "by_date",
            "answered": Count("asked__quote"),
            "asked": Count("asked"),
        },
        also=since_the_day_after,
        title=_("The day for quotes has passed: %(need)s"),
        why=_("%(answered)d of %(asked)d answered. Decide, or ask again."),
        address=("deliveries:comparison", "number"),
        action=_("Compare the quotes"),
    )


# --- suppliers


def _hits(work: Workspace) -> Pile:
    """Names that are like one on a list of sanctions, which this person did not look up."""
    return Pile(
        kind=PAYEES,
        rows=Screening.objects.filter(partnership=work.partnership, outcome="open")
        .exclude(screened_by=work.person)
        .order_by("screened_at", "pk"),
        since="screened_at",
        facts={"pk": "pk", "name": "organisation__name"},
        title=_("Decide about a name on a list: %(name)s"),
        why=_("Until then nothing is ordered or paid."),
        address=("deliveries:screening", "pk"),
    )


def _recorded_by_others(work: Workspace) -> QuerySet[PayeeAccount]:
    rows = PayeeAccount.objects.filter(partnership=work.partnership, state="proposed")
    return rows.exclude(proposed_by=work.person).order_by("proposed_at", "number")


def _calls(work: Workspace) -> Pile:
    """Accounts that others recorded and that nobody called their owner about."""
    return Pile(
        kind=PAYEES,
        rows=_recorded_by_others(work).filter(called_by=None),
        since="proposed_at",
        facts={"number": "number", "supplier": "supplier__name"},
        title=_("Call a supplier: %(supplier)s"),
        why=_("Ask whether the recorded account is theirs."),
        address=("deliveries:payee", "number"),
    )


def _accounts(work: Workspace) -> Pile:
    """Accounts that were called about and that this person has not approved."""
    own = PayeeApproval.objects.filter(payee=OuterRef("pk"), approved_by=work.person)
    return Pile(
        kind=PAYEES,
        rows=_recorded_by_others(work).filter(~Exists(own), called_by__isnull=False),
        since="proposed_at",
        facts={
            "number": "number",
            "supplier": "supplier__name",
            "done": Count("approvals"),
            "wanted": Value(2),
        },
        title=_("Approve an account: %(supplier)s"),
        why=_("Compare each figure with the paper first."),
        address=("deliveries:payee", "number"),
    )


# --- things and their acts


def _thing(facts: Mapping[str, Any]) -> dict[str, Any]:
    thing = numbered(facts["unit_title"], facts["unit"])
    return {"thing": thing, "order": Order(number=facts["number"])}


def _hand_overs(work: Workspace) -> Pile:
    """Things that are bought and of which no act tells yet."""
    return Pile(
        kind=HAND_OVERS,
        rows=Unit.objects.filter(
            order__partnership=work.partnership,
            order__state=Order.State.PLACED,
            cancelled_at=None,
            handover=None,
        ).order_by("order__placed_at", "order_id", "number"),
        since=Coalesce("order__placed_at", "order__proposed_at"),
        facts={
            "number": "order__number",
            "unit": "number",
            "unit_title": "order__need__unit_title",
        },
        also=_thing,
        title=_("To be handed over: %(thing)s"),
        why=_("Bought with %(order)s, no act yet."),
        address=("deliveries:hand_over",),
        action=_("Record the act"),
    )


def _unfit(work: Workspace) -> Pile:
    """Things that were paid, came damaged or not at all, and of whose price nothing came back."""
    return Pile(
        kind=CREDITS,
        rows=HandoverLine.objects.filter(
            standing_unit__order__partnership=work.partnership,
            standing_unit__order__state=Order.State.PLACED,
            standing_unit__cancelled_at=None,
            standing_unit__credited_minor=0,
            act__completed_at__isnull=False,
        )
        .exclude(condition=HandoverAct.Condition.GOOD)
        .exclude(standing_unit__order__proposed_by=work.person)
        .order_by("act__completed_at", "pk"),
        since="act__completed_at",
        facts={
            "number": "standing_unit__order__number",
            "unit": "standing_unit__number",
            "unit_title": "standing_unit__order__need__unit_title",
        },
        also=_thing,
        title=_("Damaged or missing: %(thing)s"),
        why=_("Bought with %(order)s. Ask its supplier for the price, or for a part of it."),
        address=("deliveries:order", "number"),
        anchor="#units",
    )


def _act_name(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"act": HandoverAct(number=facts["number"])}


def _acts_to_sign(work: Workspace) -> Pile:
    """Acts that somebody has still to sign."""
    return Pile(
        kind=ACTS,
        rows=HandoverAct.objects.filter(
            partnership=work.partnership, document=None, is_from_before=False, withdrawn_at=None
        ).order_by("recorded_at", "pk"),
        since="recorded_at",
        facts={
            "number": "number",
            "done": Count("signers", filter=~Q(signers__method="")),
            "wanted": Greatest(Count("signers"), Value(sum(rules.WANTED.values()))),
        },
        also=_act_name,
        title=_("Have an act signed: %(act)s"),
        why=_("Nothing of it counts as handed over before all have signed."),
        address=("deliveries:act", "number"),
    )


def _acts_to_confirm(work: Workspace) -> Pile:
    """Signed acts that this person neither recorded nor confirmed, nor a colleague confirmed."""
    bodies = [role.organisation_id for role in work.roles]
    own = Confirmation.objects.filter(
        Q(confirmed_by=work.person) | Q(organisation__in=bodies), act=OuterRef("pk")
    )
    rows = (
        HandoverAct.objects.filter(
            partnership=work.partnership, completed_at=None, replaced_at=None
        )
        .filter(~Exists(own), document__isnull=False)
        .exclude(recorded_by=work.person)
        .order_by("recorded_at", "pk")
    )
    wanted: Any = Value(rules.CONFIRMATIONS_NEAR_A_FRONT)
    if not work.partnership.is_conflict_zone:
        # One word is enough there, and it comes from another organisation.
        colleague = Role.objects.filter(
            person=OuterRef("recorded_by"), partnership=work.partnership, organisation__in=bodies
        )
        rows = rows.exclude(Exists(colleague))
        is_near = Exists(safety.fighting_in(work.partnership, OuterRef("handed_over_date")))
        wanted = Case(When(is_near, then=wanted), default=Value(rules.CONFIRMATIONS))
    return Pile(
        kind=ACTS,
        rows=rows,
        since="recorded_at",
        facts={
            "number": "number",
            "done": Count("confirmations"),
            "wanted": wanted,
        },
        also=_act_name,
        title=_("Confirm a hand-over: %(act)s"),
        why=_("All have signed. Others say that the things arrived: one, near a front two."),
        address=("deliveries:act", "number"),
    )


def _scans_of_acts(work: Workspace) -> Pile:
    """Acts signed by hand on which this person's word, for their organisation, is still wanted."""
    others = identity.other_accounts(work.person).values("person")
    said = ScanWitness.objects.filter(
        Q(person=work.person) | Q(person__in=others) | Q(organisation=work.roles[0].organisation),
        scan=OuterRef("pk"),
    )
    first = ScanWitness.objects.filter(scan=OuterRef("pk")).order_by("witnessed_at", "pk")
    open_acts = HandoverAct.objects.filter(
        partnership=work.partnership, document=None, is_from_before=False, withdrawn_at=None
    )
    return Pile(
        kind=ACTS,
        rows=ActScan.objects.filter(act__in=open_acts)
        .filter(~Exists(said))
        .exclude(Q(entered_by=work.person) | Q(entered_by__in=others))
        .order_by("entered_at", "pk"),
        since="entered_at",
        facts={
            "number": "act__number",
            "done": Count("witnesses"),
            "wanted": Value(rules.SCAN_WITNESSES),
            "first_by": Subquery(first.values("organisation__name")[:1]),
        },
        also=_act_name,
        title=_("Did you see it signed? %(act)s"),
        why=_("It was signed by hand, and counts once two people of two bodies saw it."),
        address=("deliveries:act", "number"),
        action=_("Look at the scan"),
    )


def _acts_for_the_office(work: Workspace) -> Pile:
    """Papers of acts that wait for the signature of this person's office."""
    return Pile(
        kind=ACTS,
        rows=ActSeat.objects.filter(
            act__partnership=work.partnership,
            term__person=work.person,
            slot__isnull=False,
            slot__signature=None,
            slot__refusal=None,
            slot__document__replaced_by=None,
        ).order_by("act__recorded_at", "pk"),
        since="act__recorded_at",
        facts={"number": "act__number"},
        also=_act_name,
        title=_("Sign the paper of a hand-over: %(act)s"),
        why=_("All have signed it by hand; your office’s certificate comes last."),
        address=("deliveries:act", "number"),
    )
