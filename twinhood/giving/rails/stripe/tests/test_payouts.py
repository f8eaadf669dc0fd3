"""A payout is the sum of its parts, and each part is in the books; or a person is told."""

from contextlib import suppress

import pytest
from django.test import Client

from twinhood.giving import notices
from twinhood.giving.models import Gift, Notice, Payout, PayoutPart
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe import payouts
from twinhood.giving.rails.stripe.tests import world
from twinhood.giving.tests import world as giving_world
from twinhood.ledger.models import Fund
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def emptied(practice: Practice) -> Practice:
    """What other tests left on the balance is paid out before."""
    with suppress(ValueError):  # there was nothing
        practice.control("payout", currency="usd")
    return practice


def paid_out(practice: Practice) -> Payout:
    told = practice.control("payout", currency="usd")
    world.heard(e for e in door.read_all("events") if e["data"]["object"]["id"] == told["id"])
    return Payout.objects.get(rail_ref=told["id"])


def refunded(gift: Gift, amount_minor: int) -> None:
    key = f"{gift.intake_key}-{amount_minor}"
    door.do("refunds", "create", key=key, payment_intent=gift.intake_key, amount=amount_minor)
    world.heard(world.events_about(gift.intake_key)[-1:])


def test_a_payout_is_the_sum_of_its_gifts_refunds_and_fees(emptied: Practice) -> None:
    fund = world.a_fund()
    anna, boris = world.given(emptied, fund, 2500), world.given(emptied, fund, 10_000)
    refunded(boris, 4_000)

    payout = paid_out(emptied)

    assert payout.amount_minor == payout.parts_minor == 2397 + (10_000 - 320) - 4_000
    assert payout.unexplained_minor == 0
    parts = {(p.kind, p.gift, p.amount_minor, p.fee_minor, p.problem) for p in payout.parts.all()}
    assert parts == {
        ("gift", anna, 2500, 103, ""),
        ("gift", boris, 10_000, 320, ""),
        ("refund", boris, -4_000, 0, ""),
    }
    # What the books say is with the processor is what it paid out.
    assert world.balance(fund.partnership, "assets:clearing:card") == payout.amount_minor


def test_a_payout_told_twice_is_stored_once(emptied: Practice) -> None:
    world.given(emptied, world.a_fund())
    payout = paid_out(emptied)

    payouts.take_in(payout.rail_ref)
    emptied.control("payout/end", payout=payout.rail_ref, outcome="paid")
    payouts.take_in(payout.rail_ref)

    assert Payout.objects.get().state == Payout.State.PAID
    assert PayoutPart.objects.count() == 1


def test_what_is_not_in_the_books_is_named(emptied: Practice, client: Client) -> None:
    fund = world.a_fund()
    world.given(emptied, fund)
    door.do(
        "payment_intents", "create", key=f"stranger-{fund.pk}", amount=999, currency="usd",
        confirm=True, payment_method="pm_card_visa",
    )  # fmt: skip

    payout = paid_out(emptied)

    stranger = payout.parts.get(gift=None)
    assert (stranger.amount_minor, stranger.problem) == (999, "not_in_the_books")
    page = page_of(client, fund)
    assert "not in the books" in page
    assert "The payout is the sum of its parts." in page


def test_a_payout_that_its_parts_do_not_make_is_a_problem(
    emptied: Practice, client: Client
) -> None:
    fund = world.a_fund()
    gift = world.given(emptied, fund)
    told = emptied.control("payout", currency="usd")
    move = next(m for m in emptied.store.all("balance_transaction") if m["type"] == "charge")
    held = next(e for e in door.read_all("events") if e["data"]["object"]["id"] == told["id"])
    inside = [
        m for m in emptied.store.all("_in_payout")
        if m["payout"] == told["id"] and m["id"] != told["balance_transaction"]
    ]  # fmt: skip
    with emptied.store.changing():
        for one in inside:
            emptied.store.drop("_in_payout", one["id"])
    try:
        world.heard([held])
    finally:
        with emptied.store.changing():
            for one in inside:
                emptied.store.put("_in_payout", one)

    payout = Payout.objects.get(rail_ref=told["id"])
    assert payout.unexplained_minor == gift.net_minor
    assert Notice.objects.get(rail_ref=held["id"]).problem == "payout_unexplained"
    assert notices.with_problems(fund.partnership).count() == 1
    assert move


def page_of(client: Client, fund: Fund) -> str:
    tom = giving_world.tom(fund.partnership)
    signed_in = giving_world.signed_in(client, tom)
    return signed_in.get(f"/en/desk/{fund.partnership.slug}/payouts/").content.decode()
