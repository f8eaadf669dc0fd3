"""Each emulated object has the shape of Stripe's: by its SDK, and by its published fixtures."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from twinhood.practice import Practice
from twinhood.practice.tests.conftest import Mailbox, monthly, paid_once

type Made = dict[str, dict[str, Any]]

# What may hold anything.
FREE = {"event.data", "fraud_details", "metadata", "payment_method_options"}
# `refunds` is left out unless asked for, since the API of 2022-11-15; the others stand in the
# SDK, and the fixtures have them only for other types of the same object.
KNOWN_DIFFERENCES = {
    "charge: lacks refunds",
    "invoice.lines.data[].pricing: has price_details",
    "invoice_payment.payment: has payment_intent",
    "line_item.pricing: has price_details",
}
SDK_NAMES: dict[str, Callable[[], Any]] = {
    "balance": lambda: stripe.Balance,
    "balance_transaction": lambda: stripe.BalanceTransaction,
    "charge": lambda: stripe.Charge,
    "checkout.session": lambda: stripe.checkout.Session,
    "customer": lambda: stripe.Customer,
    "dispute": lambda: stripe.Dispute,
    "event": lambda: stripe.Event,
    "invoice": lambda: stripe.Invoice,
    "invoice_payment": lambda: stripe.InvoicePayment,
    "line_item": lambda: stripe.InvoiceLineItem,
    "payment_intent": lambda: stripe.PaymentIntent,
    "payment_method": lambda: stripe.PaymentMethod,
    "payout": lambda: stripe.Payout,
    "price": lambda: stripe.Price,
    "product": lambda: stripe.Product,
    "refund": lambda: stripe.Refund,
    "setup_intent": lambda: stripe.SetupIntent,
    "subscription": lambda: stripe.Subscription,
    "subscription_item": lambda: stripe.SubscriptionItem,
    "webhook_endpoint": lambda: stripe.WebhookEndpoint,
}
FIXTURES = "stripe-fixtures3.json"


def fixtures() -> dict[str, Any] | None:
    folder = os.environ.get("TWINHOOD_TEST_DATA")
    found = sorted(Path(folder).rglob(FIXTURES)) if folder else []
    return json.loads(found[0].read_text("utf-8"))["resources"] if found else None


@pytest.fixture
def made(practice: Practice, client: stripe.StripeClient, mailbox: Mailbox) -> Made:
    """One object of each kind, as the API gives it."""
    v1 = client.v1
    intent = paid_once(practice, client)
    v1.refunds.create({"payment_intent": intent.id, "amount": 500})
    practice.control("dispute", payment_intent=paid_once(practice, client).id)
    session = v1.checkout.sessions.create(monthly(2500))
    practice.control("pay", session=session.id)
    saved = v1.checkout.sessions.create({"mode": "setup", "success_url": "http://localhost/x"})
    practice.control("pay", session=saved.id)
    practice.control("payout", currency="usd")
    sub = v1.subscriptions.list().data[0]
    invoice = v1.invoices.list().data[0]
    setup = v1.checkout.sessions.retrieve(saved.id).setup_intent
    item = sub["items"].data[0]
    things: list[Any] = [
        v1.balance.retrieve(),
        v1.balance_transactions.list().data[0],
        v1.charges.list().data[0],
        v1.checkout.sessions.retrieve(session.id),
        v1.customers.list().data[0],
        v1.disputes.list().data[0],
        v1.events.list().data[0],
        invoice,
        v1.invoice_payments.list().data[0],
        invoice.lines.data[0],
        intent,
        v1.payment_methods.retrieve(str(intent.payment_method)),
        v1.payouts.list().data[0],
        item.price,
        v1.products.retrieve(str(item.price.product)),
        v1.refunds.list().data[0],
        v1.setup_intents.retrieve(str(setup)),
        sub,
        item,
        v1.webhook_endpoints.list().data[0],
    ]
    # As JSON again: the SDK makes decimals of decimal text.
    return {thing.object: json.loads(json.dumps(thing.to_dict(), default=str)) for thing in things}


def test_every_kind_is_made(made: Made) -> None:
    assert set(made) == set(SDK_NAMES)


def test_the_sdk_knows_every_key(made: Made) -> None:
    """Beside those that only its fixtures still have."""
    old = fixtures() or {}
    unknown = {
        f"{kind}.{key}"
        for kind, thing in made.items()
        for key in thing
        if key not in SDK_NAMES[kind]().__annotations__ and key not in old.get(kind, {})
    }

    assert unknown - ONLY_IN_FIXTURES == set()


# Keys of the fixtures that the SDK does not name; they are always empty here.
ONLY_IN_FIXTURES = {
    "checkout.session.integration_identifier",
    "checkout.session.managed_payments",
    "invoice.subscription",
    "payment_intent.source",
    "product.type",
    "refund.customer",
    "refund.customer_account",
    "refund.payment_method",
}


@pytest.mark.skipif(fixtures() is None, reason="TWINHOOD_TEST_DATA names no folder with fixtures")
def test_keys_and_types_are_those_of_stripes_fixtures(made: Made) -> None:
    published = fixtures()

    assert published is not None
    differences = [
        difference
        for kind, thing in made.items()
        for difference in differing(kind, thing, published[kind])
        if difference not in KNOWN_DIFFERENCES
    ]
    assert "\n".join(sorted(differences)) == ""


def differing(path: str, ours: Any, theirs: Any) -> list[str]:
    """Where keys or JSON types are not the same; what is null on a side says nothing."""
    if ours is None or theirs is None or (path in FREE or path.rpartition(".")[2] in FREE):
        return []
    if isinstance(ours, dict) and isinstance(theirs, dict):
        wrong = []
        if path.count(".") == PLAIN[path.partition(".")[0]]:
            wrong = [f"{path}: lacks {key}" for key in theirs.keys() - ours.keys()]
        wrong += [f"{path}: has {key}" for key in ours.keys() - theirs.keys() if theirs]
        common = ours.keys() & theirs.keys()
        return wrong + [
            found for key in common for found in differing(f"{path}.{key}", ours[key], theirs[key])
        ]
    if isinstance(ours, list) and isinstance(theirs, list):
        return differing(f"{path}[]", ours[0], theirs[0]) if ours and theirs else []
    same = type(ours) is type(theirs)
    return [] if same else [f"{path}: {type(ours).__name__}, not {type(theirs).__name__}"]


class _Plain(dict[str, int]):
    """How many dots the name of a kind itself has."""

    def __missing__(self, key: str) -> int:
        return 1 if key == "checkout" else 0


PLAIN = _Plain()
