"""Promises that hold when two people press at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connection

from twinhood.deliveries import actions, errors
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.models import Approval, HandoverAct, Order, Unit
from twinhood.deliveries.tests.world import World
from twinhood.ledger.errors import FundTooSmall
from twinhood.needs.tests.world import AT
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return World()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run each act in a thread of its own, from one starting gun; return results or errors."""
    gun = Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(index: int, act: Callable[[], object]) -> None:
        try:
            gun.wait(timeout=10)
            results[index] = act()
        except Exception as problem:  # the test looks at it
            results[index] = problem
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def approving(order: Order, person: Person) -> Callable[[], object]:
    seen_hash = order.content_hash
    return lambda: actions.approve(
        order=Order.objects.get(pk=order.pk), by=person, seen_hash=seen_hash, at=AT
    )


def test_two_tabs_of_one_person_approve_once(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(2)

    results = at_once(*[approving(order, world.tom)] * 4)

    problems = [r for r in results if isinstance(r, errors.MayNotApprove)]
    assert [p.refusal for p in problems] == [Refusal.TWICE] * 3
    assert Approval.objects.count() == 1
    order.refresh_from_db()
    assert order.state == Order.State.PROPOSED


def test_of_two_orders_for_the_last_800_dollars_one_is_placed(world: World) -> None:
    need = world.in_campaign(quantity=4, unit_price_minor=80_000)
    quotes = world.quotes_of(need, [80_000] * 3)
    world.give(80_000)
    orders = [world.proposed(1, quotes[0]) for _ in range(2)]
    for order in orders:
        world.approved_by(order, world.tom)

    results = at_once(*(approving(order, world.lesia) for order in orders))

    assert sum(isinstance(r, FundTooSmall) for r in results) == 1
    world.fund.refresh_from_db()
    assert world.fund.free_minor == 0
    assert Order.objects.filter(state=Order.State.PLACED).count() == 1
    assert Approval.objects.count() == 3


def test_two_organisations_approving_at_once_place_the_order_once(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(2)

    results = at_once(approving(order, world.tom), approving(order, world.lesia))

    placed = [r.is_placed for r in results if isinstance(r, actions.Approved)]
    assert sorted(placed) == [False, True]
    world.fund.refresh_from_db()
    assert world.fund.free_minor == 90_000_000 - 2 * 8_250_000


def test_an_edit_and_an_approval_at_once_never_place_what_nobody_saw(world: World) -> None:
    world.give(90_000_000)
    order = world.proposed(2)
    world.approved_by(order, world.tom)

    at_once(
        approving(order, world.lesia),
        lambda: actions.edit_order(
            order=Order.objects.get(pk=order.pk),
            quote=world.quotes[0],
            quantity=5,
            by=world.iryna,
            at=AT,
        ),
    )

    order.refresh_from_db()
    is_placed = order.state == Order.State.PLACED
    assert order.units.count() == (2 if is_placed else 5)
    assert order.approvals.filter(content_hash=order.content_hash).count() == 2 * is_placed


def test_a_thing_in_two_acts_at_once_is_handed_over_once(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))

    at_once(*[lambda: world.handed_over(Unit.objects.get(pk=unit.pk))] * 2)

    assert HandoverAct.objects.count() == 1


def test_two_edits_at_once_never_order_more_than_is_needed(world: World) -> None:
    orders = [world.proposed(1) for _ in range(2)]

    def editing(order: Order) -> Callable[[], object]:
        return lambda: actions.edit_order(
            order=Order.objects.get(pk=order.pk),
            quote=world.quotes[0],
            quantity=5,
            by=world.iryna,
            at=AT,
        )

    results = at_once(*(editing(order) for order in orders))

    assert sum(isinstance(r, errors.MoreThanNeeded) for r in results) == 1
    assert Unit.objects.count() == 6
