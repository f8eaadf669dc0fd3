"""What replay answers, held against a second program and against what people worked out."""

import io
import json
import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twinhood.ledger.core.answer import Answer, answer
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Journal
from twinhood.verify.replay import replay
from twinhood.verify.tests.cents import oracle_answer
from twinhood.verify.tests.journals import MIXES, Maker, Record, random_records

WORKED_EXAMPLE: list[Record] = [
    {"kind": "fund", "fund": "kramatorsk-usd", "currency": "USD"},
    {"kind": "gift", "key": "A", "fund": "kramatorsk-usd", "amount": 2500, "fee": 98},
    {"kind": "gift", "key": "B", "fund": "kramatorsk-usd", "amount": 10000, "fee": 0},
    {"kind": "gift", "key": "C", "fund": "kramatorsk-usd", "amount": 5000, "fee": 0},
    {
        "kind": "order", "key": "X", "funds": ["kramatorsk-usd"],
        "units": [{"unit": "ambulance-1", "amount": 9000}],
    },
    {"kind": "refund", "key": "R", "source": "B", "amount": 10000},
]  # fmt: skip


def replayed(records: list[Record]) -> dict[str, Any]:
    lines = "".join(json.dumps(record) + "\n" for record in records)
    return replayed_bytes(lines.encode())


def replayed_bytes(data: bytes) -> dict[str, Any]:
    out = io.StringIO()
    replay(io.BytesIO(data), out, lambda _number, _why: None)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def two_funds(*records: Record) -> list[Record]:
    return [
        {"kind": "fund", "fund": "a", "currency": "USD"},
        {"kind": "fund", "fund": "b", "currency": "EUR"},
        *records,
    ]


def gift(key: str, amount: int, fund: str = "a") -> Record:
    return {"kind": "gift", "key": key, "fund": fund, "amount": amount}


def order(key: str, amount: int, fund: str = "a") -> Record:
    units = [{"unit": "u", "amount": amount}]
    return {"kind": "order", "key": key, "funds": [fund], "units": units}


def exchange(key: str, amount: int, received: int, fund: str = "a", to: str = "b") -> Record:
    return {
        "kind": "exchange", "key": key, "fund": fund, "amount": amount,
        "to": to, "received": received,
    }  # fmt: skip


def reduction(order: str = "O", unit: str = "u", amount: Any = 1) -> Record:
    return {"kind": "reduction", "key": "k", "order": order, "unit": unit, "amount": amount}


def test_the_worked_example_comes_out_as_it_is_told() -> None:
    found = replayed(WORKED_EXAMPLE)

    fund = found["funds"]["kramatorsk-usd"]
    assert (fund["head"], fund["free"]) == (19000, 0)
    assert [(use["start"], use["end"], use["key"], use["offset"]) for use in fund["uses"]] == [
        (0, 2402, "X", 0),
        (2402, 12402, "R", 0),
        (12402, 19000, "X", 2402),
    ]
    assert [(row["key"], row["amount"]) for row in found["orders"]["X"]["sources"]] == [
        ("A", 2402),
        ("C", 5000),
        ("advance:R", 1598),
    ]


def test_a_thing_that_became_cheaper_frees_its_last_cents_and_no_others() -> None:
    """The worked example of docs/reference/journal.md, and then 600 off its ambulance."""
    cheaper = {
        "kind": "reduction", "key": "M", "order": "X", "unit": "ambulance-1", "amount": 600
    }  # fmt: skip

    found = replayed([*WORKED_EXAMPLE, cheaper, cheaper | {"key": "M2", "amount": 8400}])

    fund = found["funds"]["kramatorsk-usd"]
    assert found["rejected"] == [8]
    assert (fund["head"], fund["free"]) == (19000, 600)
    assert [(use["start"], use["end"], use["key"], use["offset"]) for use in fund["uses"]] == [
        (0, 2402, "X", 0),
        (2402, 12402, "R", 0),
        (12402, 18400, "X", 2402),
    ]
    assert found["gifts"]["advance:R"]["trace"] == [
        {"to": "free", "key": "kramatorsk-usd", "unit": "", "amount": 600},
        {"to": "order", "key": "X", "unit": "ambulance-1", "amount": 998},
    ]
    assert found["orders"]["X"]["sources"][2]["amount"] == 998


def _published() -> list[Path]:
    folder = os.environ.get("TWINHOOD_TEST_DATA")
    return sorted(Path(folder, "journal").glob("*.jsonl")) if folder else []


@pytest.mark.skipif(not _published(), reason="TWINHOOD_TEST_DATA names no folder with journals")
def test_published_journals_have_their_published_answers() -> None:
    for path in _published():
        expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))

        assert replayed_bytes(path.read_bytes()) == expected, path.name


@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_a_second_program_with_one_object_for_each_cent_gives_the_same_answer(seed: int) -> None:
    records = random_records(seed)

    assert replayed(records) == oracle_answer(records)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_money_that_circles_between_funds_is_followed_the_same_way(seed: int) -> None:
    maker = Maker(Random(seed), most=30, funds=3, weights=MIXES[1])  # noqa: S311
    records = maker.records(80)

    assert replayed(records) == oracle_answer(records)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_what_is_written_in_pieces_is_the_answer_as_one_value(seed: int) -> None:
    records = random_records(seed)
    journal = Journal()
    rejected = []
    for number, record in enumerate(records, 1):
        try:
            journal.post(record)
        except Rejected:
            rejected.append(number)

    assert replayed(records) == answer(journal, rejected)


@given(seed=st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_head_less_live_uses_is_free_and_incomes_partition_each_line(seed: int) -> None:
    found = replayed(random_records(seed))

    used = {
        name: sum(use["end"] - use["start"] for use in fund["uses"])
        for name, fund in found["funds"].items()
    }
    for name, fund in found["funds"].items():
        assert fund["head"] - used[name] == fund["free"] >= 0
    given_minor: Counter[str] = Counter()
    for gift_found in found["gifts"].values():
        given_minor[gift_found["fund"]] += gift_found["end"] - gift_found["start"]
    assert all(given_minor[name] <= fund["head"] for name, fund in found["funds"].items())
    ends = sorted((g["fund"], g["start"], g["end"]) for g in found["gifts"].values())
    assert all(left[0] != right[0] or left[2] <= right[1] for left, right in pairwise(ends))


@given(seed=st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_traces_and_sources_tell_of_the_same_cents(seed: int) -> None:
    found = replayed(random_records(seed))

    from_gifts: Counter[tuple[str, str, str]] = Counter()
    for key, gift_found in found["gifts"].items():
        for row in gift_found["trace"]:
            if row["to"] == "order":
                from_gifts[row["key"], row["unit"], key] += row["amount"]
    from_orders = Counter(
        {
            (key, row["unit"], row["key"]): row["amount"]
            for key, order_found in found["orders"].items()
            for row in order_found["sources"]
        }
    )
    assert from_gifts == from_orders


def test_no_exchange_covers_what_a_later_exchange_brought() -> None:
    # A's cents go to b and come back to a: were X to cover what Y brought, X would pay for itself.
    records = two_funds(
        gift("A", 10), exchange("X", 10, 10), exchange("Y", 10, 10, "b", "a"),
        {"kind": "refund", "key": "R", "source": "A", "amount": 4},
    )  # fmt: skip

    found = replayed(records)

    assert found["funds"]["a"]["uses"][-1] == {"start": 20, "end": 24, "key": "X", "offset": 6}
    assert found["funds"]["a"]["free"] == 10
    assert found["gifts"]["advance:R"]["end"] == 24


def test_a_free_run_is_clipped_where_a_later_exchange_brought_the_rest() -> None:
    records = two_funds(
        gift("A", 10), exchange("X", 10, 10), gift("B", 3), exchange("Y", 10, 5, "b", "a"),
        {"kind": "refund", "key": "R", "source": "A", "amount": 7},
    )  # fmt: skip

    found = replayed(records)

    uses = [(use["start"], use["end"], use["key"]) for use in found["funds"]["a"]["uses"]]
    assert uses == [(0, 3, "X"), (3, 10, "R"), (10, 13, "X"), (18, 22, "X")]
    assert found == oracle_answer(records)


def test_an_offset_that_finds_no_cent_does_not_stop_those_after_it() -> None:
    records = two_funds(
        gift("A", 6), exchange("X", 3, 6), order("O", 3), exchange("Y", 6, 2, "b", "a"),
        {"kind": "refund", "key": "R", "source": "A", "amount": 6},
    )  # fmt: skip

    found = replayed(records)

    # X may not have what Y brought, and goes to the advance; O, which comes after it, may.
    uses = [(use["start"], use["end"], use["key"]) for use in found["funds"]["a"]["uses"]]
    assert uses == [(0, 6, "R"), (6, 8, "O"), (8, 11, "X"), (11, 12, "O")]


def test_cents_too_small_for_the_other_currency_have_no_image_and_lose_nothing() -> None:
    records = two_funds(
        gift("A", 3), gift("B", 4), exchange("X", 7, 2), order("O", 2, "b"),
    )  # fmt: skip

    found = replayed(records)

    assert found["orders"]["O"]["sources"] == [{"unit": "u", "key": "B", "amount": 2}]
    assert [row["to"] for row in found["gifts"]["A"]["trace"]] == ["exchange"]


def test_amounts_pass_sixty_four_bits() -> None:
    immense = 10**30
    records = two_funds(
        gift("A", immense), exchange("X", immense - 1, immense + 1), order("O", 7, "b"),
        {"kind": "refund", "key": "R", "source": "A", "amount": immense},
    )  # fmt: skip

    found = replayed(records)

    assert found["rejected"] == []
    assert found["funds"]["a"]["head"] == 2 * immense - 1
    assert found["orders"]["O"]["sources"] == [{"unit": "u", "key": "advance:R", "amount": 7}]


def test_thousands_of_exchanges_may_follow_one_another() -> None:
    length = 3000
    records: list[Record] = [
        {"kind": "fund", "fund": f"f{n}", "currency": ("USD", "EUR")[n % 2]}
        for n in range(length + 1)
    ]
    records += [gift("A", 5, "f0"), gift("B", 5, "f0")]
    records += [exchange(f"x{n:04}", 10, 10, f"f{n}", f"f{n + 1}") for n in range(length)]
    records.append(order("O", 10, f"f{length}"))

    found = replayed(records)

    assert [row["amount"] for row in found["orders"]["O"]["sources"]] == [5, 5]
    assert len(found["gifts"]["B"]["trace"]) == length + 1


def test_a_trace_goes_through_each_exchange_once_however_torn_its_cents_are() -> None:
    records = two_funds(*(gift(f"g{n:03}", 10) for n in range(200)))
    records += [exchange(f"x{n:03}", 10, 10) for n in range(200)]
    records += [
        {"kind": "refund", "key": f"r{n:03}", "source": f"g{n:03}", "amount": 5} for n in range(200)
    ]
    journal = Journal()
    for record in records:
        journal.post(record)
    found = Answer(journal)

    trace = found.trace(journal.funds["a"], 0, journal.funds["a"].line.head)

    assert sum(length for (to, _, _), length in trace.items() if to == "exchange") == 2000
    assert trace["free", "b", ""] == 2000


REJECTED: dict[str, Record] = {
    "an unknown kind": {"kind": "payment", "key": "k"},
    "a kind that is no string": {"kind": 7, "key": "k"},
    "no kind": {"key": "k"},
    "a fund opened twice": {"kind": "fund", "fund": "a", "currency": "USD"},
    "a currency that is no string": {"kind": "fund", "fund": "c", "currency": None},
    "a key used before": gift("A", 5),
    "a key that begins with advance:": gift("advance:x", 5),
    "a key that is no string": gift("k", 5) | {"key": 5},
    "a fund that is not open": gift("k", 5, "c"),
    "an amount of nothing": gift("k", 0),
    "an amount that is true": gift("k", 5) | {"amount": True},
    "an amount with a fraction": gift("k", 5) | {"amount": 5.0},
    "a fee that is null": gift("k", 5) | {"fee": None},
    "a fee below zero": gift("k", 5) | {"fee": -1},
    "a fee that takes all": gift("k", 5) | {"fee": 5},
    "an order without units": order("k", 5) | {"units": []},
    "an order without funds": order("k", 5) | {"funds": []},
    "an order whose unit is no object": order("k", 5) | {"units": ["u"]},
    "an order whose unit costs nothing": order("k", 0),
    "an order with one unit twice": order("k", 5)
    | {"units": [{"unit": "u", "amount": 1}, {"unit": "u", "amount": 1}]},
    "an order with one fund twice": order("k", 5) | {"funds": ["a", "a"]},
    "an order over two currencies": order("k", 5) | {"funds": ["a", "b"]},
    "an order for more than is free": order("k", 91),
    "a cancel of nothing known": {"kind": "cancel", "key": "k", "order": "none"},
    "a cancel of a gift": {"kind": "cancel", "key": "k", "order": "A"},
    "a cancel of an unknown unit": {"kind": "cancel", "key": "k", "order": "O", "unit": "v"},
    "a cancel with null for a unit": {"kind": "cancel", "key": "k", "order": "O", "unit": None},
    "a cancel of what is cancelled": {"kind": "cancel", "key": "k", "order": "P"},
    "a reduction of nothing known": reduction(order="none"),
    "a reduction of a gift": reduction(order="A"),
    "a reduction of an unknown unit": reduction(unit="v"),
    "a reduction of no unit": {k: v for k, v in reduction().items() if k != "unit"},
    "a reduction of what is cancelled": reduction(order="P"),
    "a reduction by nothing": reduction(amount=0),
    "a reduction by a fraction": reduction(amount=1.5),
    "a reduction by all that it costs": reduction(amount=5),
    "a refund of an order": {"kind": "refund", "key": "k", "source": "O", "amount": 1},
    "a refund of an exchange": {"kind": "refund", "key": "k", "source": "E", "amount": 1},
    "a refund of more than is left": {"kind": "refund", "key": "k", "source": "A", "amount": 101},
    "a refund of nothing": {"kind": "refund", "key": "k", "source": "A", "amount": 0},
    "an exchange of a fund with itself": exchange("k", 5, 5, "a", "a"),
    "a move that gains": exchange("k", 5, 6, "a", "a2"),
    "an exchange for nothing": exchange("k", 5, 0),
    "an exchange of more than is free": exchange("k", 91, 5),
}


@pytest.mark.parametrize("record", REJECTED.values(), ids=list(REJECTED))
def test_a_rejected_record_changes_nothing_and_leaves_its_key_unused(record: Record) -> None:
    before = two_funds(
        {"kind": "fund", "fund": "a2", "currency": "USD"},
        gift("A", 100), order("O", 5), order("P", 5),
        {"kind": "cancel", "key": "PC", "order": "P"}, exchange("E", 5, 5),
    )  # fmt: skip
    after = [gift("k", 5)]

    found = replayed([*before, record, *after])

    assert found == replayed([*before, {}, *after])
    assert found["rejected"] == [len(before) + 1]
