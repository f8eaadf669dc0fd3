"""What PostgreSQL tells only in passing, and money must not miss."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from psycopg.errors import Diagnostic

CANCELLED_WAIT = "canceling wait for synchronous replication"


class UnconfirmedCommit(OperationalError):
    """A commit returned, but its synchronous standby has not confirmed it: not acknowledged.

    PostgreSQL reports success with a mere notice (SQLSTATE 01000) when the wait for a standby is
    cancelled; a fail-over then loses what the client believes to be written. Whoever asked gets 503
    and asks again, with the same key: what did get through is then known, and nothing is doubled.
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
        _refuse(connection)

    connection._commit = checked_commit
    if _check_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_check_statement)


def _check_statement(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """A statement outside a transaction is its own commit."""
    result = execute(sql, params, many, context)
    connection = context["connection"]
    if not connection.in_atomic_block and connection.get_autocommit():
        _refuse(connection)
    return result


def _refuse(connection: Any) -> None:
    if connection.unconfirmed_commit:
        connection.unconfirmed_commit = False
        raise UnconfirmedCommit(CANCELLED_WAIT)
