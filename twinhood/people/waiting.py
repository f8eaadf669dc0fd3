"""What waits for a person: the words that every room says it in.

A room that gives people something to do has a `waiting.py` with `tasks(work)`; the desk finds it
by that name, so a new room adds its tasks by writing the file. It yields piles, rows of a table
that wait, and the desk reads the piles of all rooms with one query.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Count, DateField, DateTimeField, QuerySet, Value, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from twinhood.kit.fields import LocalText
from twinhood.people.queries import Workspace

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LOOK = _("Look at it")
AS_THEY_ARE = ("since", "due_date", "behind", "done", "wanted", "evidence")
# Facts of what one proposed and a second one is asked about.
SECOND_ASKED = {"done": Value(1), "wanted": Value(2)}
# Of each pile the desk reads so many, the oldest; how many lie beneath them is counted along.
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
    zone of the place where it must be done. `behind`: how many more of its pile wait after it and
    were not read; only the last of a pile says so.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pile:
    """Rows of one table that wait for somebody, in the order in which they are read, and the
    words that make each a task.

    `since` and, if a day is set, `due` are columns or expressions. So are `facts`, which fill the
    slots of `title` and `why` and the parameters of `address` (after the partnership's). A fact
    named as a field of Task (`done`, `wanted`, `first_by`, …) is that field. `also` works out
    further facts from those of a row, where a text in several languages is a LocalText, and a day
    or moment is ISO 8601.
    """

    kind: Kind
    rows: QuerySet[Any]
    since: str | Combinable
    due: str | Combinable | None = None
    facts: Mapping[str, Any]
    also: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None
    title: "StrOrPromise"
    why: "StrOrPromise"
    address: Sequence[str]
    anchor: str = ""
    action: "StrOrPromise" = LOOK

    def columns(self, place: int) -> QuerySet[Any, tuple[Any, ...]]:
        """The oldest rows in columns that all piles have: `place` in the list, since, due, how
        many lie in the pile, facts."""
        return self.rows.values_list(
            Value(place),
            Cast(self.since, DateTimeField()),
            Cast(Value(None) if self.due is None else self.due, DateField()),
            Window(Count("*")),
            JSONObject(**self.facts),
        )[:OLDEST_MAX]

    def task(self, work: Workspace, row: Mapping[str, Any]) -> Task:
        """What a row is in words; `row` has what Task calls since, due_date and behind, too."""
        facts: dict[str, Any] = {"why": self.why} | {
            name: LocalText(fact) if isinstance(fact, dict) else fact for name, fact in row.items()
        }
        facts |= self.also(facts) if self.also else {}
        name, *parameters = self.address
        address = [work.partnership.slug, *(facts[one] for one in parameters)]
        return Task(
            kind=self.kind,
            title=str(self.title) % facts,
            why=str(facts["why"]) % facts,
            url=reverse(name, args=address) + self.anchor,
            action=str(self.action),
            first_by=str(facts.get("first_by") or ""),
            **{field: facts[field] for field in AS_THEY_ARE if field in facts},
        )


def read(work: Workspace, found: Iterable[Pile | Task]) -> Iterator[Task]:
    """Yield every task of these piles, in no order, and those that are tasks already.

    One query, whatever the number of piles.
    """
    piles = []
    for one in found:
        if isinstance(one, Task):
            yield one
        else:
            piles.append(one)
    if not piles:
        return
    first, *others = (pile.columns(place) for place, pile in enumerate(piles))
    seen: Counter[int] = Counter()
    for place, since, due, in_all, facts in first.union(*others, all=True):
        seen[place] += 1
        behind = in_all - OLDEST_MAX if seen[place] == OLDEST_MAX else 0
        row = {"since": since, "due_date": due, "behind": behind} | facts
        yield piles[place].task(work, row)
