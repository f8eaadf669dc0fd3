"""Scenarios S6 and S7: a purchase in euro with an attack on it, and a delivery that is damaged."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, errors, queries
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, Order
from twinhood.deliveries.tests.world import VIN, World
from twinhood.ledger.actions import exchange, open_fund
from twinhood.ledger.queries import sources, trace
from twinhood.needs.models import Need, Quote
from twinhood.needs.tests.world import AT, quotes_unguarded, words

pytestmark = pytest.mark.django_db
# The line of S5, net of fees: Anna, Boris, parish, Rotary, Clara, city staff.
GIFTS_MINOR = (2_397, 9_680, 250_000, 4_998_500, 485_470, 1_500_000)


@pytest.fixture
def world() -> World:
    return World()


def bought_in_euro(world: World, price_minor: int, paid_minor: int) -> Order:
    """An order at `price_minor` euro cents, after dollars were changed into exactly that."""
    euro = open_fund(partnership=world.partnership, code="main-eur", currency="EUR", at=AT)
    for amount_minor in GIFTS_MINOR:
        world.give(amount_minor)
    quotes = world.quotes_of(world.need, [price_minor + more for more in (0, 1, 2)], "EUR")
    order = world.proposed(1, quotes[0])
    world.approved_by(order, world.tom)
    exchange(
        partnership=world.partnership,
        key="exchange:1",
        fund_code="main",
        amount_minor=paid_minor,
        to_code=euro.code,
        received_minor=price_minor,
        at=AT,
    )
    return order


def test_s6_annas_2397_cents_are_2155_euro_cents_of_the_ambulance(world: World) -> None:
    order = bought_in_euro(world, 6_200_000, 6_894_400)
    world.approved_by(order, world.lesia)

    anna = min(
        (row for row in sources(partnership=world.partnership, order_key=order.key)),
        key=lambda row: int(str(row["amount"])),
    )
    followed = trace(partnership=world.partnership, key=str(anna["key"]))

    assert followed is not None
    assert [(row["to"], row["amount"]) for row in followed.rows()] == [
        ("exchange", 2_397),
        ("order", 2_155),
    ]
    world.fund.refresh_from_db()
    assert world.fund.free_minor == 7_246_047 - 6_894_400


def test_s6_no_path_places_the_order_without_two_others_over_the_same_content(
    world: World,
) -> None:
    order = bought_in_euro(world, 6_200_000, 6_894_400)

    # Tom presses again in another tab.
    with pytest.raises(errors.MayNotApprove) as twice:
        world.approved_by(order, world.tom)
    assert twice.value.refusal == Refusal.TWICE
    # Somebody edits the quote after the first approval.
    with quotes_unguarded():
        Quote.objects.filter(pk=order.quote_id).update(unit_price_minor=6_900_000)
    with pytest.raises(errors.MayNotApprove) as changed:
        world.approved_by(order, world.lesia)
    assert changed.value.refusal == Refusal.CHANGED
    # A database user tries it with the requester's own name.
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement) SELECT id, content_hash,"
            " proposed_by_id, proposed_by_id, proposed_for_id, now(), 'no-interest-1'"
            " FROM deliveries_order"
        )
    order.refresh_from_db()
    assert order.state == Order.State.PROPOSED


def test_s7_one_of_three_arrives_damaged_and_another_ones_number_is_known(world: World) -> None:
    generators = world.in_campaign(
        category=Need.Category.GENERATOR, unit_title=words("generator"), quantity=2
    )
    quotes = world.quotes_of(generators, [115_000] * 3)
    world.give(230_000)
    pair = world.proposed(2, quotes[0])
    world.approved_by(pair, world.tom, world.lesia)
    good, broken = pair.units.order_by("number")
    actions.set_serial(unit=good, serial="GEN-1001")
    with pytest.raises(errors.SerialKnown):
        actions.set_serial(unit=broken, serial="gen-1001")
    actions.set_serial(unit=broken, serial="GEN-1002")
    (ambulance,) = world.with_serials(world.placed(1))

    broken_one = Handed(broken, HandoverAct.Condition.DAMAGED, "Does not start.")
    world.handed_over(ambulance, good, broken_one)

    seen = queries.public_unit_names(world.partnership, AT + timedelta(days=14))
    conditions = {unit.serial_last4: unit.condition for unit in seen.values()}
    assert conditions == {VIN.format(1)[-4:]: "good", "1001": "good", "1002": "damaged"}
    states = [unit.state for unit in seen.values()]
    assert sorted(states) == ["damaged", "handed_over", "handed_over"]
