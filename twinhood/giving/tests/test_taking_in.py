"""Taking gifts in: once, whole, and under two names that do not lead to each other."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.giving import actions, queries
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.errors import BadGift, GivingError, TakenInAlready
from twinhood.giving.models import Donor, Gift
from twinhood.giving.tests import world
from twinhood.kit import clock

pytestmark = pytest.mark.django_db


def test_a_gift_gets_a_public_name_and_a_secret_that_is_stored_only_as_its_hash() -> None:
    pair = world.partnership()
    world.fund(pair)

    taken = actions.take_in(partnership=pair, person=None, rows=[world.cheque()])

    (new,) = taken.new
    gift = Gift.objects.get(ref=new.ref)
    found = queries.gift_by_secret(new.secret)
    assert found == gift
    assert queries.gift_by_secret(new.ref) is None
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(g)::text FROM giving_gift g")
        assert new.secret not in cursor.fetchone()[0]


def test_the_secret_is_found_as_typed_from_paper() -> None:
    pair = world.partnership()
    world.fund(pair)
    (new,) = actions.take_in(partnership=pair, person=None, rows=[world.cheque()]).new

    typed = new.secret.upper().replace("0", "O").replace("1", "l")
    dashed = "-".join(typed[i : i + 4] for i in range(0, len(typed), 4))

    found = queries.gift_by_secret(dashed)
    assert found is not None
    assert found.ref == new.ref


@pytest.mark.parametrize("secret", ["", "x", "'; DROP TABLE", "z" * 26, "я" * 26, "0" * 10_000])
def test_what_no_secret_can_be_leads_nowhere(secret: str) -> None:
    assert queries.gift_by_secret(secret) is None


def test_the_same_rows_twice_add_nothing() -> None:
    pair = world.partnership()
    world.fund(pair)
    rows = [world.cheque(2500, key="a"), world.cheque(2500, key="b")]

    first = actions.take_in(partnership=pair, person=None, rows=rows)
    again = actions.take_in(partnership=pair, person=None, rows=rows)

    assert (len(first.new), len(again.new)) == (2, 0)
    assert set(again.known_refs) == {gift.ref for gift in first.new}
    assert Gift.objects.count() == 2


def test_a_known_key_with_other_money_is_refused() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.taken_in(pair, world.cheque(2500, key="1042"))

    with pytest.raises(TakenInAlready) as refused:
        world.taken_in(pair, world.cheque(), world.cheque(9900, key="1042"))

    assert (refused.value.ref, refused.value.number) == (gift.ref, 2)
    assert Gift.objects.count() == 1


def test_two_rows_of_one_intake_with_one_key_and_other_money_are_refused() -> None:
    pair = world.partnership()
    world.fund(pair)

    with pytest.raises(TakenInAlready):
        world.taken_in(pair, world.cheque(100, key="x"), world.cheque(200, key="x"))

    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 0}, "amount"),
        ({"amount_minor": -1}, "amount"),
        ({"amount_minor": 2**63}, "amount"),
        ({"amount_minor": 10**30}, "amount"),
        ({"amount_minor": 25.0}, "amount"),
        ({"amount_minor": True}, "amount"),
        ({"amount_minor": float("nan")}, "amount"),
        ({"fee_minor": -1}, "fee"),
        ({"fee_minor": 2500}, "fee"),
        ({"fee_minor": 0.5}, "fee"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "usd "}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"fund_code": "lyman-usd"}, "fund"),
        ({"rail": "pigeon"}, "rail"),
        ({"received_date": date(9999, 12, 31)}, "future"),
        ({"intake_key": ""}, "key"),
        ({"intake_key": "x" * 201}, "key"),
        ({"shows_name": True, "donor": DonorFacts()}, "name"),
    ],
)
def test_one_bad_row_refuses_all(change: dict[str, object], code: str) -> None:
    pair = world.partnership()
    world.fund(pair)
    bad = replace(world.cheque(), **change)  # type: ignore[arg-type]

    with pytest.raises(BadGift) as refused:
        world.taken_in(pair, world.cheque(), bad, world.cheque())

    assert (refused.value.code, refused.value.number) == (code, 2)
    assert not Gift.objects.exists()
    assert not Donor.objects.exists()


def test_a_gift_of_another_currency_gets_a_fund_of_its_own_and_no_conversion() -> None:
    pair = world.partnership()
    world.fund(pair)
    world.fund(pair, "kramatorsk-eur", "EUR")

    world.taken_in(
        pair, world.cheque(2500), world.cheque(2500, fund_code="kramatorsk-eur", currency="EUR")
    )

    sums = [(t.currency, t.gross_minor) for t in queries.totals(pair)]
    assert sums == [("EUR", 2500), ("USD", 2500)]


def test_cash_is_counted_by_a_second_person_who_works_here() -> None:
    pair, other = world.partnership(), world.partnership("westport-lyman")
    world.fund(pair)
    tom, lesia = world.tom(pair), world.person("Lesia", pair, "approver")
    stranger = world.person("Olha", other, "treasurer")

    for nobody in (None, tom.pk, stranger.pk):
        row = world.cheque(rail="cash", counted_by_id=nobody)
        with pytest.raises(BadGift):
            actions.take_in(partnership=pair, person=tom, rows=[row])
    counted = world.cheque(rail="cash", counted_by_id=lesia.pk)
    taken = actions.take_in(partnership=pair, person=tom, rows=[counted])

    assert Gift.objects.get(ref=taken.new[0].ref).counted_by == lesia


def test_the_database_refuses_what_the_action_refuses() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.taken_in(pair, world.cheque(2500, key="k"))

    for change in (
        {"amount_minor": 0},
        {"amount_minor": -5},
        {"fee_minor": 2500},
        {"fee_minor": -1},
        {"amount_minor": 10**17 + 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Gift.objects.filter(pk=gift.pk).update(**change)


def test_the_posting_job_exists_if_and_only_if_the_gifts_do() -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    pair = world.partnership()
    world.fund(pair)
    jobs = ProcrastinateJob.objects.filter(task_name=actions.POSTING_TASK)

    with pytest.raises(GivingError):
        world.taken_in(pair, world.cheque(), world.cheque(0))
    assert jobs.count() == 0
    world.taken_in(pair, world.cheque())
    world.taken_in(pair, world.cheque())

    assert jobs.count() == 1


def test_refs_are_short_unlike_and_unambiguous() -> None:
    pair = world.partnership()
    world.fund(pair)

    gifts = world.taken_in(pair, *(world.cheque(donor=DonorFacts()) for _ in range(200)))

    refs = {gift.ref for gift in gifts}
    assert len(refs) == 200
    assert all(len(ref) == 8 and not set(ref) & set("ILOUilou") for ref in refs)


def test_a_ref_that_is_taken_is_not_given_twice() -> None:
    pair = world.partnership()
    world.fund(pair)
    given: list[bytes] = [b"\x01" * 5, b"\x07" * 16, b"\x01" * 5, b"\x02" * 5, b"\x08" * 16]

    def randomness(length: int) -> bytes:
        assert len(given[0]) == length
        return given.pop(0)

    rows = [world.cheque(donor=DonorFacts())], [world.cheque(donor=DonorFacts())]
    for each in rows:
        actions.take_in(partnership=pair, person=None, rows=each, randomness=randomness)

    assert Gift.objects.values("ref").distinct().count() == 2


def test_a_gift_keeps_the_words_it_was_given_under() -> None:
    pair = world.partnership()
    world.fund(pair)
    (gift,) = world.taken_in(pair, world.cheque(purpose="Ambulances for Kramatorsk"))

    pair.slug = "renamed"
    pair.save()

    gift.refresh_from_db()
    assert gift.purpose == "Ambulances for Kramatorsk"


def test_the_oldest_gift_that_waits_is_known_until_it_is_posted() -> None:
    pair = world.partnership()
    world.fund(pair)
    long_ago = clock.now() - timedelta(days=3)
    assert queries.oldest_unposted_at() is None

    actions.take_in(partnership=pair, person=None, rows=[world.cheque()], at=long_ago)
    world.taken_in(pair, world.cheque())

    assert queries.oldest_unposted_at() == long_ago
    actions.post_settled()
    assert queries.oldest_unposted_at() is None
