import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from twinhood.places.actions import load_gazetteer
from twinhood.places.models import Place
from twinhood.places.queries import TEXT_LENGTH_MAX, Match, search
from twinhood.places.tests.few import (
    KRAMATORSK,
    PARIS_TEXAS,
    STAMFORD,
    VOLGOGRAD,
    WISHES,
    load_few,
)
from twinhood.places.tests.naming import name_former

pytestmark = pytest.mark.django_db

HOSTILE = [
    "",
    "   ",
    "\x00",
    "Kra\x00ma",
    "x" * 10_000,
    "ab" * 5_000,
    "Краматорськ " * 1_000,
    "'; DROP TABLE places_place; --",
    '" OR 1=1',
    "%",
    "_____",
    "%%%%%%%%",
    "\\",
    "\\%",
    "%s %(wanted)s {begins}",
    "\u202e\u202d\u2066\u2069",
    "\u200b" * 300,
    "k" + "\u0300" * 300,
    "🇺🇦🇺🇸",
    "\ud7ff\ue000\U0010ffff",
    "(((((((((((((((((a+)+)+)+)+",
    "{0.__class__}",
    ",",
    ",,,, Texas",
    "Stamford," + "," * 300,
    "\r\n\t",
]


@pytest.fixture(autouse=True)
def _cities() -> None:
    load_few()


def test_postgres_makes_trigrams_of_cyrillic() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT show_trgm('Краматорськ')")
        trigrams = cursor.fetchone()[0]

    assert len(trigrams) == len("краматорськ") + 1


def test_the_city_that_is_meant_stands_first_in_any_script_and_with_a_slip() -> None:
    name_former()

    first = {
        typed: [hit.place.geoname_id for hit in search(typed, limit=5)][:1] for typed in WISHES
    }

    assert first == {typed: [city] if city else [] for typed, city in WISHES.items()}


def test_a_former_name_finds_todays_place_and_says_when_it_was_in_use() -> None:
    name_former()

    hit = search("Сталінград", limit=5)[0]

    assert (hit.place.geoname_id, hit.name, hit.language) == (VOLGOGRAD, "Сталінград", "uk")
    assert hit.is_former
    assert hit.since_date is not None
    assert hit.until_date is not None
    assert (hit.since_date.year, hit.until_date.year) == (1925, 1961)
    assert hit.source


def test_exact_names_stand_before_beginnings_and_each_by_population() -> None:
    hits = search("stam", limit=50) + search("Stamford", limit=50)

    for match in (Match.EXACT, Match.BEGINS):
        sizes = [hit.place.population for hit in search("Coventry", limit=9) if hit.match is match]
        assert sizes == sorted(sizes, reverse=True)
    assert {hit.match for hit in hits} >= {Match.EXACT, Match.BEGINS}
    assert [hit.match for hit in search("Lyman", limit=9)] == sorted(
        hit.match for hit in search("Lyman", limit=9)
    )


def test_what_follows_a_comma_chooses_among_namesakes() -> None:
    assert search("Paris", limit=1)[0].place.country_code == "FR"
    assert search("Paris, Texas", limit=1)[0].place.geoname_id == PARIS_TEXAS
    assert search("Paris, TX", limit=1)[0].place.geoname_id == PARIS_TEXAS
    assert search("Париж, Техас", limit=1)[0].place.geoname_id == PARIS_TEXAS


def test_two_letters_bring_towns_and_a_whole_name_brings_villages_too() -> None:
    village = Place.objects.get(geoname_id=STAMFORD)
    village.names.update(population=900)

    assert STAMFORD not in [hit.place.geoname_id for hit in search("st", limit=50)]
    assert STAMFORD in [hit.place.geoname_id for hit in search("stamford", limit=50)]


def test_no_text_breaks_the_search_or_makes_it_ask_more() -> None:
    for text in HOSTILE:
        with CaptureQueriesContext(connection) as captured:
            hits = search(text, limit=10)

        assert len(hits) <= 10, text
        # What each statement may cost is bounded by the text's length and the timeout of pages.
        assert len(captured) <= 6, text
    assert Place.objects.exists()


def test_wildcards_of_like_are_letters_as_any_others() -> None:
    assert search("st%rd", limit=5) == search("st%rd", limit=5)
    assert all(hit.match is Match.ALIKE for hit in search("kr%sk", limit=5))
    assert search("%%%", limit=5) == []


def test_only_the_first_200_characters_count() -> None:
    padded = "Kramatorsk" + " " * TEXT_LENGTH_MAX + "nonsense"

    assert search(padded, limit=1)[0].place.geoname_id == KRAMATORSK


def test_a_search_asks_at_most_four_statements() -> None:
    for typed in ("Kramatorsk", "kramtorsk", "s", "st", "zzzzzzzz"):
        for limit in (1, 50):
            with CaptureQueriesContext(connection) as asked:
                search(typed, limit=limit)

            assert len([q for q in asked if "SAVEPOINT" not in q["sql"]]) <= 4, typed


@pytest.mark.django_db(transaction=True)
def test_the_likeness_asked_for_does_not_outlive_the_search() -> None:
    search("kramtorsk", limit=1)

    with connection.cursor() as cursor:
        cursor.execute("SHOW pg_trgm.similarity_threshold")
        assert cursor.fetchone()[0] == "0.3"


@pytest.mark.slow
def test_with_all_places_nineteen_of_twenty_wishes_are_among_the_first_five() -> None:
    lines: list[str] = []
    count = load_gazetteer(progress=lines.append)
    again = load_gazetteer(progress=lines.append)
    name_former()

    missed = [
        typed
        for typed, city in WISHES.items()
        if city and city not in [hit.place.geoname_id for hit in search(typed, limit=5)]
    ]

    assert count == again == Place.objects.count() == 234_908
    assert len(lines) == 4, "a second load says and does nothing"
    assert len(missed) <= len(WISHES) // 20, missed
