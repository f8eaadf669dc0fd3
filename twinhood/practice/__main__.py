"""`python -m twinhood.practice --port 0`: run the emulator until it is told to stop."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from twinhood.practice.api.hooks import add_endpoint
from twinhood.practice.errors import StripeError
from twinhood.practice.server import Practice, RefusedInProduction, serve
from twinhood.practice.store import Habits

SECRET_NEEDED = "--webhook needs --webhook-secret: the receiver must know it too."  # noqa: S105

# What tells the address that was named at the start from those that were added since.
AT_START = {"practice": "start"}


def main(argv: list[str] | None = None) -> int:
    """Run; print the address as the first line. 0 after SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m twinhood.practice", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--snapshot", type=Path, help="a file that outlives a restart")
    parser.add_argument("--seed", help="the same seed gives the same ids")
    parser.add_argument("--webhook", help="an address on this machine that is told of events")
    parser.add_argument("--webhook-secret", help="its secret, whsec_…")
    parser.add_argument("--daily-payouts", action="store_true", help="pay out what is available")
    chosen = parser.parse_args(argv)
    if chosen.webhook and not chosen.webhook_secret:
        parser.error(SECRET_NEEDED)
    try:
        _run(chosen)
    except (RefusedInProduction, StripeError, OSError) as error:
        sys.stderr.write(f"practice: {error}\n")
        return 1
    return 0


def _run(chosen: argparse.Namespace) -> None:
    habits = Habits(pays_out_daily=chosen.daily_payouts)
    is_over = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        is_over.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with serve(
        port=chosen.port,
        seed=chosen.seed,
        snapshot=chosen.snapshot,
        habits=habits,
        senders=2,
    ) as practice:
        if chosen.webhook:
            _register(practice, chosen.webhook, chosen.webhook_secret)
        sys.stdout.write(f"{practice.url}\n")
        sys.stdout.flush()
        is_over.wait()


def _register(practice: Practice, url: str, secret: str) -> None:
    """Have events sent there, and no longer where the last start of this snapshot had them sent."""
    store = practice.store
    with store.changing():
        for endpoint in store.all("webhook_endpoint"):
            if endpoint["metadata"] == AT_START or endpoint["url"] == url:
                store.put("webhook_endpoint", endpoint | {"url": url, "metadata": AT_START})
                store.put("_secret", store.get("_secret", endpoint["id"]) | {"current": secret})
                return
        made, _ = add_endpoint(store, url, ["*"], secret)
        store.put("webhook_endpoint", made | {"metadata": AT_START})


if __name__ == "__main__":
    sys.exit(main())
