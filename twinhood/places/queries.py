"""Reads: finding a place by any of its names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from django.db import connection, transaction

from twinhood.places.core.names import (
    FOREIGN_LETTERS,
    alphabet,
    alphabet_of,
    near_misses,
    normal_form,
    unmixed,
)
from twinhood.places.models import TOWN_POPULATION, Place, PlaceName

TEXT_LENGTH_MAX = 200
CANDIDATES = 100
# With so many places found by the letters as typed, nobody made a slip; nor did anybody who typed
# a name, or the beginning of one, of this length.
ENOUGH = 5
SURE_LENGTH = 7
# Of a shorter text everything is a near miss.
SLIP_LENGTH_MIN = 4
# No name is longer; more letters would only make the search for slips dearer.
ALIKE_LENGTH_MAX = 60
# How alike trigrams must be, from which length on. Slips spoil less of a long text, and it is dear.
LIKENESS_MIN = {1: 0.45, 9: 0.5, 15: 0.6}


class Match(IntEnum):
    """How a name answers what was typed; the smaller, the better."""

    EXACT = 0
    BEGINS = 1
    ALIKE = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that was found, and by which of its names.

    `until_date` tells that the name is a former one; `likeness` is 1 unless `match` is ALIKE.
    """

    place: Place
    name: str
    language: str
    match: Match
    likeness: float
    since_date: date | None
    until_date: date | None
    source: str

    @property
    def is_former(self) -> bool:
        return self.until_date is not None


def search(text: str, *, limit: int) -> list[Hit]:
    """Return at most `limit` places (up to 100) whose names answer `text`, the best first.

    Any script, case, accents and apostrophes as typed; a former name finds the place of today.
    Exact names stand first, then names that begin so, each by population. Where these are few,
    names follow that one slip explains, or else names that look alike (trigrams). What follows a
    comma ("Paris, Texas") prefers places whose region says so. Only the first 200 characters
    count. Four statements at most, whatever is found.
    """
    head, _, rest = re.sub("[،、，]", ",", text[:TEXT_LENGTH_MAX]).partition(",")
    wanted = unmixed(normal_form(head) or normal_form(text[:TEXT_LENGTH_MAX]))
    region = normal_form(rest)
    hits: list[Hit] = []
    for ask in (_as_typed, _one_slip_away, _look_alike):
        there = [hit.match for hit in hits if _lies_in(hit, region)]
        if not wanted or _is_answered(there, len(wanted), has_region=bool(region)):
            break
        known = {hit.place.pk for hit in hits}
        hits += [hit for hit in ask(wanted) if hit.place.pk not in known]
    return sorted(hits, key=lambda hit: not _lies_in(hit, region))[:limit]


def _is_answered(matches: Sequence[Match], length: int, *, has_region: bool) -> bool:
    """Whether these matches are what was meant, so that no slip need be looked for."""
    is_long = length >= SURE_LENGTH
    is_name = Match.EXACT in matches and (is_long or has_region)
    is_beginning = Match.BEGINS in matches and is_long
    return is_name or is_beginning or len(matches) >= ENOUGH or Match.ALIKE in matches


def _lies_in(hit: Hit, region: str) -> bool:
    """Whether a region's name or code (normal form) is the hit's; everything lies in none."""
    place = hit.place
    if region in {"", place.admin1_code.casefold(), place.country_code.casefold()}:
        return True
    return any(region in normal_form(name) for name in (place.region or {}).values())


def _as_typed(wanted: str) -> list[Hit]:
    """Places with a name that is `wanted`, or begins so."""
    begins = BEGINS.get(len(wanted), "normal LIKE %(begins)s")
    like = re.sub(r"([\\%_])", r"\\\1", wanted) + "%"
    values = {"wanted": wanted, "begins": like, "town": TOWN_POPULATION}
    return _hits(AS_TYPED.replace("{begins}", begins), values)


def _one_slip_away(wanted: str) -> list[Hit]:
    """Places with a name for which `wanted` may be a slip of one letter."""
    if not SLIP_LENGTH_MIN <= len(wanted) <= ALIKE_LENGTH_MAX:
        return []
    return _hits(NEAR + SPELLED, {"near": "\n".join(near_misses(wanted))})


def _look_alike(wanted: str) -> list[Hit]:
    """Places with a name that shares many trigrams with `wanted`."""
    if len(wanted) < SLIP_LENGTH_MIN:
        return []
    likeness_min = max(least for length, least in LIKENESS_MIN.items() if len(wanted) >= length)
    with transaction.atomic(), connection.cursor() as cursor:
        # Holds until the transaction ends: another user of this connection sees the default.
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(likeness_min)]
        )
        return _hits(TRIGRAMS + SPELLED, {"alike": wanted[:ALIKE_LENGTH_MAX]})


def _hits(found: str, values: Mapping[str, Any]) -> list[Hit]:
    """Run one search; its places come with the name that was found, in one statement."""
    places = Place.objects.raw(found + BEST, {**values, "candidates": CANDIDATES})
    columns = ("name", "language", "match", "likeness", "since_date", "until_date", "source")
    return [
        _hit(place, [getattr(place, f"found_{column}") for column in columns]) for place in places
    ]


def _hit(place: Place, found: list[Any]) -> Hit:
    name, language, match, *rest = found
    return Hit(place, name, language, Match(match), *rest)


# Every part is cut off by LIMIT before the next one uses it, so no text is dear.
BEGINS = {
    1: "false",
    2: "left(normal, 2) = %(wanted)s AND population >= %(town)s",
    3: "left(normal, 3) = %(wanted)s AND population >= %(town)s",
}
AS_TYPED = """
WITH any_of AS (
    (SELECT id, place_id, population, 0 AS match, 1.0::real AS likeness FROM places_placename
    WHERE normal = %(wanted)s
    ORDER BY population DESC, id LIMIT %(candidates)s)
    UNION ALL
    (SELECT id, place_id, population, 1, 1.0 FROM places_placename
    WHERE {begins} AND normal <> %(wanted)s
    ORDER BY population DESC, id LIMIT %(candidates)s)
)"""
NEAR = """
WITH spelling AS (
    SELECT near AS normal, 0.8::real AS likeness FROM string_to_table(%(near)s, E'\n') AS near
    WHERE EXISTS (SELECT FROM places_placename WHERE normal = near)
)"""
TRIGRAMS = """
WITH spelling AS (
    SELECT normal, similarity(normal, %(alike)s) AS likeness FROM places_placename
    WHERE is_lead AND normal %% %(alike)s
    ORDER BY likeness DESC, population DESC LIMIT 20
)"""
SPELLED = """
, any_of AS (
    SELECT name.*, 2 AS match, spelling.likeness FROM spelling CROSS JOIN LATERAL (
        SELECT id, place_id, population FROM places_placename
        WHERE normal = spelling.normal ORDER BY population DESC, id LIMIT 10
    ) AS name
)"""
# A dated name is preferred to GeoNames' undated list: it can say that it is a former name.
BEST = """
, best AS (
    SELECT DISTINCT ON (any_of.place_id) any_of.match, any_of.likeness, name.*
    FROM any_of JOIN places_placename AS name ON name.id = any_of.id
    ORDER BY any_of.place_id, any_of.match, any_of.likeness DESC, name.language = '',
        name.until_date NULLS FIRST, name.id
), first_best AS (
    SELECT * FROM best
    ORDER BY match, likeness + 0.012 * ln(population + 1) DESC, place_id
    LIMIT %(candidates)s
)
SELECT place.*, found.name AS found_name, found.language AS found_language,
    found.match AS found_match, found.likeness AS found_likeness,
    found.since_date AS found_since_date, found.until_date AS found_until_date,
    found.source AS found_source
FROM first_best AS found JOIN places_place AS place ON place.id = found.place_id
ORDER BY found.match, found.likeness + 0.012 * ln(found.population + 1) DESC, place.id
"""


def names_of(place: Place) -> list[PlaceName]:
    """Return every name of the place, today's tagged ones first, then by age and spelling."""
    return list(place.names.order_by("-is_preferred", "-until_date", "language", "name"))


def lacks_name(place: Place, language: str) -> bool:
    """Whether nobody recorded what the place is called in `language`, and its letters are others.

    Where both are written in Latin letters, GeoNames' name serves until somebody records another.
    """
    is_recorded = language in (place.local_names or {})
    return not is_recorded and alphabet(place.name) != alphabet_of(language)


def perhaps_named(place: Place, language: str) -> list[str]:
    """Names of the place, five at most, in letters that may be the language's own.

    GeoNames does not say of its other names which language they are.
    """
    foreign = FOREIGN_LETTERS.get(language, frozenset())
    names = place.names.filter(language__in=["", language]).values_list("name", flat=True)
    letters = alphabet_of(language)
    found = {name for name in names if alphabet(name) == letters}
    return sorted(name for name in found if not foreign & set(name.lower()))[:5]
