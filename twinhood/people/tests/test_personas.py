"""Being somebody of the example: by a button, and only where all money is invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, transaction
from django.test import Client

from twinhood.people import actions
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person, Role
from twinhood.people.tests.cast import SINCE, a_partnership, a_person, gives_role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("twinhood.people.tests.urls")]


@pytest.fixture
def example() -> Partnership:
    return a_partnership("stamford-kramatorsk", is_example=True)


@pytest.fixture
def lesia(example: Partnership) -> Person:
    person = a_person("Lesia", is_example=True)
    gives_role(person, example, RoleName.APPROVER)
    return person


def test_the_page_says_what_each_person_may_try(client: Client, lesia: Person) -> None:
    page = client.get("/en/who/").content.decode()

    assert "Lesia" in page
    assert "Charity of stamford-kramatorsk" in page
    assert "Approve an order that somebody else proposed" in page


def test_a_button_signs_the_visitor_in_as_that_person(client: Client, lesia: Person) -> None:
    answer = client.post("/en/who/become/", {"person": lesia.pk})

    assert answer["Location"] == "/en/desk/"
    assert client.get("/en/desk/").content == b"desk of Lesia"
    assert client.post("/en/desk/stamford-kramatorsk/approval/").content == b"approved"


def test_each_change_of_person_is_a_new_session(client: Client, lesia: Person) -> None:
    client.post("/en/who/become/", {"person": lesia.pk})
    first = client.cookies["session"].value

    client.post("/en/who/become/", {"person": lesia.pk})

    assert client.cookies["session"].value != first


def test_leaving_makes_the_visitor_nobody(client: Client, lesia: Person) -> None:
    client.post("/en/who/become/", {"person": lesia.pk})

    answer = client.post("/en/who/leave/")

    assert answer["Location"] == "/en/who/"
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_looking_at_the_page_changes_nobody(client: Client, lesia: Person) -> None:
    assert client.get("/en/who/become/").status_code == 405
    assert client.get("/en/who/leave/").status_code == 405


@pytest.mark.parametrize("chosen", ["", "0", "-1", "x", "1e9", "None", "9" * 400])
def test_nobody_else_can_be_chosen(client: Client, lesia: Person, chosen: str) -> None:
    assert client.post("/en/who/become/", {"person": chosen}).status_code == 404


def test_a_real_person_is_never_a_persona(client: Client, lesia: Person) -> None:
    anna = a_person("Anna")
    gives_role(anna, Partnership.objects.get())

    answer = client.post("/en/who/become/", {"person": anna.pk})

    assert answer.status_code == 404
    assert b"Anna" not in client.get("/en/who/").content


def test_whoever_calls_the_action_with_a_real_person_is_stopped(client: Client) -> None:
    request = client.get("/en/desk/").wsgi_request

    with pytest.raises(ValueError, match="not somebody of the example"):
        actions.become(request, person=a_person("Anna"))


def test_a_persona_leaves_the_account_as_it_is(client: Client, lesia: Person) -> None:
    client.post("/en/who/become/", {"person": lesia.pk})

    for page in ("email", "security", "security/app", "security/passkeys/new"):
        assert client.get(f"/en/account/{page}/").status_code == 403
        assert client.post(f"/en/account/{page}/").status_code == 403


def test_without_an_example_there_is_no_such_page(client: Client) -> None:
    a_partnership()

    assert client.get("/en/who/").status_code == 404
    assert client.post("/en/who/become/", {"person": "1"}).status_code == 404


@pytest.mark.parametrize("name", ["PRODUCTION", "PERSONAS_ALLOWED"])
def test_in_production_there_is_no_such_page_and_an_open_session_ends(
    client: Client, lesia: Person, settings: Any, name: str
) -> None:
    client.post("/en/who/become/", {"person": lesia.pk})

    setattr(settings, name, name == "PRODUCTION")

    assert client.get("/en/who/").status_code == 404
    assert client.post("/en/who/become/", {"person": lesia.pk}).status_code == 404
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_production_server_with_personas_does_not_start(settings: Any) -> None:
    settings.PRODUCTION = True

    assert "people.E001" in {found.id for found in run_checks(tags=["security"])}
    with pytest.raises(SystemCheckError, match=r"people\.E001"):
        call_command("check")


def test_a_production_server_with_an_example_does_not_start(
    settings: Any, example: Partnership
) -> None:
    settings.PRODUCTION = True
    settings.PERSONAS_ALLOWED = False

    with pytest.raises(SystemCheckError, match=r"people\.E002"):
        call_command("check", "--database", "default")


def test_the_settings_of_a_production_server_allow_no_personas() -> None:
    import os
    import subprocess
    import sys

    environment = os.environ | {
        "TWINHOOD_PRODUCTION": "1",
        "TWINHOOD_SITE_URL": "https://twinhood.example",
        "TWINHOOD_SECRET_KEY": "x" * 50,
    }
    words = "import twinhood.settings as s; print(s.PERSONAS_ALLOWED, s.EXAMPLE_WANTED)"

    printed = subprocess.run(
        [sys.executable, "-c", words], env=environment, capture_output=True, text=True, check=True
    )

    assert printed.stdout.split() == ["False", "False"]


def test_somebody_of_the_example_holds_no_role_where_money_is_real(lesia: Person) -> None:
    real = a_partnership("lviv-freiburg")

    with refused_at_the_end():
        gives_role(lesia, real)

    assert not Role.objects.filter(partnership=real).exists()


@pytest.mark.parametrize("table", [Person, Partnership])
def test_nothing_becomes_an_example_beside_what_is_real(
    table: type[Person] | type[Partnership], lesia: Person, example: Partnership
) -> None:
    anna, real = a_person("Anna"), a_partnership()
    gives_role(anna, real)
    settle()

    changed = {"is_example": table is Person}
    key = anna.pk if table is Person else example.pk
    with refused_at_the_end():
        table.objects.filter(pk=key).update(**changed)

    assert table.objects.get(pk=key).is_example is not changed["is_example"]


@contextmanager
def refused_at_the_end() -> Iterator[None]:
    """Expect the database to refuse what the block did, when its transaction would end."""
    refused = pytest.raises(IntegrityError, match="example partnerships only")
    with refused, transaction.atomic():
        yield
        settle()


def settle() -> None:
    """Ask now what the database would ask at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_role_is_ended_but_never_deleted(lesia: Person) -> None:
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Role.objects.all().delete()

    assert Role.objects.filter(until_date=None).update(until_date=date(2026, 1, 1)) == 1
    assert Role.objects.get().since_date == SINCE
