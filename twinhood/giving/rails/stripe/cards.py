"""Another card for a gift that comes each month: Stripe's own page in its mode "setup"."""

import logging

from twinhood.giving import errors
from twinhood.giving.models import Pledge, RecurringGift
from twinhood.giving.rails.rail import Heard
from twinhood.giving.rails.stripe import monthly
from twinhood.giving.rails.stripe.client import Thing, do, locale_of, read
from twinhood.kit import clock

logger = logging.getLogger(__name__)

# When the card that counts was typed (seconds, UTC): written on the subscription, so that news of
# an older one, late or replayed, does not put it back.
TYPED_AT = "card_typed_at"


def page(recurring: RecurringGift, *, back_url: str) -> str:
    """The address of a page for another card. Raises RailDown, RailRefuses."""
    sub = monthly.standing(recurring)
    metadata = {"pledge": recurring.pledge.reference}
    session = do(
        "checkout.sessions",
        "create",
        key=f"card-{sub['id']}-{clock.now().timestamp()}",
        mode="setup",
        customer=sub["customer"],
        currency=sub["currency"],
        success_url=back_url,
        cancel_url=back_url,
        locale=locale_of(recurring.pledge.language),
        metadata=metadata,
        setup_intent_data={"metadata": metadata},
    )
    return str(session["url"])


def take_in(pledge: Pledge, session: Thing) -> Heard:
    """Let the gift go on with the card that was typed, and try at once what is owed.

    Safe to repeat, and in any order: the card that was typed last counts.
    """
    recurring = RecurringGift.objects.filter(pledge=pledge).first()
    if session["status"] != "complete" or recurring is None:
        return Heard("waits", pledge)
    try:
        sub = monthly.standing(recurring)
    except errors.RailRefuses:
        return Heard("taken_in", pledge)  # it has ended; no card brings it back
    if session["customer"] != sub["customer"]:
        return Heard("not_ours")
    typed = read("setup_intents", session["setup_intent"])
    if int((sub["metadata"] or {}).get(TYPED_AT) or 0) < typed["created"]:
        metadata = {TYPED_AT: str(typed["created"])}
        key = f"card-{sub['id']}-{typed['id']}"
        do(
            "subscriptions",
            "update",
            sub["id"],
            key=key,
            default_payment_method=typed["payment_method"],
            metadata=metadata,
        )
        _pay_what_is_owed(sub, typed)
    monthly.take_in_terms(sub["id"])
    return Heard("taken_in", pledge)


def _pay_what_is_owed(sub: Thing, typed: Thing) -> None:
    """A refusal is no fault: Stripe tells of it, and the donor gets a letter."""
    invoice = read("subscriptions", sub["id"], "latest_invoice")["latest_invoice"]
    if not invoice or invoice["status"] != "open":
        return
    key = f"owed-{invoice['id']}-{typed['id']}"
    try:
        do("invoices", "pay", invoice["id"], key=key, off_session=True)
    except errors.RailRefuses as problem:
        logger.info("giving.card_refused_again invoice=%s code=%s", invoice["id"], problem.code)
