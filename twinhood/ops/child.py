"""The processes that `twinhood run` starts: `prepare`, `web`, `worker`, and `practice`.

A child ends with its supervisor even if that one is killed by -9: it holds one end of a pipe
whose other end only the supervisor has, and leaves when that one closes.
"""

import asyncio
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from twinhood.ops.console import complain
from twinhood.ops.errors import OpsError

if TYPE_CHECKING:
    from procrastinate import App

EXIT_SAID_WHY = 3
GRACE_S = 15.0
JOB_GRACE_S = 10.0
DATABASE_POLL_S = 0.5
# Each has a lane of its own: what takes minutes, and what waits for a mail server.
SLOW_QUEUES = {"files", "letters"}


def main(kind: str, lifeline: int) -> int:
    """Be that child. Exit code 3 means that the reason has been said in one sentence."""
    threading.Thread(target=_leave_with_supervisor, args=[lifeline], daemon=True).start()
    try:
        KINDS[kind]()
    except OpsError as error:
        complain(f"twinhood: {error}")
        return EXIT_SAID_WHY
    except KeyboardInterrupt:
        return 130
    return 0


def _leave_with_supervisor(lifeline: int) -> None:
    os.read(lifeline, 1)  # nothing is ever written: it returns when the other end is closed
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE_S)
    os.killpg(0, signal.SIGKILL)


def _prepare() -> None:
    from twinhood.ops import prepare

    prepare.main()


def _web() -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from twinhood.kit.bodies import THREADS

    os.environ["TWINHOOD_PROCESS"] = "web"
    cores = os.cpu_count() or 1
    if multiprocessing.get_start_method() == "fork":
        _load_pages()
    Granian(
        "twinhood.wsgi:application",
        address=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=min(2, cores),
        blocking_threads=THREADS,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    ).serve()


def _load_pages() -> None:
    """Load all code once, before the web processes are forked: each then starts in a blink."""
    importlib.import_module("twinhood.wsgi")
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 (reading it imports every room's views)


def _worker() -> None:
    os.environ["TWINHOOD_PROCESS"] = "worker"
    import django
    import psycopg

    django.setup()
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector
    from procrastinate.exceptions import ConnectorException

    if not isinstance(app.connector, DjangoConnector):
        raise OpsError("The worker's queue is not in Django's database.")
    why = "its queue ended by itself"
    try:
        with app.replace_connector(app.connector.get_worker_connector()) as queue:
            if asyncio.run(_work(queue)):
                return
    except (ConnectorException, psycopg.Error) as error:
        why = str(error.__cause__ or error).strip()
    complain(f"twinhood: the worker lost its database ({why}); it waits for it.")
    _wait_for_database()
    # As a fresh process with the same id: nothing half dead of the lost connections is kept.
    command = [sys.executable, "-m", "twinhood.ops.child", *sys.argv[1:]]
    os.execv(sys.executable, command)  # noqa: S606 (ourselves again)


def _wait_for_database() -> None:
    """Return when the database answers again: it may be starting, or a standby taking over."""
    from django.db import OperationalError, connection

    while True:
        try:
            connection.close()
            connection.ensure_connection()
        except OperationalError:
            time.sleep(DATABASE_POLL_S)
        else:
            connection.close()
            return


async def _work(queue: "App") -> bool:
    """Take jobs until a signal stops it; False if it ended by itself, as without a database.

    Finished jobs are deleted: the table holds what waits or failed.
    """
    was_asked = False
    async with queue.open_async():
        working = asyncio.gather(
            *(
                queue.run_worker_async(
                    queues=names,
                    concurrency=1,
                    delete_jobs="successful",
                    shutdown_graceful_timeout=JOB_GRACE_S,
                    install_signal_handlers=False,
                )
                for names in _queues(queue)
            )
        )

        def stop() -> None:
            nonlocal was_asked
            was_asked = True
            working.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        try:
            await working
        except asyncio.CancelledError:
            if not was_asked:
                raise
    return was_asked


def _queues(queue: "App") -> list[list[str]]:
    """Lanes side by side: all that is quick, and each slow queue, so that nothing waits for it."""
    names = {task.queue for task in queue.tasks.values()}
    return [sorted(names - SLOW_QUEUES), *([name] for name in sorted(SLOW_QUEUES))]


def _practice() -> None:
    from twinhood.ops import practice

    practice.run()


KINDS = {"prepare": _prepare, "web": _web, "worker": _worker, "practice": _practice}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
