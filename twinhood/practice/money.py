"""Money that comes and goes back: payments, refunds, disputes, the balance, payouts."""

from typing import Any

from twinhood.practice.core import fees
from twinhood.practice.core.cards import CARDS, DISPUTED_AFTER_S, Card, message_of
from twinhood.practice.errors import StripeError, invalid
from twinhood.practice.events import change, emit
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import payments as shapes
from twinhood.practice.store import Store

AVAILABLE_AFTER_S = 2 * 86_400
REFUND_SETTLES_AFTER_S = 60
AMOUNT_MIN = 50
AMOUNT_MAX = 99_999_999


def check_amount(amount: int, currency: str, param: str) -> None:
    """Raise as Stripe does for what is too little, too much or of an unknown currency."""
    if currency not in fees.CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < AMOUNT_MIN:
        what = "Amount must convert to at least 50 cents."
        raise invalid(what, code="amount_too_small", param=param)
    if amount > AMOUNT_MAX:
        what = "Amount must be no more than 999,999.99"
        raise invalid(what, code="amount_too_large", param=param)


# Cards


def new_method(store: Store, card: Card, details: Thing | None = None) -> Thing:
    """Keep what a shop may see of a test card."""
    details = details or shapes.billing_details(None, None)
    method = shapes.payment_method(store.new_id("pm"), store.now(), card, details)
    store.put("_card", {"id": method["id"], "number": card.number, "is_authenticated": False})
    return store.put("payment_method", method)


def card_of(store: Store, method: Thing) -> Card:
    return CARDS[store.get("_card", method["id"])["number"]]


def attach(store: Store, method: Thing, customer: str) -> Thing:
    if method["customer"] not in (None, customer):
        raise invalid("The payment method you provided has already been attached to a customer.")
    return change(store, "payment_method", method, "payment_method.attached", customer=customer)


# Payments


def new_intent(store: Store, amount: int, currency: str, **given: Any) -> Thing:
    name = store.new_id("pi")
    intent = shapes.payment_intent(name, store.now(), amount, currency, **given)
    store.put("payment_intent", intent)
    emit(store, "payment_intent.created", intent)
    return intent


def pay(store: Store, intent: Thing, method: Thing, *, is_present: bool) -> Thing:
    """Try to pay an intent by a card; raise a card error (402) if the bank says no.

    `is_present` says that the donor sits before the page: then a card may ask for another step
    (3-D Secure), and the intent waits for `authenticated`.
    """
    if intent["status"] == "succeeded":
        what = "You cannot confirm this PaymentIntent because it has already succeeded."
        raise invalid(what, code="payment_intent_unexpected_state")
    intent["payment_method"] = method["id"]
    card = card_of(store, method)
    is_authenticated = store.get("_card", method["id"])["is_authenticated"]
    if card.asks_3ds and is_present and not is_authenticated:
        step = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
        return change(
            store,
            "payment_intent",
            intent,
            "payment_intent.requires_action",
            status="requires_action",
            next_action=step,
        )
    decline = card.decline
    if card.is_declined_later and not is_present:
        decline = ("card_declined", "generic_decline")
    if decline is not None:
        raise _refused(store, intent, method, *decline)
    return _paid(store, intent, method, card)


def authenticated(store: Store, intent: Thing, *, is_approved: bool) -> Thing:
    """End the 3-D Secure step of an intent that waits for it."""
    if intent["status"] != "requires_action":
        raise invalid("This PaymentIntent does not wait for authentication.")
    method = store.get("payment_method", intent["payment_method"])
    if not is_approved:
        raise refused_3ds(store, intent)
    approve(store, method)
    return pay(store, intent, method, is_present=True)


def approve(store: Store, method: Thing) -> None:
    """Remember that the bank knows this card's owner."""
    store.put("_card", store.get("_card", method["id"]) | {"is_authenticated": True})


def refused_3ds(store: Store, intent: Thing) -> StripeError:
    error = StripeError(
        402,
        "card_error",
        "We are unable to authenticate your payment method. "
        "Please choose a different payment method and try again.",
        code="payment_intent_authentication_failure",
    )
    _fail(store, intent, error)
    return error


def _refused(store: Store, intent: Thing, method: Thing, code: str, reason: str) -> StripeError:
    charge = shapes.charge(
        store.new_id("ch"),
        store.now(),
        intent,
        method,
        amount_captured=0,
        captured=False,
        failure_code=code,
        failure_message=message_of(code, reason),
        outcome=shapes.outcome(reason),
        paid=False,
        status="failed",
    )
    store.put("charge", charge)
    intent["latest_charge"] = charge["id"]
    emit(store, "charge.failed", charge)
    error = declined(code, reason, charge=charge["id"])
    _fail(store, intent, error)
    return error


def declined(code: str, reason: str, **more: Any) -> StripeError:
    message = message_of(code, reason)
    return StripeError(402, "card_error", message, code=code, decline_code=reason, **more)


def _fail(store: Store, intent: Thing, error: StripeError) -> None:
    method = store.find("payment_method", intent["payment_method"])
    change(
        store,
        "payment_intent",
        intent,
        None,
        status="requires_payment_method",
        next_action=None,
        payment_method=None,
        last_payment_error={**error.body, "payment_method": method},
    )
    emit(store, "payment_intent.payment_failed", intent)
    error.body["payment_intent"] = dict(intent)


def _paid(store: Store, intent: Thing, method: Thing, card: Card) -> Thing:
    charge = shapes.charge(store.new_id("ch"), store.now(), intent, method)
    settled = fees.settle(charge["amount"], charge["currency"], card.country)
    moved = move(
        store,
        "charge",
        charge["id"],
        settled.amount_minor,
        settled.currency,
        fee=settled.fee_minor,
        rate=float(settled.rate) if settled.rate is not None else None,
        waits_s=AVAILABLE_AFTER_S,
    )
    charge["balance_transaction"] = moved["id"]
    store.put("charge", charge)
    intent |= {"latest_charge": charge["id"], "amount_received": intent["amount"]}
    intent |= {"status": "succeeded", "next_action": None, "last_payment_error": None}
    store.put("payment_intent", intent)
    emit(store, "charge.succeeded", charge)
    emit(store, "payment_intent.succeeded", intent)
    if card.dispute is not None:
        store.plan("dispute", store.now() + DISPUTED_AFTER_S, charge["id"])
    return intent


# The balance


def move(
    store: Store,
    kind: str,
    source: str,
    amount: int,
    currency: str,
    *,
    fee: int = 0,
    rate: float | None = None,
    waits_s: int = 0,
    category: str = "",
    description: str | None = None,
) -> Thing:
    """Book a movement of the balance, in the currency that the account holds."""
    created = store.now()
    moved = shapes.balance_transaction(
        store.new_id("txn"),
        created,
        amount=amount,
        available_on=created + waits_s,
        currency=currency,
        description=description,
        exchange_rate=rate,
        fee=fee,
        reporting_category=category or kind,
        source=source,
        type=kind,
    )
    if store.habits.pays_out_daily and amount > 0:
        store.plan("payout", created + waits_s, currency)
    return store.put("balance_transaction", moved)


def _held(amount: int, currency: str) -> tuple[int, str]:
    """Return an amount as the balance holds it."""
    if currency in fees.FIXED_MINOR:
        return amount, currency
    return fees.in_dollars(amount, currency), "usd"


def not_paid_out(store: Store, currency: str, *, includes_pending: bool) -> list[Thing]:
    return [
        moved
        for moved in store.all("balance_transaction")
        if moved["currency"] == currency
        and store.find("_in_payout", moved["id"]) is None
        and (includes_pending or moved["available_on"] <= store.now())
    ]


def pay_out(
    store: Store, currency: str, *, includes_pending: bool = False, is_automatic: bool = True
) -> Thing | None:
    """Send what is available to the bank; None if nothing is."""
    inside = not_paid_out(store, currency, includes_pending=includes_pending)
    amount = sum(moved["net"] for moved in inside)
    if amount <= 0:
        return None
    name = store.new_id("po")
    payout = shapes.payout(name, store.now(), amount, currency, automatic=is_automatic)
    moved = move(store, "payout", name, -amount, currency, description="STRIPE PAYOUT")
    payout["balance_transaction"] = moved["id"]
    for one in [*inside, moved]:
        store.put("_in_payout", {"id": one["id"], "payout": name})
    store.put("payout", payout)
    emit(store, "payout.created", payout)
    store.plan("payout_arrives", payout["arrival_date"], name)
    return payout


def end_payout(store: Store, payout: Thing, outcome: str) -> Thing:
    """A payout arrives, or comes back from the bank: then its money is on the balance again."""
    if payout["status"] not in {"in_transit", "paid"} or payout["status"] == outcome:
        raise invalid(f"This payout is {payout['status']} already.")
    if outcome == "paid":
        trace = {"status": "supported", "value": f"PRACTICE{payout['id'][-10:].upper()}"}
        return change(store, "payout", payout, "payout.paid", status="paid", trace_id=trace)
    back = move(store, "payout_failure", payout["id"], payout["amount"], payout["currency"])
    return change(
        store,
        "payout",
        payout,
        "payout.failed",
        status="failed",
        failure_code="account_closed",
        failure_message="The bank account has been closed.",
        failure_balance_transaction=back["id"],
    )


# Refunds


def refund(
    store: Store, charge: Thing, amount: int | None, reason: str | None, metadata: dict[str, str]
) -> Thing:
    """Give back `amount` of a charge, or all that is left; Stripe keeps its fee."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    _check_refund(charge, amount, left, is_blocked=_is_disputed(store, charge))
    card = card_of(store, store.get("payment_method", charge["payment_method"]))
    given = {"reason": reason, "metadata": metadata}
    refund = shapes.refund(store.new_id("re"), store.now(), charge, amount, **given)
    refund["status"] = "pending" if card.refund == "pending" else "succeeded"
    before, after = charge["amount_refunded"], charge["amount_refunded"] + amount
    # By the whole sum so far, so that parts in another currency add up to the whole.
    held_minor = _held(after, charge["currency"])[0] - _held(before, charge["currency"])[0]
    held_in = _held(0, charge["currency"])[1]
    moved = move(store, "refund", refund["id"], -held_minor, held_in)
    refund["balance_transaction"] = moved["id"]
    store.put("refund", refund)
    charge |= {"amount_refunded": after, "refunded": after == charge["amount"]}
    store.put("charge", charge)
    emit(store, "refund.created", refund)
    emit(store, "charge.refunded", charge, {"amount_refunded": before})
    if card.refund != "succeeded":
        store.plan("refund_ends", store.now() + REFUND_SETTLES_AFTER_S, refund["id"])
    return refund


def _is_disputed(store: Store, charge: Thing) -> bool:
    """Whether a dispute, open or lost, stands in the way of a refund."""
    return charge["disputed"] and not all(
        dispute["is_charge_refundable"] or dispute["status"] == "won"
        for dispute in store.newest("dispute")
        if dispute["charge"] == charge["id"]
    )


def _check_refund(charge: Thing, amount: int, left: int, *, is_blocked: bool) -> None:
    name = charge["id"]
    if not charge["paid"]:
        raise invalid(f"Charge {name} has failed; it cannot be refunded.")
    if is_blocked:
        what = f"Charge {name} has been charged back; cannot issue a refund."
        raise invalid(what, code="charge_disputed")
    if left == 0:
        what = f"Charge {name} has already been refunded."
        raise invalid(what, code="charge_already_refunded")
    if amount < 1:
        raise invalid("Invalid positive integer", code="parameter_invalid_integer", param="amount")
    if amount > left:
        what = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid(what, param="amount")


def end_refund(store: Store, refund: Thing, outcome: str) -> Thing:
    """A refund succeeds, or the donor's bank sends it back: then it is on the balance again."""
    if refund["status"] == "failed" or outcome == refund["status"]:
        raise invalid(f"This refund is {refund['status']} already.")
    if outcome == "succeeded":
        change(store, "refund", refund, "refund.updated", status="succeeded")
        return refund
    charge = store.get("charge", refund["charge"])
    was = store.get("balance_transaction", refund["balance_transaction"])
    back = move(store, "refund_failure", refund["id"], -was["amount"], was["currency"])
    after = charge["amount_refunded"] - refund["amount"]
    charge |= {"amount_refunded": after, "refunded": False}
    store.put("charge", charge)
    refund |= {"failure_reason": "expired_or_canceled_card"}
    refund |= {"failure_balance_transaction": back["id"], "status": "failed"}
    store.put("refund", refund)
    emit(store, "refund.failed", refund)
    emit(store, "charge.refund.updated", refund, {"status": "succeeded"})
    return refund
