"""`twinhood run`: everything up, everything down again, whatever dies."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from twinhood.ops import practice
from twinhood.ops.tests.conftest import make_folder
from twinhood.ops.var import CHECKOUT_DIR

FIRST_START_S = 240.0
STOP_S = 60.0


class Run:
    """A `twinhood run` in a process of its own, and what it says."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port = free_port()
        self.lines: list[str] = []
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {
            "PORT": str(self.port),
            "TWINHOOD_VAR": str(var),
            "TWINHOOD_EXAMPLE": "0",
            "PYTHONPATH": str(CHECKOUT_DIR),
            "LC_ALL": "C",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "twinhood", "run"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def wait_until_up(self) -> "Run":
        deadline = time.monotonic() + FIRST_START_S
        while "Things to try" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)
        return self

    def ask(self, path: str, **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Host": f"localhost:{self.port}", **headers})
        return connection.getresponse()

    def everybody(self) -> list[psutil.Process]:
        """All processes below the supervisor now: PostgreSQL's, the web's, the worker's."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def child(self, *words: str) -> psutil.Process:
        found = (p for p in self.everybody() if all(word in words_of(p) for word in words))
        return next(found)

    def wait_until_down(self) -> int:
        return self.process.wait(STOP_S)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def words_of(process: psutil.Process) -> list[str]:
    """Return the command line; nothing if it ended meanwhile."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run (a zombie that waits for its parent does not)."""
    _, left = psutil.wait_procs(processes, timeout=20)
    return [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    import shutil

    folder = make_folder()
    yield folder / "var"
    shutil.rmtree(folder)


@pytest.fixture
def running(var: Path) -> Iterator[Run]:
    run = Run(var).wait_until_up()
    yield run
    if run.process.poll() is None:
        run.process.send_signal(signal.SIGTERM)
        run.wait_until_down()


def test_the_first_page_leads_to_the_reader_s_language(running: Run) -> None:
    english, ukrainian = running.ask("/"), running.ask("/", **{"Accept-Language": "uk"})

    assert english.status in {301, 302}
    assert english.getheader("Location") == "/en/"
    assert ukrainian.getheader("Location") == "/uk/"
    assert running.ask("/en/").status == 200
    assert running.ask("/uk/").status == 200


def test_cards_are_practised_where_no_account_is_named(running: Run) -> None:
    deadline = time.monotonic() + 30
    while "/practice/" not in running.said and time.monotonic() < deadline:
        time.sleep(0.1)
    port = re.search(r"http://127\.0\.0\.1:(\d+)/practice/", running.said)
    assert port, running.said
    assert running.child("twinhood.ops.child", "practice").is_running()

    event = {"id": "evt_1", "type": "x.y", "livemode": False, "data": {}}
    asked = json.dumps({"payload": event, "times": 2})
    # A machine that is busy with other tests may let the first try wait too long.
    answers: dict[str, list[int]] = {"answers": [0, 0]}
    while 0 in answers["answers"] and time.monotonic() < deadline + 60:
        connection = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=60)
        json_type = {"Content-Type": "application/json"}
        connection.request("POST", "/practice/webhook/send", asked, json_type)
        answers = json.loads(connection.getresponse().read())

    assert answers == {"answers": [200, 200]}


@pytest.mark.parametrize(
    "name", ["TWINHOOD_PRODUCTION", "TWINHOOD_STRIPE_KEY", "TWINHOOD_STRIPE_KEY_FILE"]
)
def test_nothing_is_practised_where_money_may_be_real(name: str) -> None:
    assert practice.is_wanted({"PORT": "8000"})
    assert not practice.is_wanted({"PORT": "8000", name: "1"})


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(running: Run, number: signal.Signals) -> None:
    started = running.everybody()
    assert len(started) > 6

    running.process.send_signal(number)

    assert running.wait_until_down() == 0
    assert alive(started) == []
    assert "Traceback" not in running.said


def test_the_death_of_the_worker_ends_all_loudly(running: Run) -> None:
    started = running.everybody()

    running.child("twinhood.ops.child", "worker").kill()

    assert running.wait_until_down() == 1
    assert "The worker ended by itself (killed by SIGKILL)" in running.said
    assert alive(started) == []


def test_the_death_of_the_database_ends_all_loudly(running: Run) -> None:
    started = running.everybody()

    running.child("-D", str(running.var / "postgres")).kill()

    assert running.wait_until_down() == 1
    assert "PostgreSQL ended by itself" in running.said
    assert alive(started) == []


def test_a_killed_supervisor_leaves_only_the_database_for_the_next_start(running: Run) -> None:
    started = running.everybody()
    database = running.child("-D", str(running.var / "postgres"))
    database_group = [database, *database.children(recursive=True)]

    running.process.kill()
    running.process.wait()

    assert alive([process for process in started if process not in database_group]) == []
    assert database.is_running()
    again = Run(running.var).wait_until_up()
    assert "preparing the database" not in again.said, "a second start has nothing to prepare"
    again.process.send_signal(signal.SIGINT)
    assert again.wait_until_down() == 0
    assert alive([database]) == []
