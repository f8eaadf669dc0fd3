"""What PostgreSQL tells only in passing, and money must not miss."""

from typing import Any

from django.db import OperationalError
from psycopg.errors import Diagnostic

CANCELLED_WAIT = "canceling wait for synchronous replication"


class UnconfirmedCommit(OperationalError):
    """A commit returned, but its synchronous standby has not confirmed it: not acknowledged.

    PostgreSQL reports success with a mere notice (SQLSTATE 01000) when the wait for a standby is
    cancelled; a fail-over then loses what the client believes to be written.
    """


def refuse_unconfirmed_commits(connection: Any, **_: Any) -> None:
    """Watch a new connection for that notice; used on Django's `connection_created`."""

    def on_notice(diagnostic: Diagnostic) -> None:
        if diagnostic.sqlstate == "01000" and CANCELLED_WAIT in (diagnostic.message_primary or ""):
            connection.unconfirmed_commit = True

    connection.unconfirmed_commit = False
    connection.connection.add_notice_handler(on_notice)
    commit = type(connection)._commit

    def checked_commit() -> None:
        commit(connection)
        if connection.unconfirmed_commit:
            connection.unconfirmed_commit = False
            raise UnconfirmedCommit(CANCELLED_WAIT)

    connection._commit = checked_commit
