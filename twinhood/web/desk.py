"""What waits for a person at the desk of a partnership, the oldest first: every room's tasks."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from twinhood.people.queries import Workspace
from twinhood.people.waiting import Task


def tasks(work: Workspace) -> Sequence[Task]:
    """Everything this person may do now and nobody else has to do first."""
    found = [task for room in rooms() for task in room(work)]
    return sorted(found, key=lambda task: task.since)


@cache
def rooms() -> Sequence[Callable[[Workspace], Iterator[Task]]]:
    """The `tasks` of every room that has a `waiting.py`; people's own holds the words for it."""
    return [
        import_module(f"{app.name}.waiting").tasks
        for app in apps.get_app_configs()
        if app.name.startswith("twinhood.") and app.label != "people"
        and app.module is not None and module_has_submodule(app.module, "waiting")
    ]  # fmt: skip
