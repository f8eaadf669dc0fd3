"""What waits for a person: the words that every room says it in.

A room that gives people something to do has a `waiting.py` with `tasks(work)`; the desk finds it
by that name, so a new room adds its tasks by writing the file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db.models import Count, Model, QuerySet, Window

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Of each kind the desk reads so many, the oldest; how many stand behind them is counted along.
OLDEST_MAX = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """Tasks that are alike: the desk filters by `code`, and calls them by `name` (plural)."""

    code: str
    name: "StrOrPromise"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something to look at before deciding. `is_there`: found, lacking (None), or wrong (False)."""

    text: str
    is_there: bool | None = True


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, with the one button that leads to it.

    `done` of `wanted` people agreed, the first of them `first_by`. `due_date` is a day in the
    zone of the place where it must be done. `behind`: how many more of its kind wait after it and
    were not read; only the last of a kind says so.
    """

    kind: Kind
    since: datetime
    title: str
    why: str
    url: str
    action: str
    done: int = 0
    wanted: int = 0
    first_by: str = ""
    due_date: date | None = None
    evidence: Sequence[Evidence] = ()
    behind: int = 0


def oldest[M: Model](found: QuerySet[M]) -> Iterator[tuple[M, int]]:
    """Yield the first `OLDEST_MAX` rows of an ordered query, each with how many wait behind it.

    One query, whatever their number; all but the last row read stand before another, so say 0.
    """
    rows = list(found.annotate(waiting_in_all=Window(Count("pk")))[:OLDEST_MAX])
    for i, row in enumerate(rows, start=1):
        behind = row.waiting_in_all - i if i == len(rows) else 0  # type: ignore[attr-defined]
        yield row, behind
