"""Donors are told of what matters: once, together, and never before everybody may know."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from twinhood.deliveries import actions as deliveries
from twinhood.deliveries.models import HandoverAct, Order
from twinhood.deliveries.tests.world import World
from twinhood.giving import actions as giving
from twinhood.giving import letters
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Donor, Gift, Mail, Moment
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.web import moments

pytestmark = pytest.mark.django_db
PRICE = 8_250_000
PUBLIC = AT + timedelta(days=4)
TOLD = AT + timedelta(days=15)


def given(world: World, *gifts: tuple[str, int]) -> list[Gift]:
    """Gifts by cheque a year ago, in this order on the line."""
    rows = [
        OfflineGift(
            rail="cheque",
            intake_key=f"k{world.partnership.pk}-{Gift.objects.count()}-{number}",
            fund_code="main",
            amount_minor=amount,
            currency="USD",
            received_date=date(2025, 8, 1),
            donor=DonorFacts(name=name, email=f"{name.lower()}@example.org"),
            purpose="Ambulances",
        )
        for number, (name, amount) in enumerate(gifts)
    ]
    at = AT - timedelta(days=365)
    taken = giving.take_in(partnership=world.partnership, person=None, rows=rows, at=at)
    giving.post_settled()
    return [Gift.objects.get(ref=new.ref) for new in taken.new]


@pytest.fixture
def world() -> Iterator[World]:
    with clock.showing(AT):
        yield World()


def ordered(world: World, quantity: int = 1) -> Order:
    order = world.proposed(quantity)
    world.approved_by(order, world.tom, world.lesia)
    order.refresh_from_db()
    assert order.state == Order.State.PLACED
    return order


@contextmanager
def looked(at: datetime) -> Iterator[None]:
    """Look and tell at a moment, and stay there."""
    with clock.showing(at):
        moments.find()
        moments.tell()
        yield


def sent(at: datetime) -> list[tuple[str, str]]:
    """To whom the letters go that leave by then, and what is said."""
    mail.outbox.clear()
    moments._read.clear()
    with clock.showing(at):
        letters.send_due(seconds=60)
    return sorted((letter.to[0], str(letter.body)) for letter in mail.outbox)


def test_each_donor_of_what_was_bought_gets_one_letter_with_their_own_sum(world: World) -> None:
    given(world, ("Anna", 1_000), ("Boris", PRICE), ("Anna", 2_000), ("Clara", 5_000))
    ordered(world)

    with looked(PUBLIC):
        pass
    letters_sent = sent(PUBLIC + timedelta(days=1))

    assert [to for to, _ in letters_sent] == ["anna@example.org", "boris@example.org"]
    anna, boris = (body for _, body in letters_sent)
    assert "$10.00 of what you gave" in anna
    assert "$82,490.00 of what you gave" in boris
    assert "/units/" in anna


def test_nothing_is_told_before_the_need_is_public(world: World) -> None:
    given(world, ("Anna", PRICE))
    ordered(world)

    with looked(AT + timedelta(hours=71)):
        assert not Moment.objects.exists()
    with looked(PUBLIC):
        assert [m.kind for m in Moment.objects.all()] == ["bought"]


def test_a_hand_over_is_told_after_the_delay_and_not_a_day_before(world: World) -> None:
    given(world, ("Anna", PRICE))
    unit, *_ = world.with_serials(ordered(world))
    act = world.handed_over(unit)
    with looked(PUBLIC):
        pass
    sent(PUBLIC + timedelta(days=1))

    eve = datetime.combine(act.public_from_date, datetime.min.time(), AT.tzinfo)
    with looked(eve - timedelta(seconds=1)):
        assert not Moment.objects.filter(kind="handed_over").exists()
    with looked(eve + timedelta(seconds=1)):
        assert Moment.objects.filter(kind="handed_over").count() == 1
    ((_, body),) = sent(eve + timedelta(days=1))

    assert "Handed over on 1 September 2026" in body


def test_an_act_that_is_pulled_back_before_the_letter_leaves_is_told_to_nobody(
    world: World,
) -> None:
    given(world, ("Anna", PRICE))
    unit, *_ = world.with_serials(ordered(world))
    act = world.handed_over(unit)
    with looked(PUBLIC):
        pass
    sent(PUBLIC + timedelta(days=1))

    with looked(TOLD):
        assert Mail.objects.filter(state="waiting").count() == 1
        HandoverAct.objects.filter(pk=act.pk).update(is_pulled_back=True)

    assert sent(TOLD + timedelta(days=1)) == []
    assert Mail.objects.filter(state="dropped").count() == 1


def test_moments_of_one_day_are_one_letter(world: World) -> None:
    given(world, ("Anna", 2 * PRICE))
    units = world.with_serials(ordered(world, 2))
    for unit in units:
        world.handed_over(unit)

    with looked(TOLD):
        assert Moment.objects.count() == 3
    ((_, body),) = sent(TOLD + timedelta(days=1))

    assert body.count("Handed over on") == 2
    assert body.count("Ordered on") == 1
    assert sent(TOLD + timedelta(days=2)) == []


def test_a_year_later_a_donor_hears_once_more(world: World) -> None:
    given(world, ("Anna", PRICE))
    unit, *_ = world.with_serials(ordered(world))
    world.handed_over(unit)
    with looked(TOLD):
        pass
    sent(TOLD + timedelta(days=1))

    with looked(AT + timedelta(days=364)):
        assert not Moment.objects.filter(kind="a_year").exists()
    with looked(AT + timedelta(days=366)):
        pass
    ((_, body),) = sent(AT + timedelta(days=368))

    assert "A year ago, on 1 September 2026" in body


def test_looking_again_tells_nobody_twice(world: World) -> None:
    given(world, ("Anna", PRICE))
    ordered(world)

    for day in range(4, 9):
        with looked(AT + timedelta(days=day)):
            pass
        sent(AT + timedelta(days=day + 1))

    assert Mail.objects.count() == 1


def test_a_break_in_the_middle_is_gone_on_with(world: World) -> None:
    given(world, *((f"D{n}", PRICE // 10) for n in range(10)))
    ordered(world)
    with clock.showing(PUBLIC):
        (moment,) = moments.find()
        assert not moments.tell_on(Moment.objects.get(), limit=3)
        assert Mail.objects.count() == 3
        assert not moments.tell_on(Moment.objects.get(), limit=3)
        while not moments.tell_on(Moment.objects.get(), limit=3):
            pass

    assert moment.kind == "bought"
    assert Mail.objects.count() == 10
    assert {tuple(m.facts["moments"].values()) for m in Mail.objects.all()} == {(PRICE // 10,)}


def test_a_large_donor_over_several_batches_has_the_whole_sum(world: World) -> None:
    given(world, *(("Anna", PRICE // 10) for _ in range(10)))
    ordered(world)
    with clock.showing(PUBLIC):
        moments.find()
        while not moments.tell_on(Moment.objects.get(), limit=3):
            pass

    assert list(Mail.objects.get().facts["moments"].values()) == [PRICE]


def test_who_declined_was_forgotten_or_cannot_be_reached_gets_none(world: World) -> None:
    given(world, *((name, PRICE // 4) for name in ("Anna", "Boris", "Clara", "Dora")))
    ordered(world)
    anna, boris, clara, dora = Donor.objects.order_by("id")
    Donor.objects.filter(pk=anna.pk).update(wants_news=False)
    Donor.objects.filter(pk=clara.pk).update(bounced_at=AT)
    giving.erase(donor=boris)

    with looked(PUBLIC):
        pass

    assert [letter.donor for letter in Mail.objects.all()] == [dora]


def test_who_declines_before_the_letter_leaves_gets_none(world: World) -> None:
    given(world, ("Anna", PRICE))
    ordered(world)
    with looked(PUBLIC):
        Donor.objects.update(wants_news=False)

    assert sent(PUBLIC + timedelta(days=1)) == []


def test_what_a_refund_took_away_is_not_told(world: World) -> None:
    anna, _ = given(world, ("Anna", PRICE), ("Boris", PRICE))
    giving.refund_gift(gift=anna, person=None, amount_minor=PRICE, reason="asked", earlier=0, at=AT)
    ordered(world)

    with looked(PUBLIC):
        pass

    assert [to for to, _ in sent(PUBLIC + timedelta(days=1))] == ["boris@example.org"]


def test_what_happened_long_ago_is_told_to_nobody(world: World) -> None:
    given(world, ("Anna", PRICE))
    ordered(world)

    with looked(AT + timedelta(days=31)):
        assert not Moment.objects.exists()


def test_a_cancelled_thing_is_not_told(world: World) -> None:
    given(world, ("Anna", PRICE))
    order = ordered(world)
    unit = order.units.get()
    with clock.showing(AT):
        deliveries.cancel_unit(unit=unit, reason="not made", at=AT)

    with looked(PUBLIC):
        assert not Moment.objects.exists()


def test_telling_costs_the_same_for_many_donors_as_for_few(world: World) -> None:
    given(world, *((f"D{n}", PRICE // 100) for n in range(300)))
    ordered(world, 1)
    ordered(world, 2)
    with clock.showing(PUBLIC):
        moments.find()
        counts = []
        for moment in Moment.objects.order_by("id"):
            with CaptureQueriesContext(connection) as asked:
                moments.tell_on(moment)
            counts.append(len(asked))

    assert counts[0] == counts[1]
    assert Mail.objects.count() == 300


def test_the_letter_speaks_the_donor_s_language_and_can_be_declined(world: World) -> None:
    given(world, ("Anna", PRICE))
    ordered(world)
    Donor.objects.update(language="uk")
    with looked(PUBLIC):
        pass

    ((_, body),) = sent(PUBLIC + timedelta(days=1))

    assert "Замовлено" in body
    assert "List-Unsubscribe" in mail.outbox[0].message()
