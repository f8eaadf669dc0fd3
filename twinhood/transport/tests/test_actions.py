"""Promises of shipments: one thing in one, dates in order, what was declared stays."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries.actions import set_serial
from twinhood.deliveries.core.receivers import NotAReceiver
from twinhood.deliveries.errors import SerialKnown
from twinhood.deliveries.handing_over import state_legal_form
from twinhood.deliveries.models import SerialClash
from twinhood.giving.models import InKindGift
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY, organisation
from twinhood.people.models import Organisation
from twinhood.transport import actions, errors, queries
from twinhood.transport.actions import Packed
from twinhood.transport.core.legs import OutOfOrder, Stage, Times
from twinhood.transport.core.reporting import Urgency
from twinhood.transport.models import Damage, Leg, Load, RiskHolder, Shipment
from twinhood.transport.tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(autouse=True)
def _that_day() -> object:
    with clock.showing(AT):
        yield


def declared(world: World, code: str = "GD-2026-001") -> Shipment:
    shipment = world.loaded(*world.with_serials(world.placed(1)))
    return actions.declare(shipment=shipment, code=code, day=DAY)


def test_a_thing_travels_in_one_shipment_until_that_is_cancelled(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    first, second = world.loaded(unit), world.begun()

    with pytest.raises(errors.TravelsElsewhere):
        actions.load(shipment=second, things=[Packed(unit, 1, 1_000)])
    actions.cancel(shipment=first, reason="The truck broke down.", at=AT)

    (load,) = actions.load(shipment=second, things=[Packed(unit, 1, 1_000)])
    assert (load.value_minor, load.currency) == (8_250_000, "USD")


def test_a_charity_receives_no_vehicle_for_itself(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    own = organisation(Organisation.Kind.CHARITY, "Fund of Dr B.")
    Organisation.objects.filter(pk=own.pk).update(legal_form="charity")
    own.refresh_from_db()

    with pytest.raises(NotAReceiver):
        actions.load(shipment=world.begun(consignee=own), things=[Packed(unit, 1, 1_000)])

    assert not Load.objects.exists()


def test_what_kind_of_body_it_is_is_said_once_and_no_clerk_says_it_otherwise(world: World) -> None:
    other = organisation(Organisation.Kind.BENEFICIARY, "School 5")

    state_legal_form(organisation=other, legal_form="charity")
    state_legal_form(organisation=other, legal_form="local_government")

    other.refresh_from_db()
    assert other.legal_form == "charity"


def test_what_was_declared_stays_also_in_sql(world: World) -> None:
    shipment = declared(world)
    load = shipment.loads.get()
    assert load.unit is not None

    with pytest.raises(errors.Closed):
        actions.load(shipment=shipment, things=[Packed(load.unit, 2, 1_000)])
    for change in ({"weight_grams": 1}, {"value_minor": 1}, {"packages": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Load.objects.filter(pk=load.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        load.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Shipment.objects.filter(pk=shipment.pk).update(consignee=world.city_k)


def test_a_declaration_has_a_code_of_its_own(world: World) -> None:
    declared(world)
    another = world.loaded(*world.with_serials(world.placed(1), 5))

    with pytest.raises(errors.CodeKnown):
        actions.declare(shipment=another, code="gd-2026-001", day=DAY)


def test_days_of_customs_stand_in_their_order(world: World) -> None:
    shipment = declared(world)

    with pytest.raises(errors.Closed):
        actions.report(shipment=shipment, number="R-1", day=DAY)
    with pytest.raises(errors.BadDay) as early:
        actions.clear_customs(shipment=shipment, day=DAY - timedelta(days=1))
    with pytest.raises(errors.BadDay) as future:
        actions.clear_customs(shipment=shipment, day=DAY + timedelta(days=1))

    assert (early.value.code, future.value.code) == ("before_declaration", "future")
    actions.clear_customs(shipment=shipment, day=DAY)
    with pytest.raises(errors.BadDay):
        actions.report(shipment=shipment, number="R-1", day=DAY - timedelta(days=1))


def given(world: World, serial: str) -> InKindGift:
    return InKindGift.objects.create(
        partnership=world.partnership, ref=f"GIVEN{len(serial)}", form_key=uuid4(),
        secret_hash=uuid4().bytes * 2, description="Used ambulance", serial=serial, is_vehicle=True,
        value_minor=1_800_000, currency="USD", basis=InKindGift.Basis.VALUATION,
        valued_by="Example Valuers", valued_date=DAY, received_date=DAY, purpose="Ambulances",
        entered_at=AT,
    )  # fmt: skip


def test_a_thing_bought_does_not_bear_the_number_of_a_thing_given(world: World) -> None:
    gift = given(world, serial="WDB9066331S000042")
    (unit,) = world.placed(1).units.all()

    with pytest.raises(SerialKnown):
        set_serial(unit=unit, serial="WDB9066331S000042", by=world.iryna)

    assert SerialClash.objects.get().unit == unit
    InKindGift.objects.filter(pk=gift.pk).update(undone_at=AT, undo_reason="Entered wrongly.")
    assert set_serial(unit=unit, serial="WDB9066331S000042", by=world.iryna).serial
    with pytest.raises(IntegrityError, match="belongs to another thing"), transaction.atomic():
        given(world, serial="wdb 9066331s-000042")


def test_nobody_puts_the_90_days_off_or_reports_anew(world: World) -> None:
    shipment = declared(world)
    with clock.showing(AT + timedelta(days=40)):
        actions.clear_customs(shipment=shipment, day=DAY + timedelta(days=9))
        with pytest.raises(errors.BadDay) as put_off:
            actions.clear_customs(shipment=shipment, day=DAY + timedelta(days=10))
        corrected = actions.clear_customs(shipment=shipment, day=DAY)
        later = "UPDATE transport_shipment SET cleared_date = cleared_date + 1"
        with pytest.raises(IntegrityError, match="run from"), transaction.atomic():
            connection.cursor().execute(later)

        actions.report(shipment=shipment, number="R-1", day=DAY + timedelta(days=40))
        with pytest.raises(errors.Closed) as again:
            actions.report(shipment=shipment, number="R-2", day=DAY)
    again_in_sql = "UPDATE transport_shipment SET reported_date = cleared_date"
    with pytest.raises(IntegrityError, match="run from"), transaction.atomic():
        connection.cursor().execute(again_in_sql)

    assert (put_off.value.code, again.value.code) == ("put_off", "reported")
    assert corrected.cleared_date == DAY


def test_the_report_is_counted_on_the_receivers_calendar(world: World) -> None:
    # 22:30 UTC of day 79 is already day 80 in Kramatorsk.
    shipment = actions.clear_customs(shipment=declared(world), day=DAY)
    late_evening = AT.replace(hour=22, minute=30) + timedelta(days=79)

    with clock.showing(late_evening):
        state = queries.report_state(shipment)

    assert (state.day, state.urgency, state.is_red) == (80, Urgency.RED, True)
    assert state.due == date(2026, 11, 30)


def test_who_is_late_with_a_report_is_known_as_such(world: World) -> None:
    actions.clear_customs(shipment=declared(world), day=DAY)

    assert queries.late_reporters(world.partnership) == set()
    with clock.showing(AT + timedelta(days=92)):
        assert queries.late_reporters(world.partnership) == {world.hospital.pk}


def test_legs_follow_one_another_and_say_where_it_is(world: World) -> None:
    shipment = world.loaded(*world.with_serials(world.placed(1)))
    left, there = AT - timedelta(days=3), AT - timedelta(days=1)
    world.leg(shipment, Times(departed=left))
    world.leg(shipment)

    def stage() -> Stage:
        found = queries.shipment_at_work(world.partnership, shipment.number)
        assert found is not None
        return queries.whereabouts(found).stage

    assert stage() == Stage.UNDER_WAY
    with pytest.raises(OutOfOrder):
        world.leg(shipment, Times(departed=there), position=2)
    world.leg(shipment, Times(departed=left, arrived=there), position=1)
    world.leg(shipment, Times(departed=there, arrived=AT), position=2)
    assert stage() == Stage.ARRIVED


def test_the_database_refuses_a_leg_that_leaves_before_the_last_arrived(world: World) -> None:
    shipment = world.begun()
    world.leg(shipment, Times(departed=AT - timedelta(days=2)))
    second = world.leg(shipment)

    with pytest.raises(IntegrityError), transaction.atomic():
        Leg.objects.filter(pk=second.pk).update(departed_at=AT)


def test_a_damage_takes_who_bears_the_loss_from_its_leg_and_keeps_it(world: World) -> None:
    shipment = declared(world)
    leg, load = world.leg(shipment), shipment.loads.get()

    damage = actions.record_damage(
        load=load, kind=Damage.Kind.DAMAGED, note="The windscreen is broken.", found=DAY,
        leg=leg, by=world.bondar, at=AT,
    )  # fmt: skip

    load.refresh_from_db()
    assert (load.condition, damage.risk_holder) == ("damaged", "carrier")
    with pytest.raises(IntegrityError), transaction.atomic():
        Damage.objects.filter(pk=damage.pk).update(risk_holder="supplier")
    actions.record_remedy(
        damage=damage, remedy=Damage.Remedy.INSURANCE, note="Policy 4711", by=world.tom, at=AT
    )


def test_a_shipment_carries_nothing_of_another_partnership(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    elsewhere = World()

    with pytest.raises(errors.Closed):
        actions.load(shipment=elsewhere.begun(), things=[Packed(unit, 1, 1_000)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Load.objects.create(
            shipment=elsewhere.begun(), unit=unit, packages=1, weight_grams=1, value_minor=1,
            currency="USD",
        )  # fmt: skip


def test_once_it_has_left_who_bears_the_loss_and_its_rate_stay(world: World) -> None:
    shipment = declared(world)
    stated: dict[str, Any] = {
        "shipment": shipment, "currency": "USD", "amount_minor": 100, "day": DAY,
        "source": "National Bank of Ukraine", "by": world.iryna,
    }  # fmt: skip
    left = Times(departed=AT - timedelta(days=1))
    actions.state_rate(**stated, uah_minor=4_100)
    actions.state_rate(**stated, uah_minor=4_123)
    leg = world.leg(shipment, left)
    text = actions.LegText(
        from_place=leg.from_place, to_place=leg.to_place, carrier=leg.carrier,
        risk_holder=RiskHolder.CONSIGNEE, times=left,
    )  # fmt: skip

    with pytest.raises(errors.Closed) as other:
        actions.write_leg(shipment=shipment, text=text, position=1, at=AT)
    with pytest.raises(errors.Closed) as never_left:
        world.leg(shipment, position=1)
    with pytest.raises(errors.Closed) as dearer:
        actions.state_rate(**stated, uah_minor=9_000)
    for sql in (
        "UPDATE transport_leg SET risk_holder = 'consignee'",
        "UPDATE transport_leg SET departed_at = NULL",
        "UPDATE transport_rate SET uah_minor = 9000",
        "DELETE FROM transport_rate",
    ):
        with pytest.raises(IntegrityError, match="it has left"), transaction.atomic():
            connection.cursor().execute(sql)

    assert [one.value.code for one in (other, never_left, dearer)] == ["left"] * 3
    # What is known only later is written down: it arrived.
    world.leg(shipment, Times(departed=left.departed, arrived=AT), position=1)
