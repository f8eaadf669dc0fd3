"""Promises of hand-overs: each thing once, and nothing public before its day."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.deliveries import actions, errors, handing_over, queries
from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.core.receivers import NotAReceiver
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct, SerialClash, Unit
from twinhood.deliveries.queries import PublicUnit
from twinhood.deliveries.tests.world import VIN, World
from twinhood.kit.core.serials import folded
from twinhood.needs.models import Need
from twinhood.needs.tests.world import AT, DAY, words

pytestmark = pytest.mark.django_db
NEED_IS_PUBLIC = AT + timedelta(hours=72)


@pytest.fixture
def world() -> World:
    return World()


def seen(world: World, unit: Unit, days: int = 3) -> PublicUnit:
    return queries.public_unit_names(world.partnership, AT + timedelta(days=days))[unit.code]


def test_a_hand_over_near_the_front_shows_nothing_until_fourteen_days_later(world: World) -> None:
    unit, other = world.with_serials(world.placed(2))
    before = seen(world, unit)

    world.handed_over(unit)

    assert seen(world, unit) == before
    assert seen(world, unit, days=13) == before
    assert (before.state, before.is_open, before.serial_last4) == (PublicState.BOUGHT, False, "")
    after = seen(world, unit, days=14)
    assert (after.state, after.handed_over_date) == (PublicState.HANDED_OVER, DAY)
    assert after.serial_last4 == unit.serial[-4:]
    assert unit.serial not in repr(after)
    assert seen(world, other, days=14).state == PublicState.BOUGHT


def test_away_from_a_front_a_hand_over_is_public_on_its_day() -> None:
    world = World(is_conflict_zone=False)
    (unit,) = world.with_serials(world.placed(1))

    world.handed_over(unit)

    assert seen(world, unit).state == PublicState.HANDED_OVER
    assert seen(world, unit).name == {"en": "ambulance 1", "uk": "швидка №\u00a01"}


def test_a_thing_whose_need_is_not_public_yet_is_only_one_of_its_kind(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    act = world.handed_over(unit)
    HandoverAct.objects.filter(pk=act.pk).update(public_from_date=DAY)

    shown = seen(world, unit, days=2)

    assert (shown.need_number, shown.is_open, shown.state) == (None, False, PublicState.BOUGHT)
    assert shown.name["en"] == "Ambulance"


def test_the_receiving_sides_clerk_chooses_the_day_and_both_sides_pull_back(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    act = world.handed_over(unit)

    with pytest.raises(errors.NotTheReceiver):
        handing_over.set_public_date(act=act, public_from=DAY, by=world.dana)
    with pytest.raises(errors.BadPublicDate):
        handing_over.set_public_date(act=act, public_from=DAY + timedelta(days=91), by=world.iryna)
    handing_over.set_public_date(act=act, public_from=DAY, by=world.iryna)
    assert seen(world, unit).is_open

    handing_over.pull_back(act=act)
    assert not seen(world, unit, days=80).is_open
    assert seen(world, unit, days=80).state == PublicState.BOUGHT

    handing_over.set_public_date(act=act, public_from=DAY, by=world.bondar)
    assert seen(world, unit).is_open


def test_progress_counts_a_hand_over_only_when_it_is_public(world: World) -> None:
    units = world.with_serials(world.placed(2))
    world.handed_over(units[0])

    early, late = (
        queries.campaign_progress(world.campaign, at=AT + timedelta(days=days)) for days in (3, 14)
    )

    assert list(early.progress.items[0].states())[:3] == ["bought", "bought", ""]
    assert list(late.progress.items[0].states())[:3] == ["handed_over", "bought", ""]


def test_a_campaigns_progress_takes_as_many_queries_whatever_there_is(
    world: World, django_assert_num_queries: object
) -> None:
    for first in (1, 3, 5):
        world.handed_over(*world.with_serials(world.placed(2), first))
    campaign = type(world.campaign).objects.select_related("partnership", "fund").get()

    with django_assert_num_queries(3):  # type: ignore[operator]
        queries.campaign_progress(campaign, at=NEED_IS_PUBLIC)


def test_a_thing_is_handed_over_once(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.handed_over(unit)

    with pytest.raises(errors.WrongState):
        world.handed_over(unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_handoverline (act_id, unit_id, condition, note)"
            " SELECT act_id, unit_id, condition, note FROM deliveries_handoverline"
        )


def test_only_what_was_bought_and_not_cancelled_is_handed_over(world: World) -> None:
    proposed = world.proposed(1).units.get()
    cancelled = world.placed(1).units.get()
    actions.cancel_unit(unit=cancelled, reason="None to be had.", at=AT)

    for unit in (proposed, cancelled):
        with pytest.raises(errors.WrongState):
            world.handed_over(unit)


def test_the_database_hands_over_only_what_was_bought(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.handed_over(unit)
    world.proposed(1)

    with (
        pytest.raises(IntegrityError, match="only a thing that was bought"),
        transaction.atomic(),
    ):
        connection.cursor().execute(
            "INSERT INTO deliveries_handoverline (act_id, unit_id, condition, note)"
            " SELECT (SELECT max(id) FROM deliveries_handoveract), max(id), 'good', ''"
            " FROM deliveries_unit"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE deliveries_handoveract SET handed_over_date = '2020-01-01'",
        "UPDATE deliveries_handoveract SET is_pulled_back = true, number = 7",
        "DELETE FROM deliveries_handoveract",
        "UPDATE deliveries_handoverline SET condition = 'good'",
        "DELETE FROM deliveries_handoverline",
    ],
)
def test_the_database_keeps_an_act_as_it_was_recorded(world: World, sql: str) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.handed_over(unit)

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)


def test_a_hand_over_that_has_not_happened_is_not_recorded(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))

    with pytest.raises(errors.DateInFuture):
        world.handed_over(unit, on=date(2999, 1, 1))


def in_sql(act: HandoverAct, unit: Unit) -> None:
    connection.cursor().execute(
        "INSERT INTO deliveries_handoverline (act_id, unit_id, condition, note)"
        " VALUES (%s, %s, 'good', '')",
        [act.pk, unit.pk],
    )


def test_nothing_is_handed_over_before_it_was_bought(world: World) -> None:
    unit, other = world.with_serials(world.placed(2))

    with pytest.raises(errors.HandedOverBeforeBought) as refused:
        world.handed_over(unit, on=DAY - timedelta(days=1))

    assert (refused.value.order, refused.value.placed) == ("O-1", DAY)
    act = world.begun_act(unit, signed=0)
    act.pk, act.number, act.handed_over_date = None, 99, DAY - timedelta(days=1)
    act.save()
    with pytest.raises(IntegrityError, match="before it is bought"), transaction.atomic():
        in_sql(act, other)


@pytest.mark.parametrize(("legal_form", "code"), [("", "unknown"), ("charity", "private")])
def test_a_vehicle_is_handed_to_a_body_of_the_public_hand_only(
    world: World, legal_form: str, code: str
) -> None:
    unit, other = world.with_serials(world.placed(2))
    act = world.begun_act(unit, signed=0)
    world.hospital.legal_form = legal_form
    world.hospital.save()

    with pytest.raises(NotAReceiver) as refused:
        world.begun_act(other)

    assert refused.value.code == code
    with pytest.raises(IntegrityError, match="public hand"), transaction.atomic():
        in_sql(act, other)


def test_a_vehicle_needs_its_number_before_it_is_handed_over(world: World) -> None:
    with pytest.raises(errors.SerialMissing):
        world.handed_over(world.placed(1).units.get())


def test_an_act_sent_again_after_a_power_cut_is_one_act(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    key = uuid4()

    damaged = Handed(unit, HandoverAct.Condition.DAMAGED, "A mirror is broken.")
    acts = [world.begun_act(damaged, form_key=key) for _ in range(2)]

    assert acts[0] == acts[1]
    assert HandoverAct.objects.count() == 1
    world.confirmed(acts[0])
    assert seen(world, unit, days=14).condition == HandoverAct.Condition.DAMAGED
    assert seen(world, unit, days=14).state == PublicState.DAMAGED


def test_a_serial_number_known_elsewhere_is_refused_even_in_another_partnership(
    world: World,
) -> None:
    world.with_serials(world.placed(1))
    elsewhere = World()

    with pytest.raises(errors.SerialKnown):
        actions.set_serial(unit=elsewhere.placed(1).units.get(), serial=VIN.format(1))


def test_a_number_that_another_thing_has_is_kept_as_an_alarm(world: World) -> None:
    known, other = world.with_serials(world.placed(1))[0], world.placed(1).units.get()

    with pytest.raises(errors.SerialKnown):
        actions.set_serial(unit=other, serial=known.serial.replace("B", "В"), by=world.iryna)

    (clash,) = SerialClash.objects.all()
    assert (clash.unit, clash.known_unit, clash.tried_by) == (other, known, world.iryna)


def test_the_database_itself_refuses_one_plate_written_in_two_ways(world: World) -> None:
    known, other = world.with_serials(world.placed(1))[0], world.placed(1).units.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Unit.objects.filter(pk=other.pk).update(serial=known.serial.lower().replace("w", "w-"))


def test_the_database_folds_a_number_as_the_rule_does(world: World) -> None:
    (unit,) = world.placed(1).units.all()

    for serial in ("Sn 4711/b-2", "АВЕКМНОРСТУХІЈЅ", "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "OQI.-_/ 1"):
        Unit.objects.filter(pk=unit.pk).update(serial=serial)
        unit.refresh_from_db()
        assert unit.serial_key == folded(serial)


def test_the_serial_number_of_a_thing_handed_over_stays(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    world.handed_over(unit)

    with pytest.raises(errors.WrongState):
        actions.set_serial(unit=unit, serial=VIN.format(2))
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        Unit.objects.filter(pk=unit.pk).update(serial="X")


def test_the_receiving_side_is_who_lives_there_or_signed(world: World) -> None:
    (unit,) = world.with_serials(world.placed(1))
    act = world.handed_over(unit)

    people = [world.iryna, world.bondar, world.dana, world.tom, world.stranger()]
    assert [queries.is_of_the_receiving_side(p, act) for p in people] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_needs_of_one_kind_count_their_things_apart(world: World) -> None:
    second = world.in_campaign(category=Need.Category.MRI, unit_title=words("scanner"), quantity=1)
    quote = world.quote(second, 170_000_000)
    world.placed(2)
    order = world.proposed(1, quote, "The only maker.")

    assert order.units.get().number == 1
