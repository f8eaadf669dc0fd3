"""Anna, Boris and Clara give by card; what Stripe tells us of it arrives as we choose."""

import json
import time
from collections.abc import Iterable
from typing import Any

import stripe
from django.test import Client

from twinhood.giving import actions, notices, pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.models import Gift, Pledge
from twinhood.giving.rails import BY_CODE
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.tests import pledges
from twinhood.giving.tests import world as giving_world
from twinhood.ledger.models import Account, Fund
from twinhood.people.models import Partnership
from twinhood.practice import Practice

SECRET = "whsec_known_to_both"
BACK, THANKS = "http://localhost/back", "http://localhost/thanks"
CARD = "4242424242424242"
ANNA = Told(name="Anna", email="anna@example.org")

type Event = dict[str, Any]


def a_fund(currency: str = "USD", *, has_guarantor: bool = True) -> Fund:
    pair = giving_world.partnership(has_guarantor=has_guarantor)
    return giving_world.fund(pair, currency=currency)


def pledged(fund: Fund, amount_minor: int = 2500, **more: Any) -> Pledge:
    wanted = {"rail": "card", "amount_minor": amount_minor, "told": ANNA, **more}
    return pledges.made(fund, **wanted).pledge


def begun(pledge: Pledge) -> str:
    """Begin to pay; return the checkout session's name."""
    online = BY_CODE["card"].online
    assert online is not None
    online.begin(pledge, back_url=BACK, thanks_url=THANKS)
    pledge.refresh_from_db()
    return pledge.rail_ref


def paid(practice: Practice, pledge: Pledge, number: str = CARD) -> str:
    """Pay on the page; return the payment's name, for a monthly gift the subscription's."""
    session = practice.control("pay", session=begun(pledge), number=number)
    return str(session["payment_intent"] or session["subscription"])


def events_about(*names: str, **since: Any) -> list[Event]:
    """All that Stripe recorded about these objects, in order of happening."""
    wanted = set(names)
    found = [e for e in door.read_all("events", **since) if wanted & _names_in(e["data"]["object"])]
    return found


def _names_in(thing: Any) -> set[str]:
    keys = ("id", "payment_intent", "charge", "subscription")
    names = {thing[key] for key in keys if isinstance(thing.get(key), str)}
    details = (thing.get("parent") or {}).get("subscription_details") or {}
    return names | ({details["subscription"]} if details else set())


def sent(
    event: Event | bytes, *, secret: str = SECRET, age_s: int = 0, header: str | None = None
) -> int:
    """Post a notice as Stripe does; return the status of our answer."""
    body = (
        event
        if isinstance(event, bytes)
        else json.dumps(event, ensure_ascii=False, default=str).encode()
    )
    if header is None:
        header = signed(body, secret, age_s)
    answer = Client(raise_request_exception=False).post(
        "/hooks/stripe", body, content_type="application/json", headers={"stripe-signature": header}
    )
    return answer.status_code


def bytes_of(event: Event) -> bytes:
    """As Stripe writes it; the SDK reads decimals as numbers, Stripe sends them as text."""
    return json.dumps(event, ensure_ascii=False, default=str).encode()


def signed(body: bytes, secret: str = SECRET, age_s: int = 0) -> str:
    at = int(time.time()) - age_s
    header: str = stripe.WebhookSignature.generate_signature_header(
        body.decode("utf-8", "replace"), secret, at
    )
    return header


def heard(events: Iterable[Event]) -> None:
    """Let notices come one by one, each handled before the next, and post what is settled."""
    for event in events:
        assert sent(event) == 200
        notices.handle_due()
        actions.post_settled()
    notices.handle_due()


def given(practice: Practice, fund: Fund, amount_minor: int = 2500, **more: Any) -> Gift:
    """A gift by card that is posted."""
    intent = paid(practice, pledged(fund, amount_minor, **more))
    heard(events_about(intent)[-1:])
    return Gift.objects.select_related("partnership", "fund").get(intake_key=intent)


def balance(of: Partnership, code: str) -> int:
    found = Account.objects.filter(partnership=of, code__startswith=code)
    return sum(account.balance_minor for account in found)


__all__ = ["pledging"]
