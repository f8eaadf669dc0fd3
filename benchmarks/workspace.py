"""The desk with ten thousand cases: how long the page takes, and how many questions it asks.

`workspace_p99_ms`: of two hundred openings by people of each role, the page drawn by the
same code as in production, without the network. `workspace_queries`: the most that one opening
asked.
"""

import os
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django
from django.core.management import call_command

from twinhood.ops.postgres import start

type Result = dict[str, Any]
CASES = 10_000
OPENINGS = 200
GOAL_MS = 400
GOAL_QUERIES = 20


def run() -> list[Result]:
    """Fill a database of its own with cases, then open the desk again and again."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        os.environ["TWINHOOD_VAR"] = name
        with start(folder / "postgres", progress=print) as server:
            os.environ["DATABASE_URL"] = server.url
            os.environ["DJANGO_SETTINGS_MODULE"] = "twinhood.settings"
            django.setup()
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            return _measured()


def _measured() -> list[Result]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from twinhood.deliveries.tests.world import World

    world = World()
    world.placed(1)
    _fill(world)
    times, most = [], 0
    for person in (world.oleh, world.iryna, world.tom, world.lesia):
        client = Client(headers={"host": "localhost"})
        client.force_login(person)
        address = f"/en/desk/{world.partnership.slug}/"
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        most = max(most, len(asked))
        for number in range(OPENINGS // 4):
            page = f"?page={number % 10 + 1}"
            started = time.perf_counter()
            answer = client.get(address + page)
            times.append(time.perf_counter() - started)
            assert answer.status_code == 200
    p99_ms = round(statistics.quantiles(times, n=100)[98] * 1000)
    return [
        result("workspace_p99_ms", p99_ms, "ms", GOAL_MS),
        result("workspace_queries", most, "queries", GOAL_QUERIES),
    ]


def result(name: str, value: int, unit: str, goal: int) -> Result:
    return {"name": name, "value": value, "unit": unit, "goal": f"<= {goal}", "met": value <= goal}


def _fill(world: Any) -> None:
    """As many needs wait for a check, and as many orders for an approval, as `CASES` says."""
    from twinhood.deliveries.models import Order, Unit
    from twinhood.needs.models import Need

    need = world.submitted()
    half = CASES // 2
    drafts = [
        _copied(need, number=need.number + 1 + i, form_key=None, state="draft") for i in range(half)
    ]
    Need.objects.bulk_create(drafts, batch_size=1000)
    Need.objects.filter(number__gt=need.number).update(state="submitted")
    order = world.proposed(1)
    orders = [
        _copied(order, number=order.number + 1 + number, form_key=None) for number in range(half)
    ]
    Order.objects.bulk_create(orders, batch_size=1000)
    made = Order.objects.filter(number__gt=order.number)
    Unit.objects.bulk_create(
        [
            Unit(order=one, code=f"{one.pk:016x}", number=2 + i, amount_minor=8_250_000)
            for i, one in enumerate(made)
        ],
        batch_size=1000,
    )


def _copied(row: Any, **changes: Any) -> Any:
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
    fields.pop("id")
    return type(row)(**{k: v for k, v in fields.items() if k not in changes} | changes)


BENCHMARKS = {"workspace": run}
