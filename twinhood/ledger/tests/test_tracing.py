"""Traces both ways, as of any day, in as few questions as the way has exchanges."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from twinhood.kit import clock
from twinhood.ledger import actions, queries
from twinhood.ledger.queries import GiftShare
from twinhood.ledger.tests.world import AT, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db


def day(number: int) -> date:
    return (AT + timedelta(days=number)).date()


@pytest.fixture
def stamford() -> Partnership:
    """Gifts on the first day, an order on the second, B refunded on the third."""
    partnership = a_partnership()
    with clock.showing(AT):
        open_funds(partnership, usd="USD", eur="EUR")
        give(partnership, "usd", ("A", 2500, 98), ("B", 10000, 0), ("C", 5000, 0))
    with clock.showing(AT + timedelta(days=1)):
        order(partnership, "X", ["usd"], ("ambulance-1", 5000), ("ambulance-2", 4000))
    with clock.showing(AT + timedelta(days=2)):
        refund(partnership, "R", "B", 10000)
    return partnership


def became(partnership: Partnership, key: str, as_of: date | None) -> list[tuple[object, ...]]:
    found = queries.trace(partnership=partnership, key=key, as_of=as_of)
    assert found is not None
    return [(row["to"], row["key"], row["unit"], row["amount"]) for row in found.rows()]


def test_a_trace_can_be_shown_as_of_each_day(stamford: Partnership) -> None:
    days = [became(stamford, "B", day(number)) for number in range(3)]

    assert days == [
        [("free", "usd", "", 10000)],
        [
            ("free", "usd", "", 3402),
            ("order", "X", "ambulance-1", 2598),
            ("order", "X", "ambulance-2", 4000),
        ],
        [("refund", "R", "", 10000)],
    ]
    assert became(stamford, "B", None) == days[2]
    assert queries.trace(partnership=stamford, key="B", as_of=day(-1)) is None
    assert queries.trace(partnership=stamford, key="advance:R", as_of=day(1)) is None


def test_many_are_followed_at_once_as_each_by_itself(stamford: Partnership) -> None:
    every = queries.traces(partnership=stamford, keys=["A", "B", "C", "nobody"])

    assert every == {key: queries.trace(partnership=stamford, key=key) for key in "ABC"}
    assert every["C"].rows() != every["A"].rows()


def test_sources_can_be_shown_as_of_each_day(stamford: Partnership) -> None:
    before = queries.sources(partnership=stamford, order_key="X", as_of=day(1))
    after = queries.sources(partnership=stamford, order_key="X", as_of=day(2))

    assert {row["key"] for row in before} == {"A", "B"}
    assert {row["key"] for row in after} == {"A", "C", "advance:R"}
    assert queries.sources(partnership=stamford, order_key="X", as_of=day(0)) == []


def test_the_gifts_of_one_thing_come_in_order_of_its_cents(stamford: Partnership) -> None:
    found = queries.gifts_of(partnership=stamford, order_key="X", unit="ambulance-2")

    assert found == [GiftShare("C", 5000, 2402), GiftShare("advance:R", 7402, 1598)]
    assert queries.gifts_of(partnership=stamford, order_key="X", unit="none") == []
    assert queries.gifts_of(partnership=stamford, order_key="none") == []


def test_a_page_of_gifts_begins_where_the_last_one_ended(stamford: Partnership) -> None:
    first = queries.gifts_of(partnership=stamford, order_key="X", limit=1)
    second = queries.gifts_of(
        partnership=stamford, order_key="X", limit=1, after_minor=first[0].amount_minor
    )

    assert [*first, *second] == [GiftShare("A", 0, 2402), GiftShare("C", 2402, 5000)]


def questions(partnership: Partnership, gifts: int) -> int:
    """How often the database is asked for one trace and one page of an order's gifts."""
    give(partnership, "usd", *((f"{gifts}-{n}", 10, 0) for n in range(gifts)))
    order(partnership, f"Y{gifts}", ["usd"], ("pump", gifts * 10))
    with CaptureQueriesContext(connection) as asked:
        queries.trace(partnership=partnership, key=f"{gifts}-1")
        queries.gifts_of(partnership=partnership, order_key=f"Y{gifts}", limit=3)
    return len(asked)


def test_the_number_of_questions_does_not_grow_with_the_gifts(stamford: Partnership) -> None:
    assert questions(stamford, 5) == questions(stamford, 200) <= 8


def test_a_way_through_a_hundred_exchanges_is_followed_back() -> None:
    partnership = a_partnership()
    funds = [f"f{number}" for number in range(100)]
    open_funds(partnership, **{code: ("USD", "UAH")[n % 2] for n, code in enumerate(funds)})
    give(partnership, "f0", ("A", 600, 0), ("B", 400, 0))
    amount = 1000
    for number, code in enumerate(funds[:-1]):
        received = amount + (7 if number % 2 else -7)
        actions.exchange(
            partnership=partnership, key=f"E{number}", fund_code=code, amount_minor=amount,
            to_code=funds[number + 1], received_minor=received, at=AT,
        )  # fmt: skip
        amount = received
    order(partnership, "X", [funds[-1]], ("pump", amount))

    found = queries.gifts_of(partnership=partnership, order_key="X")

    assert [share.key for share in found] == ["A", "B"]
    assert sum(share.amount_minor for share in found) == amount
