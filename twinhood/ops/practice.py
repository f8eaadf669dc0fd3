"""Practice mode of `twinhood run`: cards without money, where nobody has named a Stripe account.

The emulator is a process of its own beside web and worker; docs/reference/practice.md.
"""

import os
import runpy
import secrets
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("TWINHOOD_STRIPE_KEY", "TWINHOOD_STRIPE_URL")
SNAPSHOT = "practice.sqlite3"


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether cards are to be practised: never in production, nor beside an account."""
    names = (*NAMES, "TWINHOOD_PRODUCTION")
    return not any(environ.get(name) or environ.get(f"{name}_FILE") for name in names)


def environment(port: int) -> dict[str, str]:
    """What web and worker must know of it. `port` is that of the web server."""
    near = port + 1 if port < 65_535 else port - 1
    return {
        "TWINHOOD_STRIPE_KEY": "sk_test_practice",
        "TWINHOOD_STRIPE_URL": f"http://127.0.0.1:{_free(near)}",
        # Known to these processes alone, and another one the next time.
        "TWINHOOD_STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(24)}",
    }


def _free(port: int) -> int:
    """That port if nobody listens there, else any; so that pages of the last run still lead on."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def run() -> None:
    """Be the emulator, as the environment says."""
    url = os.environ["TWINHOOD_STRIPE_URL"]
    folder = Path(os.environ["TWINHOOD_VAR"])
    sys.argv = [
        "twinhood.practice",
        *("--port", url.rpartition(":")[2]),
        *("--snapshot", str(folder / SNAPSHOT)),
        *("--webhook", f"http://127.0.0.1:{os.environ['PORT']}/hooks/stripe"),
        *("--webhook-secret", os.environ["TWINHOOD_STRIPE_WEBHOOK_SECRET"]),
        "--daily-payouts",
    ]
    # By its name, as a program: it stands outside the house, and nothing here imports it.
    runpy.run_module("twinhood.practice", run_name="__main__", alter_sys=True)
