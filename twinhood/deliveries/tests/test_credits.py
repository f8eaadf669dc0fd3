"""A supplier gives the price of a thing back: it is cancelled, and its cents are free."""

import pytest

from twinhood.deliveries import actions, errors, queries
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, Order, Unit
from twinhood.deliveries.tests.world import World
from twinhood.kit import clock
from twinhood.ledger.models import Fund
from twinhood.needs.tests.world import AT

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
