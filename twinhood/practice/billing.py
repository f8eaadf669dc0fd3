"""Gifts that come again: subscriptions, their invoices, and what happens when a card fails."""

from typing import Any

from twinhood.practice import money
from twinhood.practice.core.months import first_after
from twinhood.practice.errors import StripeError, invalid
from twinhood.practice.events import change, emit
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import billing as shapes
from twinhood.practice.store import Store

# After the first refusal; when the last try fails too, the subscription ends.
RETRY_AFTER_DAYS = (3, 5, 7)
DAY_S = 86_400
ENDED = {"canceled", "incomplete_expired"}
BAD_STATE = "resource_missing"


def new_price(store: Store, amount: int, currency: str, product: str, **given: Any) -> Thing:
    name = store.new_id("price")
    price = shapes.price(name, store.now(), amount, currency, product=product, **given)
    return store.put("price", price)


def subscribe(
    store: Store,
    customer: Thing,
    items: list[tuple[Thing, int]],
    method: Thing | None,
    **given: Any,
) -> Thing:
    """Begin a subscription to prices; its first invoice is tried at once, except in a trial."""
    currency = items[0][0]["currency"]
    name = store.new_id("sub")
    now = store.now()
    sub = shapes.subscription(name, now, customer["id"], currency, **given)
    sub["default_payment_method"] = method["id"] if method else None
    sub["items"]["data"] = [
        shapes.subscription_item(store.new_id("si"), now, name, price, quantity)
        for price, quantity in items
    ]
    store.put("subscription", sub)
    customer["currency"] = currency
    store.put("customer", customer)
    if sub["trial_end"] is not None:
        sub |= {"status": "trialing", "trial_start": now, "billing_cycle_anchor": sub["trial_end"]}
        _begin_period(store, sub, now, sub["trial_end"])
        emit(store, "customer.subscription.created", sub)
        return sub
    _begin_period(store, sub, now, _next_due(sub, now))
    emit(store, "customer.subscription.created", sub)
    bill(store, sub, "subscription_create")
    return sub


def period_of(sub: Thing) -> tuple[int, int]:
    item = sub["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def _next_due(sub: Thing, moment: int) -> int:
    rhythm = sub["items"]["data"][0]["price"]["recurring"]
    anchor = sub["billing_cycle_anchor"]
    return first_after(anchor, rhythm["interval"], rhythm["interval_count"], moment)


def _begin_period(store: Store, sub: Thing, start: int, end: int) -> None:
    for item in sub["items"]["data"]:
        item |= {"current_period_start": start, "current_period_end": end}
    store.put("subscription", sub)
    store.plan("renew", end, sub["id"])


# Invoices


def bill(store: Store, sub: Thing, reason: str) -> Thing:
    """Make the invoice of the period that begins, and try to have it paid."""
    invoice = _new_invoice(store, sub, reason)
    pause = sub["pause_collection"]
    if pause is not None and pause["behavior"] == "keep_as_draft":
        return invoice
    _finalize(store, invoice)
    if pause is not None:
        outcome = {"void": "void"}.get(pause["behavior"], "uncollectible")
        return end_invoice(store, invoice, outcome)
    try:
        settle(store, invoice, is_present=reason == "subscription_create")
    except StripeError as error:
        if reason == "subscription_create":
            store.put("_first_error", {"id": sub["id"], "body": dict(error.body)})
    return invoice


def _new_invoice(store: Store, sub: Thing, reason: str) -> Thing:
    start, end = period_of(sub)
    customer = store.get("customer", sub["customer"])
    items = sub["items"]["data"]
    amount = sum(item["price"]["unit_amount"] * item["quantity"] for item in items)
    invoice = shapes.invoice(
        store.new_id("in"),
        store.now(),
        sub,
        amount,
        billing_reason=reason,
        customer_email=customer["email"],
        customer_name=customer["name"],
        period_start=start,
        period_end=end if reason != "subscription_create" else start,
    )
    period = {"start": start, "end": end}
    invoice["lines"]["data"] = [
        shapes.invoice_line(store.new_id("il"), invoice, item, period) for item in items
    ]
    store.put("invoice", invoice)
    sub["latest_invoice"] = invoice["id"]
    store.put("subscription", sub)
    emit(store, "invoice.created", invoice)
    return invoice


def _finalize(store: Store, invoice: Thing) -> None:
    customer = store.get("customer", invoice["customer"])
    number = customer["next_invoice_sequence"]
    store.put("customer", customer | {"next_invoice_sequence": number + 1})
    invoice["status_transitions"]["finalized_at"] = store.now()
    change(
        store,
        "invoice",
        invoice,
        "invoice.finalized",
        number=f"{customer['invoice_prefix']}-{number:04}",
        effective_at=store.now(),
        status="open",
    )


def settle(store: Store, invoice: Thing, *, is_present: bool) -> Thing:
    """Try to have an open invoice paid; raise the card's error after recording it."""
    if invoice["status"] != "open":
        raise invalid(f"Invoice is {invoice['status']}; it cannot be paid.")
    sub = store.get("subscription", invoice["parent"]["subscription_details"]["subscription"])
    part = _payment_of(store, invoice)
    intent = store.get("payment_intent", part["payment"]["payment_intent"])
    invoice |= {"attempted": True, "attempt_count": invoice["attempt_count"] + 1}
    try:
        method = _method_for(store, sub)
        intent = money.pay(store, intent, method, is_present=is_present)
    except StripeError:
        _unpaid(store, invoice, sub)
        raise
    if intent["status"] == "succeeded":
        _paid(store, invoice, part, sub)
    else:
        store.put("invoice", invoice)
        emit(store, "invoice.payment_action_required", invoice)
    return invoice


def _payment_of(store: Store, invoice: Thing) -> Thing:
    """The one payment of an invoice, made at the first try and used for all."""
    for part in store.newest("invoice_payment"):
        if part["invoice"] == invoice["id"]:
            return part
    intent = money.new_intent(
        store,
        invoice["amount_due"],
        invoice["currency"],
        customer=invoice["customer"],
        description="Subscription update",
        setup_future_usage="off_session",
    )
    name = store.new_id("inpay")
    part = shapes.invoice_payment(name, store.now(), invoice, intent["id"])
    return store.put("invoice_payment", part)


def _method_for(store: Store, sub: Thing) -> Thing:
    customer = store.get("customer", sub["customer"])
    name = sub["default_payment_method"]
    name = name or customer["invoice_settings"]["default_payment_method"]
    found = store.find("payment_method", name)
    if found is None:
        raise invalid("This customer has no attached payment source", code=BAD_STATE)
    return found


def _paid(store: Store, invoice: Thing, part: Thing, sub: Thing) -> None:
    now, amount = store.now(), invoice["amount_due"]
    part |= {"amount_paid": amount, "status": "paid"}
    part["status_transitions"]["paid_at"] = now
    store.put("invoice_payment", part)
    invoice["status_transitions"]["paid_at"] = now
    invoice |= {"amount_paid": amount, "amount_remaining": 0, "status": "paid"}
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    store.put("invoice", invoice)
    emit(store, "invoice.paid", invoice)
    emit(store, "invoice.payment_succeeded", invoice)
    emit(store, "invoice_payment.paid", part)
    if sub["status"] not in ENDED:
        change(store, "subscription", sub, "customer.subscription.updated", status="active")


def _unpaid(store: Store, invoice: Thing, sub: Thing) -> None:
    tries = invoice["attempt_count"]
    is_first = invoice["billing_reason"] == "subscription_create"
    again_at = None
    if not is_first and tries <= len(RETRY_AFTER_DAYS):
        again_at = store.now() + RETRY_AFTER_DAYS[tries - 1] * DAY_S
        store.plan("retry", again_at, invoice["id"])
    invoice["next_payment_attempt"] = again_at
    store.put("invoice", invoice)
    emit(store, "invoice.payment_failed", invoice)
    if is_first or sub["status"] in ENDED:
        return
    if again_at is None:
        cancel(store, sub, "payment_failed")
    else:
        change(store, "subscription", sub, "customer.subscription.updated", status="past_due")


def retry(store: Store, invoice: Thing) -> None:
    """Try again what a card refused, if nothing has changed since."""
    if invoice["status"] == "open" and invoice["next_payment_attempt"] is not None:
        try:
            settle(store, invoice, is_present=False)
        except StripeError:
            return


def end_invoice(store: Store, invoice: Thing, outcome: str) -> Thing:
    """Void an invoice, or give it up."""
    if invoice["status"] not in {"open", "uncollectible"}:
        raise invalid(f"Invoice is {invoice['status']}; it cannot be voided.")
    moment = {"void": "voided_at", "uncollectible": "marked_uncollectible_at"}[outcome]
    invoice["status_transitions"][moment] = store.now()
    invoice |= {"next_payment_attempt": None, "auto_advance": False}
    event = {"void": "invoice.voided", "uncollectible": "invoice.marked_uncollectible"}[outcome]
    return change(store, "invoice", invoice, event, status=outcome)


# Time


def renew(store: Store, sub: Thing, due_at: int) -> None:
    """A period is over: end the subscription if it was to end, else begin and bill the next."""
    start, end = period_of(sub)
    if sub["status"] in ENDED or end != due_at:
        return
    if sub["cancel_at_period_end"]:
        cancel(store, sub, "cancellation_requested")
        return
    if sub["status"] == "incomplete":
        change(
            store, "subscription", sub, "customer.subscription.updated", status="incomplete_expired"
        )
        return
    pause = sub["pause_collection"]
    if pause is not None and (pause["resumes_at"] or end + 1) <= end:
        sub["pause_collection"] = None
    before = {"current_period_start": start, "current_period_end": end}
    if sub["status"] == "trialing":
        sub["status"] = "active"
    _begin_period(store, sub, end, _next_due(sub, end))
    emit(store, "customer.subscription.updated", sub, before)
    bill(store, sub, "subscription_cycle")


def cancel(store: Store, sub: Thing, reason: str) -> Thing:
    """End a subscription now; nothing more is billed."""
    if sub["status"] in ENDED:
        raise invalid(f"No such subscription: '{sub['id']}'", code=BAD_STATE, param="id")
    now = store.now()
    sub |= {"status": "canceled", "ended_at": now, "canceled_at": sub["canceled_at"] or now}
    sub["cancellation_details"] = sub["cancellation_details"] | {"reason": reason}
    store.put("subscription", sub)
    emit(store, "customer.subscription.deleted", sub)
    return sub


def delay(store: Store, sub: Thing, until: int) -> None:
    """Let the next payment wait until a moment, by a trial, as Stripe does it."""
    now = store.now()
    if until <= now:
        raise invalid("Timestamp can't be before the present", param="trial_end")
    sub |= {"trial_start": now, "trial_end": until, "status": "trialing"}
    sub["billing_cycle_anchor"] = until
    _begin_period(store, sub, now, until)
