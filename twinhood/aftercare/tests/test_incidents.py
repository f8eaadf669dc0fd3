"""Promises of the register: public by two, in words that stay."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from twinhood.aftercare import errors, incidents, queries
from twinhood.aftercare.models import Incident, IncidentReview
from twinhood.aftercare.tests.world import World
from twinhood.kit import clock
from twinhood.needs.tests.world import AT, words
from twinhood.people.models import Organisation, Person

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=30)


@pytest.fixture
def world() -> World:
    with clock.showing(AT):
        return World()


def reviewed(incident: Incident, person: Person, organisation: Organisation) -> Incident:
    return incidents.review(
        incident=incident, revision=incident.revision, by=person, organisation=organisation,
        at=AT,
    )  # fmt: skip


def public(world: World) -> list[Incident]:
    return queries.public_incidents(world.partnership, LATER)


def test_an_incident_is_public_once_two_of_two_bodies_agreed(world: World) -> None:
    incident = world.incident()

    reviewed(incident, world.dana, world.city_s)
    assert public(world) == []
    reviewed(incident, world.tom, world.charity)

    assert public(world) == [incident]


def test_nobody_agrees_to_their_own_words_twice_or_for_one_body(world: World) -> None:
    incident = world.incident()
    reviewed(incident, world.dana, world.city_s)

    tries = ((world.iryna, world.city_k, "writer"), (world.dana, world.charity, "twice"),
             (world.lesia, world.city_s, "same_organisation"))  # fmt: skip
    for person, body, code in tries:
        with pytest.raises(errors.MayNotReview) as refused:
            reviewed(incident, person, body)
        assert refused.value.code == code


def test_a_second_account_of_the_writer_agrees_to_nothing(world: World) -> None:
    incident = world.incident()
    second = world.person("I. Another", world.charity)
    for person in (world.iryna, second):
        world.make_known(person, "Iryna")

    with pytest.raises(errors.MayNotReview) as refused:
        reviewed(incident, second, world.charity)

    assert refused.value.code == "writer"
    with pytest.raises(IntegrityError, match="one voice"), transaction.atomic():
        IncidentReview.objects.create(
            incident=incident, revision=1, written_by=world.iryna, reviewed_by=second,
            organisation=world.charity, reviewed_at=AT,
        )  # fmt: skip


def test_other_words_void_what_was_agreed(world: World) -> None:
    incident = world.incident()
    reviewed(incident, world.dana, world.city_s)

    edited = incidents.edit(
        incident=incident, text=world.incident_text(done=words("Nothing.")), by=world.tom
    )

    with pytest.raises(errors.MayNotReview) as refused:
        incidents.review(
            incident=edited, revision=1, by=world.lesia, organisation=world.city_s, at=AT
        )
    assert refused.value.code == "changed"
    reviewed(edited, world.dana, world.city_s)
    assert public(world) == []


def test_the_database_itself_asks_for_two(world: World) -> None:
    incident = world.incident()
    reviewed(incident, world.dana, world.city_s)

    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(published_at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(done=words("Other words."))
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentReview.objects.create(
            incident=incident, revision=1, written_by=world.iryna, reviewed_by=world.iryna,
            organisation=world.city_k, reviewed_at=AT,
        )  # fmt: skip
    reviewed(incident, world.tom, world.charity)
    for change in ({"done": words("Other words.")}, {"published_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Incident.objects.filter(pk=incident.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        incident.units.clear()


def test_an_incident_of_a_thing_that_is_kept_back_waits(world: World) -> None:
    incident = world.incident()
    reviewed(incident, world.dana, world.city_s)
    reviewed(incident, world.tom, world.charity)

    assert queries.public_incidents(world.partnership, AT + timedelta(days=4)) == []
    assert public(world) == [incident]


@pytest.mark.parametrize("table", ["incident", "incidentnote", "followup", "question"])
def test_what_was_told_is_not_emptied(world: World, table: str) -> None:
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        connection.cursor().execute(f"TRUNCATE aftercare_{table} CASCADE")


def test_no_date_of_a_follow_up_is_put_off(world: World) -> None:
    with pytest.raises(IntegrityError, match="stays"), transaction.atomic():
        connection.cursor().execute("UPDATE aftercare_followup SET due_date = due_date + 365")
