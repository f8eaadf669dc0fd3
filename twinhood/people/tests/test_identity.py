"""Promises of who is who: two who read the same make somebody known; nothing readable is kept."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.people import identity
from twinhood.people.core.identity import BadName, key_text, machine_name
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import IdentityCheck, Partnership, Person
from twinhood.people.tests.cast import a_partnership, a_person, gives_role

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
BORN = date(1980, 2, 29)


@pytest.mark.parametrize(
    ("one", "other"),
    [("O'Neill", "ONEILL"), ("Anna-Maria", "ANNA<MARIA"), (" anna  maria", "ANNA MARIA<<<")],
)
def test_a_name_is_read_alike_however_it_is_copied(one: str, other: str) -> None:
    assert machine_name(one) == machine_name(other)


@pytest.mark.parametrize("typed", ["", "<<<", "Тарас", "T0M", "Тom"])
def test_other_letters_than_the_documents_are_refused(typed: str) -> None:
    with pytest.raises(BadName):
        machine_name(typed)


def test_where_the_surname_ends_is_part_of_the_key() -> None:
    assert key_text("ANNA", "MARIA ROSA", BORN) != key_text("ANNA MARIA", "ROSA", BORN)


# --- who saw whom

db = pytest.mark.django_db


@pytest.fixture
def pair() -> Partnership:
    return a_partnership()


def seen(person: Person, by: Person, pair: Partnership, surname: str = "MILLER") -> None:
    identity.check_identity(
        person=person, key=identity.key_of(surname, "TOM", BORN), paper="passport", by=by,
        organisation=pair.recipient, at=AT,
    )  # fmt: skip


@db
def test_two_who_read_the_same_make_somebody_known(pair: Partnership) -> None:
    tom, iryna, dana = (a_person(name) for name in ("Tom", "Iryna", "Dana"))

    seen(tom, iryna, pair)
    seen(tom, iryna, pair)
    assert not identity.is_known(tom)
    seen(tom, dana, pair, "MILER")
    assert not identity.is_known(tom)
    seen(tom, dana, pair)

    assert identity.is_known(tom)


@db
def test_two_accounts_are_one_person_as_soon_as_one_who_looked_read_the_same(
    pair: Partnership,
) -> None:
    tom, miller, iryna, dana = (a_person(name) for name in ("Tom", "T.Miller", "Iryna", "Dana"))
    seen(tom, iryna, pair)
    seen(tom, dana, pair)

    seen(miller, iryna, pair)

    assert identity.same_people(miller) == {tom.pk, miller.pk}
    assert identity.same_people(iryna) == {iryna.pk}


@db
def test_nobody_checks_their_own_identity_nor_that_of_their_second_account(
    pair: Partnership,
) -> None:
    tom, miller, iryna = (a_person(name) for name in ("Tom", "T.Miller", "Iryna"))
    seen(tom, iryna, pair)

    with pytest.raises(identity.OwnIdentity):
        seen(tom, tom, pair)
    with pytest.raises(identity.OwnIdentity):
        seen(miller, tom, pair)


@db
def test_nothing_that_was_read_is_kept(pair: Partnership) -> None:
    seen(a_person("Tom"), a_person("Iryna"), pair)

    row = str(IdentityCheck.objects.values().get())

    assert "MILLER" not in row
    assert "1980" not in row


@db
@pytest.mark.parametrize(
    "sql", ["UPDATE people_identitycheck SET key = 'x'", "DELETE FROM people_identitycheck"]
)
def test_what_was_seen_stays(pair: Partnership, sql: str) -> None:
    seen(a_person("Tom"), a_person("Iryna"), pair)

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        connection.cursor().execute(sql)


@db
def test_two_others_look_at_a_document_on_the_page(pair: Partnership) -> None:
    tom, iryna, dana = (a_person(name) for name in ("Tom", "Iryna", "Dana"))
    for person in (tom, iryna, dana):
        gives_role(person, pair, RoleName.CLERK)
    url = reverse("people:check", args=[pair.slug, tom.pk])
    typed = {
        "paper": "passport", "surname": "Miller", "given_names": "Tom", "was_seen": "on",
        "birth_date": "1980-02-29",
    }  # fmt: skip

    with translation.override("en"):
        answers = []
        for person, changes in ((tom, {}), (iryna, {"surname": "Мiллер"}), (iryna, {}), (dana, {})):
            client = Client()
            client.force_login(person)
            answers.append(client.post(url, typed | changes))
        page = client.get(reverse("people:people", args=[pair.slug])).content.decode()

    assert [answer.status_code for answer in answers] == [422, 422, 302, 302]
    assert "Somebody else looks at your own document." in answers[0].content.decode()
    assert "Copy the Latin letters" in answers[1].content.decode()
    assert "seen by Dana" in page
    assert identity.is_known(tom)
