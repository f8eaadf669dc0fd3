"""What comes back of a gift by card: refunds, refunds that fail, disputes. Each is booked once.

All of a gift is told at once, as Stripe says that it is now, and taken in in the order in which it
happened: so the same facts end the same, in whatever order their notices came.
"""

from datetime import UTC, datetime

from twinhood.giving import disputes as disputing
from twinhood.giving import refunding
from twinhood.giving.errors import RailRefuses
from twinhood.giving.models import Dispute, Gift
from twinhood.giving.rails.stripe.amounts import from_stripe
from twinhood.giving.rails.stripe.client import Thing
from twinhood.kit import clock
from twinhood.ledger.errors import NoGuarantor

WON = frozenset({"won", "warning_closed", "prevented"})


def take_in(gift: Gift, refunds: list[Thing], disputes: list[Thing]) -> None:
    """Bring our refunds and disputes of a posted gift in line with Stripe's.

    Raises what the books refuse; what went before it stays booked.
    """
    events = [*((one["created"], 0, one) for one in refunds)]
    events += [(_happened(one), 1, one) for one in disputes]
    for _, is_dispute, one in sorted(events, key=lambda event: event[:2]):
        if is_dispute:
            _dispute(gift, one)
        else:
            _refund(gift, one)


def _happened(dispute: Thing) -> int:
    return int(dispute["created"])


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _refund(gift: Gift, told: Thing) -> None:
    """A refund counts when it succeeded; one that fails afterwards comes back."""
    if told["status"] == "succeeded":
        _book(gift, told)
    if told["status"] in {"failed", "canceled"}:
        refunding.take_back(
            gift=gift,
            rail_ref=told["id"],
            request_key=(told["metadata"] or {}).get("request", ""),
            at=clock.now(),
        )


def _book(gift: Gift, told: Thing) -> None:
    moved = [told["balance_transaction"]] if told["balance_transaction"] else []
    amount_minor, at = from_stripe(told["amount"], gift.currency), _at(told["created"])
    try:
        refunding.book(
            gift=gift,
            rail_ref=told["id"],
            amount_minor=amount_minor,
            fee_minor=_fee_minor(moved, gift),
            at=at,
            request_key=(told["metadata"] or {}).get("request", ""),
        )
    except (NoGuarantor, RailRefuses):
        # The money is gone all the same: nothing new is ordered with what it takes.
        refunding.hold_due(gift=gift, rail_ref=told["id"], amount_minor=amount_minor, at=at)
        raise


def _fee_minor(moves: list[Thing], gift: Gift) -> int:
    """What Stripe kept for these. Raises RailRefuses where it did in another currency."""
    kept = [move for move in moves if move["fee"]]
    if any(move["currency"].upper() != gift.currency for move in kept):
        raise RailRefuses("currency_changed")
    return sum(from_stripe(move["fee"], gift.currency) for move in kept)


def _dispute(gift: Gift, told: Thing) -> None:
    known = Dispute.objects.filter(gift=gift, key=told["id"]).first()
    amount_minor = from_stripe(told["amount"], gift.currency)
    if known is None or known.opened_at is None:
        due_by = told["evidence_details"]["due_by"]
        known = disputing.opened(
            gift=gift,
            key=told["id"],
            amount_minor=amount_minor,
            reason=told["reason"].replace("_", " "),
            due_date=_at(due_by).date() if due_by else None,
            at=_at(told["created"]),
        )
    fee_minor = _fee_minor(told["balance_transactions"], gift)
    if told["status"] == "lost" and known.lost_at is None:
        at = _moved_at(told, sign=-1)
        disputing.lost(
            gift=gift, key=told["id"], amount_minor=amount_minor, fee_minor=fee_minor, at=at
        )
    elif told["status"] in WON and known.won_at is None:
        disputing.won(gift=gift, key=told["id"], at=_moved_at(told, sign=1), fee_minor=fee_minor)


def _moved_at(told: Thing, *, sign: int) -> datetime:
    """When the money left or came back; for what moved none, now."""
    moments = [m["created"] for m in told["balance_transactions"] if m["amount"] * sign > 0]
    return _at(max(moments)) if moments else clock.now()
