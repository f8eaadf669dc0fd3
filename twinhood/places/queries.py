"""Reads: finding a place by any of its names."""

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from django.db import connection, transaction

from twinhood.places.core.names import (
    ALPHABETS,
    alphabet,
    near_misses,
    normal_form,
    unmixed,
)
from twinhood.places.models import TOWN_POPULATION, Place, PlaceName

TEXT_LENGTH_MAX = 200
# No name is longer; more letters would only make the search for slips dearer.
ALIKE_LENGTH_MAX = 60
# Of a shorter text everything is a near miss.
SLIP_LENGTH_MIN = 4
LIKENESS_MIN = 0.45
# Up to here every slip is tried in alphabets; trigrams of so few letters are too common.
NEAR_LENGTH_MAX = 6
CANDIDATES = 100
# With so many places found by the letters as typed, nobody made a slip.
ENOUGH = 5


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
    Exact names stand first, then names that begin so, each by population. Fewer than five such
    places bring names that look alike (trigrams) as well. What follows a comma ("Paris, Texas")
    prefers places whose region says so. Only the first 200 characters count. Four statements at
    most, whatever is found.
    """
    head, _, rest = re.sub("[،、，]", ",", text[:TEXT_LENGTH_MAX]).partition(",")
    wanted = unmixed(normal_form(head) or normal_form(text[:TEXT_LENGTH_MAX]))
    if not wanted:
        return []
    rows = _as_typed(wanted)
    if len(rows) < ENOUGH and len(wanted) >= SLIP_LENGTH_MIN:
        known = {row[0] for row in rows}
        rows += [row for row in _alike(wanted) if row[0] not in known]
    places = Place.objects.in_bulk([row[0] for row in rows])
    hits = [Hit(places[row[0]], row[1], row[2], Match(row[3]), *row[4:]) for row in rows]
    return _in_region_first(hits, normal_form(rest))[:limit]


def _in_region_first(hits: list[Hit], region: str) -> list[Hit]:
    def is_elsewhere(hit: Hit) -> bool:
        words = [normal_form(name) for name in (hit.place.region or {}).values()]
        codes = (hit.place.admin1_code.casefold(), hit.place.country_code.casefold())
        return region not in codes and not any(region in name for name in words)

    return sorted(hits, key=is_elsewhere) if region else hits


type Row = tuple[int, str, str, int, float, date | None, date | None, str]


def _as_typed(wanted: str) -> list[Row]:
    """Rows of places with a name that is `wanted`, or begins so."""
    begins = BEGINS.get(len(wanted), "normal LIKE %(begins)s")
    values: dict[str, Any] = {
        "wanted": wanted,
        "begins": re.sub(r"([\\%_])", r"\\\1", wanted) + "%",
        "town": TOWN_POPULATION,
        "candidates": CANDIDATES,
    }
    with connection.cursor() as cursor:
        cursor.execute(AS_TYPED.replace("{begins}", begins) + BEST, values)
        return list(cursor.fetchall())


def _alike(wanted: str) -> list[Row]:
    """Rows of places with a name that `wanted` may be a slip for."""
    near = near_misses(wanted[:ALIKE_LENGTH_MAX])
    values: dict[str, Any] = {
        "near": near,
        "alike": wanted[:ALIKE_LENGTH_MAX],
        "candidates": CANDIDATES,
    }
    if len(wanted) <= NEAR_LENGTH_MAX and alphabet(wanted) in ALPHABETS:
        with connection.cursor() as cursor:
            cursor.execute(NEAR + LATER + BEST, values)
            return list(cursor.fetchall())
    with transaction.atomic(), connection.cursor() as cursor:
        # Holds until the transaction ends: another user of this connection sees the default.
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(LIKENESS_MIN)]
        )
        cursor.execute(NEAR + TRIGRAMS + LATER + BEST, values)
        return list(cursor.fetchall())


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
    SELECT near AS normal, 0.8::real AS likeness FROM unnest(%(near)s::text[]) AS near
    WHERE EXISTS (SELECT FROM places_placename WHERE normal = near)"""
TRIGRAMS = """
    UNION (SELECT normal, similarity(normal, %(alike)s) AS likeness FROM places_placename
    WHERE is_lead AND normal %% %(alike)s
    ORDER BY likeness DESC, population DESC LIMIT 20)"""
LATER = """
), any_of AS (
    SELECT name.*, 2 AS match, spelling.likeness FROM spelling CROSS JOIN LATERAL (
        SELECT id, place_id, population FROM places_placename
        WHERE normal = spelling.normal ORDER BY population DESC, id LIMIT 10
    ) AS name
)"""
# A dated name is preferred to GeoNames' undated list: it can say that it is a former name.
BEST = """
, best AS (
    SELECT DISTINCT ON (any_of.place_id) any_of.place_id, any_of.population, any_of.match,
        any_of.likeness, name.name, name.language, name.since_date, name.until_date, name.source
    FROM any_of JOIN places_placename AS name ON name.id = any_of.id
    ORDER BY any_of.place_id, any_of.match, any_of.likeness DESC, name.language = '',
        name.until_date NULLS FIRST, name.id
)
SELECT place_id, name, language, match, likeness, since_date, until_date, source
FROM best
ORDER BY match, likeness + 0.012 * ln(population + 1) DESC, place_id
LIMIT %(candidates)s
"""


def names_of(place: Place) -> list[PlaceName]:
    """Return every name of the place, today's tagged ones first, then by age and spelling."""
    return list(place.names.order_by("-is_preferred", "-until_date", "language", "name"))
