"""Where a donor types their card: Stripe's own page, made for one pledge."""

from typing import Any

from twinhood.giving import errors, pledging
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Pledge
from twinhood.giving.rails.rail import Heard
from twinhood.giving.rails.stripe import cards, intents
from twinhood.giving.rails.stripe.amounts import NotAtStripe, to_stripe
from twinhood.giving.rails.stripe.client import Gone, Thing, do, locale_of, read

# What Stripe takes as the name of what is paid for.
NAME_MAX = 250


def begin(pledge: Pledge, *, back_url: str, thanks_url: str) -> str:
    """The address of a page that takes this pledge's money, or `thanks_url` if it is here.

    Called again, it is the same page; after that one expired, a new one. Raises RailDown,
    RailRefuses.
    """
    last = _last(pledge)
    if last is not None and last["status"] == "open":
        return str(last["url"])
    if last is not None and last["status"] == "complete":
        take_in(last)
        return thanks_url
    wanted = _wanted(pledge, back_url, thanks_url)
    session = do("checkout.sessions", "create", key=_key(pledge, last), **wanted)
    pledging.start(pledge, rail_ref=session["id"])
    return str(session["url"])


def _last(pledge: Pledge) -> Thing | None:
    if not pledge.rail_ref:
        return None
    try:
        return read("checkout.sessions", pledge.rail_ref)
    except Gone:
        return None


def _key(pledge: Pledge, last: Thing | None) -> str:
    return f"pledge-{pledge.form_key}-after-{last['id'] if last else 'none'}"


def _wanted(pledge: Pledge, back_url: str, thanks_url: str) -> Thing:
    is_monthly = pledge.rhythm == Pledge.Rhythm.MONTHLY
    metadata = {"pledge": pledge.reference}
    purpose = pledge.purpose[:NAME_MAX]
    wanted: dict[str, Any] = {
        "mode": "subscription" if is_monthly else "payment",
        "success_url": thanks_url,
        "cancel_url": back_url,
        "client_reference_id": pledge.reference,
        "metadata": metadata,
        "locale": locale_of(pledge.language),
        "line_items": [{"quantity": 1, "price_data": _price(pledge, purpose)}],
        # Donors pay in the currency that they chose, so that it is what they see and we book.
        "adaptive_pricing": {"enabled": False},
    }
    if is_monthly:
        wanted["subscription_data"] = {"metadata": metadata, "description": purpose}
    else:
        wanted["payment_intent_data"] = {"metadata": metadata, "description": purpose}
        wanted["submit_type"] = "donate"
    if email := _email(pledge):
        wanted["customer_email"] = email
    return wanted


def _price(pledge: Pledge, purpose: str) -> Thing:
    try:
        amount = to_stripe(pledge.amount_minor, pledge.currency)
    except NotAtStripe as problem:
        raise errors.RailRefuses("amount") from problem
    price: Thing = {
        "currency": pledge.currency.lower(),
        "unit_amount": amount,
        "product_data": {"name": purpose or pledge.reference},
    }
    if pledge.rhythm == Pledge.Rhythm.MONTHLY:
        price["recurring"] = {"interval": "month"}
    return price


def _email(pledge: Pledge) -> str:
    keys = master_keys()
    told = pledging.told_with(pledge, keys).email
    if told or pledge.donor is None:
        return told
    return open_donor(pledge.donor, keys).email


def take_in_named(session_id: str) -> Heard:
    return take_in(read("checkout.sessions", session_id))


def take_in(session: Thing) -> Heard:
    """What came of a page: money, a recurring gift, another card, or nothing in time."""
    pledge = intents.pledge_named(session["metadata"])
    if pledge is None:
        return Heard("not_ours")
    if session["mode"] == "setup":
        return cards.take_in(pledge, session)
    if session["mode"] == "subscription" and session["subscription"]:
        return intents.take_in_subscription(session["subscription"])
    if session["status"] == "complete" and session["payment_intent"]:
        return _paid(pledge, session)
    if session["status"] == "expired" and pledge.rail_ref == session["id"]:
        pledging.expire(pledge)
        return Heard("taken_in", pledge)
    return Heard("waits", pledge)


def _paid(pledge: Pledge, session: Thing) -> Heard:
    heard = intents.take_in(session["payment_intent"])
    if heard.outcome == "waits" and session["payment_status"] == "unpaid":
        # A bank that answers days later, as for a direct debit: it may have said no.
        intent = read("payment_intents", session["payment_intent"])
        if intent["status"] in {"requires_payment_method", "canceled"}:
            pledging.fail(pledge, "bank_refused")
            return Heard("taken_in", pledge)
    return heard
