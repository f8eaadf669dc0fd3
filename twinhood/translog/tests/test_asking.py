"""Appending asks the worker to seal, and a log that is ahead takes nothing in."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from twinhood.translog import actions, queries, tasks
from twinhood.translog.errors import LogKeyMissing
from twinhood.translog.store import CHECKPOINT, the_store
from twinhood.translog.tests.test_appending import leaf


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name="translog.seal", status="todo").count()


@pytest.mark.django_db
def test_many_appendings_ask_once() -> None:
    for number in range(5):
        actions.append([leaf(number)])

    assert jobs() == 1


@pytest.mark.django_db
def test_no_leaf_asks_for_nothing() -> None:
    actions.append([])

    assert jobs() == 0


@pytest.mark.django_db
def test_what_is_rolled_back_asks_for_nothing() -> None:
    with transaction.atomic():
        actions.append([leaf(1)])
        transaction.set_rollback(True)

    assert jobs() == 0


@pytest.mark.django_db
def test_a_partnership_may_be_said_beside_the_leaves() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT translog_append(%s::bytea[], %s)", [[leaf(1)], "stamford-kramatorsk"]
        )
    tasks.seal()

    assert [index for index, _ in queries.leaves("stamford-kramatorsk", 1)] == [0]


@pytest.mark.django_db(transaction=True)
def test_an_appending_waits_for_no_other_that_has_not_committed() -> None:
    def other() -> None:
        actions.append([leaf(2)])
        connection.close()

    with transaction.atomic():
        actions.append([leaf(1)])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=20)
        is_stuck = thread.is_alive()

    assert not is_stuck
    thread.join()
    assert jobs() == 1
    tasks.seal()
    sealed = queries.latest()
    assert sealed is not None
    assert sealed.size == 2


@pytest.mark.django_db
def test_the_task_tells_what_stops_it_and_does_not_fail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    actions.append([leaf(1)])
    tasks.seal()
    actions.append([leaf(2)])
    the_store().write([(CHECKPOINT, b"torn")])

    tasks.seal()

    assert "translog.not_sealed TilesMissing" in caplog.text
    assert queries.waiting_count() == 1


@pytest.mark.django_db
def test_while_the_log_is_ahead_forms_are_refused_and_pages_are_read(client: Client) -> None:
    with transaction.atomic():
        actions.append([leaf(1)])
        actions.seal()
        transaction.set_rollback(True)

    assert client.post("/en/account/login/", {"login": "tom@twinhood.example"}).status_code == 503
    assert client.get("/en/account/login/").status_code == 200


@pytest.mark.django_db
def test_while_the_log_is_in_order_forms_are_taken(client: Client) -> None:
    actions.append([leaf(1)])
    actions.seal()

    answer = client.post("/en/account/login/", {"login": "nobody@twinhood.example"})

    assert answer.status_code != 503


def test_a_missing_key_is_named_by_its_file() -> None:
    assert "/keys/log/x.key" in str(LogKeyMissing("/keys/log/x.key"))


@pytest.mark.django_db
def test_the_doctor_is_told_what_stops_the_sealing(settings: Any, tmp_path: Path) -> None:
    assert queries.trouble() == ""
    actions.append([leaf(1)])
    actions.seal()
    assert queries.trouble() == ""

    with transaction.atomic():
        actions.append([leaf(2)])
        actions.seal()
        assert queries.trouble() == ""
        transaction.set_rollback(True)
    assert "published log has 2 leaves" in queries.trouble()

    (the_store().root / CHECKPOINT).unlink()
    assert queries.trouble() == ""
    (the_store().root / "tile/0/000.p/1").unlink()
    assert "tile/0/000.p/1" in queries.trouble()
    settings.KEYS_DIR = tmp_path / "empty"
    assert ".key" in queries.trouble()
