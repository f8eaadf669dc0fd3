"""`python -m tests.faults --kills 1000` or `--minutes 5`: kill parts under load, then audit.

Prints one line a kill and, at the end, what was acknowledged and what is wrong. Exit code 1 if
anything is.
"""

import argparse
import http.client
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from tests.faults.givers import CSRF, Acknowledged, Treasurer
from tests.faults.house import PARTS, House, running

if TYPE_CHECKING:  # Django can be imported only when its database has an address
    from twinhood.ledger.models import Fund
    from twinhood.people.models import Partnership

TREASURERS = 4
# A kill is worth something only while gifts come in: so many new ones before the next.
FRESH_MIN = 3
FRESH_S = 60.0
PAUSE_MAX_S = 0.4
SETTLE_S = 300.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    until = parser.add_mutually_exclusive_group(required=True)
    until.add_argument("--kills", type=int)
    until.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twinhood-faults-"))
    try:
        with running(folder) as house:
            return _try(house, random.Random(chosen.seed), chosen)  # noqa: S311
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try(house: House, chance: random.Random, chosen: argparse.Namespace) -> int:
    os.environ.update(house.environment())
    import django

    django.setup()
    from django.db import connection

    from tests.faults import audit, logbook
    from tests.faults.bookkeeper import Bookkeeper

    partnership, fund, treasurer_id = _furnish()
    # The server behind this connection will be killed: later questions open another.
    connection.close()
    house.revive("web")
    house.revive("worker")
    session = _sign_in(house, treasurer_id)
    said, stopping = Acknowledged(), threading.Event()
    path = f"/en/desk/{partnership.slug}/gifts/new/?rail=cheque"
    givers = [
        Treasurer(house.port, path, session, fund.pk, number, said, stopping)
        for number in range(TREASURERS)
    ]
    bookkeeper = Bookkeeper(partnership, fund.code, said, stopping)
    watcher = logbook.Watcher(house.folder / "log", watching := threading.Event())
    for thread in (*givers, bookkeeper, watcher):
        thread.start()
    print(f"seed {chosen.seed}; log: {house.log}", flush=True)
    killed = _kill_again_and_again(house, chance, said, chosen)
    stopping.set()
    for thread in (*givers, bookkeeper):
        thread.join(SETTLE_S)
    _let_it_settle(house, said, partnership)
    watching.set()
    watcher.join(SETTLE_S)
    found = [*said.problems, *audit.problems(partnership, said), *logbook.problems(watcher)]
    found += [f"{key} was acknowledged and is not in the books" for key in bookkeeper.missing()]
    print(
        f"{sum(killed.values())} kills ({dict(killed)}); {len(said.gifts)} gifts and "
        f"{len(said.books)} other entries acknowledged, after {said.asked} requests; "
        f"{len(watcher.seen)} checkpoints seen."
    )
    for sentence in found:
        print(f"  WRONG: {sentence}")
    print("Nothing is lost, nothing is there twice." if not found else f"{len(found)} faults.")
    return int(bool(found))


def _furnish() -> "tuple[Partnership, Fund, int]":
    """Make the tables and the example's beginning; return what the givers need."""
    from django.core.management import call_command

    from twinhood.ledger.models import Fund
    from twinhood.ops.world import build_example

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    world = build_example(gift_limit=40)
    fund = Fund.objects.filter(partnership=world.partnership, currency="USD").get()
    return world.partnership, fund, world.persons["tom"].pk


def _sign_in(house: House, person_id: int) -> str:
    """Become the example's treasurer; return the session's cookie."""
    deadline = time.monotonic() + FRESH_S
    while time.monotonic() < deadline:
        door = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
        form = urlencode({"csrfmiddlewaretoken": CSRF, "person": str(person_id)})
        headers = {
            "Host": f"localhost:{house.port}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrf={CSRF}",
        }
        try:
            door.request("POST", "/en/who/become/", form, headers)
            answer = door.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("session="):
                    return value.split(";")[0].removeprefix("session=")
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            door.close()
    raise SystemExit("Nobody could sign in.")


def _kill_again_and_again(
    house: House, chance: random.Random, said: Acknowledged, chosen: argparse.Namespace
) -> Counter[str]:
    killed: Counter[str] = Counter()
    for number in _until(chosen):
        _wait_for_fresh(house, said)
        time.sleep(chance.random() * PAUSE_MAX_S)
        part = chance.choice(PARTS)
        house.kill(part)
        time.sleep(chance.random() * 0.1)
        house.revive(part)
        killed[part] += 1
        if number % 25 == 0:
            print(f"  kill {number}: {dict(killed)}, {said.count()} acknowledged", flush=True)
    _wait_for_fresh(house, said)
    return killed


def _until(chosen: argparse.Namespace) -> Iterator[int]:
    ends_at = time.monotonic() + 60 * (chosen.minutes or 0)
    number = 0
    while number < chosen.kills if chosen.kills else time.monotonic() < ends_at:
        number += 1
        yield number


def _wait_for_fresh(house: House, said: Acknowledged) -> None:
    """Return when new gifts were acknowledged since the last kill, so all parts work again."""
    before, deadline = len(said.gifts), time.monotonic() + FRESH_S
    while len(said.gifts) < before + FRESH_MIN:
        _look_for_dead(house, said)
        if time.monotonic() > deadline:
            said.problems.append(f"no gift was taken for {FRESH_S:.0f} s after a kill")
            return
        time.sleep(0.02)


def _look_for_dead(house: House, said: Acknowledged) -> None:
    """What we did not kill should live: report it, and go on with a new one."""
    for part in house.dead_parts():
        said.problems.append(f"the {part} ended by itself")
        house.children.pop(part)
        house.revive(part)


def _let_it_settle(house: House, said: Acknowledged, partnership: "Partnership") -> None:
    """Wait until the worker has posted and sealed all that was taken in."""
    from tests.faults.waiting import how_much_waits

    deadline = time.monotonic() + SETTLE_S
    while how_much_waits(partnership) and time.monotonic() < deadline:
        _look_for_dead(house, said)
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
