"""A commit whose wait for a standby is cancelled is no acknowledgement: on a real server."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

from twinhood.kit.db import UnconfirmedCommit
from twinhood.ops.console import keep_quiet
from twinhood.ops.postgres import Server, start
from twinhood.ops.postgres.config import SUPERUSER
from twinhood.ops.postgres.server import DATABASE
from twinhood.settings import database_from_url

INSERT = "INSERT INTO paid (key) VALUES (%s)"
WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose synchronous standby is not there."""
    folder = tmp_path_factory.mktemp("alone")
    folder.chmod(0o711)
    with start(folder / "postgres", progress=keep_quiet, for_tests=True) as made:
        with psycopg.connect(made.url, autocommit=True) as first:
            first.execute("CREATE TABLE paid (key text PRIMARY KEY)")
        with as_superuser(made) as root:
            root.execute("ALTER SYSTEM SET synchronous_standby_names = 'missing'")
            root.execute("SELECT pg_reload_conf()")
        yield made
        with as_superuser(made) as root:
            root.execute("ALTER SYSTEM RESET synchronous_standby_names")
            root.execute("SELECT pg_reload_conf()")


def as_superuser(server: Server) -> psycopg.Connection[Any]:
    made = psycopg.connect(server.url_of(DATABASE, role=SUPERUSER), autocommit=True)
    made.execute("SET synchronous_commit = local")
    return made


@pytest.fixture
def alone(server: Server) -> Iterator[BaseDatabaseWrapper]:
    """A connection of Django's to that server."""
    connections.settings["alone"] = connections.settings["default"] | database_from_url(server.url)
    yield connections["alone"]
    connections["alone"].close()
    del connections["alone"]
    del connections.settings["alone"]


def cancel_the_wait(server: Server) -> None:
    """Cancel whoever waits for the standby, once somebody does."""
    with as_superuser(server) as root:
        while (row := root.execute(WAITING).fetchone()) is None:
            time.sleep(0.02)
        root.execute("SELECT pg_cancel_backend(%s)", row)


def statement(connection: BaseDatabaseWrapper, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [key])


def within_a_transaction(connection: BaseDatabaseWrapper, key: str) -> None:
    with transaction.atomic(using="alone"):
        statement(connection, key)


@pytest.mark.parametrize("write", [statement, within_a_transaction])
def test_it_is_an_error_though_the_server_says_that_it_committed(
    server: Server,
    alone: BaseDatabaseWrapper,
    write: Callable[[BaseDatabaseWrapper, str], None],
    django_db_blocker: Any,
) -> None:
    canceller = threading.Thread(target=cancel_the_wait, args=[server])
    canceller.start()

    with django_db_blocker.unblock(), pytest.raises(UnconfirmedCommit):
        write(alone, write.__name__)

    canceller.join(30)
    with as_superuser(server) as root:
        # Written here, and nowhere else: had this server been lost, so would the row.
        found = root.execute("SELECT count(*) FROM paid WHERE key = %s", [write.__name__])
        assert found.fetchone() == (1,)


def unconfirmed(request: HttpRequest) -> HttpResponse:
    raise UnconfirmedCommit


urlpatterns = [path("pay/", unconfirmed)]
handler500 = "twinhood.kit.error_pages.server_error"


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.django_db
def test_whoever_asked_is_told_to_ask_again() -> None:
    answer = Client(raise_request_exception=False).post("/pay/")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "again" in answer.content.decode()
