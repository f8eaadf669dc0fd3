"""Checkout sessions: what the hosted page does when somebody types a card."""

from urllib.parse import quote

from twinhood.practice import billing, money
from twinhood.practice.core.cards import CARDS, NOT_A_TEST_CARD, Card, digits, passes_luhn
from twinhood.practice.errors import StripeError, invalid
from twinhood.practice.events import emit
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import checkout as shapes
from twinhood.practice.shapes import payments as payment_shapes
from twinhood.practice.store import Store

PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


def expire(store: Store, session: Thing) -> Thing:
    _must_be_open(session)
    session |= {"status": "expired", "url": None}
    store.put("checkout.session", session)
    emit(store, "checkout.session.expired", session)
    return session


def _must_be_open(session: Thing) -> None:
    if session["status"] != "open":
        what = f"This Session is not open: it is {session['status']}."
        raise invalid(what, code="checkout_session_not_open")


def card_typed(typed: str) -> Card:
    """Return the test card that was typed; raise a card error for every other number."""
    number = digits(typed)
    if not passes_luhn(number):
        raise StripeError(
            402, "card_error", "Your card number is invalid.", code="incorrect_number"
        )
    if number not in CARDS:
        raise StripeError(
            402,
            "card_error",
            NOT_A_TEST_CARD,
            code="card_declined",
            decline_code="test_mode_live_card",
        )
    return CARDS[number]


def submit(store: Store, session: Thing, card: Card, email: str, name: str) -> bool:
    """Pay a session by a card. False: the bank first asks who pays, see `answer_bank`."""
    _must_be_open(session)
    details = payment_shapes.billing_details(email, name or None, card.country)
    method = money.new_method(store, card, details)
    if card.asks_3ds:
        store.put("_step", {"id": session["id"], "method": method["id"]})
        return False
    complete(store, session, method)
    return True


def answer_bank(store: Store, session: Thing, *, is_approved: bool) -> None:
    """Say what the donor answered to their bank; raise a card error if they refused."""
    _must_be_open(session)
    step = store.get("_step", session["id"])
    store.drop("_step", session["id"])
    method = store.get("payment_method", step["method"])
    if not is_approved:
        raise money.refused_3ds(store, _intent_for(store, session, method))
    money.approve(store, method)
    complete(store, session, method)


def complete(store: Store, session: Thing, method: Thing) -> Thing:
    """Do what the session is for, and say that it is complete; a card error leaves it open."""
    if session["mode"] == "payment":
        _pay(store, session, method)
    elif session["mode"] == "subscription":
        _subscribe(store, session, method)
    else:
        _set_up(store, session, method)
    is_paid = session["mode"] != "setup"
    details = method["billing_details"]
    session |= {
        "customer_details": {
            "address": details["address"],
            "business_name": None,
            "email": details["email"],
            "individual_name": None,
            "name": details["name"],
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "payment_status": "paid" if is_paid else "no_payment_required",
        "status": "complete",
        "url": None,
    }
    store.put("checkout.session", session)
    emit(store, "checkout.session.completed", session)
    return session


def _pay(store: Store, session: Thing, method: Thing) -> None:
    wishes = store.get("_wishes", session["id"])
    if session["customer"] or wishes["creates_customer"]:
        money.attach(store, method, _customer(store, session, method)["id"])
    intent = _intent_for(store, session, method)
    money.pay(store, intent, method, is_present=True)


def _intent_for(store: Store, session: Thing, method: Thing) -> Thing:
    """The intent of a session, made when a card is first tried."""
    if session["payment_intent"] is not None:
        return store.get("payment_intent", session["payment_intent"])
    wishes = store.get("_wishes", session["id"])
    intent = money.new_intent(
        store,
        session["amount_total"] or 0,
        session["currency"],
        customer=session["customer"],
        **wishes["intent"],
    )
    session["payment_intent"] = intent["id"]
    store.put("checkout.session", session)
    return intent


def _customer(store: Store, session: Thing, method: Thing) -> Thing:
    if session["customer"] is not None:
        return store.get("customer", session["customer"])
    details = method["billing_details"]
    customer = payment_shapes.customer(
        store.new_id("cus"), store.now(), email=details["email"], name=details["name"]
    )
    store.put("customer", customer)
    emit(store, "customer.created", customer)
    session["customer"] = customer["id"]
    return customer


def _subscribe(store: Store, session: Thing, method: Thing) -> None:
    """A card that is declined at the first payment begins nothing."""
    decline = money.card_of(store, method).decline
    if decline is not None:
        raise money.declined(*decline)
    customer = _customer(store, session, method)
    money.attach(store, method, customer["id"])
    wishes = store.get("_wishes", session["id"])
    items = [(item["price"], item["quantity"]) for item in wishes["items"]]
    sub = billing.subscribe(store, customer, items, method, **wishes["subscription"])
    session |= {"subscription": sub["id"], "invoice": sub["latest_invoice"]}


def _set_up(store: Store, session: Thing, method: Thing) -> None:
    decline = money.card_of(store, method).decline
    if decline is not None:
        raise money.declined(*decline)
    customer = _customer(store, session, method)
    money.attach(store, method, customer["id"])
    intent = shapes.setup_intent(
        store.new_id("seti"),
        store.now(),
        customer=customer["id"],
        payment_method=method["id"],
        status="succeeded",
        metadata=store.get("_wishes", session["id"])["setup"],
    )
    store.put("setup_intent", intent)
    emit(store, "setup_intent.succeeded", intent)
    session["setup_intent"] = intent["id"]


def after(session: Thing) -> str:
    """Where the donor goes after paying."""
    return str(session["success_url"]).replace(PLACEHOLDER, quote(session["id"]))


def set_card(store: Store, method: Thing, card: Card) -> None:
    """Let a stored card behave like another from now on, as when it expires."""
    store.put("_card", store.get("_card", method["id"]) | {"number": card.number})
