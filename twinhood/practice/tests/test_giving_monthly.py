"""Gifts that come again: months that pass, cards that fail, ends and pauses."""

from datetime import UTC, datetime

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from twinhood.practice import Habits, Practice, serve
from twinhood.practice.core.months import first_after, later
from twinhood.practice.tests.conftest import Mailbox, client_of, monthly

JANUARY_31 = int(datetime(2027, 1, 31, 12, tzinfo=UTC).timestamp())


def begun(
    practice: Practice, client: stripe.StripeClient, number: str = "4242424242424242"
) -> stripe.Subscription:
    session = client.v1.checkout.sessions.create(
        monthly(2500, subscription_data={"metadata": {"gift": "7Q2F"}})
    )
    practice.control("pay", session=session.id, number=number)
    done = client.v1.checkout.sessions.retrieve(session.id)
    return client.v1.subscriptions.retrieve(str(done.subscription))


def invoices(client: stripe.StripeClient, sub: stripe.Subscription) -> list[stripe.Invoice]:
    return client.v1.invoices.list({"subscription": sub.id}).data


def test_a_month_brings_one_more_gift(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    sub = begun(practice, client)
    assert sub.status == "active"

    practice.control("month", subscription=sub.id)

    second, first = invoices(client, sub)
    assert (first.billing_reason, second.billing_reason) == (
        "subscription_create",
        "subscription_cycle",
    )
    assert {invoice.status for invoice in (first, second)} == {"paid"}
    assert second.parent.subscription_details.metadata["gift"] == "7Q2F"  # type: ignore[union-attr,index]
    (part,) = client.v1.invoice_payments.list({"invoice": second.id}).data
    intent = client.v1.payment_intents.retrieve(str(part.payment.payment_intent))
    assert (intent.status, intent.amount) == ("succeeded", 2500)
    practice.control("webhook/wait")
    assert mailbox.kinds().count("invoice.paid") == 2


def test_the_31st_means_the_last_day() -> None:
    with serve(seed="x", habits=Habits(clock=lambda: JANUARY_31)) as practice:
        client = client_of(practice)
        sub = begun(practice, client)
        for _ in range(3):
            practice.control("month", subscription=sub.id)

        starts = [invoice.period_start for invoice in reversed(invoices(client, sub))]

    days = [datetime.fromtimestamp(start, UTC).strftime("%d %B") for start in starts]
    assert days == ["31 January", "28 February", "31 March", "30 April"]


def test_a_card_that_fails_is_tried_again_and_then_the_gift_ends(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    sub = begun(practice, client, "4000000000000341")
    practice.control("month", subscription=sub.id)
    assert client.v1.subscriptions.retrieve(sub.id).status == "past_due"
    assert invoices(client, sub)[0].next_payment_attempt is not None

    practice.control("time", advance_s=16 * 86_400)

    assert client.v1.subscriptions.retrieve(sub.id).status == "canceled"
    assert invoices(client, sub)[0].attempt_count == 4
    practice.control("webhook/wait")
    assert mailbox.kinds().count("invoice.payment_failed") == 4
    assert "customer.subscription.deleted" in mailbox.kinds()


def test_a_mended_card_pays_what_was_open(practice: Practice, client: stripe.StripeClient) -> None:
    sub = begun(practice, client, "4000000000000341")
    practice.control("month", subscription=sub.id)
    method = str(client.v1.subscriptions.retrieve(sub.id).default_payment_method)

    practice.control("card", payment_method=method, number="4242424242424242")
    practice.control("time", advance_s=4 * 86_400)

    assert client.v1.subscriptions.retrieve(sub.id).status == "active"
    assert invoices(client, sub)[0].status == "paid"


def test_another_card_is_saved_by_a_checkout_and_pays(
    practice: Practice, client: stripe.StripeClient
) -> None:
    sub = begun(practice, client, "4000000000000341")
    practice.control("month", subscription=sub.id)
    session = client.v1.checkout.sessions.create(
        {"mode": "setup", "customer": str(sub.customer), "success_url": "http://localhost/x"}
    )
    practice.control("pay", session=session.id)
    done = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})

    method = str(done.setup_intent.payment_method)  # type: ignore[union-attr]
    client.v1.subscriptions.update(sub.id, {"default_payment_method": method})
    paid = client.v1.invoices.pay(invoices(client, sub)[0].id)

    assert paid.status == "paid"
    assert client.v1.subscriptions.retrieve(sub.id).status == "active"


def test_the_amount_changes_from_the_next_month(
    practice: Practice, client: stripe.StripeClient
) -> None:
    sub = begun(practice, client)
    item = sub["items"].data[0]

    client.v1.subscriptions.update(
        sub.id,
        {
            "proration_behavior": "none",
            "items": [
                {
                    "id": item.id,
                    "price_data": {
                        "currency": "usd",
                        "product": item.price.product,
                        "recurring": {"interval": "month"},
                        "unit_amount": 4000,
                    },
                }
            ],
        },
    )
    practice.control("month", subscription=sub.id)

    assert [invoice.amount_paid for invoice in invoices(client, sub)] == [4000, 2500]


def test_a_paused_gift_bills_nothing_until_it_goes_on(
    practice: Practice, client: stripe.StripeClient
) -> None:
    sub = begun(practice, client)
    client.v1.subscriptions.update(sub.id, {"pause_collection": {"behavior": "void"}})
    practice.control("month", subscription=sub.id)

    client.v1.subscriptions.update(sub.id, {"pause_collection": ""})
    practice.control("month", subscription=sub.id)

    assert [invoice.status for invoice in invoices(client, sub)] == ["paid", "void", "paid"]


def test_a_month_is_skipped_by_a_later_date(
    practice: Practice, client: stripe.StripeClient
) -> None:
    sub = begun(practice, client)
    end = sub["items"].data[0].current_period_end
    later_end = later(end, "month", 1)

    client.v1.subscriptions.update(sub.id, {"trial_end": later_end, "proration_behavior": "none"})
    practice.control("time", to=end + 10)
    assert len(invoices(client, sub)) == 1
    practice.control("time", to=later_end + 10)

    assert len(invoices(client, sub)) == 2


@pytest.mark.parametrize("at_once", [True, False])
def test_an_ended_gift_bills_nothing_more(
    practice: Practice, client: stripe.StripeClient, *, at_once: bool
) -> None:
    sub = begun(practice, client)

    if at_once:
        client.v1.subscriptions.cancel(sub.id)
    else:
        client.v1.subscriptions.update(sub.id, {"cancel_at_period_end": True})
    practice.control("time", advance_s=70 * 86_400)

    assert client.v1.subscriptions.retrieve(sub.id).status == "canceled"
    assert len(invoices(client, sub)) == 1


def test_a_declined_first_payment_begins_nothing(
    practice: Practice, client: stripe.StripeClient
) -> None:
    with pytest.raises(ValueError, match="declined"):
        begun(practice, client, "4000000000000002")

    assert client.v1.subscriptions.list({"status": "all"}).data == []


@given(anchor=st.integers(0, 4_000_000_000), months=st.integers(1, 120))
def test_months_are_counted_from_the_first_day_and_never_skip_one(anchor: int, months: int) -> None:
    start, end = datetime.fromtimestamp(anchor, UTC), later(anchor, "month", months)
    found = datetime.fromtimestamp(end, UTC)

    assert (found.year - start.year) * 12 + found.month - start.month == months
    assert found.day <= start.day
    assert first_after(anchor, "month", 1, end) == later(anchor, "month", months + 1)
