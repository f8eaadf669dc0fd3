"""Whole journals through the books' own actions: what SQL says is what others worked out."""

import json
import os
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinhood.ledger.core.answer import answer
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Journal
from twinhood.opendata.tests.played import Played, Record
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
