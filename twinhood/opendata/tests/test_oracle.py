"""Whole journals through the books' own actions: what SQL says is what others worked out."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinhood.ledger import queries
from twinhood.ledger.core.answer import answer
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Journal
from twinhood.ledger.origins import GiftShare
from twinhood.opendata.tests.played import Played, Record, moment
from twinhood.verify.tests.journals import MIXES, Maker

pytestmark = pytest.mark.django_db
in_one_transaction = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _published() -> list[Path]:
    folder = os.environ.get("TWINHOOD_TEST_DATA")
    return sorted(Path(folder, "journal").glob("*.jsonl")) if folder else []


@pytest.mark.skipif(not _published(), reason="TWINHOOD_TEST_DATA names no folder with journals")
@pytest.mark.parametrize("path", _published(), ids=lambda path: path.stem)
def test_published_journals_posted_to_the_books_have_their_published_answers(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    played = Played()

    played.play([json.loads(line) for line in lines])

    assert played.answer() == json.loads(path.with_suffix(".expected.json").read_text())


def replayed(records: list[Record]) -> dict[str, Any]:
    journal, rejected = Journal(), []
    for number, record in enumerate(records, 1):
        try:
            journal.post(record)
        except Rejected:
            rejected.append(number)
    return answer(journal, rejected)


@given(seed=st.integers(0, 10**9), mix=st.sampled_from(MIXES), funds=st.integers(1, 5))
@in_one_transaction
def test_random_journals_through_the_books_and_through_replay_end_alike(
    seed: int, mix: dict[str, int], funds: int
) -> None:
    """Several funds, circles of exchanges, moves, advances refunded, and bad records among all."""
    undo = transaction.savepoint_create()
    maker = Maker(Random(seed), most=40, funds=funds, weights=mix)  # noqa: S311
    records = maker.records(60)
    played = Played()

    played.play(records)

    assert played.answer() == replayed(records)
    transaction.savepoint_rollback(undo)


@given(seed=st.integers(0, 10**9), mix=st.sampled_from(MIXES), data=st.data())
@in_one_transaction
def test_a_trace_as_of_a_moment_is_what_it_was_then(
    seed: int, mix: dict[str, int], data: st.DataObject
) -> None:
    undo = transaction.savepoint_create()
    records = Maker(Random(seed), most=40, funds=3, weights=mix).records(40)  # noqa: S311
    played = Played()
    played.play(records)
    number = data.draw(st.integers(1, len(records)), "record")

    then = replayed(records[:number])

    at, here = moment(number), played.partnership
    for key, gift in then["gifts"].items():
        found = queries.trace(partnership=here, key=key, as_of=at)
        assert found is not None
        assert found.rows() == gift["trace"]
    for key, order in then["orders"].items():
        assert queries.sources(partnership=here, order_key=key, as_of=at) == order["sources"]
    for key in played.answer()["gifts"].keys() - then["gifts"].keys():
        assert queries.trace(partnership=here, key=key, as_of=at) is None
    transaction.savepoint_rollback(undo)


@given(seed=st.integers(0, 10**9), mix=st.sampled_from(MIXES), limit=st.integers(1, 4))
@in_one_transaction
def test_an_orders_gifts_read_page_by_page_are_its_sources(
    seed: int, mix: dict[str, int], limit: int
) -> None:
    undo = transaction.savepoint_create()
    played = Played()
    played.play(Maker(Random(seed), most=40, funds=3, weights=mix).records(40))  # noqa: S311

    for key, order in played.answer()["orders"].items():
        paged: Counter[str] = Counter()
        shares = list(pages(played, key, limit))
        for share in shares:
            paged[share.key] += share.amount_minor
        expected: Counter[str] = Counter()
        for row in order["sources"]:
            expected[row["key"]] += row["amount"]

        assert paged == expected
        assert all(
            left.offset_minor + left.amount_minor <= right.offset_minor
            for left, right in pairwise(shares)
        )
    transaction.savepoint_rollback(undo)


def pages(played: Played, key: str, limit: int) -> Iterator[GiftShare]:
    """All gifts behind an order, a few at a time, each page from where the last one ended."""
    after = 0
    while page := queries.gifts_of(
        partnership=played.partnership, order_key=key, after_minor=after, limit=limit
    ):
        assert len(page) <= limit
        yield from page
        after = page[-1].offset_minor + page[-1].amount_minor
