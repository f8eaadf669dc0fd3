"""Forms kept together: each durable, each counted once, none spoiled by another."""

import threading
import time
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection

from twinhood.giving import errors, keeping, limits, pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Donor, Pledge
from twinhood.giving.tests import pledges, world
from twinhood.giving.tests.test_posting import in_threads
from twinhood.kit import clock
from twinhood.kit.models import Tally
from twinhood.ledger.models import Fund

HERE = b"h" * 16


def a_fund() -> Fund:
    return world.fund(world.partnership())


def counted(fund: Fund, *, waited_s: int = 0, told: Told = pledges.ANNA) -> pledging.Made:
    at = clock.now()
    return pledging.make(
        partnership=fund.partnership,
        form_key=uuid4(),
        choice=pledges.choice(fund, told=told),
        count=limits.count_of(HERE, at, failed=0, waited_s=waited_s),
    )


@pytest.mark.django_db(transaction=True)
def test_of_forms_kept_together_one_that_breaks_a_rule_is_refused_alone() -> None:
    fund = a_fund()
    amounts = iter([2500, 2500, 0, 2500])

    def make() -> pledging.Made:
        with lock:
            amount_minor = next(amounts)
        return pledges.made(fund, amount_minor=amount_minor, told=Told())

    lock = threading.Lock()
    with keeping._together._turn:
        results: list[object] = []
        runner = threading.Thread(target=lambda: results.extend(in_threads(4, make)))
        runner.start()
        deadline = time.monotonic() + 10
        while len(keeping._together._waiting) < 4:
            assert time.monotonic() < deadline
    runner.join(10)

    assert sum(isinstance(result, pledging.Made) for result in results) == 3
    assert sum(isinstance(result, IntegrityError) for result in results) == 1
    assert Pledge.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_meanwhile_costs_a_donor_nothing() -> None:
    fund = a_fund()
    pledges.made(fund)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    in_threads(1, lambda: _end(pid))

    made = pledges.made(fund)

    assert made.is_new
    assert Pledge.objects.count() == 2


def _end(pid: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.django_db
def test_a_form_of_a_known_address_is_counted_once_and_sealed_with_its_key() -> None:
    fund = a_fund()

    first, again = counted(fund), counted(fund)

    assert again.pledge.donor == first.pledge.donor == Donor.objects.get()
    assert pledging.told_with(again.pledge) == pledges.ANNA
    assert Tally.objects.get().count == 2


@pytest.mark.django_db
def test_a_form_that_has_to_wait_is_counted_and_nothing_of_it_is_kept() -> None:
    fund = a_fund()
    counted(fund, told=Told())
    Tally.objects.update(count=119)

    with pytest.raises(errors.HasToWait) as refused:
        counted(fund)

    assert refused.value.forms == 120
    assert (Pledge.objects.count(), Donor.objects.count()) == (1, 0)
    assert Tally.objects.get().count == 120
    assert counted(fund, waited_s=5).is_new


@pytest.mark.parametrize(
    ("failed", "waited_s", "below"),
    [
        (0, 0, 120),
        (0, 5, 600),
        (0, 15, limits.FORMS_MAX),
        (5, 0, 0),
        (5, 10, 600),
        (15, 10, 0),
        (15, 30, limits.FORMS_MAX),
    ],
)
def test_who_waited_long_enough_is_let_in_by_the_same_rule_that_makes_wait(
    failed: int, waited_s: int, below: int
) -> None:
    count = limits.count_of(HERE, clock.now(), failed=failed, waited_s=waited_s)

    assert count.below == below
    for forms in (1, 119, 120, 599, 600, 9_000):
        assert (forms < below) is (limits.wait_s(forms, failed) <= waited_s)


@pytest.mark.django_db(transaction=True)
def test_a_donor_forgotten_between_two_tries_is_a_new_donor() -> None:
    fund = a_fund()
    pledges.made(fund)
    donor = Donor.objects.get()
    known = keeping.Known(donor.pk, bytes(donor.wrapped_key or b""))
    Donor.objects.update(wrapped_key=None, sealed=None, email_index=None)
    sealed_for = pledging._sealed(pledges.choice(fund), fund.partnership_id, known, master_keys())

    kept = keeping.keep(_form(fund) | sealed_for)
    made = pledges.made(fund)

    assert (kept.pledge_id, kept.known) == (None, None)
    assert made.pledge.donor != donor
    assert pledging.told_with(made.pledge) == pledges.ANNA


def _form(fund: Fund) -> keeping.Form:
    return {
        **pledging._entries(pledges.choice(fund)),
        "partnership_id": fund.partnership_id,
        "form_key": str(uuid4()),
        "form_digest": keeping.hexed(b"d" * 32),
        "secret_hash": keeping.hexed(b"s" * 32),
        "reference": "RF000000000000",
        "state": "made",
        "made_at": clock.now().isoformat(),
    }
