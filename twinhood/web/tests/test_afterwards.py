"""Givers hear what became of things: in the letter of the day and on the page of their gift."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from twinhood.aftercare import incidents
from twinhood.aftercare.models import FollowUp, Incident
from twinhood.aftercare.tests.world import World
from twinhood.deliveries import actions as deliveries
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, Unit
from twinhood.giving.models import Donor, Gift, Moment
from twinhood.kit import clock
from twinhood.kit.dates import long_date
from twinhood.needs.tests.world import AT
from twinhood.web import trace
from twinhood.web.seen import Seen
from twinhood.web.tests.test_moments import PRICE, given, looked, sent

pytestmark = pytest.mark.django_db
CREDITED_AT = AT + timedelta(days=20)


@dataclass
class Given(World):
    """The ambulance of aftercare's world, paid for by Anna and Boris."""

    gifts: list[Gift] = field(init=False)

    def give(self, amount_minor: int, fund_code: str = "main", currency: str = "USD") -> None:
        self.gifts = given(self, ("Anna", 1_000), ("Boris", amount_minor - 1_000))


@pytest.fixture
def world() -> Iterator[Given]:
    with clock.showing(AT):
        yield Given()


def page(gift: Gift, at: datetime) -> trace.TracePage:
    with clock.showing(at):
        return trace.page(gift, "en", Seen(at))


def titles(gift: Gift, at: datetime) -> list[str]:
    return [step.title for step in page(gift, at).steps]


def told(at: datetime) -> list[tuple[str, str]]:
    """The letters of the next morning."""
    with looked(at):
        pass
    return sent(at + timedelta(days=1))


def everything_before(at: datetime) -> None:
    """Let the letters of what happened earlier leave."""
    told(at)


def published(world: Given, incident: Incident, at: datetime) -> None:
    for person, body in ((world.dana, world.city_s), (world.tom, world.charity)):
        incidents.review(incident=incident, revision=1, by=person, organisation=body, at=at)


def test_an_answer_reaches_each_giver_once_with_their_own_cents(world: Given) -> None:
    answered = world.answered(condition=FollowUp.Condition.MOVED)
    assert answered.answered_at is not None
    at = answered.answered_at + timedelta(hours=1)

    letters = dict(told(at))

    assert set(letters) == {"anna@example.org", "boris@example.org"}
    assert "Moved to another place of its holder. With $10.00" in letters["anna@example.org"]
    assert told(at + timedelta(days=1)) == []
    assert any("Moved to another place" in title for title in titles(world.gifts[0], at))


def test_who_declined_letters_gets_none_and_can_still_read_it(world: Given) -> None:
    Donor.objects.update(wants_news=False)
    answered = world.answered(condition=FollowUp.Condition.STOLEN)
    assert answered.answered_at is not None
    at = answered.answered_at + timedelta(hours=1)

    assert told(at) == []

    stolen = [step for step in page(world.gifts[0], at).steps if "Stolen" in step.title]
    assert [step.is_warning for step in stolen] == [True]


def test_silence_is_said_on_the_gift_s_page(world: Given) -> None:
    before, after = AT + timedelta(days=30), AT + timedelta(days=200)

    asked = page(world.gifts[0], before).unknown
    silent = page(world.gifts[0], after).unknown

    assert any("its holder is asked on this day: 1 December 2026" in line for line in asked)
    assert any("Nothing was heard of it since: 1 September 2026" in line for line in silent)


def test_an_incident_is_told_once_two_people_made_it_public(world: Given) -> None:
    everything_before(AT + timedelta(days=16))
    incident = world.incident()
    assert told(CREDITED_AT) == []

    published(world, incident, CREDITED_AT)
    letters = dict(told(CREDITED_AT + timedelta(days=2)))

    assert "A generator came damaged. With $10.00" in letters["anna@example.org"]
    assert any("A generator came damaged" in t for t in titles(world.gifts[0], CREDITED_AT))


def test_an_incident_that_names_an_order_alone_is_told_to_whose_cents_it_used(
    world: Given,
) -> None:
    everything_before(AT + timedelta(days=16))
    incident = world.incident(units=[], order=world.unit.order)
    published(world, incident, CREDITED_AT)

    letters = dict(told(CREDITED_AT + timedelta(days=2)))
    again = told(CREDITED_AT + timedelta(days=4))

    assert "A generator came damaged. With $10.00" in letters["anna@example.org"]
    assert set(letters) == {"anna@example.org", "boris@example.org"}
    assert again == []
    assert Moment.objects.get(kind="incident").about == f"{world.unit.order}:{incident.number}"
    assert any("A generator came damaged" in t for t in titles(world.gifts[0], CREDITED_AT))


def test_an_incident_of_an_order_that_was_cancelled_reaches_who_had_paid_for_it(
    world: Given,
) -> None:
    given(world, ("Clara", PRICE))
    order = world.proposed(1)
    world.approved_by(order, world.tom, world.lesia)
    everything_before(AT + timedelta(days=16))
    with clock.showing(CREDITED_AT):
        deliveries.cancel_unit(
            unit=order.units.get(), reason="The supplier failed.", at=CREDITED_AT
        )  # fmt: skip

    published(world, world.incident(units=[], order=order), CREDITED_AT + timedelta(days=1))
    letters = dict(told(CREDITED_AT + timedelta(days=2)))

    assert "A generator came damaged" in letters["clara@example.org"]
    assert "anna@example.org" not in letters


def test_an_incident_of_a_hidden_thing_waits_until_the_thing_is_public(world: Given) -> None:
    hidden_until = AT + timedelta(days=14)
    published(world, world.incident(), AT)

    with looked(hidden_until - timedelta(days=2)):
        assert not Moment.objects.filter(kind="incident").exists()
    with looked(hidden_until + timedelta(days=1)):
        assert Moment.objects.filter(kind="incident").count() == 1


def test_givers_of_a_damaged_thing_read_that_it_was_credited(world: Given) -> None:
    anna, _boris = given(world, ("Anna", 2_500), ("Boris", PRICE - 2_500))
    order = world.proposed(1)
    world.approved_by(order, world.tom, world.lesia)
    (unit,) = world.with_serials(order, first=9)
    world.handed_over(
        Handed(unit, condition=HandoverAct.Condition.DAMAGED, note="The casing is broken.")
    )
    everything_before(AT + timedelta(days=16))

    with clock.showing(CREDITED_AT):
        deliveries.credit_unit(
            unit=Unit.objects.get(pk=unit.pk), reason="Came damaged.",
            bank_code="assets:bank:main", by=world.tom, at=CREDITED_AT,
        )  # fmt: skip

    at = CREDITED_AT + timedelta(hours=1)
    (step,) = [s for s in page(anna, at).steps if s.title.startswith("Damaged, and credited")]
    assert (step.is_warning, step.on) == (True, CREDITED_AT.date())
    assert "$25.00 of yours is free again" in step.text
    assert titles(world.gifts[0], at).count(step.title) == 0
    letters = dict(told(at))
    day = long_date(CREDITED_AT.date(), "en")
    assert f"Damaged, and credited on {day}" in letters["anna@example.org"]
    assert "$25.00 of what you gave is in the fund again" in letters["anna@example.org"]


def test_those_whose_cents_are_free_again_hear_that_a_thing_became_cheaper(world: Given) -> None:
    anna, boris = given(world, ("Anna", 2_500), ("Boris", PRICE - 2_500))
    order = world.proposed(1)
    world.approved_by(order, world.tom, world.lesia)
    (unit,) = world.with_serials(order, first=9)
    world.handed_over(Handed(unit, condition=HandoverAct.Condition.DAMAGED, note="A dent."))
    everything_before(AT + timedelta(days=16))

    with clock.showing(CREDITED_AT):
        deliveries.credit_part(
            unit=Unit.objects.get(pk=unit.pk), amount_minor=40_000, reason="Dented door.",
            bank_code="assets:bank:main", by=world.tom, at=CREDITED_AT,
        )  # fmt: skip

    at = CREDITED_AT + timedelta(hours=1)
    (step,) = [s for s in page(boris, at).steps if "part of its price is back" in s.title]
    assert (step.is_warning, step.on) == (True, CREDITED_AT.date())
    assert "$400.00 of yours is free again" in step.text
    assert titles(anna, at).count(step.title) == 0
    letters = dict(told(at))
    assert "$400.00 of what you gave is in the fund again" in letters["boris@example.org"]
    assert "anna@example.org" not in letters
