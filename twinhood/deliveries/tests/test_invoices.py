"""Promises of invoices: each is paid once, and what differs from the order is explained."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation

from twinhood.deliveries import actions, errors, invoices
from twinhood.deliveries.models import Invoice, Order, Payment
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY

pytestmark = pytest.mark.django_db
WHOLE = 16_500_000


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def order(world: World) -> Order:
    return world.placed(2)


def record(world: World, order: Order, number: str, amount_minor: int, why: str = "") -> Invoice:
    return invoices.record(
        order=order, number=number, amount_minor=amount_minor, invoice_date=DAY,
        difference=why, by=world.tom, at=AT,
    )  # fmt: skip


def pay(world: World, order: Order, number: str, amount_minor: int) -> Payment:
    return actions.pay(
        order=order, amount_minor=amount_minor, invoice=number, bank_code="assets:bank:main",
        by=world.tom, at=AT,
    )  # fmt: skip


def test_a_deposit_and_the_balance_are_two_invoices_that_add_up(world: World, order: Order) -> None:
    with pytest.raises(errors.DifferenceUnsaid) as problem:
        record(world, order, "D-1", 4_950_000)
    deposit = record(world, order, "D-1", 4_950_000, "Deposit of 30 percent.")
    balance = record(world, order, "D-2", WHOLE - 4_950_000, "Not needed: it is the rest.")

    pay(world, order, "D-1", 4_950_000)
    pay(world, order, "D-2", 11_000_000)
    with pytest.raises(errors.MoreThanInvoiced) as above:
        pay(world, order, "D-1", 1)
    pay(world, order, "D-2", 550_000)

    assert problem.value.expected_minor == WHOLE
    assert (deposit.difference, balance.difference) == ("Deposit of 30 percent.", "")
    assert above.value.left_minor == 0
    assert [invoices.left_minor(one) for one in (deposit, balance)] == [0, 0]


def test_one_number_of_a_supplier_is_one_invoice_however_it_is_typed(
    world: World, order: Order
) -> None:
    record(world, order, "INV 2026/17", WHOLE)
    other = world.placed(1)

    for number in ("INV 2026/17", "inv-2026-17", "INV2026 17"):
        with pytest.raises(errors.InvoiceKnown):
            record(world, other, number, 8_250_000)
    with pytest.raises(errors.NotInvoiced):
        pay(world, other, "INV 2026/17", 100)


def part(
    world: World, order: Order, amount_minor: int, total_minor: int | None, number: str = "R-9"
) -> Invoice:
    return invoices.record(
        order=order, number=number, amount_minor=amount_minor, total_minor=total_minor,
        invoice_date=DAY, difference="A part.", by=world.tom, at=AT,
    )  # fmt: skip


def test_one_invoice_for_two_orders_is_recorded_as_parts_that_add_up(
    world: World, order: Order
) -> None:
    other, total_minor = world.placed(1), WHOLE + 8_250_000
    first = part(world, order, WHOLE, total_minor)

    with pytest.raises(errors.InvoiceKnown):
        part(world, order, 1, total_minor, "r 9")
    for total in (None, total_minor - 1):
        with pytest.raises(errors.OtherTotal) as told:
            part(world, other, 8_250_000, total)
        assert (told.value.orders, told.value.total_minor) == (str(order), total_minor)
    with pytest.raises(errors.MoreThanTotal) as problem:
        part(world, other, 8_250_001, total_minor)
    second = part(world, other, 8_250_000, total_minor, "R9")

    assert problem.value.left_minor == 8_250_000
    assert invoices.parts_of(first) == [first, second]
    assert [one.difference for one in (first, second)] == ["", ""]
    pay(world, order, "R-9", WHOLE)
    pay(world, other, "R9", 8_250_000)
    with pytest.raises(errors.MoreThanTotal):
        part(world, world.placed(1), 1, total_minor)


def test_a_part_that_was_taken_back_makes_room_for_the_right_one(
    world: World, order: Order
) -> None:
    other, total_minor = world.placed(1), WHOLE + 8_250_000
    part(world, order, WHOLE, total_minor)
    wrong = part(world, other, 8_000_000, total_minor)

    invoices.void(invoice=wrong, reason="Another digit.", by=world.tom, at=AT)

    assert part(world, other, 8_250_000, total_minor).amount_minor == 8_250_000


AT_ANOTHER = (
    "INSERT INTO deliveries_invoice (order_id, supplier_id, number, amount_minor, total_minor,"
    " invoice_date, difference, recorded_by_id, recorded_at, void_reason)"
    " SELECT {order}, supplier_id, 'r.9', {amount}, {total}, invoice_date, 'x', recorded_by_id,"
    " recorded_at, '' FROM deliveries_invoice"
)


@pytest.mark.parametrize(
    ("amount", "total"), [(11, WHOLE + 10), (10, WHOLE + 11), (10, "NULL"), (WHOLE, WHOLE + 10)]
)
def test_the_database_adds_the_parts_of_an_invoice_up(
    world: World, order: Order, amount: int, total: object
) -> None:
    part(world, order, WHOLE, WHOLE + 10)
    other = world.placed(1)

    with pytest.raises(IntegrityError, match="its parts add up"), transaction.atomic():
        connection.cursor().execute(AT_ANOTHER.format(order=other.pk, amount=amount, total=total))


def test_the_treasurer_records_both_parts_on_the_orders_pages(world: World, order: Order) -> None:
    tom, other = world.signed_in(world.tom), world.placed(1)

    def at(name: str, of: Order) -> str:
        return reverse(f"deliveries:{name}", args=[world.partnership.slug, of.number])

    form = {"invoice-number": "R-9", "invoice-amount": "165,000.00",
            "invoice-total": "165,000.00", "invoice-invoice_date": DAY.isoformat()}  # fmt: skip
    with clock.showing(AT), translation.override("en"):
        small = tom.post(at("record_invoice", order), form)
        form["invoice-total"] = "247,500.00"
        tom.post(at("record_invoice", order), form)
        form |= {"invoice-amount": "82,500.00", "invoice-total": ""}
        unsaid = tom.post(at("record_invoice", other), form)
        form["invoice-total"] = "247,500.00"
        page = tom.post(at("record_invoice", other), form, follow=True).content.decode()

    assert small.status_code == unsaid.status_code == 422
    assert "The whole invoice asks for more than its part." in small.content.decode()
    assert "Invoice R-9 stands at O-1 as a part of an invoice of $247,500.00" in (
        unsaid.content.decode()
    )
    assert "Part of an invoice of $247,500.00:" in page
    assert at("order", order) in page


def test_an_invoice_typed_wrong_is_taken_back_while_nothing_of_it_is_paid(
    world: World, order: Order
) -> None:
    wrong = record(world, order, "R-1", 1_650_000, "As typed.")
    with pytest.raises(errors.ReasonMissing):
        invoices.void(invoice=wrong, reason=" ", by=world.tom, at=AT)
    invoices.void(invoice=wrong, reason="A nought was missing.", by=world.tom, at=AT)
    with pytest.raises(errors.NotInvoiced):
        pay(world, order, "R-1", 100)

    right = record(world, order, "R-1", WHOLE)
    pay(world, order, "R-1", 100)

    with pytest.raises(errors.WrongState):
        invoices.void(invoice=right, reason="Again.", by=world.tom, at=AT)


def test_what_is_not_placed_is_not_invoiced(world: World) -> None:
    with pytest.raises(errors.WrongState):
        record(world, world.proposed(1), "R-1", 8_250_000)


PAYS = (
    "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code, paid_at,"
    " paid_by_id, payee_id) SELECT i.order_id, 'x', {amount}, '{number}', '', '{at}',"
    " i.recorded_by_id, p.id FROM deliveries_invoice i, deliveries_payeeaccount p"
)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (PAYS.format(amount=1, number="R-2", at=AT.isoformat()), "for an invoice of its order"),
        (PAYS.format(amount=WHOLE + 1, number="R-1", at=AT.isoformat()), "and not above it"),
        ("UPDATE deliveries_invoice SET amount_minor = amount_minor + 1", "stays as it came"),
        ("UPDATE deliveries_invoice SET number = 'R-2'", "stays as it came"),
        ("UPDATE deliveries_invoice SET total_minor = 99000000000", "stays as it came"),
        ("DELETE FROM deliveries_invoice", "stays as it came"),
        (
            "INSERT INTO deliveries_invoice (order_id, supplier_id, number, amount_minor,"
            " invoice_date, difference, recorded_by_id, recorded_at, void_reason)"
            " SELECT order_id, supplier_id, 'r.1', 1, invoice_date, 'x', recorded_by_id,"
            " recorded_at, '' FROM deliveries_invoice",
            "invoice_stands_once",
        ),
    ],
)
def test_the_database_itself_keeps_invoices(
    world: World, order: Order, sql: str, refusal: str
) -> None:
    record(world, order, "R-1", WHOLE)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_treasurer_records_takes_back_and_pays_on_the_orders_page(
    world: World, order: Order
) -> None:
    tom = world.signed_in(world.tom)

    def at(name: str, *more: Any) -> str:
        return reverse(f"deliveries:{name}", args=[world.partnership.slug, order.number, *more])

    form = {"invoice-number": "R-1", "invoice-amount": "160,000.00", "invoice-invoice_date": "x"}
    with clock.showing(AT), translation.override("en"):
        empty = tom.get(at("order")).content.decode()
        undated = tom.post(at("record_invoice"), form)
        form["invoice-invoice_date"] = DAY.isoformat()
        unsaid = tom.post(at("record_invoice"), form)
        form["invoice-difference"] = "Discount, as their letter says."
        page = tom.post(at("record_invoice"), form, follow=True).content.decode()
        again = tom.post(at("record_invoice"), form)
        above = tom.post(
            at("payments"),
            {"payment-form_key": "6f1c1f0e-0000-4000-8000-000000000001",
             "payment-amount": "160,000.01", "payment-invoice": "R-1",
             "payment-bank_code": "assets:bank:main"},
        )  # fmt: skip
        found = Invoice.objects.get()
        void = at("void_invoice", found.pk)
        unexplained = tom.post(void, {"void-reason": " "}, follow=True).content.decode()
        gone = tom.post(void, {"void-reason": "Sent to us by mistake."}, follow=True)

    assert "Record the invoice first" in empty
    assert undated.status_code == unsaid.status_code == again.status_code == 422
    assert "160,000.00" in undated.content.decode()
    assert (
        "The order expects $165,000.00, and this asks for $160,000.00." in unsaid.content.decode()
    )
    assert "Discount, as their letter says." in page
    assert "invoice R-1 is recorded already" in again.content.decode()
    assert "Enter at most $160,000.00" in above.content.decode()
    assert "Say why it is taken back." in unexplained
    assert "Sent to us by mistake." in gone.content.decode()
