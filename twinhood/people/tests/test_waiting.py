"""The words in which rooms say what waits, and the one query that reads them."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import JSONObject
from django.test.utils import CaptureQueriesContext

from twinhood.kit import clock
from twinhood.people import waiting
from twinhood.people.models import Person
from twinhood.people.waiting import Kind, Pile, Task, read

PEOPLE, NAMES = Kind("people", "People"), Kind("names", "Names")
ANYWHERE = ("web:desk_partnership",)
WORK: Any = SimpleNamespace(partnership=SimpleNamespace(slug="springdale-lviv"))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "OLDEST_MAX", 3)


def everybody(kind: Kind = PEOPLE, title: str = "%(email)s", **facts: Any) -> Pile:
    return Pile(
        kind=kind, rows=Person.objects.order_by("email"), since="joined_at",
        facts={"email": "email"} | facts, title=title, why="", address=ANYWHERE,
    )  # fmt: skip


def join(people: int) -> None:
    for i in range(people):
        Person.objects.create_user(f"p{i}@example.org", name=f"P {i}")


@pytest.mark.parametrize(("people", "behind"), [(0, []), (2, [0, 0]), (3, [0] * 3), (5, [0, 0, 2])])
def test_only_the_oldest_are_read_and_the_last_says_how_many_wait_behind(
    people: int, behind: list[int]
) -> None:
    join(people)

    found = list(read(WORK, [everybody()]))

    assert [task.behind for task in found] == behind
    assert [task.title for task in found] == [f"p{i}@example.org" for i in range(people)][:3]


def test_all_piles_are_read_with_one_query_and_each_row_becomes_its_own_task() -> None:
    join(4)
    names = JSONObject(en=Value("Anna"), uk=Value("Анна"))
    ready = Task(PEOPLE, since=clock.now(), title="x", why="", url="", action="")
    nobody = replace(everybody(), rows=Person.objects.none())

    with CaptureQueriesContext(connection) as asked:
        found = list(
            read(WORK, [nobody, everybody(), ready, everybody(NAMES, "%(name)s", name=names)])
        )

    assert len(asked) == 1
    assert [(task.kind.code, task.title, task.behind) for task in found if task != ready] == [
        *(("people", f"p{i}@example.org", i // 2) for i in range(3)),
        *(("names", "Anna", i // 2) for i in range(3)),
    ]
    assert ready in found


def test_no_pile_is_no_query() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert list(read(WORK, [])) == []

    assert len(asked) == 0
