"""Nothing is ordered or paid for a body where an official list says "temporarily occupied"."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, errors
from twinhood.deliveries.models import Order
from twinhood.deliveries.tests.world import World
from twinhood.needs.tests.world import AT
from twinhood.places.tests.test_standing import CODE, listing, take

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def occupied(world: World, since_days: int = 0) -> None:
    day = AT.date() - timedelta(days=since_days)
    take(listing(f"{CODE},occupied,{day},,{world.kramatorsk.geoname_id}"), day)


def pay(world: World, order: Order) -> None:
    world.invoiced(order, "I-1")
    actions.pay(
        order=order, amount_minor=8_250_000, invoice="I-1", bank_code="assets:bank:main",
        by=world.tom, at=AT,
    )  # fmt: skip


def test_an_order_is_neither_proposed_nor_placed_nor_paid_from_that_day_on(world: World) -> None:
    placed, waiting = world.placed(1), world.proposed(1)
    world.give(9_000_000)
    world.approved_by(waiting, world.tom)
    occupied(world)

    with pytest.raises(errors.UnderOccupation) as refused:
        world.proposed(1)
    with pytest.raises(errors.UnderOccupation):
        world.approved_by(waiting, world.lesia)
    with pytest.raises(errors.UnderOccupation):
        pay(world, placed)

    assert refused.value.since_date == AT.date()
    waiting.refresh_from_db()
    assert waiting.state == Order.State.PROPOSED


def test_a_body_that_was_evacuated_is_served_again(world: World) -> None:
    placed = world.placed(1)
    occupied(world)
    world.hospital.place = None
    world.hospital.save()
    placed = Order.objects.get(pk=placed.pk)

    pay(world, placed)

    assert placed.payments.count() == 1


def test_the_database_refuses_too(world: World) -> None:
    placed, waiting = world.placed(1), world.proposed(1)
    occupied(world, since_days=1)

    with (
        pytest.raises(IntegrityError, match="under occupation"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO deliveries_payment (order_id, key, amount_minor, invoice, bank_code,"
            " paid_at, paid_by_id) VALUES (%s, 'x', 1, 'I', 'assets:bank:main', %s, %s)",
            [placed.pk, AT, world.tom.pk],
        )
    with pytest.raises(IntegrityError, match="under occupation"), transaction.atomic():
        Order.objects.filter(pk=waiting.pk).update(state="placed", placed_at=AT, approved_at=AT)
