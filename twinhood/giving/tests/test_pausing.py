"""Donors of a campaign that an official list paused are told once, and told what the board said."""

import pytest
from django.test import Client
from pytest_django import Settings

from twinhood.giving import letters, offering, pausing
from twinhood.giving.tests import world
from twinhood.giving.tests.donor_form import PAGE
from twinhood.kit import clock
from twinhood.kit.tests.mailbox import open_mailbox
from twinhood.needs import campaigns
from twinhood.needs.models import BoardDecision, Campaign
from twinhood.places.tests.test_standing import CODE, listing, take

pytestmark = pytest.mark.django_db


def test_a_paused_campaign_takes_no_gift_and_its_donors_are_told_once_and_again_of_the_decision(
    campaign: Campaign, settings: Settings
) -> None:
    settings.BURST_CACHE_S = 0
    pair, at = campaign.partnership, clock.now()
    world.posted(pair, world.cheque())
    place = pair.receiving_place
    today = clock.today_in(place.time_zone)
    assert pausing.tell_all(at) == 0

    take(listing(f"{CODE},occupied,{today},,{place.geoname_id}"), today)
    offering._known.clear()
    page = Client().get(PAGE).content.decode()
    told = [pausing.tell_all(at) for _twice in range(2)]
    with open_mailbox(settings) as mailbox:
        letters.send_due()
        campaigns.decide(
            campaign=campaign,
            kind=BoardDecision.Kind.RESUMED,
            minutes=campaigns.Minutes("12", today),
            by=world.tom(pair),
            at=at,
        )
        again = [pausing.tell_all(at) for _twice in range(2)]
        letters.send_due()

    assert "Nothing is asked for at the moment" in page
    assert (told, again) == ([1, 0], [1, 0])
    subjects = [letter["Subject"] for letter in mailbox.letters]
    assert subjects[-2:] == [
        "The campaign you gave to is paused",
        "What the board decided about the campaign you gave to",
    ]
    offering._known.clear()
    assert "Nothing is asked for at the moment" not in Client().get(PAGE).content.decode()
