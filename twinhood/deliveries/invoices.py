"""Invoices: a number of a supplier once, what differs from the order explained, then paid."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Sum, Value

from twinhood.deliveries import errors
from twinhood.deliveries.models import Invoice, Order, Payment, SupplierCredit
from twinhood.deliveries.models.invoices import key_of
from twinhood.people.models import Person


def unbilled_minor(order: Order) -> int:
    """What was ordered, and is not cancelled, less what its invoices ask; may be below zero.

    A price that fell before it was paid is invoiced so; what came back had been invoiced.
    """
    units = order.units.filter(cancelled_at=None)
    fell = SupplierCredit.objects.filter(unit__in=units, bank_code="")
    live = units.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    live -= fell.aggregate(sum=Sum("amount_minor"))["sum"] or 0
    asked = order.invoices.filter(voided_at=None).aggregate(sum=Sum("amount_minor"))["sum"] or 0
    return int(live - asked)


def left_minor(invoice: Invoice) -> int:
    """What of an invoice is not paid yet."""
    paid = Payment.objects.filter(order=invoice.order_id, invoice=invoice.number)
    return int(invoice.amount_minor - (paid.aggregate(sum=Sum("amount_minor"))["sum"] or 0))


@transaction.atomic
def record(
    *,
    order: Order,
    number: str,
    amount_minor: int,
    invoice_date: date,
    by: Person,
    at: datetime,
    difference: str = "",
    total_minor: int | None = None,
) -> Invoice:
    """Keep an invoice of a placed order's supplier, as it came.

    One that does not ask for exactly what was ordered and not yet invoiced says why: a deposit, a
    discount, a mistake. Of one that is for several orders `amount_minor` is the part of this one,
    and `total_minor` what all of it asks. Raises WrongState, DifferenceUnsaid, InvoiceKnown,
    OtherTotal, MoreThanTotal.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("quote").get(pk=order.pk)
    if order.state != Order.State.PLACED:
        raise errors.WrongState(str(order), order.state)
    expected_minor = unbilled_minor(order)
    if amount_minor != expected_minor and not difference.strip():
        raise errors.DifferenceUnsaid(amount_minor, expected_minor)
    _expect_part(order, number.strip(), amount_minor, total_minor)
    try:
        with transaction.atomic():
            return Invoice.objects.create(
                order=order, supplier_id=order.quote.supplier_id, number=number.strip(),
                amount_minor=amount_minor, total_minor=total_minor, invoice_date=invoice_date,
                difference="" if amount_minor == expected_minor else difference.strip(),
                recorded_by=by, recorded_at=at,
            )  # fmt: skip
    except IntegrityError as problem:
        raise errors.InvoiceKnown(number) from problem


def parts_of(invoice: Invoice) -> list[Invoice]:
    """An invoice at each of its orders, by their numbers; it alone where it is for one order."""
    found = Invoice.objects.filter(
        supplier=invoice.supplier_id, number_key=invoice.number_key, voided_at=None
    )
    return list(found.select_related("order").order_by("order__number"))


def _expect_part(order: Order, number: str, amount_minor: int, total_minor: int | None) -> None:
    """Refuse a number that is known, unless each is a part of one invoice with room for this."""
    known = Invoice.objects.filter(
        supplier=order.quote.supplier_id, number_key=key_of(Value(number)), voided_at=None
    )
    others = list(known.select_related("order").order_by("order__number"))
    if not others:
        return
    of_here = all(one.order.partnership_id == order.partnership_id for one in others)
    total = others[0].total_minor
    if total is None or not of_here or order in [one.order for one in others]:
        raise errors.InvoiceKnown(number)
    if total_minor != total or order.currency != others[0].order.currency:
        raise errors.OtherTotal(number, ", ".join(str(one.order) for one in others), total)
    left_minor = total - sum(one.amount_minor for one in others)
    if amount_minor > left_minor:
        raise errors.MoreThanTotal(number, left_minor)


@transaction.atomic
def void(*, invoice: Invoice, reason: str, by: Person, at: datetime) -> Invoice:
    """Take back an invoice that was typed wrong, while nothing of it is paid.

    Raises ReasonMissing, WrongState.
    """
    if not reason.strip():
        raise errors.ReasonMissing("void")
    invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
    if invoice.voided_at or left_minor(invoice) != invoice.amount_minor:
        raise errors.WrongState(str(invoice), "paid or voided")
    invoice.voided_by, invoice.voided_at, invoice.void_reason = by, at, reason.strip()
    invoice.save(update_fields=["voided_by", "voided_at", "void_reason"])
    return invoice


def expect_invoiced(order: Order, number: str, amount_minor: int) -> None:
    """Refuse a payment without an invoice of the order, or above it.

    Raises NotInvoiced, MoreThanInvoiced.
    """
    invoice = order.invoices.filter(number=number, voided_at=None).first()
    if invoice is None:
        raise errors.NotInvoiced(number)
    if amount_minor > (left := left_minor(invoice)):
        raise errors.MoreThanInvoiced(amount_minor, left)
