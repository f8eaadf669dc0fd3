"""The verbs of orders and deliveries. Each is one transaction; `at` is an aware UTC time.

Locks are taken in one order: the order's row, then the books, then what depends on them.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from twinhood.deliveries import errors, queries, telling
from twinhood.deliveries.asking import beside
from twinhood.deliveries.core import approval
from twinhood.deliveries.core.approval import Approver, Refusal
from twinhood.deliveries.invoices import expect_invoiced
from twinhood.deliveries.models import (
    Approval,
    HandoverAct,
    HandoverLine,
    Order,
    PayeeAccount,
    Payment,
    RefusedApproval,
    SerialClash,
    SupplierCredit,
    Unit,
)
from twinhood.deliveries.payable import expect_payable
from twinhood.deliveries.payees import payable
from twinhood.deliveries.placing import change_money, let_go, place, set_aside
from twinhood.deliveries.screening import expect_screened
from twinhood.deliveries.terms import NO_TERMS, Terms, put_into, rules_of
from twinhood.kit import clock
from twinhood.kit.core import serials
from twinhood.ledger import actions as ledger
from twinhood.ledger import dues, freeing
from twinhood.ledger.errors import MoreThanIsLeft
from twinhood.needs.actions import lock_numbers
from twinhood.needs.models import Need, Quote
from twinhood.needs.telling import commit
from twinhood.people import identity
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.people.queries import workspace

log = logging.getLogger(__name__)


@transaction.atomic
def propose_order(
    *,
    quote: Quote,
    quantity: int,
    by: Person,
    organisation: Organisation,
    at: datetime,
    terms: Terms = NO_TERMS,
    form_key: UUID | None = None,
) -> Order:
    """Propose to buy `quantity` things at a quote's price; nothing is committed yet.

    The same `form_key` again returns the order that it proposed the first time. Raises
    ReasonMissing (quotes of fewer than three, or not the lowest), MoreThanNeeded, NoFund, BadTerms,
    QuoteExpired, WrongState.
    """
    need = Need.objects.select_related("partnership", "campaign").get(pk=quote.need_id)
    lock_numbers(need.partnership)
    if form_key and (known := Order.objects.filter(form_key=form_key, proposed_by=by).first()):
        return known
    order = Order(
        partnership=need.partnership,
        number=_next_number(need.partnership),
        need=need,
        proposed_by=by,
        proposed_for=organisation,
        proposed_at=at,
        form_key=form_key,
    )
    _write_content(order, quote, quantity, terms, at)
    return order


def _write_content(order: Order, quote: Quote, quantity: int, terms: Terms, at: datetime) -> None:
    """Let the order say this and nothing else: a new content with new units and fingerprint."""
    _expect_orderable(order, quote, quantity, terms, at)
    old = [unit.pk for unit in order.units.all()] if order.pk else []
    order.quote, order.currency = quote, quote.currency
    order.fund_codes = queries.fund_codes_for(order.need, quote.currency)
    if not order.fund_codes:
        raise errors.NoFund(quote.currency)
    put_into(order, terms, quote.unit_price_minor * quantity, at.date())
    units = _new_units(order, quantity)
    order.content_hash = approval.fingerprint(queries.content_of(order, units))
    order.save()
    Unit.objects.filter(pk__in=old).delete()
    Unit.objects.bulk_create(units)


def _next_number(partnership: Partnership) -> int:
    last = Order.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def _expect_orderable(
    order: Order, quote: Quote, quantity: int, terms: Terms, at: datetime
) -> None:
    need = order.need
    if need.state != Need.State.VERIFIED:
        raise errors.WrongState(str(need), need.state)
    expect_payable(need, quote, at)
    if quote.valid_until_date and quote.valid_until_date < at.date():
        raise errors.QuoteExpired
    left = need.wanted - queries.things_ordered(need, besides=order if order.pk else None)
    if not 0 < quantity <= left:
        raise errors.MoreThanNeeded(quantity, left)
    rules = rules_of(need.partnership)
    code = approval.why_reason_is_needed(
        beside(quote),
        quotes_needed=rules.quotes_needed,
        is_above_limit=queries.is_above_limit(order, quote, quantity, rules, at),
    )
    if code and not terms.reason.strip():
        raise errors.ReasonMissing(code)


def _new_units(order: Order, quantity: int) -> list[Unit]:
    first = queries.next_unit_number(order.need)
    return [
        Unit(
            order=order,
            code=token_hex(8),
            number=first + i,
            amount_minor=order.quote.unit_price_minor,
        )
        for i in range(quantity)
    ]


def _locked(order: Order) -> Order:
    """The order as it is now, until this transaction ends nobody else's to change."""
    return (
        Order.objects.select_for_update(of=("self",))
        .select_related(
            "partnership", "need", "need__campaign", "quote", "quote__supplier", "source_fund"
        )
        .get(pk=order.pk)
    )


@transaction.atomic
def edit_order(
    *,
    order: Order,
    quote: Quote,
    quantity: int,
    by: Person,
    at: datetime,
    terms: Terms = NO_TERMS,
) -> Order:
    """Change what is proposed. The content gets another fingerprint, so approvals are void.

    One that was approved and waits for its exchange is proposed again. Raises as `propose_order`;
    WrongState once it is placed or refused, and for anybody but the proposer.
    """
    lock_numbers(order.partnership)
    order = _locked(order)
    if order.state not in queries.OPEN_ORDERS or order.proposed_by_id != by.pk:
        raise errors.WrongState(str(order), order.state)
    let_go(order, at)
    order.state, order.approved_at = Order.State.PROPOSED, None
    _write_content(order, quote, quantity, terms, at)
    return order


@dataclass(frozen=True, slots=True)
class Approved:
    """The order after an approval.

    With the second one it is placed, or `is_waiting` for the exchange that pays it.
    """

    order: Order
    is_placed: bool
    is_waiting: bool = False


def approve(*, order: Order, by: Person, seen_hash: str, at: datetime) -> Approved:
    """Say yes to exactly the content whose fingerprint is `seen_hash`, and state no interest in it.

    Everything is asked at this moment, under a lock: role, organisation, content. The second
    approval places the order and takes its cents in the same transaction; an order that is paid
    by an exchange gets its ceiling set aside instead. Raises MayNotApprove; from the second one
    also FundTooSmall, WrongState (the need was withdrawn) and QuoteExpired: then nothing is
    written. Who tried though they may not is kept with the order.
    """
    try:
        return _approve(order, by, seen_hash, at)
    except errors.MayNotApprove as problem:
        if problem.refusal in TOLD_REFUSALS:
            RefusedApproval.objects.create(
                order=order, person=by, refusal=problem.refusal, tried_at=at
            )
        raise


# Those that an honest person would hardly meet: the page shows no button.
TOLD_REFUSALS = frozenset({Refusal.PROPOSER, Refusal.PAYEE, Refusal.SAME_PERSON, Refusal.UNKNOWN})


@transaction.atomic
def _approve(order: Order, by: Person, seen_hash: str, at: datetime) -> Approved:
    order = _locked(order)
    content = queries.content_of(order, list(order.units.order_by("number")))
    earlier = list(order.approvals.filter(content_hash=order.content_hash))
    approver = _approver(by, order.partnership)
    refusal = approval.why_not_approve(
        approver,
        content,
        is_proposed=order.state == Order.State.PROPOSED,
        kept_hash=order.content_hash,
        seen_hash=seen_hash,
        approved_by_ids={a.approved_by_id for a in earlier},
        approved_for_ids={a.organisation_id for a in earlier},
    )
    if refusal or approver.organisation_id is None:
        raise errors.MayNotApprove(refusal or Refusal.NO_ROLE)
    given = Approval.objects.create(
        order=order,
        content_hash=order.content_hash,
        proposed_by_id=order.proposed_by_id,
        approved_by=by,
        organisation_id=approver.organisation_id,
        approved_at=at,
    )
    commit(order.partnership, telling.approval_facts(given, len(earlier) + 1))
    if len(queries.standing_approvals(order)) < approval.APPROVALS_NEEDED:
        return Approved(order, is_placed=False)
    if order.source_fund_id is None:
        place(order, content, at)
        return Approved(order, is_placed=True)
    set_aside(order, at)
    return Approved(order, is_placed=False, is_waiting=True)


def _approver(person: Person, partnership: Partnership) -> Approver:
    try:
        organisation = workspace(person, partnership).organisation_for(Action.APPROVE_ORDER)
    except PermissionDenied:
        return Approver(person.pk, None)
    return Approver(
        person.pk,
        organisation.pk if person.is_active else None,
        same_ids=identity.same_people(person),
        is_known=identity.is_known(person),
    )


@transaction.atomic
def exchange_and_place(
    *,
    order: Order,
    paid_minor: int,
    fee_minor: int,
    bank_code: str,
    by: Person,
    at: datetime,
) -> Order:
    """Place an approved order with money that the bank changed for it, under its ceiling.

    `paid_minor` is what the bank took from the fund for exactly the order's sum, `fee_minor` its
    charge beside (may be 0): both in the fund's currency, together under the ceiling. Everything
    is asked again at this moment: roles of those who approved, the need, the quote. An order that
    is placed already is returned as it is. Raises WrongState, MayNotPay, OverCeiling,
    ApprovalLapsed, QuoteExpired, FundTooSmall; then nothing is written.
    """
    order = _locked(order)
    if order.state == Order.State.PLACED and order.exchanged_minor == paid_minor:
        return order
    if order.state != Order.State.APPROVED or order.source_fund is None:
        raise errors.WrongState(str(order), order.state)
    _expect_another(order, by)
    if len(queries.standing_approvals(order)) < approval.APPROVALS_NEEDED:
        raise errors.ApprovalLapsed
    whole_minor = paid_minor + fee_minor
    if paid_minor <= 0 or fee_minor < 0 or whole_minor > order.ceiling_minor:
        raise errors.OverCeiling(whole_minor, order.ceiling_minor, order.source_fund.currency)
    content = queries.content_of(order, list(order.units.order_by("number")))
    if approval.fingerprint(content) != order.content_hash:
        raise errors.MayNotApprove(Refusal.CHANGED)
    order.exchanged_by, order.exchanged_minor = by, paid_minor
    change_money(order, content, paid_minor, fee_minor, bank_code, at)
    place(order, content, at)
    return order


@transaction.atomic
def refuse_order(*, order: Order, by: Person, reason: str, at: datetime) -> Order:
    """Say no, with a reason that the proposer reads. Raises WrongState, ReasonMissing."""
    if not reason.strip():
        raise errors.ReasonMissing("refusal")
    order = _locked(order)
    if order.state not in queries.OPEN_ORDERS:
        raise errors.WrongState(str(order), order.state)
    let_go(order, at)
    order.state = Order.State.REFUSED
    order.refused_by, order.refused_at, order.refuse_reason = by, at, reason.strip()
    order.save(update_fields=["state", "refused_by", "refused_at", "refuse_reason"])
    return order


@transaction.atomic
def cancel_unit(*, unit: Unit, reason: str, at: datetime) -> int:
    """Give one thing of a placed order up; return the minor units that are free again.

    An order without a unit left is cancelled. Raises ReasonMissing, WrongState (not placed,
    cancelled before, handed over), PaidAlready.
    """
    if not reason.strip():
        raise errors.ReasonMissing("cancellation")
    order = _locked(unit.order)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    expect_on_the_way(order, unit)
    unpaid_minor = queries.unpaid_minor(order)
    if unit.price_minor > unpaid_minor:
        raise errors.PaidAlready(unit.price_minor, unpaid_minor)
    return _cancel(order, unit, reason, at)


def _cancel(order: Order, unit: Unit, reason: str, at: datetime) -> int:
    freed_minor = freeing.cancel(
        partnership=order.partnership,
        key=f"cancel:{order}:{unit.code}",
        order_key=order.key,
        unit=unit.code,
        at=at,
    )
    unit.cancelled_at, unit.cancel_reason = at, reason.strip()
    unit.save(update_fields=["cancelled_at", "cancel_reason"])
    if not order.units.filter(cancelled_at=None).exists():
        order.state = Order.State.CANCELLED
        order.save(update_fields=["state"])
    return freed_minor


@transaction.atomic
def credit_unit(*, unit: Unit, reason: str, bank_code: str, by: Person, at: datetime) -> int:
    """Record that the supplier gave a paid thing's price back, and cancel it: its cents are free.

    For a thing that did not come, or came damaged. `bank_code` is where the money arrived. The
    same again changes nothing. Returns the minor units that are free. Raises ReasonMissing,
    MayNotPay (the order's proposer), WrongState (not placed, cancelled before, handed over in
    order), NotPaid.
    """
    if not reason.strip():
        raise errors.ReasonMissing("cancellation")
    order = _locked(unit.order)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    if known := SupplierCredit.objects.filter(unit=unit, is_part=False).first():
        return known.amount_minor
    _expect_another(order, by)
    _expect_creditable(order, unit)
    key = f"credit:{order}:{unit.code}"
    _take_back(order, key, unit.price_minor, bank_code, at)
    SupplierCredit.objects.create(
        unit=unit, key=key, amount_minor=unit.price_minor, bank_code=bank_code, credited_at=at,
        recorded_by=by,
    )  # fmt: skip
    return _cancel(order, unit, reason, at)


@transaction.atomic
def credit_part(
    *,
    unit: Unit,
    amount_minor: int,
    reason: str,
    bank_code: str,
    by: Person,
    at: datetime,
    form_key: UUID | None = None,
) -> SupplierCredit:
    """Record that a thing became cheaper: it stays, and the last of its cents are free.

    `bank_code` is where the money arrived that the supplier gave back; empty where the price fell
    before it was paid. The same `form_key` again returns the credit of the first time. Raises
    ReasonMissing, MayNotPay (the order's proposer), WrongState (not placed, cancelled), WholePrice,
    NotPaid (more comes back than was paid), PaidAlready (less is unpaid).
    """
    if not reason.strip():
        raise errors.ReasonMissing("credit")
    order = _locked(unit.order)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    name = f"{order}:{unit.code}:{(form_key or uuid4()).hex}"
    if known := SupplierCredit.objects.filter(key=f"reduction:{name}").first():
        return known
    _expect_another(order, by)
    if order.state != Order.State.PLACED or unit.cancelled_at:
        raise errors.WrongState(str(unit), "cancelled")
    if amount_minor >= unit.price_minor:
        raise errors.WholePrice(amount_minor, unit.price_minor)
    if bank_code:
        _take_back(order, f"credit:{name}", amount_minor, bank_code, at)
    elif amount_minor > (unpaid_minor := queries.unpaid_minor(order)):
        raise errors.PaidAlready(amount_minor, unpaid_minor)
    freeing.reduce(
        partnership=order.partnership, key=f"reduction:{name}", order_key=order.key,
        unit=unit.code, amount_minor=amount_minor, at=at,
    )  # fmt: skip
    return SupplierCredit.objects.create(
        unit=unit, key=f"reduction:{name}", is_part=True, amount_minor=amount_minor,
        reason=reason.strip(), bank_code=bank_code, credited_at=at, recorded_by=by,
    )  # fmt: skip


def _expect_another(order: Order, by: Person) -> None:
    """Who asked for an order records neither its payments nor what comes back of them."""
    if order.proposed_by_id in identity.same_people(by):
        raise errors.MayNotPay


def _take_back(order: Order, key: str, amount_minor: int, bank_code: str, at: datetime) -> None:
    """Book what the supplier paid back; raises NotPaid."""
    try:
        dues.credit_from_supplier(
            partnership=order.partnership,
            key=key,
            order_key=order.key,
            amount_minor=amount_minor,
            currency=order.currency,
            bank_code=bank_code,
            at=at,
        )
    except MoreThanIsLeft as problem:
        raise errors.NotPaid(amount_minor, problem.left_minor) from problem


def _expect_creditable(order: Order, unit: Unit) -> None:
    """Like what may be cancelled; and what was received damaged, or not at all."""
    line = HandoverLine.objects.filter(standing_unit=unit).first()
    if line is None or line.condition == HandoverAct.Condition.GOOD:
        expect_on_the_way(order, unit)
    elif order.state != Order.State.PLACED or unit.cancelled_at:
        raise errors.WrongState(str(unit), "cancelled")


def expect_on_the_way(order: Order, unit: Unit) -> None:
    """Raise WrongState unless the unit is bought, not cancelled, and in no act."""
    if order.state != Order.State.PLACED:
        raise errors.WrongState(str(order), order.state)
    if unit.cancelled_at:
        raise errors.WrongState(str(unit), "cancelled")
    if HandoverLine.objects.filter(standing_unit=unit).exists():
        raise errors.WrongState(str(unit), "handed over")


@transaction.atomic
def pay(
    *,
    order: Order,
    amount_minor: int,
    invoice: str,
    bank_code: str,
    by: Person,
    at: datetime,
    payee: PayeeAccount | None = None,
    form_key: UUID | None = None,
) -> Payment:
    """Record money paid to the supplier: never more than the order commits and the invoice asks.

    It goes to `payee`, an account of the supplier whose wait is over; without one to the order's
    own, or to the newest.

    `bank_code` is the account it left (`assets:bank:main`). The same `form_key` again returns the
    payment of the first time. Raises WrongState, MayNotPay, NoPayee, FundTooSmall, NotInvoiced,
    MoreThanInvoiced.
    """
    order = _locked(order)
    key = f"payment:{order}:{(form_key or uuid4()).hex}"
    if known := Payment.objects.filter(key=key).first():
        return known
    if order.state != Order.State.PLACED:
        raise errors.WrongState(str(order), order.state)
    _expect_another(order, by)
    expect_payable(order.need, order.quote, at)
    payee = payable(order, payee, at)
    expect_screened(order, at, payee.holder)
    ledger.pay_supplier(
        partnership=order.partnership,
        key=key,
        order_key=order.key,
        amount_minor=amount_minor,
        currency=order.currency,
        bank_code=bank_code,
        at=at,
    )
    expect_invoiced(order, invoice, amount_minor)
    return Payment.objects.create(
        order=order,
        key=key,
        payee=payee,
        amount_minor=amount_minor,
        invoice=invoice,
        bank_code=bank_code,
        paid_at=at,
        paid_by=by,
    )


def set_serial(*, unit: Unit, serial: str, by: Person | None = None) -> Unit:
    """Record a thing's serial number; a vehicle's is its VIN.

    Raises serials.BadSerial, WrongState for a unit that is not on its way, and SerialKnown when
    any other unit has it: then that somebody tried is kept (`note_clash`).
    """
    try:
        return _set_serial(unit, serial)
    except errors.SerialKnown as problem:
        note_clash(unit=unit, serial=problem.serial, by=by)
        raise


@transaction.atomic
def _set_serial(unit: Unit, serial: str) -> Unit:
    order = _locked(unit.order)
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    expect_on_the_way(order, unit)
    is_vehicle = queries.is_vehicle(order.need)
    unit.serial = serials.normal_serial(serial, is_vehicle=is_vehicle)
    try:
        with transaction.atomic():
            unit.save(update_fields=["serial"])
    except IntegrityError as problem:
        raise errors.SerialKnown(unit.serial) from problem
    return unit


def note_clash(*, unit: Unit, serial: str, by: Person | None) -> SerialClash:
    """Keep that somebody gave `unit` a number that another thing has. Outside what is undone."""
    known = Unit.objects.filter(serial_key=serials.folded(serial)).exclude(pk=unit.pk).first()
    log.warning("deliveries.serial_clash unit=%s known=%s", unit.code, known and known.code)
    return SerialClash.objects.create(
        unit=unit, known_unit=known, serial=serial, tried_by=by, tried_at=clock.now()
    )
