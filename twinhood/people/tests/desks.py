"""What one room alone would lay on somebody's desk."""

from typing import Any

from twinhood.people.models import Partnership, Person
from twinhood.people.queries import workspace
from twinhood.people.waiting import Task, read


def tasks_in(waiting: Any, person: Person, partnership: Partnership) -> list[Task]:
    """The tasks of a room, by its module `waiting`."""
    work = workspace(person, partnership)
    return list(read(work, waiting.tasks(work)))
