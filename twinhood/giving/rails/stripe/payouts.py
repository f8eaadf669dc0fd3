"""Payouts: what Stripe sent to the bank, part by part, each held against our books."""

from datetime import UTC, datetime

from django.db import transaction

from twinhood.giving.models import Gift, Payout, PayoutPart
from twinhood.giving.rails.rail import Heard
from twinhood.giving.rails.stripe.amounts import from_stripe
from twinhood.giving.rails.stripe.client import Mode, Thing, mode, read, read_all
from twinhood.kit import clock

CODE = "card"
STATES = {
    "paid": Payout.State.PAID,
    "failed": Payout.State.FAILED,
    "canceled": Payout.State.FAILED,
}
# The balance's kinds, by what they are to us.
KINDS = {
    "charge": PayoutPart.Kind.GIFT,
    "payment": PayoutPart.Kind.GIFT,
    "refund": PayoutPart.Kind.REFUND,
    "payment_refund": PayoutPart.Kind.REFUND,
    "refund_failure": PayoutPart.Kind.REFUND,
    "payment_failure_refund": PayoutPart.Kind.REFUND,
    "adjustment": PayoutPart.Kind.DISPUTE,
}


def take_in(payout_id: str) -> Heard:
    """Store a payout with its parts, as Stripe says that they are now.

    The problem `payout_unexplained` says that the parts do not add up to it.
    """
    told = read("payouts", payout_id)
    if told["livemode"] != (mode() == Mode.LIVE):
        return Heard("other_mode")
    inside = read_all("balance_transactions", payout=payout_id, expand=["data.source"])
    moves = [move for move in inside if move["type"] != "payout"]
    payout = _stored(told, moves)
    # One by hand names no parts: there is nothing to hold it against.
    if told["automatic"] and payout.unexplained_minor:
        return Heard("taken_in", problem="payout_unexplained")
    return Heard("taken_in")


@transaction.atomic
def _stored(told: Thing, moves: list[Thing]) -> Payout:
    currency = told["currency"].upper()
    payout, _ = Payout.objects.update_or_create(
        rail=CODE,
        rail_ref=told["id"],
        defaults={
            "currency": currency,
            "amount_minor": from_stripe(told["amount"], currency),
            "arrival_date": datetime.fromtimestamp(told["arrival_date"], UTC).date(),
            "state": STATES.get(told["status"], Payout.State.ON_ITS_WAY),
            "read_at": clock.now(),
        },
    )
    gifts = _gifts(moves)
    parts = [_part(payout, move, gifts.get(_intent_of(move))) for move in moves]
    payout.parts.all().delete()
    PayoutPart.objects.bulk_create(parts)
    payout.parts_minor = sum(part.net_minor for part in parts)
    payout.save(update_fields=["parts_minor"])
    return payout


def _gifts(moves: list[Thing]) -> dict[str, Gift]:
    names = {_intent_of(move) for move in moves} - {""}
    found = Gift.objects.filter(rail=CODE, intake_key__in=names)
    return {gift.intake_key: gift for gift in found}


def _intent_of(move: Thing) -> str:
    """The payment that a movement belongs to; every source of ours names it."""
    source = move["source"]
    return str(source.get("payment_intent") or "") if isinstance(source, dict) else ""


def _part(payout: Payout, move: Thing, gift: Gift | None) -> PayoutPart:
    source = move["source"]
    part = PayoutPart(
        payout=payout,
        rail_ref=move["id"],
        kind=KINDS.get(move["type"], PayoutPart.Kind.OTHER),
        about=source["id"] if isinstance(source, dict) else source or "",
        amount_minor=from_stripe(move["amount"], payout.currency),
        fee_minor=from_stripe(move["fee"], payout.currency),
        happened_at=datetime.fromtimestamp(move["created"], UTC),
        gift=gift,
    )
    part.problem = _problem(part)
    return part


def _problem(part: PayoutPart) -> str:
    """Why a part does not agree with the books, as a code."""
    if part.kind == PayoutPart.Kind.OTHER:
        return ""
    if part.gift is None:
        return "not_in_the_books"
    if part.kind != PayoutPart.Kind.GIFT:
        return ""
    told = (part.amount_minor, part.fee_minor, part.payout.currency)
    booked = (part.gift.amount_minor, part.gift.fee_minor, part.gift.currency)
    return "" if told == booked else "other_money"
