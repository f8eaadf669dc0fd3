"""A gift's life on the card rail, in any order: what follows is the same and adds up (S8)."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import count

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from twinhood.giving import notices, pledging, queries, receipts, refunding
from twinhood.giving.errors import GivingError
from twinhood.giving.models import Dispute, Gift, Issuer, Notice, Refund
from twinhood.giving.rails.stripe import client as door
from twinhood.giving.rails.stripe.tests import world
from twinhood.giving.receipt_writing import open_receipt
from twinhood.giving.tests import world as giving_world
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger import actions as ledger
from twinhood.ledger.errors import FundTooSmall
from twinhood.ledger.models import Account, Fund, Hold, Segment
from twinhood.ledger.queries import TracePart, trace
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db
AMOUNT_MINOR = 10_000
_names = count(1)


class Life(RuleBasedStateMachine):
    """Clara's $100: paid, given back in parts, disputed; told late, twice, in any order."""

    practice: Practice

    def __init__(self) -> None:
        super().__init__()
        # Each life begins in the same world.
        self.before = transaction.savepoint()
        self.dispute = ""
        self.is_disputed = False

    def teardown(self) -> None:
        try:
            if hasattr(self, "intent"):
                self.all_is_told()
                self.books_and_stripe_agree()
                self._would_be_committed()
        finally:
            transaction.savepoint_rollback(self.before)

    def _would_be_committed(self) -> None:
        """What the database checks at commit, it checks here."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    @initialize(is_covered=st.booleans())
    def pay(self, is_covered: bool) -> None:
        newest = door.read_some("events", 1)
        self.since = {"created": {"gte": newest[0]["created"]}} if newest else {}
        self.fund = world.a_fund()
        Issuer.objects.create(
            organisation=self.fund.partnership.recipient,
            legal_name="Example Aid Inc.",
            registry_code="00-0000000",
            address="Example Street",
        )
        self.tom = giving_world.tom(self.fund.partnership)
        self.pledge = world.pledged(self.fund, AMOUNT_MINOR)
        self.intent = world.paid(self.practice, self.pledge)
        if is_covered:
            self.all_is_told()
            ledger.place_order(
                partnership=self.fund.partnership, key="order:1", fund_codes=[self.fund.code],
                units=[("ambulance-1", 9_000)], at=clock.now(),
            )  # fmt: skip

    # What the world does

    @rule(amount_minor=st.integers(1, AMOUNT_MINOR))
    def refund_at_stripe(self, amount_minor: int) -> None:
        if not self.is_disputed:
            self._refund(min(amount_minor, self._left_at_stripe()))

    def _refund(self, amount_minor: int) -> None:
        if amount_minor:
            key = f"life-{self.intent}-{next(_names)}"
            door.do("refunds", "create", key=key, payment_intent=self.intent, amount=amount_minor)

    @rule(amount_minor=st.integers(1, AMOUNT_MINOR))
    def refund_from_the_desk(self, amount_minor: int) -> None:
        gift = self._gift()
        if gift is None or refunding.under_way(gift) is not None:
            return
        # What is said in words: more than is left, or disputed at Stripe.
        with suppress(GivingError):
            refunding.propose(
                gift=gift, person=self.tom, amount_minor=amount_minor, reason="Asked for",
                earlier=gift.refunds.count(),
            )  # fmt: skip

    @precondition(lambda self: not self.dispute)
    @rule(is_inquiry=st.booleans())
    def dispute_opens(self, is_inquiry: bool) -> None:
        told = self.practice.control(
            "dispute", payment_intent=self.intent, is_inquiry=is_inquiry
        )  # fmt: skip
        self.dispute, self.is_inquiry, self.is_disputed = told["id"], is_inquiry, not is_inquiry

    @precondition(lambda self: self.dispute and self._is_dispute_open())
    @rule(is_won=st.booleans())
    def dispute_ends(self, is_won: bool) -> None:
        outcome = "won" if is_won else "lost"
        if self.is_inquiry:
            outcome = "warning_closed" if is_won else "needs_response"
        self.practice.control("dispute/end", dispute=self.dispute, outcome=outcome)
        if outcome == "needs_response":
            self.is_inquiry = False
        self.is_disputed = outcome in {"needs_response", "lost"}

    @rule()
    def a_refund_fails(self) -> None:
        sent = door.read_all("refunds", payment_intent=self.intent)
        good = [one for one in sent if one["status"] == "succeeded"]
        if good:
            self.practice.control("refund/end", refund=good[0]["id"], outcome="failed")

    @rule(amount_minor=st.integers(500, 20_000))
    def somebody_else_gives(self, amount_minor: int) -> None:
        giving_world.posted(self.fund.partnership, giving_world.cheque(amount_minor))

    @rule(amount_minor=st.integers(1, 12_000))
    def something_is_ordered(self, amount_minor: int) -> None:
        key = f"order:{next(_names)}-x"
        with suppress(FundTooSmall):
            ledger.place_order(
                partnership=self.fund.partnership, key=key, fund_codes=[self.fund.code],
                units=[("generator", amount_minor)], at=clock.now(),
            )  # fmt: skip

    # What we hear of it

    @rule(data=st.data())
    def something_is_told(self, data: st.DataObject) -> None:
        """Any notice that there is, new or old, once more or for the first time."""
        world.heard([data.draw(st.sampled_from(self._events()))])

    @rule()
    def everything_is_handled_anew(self) -> None:
        notices.replay(Notice.objects.all())
        notices.handle_due()

    @rule()
    def all_is_told(self) -> None:
        world.heard(reversed(self._events()))
        receipts.issue_due()
        receipts.replace_due()

    # What always holds

    @invariant()
    def nothing_is_paid_out_twice(self) -> None:
        gift = self._gift()
        if gift is None:
            return
        left = queries.left_of(gift)
        assert left.line_minor >= 0
        assert left.fee_minor >= 0
        assert queries.given_back_minor(gift) + left.total_minor == AMOUNT_MINOR

    @invariant()
    def the_line_is_what_the_books_say(self) -> None:
        if not hasattr(self, "fund"):
            return
        fund = Fund.objects.get(pk=self.fund.pk)
        account = Account.objects.get(partnership=fund.partnership_id, code=f"fund:{fund.code}")
        assert account.balance_minor == fund.free_minor >= 0
        every = Account.objects.filter(partnership=fund.partnership_id)
        assert sum(a.balance_minor * (1 if _is_debit(a) else -1) for a in every) == 0

    def books_and_stripe_agree(self) -> None:
        """When all was told: the clearing account is what Stripe holds of it, to the cent."""
        gift = self._gift()
        assert gift is not None
        assert not notices.with_problems(self.fund.partnership).exists()
        is_open = self._is_dispute_open()
        assert Hold.objects.filter(released_at=None).count() == int(
            is_open and queries.left_of(gift).line_minor > 0
        )
        unbooked_minor = sum(Dispute.objects.values_list("unbooked_minor", flat=True))
        held_minor = self._taken_for_the_open_dispute() if is_open else 0
        here_minor = world.balance(self.fund.partnership, "assets:clearing:card")
        assert here_minor == self._balance_at_stripe() + unbooked_minor + held_minor
        self._pages_say_the_same(gift)

    def _pages_say_the_same(self, gift: Gift) -> None:
        back_minor = queries.given_back_minor(gift)
        latest = receipts.receipt_of(gift)
        if back_minor == AMOUNT_MINOR:
            assert latest is None
        else:
            assert latest is not None
            assert open_receipt(latest).receipt.gifts[0].amount_minor == AMOUNT_MINOR - back_minor
        secret = pledging.secret_of(self.pledge)
        page = Client().get(f"/en/give/{secret}/").content.decode()
        assert (f"{format_money(back_minor, 'USD', 'en')} of it went back" in page) == bool(
            back_minor
        )
        names = [gift.key, *queries.returned_keys(gift)]
        segments = Segment.objects.filter(entry__key__in=names)
        on_the_line = sum(s.end_minor - s.start_minor for s in segments)
        gone = sum(Refund.objects.filter(gift=gift).values_list("line_minor", flat=True))
        assert on_the_line - gone == queries.left_of(gift).line_minor
        parts = [part for n in names for part in self._trace(n)]
        assert sum(part.span.length for part in parts if part.to == "refund") == gone
        assert sum(part.span.length for part in parts) == on_the_line

    def _trace(self, key: str) -> Sequence[TracePart]:
        found = trace(partnership=self.fund.partnership, key=key)
        return found.parts if found is not None else ()

    # What Stripe knows

    def _gift(self) -> Gift | None:
        """The gift, once it is posted."""
        found = Gift.objects.select_related("partnership", "fund")
        gift = found.filter(intake_key=getattr(self, "intent", "")).first()
        return gift if gift is not None and gift.posted_at is not None else None

    def _events(self) -> list[world.Event]:
        """All that Stripe recorded of it, in order of happening."""
        return world.events_about(self.intent, **self.since)

    def _charge(self) -> world.Event:
        found = door.read("payment_intents", self.intent, "latest_charge")["latest_charge"]
        assert isinstance(found, dict)
        return found

    def _left_at_stripe(self) -> int:
        charge = self._charge()
        return int(charge["amount"] - charge["amount_refunded"])

    def _dispute(self) -> world.Event:
        return door.read("disputes", self.dispute)

    def _is_dispute_open(self) -> bool:
        return bool(self.dispute) and self._dispute()["status"] not in {
            "won", "lost", "warning_closed",
        }  # fmt: skip

    def _taken_for_the_open_dispute(self) -> int:
        return -sum(int(move["net"]) for move in self._dispute()["balance_transactions"])

    def _balance_at_stripe(self) -> int:
        """The sum of all that Stripe's balance got and gave for this payment."""
        sources = {self._charge()["id"], self.dispute}
        sources |= {one["id"] for one in door.read_all("refunds", payment_intent=self.intent)}
        moves = door.read_all("balance_transactions", **self.since)
        return sum(int(move["net"]) for move in moves if move["source"] in sources)


def _is_debit(account: Account) -> bool:
    return not account.is_credit_normal


def test_a_gifts_life_adds_up_in_any_order(practice: Practice) -> None:
    Life.practice = practice

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
