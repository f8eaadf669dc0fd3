"""What happens by itself when time passes."""

import heapq
from collections.abc import Callable

from twinhood.practice import billing, checkout, disputes, money
from twinhood.practice.core.cards import Card
from twinhood.practice.store import Store, Thing


def run_due(store: Store) -> None:
    """Do all that is due at the clock's time, in order."""
    while store.jobs and store.jobs[0][0] <= store.now():
        _do_next(store)


def advance(store: Store, target: int) -> None:
    """Move the clock on to `target` (seconds, UTC), stopping at everything that is due between."""
    while store.jobs and store.jobs[0][0] <= target:
        _set_clock(store, store.jobs[0][0])
        _do_next(store)
    _set_clock(store, target)


def _set_clock(store: Store, moment: int) -> None:
    store.meta["offset_s"] += max(0, moment - store.now())
    store.put("_meta", store.meta)


def _do_next(store: Store) -> None:
    due_at, _, name = heapq.heappop(store.jobs)
    job = store.find("_job", name)
    if job is None:
        return
    store.drop("_job", name)
    store.request = {"id": None, "idempotency_key": None}
    _DO[job["what"]](store, job["subject"], due_at)


def _dispute(store: Store, charge: str, _: int) -> None:
    thing = store.get("charge", charge)
    wanted = _card(store, thing).dispute
    if wanted is not None and not thing["disputed"]:
        disputes.open_dispute(store, thing, None, *wanted)


def _refund_ends(store: Store, refund: str, _: int) -> None:
    thing = store.get("refund", refund)
    outcome = "failed" if _card(store, thing).refund == "failed" else "succeeded"
    if thing["status"] not in {"failed", outcome}:
        money.end_refund(store, thing, outcome)


def _card(store: Store, of: Thing) -> Card:
    return money.card_of(store, store.get("payment_method", of["payment_method"]))


def _payout(store: Store, currency: str, _: int) -> None:
    money.pay_out(store, currency)


def _payout_arrives(store: Store, payout: str, _: int) -> None:
    thing = store.get("payout", payout)
    if thing["status"] == "in_transit":
        money.end_payout(store, thing, "paid")


def _renew(store: Store, sub: str, due_at: int) -> None:
    billing.renew(store, store.get("subscription", sub), due_at)


def _retry(store: Store, invoice: str, _: int) -> None:
    billing.retry(store, store.get("invoice", invoice))


def _cancel(store: Store, sub: str, due_at: int) -> None:
    thing = store.get("subscription", sub)
    if thing["cancel_at"] == due_at and thing["status"] not in billing.ENDED:
        billing.cancel(store, thing, "cancellation_requested")


def _expire(store: Store, session: str, _: int) -> None:
    thing = store.get("checkout.session", session)
    if thing["status"] == "open":
        checkout.expire(store, thing)


_DO: dict[str, Callable[[Store, str, int], None]] = {
    "cancel": _cancel,
    "dispute": _dispute,
    "expire": _expire,
    "payout": _payout,
    "payout_arrives": _payout_arrives,
    "refund_ends": _refund_ends,
    "renew": _renew,
    "retry": _retry,
}
