"""Promises of what was decided about an order: it stays, whoever writes to the database."""

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, errors
from twinhood.deliveries.models import HandoverAct, Unit
from twinhood.deliveries.tests.world import World
from twinhood.needs.tests.world import AT
from twinhood.people.core.permissions import RoleName

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


DECIDED = {
    "when it was placed": "UPDATE deliveries_order SET placed_at = placed_at - interval '1 year'",
    "its number": "UPDATE deliveries_order SET number = number + 1000",
    "given up whole": "UPDATE deliveries_order SET state = 'cancelled'",
    "the price quoted": "UPDATE needs_quote SET unit_price_minor = 1",
    "who quoted": (
        "UPDATE needs_quote SET supplier_id = (SELECT max(supplier_id) FROM needs_quote)"
        " WHERE id IN (SELECT quote_id FROM deliveries_order)"
    ),
    "a quote that was not chosen": "DELETE FROM needs_quote WHERE unit_price_minor > 8250000",
    "until when it was quoted": "UPDATE needs_quote SET valid_until_date = '2099-01-01'",
    "which cents paid for a thing": "UPDATE deliveries_unit SET line_unit_id = NULL",
    "what was tried": "DELETE FROM deliveries_refusedapproval",
    "a number tried twice": "UPDATE deliveries_serialclash SET serial = 'X'",
    "what was given up": "UPDATE deliveries_unit SET cancelled_at = NULL, cancel_reason = ''",
}


@pytest.mark.parametrize("sql", DECIDED.values(), ids=DECIDED)
def test_what_was_decided_about_an_order_stays_in_sql_too(world: World, sql: str) -> None:
    order = world.placed(2)
    kept, given_up = order.units.order_by("number")
    actions.set_serial(unit=kept, serial="WDB9066331S000001")
    with pytest.raises(errors.SerialKnown):
        actions.set_serial(unit=given_up, serial="WDB9066331S000001", by=world.iryna)
    actions.cancel_unit(unit=given_up, reason="It does not come.", at=AT)
    second, unknown = world.proposed(1), world.person("Unknown", world.checkers)
    world.give_role(unknown, world.checkers, RoleName.APPROVER)
    with pytest.raises(errors.MayNotApprove):
        actions.approve(order=second, by=unknown, seen_hash=second.content_hash, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_what_the_log_holds_of_an_act_is_neither_emptied_nor_put_in(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    act = world.handed_over(unit)

    for other in (None, b"x" * 32):
        with pytest.raises(IntegrityError, match="the log holds"), transaction.atomic():
            HandoverAct.objects.filter(pk=act.pk).update(commitment=other)


def test_a_thing_that_came_in_order_is_not_given_up_in_sql_either(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.handed_over(unit)

    with pytest.raises(IntegrityError, match="handed over in order"), transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(cancelled_at=AT)
