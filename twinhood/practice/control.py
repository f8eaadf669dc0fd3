"""The control door, /practice/…: what the world outside does, and what goes wrong on the way.

JSON in, JSON out, POST alone. It is no part of Stripe's API; tests and the practice page use it.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Any

from twinhood.practice import billing, checkout, disputes, jobs, money, sending
from twinhood.practice.api.hooks import add_endpoint
from twinhood.practice.core.cards import TOKENS
from twinhood.practice.errors import invalid
from twinhood.practice.store import Store, Thing

WAIT_MAX_S = 30.0
DISPUTE_STATUS = {True: "warning_needs_response", False: "needs_response"}


# Time


def _time(store: Store, asked: Thing) -> Thing:
    """{"advance_s": n} or {"to": seconds}: time passes, and what is due in it happens."""
    with store.changing():
        target = asked.get("to") or store.now() + int(asked.get("advance_s", 0))
        if target < store.now():
            raise invalid("Time does not go back.")
        jobs.advance(store, int(target))
        return {"now": store.now()}


def _month(store: Store, asked: Thing) -> Thing:
    """{"subscription": id}: time passes until its period is over, and a second more."""
    with store.changing():
        sub = store.get("subscription", asked.get("subscription"))
        jobs.advance(store, max(store.now(), billing.period_of(sub)[1]) + 1)
        return sub


# Donors and banks


def _pay(store: Store, asked: Thing) -> Thing:
    """{"session": id, "number": card, "email", "name", "is_approved"}: as typed on the page."""
    with store.changing():
        session = store.get("checkout.session", asked.get("session"))
        card = checkout.card_typed(asked.get("number", "4242424242424242"))
        email = asked.get("email") or session["customer_email"] or "anna@example.org"
        if not checkout.submit(store, session, card, email, asked.get("name", "Anna")):
            is_approved = asked.get("is_approved", True)
            checkout.answer_bank(store, session, is_approved=is_approved)
        return session


def _authenticate(store: Store, asked: Thing) -> Thing:
    """{"payment_intent": id, "is_approved": bool}: the donor answers to their bank."""
    with store.changing():
        intent = store.get("payment_intent", asked.get("payment_intent"))
        is_approved = asked.get("is_approved", True)
        return money.authenticated(store, intent, is_approved=is_approved)


def _card(store: Store, asked: Thing) -> Thing:
    """{"payment_method": id, "number": card}: a stored card behaves like another from now on."""
    with store.changing():
        method = store.get("payment_method", asked.get("payment_method"))
        number = str(asked.get("number", ""))
        checkout.set_card(store, method, checkout.card_typed(TOKENS.get(number, number)))
        return method


def _open_dispute(store: Store, asked: Thing) -> Thing:
    """{"charge" or "payment_intent": id, "amount", "reason", "is_inquiry"}: a bank asks back."""
    with store.changing():
        name = asked.get("charge")
        if name is None:
            name = store.get("payment_intent", asked.get("payment_intent"))["latest_charge"]
        status = DISPUTE_STATUS[bool(asked.get("is_inquiry"))]
        reason = asked.get("reason", "fraudulent")
        charge = store.get("charge", name)
        return disputes.open_dispute(store, charge, asked.get("amount"), status, reason)


def _end_dispute(store: Store, asked: Thing) -> Thing:
    """{"dispute": id, "outcome": won, lost, warning_closed or needs_response}: the bank decides."""
    with store.changing():
        dispute = store.get("dispute", asked.get("dispute"))
        outcome = asked.get("outcome", "lost")
        if outcome == "needs_response":
            return disputes.escalate(store, dispute)
        if outcome not in {"won", "lost", "warning_closed"}:
            raise invalid("A dispute ends won, lost or warning_closed.")
        return disputes.close(store, dispute, outcome)


def _end_refund(store: Store, asked: Thing) -> Thing:
    """{"refund": id, "outcome": succeeded or failed}: the donor's bank takes it, or not."""
    with store.changing():
        refund = store.get("refund", asked.get("refund"))
        return money.end_refund(store, refund, asked.get("outcome", "failed"))


def _pay_out(store: Store, asked: Thing) -> Thing:
    """{"currency", "includes_pending"}: what is on the balance goes to the bank."""
    with store.changing():
        includes = bool(asked.get("includes_pending", True))
        currency = asked.get("currency", "usd")
        payout = money.pay_out(store, currency, includes_pending=includes)
        if payout is None:
            raise invalid(f"Nothing in {currency} can be paid out.")
        return payout


def _end_payout(store: Store, asked: Thing) -> Thing:
    """{"payout": id, "outcome": paid or failed}: it arrives, or it comes back."""
    with store.changing():
        payout = store.get("payout", asked.get("payout"))
        return money.end_payout(store, payout, asked.get("outcome", "paid"))


# Webhooks


def _endpoint(store: Store, asked: Thing) -> Thing:
    """{"url", "enabled_events", "secret"}: an address with a secret that is known before."""
    with store.changing():
        kinds = asked.get("enabled_events") or ["*"]
        endpoint, secret = add_endpoint(store, asked.get("url", ""), kinds, asked.get("secret"))
        return endpoint | {"secret": secret}


def _roll(store: Store, asked: Thing) -> Thing:
    """{"endpoint": id, "secret", "expires_in_s"}: a new secret; the old one signs a while too."""
    with store.changing():
        known = store.get("_secret", asked.get("endpoint"))
        secret = asked.get("secret") or store.new_id("whsec")
        until = store.now() + int(asked.get("expires_in_s", 86_400))
        store.put(
            "_secret",
            known | {"previous": known["current"], "current": secret, "until": until},
        )
        return {"secret": secret}


def _hold(store: Store, asked: Thing) -> Thing:
    """{"is_held": bool}: nothing is sent until it is let go, or released in an order."""
    with store.changing():
        store.meta["is_held"] = bool(asked.get("is_held", True))
        store.put("_meta", store.meta)
        return {"is_held": store.meta["is_held"]}


def _release(store: Store, asked: Thing) -> Thing:
    """{"order": as_happened, reversed or shuffled, "seed", "times"}: send all that waits."""
    order, times = asked.get("order", "as_happened"), int(asked.get("times", 1))
    with store.changing():
        waiting = [one for one in store.all("_delivery") if one["status"] == "pending"]
    if order == "reversed":
        waiting.reverse()
    elif order == "shuffled":
        random.Random(asked.get("seed", 0)).shuffle(waiting)  # noqa: S311 (an order, no secret)
    answers = [_deliver(store, one) for one in waiting for _ in range(times)]
    return {"answers": [status for status in answers if status is not None]}


def _deliver(store: Store, delivery: Thing) -> int | None:
    with store.changing():
        due = sending.prepared(store, delivery)
    if due is None:
        return None
    status = sending.post(due)
    with store.changing():
        if delivery["status"] == "pending":
            sending.record(store, delivery, status)
    return status


def _send(store: Store, asked: Thing) -> Thing:
    """Send one event, or any payload, signed in some way: the answers' statuses come back.

    {"event": id or "payload": {…} or "raw": text, "endpoint": id (else the first), "signature":
    good, none, forged, both, v0, old or altered, "age_s", "times", "is_at_once"}.
    """
    with store.changing():
        endpoints = store.all("webhook_endpoint")
        name = asked.get("endpoint") or (endpoints[0]["id"] if endpoints else None)
        endpoint = store.get("webhook_endpoint", name)
        if "raw" in asked:
            body = str(asked["raw"]).encode("utf-8", "surrogatepass")
        else:
            event = asked.get("payload") or store.get("event", asked.get("event"))
            body = sending.body_of(event)
        how = asked.get("signature", "good")
        if how not in sending.SIGNATURES:
            raise invalid(f"A signature is one of {', '.join(sending.SIGNATURES)}.")
        letter = sending.letter(store, endpoint, body, how, age_s=int(asked.get("age_s", 0)))
    times = int(asked.get("times", 1))
    if not asked.get("is_at_once"):
        return {"answers": [sending.post(letter) for _ in range(times)]}
    return {"answers": _at_once(letter, times)}


def _at_once(letter: sending.Letter, times: int) -> list[int]:
    answers: list[int] = []
    posts = [
        threading.Thread(target=lambda: answers.append(sending.post(letter))) for _ in range(times)
    ]
    for thread in posts:
        thread.start()
    for thread in posts:
        thread.join()
    return answers


def _wait(store: Store, asked: Thing) -> Thing:
    """{"timeout_s"}: return when everything that is due has been sent and answered."""
    deadline = time.monotonic() + min(WAIT_MAX_S, float(asked.get("timeout_s", 10)))
    with store.lock:
        while sending.is_due(store) or store.in_flight:
            left = deadline - time.monotonic()
            if left <= 0 or not store.changed.wait(left):
                break
        waiting = sum(one["status"] == "pending" for one in store.all("_delivery"))
        is_idle = not sending.is_due(store) and not store.in_flight
        return {"is_idle": is_idle, "pending": waiting}


def _fault(store: Store, asked: Thing) -> Thing:
    """{"path", "method", "when": before, during or after, "status", "is_dropped", "delay_s",
    "times"}: the next calls of a path fail, or take long. After: it was done, the answer is lost.
    """
    status, is_dropped = int(asked.get("status", 0)), bool(asked.get("is_dropped"))
    fault = {
        "path": asked.get("path", "/v1/"),
        "method": asked.get("method", "POST"),
        "when": asked.get("when", "before" if status or is_dropped else "during"),
        "status": status,
        "is_dropped": is_dropped,
        "fails": bool(status or is_dropped),
        "delay_s": min(WAIT_MAX_S, float(asked.get("delay_s", 0))),
        "times": int(asked.get("times", 1)),
    }
    if fault["when"] not in {"before", "during", "after"}:
        raise invalid("A fault happens before, during or after the call.")
    with store.changing():
        store.faults.append(fault)
    return fault


DOORS: dict[str, Callable[[Store, Thing], Thing]] = {
    "/practice/time": _time,
    "/practice/month": _month,
    "/practice/pay": _pay,
    "/practice/authenticate": _authenticate,
    "/practice/card": _card,
    "/practice/dispute": _open_dispute,
    "/practice/dispute/end": _end_dispute,
    "/practice/refund/end": _end_refund,
    "/practice/payout": _pay_out,
    "/practice/payout/end": _end_payout,
    "/practice/webhook": _endpoint,
    "/practice/webhook/roll": _roll,
    "/practice/webhook/hold": _hold,
    "/practice/webhook/release": _release,
    "/practice/webhook/send": _send,
    "/practice/webhook/wait": _wait,
    "/practice/fault": _fault,
}


def act(store: Store, path: str, asked: dict[str, Any]) -> Thing:
    """Do what a door of the control does; raise Stripe's errors, 404 for no such door."""
    door = DOORS.get(path)
    if door is None:
        raise invalid(f"There is no control {path}: {', '.join(DOORS)}", code="not_emulated")
    return door(store, asked)
