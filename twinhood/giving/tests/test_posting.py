"""Posting: each settled gift exactly once, in order, whatever happens to the worker."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from twinhood.giving import actions, keys, queries
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Gift
from twinhood.giving.tests import world
from twinhood.ledger.models import Account, Entry, Fund, Segment
from twinhood.people.models import Partnership
from twinhood.translog import actions as translog

NOBODY = DonorFacts()


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    """Run `work` in `count` threads that start together; results or exceptions."""
    start = threading.Barrier(count)
    results: list[object] = []

    def run() -> None:
        start.wait()
        try:
            results.append(work())
        except Exception as problem:
            results.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def expect_each_posted_once(pair: Partnership) -> None:
    gifts = list(Gift.objects.filter(partnership=pair).order_by("id"))
    net_minor = sum(gift.net_minor for gift in gifts)
    fund = Fund.objects.get(partnership=pair)
    spans = list(Segment.objects.filter(fund=fund).order_by("start_minor"))
    assert {gift.stage for gift in gifts} == {Gift.Stage.POSTED}
    assert [span.key for span in spans] == [gift.key for gift in gifts]
    assert fund.head_minor == fund.free_minor == fund.account.balance_minor == net_minor
    assert Entry.objects.filter(kind="gift").count() == len(gifts)


@pytest.mark.django_db
def test_nothing_is_posted_while_the_log_is_ahead_of_its_database() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(100, donor=NOBODY))
    with transaction.atomic():
        actions.post_settled()
        translog.seal()
        transaction.set_rollback(True)

    assert actions.post_settled() == 0

    assert queries.unposted().count == 1


@pytest.mark.django_db
def test_gifts_are_posted_in_the_order_they_were_taken_in() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, *(world.cheque(100 + n, donor=NOBODY) for n in range(7)))

    counts = [actions.post_settled(3) for _ in range(4)]

    assert counts == [3, 3, 1, 0]
    expect_each_posted_once(pair)


@pytest.mark.django_db
def test_the_line_of_a_month() -> None:
    """The gifts of a September: net of fees they lie end to end from 0."""
    pair = world.partnership()
    world.fund(pair)
    rows = [
        ("wire", 2500, 103),
        ("wire", 10000, 320),
        ("cheque", 250000, 0),
        ("wire", 5000000, 1500),
        ("wire", 500000, 14530),
        ("cash", 1500000, 0),
    ]

    gifts = world.posted(
        pair, *(world.cheque(a, NOBODY, rail=rail, fee_minor=fee) for rail, a, fee in rows)
    )

    spans = [Segment.objects.get(key=gift.key) for gift in gifts]
    assert [(span.start_minor, span.end_minor) for span in spans] == [
        (0, 2397),
        (2397, 12077),
        (12077, 262077),
        (262077, 5260577),
        (5260577, 5746047),
        (5746047, 7246047),
    ]
    fees = Account.objects.get(partnership=pair, code="income:fees-covered:wire")
    assert fees.balance_minor == 16453


@pytest.mark.django_db
def test_the_books_of_one_partnership_do_not_hold_up_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = world.partnership(), world.partnership("westport-lyman")
    for pair in (first, second):
        world.fund(pair)
    (stuck,) = world.taken_in(first, world.cheque())
    (free,) = world.taken_in(second, world.cheque())
    with connection.cursor() as cursor:  # a gift that no books can take: its rail is gone
        cursor.execute("UPDATE giving_gift SET rail = 'pigeon' WHERE id = %s", [stuck.pk])

    with pytest.raises(ExceptionGroup):
        actions.post_settled()

    stages = {gift.pk: gift.stage for gift in Gift.objects.all()}
    assert stages == {stuck.pk: "settled", free.pk: "posted"}


@pytest.mark.django_db(transaction=True)
def test_twenty_who_take_the_same_gift_in_at_once_take_it_in_once() -> None:
    pair = world.partnership()
    world.fund(pair)
    row = world.cheque(2500, key="1042", donor=world.CLARA)

    results = in_threads(
        20, lambda: actions.take_in(partnership=pair, person=None, rows=[row, world.cheque()])
    )

    assert all(isinstance(result, actions.TakenIn) for result in results), results
    assert Gift.objects.filter(intake_key="1042").count() == 1
    assert Gift.objects.count() == 21
    assert Gift.objects.get(intake_key="1042").partnership.donors.count() == 2


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_post_each_gift_once() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, *(world.cheque(100 + n, donor=NOBODY) for n in range(60)))

    def work() -> int:
        posted = 0
        while count := actions.post_settled(7):
            posted += count
        return posted

    results = in_threads(4, work)

    assert sum(count for count in results if isinstance(count, int)) == 60, results
    expect_each_posted_once(pair)


@pytest.mark.django_db(transaction=True)
def test_one_refund_asked_for_ten_times_at_once_is_one_refund() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.posted(pair, world.cheque(10000))

    results = in_threads(
        10,
        lambda: actions.refund_gift(
            gift=gift, person=None, amount_minor=4000, reason="Asked for it", earlier=0
        ),
    )

    assert len({str(result) for result in results}) == 1, results
    assert Fund.objects.get().free_minor == 6000


@pytest.mark.django_db(transaction=True)
def test_of_many_who_make_the_master_keys_at_once_one_wins() -> None:
    results = in_threads(20, keys.master_keys)

    assert len({keys_made.wrapping for keys_made in results}) == 1  # type: ignore[attr-defined]


WORKER = """
import django; django.setup()
from twinhood.giving import actions
print("ready", flush=True)
while actions.post_settled(5): pass
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, *(world.cheque(100 + n, donor=NOBODY) for n in range(600)))

    for pause_s in (0.0, 0.03, 0.08, 0.15):
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            stdout=subprocess.PIPE,
            env=os.environ | environment(),
            cwd=Path(settings.PACKAGE_DIR).parent,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        time.sleep(pause_s)
        worker.send_signal(signal.SIGKILL)
        worker.wait(30)
    while actions.post_settled(100):
        pass

    expect_each_posted_once(pair)


def environment() -> dict[str, str]:
    """The test's own database and folder, for another process."""
    from psycopg.conninfo import make_conninfo

    given = connection.settings_dict
    options = {k: v for k, v in given["OPTIONS"].items() if isinstance(v, str)}
    address = make_conninfo(
        dbname=given["NAME"],
        user=given["USER"],
        password=given["PASSWORD"],
        host=given["HOST"],
        port=given["PORT"],
        **options,
    )
    return {
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "twinhood.settings",
        "TWINHOOD_VAR": str(Path(settings.KEYS_DIR).parent),
    }


@pytest.mark.django_db(transaction=True)
def test_the_worker_posts_what_an_intake_asked_for() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.taken_in(pair, world.cheque(donor=NOBODY), world.cheque(donor=NOBODY))

    done = subprocess.run(
        [sys.executable, "-m", "django", "procrastinate", "worker", "--one-shot"],
        env=os.environ | environment(),
        cwd=Path(settings.PACKAGE_DIR).parent,
        capture_output=True,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr.decode()[-2_000:]
    expect_each_posted_once(pair)
