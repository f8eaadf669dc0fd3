"""Steps on a campaign's way: reached on the day that the lines say, and then for good."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from twinhood.giving import actions, waypoints
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs import actions as needs
from twinhood.needs import campaigns, errors
from twinhood.needs.models import Campaign, Waypoint
from twinhood.needs.tests.world import World

pytestmark = pytest.mark.django_db
# Three in the night in Kyiv, and still the evening before in Stamford.
NOW = datetime(2026, 9, 21, 1, tzinfo=UTC)
RECEIVED = date(2026, 9, 1)


@pytest.fixture
def made() -> World:
    """A campaign that asks for eight ambulances of $82,500 each."""
    with clock.showing(NOW):
        made = World()
        made.in_campaign()
        made.adopt_all()
        Campaign.objects.filter(pk=made.campaign.pk).update(
            state="open", fallback_purpose={"en": "x"}, surplus_rule={"en": "x"},
            ends_date=date(2027, 1, 1),
        )  # fmt: skip
        made.campaign.refresh_from_db()
        return made


def step(made: World, amount_minor: int, text: str = "Two are paid for") -> Waypoint:
    return campaigns.add_waypoint(
        campaign=made.campaign, amount_minor=amount_minor,
        text=LocalText({"en": text, "uk": "Зібрано на два"}), by=made.tom, at=NOW,
    )  # fmt: skip


def given(made: World, *amounts: int, at: datetime = NOW) -> None:
    rows = [
        world.cheque(amount, fund_code="main", fee_minor=100, received_date=RECEIVED)
        for amount in amounts
    ]
    with clock.showing(at):
        actions.take_in(partnership=made.partnership, person=None, rows=rows, at=at)
        actions.post_settled()


def reached(waypoint: Waypoint) -> date | None:
    waypoints.note_reached()
    waypoint.refresh_from_db()
    return waypoint.reached_date


def test_it_is_reached_on_the_day_of_the_gift_that_came_to_it_where_givers_live(
    made: World,
) -> None:
    waypoint = step(made, 10_000)

    given(made, 5_000, 5_000)
    assert reached(waypoint) is None
    given(made, 1_000, 50_000, at=NOW + timedelta(days=3))
    given(made, 50_000, at=NOW + timedelta(days=4))

    assert reached(waypoint) == date(2026, 9, 23)


def test_the_day_is_one_of_the_giving_city(made: World) -> None:
    waypoint = step(made, 4_900)
    given(made, 5_000)

    assert reached(waypoint) == date(2026, 9, 20)


def test_money_for_a_single_need_counts_too(made: World) -> None:
    with clock.showing(NOW):
        need = needs.open_fund(need=made.campaign.needs.get(), at=NOW)
        assert need.fund is not None
        waypoint = step(made, 9_800)
        rows = [world.cheque(5_000, fund_code=code, fee_minor=100)
                for code in ("main", need.fund.code)]  # fmt: skip
        actions.take_in(partnership=made.partnership, person=None, rows=rows, at=NOW)
        actions.post_settled()

    assert reached(waypoint) is not None


def test_what_was_given_back_does_not_count_but_a_day_that_stands_stays(made: World) -> None:
    first, second = step(made, 4_900), step(made, 9_800)
    given(made, 5_000)
    day = reached(first)
    gift = made.partnership.gifts.get()
    with clock.showing(NOW + timedelta(days=1)):
        actions.refund_gift(gift=gift, person=None, amount_minor=5_000, reason="a", earlier=0)
    given(made, 5_000, at=NOW + timedelta(days=2))

    assert day is not None
    assert reached(first) == day
    assert reached(second) is None


def test_a_step_stays_as_it_was_written_and_one_that_is_reached_stays(made: World) -> None:
    waypoint, later = step(made, 4_900), step(made, 9_800)
    given(made, 5_000)
    assert reached(waypoint)

    with pytest.raises(errors.WrongState):
        campaigns.take_waypoint_away(campaign=made.campaign, pk=waypoint.pk)
    for change in (
        lambda: Waypoint.objects.filter(pk=waypoint.pk).update(reached_date=None),
        lambda: Waypoint.objects.filter(pk=later.pk).update(amount_minor=1),
        waypoint.delete,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    campaigns.take_waypoint_away(campaign=made.campaign, pk=later.pk)
    assert list(Waypoint.objects.filter(campaign=made.campaign)) == [waypoint]


def test_no_step_lies_beyond_the_target_or_twice_at_one_sum(made: World) -> None:
    waypoint = step(made, 10_000)

    assert step(made, 10_000) == waypoint
    with pytest.raises(errors.WaypointTaken):
        step(made, 10_000, "Something else")
    with pytest.raises(errors.BeyondTarget):
        step(made, 8 * 8_250_000 + 1)
