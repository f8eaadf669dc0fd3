"""What every rail must keep that is told of money by somebody outside.

A rail joins by one class beside its own tests: `class TestCard(RailContract): scene = CardScene`.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import factorial
from typing import Any, Protocol

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from twinhood.giving import queries, receipts
from twinhood.giving.models import Dispute, Gift, Issuer, Mail, Notice, Pledge, Receipt, Refund
from twinhood.ledger import queries as books
from twinhood.ledger.models import Account, Entry, Fund, Hold
from twinhood.translog.models import Leaf

AMOUNT_MINOR = 10_000
# So many orders of all messages are tried beside all orders of those that matter.
SAMPLE = 10


class Scene(Protocol):
    """The far side of a rail, played. A message is whatever `tell` takes."""

    def pledge(self) -> Pledge:
        """A pledge of AMOUNT_MINOR, begun at the rail, in a world of its own with a guarantor."""

    def pay(self, pledge: Pledge) -> None:
        """The money arrives at the rail."""

    def refund(self, pledge: Pledge, amount_minor: int) -> None:
        """Somebody gives so much of it back at the rail, not through us."""

    def dispute(self, pledge: Pledge) -> Callable[[str], None]:
        """The donor's bank asks for all of it; what is returned ends that, "won" or "lost"."""

    def messages(self, pledge: Pledge) -> list[Any]:
        """All that the rail has said of it so far, in order of happening."""

    def noise(self, pledge: Pledge) -> list[Any]:
        """Genuine messages that must change nothing: unknown kinds, things that are not ours."""

    def tell(self, message: Any, *, age_s: int = 0) -> None:
        """Let a message arrive, so long after it was made, and do all that follows."""

    def is_refused(self, message: Any) -> Iterator[bool]:
        """Whether it was refused, for each way in which it can be forged."""

    def seven(self, pledge: Pledge) -> list[Callable[[], None]]:
        """The arrivals of S4, each with all that follows: that it is paid, three times, one of
        them after 49 hours; what was said before that; an unknown kind; a forged one, which is
        refused; one of another account."""


@contextmanager
def as_if_not() -> Iterator[None]:
    """Let what happens inside be looked at, and then be as if it had not happened."""
    undo = transaction.savepoint_create()
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    transaction.savepoint_rollback(undo)


def end_of(pledge: Pledge) -> tuple[object, ...]:
    """Everything that the same facts must end in, in whatever order they were told."""
    pledge = Pledge.objects.get(pk=pledge.pk)
    gift, fund = pledge.gift, Fund.objects.get(pk=pledge.fund_id)
    accounts = Account.objects.filter(partnership=pledge.partnership).exclude(balance_minor=0)
    return (
        pledge.state,
        Gift.objects.count(),
        (gift.amount_minor, gift.fee_minor, gift.received_date) if gift else None,
        sorted((a.code.split(":")[0], a.currency, a.balance_minor) for a in accounts),
        sorted((r.line_minor, r.operating_minor, r.refunded_at) for r in Refund.objects.all()),
        sorted((d.state, d.amount_minor, d.fee_minor) for d in Dispute.objects.all()),
        Entry.objects.filter(partnership=pledge.partnership).count(),
        (fund.free_minor, fund.head_minor, books.held_minor(fund)),
    )


# Chance, clock and numbers of rows differ each time: of these counts whether there is anything.
SET_OR_NOT = (models.ForeignKey, models.DateTimeField, models.BinaryField, models.AutoField)
NUMBERS_OF_ROWS = ("floor", "next_floor", "leaf_id")
ROOMS = ("giving", "ledger", "translog")
ROWS = "SELECT {}, to_jsonb(t) FROM {} t"


type State = frozenset[tuple[object, int]]


def state() -> State:
    """Every row of the rooms that money passes, as far as anything could depend on it."""
    names = {gift.ref: "gift" for gift in Gift.objects.all()}
    names |= {str(receipt.pk): "receipt" for receipt in Receipt.objects.all()}
    tables = [model for room in ROOMS for model in apps.get_app_config(room).get_models()]
    names_of = [model._meta.db_table for model in tables]
    query = " UNION ALL ".join(map(ROWS.format, range(len(tables)), names_of))
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows = [(n, _said(tables[n], json.loads(row), names)) for n, row in cursor.fetchall()]
    return frozenset(Counter(rows).items())


def _said(model: type[models.Model], row: dict[str, Any], names: dict[str, str]) -> tuple[str, ...]:
    values = []
    for field in model._meta.concrete_fields:
        value = row[str(field.column)]
        if isinstance(field, SET_OR_NOT) or field.column in NUMBERS_OF_ROWS:
            value = value not in (None, "\\x", 0)
        elif not isinstance(value, int):
            value = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), str(value))
        values.append(str(value))
    return tuple(values)


def ends_of_every_order(
    arrivals: Sequence[Callable[[], None]], end: Callable[[], str]
) -> Counter[str]:
    """Let `arrivals` come in every order; count the orders by how they end.

    Beginnings that leave the same rows go on the same, so they go on together; the same arrival
    twice is tried once. The counts still add up to every order there is.
    """
    distinct = list(dict.fromkeys(arrivals))
    known: dict[tuple[tuple[int, ...], State], Counter[str]] = {}

    def go_on(left: tuple[int, ...]) -> Counter[str]:
        if not any(left):
            return Counter([end()])
        here = (left, state())
        if here not in known:
            known[here] = Counter()
            for place, times in ((place, times) for place, times in enumerate(left) if times):
                with as_if_not():
                    distinct[place]()
                    ends = go_on((*left[:place], times - 1, *left[place + 1 :]))
                known[here] += Counter({end: times * count for end, count in ends.items()})
        return known[here]

    return go_on(tuple(arrivals.count(arrival) for arrival in distinct))


def orders(items: Sequence[Any], count: int = SAMPLE) -> Iterator[list[Any]]:
    """Some orders of many messages, always the same ones, forwards and backwards first."""
    yield list(items)
    yield list(reversed(items))
    shuffled = random.Random(len(items))  # noqa: S311 (an order, no secret)
    for _ in range(count - 2):
        order = list(items)
        shuffled.shuffle(order)
        yield order


@pytest.mark.django_db
class RailContract:
    """Subclass it with `scene`, a fixture's name or a class that makes the rail's `Scene`."""

    @pytest.fixture
    def rail(self, request: pytest.FixtureRequest) -> Scene:
        found: Scene = request.getfixturevalue("scene")
        return found

    def test_one_payment_is_one_gift_whatever_is_told_and_however_often(self, rail: Scene) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)
        messages = rail.messages(pledge)
        told = [*messages, *messages[-2:], messages[-1], *rail.noise(pledge)]

        ends = []
        for order in orders(told):
            with as_if_not():
                for message in order:
                    rail.tell(message)
                ends.append(end_of(pledge))

        assert all(end == ends[0] for end in ends)
        assert ends[0][:2] == (Pledge.State.SETTLED, 1)

    def test_all_5040_orders_of_the_seven_arrivals_end_in_one_gift_one_receipt_and_one_leaf(
        self, rail: Scene
    ) -> None:
        pledge = rail.pledge()
        Issuer.objects.create(
            organisation=pledge.partnership.recipient,
            legal_name="Example Aid Inc.",
            registry_code="00-0000000",
            address="Example Street",
        )
        rail.pay(pledge)
        leaves = Leaf.objects.count()
        told = rail.seven(pledge)
        and_receipts = {arrive: _and_receipts(arrive) for arrive in told}
        arrivals = [and_receipts[arrive] for arrive in told]

        def end() -> str:
            gifts, letters = Gift.objects.count(), Mail.objects.count()
            counts = (gifts, Receipt.objects.count(), letters, Leaf.objects.count() - leaves)
            assert counts == (1, 1, 1, 1)
            return repr(end_of(pledge))

        ends = ends_of_every_order(arrivals, end)

        assert list(ends.values()) == [factorial(7)] == [5_040]

    def test_every_single_message_that_money_came_with_is_enough(self, rail: Scene) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)

        counts = []
        for message in rail.messages(pledge):
            with as_if_not():
                rail.tell(message)
                counts.append(Gift.objects.count())

        assert set(counts) <= {0, 1}
        assert counts[-1] == 1

    def test_a_message_that_comes_days_later_counts(self, rail: Scene) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)
        messages = rail.messages(pledge)

        for message in messages:
            rail.tell(message, age_s=49 * 3_600)

        assert Gift.objects.count() == 1

    def test_a_forged_message_is_refused_and_leaves_nothing(self, rail: Scene) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)
        before = (end_of(pledge), Notice.objects.count())

        refused = list(rail.is_refused(rail.messages(pledge)[-1]))

        assert refused
        assert all(refused)
        assert (end_of(pledge), Notice.objects.count()) == before

    def test_refunds_at_the_rail_are_booked_once_in_any_order_of_news(self, rail: Scene) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)
        rail.refund(pledge, 4_000)
        rail.refund(pledge, 1_500)
        messages = rail.messages(pledge)

        ends = []
        for order in orders([*messages, messages[-1]], 6):
            with as_if_not():
                for message in order:
                    rail.tell(message)
                ends.append(end_of(pledge))
                gift = Gift.objects.get()
                assert queries.left_of(gift).total_minor == AMOUNT_MINOR - 5_500

        assert all(end == ends[0] for end in ends)

    @pytest.mark.parametrize("outcome", ["won", "lost"])
    def test_a_dispute_ends_the_same_in_any_order_of_news(self, rail: Scene, outcome: str) -> None:
        pledge = rail.pledge()
        rail.pay(pledge)
        rail.dispute(pledge)(outcome)
        messages = rail.messages(pledge)

        ends = []
        for order in orders(messages, 6):
            with as_if_not():
                for message in order:
                    rail.tell(message)
                ends.append(end_of(pledge))
                left_minor = queries.left_of(Gift.objects.get()).total_minor
                assert left_minor == (AMOUNT_MINOR if outcome == "won" else 0)
                assert not Hold.objects.filter(released_at=None).exists()

        assert all(end == ends[0] for end in ends)

    @pytest.mark.parametrize("told_after", [(), (0,), (1,), (2,), (0, 1, 2)])
    def test_a_refund_and_a_lost_dispute_together_give_back_no_more_than_was_given(
        self, rail: Scene, told_after: tuple[int, ...]
    ) -> None:
        pledge = rail.pledge()
        ends: list[Callable[[str], None]] = []
        steps: list[Callable[[], None]] = [
            lambda: rail.pay(pledge),
            lambda: rail.refund(pledge, 4_000),
            lambda: ends.append(rail.dispute(pledge)),
            lambda: ends[0]("lost"),
        ]

        for number, step in enumerate(steps):
            step()
            if number in told_after or step is steps[-1]:
                for message in reversed(rail.messages(pledge)):
                    rail.tell(message)

        gift = Gift.objects.get()
        returned = [r.line_minor + r.operating_minor for r in Refund.objects.order_by("id")]
        assert returned == [4_000, 6_000]
        assert queries.left_of(gift).total_minor == 0
        assert Dispute.objects.get().unbooked_minor == 4_000


def _and_receipts(arrive: Callable[[], None]) -> Callable[[], None]:
    """The worker, after each arrival."""

    def all_of_it() -> None:
        arrive()
        receipts.issue_due()

    return all_of_it
