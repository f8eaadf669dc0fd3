"""What the board decides: needs adopted first, a paused campaign, and why a target changed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.needs import actions, campaigns, errors
from twinhood.needs.models import AdoptedNeed, BoardDecision, Campaign, Need, TargetNote
from twinhood.needs.tests.world import AT, DAY, World, words
from twinhood.places.tests.test_standing import CODE, listing, take

pytestmark = pytest.mark.django_db
KIND = BoardDecision.Kind


@pytest.fixture
def world() -> World:
    world = World()
    world.in_campaign()
    actions.set_terms(
        campaign=world.campaign, fallback_purpose=words("Others."), surplus_rule=words("Stays."),
        ends_date=date(2099, 1, 1), costs_per_10k=300, costs_note=words("Transport."),
    )  # fmt: skip
    world.campaign.refresh_from_db()
    return world


def opened(world: World) -> Campaign:
    world.adopt_all()
    world.campaign = actions.open_campaign(campaign=world.campaign, today=AT.date())
    return world.campaign


def occupied(world: World, day: date) -> None:
    take(listing(f"{CODE},occupied,{day},,{world.kramatorsk.geoname_id}"), day)


def decided(world: World, kind: BoardDecision.Kind, day: date) -> BoardDecision:
    return campaigns.decide(
        campaign=world.campaign, kind=kind, minutes=campaigns.Minutes("9", day), by=world.tom, at=AT
    )


TERMS = {
    "the fallback purpose": 'SET fallback_purpose = \'{"en": "Mine."}\'',
    "the rule for the rest": 'SET surplus_rule = \'{"en": "Mine."}\'',
    "the last day": "SET ends_date = ends_date + 1",
    "the costs": 'SET costs_per_10k = 900, costs_note = \'{"en": "More."}\'',
    "the start": "SET state = 'draft'",
}


@pytest.mark.parametrize("sql", TERMS.values(), ids=TERMS)
def test_the_terms_under_which_people_gave_stay_in_sql_too(world: World, sql: str) -> None:
    opened(world)

    with pytest.raises(IntegrityError, match="terms of a campaign"), transaction.atomic():
        connection.cursor().execute(f"UPDATE needs_campaign {sql}")


def test_no_need_slips_into_an_open_campaign_past_its_board(world: World) -> None:
    campaign = opened(world)
    newcomer = world.verified(title=words("Beds"))

    with pytest.raises(IntegrityError, match="its board adopted"), transaction.atomic():
        Need.objects.filter(pk=newcomer.pk).update(campaign=campaign)


def test_nothing_is_asked_for_that_the_board_did_not_adopt_as_it_is(world: World) -> None:
    with pytest.raises(errors.CampaignNotReady, match="adopted"):
        actions.open_campaign(campaign=world.campaign, today=AT.date())
    with pytest.raises(IntegrityError, match="its board adopted"), transaction.atomic():
        Campaign.objects.filter(pk=world.campaign.pk).update(state="open")

    campaign = opened(world)
    newcomer = world.verified(title=words("Beds"))
    with pytest.raises(errors.NotAdopted):
        actions.add_to_campaign(need=newcomer, campaign=campaign)
    minutes = campaigns.Minutes("8", DAY)
    for _twice in range(2):
        campaigns.adopt(campaign=campaign, needs=[newcomer], minutes=minutes, by=world.tom, at=AT)

    assert actions.add_to_campaign(need=newcomer, campaign=campaign).campaign == campaign
    assert AdoptedNeed.objects.filter(need=newcomer).count() == 1


def test_what_the_board_decided_is_never_changed(world: World) -> None:
    opened(world)

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        AdoptedNeed.objects.all().delete()
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        BoardDecision.objects.update(minutes_number="other")


def test_every_change_of_an_open_target_is_noted_with_its_day(world: World) -> None:
    campaign = opened(world)
    first = campaigns.target_minor(campaign)
    beds = world.verified(title=words("Beds"), quantity=1, unit_price_minor=100_000)
    campaigns.adopt(
        campaign=campaign, needs=[beds], minutes=campaigns.Minutes("8", DAY), by=world.tom, at=AT
    )

    actions.add_to_campaign(need=beds, campaign=campaign)
    actions.withdraw(need=beds, reason="Given by others.")

    # 3 % of costs come on top of the thousand dollars.
    assert [(n.why, n.before_minor, n.after_minor) for n in TargetNote.objects.order_by("pk")] == [
        ("added", first, first + 103_000),
        ("removed", first + 103_000, first),
    ]


def test_occupation_pauses_the_campaign_until_the_board_lets_it_go_on(world: World) -> None:
    campaign = opened(world)
    with pytest.raises(errors.WrongState):
        decided(world, KIND.RESUMED, DAY)
    occupied(world, DAY)

    assert campaigns.pause_of(campaign, AT - timedelta(days=2)) is None
    assert campaigns.pause_of(campaign, AT) is not None
    with pytest.raises(errors.WrongState):
        decided(world, KIND.RESUMED, DAY - timedelta(days=1))
    decided(world, KIND.RESUMED, DAY)
    assert campaigns.pause_of(campaign, AT) is None


def test_the_fallback_vote_ends_the_campaign_and_deletes_nothing(world: World) -> None:
    campaign = opened(world)
    occupied(world, DAY)

    decided(world, KIND.FALLBACK, DAY)

    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.CLOSED
    assert campaign.needs.count() == 1
