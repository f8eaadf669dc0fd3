"""Keeping filled-in forms: the one write that a donor waits for.

Forms that come at the same moment are kept by one statement with one commit. Each is durable
before its donor hears of it, and none can spoil another
(docs/decisions/0024-forms-kept-together.md).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
)
from psycopg.errors import DeadlockDetected

from twinhood.kit.together import Together

type Form = dict[str, Any]

KEEP = """
SELECT number, forms_from_there, pledge, stands, donor, donor_key FROM giving_keep(%s::json)
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A donor whose address is known, and the wrapped key to seal with."""

    donor_id: int
    wrapped_key: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a form. Without a `pledge_id` nothing was kept of it but its count.

    `forms` came from there in this stretch of time, this one included (0: not counted); `stands` if
    this form was kept before; `known` is whoever has its address.
    """

    forms: int
    pledge_id: int | None
    stands: bool
    known: Known | None


def keep(form: Form) -> Kept:
    """Keep a form: columns of `giving_keep` by name, bytes as `hexed`.

    Outside of a transaction it is kept together with what other threads bring meanwhile.
    """
    return _keep([form])[0] if connection.in_atomic_block else _together(form)


def hexed(content: bytes | None) -> str | None:
    """Bytes as PostgreSQL reads them from JSON."""
    return None if content is None else "\\x" + content.hex()


def _keep(forms: Sequence[Form]) -> list[Kept]:
    """Whether the connection still lives is not asked first: if not, they are sent again by another
    one, since a form that got through all the same is known by its key.
    """
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _call(forms)
    except (OperationalError, InterfaceError):
        broken = connection.connection
        if connection.in_atomic_block or broken is None or not broken.closed:
            raise
    connection.close()
    return _call(forms)


def _call(forms: Sequence[Form]) -> list[Kept]:
    rows = [{"number": number, **form} for number, form in enumerate(forms)]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [json.dumps(rows, ensure_ascii=False)])
        return [_kept(*row[1:]) for row in sorted(cursor.fetchall())]


def _kept(
    forms: int, pledge_id: int | None, stands: bool, donor_id: int | None, key: bytes | None
) -> Kept:
    known = None
    if pledge_id is None and donor_id is not None and key is not None:
        known = Known(donor_id, bytes(key))
    return Kept(forms, pledge_id, stands, known)


def _is_ones_own(problem: Exception) -> bool:
    """Whether one form alone is to blame, or chance; nothing was kept then, of none."""
    if isinstance(problem, IntegrityError | DataError):
        return True
    return isinstance(problem, DatabaseError) and isinstance(problem.__cause__, DeadlockDetected)


_together: Together[Form, Kept] = Together(_keep, is_ones_own=_is_ones_own)
