"""Refunds through the rail: sent once, booked when Stripe confirms, taken back when they fail."""

import pytest

from twinhood.giving import actions, queries, refunding
from twinhood.giving.errors import RailDown, RailRefuses
from twinhood.giving.models import Dispute, Gift, Notice, Refund, RefundRequest
from twinhood.giving.queries import returned_keys
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe.tests import world
from twinhood.giving.tests import world as giving_world
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.ledger import queries as books
from twinhood.ledger.models import Fund
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db
State = RefundRequest.State
PENDING, FAILS = "4000000000007726", "4000000000005126"


def gift_by(practice: Practice, number: str = world.CARD, fund: Fund | None = None) -> Gift:
    intent = world.paid(practice, world.pledged(fund or world.a_fund(), 10_000), number)
    world.heard(world.events_about(intent)[-1:])
    return Gift.objects.select_related("partnership", "fund").get(intake_key=intent)


def asked(gift: Gift, amount_minor: int = 10_000) -> RefundRequest:
    tom = giving_world.tom(gift.partnership)
    return refunding.propose(
        gift=gift, person=tom, amount_minor=amount_minor, reason="Asked for", earlier=0
    )


def sent_back(gift: Gift) -> list[int]:
    return [r["amount"] for r in door.read_all("refunds", payment_intent=gift.intake_key)]


def news(gift: Gift) -> None:
    known = set(Notice.objects.values_list("rail_ref", flat=True))
    world.heard(e for e in world.events_about(gift.intake_key) if e["id"] not in known)


def test_a_refund_goes_back_by_stripe_and_its_fee_is_borne_by_the_organisation(
    practice: Practice,
) -> None:
    gift = gift_by(practice)

    request = asked(gift)

    assert request.state == State.BOOKED
    assert sent_back(gift) == [10_000]
    refund = Refund.objects.get()
    assert (refund.line_minor, refund.operating_minor) == (9_680, 320)
    assert request.refund == refund
    assert world.balance(gift.partnership, "assets:clearing:card") == -320
    news(gift)
    assert Refund.objects.count() == 1


def test_part_of_a_gift_moves_only_so_many_cents(practice: Practice) -> None:
    gift = gift_by(practice)

    asked(gift, 4_000)

    assert Refund.objects.get().line_minor == 4_000
    assert queries.left_of(gift).total_minor == 6_000


def test_what_stripe_has_not_confirmed_is_not_booked(practice: Practice) -> None:
    gift = gift_by(practice, PENDING)

    request = asked(gift)

    assert request.state == State.SENT
    assert not Refund.objects.exists()
    practice.control("time", advance_s=61)
    news(gift)
    request.refresh_from_db()
    assert (request.state, Refund.objects.count()) == (State.BOOKED, 1)


def test_a_refund_that_the_donors_bank_sends_back_is_income_again(practice: Practice) -> None:
    gift = gift_by(practice, FAILS)
    asked(gift)
    assert world.balance(gift.partnership, "fund:") == 0

    practice.control("time", advance_s=61)
    for _ in range(2):
        news(gift)

    refund = Refund.objects.get()
    assert refund.returned_at is not None
    assert returned_keys(gift) == [f"{gift.key}:back-1"]
    assert world.balance(gift.partnership, "fund:") == 9_680
    assert world.balance(gift.partnership, "assets:clearing:card") == 9_680
    assert world.balance(gift.partnership, "operating:") == 0


def test_a_refund_that_fails_before_it_was_booked_changes_nothing(practice: Practice) -> None:
    gift = gift_by(practice, PENDING)
    request = asked(gift)
    (told,) = door.read_all("refunds", payment_intent=gift.intake_key)

    practice.control("refund/end", refund=told["id"], outcome="failed")
    news(gift)

    request.refresh_from_db()
    assert (request.state, request.problem) == (State.REFUSED, "refund_failed")
    assert not Refund.objects.exists()
    assert refunding.under_way(gift) is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_sends_the_money_once(practice: Practice, when: str) -> None:
    gift = gift_by(practice)
    practice.control("fault", path="/v1/refunds", when=when, status=500, times=2)
    with pytest.raises(RailDown):
        asked(gift)
    assert RefundRequest.objects.get().state == State.SENT
    # Stripe has forgotten the idempotency key by now.
    practice.control("time", advance_s=25 * 3_600)

    refunding.send_again()

    assert sent_back(gift) == [10_000]
    assert RefundRequest.objects.get().state == State.BOOKED


def test_what_stripe_refuses_is_not_booked_and_can_be_asked_again(practice: Practice) -> None:
    gift = gift_by(practice)
    practice.control("dispute", payment_intent=gift.intake_key)

    with pytest.raises(RailRefuses, match="charge_disputed"):
        asked(gift)

    request = RefundRequest.objects.get()
    assert (request.state, request.problem) == (State.REFUSED, "charge_disputed")
    assert not Refund.objects.exists()


def test_the_fee_alone_that_is_left_is_given_back_by_the_organisation(practice: Practice) -> None:
    gift = gift_by(practice)
    for amount in (9_680, 320):
        key = f"{gift.intake_key}-{amount}"
        door.do("refunds", "create", key=key, payment_intent=gift.intake_key, amount=amount)

    news(gift)

    parts = Refund.objects.order_by("id").values_list("line_minor", "operating_minor")
    assert list(parts) == [(9_680, 0), (0, 320)]
    assert queries.left_of(gift).total_minor == 0
    assert world.balance(gift.partnership, "operating:") == 320


def test_without_a_guarantor_a_refund_at_stripe_is_a_debt_that_nothing_is_ordered_with(
    practice: Practice,
) -> None:
    fund = world.a_fund(has_guarantor=False)
    gift = gift_by(practice, fund=fund)
    world.given(practice, fund, 2_500)
    ledger.place_order(
        partnership=fund.partnership, key="order:1", fund_codes=[fund.code],
        units=[("ambulance-1", 9_680)], at=clock.now(),
    )  # fmt: skip
    key = f"{gift.intake_key}-all"
    door.do("refunds", "create", key=key, payment_intent=gift.intake_key)

    news(gift)

    assert Notice.objects.exclude(problem="").first().problem == "no_guarantor"  # type: ignore[union-attr]
    assert not Refund.objects.exists()
    fund.refresh_from_db()
    assert books.orderable_minor(fund=fund, at=clock.now()) <= 0
    # More gifts come: it is booked, and nothing is held any more.
    world.given(practice, fund, 20_000)
    from twinhood.giving import notices

    notices.replay(notices.with_problems(fund.partnership))
    notices.handle_due()
    assert Refund.objects.get().line_minor == 9_680
    assert books.held_minor(fund) == 0


def test_an_inquiry_holds_and_takes_nothing(practice: Practice) -> None:
    gift = gift_by(practice)
    told = practice.control("dispute", payment_intent=gift.intake_key, is_inquiry=True)
    news(gift)
    assert books.held_minor(gift.fund) == 9_680

    practice.control("dispute/end", dispute=told["id"], outcome="warning_closed")
    news(gift)

    assert Dispute.objects.get().state == Dispute.State.WON
    assert books.held_minor(gift.fund) == 0
    assert world.balance(gift.partnership, "operating:") == 0


def test_an_inquiry_that_becomes_a_dispute_and_is_lost_is_one_dispute(practice: Practice) -> None:
    gift = gift_by(practice)
    told = practice.control("dispute", payment_intent=gift.intake_key, is_inquiry=True)
    news(gift)

    for outcome in ("needs_response", "lost"):
        practice.control("dispute/end", dispute=told["id"], outcome=outcome)
        news(gift)

    dispute = Dispute.objects.get()
    assert (dispute.state, dispute.fee_minor) == (Dispute.State.LOST, 1_500)
    assert world.balance(gift.partnership, "operating:") == 320 + 1_500
    assert world.balance(gift.partnership, "assets:clearing:card") == -320 - 1_500


def test_the_fee_of_a_won_dispute_stays_with_the_organisation(practice: Practice) -> None:
    gift = gift_by(practice)
    told = practice.control("dispute", payment_intent=gift.intake_key)
    practice.control("dispute/end", dispute=told["id"], outcome="won")

    for _ in range(2):
        news(gift)

    assert Dispute.objects.get().state == Dispute.State.WON
    assert world.balance(gift.partnership, "operating:") == 1_500
    assert world.balance(gift.partnership, "fund:") == 9_680


def test_a_gift_waits_to_be_posted_before_its_refund_is_booked(practice: Practice) -> None:
    """The refund's notice comes first of all: the gift is taken in, posted, and refunded."""
    intent = world.paid(practice, world.pledged(world.a_fund(), 10_000))
    door.do("refunds", "create", key=f"{intent}-first", payment_intent=intent, amount=1_000)

    world.heard(world.events_about(intent)[-1:])

    assert Refund.objects.get().line_minor == 1_000
    assert actions.post_settled() == 0
