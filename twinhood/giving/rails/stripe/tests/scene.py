"""Stripe, played by practice, as the contract of all rails wants to see it."""

import json
from collections.abc import Callable, Iterator

from twinhood.giving import actions, notices
from twinhood.giving.models import Pledge
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe.tests import world
from twinhood.giving.rails.stripe.tests.world import Event
from twinhood.giving.tests.rail_contract import AMOUNT_MINOR
from twinhood.practice import Practice


class CardScene:
    def __init__(self, practice: Practice) -> None:
        self.practice = practice
        self.intents: dict[int, str] = {}

    def pledge(self) -> Pledge:
        return world.pledged(world.a_fund(), AMOUNT_MINOR)

    def pay(self, pledge: Pledge) -> None:
        self.intents[pledge.pk] = world.paid(self.practice, pledge)

    def refund(self, pledge: Pledge, amount_minor: int) -> None:
        intent = self.intents[pledge.pk]
        key = f"by-hand-{intent}-{amount_minor}"
        door.do("refunds", "create", key=key, payment_intent=intent, amount=amount_minor)

    def dispute(self, pledge: Pledge) -> Callable[[str], None]:
        found = self.practice.control("dispute", payment_intent=self.intents[pledge.pk])

        def end(outcome: str) -> None:
            self.practice.control("dispute/end", dispute=found["id"], outcome=outcome)

        return end

    def messages(self, pledge: Pledge) -> list[Event]:
        return world.events_about(self.intents[pledge.pk])

    def noise(self, pledge: Pledge) -> list[Event]:
        """An unknown kind, one of another account, one of the live mode, one of a thing that is
        gone, one of a payment that is not ours."""
        real = self.messages(pledge)[-1]
        stranger = door.do(
            "payment_intents",
            "create",
            key=f"stranger-{pledge.pk}-{real['id']}",
            amount=AMOUNT_MINOR,
            currency="usd",
            confirm=True,
            payment_method="pm_card_visa",
        )
        odd = {"object": {"id": "thing_1", "object": "thing"}}
        gone = {"object": {"id": "pi_gone", "object": "payment_intent"}}
        return [
            real | {"id": "evt_unknown", "type": "weather.changed", "data": odd},
            real | {"id": "evt_other_account", "account": "acct_other"},
            real | {"id": "evt_live", "livemode": True},
            real | {"id": "evt_gone", "type": "payment_intent.succeeded", "data": gone},
            *world.events_about(stranger["id"])[-1:],
        ]

    def tell(self, message: Event, *, age_s: int = 0) -> None:
        """A late one is signed anew when it is sent, as Stripe does it."""
        created = message["created"] - age_s
        assert world.sent(message | {"created": created}) == 200
        notices.handle_due()
        actions.post_settled()
        notices.handle_due()

    def is_refused(self, message: Event) -> Iterator[bool]:
        body = json.dumps(message, default=str).encode()
        good = world.signed(body)
        v0 = good.replace("v1=", "v0=")
        for header in ("", "t=1", "nonsense", v0, world.signed(body, "whsec_nobody")):
            yield world.sent(body, header=header) == 400
        yield world.sent(body, age_s=301) == 400
        yield world.sent(body, age_s=-1_000) == 400
        yield world.sent(body + b"\n", header=good) == 400
        yield world.sent(body.replace(b"2500", b"9900") + b" ", header=good) == 400

    def seven(self, pledge: Pledge) -> list[Callable[[], None]]:
        by_kind = {message["type"]: message for message in self.messages(pledge)}
        completed = by_kind["checkout.session.completed"]
        charged = by_kind["charge.succeeded"]
        unknown, elsewhere = self.noise(pledge)[:2]

        def told() -> None:
            self.tell(completed)

        def forged() -> None:
            forgery = completed | {"id": "evt_forged"}
            assert world.sent(forgery, secret="whsec_nobody") == 400

        return [
            told,
            told,
            lambda: self.tell(completed, age_s=49 * 3_600),
            lambda: self.tell(charged),
            lambda: self.tell(unknown),
            forged,
            lambda: self.tell(elsewhere),
        ]
