"""`twinhood run`: database, preparation, web and worker in the foreground, until Ctrl-C.

The supervisor knows no Django. It starts each part as a process group of its own; the death of
one ends all, loudly, and what it started it stops.
"""

import http.client
import json
import locale
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from twinhood.ops import practice, var
from twinhood.ops.child import EXIT_SAID_WHY
from twinhood.ops.console import complain, say, step
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import Server, start
from twinhood.ops.postgres.account import reachable_data_dir

FREE_BYTES_MIN = 200 * 1024**2
NEW_BYTES_MIN = 1024**3  # the cities of the world with all their names, and the journal of that
POLL_S = 0.2
STOP_S = 20.0
FIRST_PAGE_S = 90.0


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or sent a signal: leave, cleanly."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where this run listens and writes."""

    host: str
    port: int
    var: Path

    @classmethod
    def from_environment(cls) -> "Place":
        text = os.environ.get("PORT") or "8000"
        if not text.isdecimal() or not 1 <= int(text) <= 65_535:
            raise OpsError(f"PORT must be a number from 1 to 65535, and is {text!r}.")
        host = os.environ.get("HOST") or "127.0.0.1"
        return cls(host, int(text), var.var_dir(os.environ))

    @property
    def visited_host(self) -> str:
        """The name by which visitors come, which the web process answers to."""
        site_url = os.environ.get("TWINHOOD_SITE_URL", "")
        return urlsplit(site_url).netloc or f"localhost:{self.port}"

    @property
    def address(self) -> str:
        """What to type into a browser; passkeys want the name `localhost`, not a number."""
        is_everywhere_or_here = self.host in {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"}  # noqa: S104
        host = "localhost" if is_everywhere_or_here else self.host
        return f"http://{host}:{self.port}"


@dataclass(slots=True)
class Child:
    """A process that we started, the leader of its own group."""

    name: str
    process: "subprocess.Popen[bytes]"

    def stop(self, patience_s: float) -> None:
        """End the whole group: politely, then at once."""
        self._send(signal.SIGTERM)
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            complain(f"  the {self.name} does not stop; it is killed")
        self._send(signal.SIGKILL)  # whatever is left of the group
        self.process.wait()

    def _send(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass
        except PermissionError:  # macOS says this of a group whose members are all dead
            pass


@dataclass(slots=True)
class Supervisor:
    """What runs now, and the order in which it stops."""

    place: Place
    environment: dict[str, str]
    lifeline: tuple[int, int] = field(default_factory=os.pipe)
    server: Server | None = None
    children: list[Child] = field(default_factory=list)

    def start_database(self) -> None:
        if var.database_url(self.environment) is not None:
            return
        with step("starting PostgreSQL"):
            self.server = start(self.place.var / "postgres", progress=say)
        self.environment["DATABASE_URL"] = self.server.url

    def start_child(self, name: str, kind: str, **variables: str) -> Child:
        command = [sys.executable, "-m", "twinhood.ops.child", kind, str(self.lifeline[0])]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            # Its first line is for programs: where it listens, which we chose.
            stdout=subprocess.DEVNULL if kind == "practice" else None,
            env=variables | self.environment,
            pass_fds=(self.lifeline[0],),
            start_new_session=True,
        )
        child = Child(name, process)
        self.children.append(child)
        return child

    def prepare(self) -> None:
        """Wait for the preparing process; raise if it fails."""
        # Some thousand example gifts would be some hundred lines of log.
        child = self.start_child("preparation", "prepare", TWINHOOD_LOG_LEVEL="WARNING")
        code = child.process.wait()
        self.children.remove(child)
        if code == EXIT_SAID_WHY:
            raise OpsError("The start was given up; the line above says why.")
        if code != 0:
            raise OpsError("Preparing the database failed; the lines above say where.")

    def check(self) -> None:
        """Raise if something that should run does not."""
        for child in self.children:
            if (code := child.process.poll()) is not None:
                raise OpsError(f"The {child.name} ended by itself ({_how(code)}); all is stopped.")
        if self.server is not None and not self.server.is_alive():
            raise OpsError(
                "PostgreSQL ended by itself; all is stopped. Its log is in "
                f"{self.server.cluster.data_dir / 'log'}; the next start repairs what it must."
            )

    def wait_for_first_page(self) -> None:
        deadline = time.monotonic() + FIRST_PAGE_S
        while (status := _status_of(self.place)) is None:
            self.check()
            if time.monotonic() > deadline:
                raise OpsError(f"No page came from {self.place.address} in {FIRST_PAGE_S:.0f} s.")
            time.sleep(0.05)
        if status >= 500:
            complain(f"  the first page answers {status}: the lines above or the log say why")

    def stop(self) -> None:
        """Stop what was started, the database last."""
        stoppers = [threading.Thread(target=child.stop, args=[STOP_S]) for child in self.children]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()
        self.children.clear()
        if self.server is not None:
            self.server.stop(say)


def main() -> int:
    """Run until stopped. Returns 0 after Ctrl-C or SIGTERM; raises `OpsError` on any failure."""
    started = time.monotonic()
    place = Place.from_environment()
    _refuse_taken_port(place)
    var.database_url(os.environ)
    var.ensure_var(place.var)
    _refuse_full_disk(place)
    var.ensure_secret_key(place.var)
    _say_if_locale_is_not_utf8()
    supervisor = Supervisor(place, environment_for(place))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        _run(supervisor, started)
    except Stopped:
        say("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
    return 0


def _run(supervisor: Supervisor, started: float) -> NoReturn:
    supervisor.start_database()
    supervisor.prepare()
    is_practice = practice.is_wanted(supervisor.environment)
    if is_practice:
        supervisor.environment |= practice.environment(supervisor.place.port)
        supervisor.start_child("practice of cards", "practice")
    supervisor.start_child("web server", "web")
    with step("waiting for the first page"):
        supervisor.wait_for_first_page()
    # Only now, so that on a small machine it does not compete with the first page.
    supervisor.start_child("worker", "worker")
    _greet(supervisor.place, time.monotonic() - started)
    if is_practice:
        _say_practice(supervisor.environment["TWINHOOD_STRIPE_URL"])
    while True:
        supervisor.check()
        time.sleep(POLL_S)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def environment_for(place: Place) -> dict[str, str]:
    """Return what the children see: our choices made explicit, text always UTF-8."""
    paths = [str(var.CHECKOUT_DIR)] if var.is_checkout() else []
    paths += [path for path in [os.environ.get("PYTHONPATH")] if path]
    return {
        **os.environ,
        "HOST": place.host,
        "PORT": str(place.port),
        "TWINHOOD_VAR": str(place.var),
        "DJANGO_SETTINGS_MODULE": "twinhood.settings",
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {}),
    }


def _refuse_taken_port(place: Place) -> None:
    """Raise one sentence if nobody can listen there."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        raise OpsError(f"Port {place.port} is for root only: choose PORT above 1023.") from None
    except socket.gaierror:
        raise OpsError(f"HOST is {place.host!r}, and there is no such address.") from None
    except OSError as error:
        why = (error.strerror or "it is taken").lower()
        other = place.port % 65_000 + 1
        raise OpsError(
            f"Port {place.port} on {place.host} cannot be used ({why}): "
            f"stop what listens there, or choose another, for example PORT={other}."
        ) from None


def _refuse_full_disk(place: Place) -> None:
    """Raise one sentence if the disk of the data (or of a new database) has too little room."""
    data_dir = reachable_data_dir(place.var / "postgres")
    wanted = FREE_BYTES_MIN if data_dir.exists() else NEW_BYTES_MIN
    for folder in {place.var, next(path for path in data_dir.parents if path.exists())}:
        free = shutil.disk_usage(folder).free
        if free < wanted:
            raise OpsError(
                f"The disk that holds {folder} has {free // 1024**2} MB left, and Twinhood wants "
                f"at least {wanted // 1024**2} MB: free some space and start again."
            )


def _say_if_locale_is_not_utf8() -> None:
    name = locale.setlocale(locale.LC_CTYPE, None)
    encoding = locale.nl_langinfo(locale.CODESET) if hasattr(locale, "nl_langinfo") else "UTF-8"
    if encoding.upper().replace("-", "") != "UTF8":
        say(
            f"  this terminal's locale ({name}) is not UTF-8: Twinhood uses UTF-8 all the same; "
            "letters that look wrong here are right on the pages"
        )


def _status_of(place: Place) -> int | None:
    """Ask for the first page: its status, None if nobody answers yet."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place.host, place.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, place.port, timeout=20)
    try:
        connection.request("GET", "/", headers={"Host": place.visited_host})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _greet(place: Place, seconds: float) -> None:
    say(f"\nTwinhood runs at {place.address}/ (started in {seconds:.1f} s; Ctrl-C stops it).")
    say("Things to try:")
    for what, url in things_to_try(place.var):
        say(f"  · {what}: {place.address}{url}")


def _say_practice(url: str) -> None:
    say("Practice: no money moves. Give with the test card 4242 4242 4242 4242; behind the scenes:")
    say(f"  · {url}/practice/")


def things_to_try(folder: Path) -> list[tuple[str, str]]:
    """Return what the example proposes, or what every installation has."""
    try:
        found = json.loads((folder / "example.json").read_text(encoding="utf-8"))
        return [(str(item["what"]), str(item["url"])) for item in found["try"]][:5]
    except (OSError, ValueError, KeyError, TypeError):
        return [
            ("Look around", "/en/"),
            ("Find a city by any of its names", "/registry/"),
            ("Read it in Ukrainian", "/uk/"),
        ]
