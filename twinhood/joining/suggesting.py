"""Cities that work here and might fit one of them, with the reasons."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from twinhood.joining.core.matching import Candidate, City, candidates
from twinhood.joining.models import Claim, Pairing
from twinhood.places.models import Place
from twinhood.twinnings.models import Twinning

SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A confirmed city of another country, why it might fit, and the pair if there is one."""

    claim: Claim
    candidate: Candidate
    pair: Pairing | None


def suggestions(claim: Claim) -> list[Suggestion]:
    """Confirmed cities that might fit this one, best reasons first, at most 20. Five statements."""
    found = Claim.objects.filter(state=Claim.State.CONFIRMED).select_related("place", "by")
    others = {one.place.geoname_id: one for one in found.exclude(pk=claim.pk) if one.place}
    place = claim.place
    if place is None:
        return []
    cities = _cities([place, *(one.place for one in others.values() if one.place)])
    own = cities.pop(place.geoname_id)
    between = _twinnings_between(place.country_code)
    pairings = _pairings(claim)
    return [
        Suggestion(other, one, pairings.get(other.pk))
        for one in candidates(own, cities.values(), twinnings_between=between)[:SHOWN_MAX]
        for other in [others[one.city.geoname_id]]
    ]


def _cities(places: Iterable[Place]) -> dict[int, City]:
    known = {place.geoname_id: place for place in places}
    partners: dict[int, set[int]] = defaultdict(set)
    countries: dict[int, set[str]] = defaultdict(set)
    bonds = Twinning.objects.filter(Q(a__in=known) | Q(b__in=known)).exclude(
        state=Twinning.State.ENDED
    )
    for a, b, in_a, in_b in bonds.values_list("a_id", "b_id", "a__country_code", "b__country_code"):
        for city, other, country in ((a, b, in_b), (b, a, in_a)):
            partners[city].add(other)
            countries[city].add(country)
    return {
        number: City(
            number, place.country_code, place.population, place.latitude, place.longitude,
            frozenset(partners[number]), frozenset(countries[number]),
        )
        for number, place in known.items()
    }  # fmt: skip


def _twinnings_between(country: str) -> Counter[str]:
    """How many twinnings this country's cities have, by the country of the other."""
    pairs = Twinning.objects.filter(Q(a__country_code=country) | Q(b__country_code=country))
    codes = pairs.values_list("a__country_code", "b__country_code")
    return Counter(b if a == country else a for a, b in codes)


def _pairings(claim: Claim) -> dict[int, Pairing]:
    found = Pairing.objects.filter(Q(giving=claim) | Q(receiving=claim), declined_by=None)
    return {one.receiving_id if one.giving_id == claim.pk else one.giving_id: one for one in found}
