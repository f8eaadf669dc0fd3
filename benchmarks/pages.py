"""What a public page costs beside an empty Django page that asks the same queries.

Both go through the whole of Django (middleware, routing, the database) in one process, in turns, on
the example with its thousands of gifts. The empty page sends the very statements that the real one
sent, and renders the frame without a word in it.
"""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PAGE = "/en/p/stamford-kramatorsk/"
EMPTY = "/benchmark-empty/"
ROUNDS = 40
GOAL = 1.5


def page_vs_empty_django() -> list[dict[str, Any]]:
    """Median of the page's time over the empty page's, and the number of queries."""
    with TemporaryDirectory() as folder:
        os.environ["TWINHOOD_VAR"] = folder
        return _in_database(Path(folder))


def _in_database(folder: Path) -> list[dict[str, Any]]:
    from twinhood.ops.postgres import start

    folder.chmod(0o711)
    with start(folder / "postgres", progress=print) as server:
        os.environ["DATABASE_URL"] = server.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "twinhood.settings"
        import django

        django.setup()
        from django.core.management import call_command

        for command in ("migrate", "createcachetable", "load_example"):
            print(f"  {command} …", flush=True)
            call_command(command, verbosity=0)
        return _measure()


def _measure() -> list[dict[str, Any]]:
    """Drawn anew each time, and as a burst of readers gets it (one drawing for some seconds)."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    _add_empty_page()
    client = Client(headers={"host": "localhost"})
    results = []
    for name, seconds in (("page_drawn_vs_empty_django", 0), ("page_vs_empty_django", 3600)):
        settings.BURST_CACHE_S = seconds
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        statements = [query["sql"] for query in captured.captured_queries]
        _sent[:] = statements
        real, bare = _in_turns(lambda: client.get(PAGE), lambda: client.get(EMPTY))
        results.append(_result(name, statistics.median(real) / statistics.median(bare), GOAL))
        results.append(_result(f"{name.partition('_vs')[0]}_queries", len(statements), 17))
    return results


def _result(name: str, value: float, goal: float) -> dict[str, Any]:
    is_ratio = "_vs_" in name
    return {
        "name": name,
        "value": round(value, 2),
        "unit": "times" if is_ratio else "queries",
        "goal": f"<= {goal}",
        "met": value <= goal,
    }


_sent: list[str] = []


def _add_empty_page() -> None:
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.urls import path

    from twinhood import urls
    from twinhood.kit.http import public

    template = engines["django"].from_string("<!doctype html><title>empty</title>")

    @public()
    def empty(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            for statement in _sent:
                cursor.execute(statement)
                cursor.fetchall()
        return HttpResponse(template.render({}, request))

    urls.urlpatterns.append(path(EMPTY.removeprefix("/"), empty))


def _in_turns(*pages: Callable[[], object]) -> list[list[float]]:
    took: list[list[float]] = [[] for _ in pages]
    for _ in range(ROUNDS):
        for number, page in enumerate(pages):
            start = time.perf_counter()
            page()
            took[number].append(time.perf_counter() - start)
    return took


BENCHMARKS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "page_vs_empty_django": page_vs_empty_django
}
