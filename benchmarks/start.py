"""From a fresh clone to the first page, and the second start.

The clone lies in a temporary folder, with an environment of its own: the packages' downloads
count, or pip's cache if it has them. What took how long is printed.
"""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

CHECKOUT_DIR = Path(__file__).resolve().parent.parent
FIRST_RUN_GOAL_S = 180.0
SECOND_START_GOAL_S = 5.0
GIVE_UP_S = 900.0


@cache
def starts() -> tuple[float, float]:
    """Clone, `make run` until the first page comes, stop, start again: the seconds of both."""
    folder = Path(tempfile.mkdtemp(prefix="twinhood-start-"))
    clone = folder / "twinhood"
    try:
        subprocess.run(["git", "clone", "-q", str(CHECKOUT_DIR), str(clone)], check=True)
        first_s = seconds_to_first_page(clone)
        second_s = median(seconds_to_first_page(clone) for _ in range(3))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        remove_data_of(clone)
    return first_s, second_s


def first_run() -> list[dict[str, Any]]:
    return [result("first_run_s", starts()[0], FIRST_RUN_GOAL_S)]


def second_start() -> list[dict[str, Any]]:
    return [result("second_start_s", starts()[1], SECOND_START_GOAL_S)]


def seconds_to_first_page(clone: Path) -> float:
    """Start as a person does, wait for a page that is no error, stop by Ctrl-C."""
    port = free_port()
    hidden = {"DATABASE_URL", "PYTHONPATH", "TWINHOOD_VAR", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    started = time.monotonic()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=environment | {"PORT": str(port)},
        start_new_session=True,
    )
    try:
        while not has_page(port):
            if process.poll() is not None:
                raise RuntimeError(f"make run ended with exit code {process.returncode}")
            if time.monotonic() - started > GIVE_UP_S:
                raise RuntimeError(f"no page in {GIVE_UP_S:.0f} s")
            time.sleep(0.02)
        return time.monotonic() - started
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(120)


def has_page(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/en/", headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def remove_data_of(clone: Path) -> None:
    """As root, data of a clone that its lesser user cannot reach lie in root's own place."""
    from twinhood.ops.postgres.account import STATE_ROOT, digest_of

    shutil.rmtree(STATE_ROOT / digest_of(clone / "var" / "postgres"), ignore_errors=True)


def result(name: str, value_s: float, goal_s: float) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value_s, 2),
        "unit": "s",
        "goal": f"< {goal_s:g}",
        "met": value_s < goal_s,
    }


BENCHMARKS = {"first_run_s": first_run, "second_start_s": second_start}
