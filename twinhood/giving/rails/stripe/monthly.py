"""Gifts that come each month: Stripe's subscriptions. Our row says what Stripe says.

Every verb that changes one asks Stripe first and then writes the row from the answer, so that a
crash between the two is mended by the next notice.
"""

import logging
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from twinhood.giving import errors
from twinhood.giving.core.monthly import first_due
from twinhood.giving.models import Pledge, RecurringGift
from twinhood.giving.rails.stripe.amounts import NotAtStripe, from_stripe, to_stripe
from twinhood.giving.rails.stripe.client import Gone, Mode, Thing, do, mode, read
from twinhood.kit import clock

logger = logging.getLogger(__name__)

State = RecurringGift.State
ENDED = frozenset({"canceled", "incomplete_expired"})
FAILING = frozenset({"past_due", "unpaid"})
# Written on the subscription, so that the row can be made again from what Stripe says.
HELD, SKIPS = "held", "skips"


def subscription_of(invoice: Thing) -> str | None:
    details = (invoice["parent"] or {}).get("subscription_details")
    return details["subscription"] if details else None


def period_of(invoice: Thing) -> date:
    """The first day (UTC) of the period that an invoice is for."""
    lines = invoice["lines"]["data"]
    return _day(lines[0]["period"]["start"] if lines else invoice["period_start"])


def _day(seconds: int) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


def take_in_terms(subscription_id: str) -> RecurringGift | None:
    """Write how a subscription stands; None for one that is not ours, or that never began."""
    return _written(read("subscriptions", subscription_id, "latest_invoice"))


def _written(sub: Thing) -> RecurringGift | None:
    reference = (sub["metadata"] or {}).get("pledge")
    if not reference or sub["livemode"] != (mode() == Mode.LIVE):
        return None
    with transaction.atomic():
        locked = Pledge.objects.select_for_update(no_key=True)
        pledge = locked.filter(
            rail="card", reference=reference, rhythm=Pledge.Rhythm.MONTHLY
        ).first()
        if pledge is None:
            return None
        row = RecurringGift.objects.filter(pledge=pledge).first()
        if row is None and sub["status"] in {"incomplete", "incomplete_expired"}:
            return None
        row = row or _new(pledge, sub)
        if row.rail_ref != sub["id"]:
            # A second subscription for one form, of a page that was opened twice.
            raise errors.RailRefuses("second_subscription")
        _fill(row, sub)
        row.changed_at = clock.now()
        row.save()
    return _with_pledge(row)


def _with_pledge(row: RecurringGift) -> RecurringGift:
    found = RecurringGift.objects.select_related(
        "pledge__partnership__giving_place", "pledge__fund"
    )
    return found.get(pk=row.pk)


def _new(pledge: Pledge, sub: Thing) -> RecurringGift:
    return RecurringGift(
        pledge=pledge,
        rail_ref=sub["id"],
        cover_minor=pledge.cover_minor,
        currency=pledge.currency,
        day=_day(sub["billing_cycle_anchor"]).day,
        began_at=datetime.fromtimestamp(sub["start_date"], UTC),
    )


def _fill(row: RecurringGift, sub: Thing) -> None:
    item = sub["items"]["data"][0]
    amount = item["price"]["unit_amount"] * item["quantity"]
    row.amount_minor = from_stripe(amount, row.currency)
    row.cover_minor = min(row.cover_minor, row.amount_minor - 1)
    row.state = _state(sub)
    row.problem = _problem(sub)
    pause = sub["pause_collection"] or {}
    resumes = _day(pause["resumes_at"]) if pause.get("resumes_at") else None
    row.paused_until_date = resumes if row.state == State.PAUSED else None
    row.next_date = _next(row, sub, is_paused=bool(pause), resumes=resumes)
    row.ended_at = None
    if row.state == State.ENDED:
        row.ended_at = datetime.fromtimestamp(sub["ended_at"] or sub["canceled_at"], UTC)


def _state(sub: Thing) -> RecurringGift.State:
    metadata = sub["metadata"] or {}
    if sub["status"] in ENDED:
        return State.ENDED
    if sub["pause_collection"] and metadata.get(HELD):
        return State.HELD
    if sub["pause_collection"] and not metadata.get(SKIPS):
        return State.PAUSED
    return State.FAILING if sub["status"] in FAILING else State.ACTIVE


def _problem(sub: Thing) -> str:
    """Why it fails or has ended, as a code."""
    if sub["status"] == "canceled":
        return str((sub["cancellation_details"] or {}).get("reason") or "")[:60]
    return "card_refused" if sub["status"] in FAILING else ""


def _next(row: RecurringGift, sub: Thing, *, is_paused: bool, resumes: date | None) -> date | None:
    """When the next payment is due; None for one that has ended or waits without an end."""
    if row.state == State.ENDED or (is_paused and resumes is None):
        return None
    due = _day(sub["items"]["data"][0]["current_period_end"])
    return due if resumes is None or due >= resumes else first_due(row.day, resumes)


def standing(recurring: RecurringGift) -> Thing:
    """The subscription as it is now. Raises RailRefuses for one that has ended."""
    try:
        sub = read("subscriptions", recurring.rail_ref)
    except Gone as problem:
        raise errors.RailRefuses("ended") from problem
    if sub["status"] in ENDED:
        _written(sub)
        raise errors.RailRefuses("ended")
    return sub


def tell_of_refusal(recurring: RecurringGift, invoice: Thing) -> None:
    """A letter to the donor, one for each try: their card was refused, and what they can do."""
    from twinhood.giving.recurring import tell_of_refusal as tell

    again_at = invoice["next_payment_attempt"]
    tell(
        recurring,
        key=f"{invoice['id']}-{invoice['attempt_count']}",
        again_date=_day(again_at) if again_at else None,
    )


# What donors ask for


def change(recurring: RecurringGift, *, amount_minor: int) -> None:
    """Another amount from the next payment on. Raises RailDown, RailRefuses."""
    sub = standing(recurring)
    item = sub["items"]["data"][0]
    try:
        amount = to_stripe(amount_minor, recurring.currency)
    except NotAtStripe as problem:
        raise errors.RailRefuses("amount") from problem
    if item["price"]["unit_amount"] * item["quantity"] == amount:
        _written(sub)
        return
    price = {
        "currency": sub["currency"],
        "product": item["price"]["product"],
        "recurring": {"interval": "month"},
        "unit_amount": amount,
    }
    new = {"id": item["id"], "price_data": price, "quantity": 1}
    # The price before is part of the key: going back to an older amount is a new wish.
    key = f"change-{sub['id']}-{item['price']['id']}-{amount}"
    _update(sub, key, items=[new], proration_behavior="none")


def pause(recurring: RecurringGift, *, until: date | None) -> None:
    """No payments until a day, or until it is resumed."""
    wanted: Thing = {"behavior": "void"}
    if until is not None:
        wanted["resumes_at"] = _seconds(until)
    _wait(recurring, wanted, {HELD: "", SKIPS: ""})


def hold(recurring: RecurringGift) -> None:
    """No payments until the donor has decided."""
    _wait(recurring, {"behavior": "void"}, {HELD: "1", SKIPS: ""})


def skip(recurring: RecurringGift) -> None:
    """Let the next payment pass; its day stays. Nothing changes where payments wait already."""
    sub = standing(recurring)
    if sub["pause_collection"]:
        _written(sub)
        return
    end = sub["items"]["data"][0]["current_period_end"]
    resumes = datetime.fromtimestamp(end, UTC) + timedelta(days=1)
    wanted = {"behavior": "void", "resumes_at": int(resumes.timestamp())}
    _wait(recurring, wanted, {HELD: "", SKIPS: _day(end).isoformat()})


def resume(recurring: RecurringGift) -> None:
    """Payments go on, from the next day on which one is due."""
    _wait(recurring, "", {HELD: "", SKIPS: ""})


def end(recurring: RecurringGift) -> None:
    """No payment any more. Safe to repeat."""
    sub = read("subscriptions", recurring.rail_ref)
    if sub["status"] not in ENDED:
        sub = do("subscriptions", "cancel", recurring.rail_ref, key=f"end-{recurring.rail_ref}")
    _written(sub)


def _wait(recurring: RecurringGift, wanted: Any, metadata: dict[str, str]) -> None:
    sub = standing(recurring)
    _update(sub, None, pause_collection=wanted, metadata=metadata)


def _update(sub: Thing, key: str | None, **wanted: Any) -> None:
    """Ask for a state, not for a step: asked twice, it is the same."""
    key = key or f"set-{sub['id']}-{clock.now().timestamp()}"
    _written(do("subscriptions", "update", sub["id"], key=key, **wanted))


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())
