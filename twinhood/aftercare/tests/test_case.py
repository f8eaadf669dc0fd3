"""A case's timeline, as every room tells its part of it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from twinhood.aftercare import following
from twinhood.aftercare.tests.world import World
from twinhood.deliveries.handing_over import Handed
from twinhood.deliveries.models import HandoverAct
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, DAY
from twinhood.people.case import Case, Stage, ToldStep, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    with clock.showing(AT):
        return World()


def way(world: World, days: int = 0, order: int | None = None) -> list[ToldStep]:
    today = DAY + timedelta(days=days)
    return told(Case(world.partnership, world.need.number, today, order))


def next_of(steps: list[ToldStep]) -> ToldStep:
    (found,) = [one for one in steps if one.state == "now"]
    return found


def test_a_thing_that_was_handed_over_has_every_stage_with_its_day_and_who(world: World) -> None:
    steps = way(world)

    done = {one.step.stage: one.step for one in steps if one.state == "done"}
    assert set(done) >= {Stage.ASKED, Stage.CHECKED, Stage.ORDERED, Stage.PAID, Stage.HANDED_OVER}
    assert all(step.on == DAY for step in done.values())
    assert done[Stage.ASKED].who == "City of Kramatorsk (example)"
    assert done[Stage.ORDERED].who == "Example Aid · City of Stamford (example)"
    assert done[Stage.HANDED_OVER].who == "City Hospital 3"
    assert "Tom" not in " ".join(f"{s.step.title} {s.step.who}" for s in steps)


def test_the_next_step_and_its_deadline_are_marked_and_late_ones_too(world: World) -> None:
    following_up = [one for one in way(world) if one.step.stage == Stage.FOLLOWED_UP]
    soon, late = next_of(way(world)), next_of(way(world, days=120))

    assert [one.state for one in following_up] == ["now", "todo", "todo"]
    assert soon.step.due == late.step.due == world.follow_up(3).due_date
    assert (soon.is_late, late.is_late) == (False, True)


def test_what_a_holder_answered_is_done_and_the_next_date_comes(world: World) -> None:
    world.answered(3)

    steps = [one for one in way(world, days=100) if one.step.stage == Stage.FOLLOWED_UP]
    assert [one.state for one in steps] == ["done", "now", "todo"]
    assert steps[1].step.due == world.follow_up(12).due_date


def test_a_need_that_nobody_checked_waits_for_others_and_then_for_the_campaign(
    world: World,
) -> None:
    need = world.submitted(title=world.need.title, beneficiary=world.city_k)

    def now() -> str:
        return next_of(told(Case(world.partnership, need.number, DAY))).step.title

    assert now() == "To be checked by 2 others"
    for person, body in ((world.dana, world.city_s), (world.oleh, world.checkers)):
        world.checked_by(need, person, body)
    assert now() == "To be put into the campaign"


def test_an_order_that_waits_for_approval_is_the_next_step_of_its_own_way(world: World) -> None:
    order = world.proposed(1)
    assert next_of(way(world, order=order.number)).step.stage == Stage.IN_CAMPAIGN
    world.adopt_all()

    steps = way(world, order=order.number)

    assert next_of(steps).step.title == f"{order}: to be approved by two, and placed"
    assert not [one for one in steps if one.step.stage == Stage.FOLLOWED_UP]


def test_a_damaged_thing_is_no_thing_handed_over(world: World) -> None:
    order = world.placed(2)
    good, broken = world.with_serials(order, first=7)
    damaged = HandoverAct.Condition.DAMAGED
    world.handed_over(good, Handed(broken, condition=damaged, note="The casing is broken."))

    titles = [one.step.title for one in way(world, order=order.number)]

    assert f"{order}: 1 thing handed over" in titles
    assert f"{order}: damaged or missing, its price is to be asked back: 1" in titles


def test_many_things_cost_no_more_queries_than_one(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as ran:
            way(world, order=world.unit.order.number + 1)
        return len(ran)

    order = world.placed(1)
    world.handed_over(*world.with_serials(order, first=20))
    one = queries()
    more = world.placed(5)
    world.handed_over(*world.with_serials(more, first=30))
    following.plan()

    with CaptureQueriesContext(connection) as ran:
        way(world, order=more.number)
    assert len(ran) <= one
