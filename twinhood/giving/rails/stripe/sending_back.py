"""A refund that was decided here: Stripe sends the money back, and then it is booked."""

from twinhood.giving import errors
from twinhood.giving.models import Gift
from twinhood.giving.rails.stripe import intents
from twinhood.giving.rails.stripe.amounts import NotAtStripe, to_stripe
from twinhood.giving.rails.stripe.client import do, read_all


def refund(gift: Gift, *, amount_minor: int, key: str) -> None:
    """Send `amount_minor` of a gift back, once for each `key`, and book what Stripe confirms.

    Raises RailDown, RailRefuses, and what the books raise.
    """
    try:
        amount = to_stripe(amount_minor, gift.currency)
    except NotAtStripe as problem:
        raise errors.RailRefuses("amount") from problem
    # Stripe forgets idempotency keys after a day; the refund itself it keeps.
    sent = read_all("refunds", payment_intent=gift.intake_key)
    if not any((one["metadata"] or {}).get("request") == key for one in sent):
        do(
            "refunds",
            "create",
            key=key,
            payment_intent=gift.intake_key,
            amount=amount,
            reason="requested_by_customer",
            metadata={"request": key},
        )
    intents.take_in(gift.intake_key)
