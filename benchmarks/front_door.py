"""The front door: forms over real HTTP, against an empty page, and a burst of 50,000 gifts.

One server of the kind that `twinhood run` starts (granian, WSGI) answers both addresses; the same
clients send the same bodies to them in turns, so that what else the machine does falls on both. The
empty page passes the whole middleware and answers 200 with nothing; the front door reads the form,
keeps the donor and the pledge durably, and sends the donor on. Beside them a page that writes one
durable row, and nothing else, says what no front door can do without. The server's processor time
for each form is told too: other work on the machine changes it less than the rates.

The burst is the story of a telethon: every form is sent, every transfer arrives, everything is
posted, every receipt is issued. It fails if a gift is lost or doubled.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import psutil  # type: ignore[import-untyped]

ROUNDS = int(os.environ.get("FRONT_DOOR_ROUNDS", "5"))
ROUND_S = 4.0
CLIENTS = 8
RATIO_GOAL = 0.7
GIFTS = int(os.environ.get("FRONT_DOOR_GIFTS", "50000"))
BURST_GOAL_S = 900.0
PAGE = "/en/p/here-there/give/"
EMPTY = "/benchmark-empty/"
ONE_ROW = "/benchmark-one-row/"
ADDRESSES = ((EMPTY, 200), (ONE_ROW, 200), (PAGE, 303))
_numbers = count()


def tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


# --- the server


def serve(port: int) -> None:
    """Answer as `twinhood run` does, and at one more address with nothing."""
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "benchmarks.front_door:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=CLIENTS,
        log_enabled=False,
    ).serve()


def _application() -> Any:
    import django

    django.setup()
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from twinhood import urls

    @csrf_exempt
    def empty(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    @csrf_exempt
    def one_row(request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO benchmark_row (key) VALUES (%s)", [request.POST["form_key"]]
            )
        return HttpResponse()

    for address, view in ((EMPTY, empty), (ONE_ROW, one_row)):
        urls.urlpatterns.append(path(address.removeprefix("/"), view, name=view.__name__))
    return get_wsgi_application()


def __getattr__(name: str) -> Any:
    if name == "application":
        return _application()
    raise AttributeError(name)


@contextmanager
def server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "benchmarks.front_door", "serve", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while True:
        assert process.poll() is None
        assert time.monotonic() < deadline
        try:
            assert send(HTTPConnection("127.0.0.1", port, timeout=30), EMPTY, form()) == 200
        except OSError:
            time.sleep(0.2)
        else:
            return


# --- the clients


def form() -> tuple[bytes, dict[str, str]]:
    """A donor's form, and headers as of a browser behind our proxy, each from elsewhere."""
    number = next(_numbers)
    entries = {
        "form_key": str(uuid4()), "seen": "2500", "rhythm": "once", "amount": "2500", "other": "",
        "what": "campaign-usd", "email": f"donor-{os.getpid()}-{number}@example.org",
        "name": "Anna", "honour": "", "employer": "", "rule": "us", "rail": "transfer",
    }  # fmt: skip
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Sec-Fetch-Site": "same-origin",
        "X-Forwarded-For": address,
        "Host": "localhost",
    }
    return urlencode(entries).encode(), headers


def send(client: HTTPConnection, address: str, what: tuple[bytes, dict[str, str]]) -> int:
    client.request("POST", address, *what)
    answer = client.getresponse()
    answer.read()
    return answer.status


def in_parallel(port: int, address: str, expected: int, is_over: Any) -> int:
    """Send forms over CLIENTS connections until it is over; how many were answered as expected."""
    answered = [0] * CLIENTS

    def run(number: int) -> None:
        client = HTTPConnection("127.0.0.1", port, timeout=60)
        while not is_over():
            status = send(client, address, form())
            assert status == expected, status
            answered[number] += 1
        client.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(answered)


@dataclass(frozen=True, slots=True)
class Round:
    """Forms a second, and the server's processor time for each."""

    rate: float
    cpu_us: float

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s ({self.cpu_us:.0f} µs)"


def a_round(port: int, address: str, expected: int) -> Round:
    cpu_s, started = _cpu_s(), time.monotonic()
    done = in_parallel(port, address, expected, lambda: time.monotonic() - started > ROUND_S)
    return Round(done / (time.monotonic() - started), (_cpu_s() - cpu_s) / done * 1e6)


def _cpu_s() -> float:
    """What the server has used so far: it is the only child, with its own."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return float(sum(spent.user + spent.system for spent in times))


def ratios(port: int) -> list[float]:
    found = []
    a_round(port, PAGE, 303)
    for number in range(ROUNDS):
        order = ADDRESSES[:: 1 - 2 * (number % 2)]
        rounds = {address: a_round(port, address, expected) for address, expected in order}
        empty, one_row, page = rounds[EMPTY], rounds[ONE_ROW], rounds[PAGE]
        tell(f"empty {empty}, one row {one_row}, front door {page}")
        found.append(page.rate / empty.rate)
    return found


# --- the burst


def burst(port: int) -> float:
    """Seconds from the first form until every gift is posted, traceable and receipted."""
    from twinhood.giving.models import Gift, Link, Pledge

    before = Pledge.objects.count()
    started = time.monotonic()
    left = count()
    in_parallel(port, PAGE, 303, lambda: next(left) >= GIFTS)
    forms_s = time.monotonic() - started
    settle_all()
    settled_s = time.monotonic() - started - forms_s
    post_and_receipt()
    took = time.monotonic() - started
    tell(f"forms {forms_s:.0f} s, settled {settled_s:.0f} s, all {took:.0f} s")
    pledges = Pledge.objects.count()
    assert pledges == before + GIFTS, (pledges, before)
    assert Pledge.objects.filter(gift=None).count() == 0
    assert Gift.objects.count() == pledges
    assert Link.objects.count() == pledges
    return took


def settle_all() -> None:
    """Let each transfer arrive, in two processes, as the treasury's matches would tell it."""
    command = [sys.executable, "-m", "benchmarks.front_door", "settle"]
    halves = [subprocess.Popen([*command, str(half)]) for half in (0, 1)]
    assert [half.wait() for half in halves] == [0, 0]


def settle_half(half: int) -> None:
    from datetime import UTC, datetime

    from twinhood.giving import pledging
    from twinhood.giving.models import Pledge

    today = datetime.now(UTC).date()
    for pledge in Pledge.objects.filter(gift=None).order_by("id").iterator(chunk_size=2_000):
        if pledge.pk % 2 == half:
            pledging.settle(
                pledge, rail_key=f"line-{pledge.pk}", amount_minor=pledge.amount_minor,
                fee_minor=0, currency=pledge.currency, received_date=today,
            )  # fmt: skip


def post_and_receipt() -> None:
    from twinhood.giving import receipts
    from twinhood.giving.actions import post_settled
    from twinhood.giving.models import Gift, Receipt

    while post_settled(batches_max=50):
        pass
    while receipts.issue_due(5_000):
        pass
    assert Receipt.objects.count() == Gift.objects.count()


# --- the figures


def a_campaign() -> None:
    from datetime import date

    from benchmarks.intake import a_fund
    from twinhood.giving.models import Issuer
    from twinhood.kit.fields import LocalText
    from twinhood.needs.models import Campaign

    fund = a_fund()
    words = LocalText({"en": "Ambulances"})
    campaign = Campaign.objects.create(
        partnership=fund.partnership, slug="each", title=words, currency="USD", fund=fund,
        residents=1_000, residents_source=words,
        slogan_per_head_minor=2500, slogan_residents=1_000, slogan_source=words,
        fallback_purpose=words, surplus_rule=words, ends_date=date(2099, 12, 31),
    )  # fmt: skip
    campaign.state = Campaign.State.OPEN
    campaign.save()
    Issuer.objects.create(
        organisation=fund.partnership.recipient, legal_name="Example Aid", is_example=True,
        registry_code="00-0000000", iban="GB33BUKB20201555555555",
    )  # fmt: skip


def figures() -> dict[str, float]:
    """Both figures, measured in the database that the settings name."""
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE benchmark_row (id bigserial PRIMARY KEY, key uuid UNIQUE)")
    a_campaign()
    with server() as port:
        found = {"front_door_vs_empty_post": median(ratios(port))}
        found["burst_50k_posted_s"] = burst(port)
    return found


def front_door() -> list[dict[str, Any]]:
    """Start a durable PostgreSQL of our own, and measure in processes with its address."""
    from twinhood.ops.postgres import start

    folder = Path(tempfile.mkdtemp(prefix="twinhood-front-door-"))
    folder.chmod(0o711)
    try:
        with start(folder / "postgres") as postgres:
            environment = {
                "DATABASE_URL": postgres.url,
                "DJANGO_SETTINGS_MODULE": "twinhood.settings",
                "TWINHOOD_VAR": str(folder / "var"),
                "TWINHOOD_LOG_LEVEL": "ERROR",
                "TWINHOOD_PROXY_COUNT": "1",
            }
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.front_door", "figures"],
                env=os.environ | environment, stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = json.loads(done.stdout.splitlines()[-1])
    ratio, seconds = found["front_door_vs_empty_post"], found["burst_50k_posted_s"]
    return [
        {
            "name": "front_door_vs_empty_post", "value": round(ratio, 2), "unit": "ratio",
            "goal": RATIO_GOAL, "met": ratio >= RATIO_GOAL,
        },
        {
            "name": "burst_50k_posted_s", "value": round(seconds, 1), "unit": "s",
            "goal": f"<= {BURST_GOAL_S:.0f}", "met": seconds <= BURST_GOAL_S and GIFTS >= 50_000,
        },
    ]  # fmt: skip


BENCHMARKS = {"front_door": front_door}

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        import django

        django.setup()
        if sys.argv[1] == "settle":
            settle_half(int(sys.argv[2]))
        else:
            print(json.dumps(figures()))
