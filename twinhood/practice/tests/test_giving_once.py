"""A gift by card, as the official SDK sees it: paid, refunded, disputed, paid out."""

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from twinhood.practice import Practice
from twinhood.practice.core import fees
from twinhood.practice.tests.conftest import Mailbox, once, paid_once


def test_a_checkout_is_paid_by_a_test_card(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    session = client.v1.checkout.sessions.create(
        once(2500, client_reference_id="7Q2F", metadata={"gift": "7Q2F"})
    )
    assert (session.status, session.payment_status, session.amount_total) == (
        "open",
        "unpaid",
        2500,
    )

    practice.control("pay", session=session.id, number="4242 4242 4242 4242")

    paid = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]}
    )
    assert (paid.status, paid.payment_status, paid.client_reference_id) == (
        "complete",
        "paid",
        "7Q2F",
    )
    charge = paid.payment_intent.latest_charge  # type: ignore[union-attr]
    moved = charge.balance_transaction  # type: ignore[union-attr]
    assert (moved.amount, moved.fee, moved.net) == (2500, 103, 2397)  # type: ignore[union-attr]
    practice.control("webhook/wait")
    assert mailbox.kinds()[-4:] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("4000000000000002", "generic_decline"),
        ("4000000000009995", "insufficient_funds"),
        ("4000000000000069", "expired_card"),
    ],
)
def test_a_declined_card_leaves_the_checkout_open(
    practice: Practice, client: stripe.StripeClient, number: str, code: str
) -> None:
    session = client.v1.checkout.sessions.create(once(2500))

    with pytest.raises(ValueError, match="card"):
        practice.control("pay", session=session.id, number=number)

    still = client.v1.checkout.sessions.retrieve(session.id)
    assert still.status == "open"
    intent = client.v1.payment_intents.retrieve(str(still.payment_intent))
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == code
    practice.control("pay", session=session.id)
    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_the_sdk_raises_its_card_error(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.CardError) as caught:
        client.v1.payment_intents.create(
            {
                "amount": 2500,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_chargeDeclined",
            }
        )

    assert caught.value.code == "card_declined"
    assert caught.value.http_status == 402


def test_a_bank_may_ask_first(practice: Practice, client: stripe.StripeClient) -> None:
    intent = client.v1.payment_intents.create(
        {
            "amount": 2500,
            "currency": "usd",
            "confirm": True,
            "payment_method": "pm_card_threeDSecure2Required",
        }
    )
    assert intent.status == "requires_action"

    practice.control("authenticate", payment_intent=intent.id, is_approved=True)

    assert client.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_gift_is_refunded_in_parts_but_never_more_than_it_was(
    practice: Practice, client: stripe.StripeClient
) -> None:
    intent = paid_once(practice, client)

    first = client.v1.refunds.create({"payment_intent": intent.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"payment_intent": intent.id, "amount": 1501})
    rest = client.v1.refunds.create({"charge": str(intent.latest_charge)})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": str(intent.latest_charge)})

    assert (first.amount, rest.amount) == (1000, 1500)
    assert caught.value.code == "charge_already_refunded"
    charge = client.v1.charges.retrieve(str(intent.latest_charge), {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (2500, True)
    assert charge.refunds is not None
    assert [refund.amount for refund in charge.refunds.data] == [1500, 1000]


def test_stripe_keeps_its_fee_when_money_goes_back(
    practice: Practice, client: stripe.StripeClient
) -> None:
    intent = paid_once(practice, client)

    client.v1.refunds.create({"payment_intent": intent.id})

    moves = client.v1.balance_transactions.list().data
    assert [(move.type, move.amount, move.fee) for move in moves] == [
        ("refund", -2500, 0),
        ("charge", 2500, 103),
    ]


def test_parts_of_a_foreign_gift_go_back_as_the_whole_came(
    practice: Practice, client: stripe.StripeClient
) -> None:
    session = client.v1.checkout.sessions.create(once(100_001, "uah"))
    practice.control("pay", session=session.id)
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent

    for amount in (33_333, 33_333, 33_335):
        client.v1.refunds.create({"payment_intent": str(intent), "amount": amount})

    moves = client.v1.balance_transactions.list().data
    assert {move.currency for move in moves} == {"usd"}
    assert sum(move.amount for move in moves) == 0


def test_a_refund_may_fail_later(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    intent = paid_once(practice, client, number="4000000000005126")
    refund = client.v1.refunds.create({"payment_intent": intent.id})

    practice.control("time", advance_s=120)

    assert client.v1.refunds.retrieve(refund.id).status == "failed"
    assert client.v1.charges.retrieve(str(intent.latest_charge)).amount_refunded == 0
    practice.control("webhook/wait")
    assert "refund.failed" in mailbox.kinds()


def test_a_card_disputes_later_and_a_refund_is_refused_then(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    intent = paid_once(practice, client, number="4000000000000259")
    assert client.v1.disputes.list().data == []

    practice.control("time", advance_s=61)

    (dispute,) = client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.status, dispute.amount, dispute.reason) == (
        "needs_response",
        2500,
        "fraudulent",
    )
    (moved,) = dispute.balance_transactions
    assert (moved.amount, moved.fee, moved.net) == (-2500, 1500, -4000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_disputed"
    practice.control("webhook/wait")
    assert mailbox.kinds()[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def test_a_dispute_is_lost_by_closing_and_won_by_evidence(
    practice: Practice, client: stripe.StripeClient
) -> None:
    lost, won = paid_once(practice, client), paid_once(practice, client)
    first = practice.control("dispute", payment_intent=lost.id)
    second = practice.control("dispute", payment_intent=won.id, amount=2000)

    client.v1.disputes.close(first["id"])
    client.v1.disputes.update(
        second["id"], {"evidence": {"uncategorized_text": "winning_evidence"}, "submit": True}
    )

    assert client.v1.disputes.retrieve(first["id"]).status == "lost"
    dispute = client.v1.disputes.retrieve(second["id"])
    assert dispute.status == "won"
    assert [move.amount for move in dispute.balance_transactions] == [-2000, 2000]
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        client.v1.disputes.close(first["id"])


def test_a_gift_may_be_disputed_after_it_was_refunded(
    practice: Practice, client: stripe.StripeClient
) -> None:
    intent = paid_once(practice, client)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 2500})

    practice.control("dispute", payment_intent=intent.id)

    charge = client.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.refunded, charge.disputed) == (True, True)


def test_a_payout_is_the_sum_of_what_is_inside(
    practice: Practice, client: stripe.StripeClient
) -> None:
    intent = paid_once(practice, client)
    paid_once(practice, client, amount=10_000)
    client.v1.refunds.create({"payment_intent": intent.id, "amount": 500})

    practice.control("payout", currency="usd", includes_pending=True)

    (payout,) = client.v1.payouts.list().data
    inside = client.v1.balance_transactions.list({"payout": payout.id}).data
    assert payout.amount == 2397 + (10_000 - 320) - 500
    assert sum(move.net for move in inside if move.type != "payout") == payout.amount
    assert sum(move.net for move in inside) == 0
    practice.control("time", advance_s=86_401)
    assert client.v1.payouts.retrieve(payout.id).status == "paid"


def test_a_payout_may_come_back(practice: Practice, client: stripe.StripeClient) -> None:
    paid_once(practice, client)
    payout = practice.control("payout", currency="usd")

    practice.control("payout/end", payout=payout["id"], outcome="failed")

    assert client.v1.payouts.retrieve(payout["id"]).status == "failed"
    available = {part.currency: part.amount for part in client.v1.balance.retrieve().available}
    pending = {part.currency: part.amount for part in client.v1.balance.retrieve().pending}
    assert available["usd"] + pending["usd"] == 2397


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": 49}, "amount_too_small"),
        ({"amount": 100_000_000}, "amount_too_large"),
        ({"currency": "xxx"}, None),
        ({"never_heard_of": "x"}, "parameter_unknown"),
        ({"amount": "12.50"}, "parameter_invalid_integer"),
    ],
)
def test_what_cannot_be_is_refused_in_stripes_words(
    client: stripe.StripeClient, wrong: dict[str, object], code: str | None
) -> None:
    wanted = {"amount": 2500, "currency": "usd", **wrong}

    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create(wanted)  # type: ignore[arg-type]

    assert caught.value.code == code


@given(
    amount=st.integers(50, 99_999_999),
    currency=st.sampled_from(sorted(fees.CURRENCIES)),
    country=st.sampled_from(["US", "GB", "UA"]),
)
def test_a_fee_is_whole_and_never_more_than_a_tenth_above_its_fixed_part(
    amount: int, currency: str, country: str
) -> None:
    settled = fees.settle(amount, currency, country)

    fixed = fees.FIXED_MINOR[settled.currency]
    assert fixed <= settled.fee_minor <= fixed + settled.amount_minor // 10 + 1
    assert (settled.rate is None) == (settled.currency == currency)
