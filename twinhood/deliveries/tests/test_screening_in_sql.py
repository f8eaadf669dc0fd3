"""Promises of screening that the database keeps against whoever writes to it.

Every name on the lists here is invented.
"""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twinhood.deliveries import actions, errors, screening
from twinhood.deliveries.core.listed import folded
from twinhood.deliveries.models import Screening
from twinhood.deliveries.tests.world import World
from twinhood.needs.tests.world import AT, DAY, organisation
from twinhood.people.models import Organisation

pytestmark = pytest.mark.django_db
LISTED = b"id,name\n7,Invented Arms Factory\n8,Nobody (invented)\n"
ALPHABET = (
    "АБВГҐДЕЄЁЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгґдеєёжзиіїйклмнопрстуфхцчшщъыьэюя’'"
    "ABYZabjwhyz áéßİ№ﬁ1-"
)


@pytest.fixture
def world() -> World:
    return World()


def take(data: bytes, *, why: str = "") -> None:
    screening.import_list(data, code="second", kind="plain", version=DAY, at=AT, shorter_reason=why)


def look_up(world: World, body: Organisation) -> Screening:
    return screening.screen(organisation=body, partnership=world.partnership, by=world.iryna, at=AT)


@given(
    name=st.one_of(
        st.text(st.sampled_from(ALPHABET), max_size=60),
        st.lists(
            st.sampled_from(["ТОВ", "Ltd.", "the", "Joint", "Заводъ", "Yiwu", "Kyiv", "Charkiw"])
        ).map(" ".join),
        st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\0")),
    )
)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_database_folds_a_name_as_the_code_does(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deliveries_folded(%s)", [name])
        assert cursor.fetchone()[0] == folded(name)


CLEAR = (
    "INSERT INTO deliveries_screening (partnership_id, organisation_id, names, lists, hits,"
    " outcome, screened_by_id, screened_at, expires_date, reason) SELECT partnership_id,"
    " organisation_id, names, {lists}, {hits}, '{outcome}', screened_by_id,"
    " screened_at + interval '1 second', expires_date, '' FROM deliveries_screening"
    " ORDER BY id DESC LIMIT 1"
)


LISTS = (
    "(SELECT jsonb_agg(jsonb_build_object('code', code, 'sha256', sha256))"
    " FROM deliveries_screeninglist)"
)


@pytest.mark.parametrize("name", ["INVENTED ARMS FACTORIES", "Фабрика, Invented Arms Factory"])
@pytest.mark.parametrize(
    ("hits", "outcome"),
    [("'[]'", "clear"), ("'[]'", "open"), ("jsonb_set(hits, '{0,uid}', '\"9\"')", "open")],
)
def test_a_name_that_is_only_like_a_listed_one_is_not_clear_in_sql_either(
    world: World, name: str, hits: str, outcome: str
) -> None:
    take(LISTED)
    found = look_up(world, organisation(Organisation.Kind.SUPPLIER, name))
    assert found.outcome == Screening.Outcome.OPEN

    with pytest.raises(IntegrityError, match="every listed name"), transaction.atomic():
        connection.cursor().execute(CLEAR.format(lists="lists", hits=hits, outcome=outcome))


def test_who_was_found_is_not_clear_because_a_newer_list_forgot_them(world: World) -> None:
    """A list of one invented name is put in the place of the true one, as by a fraud."""
    take(b"id,name\n7,Unheard-of Turbines (invented)\n")
    body = organisation(Organisation.Kind.SUPPLIER, "Unheard-of Turbines (invented)")
    assert look_up(world, body).outcome == Screening.Outcome.OPEN
    take(b"id,name\n9,Somebody Quite Else (invented)\n", why="Nobody else is left.")

    with pytest.raises(IntegrityError, match="found before"), transaction.atomic():
        connection.cursor().execute(CLEAR.format(lists=LISTS, hits="'[]'", outcome="clear"))
    again = look_up(world, body)

    assert (again.outcome, again.hits) == (Screening.Outcome.OPEN, [])
    screening.decide(
        screening=again, is_listed=False, reason="Taken off on 3 May.", by=world.tom, at=AT
    )
    assert look_up(world, body).outcome == Screening.Outcome.CLEAR


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        (
            "INSERT INTO deliveries_screeninglist (code, version_date, sha256, names_count,"
            " imported_at, shorter_reason) VALUES ('second', '2099-01-01', 'x', 1, now(), '')",
            "says why",
        ),
        (
            "INSERT INTO deliveries_screeninglist (code, version_date, sha256, names_count,"
            " imported_at, shorter_reason) VALUES ('second', '2001-01-01', 'x', 2, now(), '')",
            "newer version",
        ),
        (
            "INSERT INTO deliveries_listedname (list_id, uid, name, folded)"
            " SELECT id, '9', 'Invented Arms Factory', 'x' FROM deliveries_screeninglist",
            "as it is written",
        ),
    ],
)
def test_a_list_gives_way_to_a_newer_and_whole_one_only(
    world: World, sql: str, refusal: str
) -> None:
    take(LISTED)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


RENAME = 'UPDATE people_organisation SET name = \'{{"en": "Invented Arms"}}\' WHERE id = {}'


def test_who_was_approved_keeps_its_name_in_sql_too(world: World) -> None:
    world.placed(1)

    with pytest.raises(IntegrityError, match="by the word of two"), transaction.atomic():
        connection.cursor().execute(RENAME.format(world.dealer.pk))


def test_another_name_is_looked_up_before_anything_is_placed(world: World) -> None:
    order = world.proposed(1)
    world.give(90_000_000)
    connection.cursor().execute(RENAME.format(world.dealer.pk))
    world.dealer.refresh_from_db()
    order = actions.edit_order(order=order, quote=order.quote, quantity=1, by=world.iryna, at=AT)
    world.approved_by(order, world.tom)

    with pytest.raises(errors.NotScreened) as problem:
        world.approved_by(order, world.lesia)
    assert problem.value.name == "Invented Arms"
    with pytest.raises(IntegrityError, match="by the names that they have"), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement) SELECT id, content_hash,"
            " proposed_by_id, %s, %s, now(), 'no-interest-1' FROM deliveries_order;"
            " UPDATE deliveries_order SET state = 'placed', placed_at = %s",
            [world.lesia.pk, world.city_s.pk, AT],
        )
