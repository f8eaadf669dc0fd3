"""Calls about checkout sessions."""

from typing import Any
from urllib.parse import urlsplit

from twinhood.practice import checkout, money
from twinhood.practice.answers import line_items, listed, shown
from twinhood.practice.api.billing import items_from
from twinhood.practice.api.payments import reader, texts
from twinhood.practice.errors import invalid, malformed, not_emulated
from twinhood.practice.params import Params
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import checkout as shapes
from twinhood.practice.store import Store

MODES = {"payment", "setup", "subscription"}
SUBMITS = {"auto", "book", "donate", "pay", "subscribe"}
EXPIRES_AFTER_S = 86_400
EXPIRES_AFTER_MIN_S = 30 * 60
# Kept and shown again, without effect in practice.
ECHOED = ("billing_address_collection", "cancel_url", "client_reference_id", "locale")
UNHEEDED = (
    "after_expiration",
    "adaptive_pricing",
    "allow_promotion_codes",
    "automatic_tax",
    "consent_collection",
    "custom_text",
    "payment_method_collection",
    "payment_method_configuration",
    "payment_method_options",
    "payment_method_types",
    "phone_number_collection",
    "saved_payment_method_data",
)


def create_session(store: Store, params: Params) -> Thing:
    mode = params.choice("mode", MODES, "payment")
    if params.text("ui_mode", "hosted_page") not in {"hosted", "hosted_page"}:
        raise not_emulated("a checkout that is no page of its own")
    given: dict[str, Any] = {**texts(params, *ECHOED), "mode": mode}
    given |= {"success_url": params.need("success_url"), "metadata": params.metadata()}
    for target in ("success_url", "cancel_url"):
        _check_url(given.get(target), target)
    if "submit_type" in params:
        given["submit_type"] = params.choice("submit_type", SUBMITS, "auto")
    given |= _customer(store, params)
    expires_at, expand = params.whole("expires_at"), params.words("expand")
    wishes = _wishes(store, params, mode)
    params.whatever(*UNHEEDED)
    currency = params.text("currency")
    items = [] if mode == "setup" else items_from(store, params, "line_items")
    params.done()
    _check_items(mode, items)
    given |= _sums(items) if items else {"currency": currency}
    name = store.new_id("cs_test")
    given["expires_at"] = _expires_at(store, expires_at)
    given["url"] = f"{store.address}/c/pay/{name}"
    session = shapes.session(name, store.now(), **given)
    store.put("checkout.session", session)
    wishes |= {"id": name, "items": [_line(store, *item) for item in items]}
    store.put("_wishes", wishes)
    store.plan("expire", session["expires_at"], name)
    return shown(store, session, expand)


def _check_url(url: str | None, param: str) -> None:
    parts = urlsplit(url or "")
    if url and not (parts.scheme in {"http", "https"} and parts.netloc):
        raise malformed("Not a valid URL", code="url_invalid", param=param)


def _customer(store: Store, params: Params) -> dict[str, Any]:
    found: dict[str, Any] = texts(params, "customer", "customer_email")
    params.part("customer_update").whatever("address", "name", "shipping")
    if found.get("customer") and found.get("customer_email"):
        raise malformed("You may only specify one of these: customer, customer_email.")
    if found.get("customer"):
        store.get("customer", found["customer"], "customer")
    if "customer_creation" in params:
        options = {"always", "if_required"}
        found["customer_creation"] = params.choice("customer_creation", options, "if_required")
    return found


def _wishes(store: Store, params: Params, mode: str) -> Thing:
    """What is to become of the payment, subscription or set-up that the session leads to."""
    parts = {name: params.part(f"{name}_data") for name in ("payment_intent", "subscription")}
    setup = params.part("setup_intent_data")
    names = ("description", "receipt_email", "setup_future_usage", "statement_descriptor_suffix")
    intent: dict[str, Any] = texts(parts["payment_intent"], *names)
    intent["metadata"] = parts["payment_intent"].metadata()
    sub: dict[str, Any] = texts(parts["subscription"], "description")
    sub["metadata"] = parts["subscription"].metadata()
    days = parts["subscription"].whole("trial_period_days")
    trial_end = parts["subscription"].whole("trial_end")
    sub["trial_end"] = trial_end or (store.now() + days * 86_400 if days else None)
    if mode != "payment" and "payment_intent_data" in params:
        raise malformed("You can not pass `payment_intent_data` in this mode.")
    if mode != "subscription" and "subscription_data" in params:
        raise malformed("You can not pass `subscription_data` in this mode.")
    creates = params.text("customer_creation") == "always"
    is_kept = creates or intent.get("setup_future_usage") is not None
    return {
        "creates_customer": is_kept,
        "intent": intent,
        "setup": setup.metadata(),
        "subscription": sub,
    }


def _check_items(mode: str, items: list[tuple[Thing, int]]) -> None:
    is_recurring = {price["recurring"] is not None for price, _ in items}
    if mode == "payment" and True in is_recurring:
        raise invalid("You specified `payment` mode but passed a recurring price.")
    if mode == "subscription" and False in is_recurring:
        raise not_emulated("a subscription with a price that is paid once")
    if len({price["currency"] for price, _ in items}) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    if items:
        total = sum(price["unit_amount"] * quantity for price, quantity in items)
        money.check_amount(total, items[0][0]["currency"], "line_items")


def _sums(items: list[tuple[Thing, int]]) -> dict[str, Any]:
    total = sum(price["unit_amount"] * quantity for price, quantity in items)
    return {
        "amount_subtotal": total,
        "amount_total": total,
        "currency": items[0][0]["currency"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
    }


def _expires_at(store: Store, wanted: int | None) -> int:
    latest = store.now() + EXPIRES_AFTER_S
    if wanted is None:
        return latest
    if not store.now() + EXPIRES_AFTER_MIN_S - 5 <= wanted <= latest + 5:
        what = "The `expires_at` timestamp must be between 30 minutes and 24 hours from now."
        raise malformed(what, param="expires_at")
    return wanted


def _line(store: Store, price: Thing, quantity: int) -> Thing:
    total = price["unit_amount"] * quantity
    return {
        "id": store.new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": price["currency"],
        "description": store.get("product", price["product"])["name"],
        "metadata": {},
        "price": price,
        "quantity": quantity,
    }


def list_line_items(store: Store, params: Params, name: str) -> Thing:
    params.whatever("limit")
    params.done()
    return line_items(store, store.get("checkout.session", name))


def expire_session(store: Store, params: Params, name: str) -> Thing:
    expand = params.words("expand")
    params.done()
    session = checkout.expire(store, store.get("checkout.session", name))
    return shown(store, session, expand)


def list_sessions(store: Store, params: Params) -> Thing:
    names = ("customer", "payment_intent", "status", "subscription")
    where = {name: params.text(name) for name in names}
    return listed(store, params, "checkout.session", "/v1/checkout/sessions", where=where)


CALLS = (
    ("POST", "/v1/checkout/sessions", create_session),
    ("GET", "/v1/checkout/sessions", list_sessions),
    ("GET", "/v1/checkout/sessions/<id>", reader("checkout.session")),
    ("GET", "/v1/checkout/sessions/<id>/line_items", list_line_items),
    ("POST", "/v1/checkout/sessions/<id>/expire", expire_session),
    ("GET", "/v1/setup_intents/<id>", reader("setup_intent")),
)
