"""The desk: one list of what waits, narrowed, paged, with its days; a menu in groups."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from twinhood.people.waiting import Kind, Task
from twinhood.web import desk

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)
TODAY = date(2026, 5, 10)
NEEDS, ORDERS = Kind("checks", "Needs"), Kind("orders", "Orders")
DESK = "/en/desk/stamford-kramatorsk/"


def task(kind: Kind, days: int, **more: Any) -> Task:
    since = NOW - timedelta(days=days)
    return Task(kind=kind, since=since, title="x", why="", url="/", action="Go", **more)


def shown(found: list[Task], chosen: str = "") -> desk.Waiting:
    return desk.waiting(found, chosen=chosen, now=NOW, today=TODAY)


def test_what_was_not_read_is_counted_all_the_same() -> None:
    waits = shown([task(NEEDS, 9), task(NEEDS, 8, behind=40), task(ORDERS, 7)])

    assert waits.count == 43
    assert [(choice.code, choice.count) for choice in waits.choices] == [
        ("", 43), ("checks", 42), ("orders", 1),
    ]  # fmt: skip
    assert waits.oldest_days == 9


def test_the_list_is_narrowed_to_one_kind_and_an_unknown_kind_shows_all() -> None:
    found = [task(NEEDS, 9), task(ORDERS, 7)]

    assert [s.task.kind for s in shown(found, "orders").shown] == [ORDERS]
    assert len(shown(found, "<script>").shown) == 2
    assert shown(found, "late").chosen == ""


def test_a_task_is_late_from_the_day_after_it_was_due() -> None:
    due = [date(2026, 5, 9), date(2026, 5, 10), None]

    waits = shown([task(NEEDS, 3, due_date=day) for day in due], "late")

    assert waits.late == 1
    assert [s.task.due_date for s in waits.shown] == [date(2026, 5, 9)]


def test_the_menu_shows_groups_and_opens_where_one_is(client: Client, example: Any) -> None:
    client.force_login(example.persons["tom"])

    page = client.get("/en/desk/stamford-kramatorsk/campaign/").content.decode()

    assert page.count("<details open><summary>") == 1
    assert "<details open><summary>Needs and campaign" in page
    assert "<details><summary>Bank and books" in page


def test_the_desk_takes_few_queries_whoever_looks(client: Client, example: Any) -> None:
    asked = {}
    for who, person in example.persons.items():
        client.force_login(person)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(DESK)
        if answer.status_code == 200:
            asked[who] = len(captured)

    assert len(asked) > 6
    assert max(asked.values()) <= 9, asked
