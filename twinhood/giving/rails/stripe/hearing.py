"""From a notice to the object that it is about, which is read again from Stripe.

Kinds are those of Stripe's page "Types of events" (API 2026-10-28).
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from twinhood.giving import limits
from twinhood.giving.models import Notice
from twinhood.giving.rails.rail import Heard
from twinhood.giving.rails.stripe import checkout, intents, payouts
from twinhood.giving.rails.stripe.client import Gone, read, read_all
from twinhood.giving.rails.stripe.hooks import facts_of
from twinhood.kit import clock

# By the beginning of the object's name.
READERS: dict[str, Callable[[str], Heard]] = {
    "cs": checkout.take_in_named,
    "pi": intents.take_in,
    "ch": lambda name: intents.take_in_of("charges", name),
    "py": lambda name: intents.take_in_of("charges", name),
    "re": lambda name: intents.take_in_of("refunds", name),
    "pyr": lambda name: intents.take_in_of("refunds", name),
    "dp": lambda name: intents.take_in_of("disputes", name),
    "du": lambda name: intents.take_in_of("disputes", name),
    "in": intents.take_in_invoice,
    "sub": intents.take_in_subscription,
    "po": payouts.take_in,
}
FAMILIES = (
    "charge.",
    "checkout.session.",
    "customer.subscription.",
    "invoice.",
    "payment_intent.",
    "payout.",
    "refund.",
)
# Of these families, what comes before anything of ours could follow from it.
TOO_EARLY = frozenset(
    {
        "charge.failed",
        "charge.pending",
        "invoice.created",
        "invoice.finalized",
        "invoice.upcoming",
        "payment_intent.created",
        "payment_intent.processing",
        "payment_intent.requires_action",
    }
)
# A card was refused on Stripe's page, where the donor may try another.
REFUSED = "payment_intent.payment_failed"


def is_needed(kind: str) -> bool:
    return kind.startswith(FAMILIES) and kind not in TOO_EARLY


def hear(kind: str, about: str) -> Heard:
    """Make of a notice what follows from its object as it is now. Safe to repeat.

    Raises RailDown, RailRefuses, and what the verbs of giving and the books raise.
    """
    if kind == REFUSED:
        return _refused(about)
    reader = READERS.get(about.partition("_")[0])
    if reader is None or not is_needed(kind):
        return Heard("not_needed")
    try:
        return reader(about)
    except Gone:
        return Heard("gone")


def _refused(intent_id: str) -> Heard:
    """Count a refused card for the limits; of the payment it says nothing."""
    try:
        pledge = intents.pledge_named(read("payment_intents", intent_id)["metadata"])
    except Gone:
        return Heard("gone")
    if pledge is not None:
        limits.count_failure(pledge, clock.now())
    return Heard("not_needed", pledge)


def told_since(since: datetime) -> Iterator[dict[str, Any]]:
    """What Stripe recorded since then and we do not have, as `notices.store` takes it."""
    events = read_all("events", created={"gte": int(since.timestamp())})
    names = [event["id"] for event in events]
    known = set(
        Notice.objects.filter(rail="card", rail_ref__in=names).values_list("rail_ref", flat=True)
    )
    for event in events:
        if event["id"] not in known and is_needed(event["type"]):
            yield facts_of(event) | {"body": json.dumps(event, default=str).encode()}
