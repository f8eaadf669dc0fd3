"""Official lists of what is near the fighting or occupied: reading them in, asking what holds."""

import hashlib
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet

from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.places.core.standing import FIGHTING, SEVERITY, Danger, Row, read_list
from twinhood.places.models import Place, PlaceCode, Standing, StandingList


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list brought: rows that began, rows that ended, territories that are no place here."""

    began: int
    ended: int
    unknown: int


@transaction.atomic
def take_list(data: bytes, *, source: str, published_date: date) -> Taken:
    """Take in an edition of a list; the same bytes again change nothing.

    A row that the edition lacks stays as it is: only a day on which it ended ends it. Raises
    UnreadableList.
    """
    rows = read_list(data)
    sha256 = hashlib.sha256(data).hexdigest()
    edition, is_new = StandingList.objects.get_or_create(
        sha256=sha256,
        defaults={"source": source, "published_date": published_date, "read_at": clock.now()},
    )
    if not is_new:
        return Taken(0, 0, 0)
    _teach_codes(rows)
    known = dict(
        PlaceCode.objects.filter(code__in={row.code for row in rows}).values_list(
            "code", "place_id"
        )
    )
    began = ended = 0
    for row in rows:
        if row.code in known:
            new, over = _take(row, known[row.code], edition)
            began, ended = began + new, ended + over
    return Taken(began, ended, sum(row.code not in known for row in rows))


def _teach_codes(rows: list[Row]) -> None:
    """A list may say, beside a code, which place of GeoNames it is; it is remembered."""
    said = {row.code: row.geoname_id for row in rows if row.geoname_id is not None}
    places = Place.objects.filter(geoname_id__in=said.values()).in_bulk(field_name="geoname_id")
    for code, geoname_id in said.items():
        if geoname_id in places:
            PlaceCode.objects.get_or_create(code=code, defaults={"place": places[geoname_id]})


def _take(row: Row, place_id: int, edition: StandingList) -> tuple[int, int]:
    standing, is_new = Standing.objects.get_or_create(
        place_id=place_id, danger=row.danger, since_date=row.since_date,
        defaults={
            "until_date": row.until_date, "listed_in": edition,
            "ended_in": edition if row.until_date else None,
        },
    )  # fmt: skip
    if is_new or standing.until_date == row.until_date or row.until_date is None:
        return int(is_new), 0
    standing.until_date, standing.ended_in = row.until_date, edition
    standing.save(update_fields=["until_date", "ended_in"])
    return 0, 1


def standings_on(day: date | OuterRef) -> QuerySet[Standing]:
    """What holds on a day, with the list that says so."""
    held = Q(until_date__isnull=True) | Q(until_date__gt=day)
    return Standing.objects.filter(held, since_date__lte=day).select_related("listed_in")


def standing_of(place: Place | int, day: date) -> Standing | None:
    """The worst that holds of a place on a day, the oldest of its kind; None if no list has it."""
    pk = place if isinstance(place, int) else place.pk
    found = list(standings_on(day).filter(place=pk).order_by("since_date", "pk"))
    return max(found, key=lambda one: SEVERITY.index(Danger(one.danger)), default=None)


def occupied_since(place: Place | int, day: date) -> date | None:
    """Since when a place counts as temporarily occupied on that day, or None."""
    found = standing_of(place, day)
    return found.since_date if found is not None and found.danger == Danger.OCCUPIED else None


def public_names(place: Place, day: date) -> LocalText:
    """What the world may know of where something was: the city, or only its region where a list
    says that people fight there on that day."""
    standing = standing_of(place, day)
    if standing is not None and standing.danger in FIGHTING and place.region:
        return LocalText(place.region)
    return LocalText({language: place.name_in(language) for language in ("en", "uk")})
