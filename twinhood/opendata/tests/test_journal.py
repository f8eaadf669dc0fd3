"""The books in the database and a stranger's replay of their journal say the same."""

import io
import json
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinhood.kit import clock
from twinhood.ledger import actions, errors, freeing, queries
from twinhood.ledger.models import Fund
from twinhood.ledger.tests.world import AT, a_partnership, give, open_funds, order, refund
from twinhood.opendata.projection import journal_records
from twinhood.people.models import Partnership
from twinhood.verify.replay import replay

FUNDS = {"a": "USD", "b": "USD", "c": "EUR"}
some = st.integers(1, 60)
funds = st.sampled_from(sorted(FUNDS))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("give"), funds, some, st.integers(0, 9)),
        st.tuples(st.just("order"), funds, st.lists(some, min_size=1, max_size=3)),
        st.tuples(st.just("refund"), st.integers(0, 50), some),
        st.tuples(st.just("exchange"), funds, funds, some, some),
        st.tuples(st.just("cancel"), st.integers(0, 20), st.integers(0, 3)),
        st.tuples(st.just("reduction"), st.integers(0, 20), st.integers(0, 2), some),
    ),
    min_size=5,
    max_size=40,
)


class Played:
    """Plays random steps on real books; what the rules refuse is left out, as people see it."""

    def __init__(self, partnership: Partnership) -> None:
        self.partnership = partnership
        self.sources: list[str] = []
        self.orders: list[tuple[str, int]] = []
        self.number = 0

    def play(self, step: tuple[Any, ...]) -> None:
        self.number += 1
        try:
            with transaction.atomic():
                getattr(self, step[0])(f"{step[0]}-{self.number}", *step[1:])
        except (errors.LedgerError, IndexError):
            pass

    def give(self, key: str, fund: str, amount: int, fee: int) -> None:
        give(self.partnership, fund, (key, amount + fee, fee), currency=FUNDS[fund])
        self.sources.append(key)

    def order(self, key: str, fund: str, amounts: list[int]) -> None:
        chosen = ["b", "a"] if fund == "b" else [fund]
        units = [(f"u{i}", amount) for i, amount in enumerate(amounts)]
        order(self.partnership, key, chosen, *units)
        self.orders.append((key, len(units)))

    def refund(self, key: str, source: int, amount: int) -> None:
        refund(self.partnership, key, self.sources[source % len(self.sources or [0])], amount)
        self.sources.append(f"advance:{key}")

    def exchange(self, key: str, source: str, target: str, amount: int, received: int) -> None:
        if FUNDS[source] == FUNDS[target]:
            received = amount
        actions.exchange(
            partnership=self.partnership, key=key, fund_code=source, amount_minor=amount,
            to_code=target, received_minor=received, at=AT,
        )  # fmt: skip

    def cancel(self, key: str, number: int, unit: int) -> None:
        order_key, units = self.orders[number % len(self.orders or [0])]
        name = None if unit >= units else f"u{unit}"
        freeing.cancel(partnership=self.partnership, key=key, order_key=order_key, unit=name, at=AT)

    def reduction(self, key: str, number: int, unit: int, amount: int) -> None:
        order_key, units = self.orders[number % len(self.orders or [0])]
        freeing.reduce(
            partnership=self.partnership, key=key, order_key=order_key, unit=f"u{unit % units}",
            amount_minor=amount, at=AT,
        )  # fmt: skip


def replayed(partnership: Partnership) -> dict[str, Any]:
    lines = [json.dumps(record) for record in journal_records(partnership, clock.now())]
    answer = io.StringIO()
    complaints: list[str] = []
    replay(
        io.BytesIO("\n".join(lines).encode()), answer, lambda *what: complaints.append(str(what))
    )
    assert not complaints
    found: dict[str, Any] = json.loads(answer.getvalue())
    return found


@pytest.mark.django_db
@given(todo=steps)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_replaying_the_journal_finds_the_same_balances_lines_and_traces(
    todo: list[tuple[Any, ...]],
) -> None:
    undo = transaction.savepoint_create()
    partnership = a_partnership()
    open_funds(partnership, **FUNDS)
    played = Played(partnership)

    for step in todo:
        played.play(step)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert_the_same(partnership, replayed(partnership))
    transaction.savepoint_rollback(undo)


def assert_the_same(partnership: Partnership, found: dict[str, Any]) -> None:
    assert found["rejected"] == []
    for fund in Fund.objects.filter(partnership=partnership).select_related("account"):
        line = found["funds"][fund.code]
        assert (line["head"], line["free"]) == (fund.head_minor, fund.free_minor)
        assert line["free"] == fund.account.balance_minor
    for key, gift in found["gifts"].items():
        trace = queries.trace(partnership=partnership, key=key)
        assert trace is not None
        assert (trace.span.start, trace.span.end) == (gift["start"], gift["end"])
        assert trace.rows() == gift["trace"]
    for key, what in found["orders"].items():
        assert queries.sources(partnership=partnership, order_key=key) == what["sources"]


@pytest.mark.django_db
def test_the_journal_is_public_without_a_language_and_names_nobody(client: Client) -> None:
    partnership = a_partnership()
    open_funds(partnership, a="USD")
    give(partnership, "a", ("gift:7Q2F", 2500, 98))

    response = client.get("/p/stamford-kramatorsk/journal.jsonl")

    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/jsonl"
    assert "public" in response["Cache-Control"]
    assert [json.loads(line)["kind"] for line in lines] == ["fund", "gift"]
    assert json.loads(lines[1]) == {
        "kind": "gift", "key": "gift:7Q2F", "fund": "a", "amount": 2500, "fee": 98,
        "date": "2023-09-01",
    }  # fmt: skip


@pytest.mark.django_db
def test_a_journal_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/p/nobody-nowhere/journal.jsonl").status_code == 404
