"""Verbs: loading the list of places, and naming them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from django.db import connection, transaction

from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.places import gazetteer
from twinhood.places.core.names import is_in_one_script, normal_form
from twinhood.places.errors import MixedScripts
from twinhood.places.models import Gazetteer, Place, PlaceName

# An arbitrary number: who loads the gazetteer holds this lock.
LOADING_LOCK = 0x67656F


@transaction.atomic
def load_gazetteer(
    *, progress: Callable[[str], None], cities: Iterable[gazetteer.City] | None = None
) -> int:
    """Load GeoNames' cities with all their names; return how many places its list has.

    Loading again does nothing while the installed edition stands; a newer edition updates places
    by their GeoNames numbers and deletes none. One transaction: a killed load leaves no trace.
    With `cities` only those few are loaded, so that a test need not wait for them all.
    """
    if cities is not None:
        few = list(cities)
        gazetteer.add(few)
        return len(few)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOADING_LOCK])
    edition = gazetteer.edition()
    standing = Gazetteer.objects.filter(edition=edition).first()
    if standing is not None:
        return standing.place_count
    progress("Reading GeoNames …")
    rows = gazetteer.all_cities()
    gazetteer.write(rows, progress)
    _tagged_names_weigh_as_their_places()
    Gazetteer.objects.create(edition=edition, place_count=len(rows), loaded_at=clock.now())
    return len(rows)


def _tagged_names_weigh_as_their_places() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE places_placename n SET population = p.population FROM places_place p"
            " WHERE p.id = n.place_id AND n.language <> '' AND n.population <> p.population"
        )


@transaction.atomic
def name_place(
    place: Place,
    name: str,
    language: str,
    since_date: date | None = None,
    until_date: date | None = None,
    *,
    source: str = "",
) -> PlaceName:
    """Record what `place` is, or was, called in `language` (BCP 47); safe to repeat.

    Without `until_date` it is today's name and pages in that language show it from now on. A name
    that stands already gets the dates and the source given here. Raises MixedScripts.
    """
    if not is_in_one_script(name):
        raise MixedScripts(name)
    is_todays = until_date is None
    if is_todays:
        _call(place, name, language)
    named, _ = PlaceName.objects.update_or_create(
        place=place,
        name=name,
        language=language,
        defaults={
            "normal": normal_form(name),
            "is_preferred": is_todays,
            "since_date": since_date,
            "until_date": until_date,
            "source": source,
            "population": place.population,
        },
    )
    return named


@transaction.atomic
def rename_place(
    place: Place, names: Mapping[str, str], *, since_date: date, act: str
) -> list[PlaceName]:
    """Record that a place is called otherwise from a day on, by which act; safe to repeat.

    The names until then stay, with the day on which they ended: documents keep the name of their
    day, and a search finds both. Raises MixedScripts.
    """
    renamed = []
    for language, name in names.items():
        old = place.name_in(language)
        if old != name:
            known = PlaceName.objects.filter(place=place, name=old, language=language).first()
            began, source = (known.since_date, known.source) if known else (None, "")
            name_place(place, old, language, began, since_date, source=source or act)
        renamed.append(name_place(place, name, language, since_date, source=act))
    return renamed


def _call(place: Place, name: str, language: str) -> None:
    """Make `name` the one that pages in `language` show; the name before is kept, undated."""
    PlaceName.objects.filter(place=place, language=language).update(is_preferred=False)
    fresh = Place.objects.select_for_update().get(pk=place.pk)
    place.local_names = LocalText({**(fresh.local_names or {}), language: name})
    place.save(update_fields=["local_names"])
