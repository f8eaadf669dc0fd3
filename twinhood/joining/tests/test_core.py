"""What is told of a claim, and of a pair, from what is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.joining.core.claim import Flaw, code_flaw, domain_of, mail_flaw
from twinhood.joining.core.matching import City, Reason, Why, candidates, distance_km, ratio_tenths

STAMFORD = City(4843564, "US", 135_470, 41.05, -73.54)
KRAMATORSK = City(704508, "UA", 157_500, 48.72, 37.56)


@pytest.mark.parametrize(
    ("typed", "domain"),
    [
        ("https://www.stamfordct.gov/mayor", "stamfordct.gov"),
        ("KRM.gov.ua", "krm.gov.ua"),
        ("місто.укр", "xn--h1alffa9f.xn--j1amh"),
        ("", ""),
        ("localhost", ""),
        ("10.0.0.1", ""),
        ("http://", ""),
        ("a b.gov", ""),
    ],
)
def test_a_domain_is_read_as_people_type_it(typed: str, domain: str) -> None:
    assert domain_of(typed) == domain or (
        typed == "місто.укр" and domain_of(typed).endswith(".xn--j1amh")
    )


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_domain_or_none(typed: str) -> None:
    found = domain_of(typed)

    assert found == "" or "." in found


@pytest.mark.parametrize(
    ("email", "website", "flaw"),
    [
        ("clerk@stamfordct.gov", "www.stamfordct.gov", None),
        ("clerk@mail.stamfordct.gov", "stamfordct.gov", None),
        ("mayor@gmail.com", "stamfordct.gov", Flaw.FREE_MAIL),
        ("mayor@gmail.com", "gmail.com", Flaw.FREE_MAIL),
        ("clerk@stamfordct.gov.evil.example", "stamfordct.gov", Flaw.OTHER_DOMAIN),
        ("clerk@evilstamfordct.gov", "stamfordct.gov", Flaw.OTHER_DOMAIN),
        ("clerk@stamfordct.gov", "our page", Flaw.WEBSITE),
    ],
)
def test_an_address_speaks_for_its_own_domain_alone(
    email: str, website: str, flaw: Flaw | None
) -> None:
    assert mail_flaw(email, website) is flaw


def test_codes_of_two_countries_are_looked_at() -> None:
    assert code_flaw("04052790", "UA") is None
    assert code_flaw("04052791", "UA") is Flaw.EDRPOU
    assert code_flaw("06-6001887", "US") is None
    assert code_flaw("123", "US") is Flaw.EIN
    assert code_flaw("whatever", "FR") is None
    assert code_flaw("", "UA") is None


def test_reasons_bear_their_numbers() -> None:
    (found,) = candidates(STAMFORD, [KRAMATORSK], twinnings_between={"UA": 3})

    assert found.reasons == (
        Reason(Why.SIZE, 12),
        Reason(Why.HABIT, 3),
        Reason(Why.NO_PARTNER_THERE, 0),
        Reason(Why.DISTANCE, distance_km(STAMFORD, KRAMATORSK), speaks_for=False),
    )
    assert 7_500 < distance_km(STAMFORD, KRAMATORSK) < 8_500


def test_sister_cities_come_first_and_neighbours_never() -> None:
    partner = City(1, "FR", 9_000, 45, 5, frozenset({4843564}), frozenset({"US"}))
    own = City(4843564, "US", 135_470, 41.05, -73.54, frozenset({1}), frozenset({"FR"}))
    neighbour = City(2, "US", 135_000, 41, -73)

    found = candidates(own, [KRAMATORSK, partner, neighbour], twinnings_between={"UA": 3})

    assert [one.city for one in found] == [partner, KRAMATORSK]
    assert found[0].reasons[0] == Reason(Why.TWINS, 0)


@given(st.integers(0, 40_000_000), st.integers(0, 40_000_000))
def test_a_ratio_is_the_same_from_both_sides(one: int, other: int) -> None:
    a, b = City(1, "UA", one, 0, 0), City(2, "US", other, 0, 0)

    assert ratio_tenths(a, b) == ratio_tenths(b, a) >= 10
