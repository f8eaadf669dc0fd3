"""A supplier gives a price back: the thing is cancelled, or costs less; its cents are free."""

from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, case, errors, handing_over, invoices, queries
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, Order, SupplierCredit, Unit
from twinhood.deliveries.tests.world import SIGNING, World
from twinhood.kit import clock
from twinhood.ledger.models import Fund
from twinhood.needs.tests.world import AT, DAY
from twinhood.people.case import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def pay(world: World, order: Order, amount_minor: int) -> None:
    world.invoiced(order, "R-17")
    actions.pay(
        order=order, amount_minor=amount_minor, invoice="R-17", bank_code="assets:bank:main",
        by=world.tom, at=AT,
    )  # fmt: skip


def credit(world: World, unit: Unit) -> int:
    return actions.credit_unit(
        unit=unit, reason="Arrived broken.", bank_code="assets:bank:main", by=world.tom, at=AT
    )


def test_a_supplier_gives_back_the_price_of_a_damaged_thing_and_its_cents_are_free(
    world: World,
) -> None:
    order = world.placed(2)
    pay(world, order, 16_500_000)
    whole, broken = world.with_serials(order)
    world.handed_over(whole, Handed(broken, HandoverAct.Condition.DAMAGED, "No engine."))

    for _ in range(2):
        freed_minor = credit(world, broken)

    broken.refresh_from_db()
    assert freed_minor == 8_250_000
    assert broken.cancelled_at is not None
    assert Fund.objects.get(code="main").free_minor == 8_250_000
    assert queries.unpaid_minor(order) == 0
    with pytest.raises(errors.WrongState):
        credit(world, whole)


def test_a_supplier_gives_back_nothing_that_was_not_paid(world: World) -> None:
    order = world.placed(1)
    pay(world, order, 8_000_000)

    with pytest.raises(errors.NotPaid):
        credit(world, order.units.get())

    assert order.units.get().cancelled_at is None


def test_the_treasurer_records_it_on_the_orders_page(world: World) -> None:
    order = world.placed(1)
    pay(world, order, 8_250_000)
    unit = order.units.get()
    client = world.signed_in(world.tom)
    page = f"/en/desk/{world.partnership.slug}/orders/{order.number}/"

    with clock.showing(AT):
        before = client.get(page).content.decode()
        form = {f"credit-{unit.code}-reason": "Never sent.",
                f"credit-{unit.code}-bank_code": "assets:bank:main"}  # fmt: skip
        after = client.post(f"{page}units/{unit.code}/credit/", form, follow=True)

    assert "The supplier gave its price back" in before
    assert "The credit is recorded." in after.content.decode()
    order.refresh_from_db()
    assert order.state == Order.State.CANCELLED


PRICE = 8_250_000
BANK = "assets:bank:main"
KEY = UUID("6f1c1f0e-0000-4000-8000-000000000002")


def part(world: World, unit: Unit, amount_minor: int, bank_code: str = BANK) -> SupplierCredit:
    return actions.credit_part(
        unit=unit, amount_minor=amount_minor, reason="Dented door.", bank_code=bank_code,
        by=world.tom, at=AT,
    )  # fmt: skip


def test_a_dented_thing_stays_and_a_part_of_its_price_is_free(world: World) -> None:
    order = world.placed(2)
    pay(world, order, 2 * PRICE)
    whole, dented = world.with_serials(order)
    world.handed_over(whole, Handed(dented, HandoverAct.Condition.DAMAGED, "A dent."))

    for _ in range(2):
        actions.credit_part(
            unit=dented, amount_minor=40_000, reason="Dented door.", bank_code=BANK,
            by=world.tom, at=AT, form_key=KEY,
        )  # fmt: skip

    dented.refresh_from_db()
    assert (dented.price_minor, dented.cancelled_at) == (PRICE - 40_000, None)
    assert Fund.objects.get(code="main").free_minor == 40_000
    assert (queries.unpaid_minor(order), queries.paid_minor(order)) == (0, 2 * PRICE - 40_000)
    assert invoices.unbilled_minor(order) == 0


def test_the_rest_of_the_price_may_come_back_too_and_then_it_is_cancelled(world: World) -> None:
    order = world.placed(1)
    pay(world, order, PRICE)
    unit = order.units.get()
    part(world, unit, 40_000)

    freed_minor = credit(world, unit)

    assert freed_minor == PRICE - 40_000
    assert Fund.objects.get(code="main").free_minor == PRICE
    assert queries.unpaid_minor(order) == queries.paid_minor(order) == 0
    with pytest.raises(errors.WrongState):
        part(world, unit, 1)


def test_a_price_that_fell_is_invoiced_and_paid_so(world: World) -> None:
    order = world.placed(2)
    first, second = order.units.order_by("number")
    part(world, first, 100_000, bank_code="")

    assert invoices.unbilled_minor(order) == queries.unpaid_minor(order) == 2 * PRICE - 100_000
    invoices.record(
        order=order, number="R-1", amount_minor=2 * PRICE - 100_000, invoice_date=DAY,
        by=world.tom, at=AT,
    )  # fmt: skip
    actions.pay(
        order=order, amount_minor=2 * PRICE - 100_000, invoice="R-1", bank_code=BANK,
        by=world.tom, at=AT,
    )  # fmt: skip

    world.handed_over(*world.with_serials(order))
    with pytest.raises(errors.PaidAlready) as problem:
        part(world, second, 1, bank_code="")
    assert problem.value.unpaid_minor == 0


def test_what_came_back_is_not_paid_any_more(world: World) -> None:
    """The price of one was paid for two; a part came back: neither is handed over for it."""
    order = world.placed(2)
    pay(world, order, PRICE)
    first, second = world.with_serials(order)
    part(world, second, 40_000)

    with pytest.raises(errors.NotPaidYet) as problem:
        handing_over.hand_over(
            partnership=world.partnership, things=[Handed(first)], giver=world.charity,
            receiver=world.hospital, place=world.kramatorsk, signing=SIGNING,
            handed_over_date=DAY, by=world.bondar, at=AT,
        )  # fmt: skip

    assert problem.value.missing_minor == 40_000
    assert queries.unpaid_minor(order) == PRICE


@pytest.mark.parametrize("amount_minor", [PRICE, PRICE + 1])
def test_a_part_is_less_than_the_price(world: World, amount_minor: int) -> None:
    order = world.placed(1)
    pay(world, order, PRICE)

    with pytest.raises(errors.WholePrice):
        part(world, order.units.get(), amount_minor)


def test_no_more_comes_back_than_was_paid(world: World) -> None:
    order = world.placed(1)
    pay(world, order, 50_000)
    part(world, order.units.get(), 30_000)

    with pytest.raises(errors.NotPaid) as problem:
        part(world, order.units.get(), 20_001)

    assert problem.value.paid_minor == 20_000
    with pytest.raises(errors.ReasonMissing):
        actions.credit_part(
            unit=order.units.get(), amount_minor=1, reason=" ", bank_code=BANK, by=world.tom,
            at=AT,
        )  # fmt: skip


def test_who_asked_for_the_order_records_nothing_that_comes_back(world: World) -> None:
    order = world.placed(1)
    pay(world, order, PRICE)

    with pytest.raises(errors.MayNotPay):
        actions.credit_part(
            unit=order.units.get(), amount_minor=5, reason="x", bank_code=BANK, by=world.iryna,
            at=AT,
        )  # fmt: skip
    with pytest.raises(errors.MayNotPay):
        actions.credit_unit(
            unit=order.units.get(), reason="x", bank_code=BANK, by=world.iryna, at=AT
        )


CREDIT = (
    "INSERT INTO deliveries_suppliercredit (unit_id, key, is_part, amount_minor, reason, bank_code,"
    " credited_at, recorded_by_id) SELECT c.unit_id, {key}, true, {amount}, 'x', {bank}, now(),"
    " {by} FROM deliveries_suppliercredit c JOIN deliveries_unit u ON u.id = c.unit_id"
    " JOIN deliveries_order o ON o.id = u.order_id LIMIT 1"
)
CHEATS = {
    "a credit that is not in the books": (
        CREDIT.format(key="'reduction:x'", amount=1, bank="''", by="c.recorded_by_id"),
        "not what the books say",
    ),
    "a credit by who asked": (
        CREDIT.format(key="'reduction:x'", amount=1, bank="''", by="o.proposed_by_id"),
        "who asked for an order",
    ),
    "a price that falls by itself": (
        "UPDATE deliveries_unit SET credited_minor = 7",
        "follows from the credits",
    ),
    "another amount": ("UPDATE deliveries_suppliercredit SET amount_minor = 1", "never changed"),
    "no credit": ("DELETE FROM deliveries_suppliercredit", "never changed"),
}


@pytest.mark.parametrize(("sql", "refusal"), CHEATS.values(), ids=CHEATS)
def test_the_database_itself_keeps_what_came_back(world: World, sql: str, refusal: str) -> None:
    order = world.placed(1)
    pay(world, order, PRICE)
    part(world, order.units.get(), 40_000)
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(f"{sql}; SET CONSTRAINTS ALL IMMEDIATE")


def test_the_order_s_timeline_tells_what_came_back_and_why(world: World) -> None:
    order = world.placed(2)
    pay(world, order, 2 * PRICE)
    first, second = order.units.order_by("number")
    part(world, first, 40_000)
    part(world, second, 5_000)
    credit(world, second)

    steps = list(case.steps(Case(world.partnership, order.need.number, DAY, order.number)))

    titles = [step.title for step in steps if "credited" in step.title]
    assert titles == [
        "O-1: $400.00 credited for ambulance 1: Dented door.",
        "O-1: $50.00 credited for ambulance 2: Dented door.",
        "O-1: $82,450.00 credited, and cancelled: ambulance 2",
    ]


def test_the_treasurer_says_on_the_orders_page_that_a_thing_became_cheaper(world: World) -> None:
    order = world.placed(1)
    unit = order.units.get()
    tom = world.signed_in(world.tom)
    page = f"/en/desk/{world.partnership.slug}/orders/{order.number}/"
    post = f"{page}units/{unit.code}/part-credit/"
    form = {f"part-{unit.code}-form_key": str(KEY), f"part-{unit.code}-amount": "82,500.00",
            f"part-{unit.code}-reason": "Dented door, their letter of 3 May."}  # fmt: skip

    with clock.showing(AT):
        early = tom.post(post, form | {f"part-{unit.code}-bank_code": BANK,
                                       f"part-{unit.code}-amount": "1"})  # fmt: skip
        pay(world, order, PRICE)
        offered = tom.get(page).content.decode()
        whole = tom.post(post, form)
        form[f"part-{unit.code}-amount"] = "400.00"
        unpaid = tom.post(post, form)
        form[f"part-{unit.code}-bank_code"] = BANK
        done = tom.post(post, form, follow=True).content.decode()
        again = tom.post(post, form, follow=True).content.decode()
        form |= {f"part-{unit.code}-form_key": str(UUID(int=5)), f"part-{unit.code}-amount": "x"}
        odd = tom.post(post, form)
        ukrainian = tom.get(page.replace("/en/", "/uk/")).content.decode()
        seen_by_iryna = world.signed_in(world.iryna).get(page).content.decode()

    assert "It became cheaper" in offered
    assert [one.status_code for one in (whole, unpaid, odd)] == [422, 422, 422]
    assert "This thing costs $82,500.00 now, and a part is less." in whole.content.decode()
    assert "Of this order only $0.00 is unpaid." in unpaid.content.decode()
    assert "Dented door, their letter of 3 May." in unpaid.content.decode()
    assert 'value="x"' in odd.content.decode()
    assert "$400.00 came back" in done
    assert SupplierCredit.objects.count() == 1
    assert "The credit is recorded." in again
    assert "Подешевшала" in ukrainian
    assert "It became cheaper" not in seen_by_iryna
    assert "Nothing is paid for this order" in early.content.decode()
    assert tom.post(post.replace(unit.code, "0" * 16), form).status_code == 404
