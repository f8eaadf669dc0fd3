"""A really running Twinhood with the example, and real browsers that use it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from psycopg import sql
from psycopg.conninfo import make_conninfo

CHECKOUT_DIR = Path(__file__).resolve().parents[2]
START_S = 600.0  # the example takes a minute, and many times that on a busy machine
STOP_S = 60.0
PATIENCE_MS = 30_000
P = "/p/stamford-kramatorsk/"
DESK = "/desk/stamford-kramatorsk/"


@dataclass(frozen=True, slots=True)
class Site:
    """Where the running Twinhood answers, its database, and what it writes."""

    url: str
    database_url: str
    var: Path

    def at(self, path: str, language: str = "en") -> str:
        return f"{self.url}/{language}{path}"

    def let_days_pass(self, days: int) -> None:
        """Move the clock of the running site; it goes on from there until the module ends."""
        (self.var / "days-ahead").write_text(str(days), encoding="ascii")

    def trace_path(self) -> str:
        """The address of Anna's gift, as `twinhood run` prints it."""
        import json

        steps = json.loads((self.var / "example.json").read_text(encoding="utf-8"))["try"]
        return str(next(step["url"] for step in steps if step["url"].startswith("/t/")))


@pytest.fixture(scope="session")
def loaded(database_url: str) -> Iterator[tuple[str, Path]]:
    """Yield the database's name and the folder of a Twinhood that has loaded its example."""
    name = f"journeys_{os.getpid()}"
    folder = Path(tempfile.mkdtemp(prefix="twinhood-journeys-"))
    with psycopg.connect(database_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with _running(make_conninfo(database_url, dbname=name), folder):
        pass
    yield name, folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def site(
    database_url: str, loaded: tuple[str, Path], request: pytest.FixtureRequest
) -> Iterator[Site]:
    """Yield a `twinhood run` with the example as it was loaded, untouched by other modules.

    The journeys of one module share it, and what each leaves the next one finds. At the end the
    public file of it all is made and checked, as an auditor would.
    """
    template, folder = loaded
    name = f"{template}_{request.module.__name__.rpartition('.')[2]}"
    with psycopg.connect(database_url, autocommit=True) as server:
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copied.format(sql.Identifier(name), sql.Identifier(template)))
    url = make_conninfo(database_url, dbname=name)
    own = folder.with_name(f"{folder.name}-{name}")
    try:
        shutil.copytree(folder, own)
        with _running(url, own) as address:
            yield Site(address, url, own)
        expect_provable(url, own)
    finally:
        shutil.rmtree(own, ignore_errors=True)
        with psycopg.connect(database_url, autocommit=True) as server:
            server.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} (FORCE)").format(sql.Identifier(name))
            )


@contextmanager
def _running(database_url: str, folder: Path) -> Iterator[str]:
    """Run Twinhood, and yield where it answers."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "twinhood", "run"],
        env=_environment(database_url, folder) | {"PORT": str(port)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: list[str] = []
    threading.Thread(target=_listen, args=(process, said), daemon=True).start()
    try:
        _wait_until_up(process, said)
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)


def expect_provable(database_url: str, folder: Path) -> None:
    """Make the public file of the partnership as it is now, and verify it."""
    file = folder / "public-file.zip"
    environment = _environment(database_url, folder)
    for command in (["manage", "write_example_file", str(file)], ["verify", str(file)]):
        ran = subprocess.run(
            [sys.executable, "-m", "twinhood", *command],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout + ran.stderr


def _environment(database_url: str, folder: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database_url, "TWINHOOD_VAR": str(folder),
        "PYTHONPATH": str(CHECKOUT_DIR), "TWINHOOD_LOG_LEVEL": "WARNING",
        "TWINHOOD_TEST_CLOCK": str(folder / "days-ahead"),
    }  # fmt: skip


def _listen(process: "subprocess.Popen[str]", said: list[str]) -> None:
    assert process.stdout is not None
    said.extend(iter(process.stdout.readline, ""))


def _wait_until_up(process: "subprocess.Popen[str]", said: list[str]) -> None:
    deadline = time.monotonic() + START_S
    while not any("http://localhost" in line for line in said):
        assert process.poll() is None, "".join(said)
        assert time.monotonic() < deadline, "".join(said)
        time.sleep(0.2)


def read(page: Page, address: str) -> str:
    """What a page says to a reader."""
    page.goto(address)
    return page.locator("main").inner_text()


def oldest_whole(site: Site, amount_minor: int) -> str:
    """The ref of the oldest gift of this amount of which nothing was given back."""
    with psycopg.connect(site.database_url) as database:
        found = database.execute(
            "SELECT ref FROM giving_gift g WHERE amount_minor = %s AND NOT EXISTS"
            " (SELECT FROM giving_refund r WHERE r.gift_id = g.id) ORDER BY id LIMIT 1",
            [amount_minor],
        ).fetchone()
    assert found is not None
    return str(found[0])


def asked_inside(site: Site, program: str) -> str:
    """What a small program says that runs beside the server, as soon as it says something.

    For what only a letter holds: no mail server is there to look into.
    """
    environment = _environment(site.database_url, site.var)
    environment["DJANGO_SETTINGS_MODULE"] = "twinhood.settings"
    program = f"import django; django.setup()\n{program}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        if ran.stdout.strip():
            return ran.stdout.strip()
        time.sleep(1)
    raise AssertionError(f"nothing was said by {program}")


HAS_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[HAS_FAILED] = report.failed
    return report


@pytest.fixture
def be(
    browser: Browser, site: Site, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a browser of its own and becomes somebody of the example."""
    contexts: list[BrowserContext] = []

    def become(name: str, *, language: str = "en", has_script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": 390, "height": 844},
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(site.at("/who/", language))
        with page.expect_navigation():
            page.get_by_role("button", name=name).first.click()
        return page

    yield become
    for context in contexts:
        if request.node.stash.get(HAS_FAILED, False):
            for page in context.pages:
                print(f"{page.url} says:\n{page.locator('body').inner_text()}\n")  # noqa: T201
        context.close()
