"""The names that one city had, with their dates."""

from datetime import date

from twinhood.places.actions import name_place
from twinhood.places.models import Place
from twinhood.places.tests.few import VOLGOGRAD


def name_former() -> Place:
    """Give Volgograd its name between 1925 and 1961, in three languages."""
    place = Place.objects.get(geoname_id=VOLGOGRAD)
    for language, name in (("en", "Stalingrad"), ("uk", "Сталінград"), ("ru", "Сталинград")):
        since, until = date(1925, 4, 10), date(1961, 11, 10)
        name_place(place, name, language, since, until, source="Encyclopædia Britannica")
    return place
