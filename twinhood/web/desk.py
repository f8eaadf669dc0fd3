"""What waits for a person at the desk of a partnership, the oldest first: every room's tasks."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from twinhood.people.queries import Workspace
from twinhood.people.waiting import Kind, Pile, Task, read

# How many are shown at once, on a phone too; and which choice stands for what is late.
PAGE = 20
LATE = "late"


@dataclass(frozen=True, slots=True)
class Shown:
    """A task as the list shows it on a day: for how many days it waited, whether it is late."""

    task: Task
    days: int
    is_late: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A kind of task that the list can be narrowed to; `code` is "" for all of them."""

    code: str
    kind: Kind | None
    count: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that waits for a person, the oldest first; `count` includes what was not read."""

    count: int
    choices: Sequence[Choice]
    chosen: str
    shown: Sequence[Shown]
    late: int
    oldest_days: int
    behind: int


def waiting(found: Sequence[Task], *, chosen: str, now: datetime, today: date) -> Waiting:
    """Count and narrow `found`; a kind that nothing waits in is no choice, and shows all."""
    counts: Counter[Kind] = Counter()
    for task in found:
        counts[task.kind] += 1 + task.behind
    everything = [Shown(task, (now - task.since).days, _is_late(task, today)) for task in found]
    late = [shown for shown in everything if shown.is_late]
    narrowed = {kind.code: [s for s in everything if s.task.kind == kind] for kind in counts}
    narrowed |= {"": everything} | ({LATE: late} if late else {})
    chosen = chosen if chosen in narrowed else ""
    return Waiting(
        count=counts.total(),
        choices=[Choice("", None, counts.total())]
        + [Choice(kind.code, kind, count) for kind, count in counts.items()],
        chosen=chosen,
        shown=narrowed[chosen],
        late=len(late),
        oldest_days=max((shown.days for shown in everything), default=0),
        behind=sum(shown.task.behind for shown in narrowed[chosen]),
    )


def _is_late(task: Task, today: date) -> bool:
    return task.due_date is not None and task.due_date < today


def tasks(work: Workspace) -> Sequence[Task]:
    """Everything this person may do now and nobody else has to do first, the oldest first."""
    found = read(work, (one for room in rooms() for one in room(work)))
    return sorted(found, key=lambda task: task.since)


@cache
def rooms() -> Sequence[Callable[[Workspace], Iterator[Pile | Task]]]:
    """The `tasks` of every room that has a `waiting.py`; people's own holds the words for it."""
    return [
        import_module(f"{app.name}.waiting").tasks
        for app in apps.get_app_configs()
        if app.name.startswith("twinhood.") and app.label != "people"
        and app.module is not None and module_has_submodule(app.module, "waiting")
    ]  # fmt: skip
