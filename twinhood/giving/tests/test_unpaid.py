"""Who filled in a form and never paid is forgotten after a while; nobody else is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import Settings

from twinhood.giving import actions, pledging
from twinhood.giving.core.pledged import Told
from twinhood.giving.models import Donor, Gift, Pledge
from twinhood.giving.tests import pledges, world
from twinhood.kit import clock
from twinhood.ledger.models import Fund

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = THEN + timedelta(days=91)
ANNA = Told(name="Anna", email="anna@example.org", honour="Boris")


@pytest.fixture
def fund() -> Fund:
    return world.fund(world.partnership())


def made(fund: Fund, told: Told = ANNA, at: datetime = THEN) -> Pledge:
    with clock.showing(at):
        pledge = pledges.made(fund, told=told, shows_name=True).pledge
    Donor.objects.update(created_at=THEN)
    return pledge


def paid(pledge: Pledge) -> None:
    pledging.settle(
        pledge, rail_key=f"line-{pledge.pk}", amount_minor=2500, fee_minor=0,
        currency="USD", received_date=date(2026, 3, 2),
    )  # fmt: skip


def test_name_address_and_words_go_and_the_sum_stays(fund: Fund) -> None:
    pledge = made(fund)
    amount_minor = pledge.amount_minor

    early = actions.forget_unpaid(at=THEN + timedelta(days=89))
    assert pledging.told_with(Pledge.objects.get()) == ANNA
    gone = [actions.forget_unpaid(at=LATER) for _ in range(2)]

    pledge = Pledge.objects.get()
    donor = Donor.objects.get()
    assert (early, gone) == (0, [1, 0])
    assert (pledge.sealed_words, pledge.shows_name, pledge.amount_minor) == (
        None, False, amount_minor,
    )  # fmt: skip
    assert (donor.sealed, donor.wrapped_key, donor.email_index) == (None, None, None)


def test_how_long_is_a_setting(fund: Fund, settings: Settings) -> None:
    settings.UNPAID_KEPT_DAYS = 10
    made(fund)

    assert actions.forget_unpaid(at=THEN + timedelta(days=11)) == 1


def test_who_paid_once_or_asked_again_of_late_stays_known(fund: Fund) -> None:
    paid(made(fund))
    made(fund)
    clara = Told(name="Clara", email="clara@example.org")
    made(fund, clara)
    made(fund, clara, at=LATER - timedelta(days=1))

    assert actions.forget_unpaid(at=LATER) == 0

    words = [pledging.told_with(pledge) for pledge in Pledge.objects.order_by("id")]
    assert words == [ANNA, Told(), Told(), clara]
    assert not Donor.objects.filter(sealed=None).exists()


def test_a_transfer_that_comes_after_that_is_a_gift_of_nobody_known(fund: Fund) -> None:
    pledge = made(fund)
    actions.forget_unpaid(at=LATER)

    paid(Pledge.objects.get())
    actions.post_settled()

    gift = Gift.objects.get()
    assert (gift.purpose, gift.shows_name) == (pledge.purpose, False)
    assert Pledge.objects.get().gift == gift
