"""What the registry's pages show: values ready for their templates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from twinhood.places.core.maps import atlas_link
from twinhood.places.core.names import (
    alphabet,
    is_romanised_by_machine,
    matched_part,
    normal_form,
)
from twinhood.places.models import Place, PlaceName
from twinhood.places.queries import Hit, Match
from twinhood.twinnings import queries
from twinhood.twinnings.models import Twinning


@dataclass(frozen=True, slots=True)
class Years:
    """When a former name was in use; `since` is None where only its end is known."""

    since: int | None
    until: int


@dataclass(frozen=True, slots=True)
class Found:
    """A search result. `parts` is the place's name cut where it matches what was typed.

    `found_as` is the name that matched, where it is another than the one shown; `years` says that
    it is a former one.
    """

    place: Place
    parts: tuple[str, str, str]
    found_as: str
    language: str
    years: Years | None
    twinnings: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: as typed, and what else may have been meant."""

    text: str
    as_typed: Sequence[Found]
    alike: Sequence[Found]
    has_more: bool


def answer(text: str, hits: Sequence[Hit], *, limit: int, language: str) -> Answer:
    """Sort at most `limit` hits for the page; one statement for the counts."""
    shown = hits[:limit]
    counts = queries.count_by_place(hit.place.geoname_id for hit in shown)
    rows = [(hit.match, _found(hit, text, counts[hit.place.geoname_id], language)) for hit in shown]
    return Answer(
        text=text,
        as_typed=[row for match, row in rows if match is not Match.ALIKE],
        alike=[row for match, row in rows if match is Match.ALIKE],
        has_more=len(hits) > limit,
    )


def _found(hit: Hit, text: str, twinnings: int, language: str) -> Found:
    name = hit.place.name_in(language)
    is_same = normal_form(hit.name) == normal_form(name)
    years = _years(hit.since_date, hit.until_date)
    return Found(
        place=hit.place,
        parts=matched_part(name, text),
        found_as="" if is_same and years is None else hit.name,
        language=hit.language,
        years=years,
        twinnings=twinnings,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A twinning on the atlas; `ink` is "" or "sel" for the one looked at."""

    path: str
    ends: tuple[tuple[float, float], tuple[float, float]]
    ink: str


def lines(twinnings: Iterable[Twinning], selected: Iterable[int] = ()) -> list[Line]:
    """Draw twinnings on the atlas; those of the `selected` places (GeoNames numbers) stand out."""
    chosen = set(selected)
    return [
        Line(link.path, (link.a_xy, link.b_xy), "sel" if {t.a_id, t.b_id} & chosen else "")
        for t in sorted(twinnings, key=lambda t: bool({t.a_id, t.b_id} & chosen))
        for link in [atlas_link(t.a.position, t.b.position)]
    ]


@dataclass(frozen=True, slots=True)
class Bond:
    """A twinning seen from one of its places."""

    twinning: Twinning
    other: Place


def bonds(place: Place) -> list[Bond]:
    return [Bond(twinning, twinning.other(place)) for twinning in queries.twinnings_of(place)]


@dataclass(frozen=True, slots=True)
class Names:
    """A place's names, sorted for its page: former ones by their years, GeoNames' by script."""

    todays: Sequence[PlaceName]
    former: Sequence[tuple[Years, Sequence[PlaceName]]]
    by_script: Sequence[Sequence[str]]


def names(place: Place, every: Iterable[PlaceName], language: str) -> Names:
    """Sort the names: today's in other languages, former ones, and the rest by their script."""
    known = list(every)
    heading = place.name_in(language)
    todays = [name for name in known if name.is_preferred and name.name != heading]
    return Names(
        todays=list({name.name: name for name in todays}.values()),
        former=_former(known),
        by_script=_by_script(name.name for name in known if not name.language),
    )


def _former(known: Iterable[PlaceName]) -> list[tuple[Years, list[PlaceName]]]:
    """Names that were in use in the same years stand together, the oldest first."""
    by_years: dict[Years, list[PlaceName]] = {}
    for name in sorted(known, key=lambda name: name.language):
        if (years := _years(name.since_date, name.until_date)) is not None:
            by_years.setdefault(years, []).append(name)
    return sorted(by_years.items(), key=lambda pair: pair[0].until)


def _years(since: date | None, until: date | None) -> Years | None:
    """When a name was in use, or None for one that still is."""
    return Years(since.year if since else None, until.year) if until else None


def _by_script(found: Iterable[str]) -> list[list[str]]:
    written = sorted((alphabet(name), name) for name in found if not is_romanised_by_machine(name))
    scripts = groupby(written, key=lambda pair: pair[0])
    return [[name for _, name in pairs] for script, pairs in scripts if script]
