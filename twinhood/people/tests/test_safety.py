"""What a city's standing on an official list means for those at work."""

from datetime import date

import pytest

from twinhood.people import safety
from twinhood.people.models import Organisation, Partnership
from twinhood.places import standing
from twinhood.places.models import Place
from twinhood.places.tests.test_standing import CODE, KRAMATORSK, listing, take

BEFORE, FIGHTING, OCCUPIED = date(2025, 1, 9), date(2025, 1, 10), date(2025, 9, 5)


@pytest.fixture
def pair(db: None) -> Partnership:
    places = [
        Place.objects.create(
            geoname_id=number, name=name, country_code=country, latitude=1, longitude=1,
            time_zone=zone,
        )
        for number, name, country, zone in (
            (4843564, "Stamford", "US", "America/New_York"),
            (KRAMATORSK, "Kramatorsk", "UA", "Europe/Kyiv"),
        )
    ]  # fmt: skip
    charity = Organisation.objects.create(kind="charity", name={"en": "Aid"}, place=places[0])
    return Partnership.objects.create(
        slug="stamford-kramatorsk", giving_place=places[0], receiving_place=places[1],
        recipient=charity,
    )  # fmt: skip


def test_two_confirm_a_delivery_from_the_day_on_which_a_list_says_that_people_fight(
    pair: Partnership,
) -> None:
    take(listing(f"{CODE},active,2025-01-10,,{KRAMATORSK}"))

    assert not safety.requires_two_confirmations(pair, BEFORE)
    assert safety.requires_two_confirmations(pair, FIGHTING)


def test_a_conflict_zone_needs_two_whatever_a_list_says(pair: Partnership) -> None:
    pair.is_conflict_zone = True

    assert safety.requires_two_confirmations(pair, BEFORE)


def test_a_body_under_occupation_is_not_paid_and_one_that_left_is(pair: Partnership) -> None:
    take(listing(f"{CODE},occupied,2025-09-05,,{KRAMATORSK}"))
    hospital = Organisation.objects.create(
        kind="beneficiary", name={"en": "Hospital"}, place=pair.receiving_place
    )
    nowhere = Organisation.objects.create(kind="supplier", name={"en": "Motors"})

    safety.expect_payable(hospital, FIGHTING)
    safety.expect_payable(pair.recipient, OCCUPIED)
    safety.expect_payable(nowhere, OCCUPIED)
    with pytest.raises(safety.UnderOccupation) as refused:
        safety.expect_payable(hospital, OCCUPIED)

    assert refused.value.since_date == OCCUPIED
    assert standing.occupied_since(pair.receiving_place, OCCUPIED) == OCCUPIED
