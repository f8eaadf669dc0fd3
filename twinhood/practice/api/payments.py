"""Calls about money that comes and goes: customers to payouts."""

from typing import Any

from twinhood.practice import disputes, money
from twinhood.practice.answers import listed, shown
from twinhood.practice.core.cards import CARDS, TOKENS
from twinhood.practice.core.fees import CURRENCIES, FIXED_MINOR
from twinhood.practice.errors import invalid, malformed, missing, not_emulated
from twinhood.practice.events import change, emit
from twinhood.practice.params import Params, merged
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import payments as shapes
from twinhood.practice.store import Store

CUSTOMER_TEXTS = ("description", "email", "name", "phone")
REFUND_REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def reader(kind: str) -> Any:
    """A call that returns one object by its id."""

    def retrieve(store: Store, params: Params, name: str) -> Thing:
        expand = params.words("expand")
        params.done()
        return shown(store, store.get(kind, name), expand)

    return retrieve


def texts(params: Params, *names: str) -> dict[str, str | None]:
    """Those texts that were sent; an empty one empties the field."""
    return {name: params.text(name) for name in names if name in params}


# Customers


def create_customer(store: Store, params: Params) -> Thing:
    given = texts(params, *CUSTOMER_TEXTS)
    locales = params.words("preferred_locales")
    metadata, expand = params.metadata(), params.words("expand")
    params.done()
    customer = shapes.customer(store.new_id("cus"), store.now(), metadata=metadata, **given)
    customer["preferred_locales"] = locales
    store.put("customer", customer)
    emit(store, "customer.created", customer)
    return shown(store, customer, expand)


def update_customer(store: Store, params: Params, name: str) -> Thing:
    customer = store.get("customer", name)
    given: dict[str, Any] = texts(params, *CUSTOMER_TEXTS)
    if "preferred_locales" in params:
        given["preferred_locales"] = params.words("preferred_locales")
    settings = params.part("invoice_settings")
    method = settings.text("default_payment_method")
    given["metadata"] = merged(customer["metadata"], params.metadata())
    expand = params.words("expand")
    params.done()
    if method is not None:
        store.get("payment_method", method)
        old = customer["invoice_settings"]
        given["invoice_settings"] = old | {"default_payment_method": method}
    change(store, "customer", customer, "customer.updated", **given)
    return shown(store, customer, expand)


def delete_customer(store: Store, params: Params, name: str) -> Thing:
    params.done()
    customer = store.get("customer", name)
    store.drop("customer", name)
    emit(store, "customer.deleted", customer)
    return {"id": name, "object": "customer", "deleted": True}


def list_customers(store: Store, params: Params) -> Thing:
    where = {"email": params.text("email")}
    return listed(store, params, "customer", "/v1/customers", where=where)


# Cards


def list_methods(store: Store, params: Params) -> Thing:
    where = {"customer": params.need("customer"), "type": params.text("type")}
    return listed(store, params, "payment_method", "/v1/payment_methods", where=where)


def list_customers_methods(store: Store, params: Params, name: str) -> Thing:
    store.get("customer", name)
    where = {"customer": name, "type": params.text("type")}
    url = f"/v1/customers/{name}/payment_methods"
    return listed(store, params, "payment_method", url, where=where)


def attach_method(store: Store, params: Params, name: str) -> Thing:
    customer = params.need("customer")
    params.done()
    store.get("customer", customer, "customer")
    return shown(store, money.attach(store, method_named(store, name), customer))


def detach_method(store: Store, params: Params, name: str) -> Thing:
    params.done()
    method = store.get("payment_method", name)
    change(store, "payment_method", method, "payment_method.detached", customer=None)
    return shown(store, method)


def method_named(store: Store, name: str) -> Thing:
    """Return a card by its id, or a new one by the name of a test card."""
    if name in TOKENS:
        return money.new_method(store, CARDS[TOKENS[name]])
    found = store.find("payment_method", name)
    if found is None:
        raise missing("PaymentMethod", name, "payment_method")
    return found


# Payment intents


def create_intent(store: Store, params: Params) -> Thing:
    amount, currency = params.need_whole("amount"), params.need("currency").lower()
    given: dict[str, Any] = texts(
        params, "description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix"
    )
    customer, method = params.text("customer"), params.text("payment_method")
    automatic = params.part("automatic_payment_methods")
    automatic.whatever("allow_redirects")
    if automatic.flag("enabled"):
        given["automatic_payment_methods"] = {"allow_redirects": "always", "enabled": True}
    is_off_session, is_confirmed = params.flag("off_session"), params.flag("confirm")
    given["metadata"], expand = params.metadata(), params.words("expand")
    params.whatever("payment_method_types", "return_url")
    params.done()
    money.check_amount(amount, currency, "amount")
    if customer is not None:
        store.get("customer", customer, "customer")
    intent = money.new_intent(store, amount, currency, customer=customer, **given)
    if method is not None:
        intent |= {"payment_method": method_named(store, method)["id"]}
        intent |= {"status": "requires_confirmation"}
    if is_confirmed:
        _confirm(store, intent, is_present=not is_off_session)
    return shown(store, intent, expand)


def _confirm(store: Store, intent: Thing, *, is_present: bool) -> None:
    if intent["payment_method"] is None:
        what = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise invalid(what, code="payment_intent_unexpected_state")
    method = store.get("payment_method", intent["payment_method"])
    if intent["setup_future_usage"] and intent["customer"]:
        money.attach(store, method, intent["customer"])
    money.pay(store, intent, method, is_present=is_present)


def confirm_intent(store: Store, params: Params, name: str) -> Thing:
    intent = store.get("payment_intent", name)
    method, is_off_session = params.text("payment_method"), params.flag("off_session")
    expand = params.words("expand")
    params.whatever("return_url", "receipt_email")
    params.done()
    _must_be_open(intent, "confirm")
    if method is not None:
        intent["payment_method"] = method_named(store, method)["id"]
    _confirm(store, intent, is_present=not is_off_session)
    return shown(store, intent, expand)


def _must_be_open(intent: Thing, verb: str) -> None:
    if intent["status"] in {"succeeded", "canceled"}:
        what = f"You cannot {verb} this PaymentIntent because it has a status of "
        raise invalid(what + intent["status"] + ".", code="payment_intent_unexpected_state")


def update_intent(store: Store, params: Params, name: str) -> Thing:
    intent = store.get("payment_intent", name)
    given: dict[str, Any] = texts(params, "description", "receipt_email")
    given["metadata"] = merged(intent["metadata"], params.metadata())
    expand = params.words("expand")
    params.done()
    change(store, "payment_intent", intent, None, **given)
    return shown(store, intent, expand)


def cancel_intent(store: Store, params: Params, name: str) -> Thing:
    intent = store.get("payment_intent", name)
    reason = params.text("cancellation_reason")
    params.done()
    _must_be_open(intent, "cancel")
    change(
        store,
        "payment_intent",
        intent,
        "payment_intent.canceled",
        status="canceled",
        canceled_at=store.now(),
        cancellation_reason=reason,
        next_action=None,
    )
    return shown(store, intent)


def list_intents(store: Store, params: Params) -> Thing:
    where = {"customer": params.text("customer")}
    return listed(store, params, "payment_intent", "/v1/payment_intents", where=where)


# Charges and refunds


def update_charge(store: Store, params: Params, name: str) -> Thing:
    charge = store.get("charge", name)
    given: dict[str, Any] = texts(params, "description", "receipt_email")
    given["metadata"] = merged(charge["metadata"], params.metadata())
    params.done()
    change(store, "charge", charge, "charge.updated", **given)
    return shown(store, charge)


def list_charges(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("customer", "payment_intent")}
    return listed(store, params, "charge", "/v1/charges", where=where)


def create_refund(store: Store, params: Params) -> Thing:
    charge_name, intent_name = params.text("charge"), params.text("payment_intent")
    amount, reason = params.whole("amount"), params.text("reason")
    metadata, expand = params.metadata(), params.words("expand")
    params.whatever("instructions_email")
    params.done()
    if reason is not None and reason not in REFUND_REASONS:
        raise malformed(f"Invalid reason: {reason}", param="reason")
    if intent_name is not None and charge_name is None:
        charge_name = store.get("payment_intent", intent_name, "payment_intent")["latest_charge"]
        if charge_name is None:
            raise invalid("This PaymentIntent does not have a successful charge to refund.")
    if charge_name is None:
        raise malformed(
            "One of the following params should be provided for this request: "
            "payment_intent or charge.",
            code="parameter_missing",
        )
    charge = store.get("charge", charge_name, "charge")
    return shown(store, money.refund(store, charge, amount, reason, metadata), expand)


def update_refund(store: Store, params: Params, name: str) -> Thing:
    refund = store.get("refund", name)
    metadata = merged(refund["metadata"], params.metadata())
    params.done()
    change(store, "refund", refund, "refund.updated", metadata=metadata)
    return shown(store, refund)


def list_refunds(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("charge", "payment_intent")}
    return listed(store, params, "refund", "/v1/refunds", where=where)


def list_charges_refunds(store: Store, params: Params, name: str) -> Thing:
    store.get("charge", name)
    return listed(store, params, "refund", f"/v1/charges/{name}/refunds", where={"charge": name})


# Disputes


def update_dispute(store: Store, params: Params, name: str) -> Thing:
    dispute = store.get("dispute", name)
    evidence = params.part("evidence")
    given = texts(evidence, *shapes.DISPUTE_EVIDENCE.split())
    is_sent = params.flag("submit", default=True)
    metadata = merged(dispute["metadata"], params.metadata())
    params.done()
    dispute["metadata"] = metadata
    store.put("dispute", dispute)
    if given:
        words = {key: text or "" for key, text in given.items()}
        disputes.answer(store, dispute, words, is_sent=is_sent)
    return shown(store, dispute)


def close_dispute(store: Store, params: Params, name: str) -> Thing:
    """The shop gives in: the dispute is lost."""
    expand = params.words("expand")
    params.done()
    dispute = store.get("dispute", name)
    outcome = "warning_closed" if dispute["status"].startswith("warning") else "lost"
    return shown(store, disputes.close(store, dispute, outcome), expand)


def list_disputes(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("charge", "payment_intent")}
    return listed(store, params, "dispute", "/v1/disputes", where=where)


# Balance and payouts


def list_moves(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("currency", "source", "type")}
    payout = params.text("payout")

    def is_inside(moved: Thing) -> bool:
        link = store.find("_in_payout", moved["id"])
        return payout is None or (link is not None and link["payout"] == payout)

    url = "/v1/balance_transactions"
    return listed(store, params, "balance_transaction", url, where=where, fits=is_inside)


def balance(store: Store, params: Params) -> Thing:
    params.done()
    available, pending = dict.fromkeys(FIXED_MINOR, 0), dict.fromkeys(FIXED_MINOR, 0)
    for moved in store.all("balance_transaction"):
        part = available if moved["available_on"] <= store.now() else pending
        part[moved["currency"]] += moved["net"]
    return {
        "object": "balance",
        "available": _sums(available),
        "connect_reserved": [],
        "livemode": False,
        "pending": _sums(pending),
    }


def _sums(by_currency: dict[str, int]) -> list[Thing]:
    return [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in by_currency.items()
    ]


def create_payout(store: Store, params: Params) -> Thing:
    amount, currency = params.need_whole("amount"), params.need("currency").lower()
    params.done()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    inside = money.not_paid_out(store, currency, includes_pending=False)
    if amount != sum(moved["net"] for moved in inside):
        raise not_emulated("a payout by hand of another amount than all that is available")
    payout = money.pay_out(store, currency, is_automatic=False)
    if payout is None:
        raise invalid("You have insufficient funds for a payout.", code="balance_insufficient")
    return shown(store, payout)


def list_payouts(store: Store, params: Params) -> Thing:
    where = {"status": params.text("status")}
    return listed(store, params, "payout", "/v1/payouts", where=where)


CALLS = (
    ("POST", "/v1/customers", create_customer),
    ("GET", "/v1/customers", list_customers),
    ("GET", "/v1/customers/<id>", reader("customer")),
    ("POST", "/v1/customers/<id>", update_customer),
    ("DELETE", "/v1/customers/<id>", delete_customer),
    ("GET", "/v1/customers/<id>/payment_methods", list_customers_methods),
    ("GET", "/v1/payment_methods", list_methods),
    ("GET", "/v1/payment_methods/<id>", reader("payment_method")),
    ("POST", "/v1/payment_methods/<id>/attach", attach_method),
    ("POST", "/v1/payment_methods/<id>/detach", detach_method),
    ("POST", "/v1/payment_intents", create_intent),
    ("GET", "/v1/payment_intents", list_intents),
    ("GET", "/v1/payment_intents/<id>", reader("payment_intent")),
    ("POST", "/v1/payment_intents/<id>", update_intent),
    ("POST", "/v1/payment_intents/<id>/confirm", confirm_intent),
    ("POST", "/v1/payment_intents/<id>/cancel", cancel_intent),
    ("GET", "/v1/charges", list_charges),
    ("GET", "/v1/charges/<id>", reader("charge")),
    ("POST", "/v1/charges/<id>", update_charge),
    ("GET", "/v1/charges/<id>/refunds", list_charges_refunds),
    ("POST", "/v1/refunds", create_refund),
    ("GET", "/v1/refunds", list_refunds),
    ("GET", "/v1/refunds/<id>", reader("refund")),
    ("POST", "/v1/refunds/<id>", update_refund),
    ("GET", "/v1/disputes", list_disputes),
    ("GET", "/v1/disputes/<id>", reader("dispute")),
    ("POST", "/v1/disputes/<id>", update_dispute),
    ("POST", "/v1/disputes/<id>/close", close_dispute),
    ("GET", "/v1/balance", balance),
    ("GET", "/v1/balance_transactions", list_moves),
    ("GET", "/v1/balance_transactions/<id>", reader("balance_transaction")),
    ("GET", "/v1/payouts", list_payouts),
    ("POST", "/v1/payouts", create_payout),
    ("GET", "/v1/payouts/<id>", reader("payout")),
)
