"""The processes that `twinhood run` starts: `prepare`, `web` and `worker`.

A child ends with its supervisor even if that one is killed by -9: it holds one end of a pipe
whose other end only the supervisor has, and leaves when that one closes.
"""

import os
import signal
import sys
import threading
import time

from twinhood.ops.console import complain
from twinhood.ops.errors import OpsError

EXIT_SAID_WHY = 3
GRACE_S = 15.0


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

    os.environ["TWINHOOD_PROCESS"] = "web"
    Granian(
        "twinhood.wsgi:application",
        address=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        interface=Interfaces.WSGI,
        workers=min(2, os.cpu_count() or 1),
        blocking_threads=8,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    ).serve()


def _worker() -> None:
    os.environ["TWINHOOD_PROCESS"] = "worker"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("procrastinate", "worker", "--shutdown-graceful-timeout", "10")


KINDS = {"prepare": _prepare, "web": _web, "worker": _worker}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
