"""Teams: chosen with a gift, counted together, and never said of few."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from twinhood.giving import actions, own_data, pledging, teams
from twinhood.giving.core import giving_form
from twinhood.giving.core.pledged import Choice, Told
from twinhood.giving.models import Gift, Pledge, Team, TeamPledge
from twinhood.giving.tests import world
from twinhood.giving.tests.donor_form import a_need, entries_in, get
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs.models import Campaign
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> Partnership:
    made = world.partnership()
    world.fund(made)
    return made


def springdale(pair: Partnership) -> Team:
    name = LocalText({"en": "Springdale neighbourhood", "uk": "Район Спрингдейл"})
    return teams.open_team(
        partnership=pair, name=name, by=world.person("Tom", pair, "treasurer"), at=clock.now()
    )


def pledged(pair: Partnership, team: Team | None, amount_minor: int = 2_500) -> Pledge:
    fund = pair.funds.get(code="kramatorsk-usd")
    choice = Choice(
        fund_id=fund.pk, need_id=None, rail="card", amount_minor=amount_minor, currency="USD",
        purpose="Ambulances", told=Told(name="Anna", email="anna@example.org"),
        team_id=team.pk if team else None,
    )  # fmt: skip
    return pledging.make(partnership=pair, form_key=uuid4(), choice=choice).pledge


def paid(pair: Partnership, team: Team | None, amount_minor: int = 2_500) -> Gift:
    pledge = pledged(pair, team, amount_minor)
    taken = pledging.settle(
        pledge, rail_key=f"k{pledge.pk}", amount_minor=amount_minor, fee_minor=100,
        currency="USD", received_date=date(2026, 9, 1),
    )  # fmt: skip
    return Gift.objects.get(ref=taken.ref)


def test_gifts_of_a_team_are_counted_together_and_those_of_nobody_are_not(
    pair: Partnership,
) -> None:
    team = springdale(pair)
    for _ in range(5):
        paid(pair, team)
    paid(pair, None)

    (figure,) = teams.figures(pair)

    assert (figure.gifts, figure.amount_minor, figure.currency) == (5, 12_500, "USD")
    assert not figure.is_few


def test_of_fewer_than_five_no_sum_is_said(campaign: Campaign, client: Client) -> None:
    a_need(campaign)
    pair = campaign.partnership
    team = springdale(pair)
    for _ in range(4):
        paid(pair, team, 3_333)

    (figure,) = teams.figures(pair)
    page = client.get(f"/en/p/{pair.slug}/").content.decode()

    assert figure.is_few
    assert "Springdale neighbourhood" in page
    assert "fewer than five gifts so far" in page
    assert "$133" not in page


def test_the_giving_page_offers_teams_and_a_link_may_choose_one(campaign: Campaign) -> None:
    without = entries_in(get())
    springdale(campaign.partnership)

    assert "team" not in without
    assert entries_in(get("?team=springdale-neighbourhood"))["team"] == "springdale-neighbourhood"
    assert entries_in(get("?team=elsewhere"))["team"] == ""


def test_what_was_given_back_counts_no_more(pair: Partnership) -> None:
    team = springdale(pair)
    gifts = [paid(pair, team) for _ in range(6)]
    actions.post_settled()
    for gift, back in zip(gifts, (2_500, 1_000), strict=False):
        gift.refresh_from_db()
        actions.refund_gift(gift=gift, person=None, amount_minor=back, reason="a", earlier=0)

    (figure,) = teams.figures(pair)

    assert (figure.gifts, figure.amount_minor) == (5, 11_500)


def test_what_was_only_promised_counts_nothing(pair: Partnership) -> None:
    pledged(pair, springdale(pair))

    assert [figure.gifts for figure in teams.figures(pair)] == [0]


def test_the_same_form_again_is_one_pledge_of_the_team(pair: Partnership) -> None:
    team, key = springdale(pair), uuid4()
    fund = pair.funds.get(code="kramatorsk-usd")
    choice = Choice(fund.pk, None, "card", 2_500, "USD", "Ambulances", team_id=team.pk)

    for _ in range(2):
        pledging.make(partnership=pair, form_key=key, choice=choice)

    assert TeamPledge.objects.count() == 1


def test_a_team_of_another_partnership_or_one_that_is_closed_cannot_be_chosen() -> None:
    purpose = giving_form.Purpose("campaign-usd", 1, "USD", "Ambulances")
    terms = giving_form.Terms(
        purposes=(purpose,), rails=("card",),
        teams=(giving_form.NamedTeam("springdale", 7, "Springdale"),),
    )  # fmt: skip
    entries = {"what": "campaign-usd", "rail": "card", "amount": "2500"}

    assert giving_form.read(entries | {"team": "springdale"}, terms).team_id == 7
    assert giving_form.read(entries, terms).team_id is None
    with pytest.raises(giving_form.Wrong) as refused:
        giving_form.read(entries | {"team": "elsewhere"}, terms)
    assert [(p.field, p.code) for p in refused.value.problems] == [("team", "gone")]


def test_ones_own_data_names_the_team_and_the_form_remembers_it(pair: Partnership) -> None:
    pledge = pledged(pair, springdale(pair))

    assert pledging.entries_of(pledge)["team"] == "springdale-neighbourhood"
    assert own_data._pledge(pledge)["team"] == "Springdale neighbourhood"


def test_the_desk_opens_shares_and_closes_a_team(pair: Partnership, client: Client) -> None:
    url = f"/en/desk/{pair.slug}/teams/"
    tom = world.signed_in(client, world.tom(pair))

    refused = post(tom, url, step="open", name_en="Springdale neighbourhood")
    assert refused.status_code == 422
    assert 'value="Springdale neighbourhood"' in refused.content.decode()
    post(tom, url, step="open", name_en="Springdale neighbourhood", name_uk="Район Спрингдейл")
    assert "give/?team=springdale-neighbourhood" in tom.get(url).content.decode()
    assert [team.slug for team in teams.open_teams(pair)] == ["springdale-neighbourhood"]
    post(tom, url, step="close", team="springdale-neighbourhood")

    assert not teams.open_teams(pair).exists()
    clerk = world.signed_in(Client(), world.person("Dana", pair, "clerk"))
    assert post(clerk, url, step="open", name_en="Mine", name_uk="Моя").status_code == 403


def post(client: Client, url: str, **typed: str) -> Any:
    return client.post(url, typed)
