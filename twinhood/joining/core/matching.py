"""Why two cities might fit each other: reasons that a person can read and argue with.

Nothing here was scored on real twinnings, so no score is claimed: a list is ordered by how many
reasons speak for a pair, and by how near their sizes are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt

# Sizes are called alike up to this ratio; real twinnings of towns seldom go far beyond it.
ALIKE = 2.0
EARTH_KM = 6_371


class Why(StrEnum):
    """A kind of reason."""

    TWINS = "twins"
    SIZE = "size"
    SHARED = "shared"
    HABIT = "habit"
    NO_PARTNER_THERE = "no_partner_there"
    DISTANCE = "distance"


@dataclass(frozen=True, slots=True)
class City:
    """What is known of a city: `partners` are GeoNames numbers, `partner_countries` their codes."""

    geoname_id: int
    country_code: str
    population: int
    latitude: float
    longitude: float
    partners: frozenset[int] = frozenset()
    partner_countries: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its number: a ratio in tenths, partners in common, twinnings, kilometres.

    `speaks_for` is False for what is only to be known.
    """

    why: Why
    number: int
    speaks_for: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    city: City
    reasons: tuple[Reason, ...]

    @property
    def count_for(self) -> int:
        return sum(one.speaks_for for one in self.reasons)


def candidates(
    city: City, others: Iterable[City], *, twinnings_between: dict[str, int]
) -> list[Candidate]:
    """Cities of other countries: sister cities first, then those with most reasons.

    `twinnings_between` counts, by country code, the twinnings of this city's country with others.
    """
    found = [
        Candidate(other, reasons(city, other, twinnings_between.get(other.country_code, 0)))
        for other in others
        if other.country_code != city.country_code
    ]
    return sorted(
        found,
        key=lambda one: (
            one.city.geoname_id not in city.partners,
            -one.count_for,
            ratio_tenths(city, one.city),
            one.city.geoname_id,
        ),
    )


def reasons(city: City, other: City, twinnings_between: int) -> tuple[Reason, ...]:
    """What speaks for a pair, and how far apart they are."""
    found = []
    if other.geoname_id in city.partners:
        found.append(Reason(Why.TWINS, 0))
    ratio = ratio_tenths(city, other)
    if city.population and other.population:
        found.append(Reason(Why.SIZE, ratio, speaks_for=ratio <= 10 * ALIKE))
    if shared := len(city.partners & other.partners):
        found.append(Reason(Why.SHARED, shared))
    if twinnings_between:
        found.append(Reason(Why.HABIT, twinnings_between))
    if city.country_code not in other.partner_countries:
        found.append(Reason(Why.NO_PARTNER_THERE, 0))
    found.append(Reason(Why.DISTANCE, distance_km(city, other), speaks_for=False))
    return tuple(found)


def ratio_tenths(city: City, other: City) -> int:
    """By how much the larger is larger, in tenths, rounded up; 10 is the same size."""
    small, large = sorted((max(city.population, 1), max(other.population, 1)))
    return -(-10 * large // small)


def distance_km(city: City, other: City) -> int:
    """As the crow flies, in kilometres (haversine)."""
    lat1, lat2 = radians(city.latitude), radians(other.latitude)
    half = sin((lat2 - lat1) / 2) ** 2
    across = radians(other.longitude - city.longitude)
    half += cos(lat1) * cos(lat2) * sin(across / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(half)))
