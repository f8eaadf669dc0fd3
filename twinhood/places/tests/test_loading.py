import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.kit.fields import LocalText
from twinhood.places import gazetteer
from twinhood.places.actions import load_gazetteer, name_place
from twinhood.places.errors import MixedScripts
from twinhood.places.models import Gazetteer, Place, PlaceName
from twinhood.places.queries import search
from twinhood.places.tests.few import KRAMATORSK, STAMFORD, VOLGOGRAD, few_cities, load_few
from twinhood.places.tests.naming import name_former

pytestmark = pytest.mark.django_db


def names_of_table() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'places_placename'"
            " UNION SELECT conname FROM pg_constraint WHERE conrelid = 'places_placename'::regclass"
        )
        return {row[0] for row in cursor.fetchall()}


def test_a_place_has_its_region_in_both_languages_and_every_name_once() -> None:
    load_few()

    stamford = Place.objects.get(geoname_id=STAMFORD)
    names = list(stamford.names.values_list("name", flat=True))
    assert stamford.region == {
        "en": "Connecticut, United States", "uk": "Коннектикут, Сполучені Штати",
    }  # fmt: skip
    assert len(names) == len(set(names))
    assert {"Stamford", "Стемфорд", "斯坦福"} <= set(names)


def test_loading_again_changes_no_id_and_doubles_no_name() -> None:
    load_few()
    before = dict(Place.objects.values_list("geoname_id", "id"))
    names = PlaceName.objects.count()

    load_few()

    assert dict(Place.objects.values_list("geoname_id", "id")) == before
    assert PlaceName.objects.count() == names


def test_a_whole_list_keeps_given_names_and_the_tables_promises(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_few()
    name_place(Place.objects.get(geoname_id=KRAMATORSK), "Краматорськ", "uk")
    name_former()
    promises = names_of_table()
    grown = [city._replace(population=city.population + 1) for city in few_cities()]
    monkeypatch.setattr(gazetteer, "all_cities", lambda: grown)

    load_gazetteer(progress=lambda _: None)

    kramatorsk = Place.objects.get(geoname_id=KRAMATORSK)
    assert kramatorsk.name_in("uk") == "Краматорськ"
    assert kramatorsk.names.get(language="uk").population == kramatorsk.population
    assert (
        Place.objects.get(geoname_id=VOLGOGRAD).names.filter(until_date__isnull=False).count() == 3
    )
    assert names_of_table() == promises
    assert search("Сталинград", limit=1)[0].is_former


def test_a_load_that_is_cut_off_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    promises = names_of_table()
    monkeypatch.setattr(gazetteer, "all_cities", few_cities)

    def stop_at_the_indexes(line: str) -> None:
        if "indexes" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        load_gazetteer(progress=stop_at_the_indexes)

    assert not Place.objects.exists()
    assert not Gazetteer.objects.exists()
    assert names_of_table() == promises
    assert load_gazetteer(progress=lambda _: None) == len(few_cities())


def test_a_second_load_of_one_edition_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "all_cities", few_cities)
    load_gazetteer(progress=lambda _: None)
    lines: list[str] = []

    count = load_gazetteer(progress=lines.append)

    assert (count, lines) == (len(few_cities()), [])


def test_odd_letters_of_a_name_arrive_as_they_are() -> None:
    odd = few_cities()[0]._replace(names=("Back\\slash", "Tab\there", "Line\nbreak", "\\N"))

    load_gazetteer(progress=lambda _: None, cities=[odd])

    place = Place.objects.get(geoname_id=odd.geoname_id)
    assert set(place.names.values_list("name", flat=True)) == set(odd.names)


def test_todays_name_is_shown_in_its_language_without_another_query(
    django_assert_num_queries: object,
) -> None:
    load_few()
    stamford = Place.objects.get(geoname_id=STAMFORD)
    name_place(stamford, "Стемфорд", "uk")
    name_place(stamford, "Стамфорд", "uk")
    name_place(stamford, "Стемфорд", "uk")

    fresh = Place.objects.get(geoname_id=STAMFORD)

    assert fresh.local_names == LocalText({"uk": "Стемфорд"})
    assert [fresh.name_in(language) for language in ("uk", "en")] == ["Стемфорд", "Stamford"]
    assert [n.name for n in fresh.names.filter(is_preferred=True)] == ["Стемфорд"]


def test_a_thousand_names_cost_no_query(django_assert_num_queries: pytest.FixtureRequest) -> None:
    load_few()

    with django_assert_num_queries(1):  # type: ignore[operator]
        shown = [place.name_in("uk") for place in Place.objects.all()]

    assert len(shown) == len(few_cities())


def test_a_former_name_is_never_the_one_that_pages_show() -> None:
    load_few()

    volgograd = name_former()

    assert volgograd.name_in("uk") == "Volgograd"
    assert not volgograd.names.filter(is_preferred=True).exists()


def test_a_name_in_two_scripts_of_one_look_is_refused() -> None:
    load_few()

    with pytest.raises(MixedScripts):
        name_place(Place.objects.get(geoname_id=STAMFORD), "Ѕtamford", "en")


def test_the_database_refuses_a_place_beyond_the_poles() -> None:
    load_few()

    with pytest.raises(IntegrityError, match="place_lies_on_earth"), transaction.atomic():
        Place.objects.filter(geoname_id=STAMFORD).update(latitude=90.1)
