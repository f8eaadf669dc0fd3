"""Scenarios S2 and S3: a need from a phone, and a campaign's sums."""

import gzip
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from twinhood.needs import actions, campaigns, errors, queries
from twinhood.needs.core.goal import Slogan, each_minor, target_minor
from twinhood.needs.models import Campaign, Need
from twinhood.needs.tests.world import AT, World, words

pytestmark = pytest.mark.django_db


def test_s2_two_ambulances_asked_for_between_power_cuts() -> None:
    world = World()
    key = uuid4()
    asked = world.text(quantity=2, unit_price_minor=6_200_000, currency="EUR")

    # Iryna taps Send twice; the second time after the power came back.
    for at in (AT, AT + timedelta(hours=5)):
        need = actions.write_need(
            partnership=world.partnership,
            text=asked,
            by=world.iryna,
            organisation=world.city_k,
            at=at,
            form_key=key,
        )
    assert Need.objects.count() == 1

    actions.submit(need=need, by=world.iryna, at=AT)
    with pytest.raises(errors.MayNotVerify):
        world.checked_by(need, world.iryna, world.city_k)
    world.checked_by(need, world.oleh, world.checkers)
    world.checked_by(need, world.dana, world.city_s)

    # The hospital writes the same again, and is shown the first one.
    double = world.submitted(quantity=2, unit_price_minor=6_200_000, currency="EUR")
    assert world.similar_to(double) == [need]
    for hours, is_public in ((71, False), (72, True)):
        found = queries.public_need(world.partnership, need.number, at=AT + timedelta(hours=hours))
        assert (found is not None) == is_public


def test_s2_the_form_is_light_enough_for_2g() -> None:
    world = World()
    url = reverse("needs:new", args=[world.partnership.slug])

    page = world.signed_in(world.iryna).get(url)

    assert len(gzip.compress(page.content)) < 60_000


def test_s3_the_target_is_the_sum_of_the_needs_and_the_slogan_another_sum() -> None:
    world = World()
    for title, quantity, price_minor in (
        ("Ambulances", 2, 6_727_000),
        ("Trash trucks", 3, 14_500_000),
        ("MRI scanner", 1, 115_000_000),
    ):
        world.in_campaign(title=words(title), quantity=quantity, unit_price_minor=price_minor)
    items = queries.items_of(queries.campaign_needs(world.campaign, at=None), {})
    costs: dict[str, Any] = {"costs_per_10k": 300, "costs_note": words("Transport and customs.")}

    assert target_minor(items) == 171_954_000
    assert target_minor(items, 300) == 177_112_620
    assert each_minor(177_112_620, world.campaign.residents, "USD") == 1_308
    assert Slogan(2_500, world.campaign.residents).sum_minor == 338_675_000

    # Tom must fill all three; without them it does not open.
    terms: dict[str, Any] = {
        "fallback_purpose": words("Other vehicles."),
        "surplus_rule": words("Stays."),
    }
    campaign = actions.set_terms(campaign=world.campaign, ends_date=None, **terms)
    with pytest.raises(errors.CampaignNotReady, match="ends_date"):
        actions.open_campaign(campaign=campaign, today=AT.date())
    campaign = actions.set_terms(campaign=campaign, ends_date=date(2027, 6, 30), **terms, **costs)
    assert campaigns.target_minor(campaign) == 177_112_620
    # Nor before the board adopted the needs.
    with pytest.raises(errors.CampaignNotReady, match="adopted"):
        actions.open_campaign(campaign=campaign, today=AT.date())
    world.adopt_all()
    assert actions.open_campaign(campaign=campaign, today=AT.date()).state == Campaign.State.OPEN
