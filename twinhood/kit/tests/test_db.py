"""A commit that no standby confirmed is not acknowledged."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from twinhood.kit.db import CANCELLED_WAIT, UnconfirmedCommit


@pytest.fixture
def own_connection(db: None) -> Iterator[BaseDatabaseWrapper]:
    """A connection beside the test's own, which must not commit."""
    made = connections.create_connection("default")
    made.set_autocommit(False)
    yield made
    made.close()


def test_a_commit_whose_wait_was_cancelled_raises(own_connection: BaseDatabaseWrapper) -> None:
    _server_says(own_connection, CANCELLED_WAIT + " due to user request")

    with pytest.raises(UnconfirmedCommit):
        own_connection.commit()

    # It is told once: the connection is as good as before.
    own_connection.commit()


def test_other_warnings_of_the_server_are_only_warnings(
    own_connection: BaseDatabaseWrapper,
) -> None:
    _server_says(own_connection, "there is already a transaction in progress")

    own_connection.commit()


def _server_says(connection: BaseDatabaseWrapper, words: str) -> None:
    """Let the server send the warning that it sends when a wait is cancelled (SQLSTATE 01000)."""
    with connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE WARNING '{words}'; END $$")
