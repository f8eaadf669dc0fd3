"""Calls about gifts that come again: products to invoices."""

from typing import Any

from twinhood.practice import billing
from twinhood.practice.answers import listed, shown
from twinhood.practice.api.payments import method_named, reader
from twinhood.practice.errors import StripeError, invalid, malformed, not_emulated
from twinhood.practice.events import change, emit
from twinhood.practice.params import Params, merged
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import billing as shapes
from twinhood.practice.store import Store

INTERVALS = {"day", "week", "month", "year"}
PAUSES = {"keep_as_draft", "mark_uncollectible", "void"}


def create_product(store: Store, params: Params) -> Thing:
    return shown(store, product_from(store, params))


def product_from(store: Store, params: Params) -> Thing:
    title, description = params.need("name"), params.text("description")
    metadata = params.metadata()
    params.whatever("images", "statement_descriptor", "tax_code", "unit_label", "url")
    params.done()
    name = store.new_id("prod")
    product = shapes.product(name, store.now(), title, metadata=metadata, description=description)
    store.put("product", product)
    emit(store, "product.created", product)
    return product


def create_price(store: Store, params: Params) -> Thing:
    metadata, nickname = params.metadata(), params.text("nickname")
    price = price_from(store, params)
    price |= {"metadata": metadata, "nickname": nickname}
    emit(store, "price.created", price)
    return shown(store, price)


def price_from(store: Store, params: Params) -> Thing:
    """Make the price that `price_data`, or a call to make one, describes."""
    amount, currency = params.need_whole("unit_amount"), params.need("currency").lower()
    product = params.text("product")
    data = params.part("product_data")
    rhythm = rhythm_from(params.part("recurring")) if "recurring" in params else None
    params.whatever("tax_behavior")
    if product is None and "product_data" not in params:
        raise malformed("Missing required param: product.", code="parameter_missing")
    if amount < 0:
        raise malformed("Invalid non-negative integer", param="unit_amount")
    if product is None:
        product = product_from(store, data)["id"]
    params.done()
    store.get("product", product, "product")
    return billing.new_price(store, amount, currency, product, recurring=rhythm)


def rhythm_from(params: Params) -> Thing:
    interval = params.choice("interval", INTERVALS, "")
    count = params.whole("interval_count") or 1
    params.done()
    return shapes.recurring(interval, count)


def list_prices(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("currency", "product", "type")}
    return listed(store, params, "price", "/v1/prices", where=where)


def items_from(store: Store, params: Params, name: str) -> list[tuple[Thing, int]]:
    """Read prices with their quantities, by id or as data."""
    found = []
    for part in params.parts(name):
        price_name, quantity = part.text("price"), part.whole("quantity")
        data = part.part("price_data")
        price = store.get("price", price_name, "price") if price_name else price_from(store, data)
        part.done()
        found.append((price, 1 if quantity is None else quantity))
    if not found or any(quantity < 1 for _, quantity in found):
        raise malformed(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return found


# Subscriptions


def create_subscription(store: Store, params: Params) -> Thing:
    customer = store.get("customer", params.need("customer"), "customer")
    method, behavior = params.text("default_payment_method"), params.text("payment_behavior")
    given: dict[str, Any] = {"metadata": params.metadata()}
    given |= {"description": params.text("description"), "trial_end": _trial(store, params)}
    expand = params.words("expand")
    params.whatever("collection_method", "off_session", "payment_settings", "proration_behavior")
    items = items_from(store, params, "items")
    params.done()
    chosen = store.get("payment_method", method) if method else None
    if chosen is None and customer["invoice_settings"]["default_payment_method"] is None:
        what = "This customer has no attached payment source or default payment method."
        raise invalid(what, code="resource_missing")
    sub = billing.subscribe(store, customer, items, chosen, **given)
    failed = store.find("_first_error", sub["id"])
    if failed is not None and behavior == "error_if_incomplete":
        body = dict(failed["body"])
        raise StripeError(402, body.pop("type"), body.pop("message"), code=body.pop("code"))
    return shown(store, sub, expand)


def _trial(store: Store, params: Params) -> int | None:
    days = params.whole("trial_period_days")
    return params.whole("trial_end") or (store.now() + days * billing.DAY_S if days else None)


def update_subscription(store: Store, params: Params, name: str) -> Thing:
    sub = store.get("subscription", name)
    if sub["status"] in billing.ENDED:
        raise invalid("A canceled subscription can only update its cancellation_details.")
    given: dict[str, Any] = {"metadata": merged(sub["metadata"], params.metadata())}
    given |= _ending(store, params) | _pausing(params)
    if "description" in params:
        given["description"] = params.text("description")
    if method := params.text("default_payment_method"):
        given["default_payment_method"] = method_named(store, method)["id"]
    trial_end, prorates = params.whole("trial_end"), params.text("proration_behavior")
    is_new_price = "items" in params
    if is_new_price and prorates != "none":
        raise not_emulated("another amount without proration_behavior=none")
    expand = params.words("expand")
    params.whatever("off_session", "payment_behavior", "payment_settings", "billing_cycle_anchor")
    if is_new_price:
        given["items"] = _new_items(store, sub, params)
    params.done()
    if trial_end is not None:
        billing.delay(store, sub, trial_end)
    if given.get("cancel_at"):
        store.plan("cancel", given["cancel_at"], name)
    change(store, "subscription", sub, "customer.subscription.updated", **given)
    return shown(store, sub, expand)


def _ending(store: Store, params: Params) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "cancel_at_period_end" in params:
        is_ending = params.flag("cancel_at_period_end")
        found["cancel_at_period_end"] = is_ending
        found["canceled_at"] = store.now() if is_ending else None
    if "cancel_at" in params:
        found["cancel_at"] = params.whole("cancel_at")
        found["canceled_at"] = store.now() if found["cancel_at"] else None
    return found


def _pausing(params: Params) -> dict[str, Any]:
    if "pause_collection" not in params:
        return {}
    part = params.part("pause_collection")
    behavior = part.text("behavior")
    if behavior is None:
        return {"pause_collection": None}
    if behavior not in PAUSES:
        raise malformed("Invalid pause_collection[behavior]", param="pause_collection[behavior]")
    return {"pause_collection": {"behavior": behavior, "resumes_at": part.whole("resumes_at")}}


def _new_items(store: Store, sub: Thing, params: Params) -> Thing:
    """Return the item with another price or quantity, for the next period."""
    parts = params.parts("items")
    item = dict(sub["items"]["data"][0])
    if len(parts) != 1 or parts[0].text("id") not in (None, item["id"]):
        raise not_emulated("more than one item in a subscription")
    price_name, quantity = parts[0].text("price"), parts[0].whole("quantity")
    data = parts[0].part("price_data")
    price = item["price"]
    if price_name:
        price = store.get("price", price_name, "price")
    elif "price_data" in parts[0]:
        price = price_from(store, data)
    if price["currency"] != sub["currency"]:
        raise invalid("The price must have the currency of the subscription.")
    fresh = shapes.subscription_item(
        item["id"], item["created"], sub["id"], price, quantity or item["quantity"]
    )
    fresh |= {key: item[key] for key in ("current_period_start", "current_period_end")}
    items: Thing = sub["items"]
    return items | {"data": [fresh]}


def cancel_subscription(store: Store, params: Params, name: str) -> Thing:
    params.whatever("invoice_now", "prorate", "cancellation_details")
    expand = params.words("expand")
    params.done()
    sub = store.get("subscription", name)
    return shown(store, billing.cancel(store, sub, "cancellation_requested"), expand)


def list_subscriptions(store: Store, params: Params) -> Thing:
    status = params.text("status")
    where = {"customer": params.text("customer")}

    def fits(sub: Thing) -> bool:
        if status is None:
            return bool(sub["status"] != "canceled")
        return status == "all" or sub["status"] == status

    return listed(store, params, "subscription", "/v1/subscriptions", where=where, fits=fits)


# Invoices


def list_invoices(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("customer", "status")}
    sub = params.text("subscription")

    def fits(invoice: Thing) -> bool:
        details = invoice["parent"]["subscription_details"]
        return sub is None or details["subscription"] == sub

    return listed(store, params, "invoice", "/v1/invoices", where=where, fits=fits)


def pay_invoice(store: Store, params: Params, name: str) -> Thing:
    invoice = store.get("invoice", name)
    method, is_off_session = params.text("payment_method"), params.flag("off_session")
    expand = params.words("expand")
    params.done()
    details = invoice["parent"]["subscription_details"]
    if method is not None:
        sub = store.get("subscription", details["subscription"])
        sub["default_payment_method"] = method_named(store, method)["id"]
        store.put("subscription", sub)
    billing.settle(store, invoice, is_present=not is_off_session)
    return shown(store, invoice, expand)


def void_invoice(store: Store, params: Params, name: str) -> Thing:
    params.done()
    return shown(store, billing.end_invoice(store, store.get("invoice", name), "void"))


def list_invoice_payments(store: Store, params: Params) -> Thing:
    where = {name: params.text(name) for name in ("invoice", "status")}
    payment = params.part("payment")
    payment.choice("type", {"payment_intent"}, "payment_intent")
    intent = payment.text("payment_intent")

    def fits(part: Thing) -> bool:
        return intent is None or part["payment"]["payment_intent"] == intent

    url = "/v1/invoice_payments"
    return listed(store, params, "invoice_payment", url, where=where, fits=fits)


CALLS = (
    ("POST", "/v1/products", create_product),
    ("GET", "/v1/products/<id>", reader("product")),
    ("POST", "/v1/prices", create_price),
    ("GET", "/v1/prices", list_prices),
    ("GET", "/v1/prices/<id>", reader("price")),
    ("POST", "/v1/subscriptions", create_subscription),
    ("GET", "/v1/subscriptions", list_subscriptions),
    ("GET", "/v1/subscriptions/<id>", reader("subscription")),
    ("POST", "/v1/subscriptions/<id>", update_subscription),
    ("DELETE", "/v1/subscriptions/<id>", cancel_subscription),
    ("GET", "/v1/invoices", list_invoices),
    ("GET", "/v1/invoices/<id>", reader("invoice")),
    ("POST", "/v1/invoices/<id>/pay", pay_invoice),
    ("POST", "/v1/invoices/<id>/void", void_invoice),
    ("GET", "/v1/invoice_payments", list_invoice_payments),
    ("GET", "/v1/invoice_payments/<id>", reader("invoice_payment")),
)
