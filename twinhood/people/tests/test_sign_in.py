"""Signing in: by code, without a password, without telling who has an account."""

import re
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Person
from twinhood.people.tests.cast import a_partnership, a_person, gives_role

pytestmark = [pytest.mark.django_db, pytest.mark.urls("twinhood.people.tests.urls")]


def code_in_mail() -> str:
    found = re.search(r"^([A-Z0-9]{3,}(?:-[A-Z0-9]+)?)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]


def asks_for_code(client: Client, email: str, after: str = "") -> Any:
    where = f"/en/account/login/?next={after}" if after else "/en/account/login/"
    return client.post(where, {"login": email} | ({"next": after} if after else {}))


def signs_in(client: Client, email: str, after: str = "") -> Any:
    answer = asks_for_code(client, email, after)
    more = {"next": after} if after else {}
    return client.post(answer["Location"], {"code": code_in_mail()} | more)


def test_a_person_signs_in_by_a_code_that_came_by_mail(client: Client) -> None:
    anna = a_person("Anna")

    signs_in(client, anna.email)

    assert client.get("/en/desk/").content == b"desk of Anna"


def test_a_wrong_code_opens_nothing_and_the_third_ends_the_try(client: Client) -> None:
    anna = a_person("Anna")
    where = asks_for_code(client, anna.email)["Location"]
    code = code_in_mail()

    answers = [client.post(where, {"code": "ZZZZZZ"}) for _ in range(3)]
    late = client.post(where, {"code": code})

    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert late.status_code == 302
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_code_works_once(client: Client) -> None:
    anna = a_person("Anna")
    where = asks_for_code(client, anna.email)["Location"]
    code = code_in_mail()
    client.post(where, {"code": code})

    other = Client()
    other.post("/en/account/login/", {"login": anna.email})
    answer = other.post("/en/account/login/code/", {"code": code})

    assert answer.status_code == 200
    assert other.get("/en/desk/").content == b"desk of AnonymousUser"


def test_the_page_is_the_same_whether_an_address_has_an_account_or_not(client: Client) -> None:
    a_person("Anna")
    known, unknown = Client(), Client()

    answers = [
        asks_for_code(known, "anna@twinhood.example"),
        asks_for_code(unknown, "nobody@twinhood.example"),
    ]
    pages = [
        who.get(answer["Location"]).content.decode()
        for who, answer in zip((known, unknown), answers, strict=True)
    ]

    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0]["Location"] == answers[1]["Location"]
    assert _without_tokens(pages[0]).replace("anna@", "x@") == _without_tokens(pages[1]).replace(
        "nobody@", "x@"
    )
    assert len(mail.outbox) == 2


def test_signing_up_with_a_taken_address_looks_like_any_sign_up(client: Client) -> None:
    a_person("Anna")
    form = {"name": "Anna", "email": "anna@twinhood.example"}

    answer = client.post("/en/account/signup/", form)
    other = Client().post("/en/account/signup/", form | {"email": "new@twinhood.example"})

    assert (answer.status_code, answer["Location"]) == (other.status_code, other["Location"])
    assert Person.objects.count() == 2
    assert "has one already" in mail.outbox[0].body


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_a_new_person_has_a_tidy_name_and_no_password(client: Client) -> None:
    client.post(
        "/uk/account/signup/",
        {"name": "  Олена\u202e   Коваль ", "email": "Olena@Twinhood.example"},
    )
    client.post("/uk/account/confirm-email/", {"code": code_in_mail()})

    olena = Person.objects.get(email="olena@twinhood.example")
    assert olena.name == "Олена Коваль"
    assert olena.language == "uk"
    assert not olena.has_usable_password()
    assert client.get("/uk/desk/").content.decode() == "desk of Олена Коваль"


@pytest.mark.parametrize("extra", [{"is_operator": "1"}, {"is_example": "1", "id": "1"}])
def test_fields_that_a_form_does_not_have_are_not_taken(
    client: Client, extra: dict[str, str]
) -> None:
    form = {"name": "Mallory", "email": "mallory@twinhood.example"}

    client.post("/en/account/signup/", form | extra)

    mallory = Person.objects.get(email="mallory@twinhood.example")
    assert (mallory.is_operator, mallory.is_example) == (False, False)


@pytest.mark.parametrize(
    "path",
    ["change", "set", "reset", "reset/done", "reset/key/1-set-password", "reset/key/done"],
)
def test_there_is_no_page_of_passwords(client: Client, path: str) -> None:
    assert client.get(f"/en/account/password/{path}/").status_code == 404


def test_a_password_opens_nothing_even_where_somebody_has_one(client: Client) -> None:
    anna = a_person("Anna")
    anna.set_password("correct horse battery")
    anna.save()

    client.post("/en/account/login/", {"login": anna.email, "password": "correct horse battery"})

    assert not client.login(email=anna.email, password="correct horse battery")
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_the_session_has_a_new_key_after_signing_in(client: Client) -> None:
    anna = a_person("Anna")
    asks_for_code(client, anna.email)
    before = client.cookies["session"].value

    client.post("/en/account/login/code/", {"code": code_in_mail()})

    assert client.cookies["session"].value != before


def test_signing_out_needs_a_post_and_ends_the_session(client: Client) -> None:
    anna = a_person("Anna")
    signs_in(client, anna.email)
    old = client.cookies["session"].value

    client.get("/en/account/logout/")
    still = client.get("/en/desk/").content
    client.post("/en/account/logout/")

    assert still == b"desk of Anna"
    client.cookies["session"] = old
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_closed_account_is_out_at_the_next_request(client: Client) -> None:
    anna = a_person("Anna")
    signs_in(client, anna.email)

    Person.objects.update(is_active=False)

    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_closed_account_gets_no_code(client: Client) -> None:
    anna = a_person("Anna")
    Person.objects.update(is_active=False)

    asks_for_code(client, anna.email)

    assert "there is no account with it" in mail.outbox[0].body


def test_a_role_that_ended_today_opens_nothing_at_the_next_request(client: Client) -> None:
    anna, partnership = a_person("Anna"), a_partnership()
    role = gives_role(anna, partnership, RoleName.CLERK)
    signs_in(client, anna.email)
    before = client.get("/en/desk/lviv-freiburg/").status_code

    role.until_date = date(2024, 1, 1)
    role.save()

    assert (before, client.get("/en/desk/lviv-freiburg/").status_code) == (200, 404)


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/en/desk/",
    "javascript:alert(1)",
    "/%0d%0aSet-Cookie:x=1",
    "/%09/evil.example",
    "http://testserver@evil.example/",
    "https://user:pw@testserver/",
    "//evil。example",
    "%2F%2Fevil.example",
]


@pytest.mark.parametrize("after", ELSEWHERE)
def test_signing_in_leads_to_no_other_site(client: Client, after: str) -> None:
    anna = a_person("Anna")

    answer = signs_in(client, anna.email, after)

    assert answer.status_code == 302
    assert answer["Location"] in {"/en/desk/", "/%0d%0aSet-Cookie:x=1", "/%09/evil.example"}


def test_signing_in_leads_back_to_the_page_that_asked_for_it(client: Client) -> None:
    anna = a_person("Anna")

    answer = signs_in(client, anna.email, "/en/desk/lviv-freiburg/?page=2")

    assert answer["Location"] == "/en/desk/lviv-freiburg/?page=2"


def test_the_fourth_code_within_a_minute_is_not_sent(client: Client) -> None:
    anna = a_person("Anna")

    for _ in range(4):
        asks_for_code(Client(), anna.email)

    assert len(mail.outbox) == 3


def test_many_tries_from_one_address_get_a_page_that_says_so(client: Client) -> None:
    for number in range(31):
        answer = Client().post("/uk/account/login/", {"login": f"a{number}@twinhood.example"})
        if answer.status_code == 429:
            break

    assert answer.status_code == 429
    assert "<h1" in answer.content.decode()


def test_links_in_mail_name_the_configured_address(client: Client) -> None:
    client.post("/en/account/login/", {"login": "nobody@twinhood.example"}, HTTP_HOST="localhost")

    assert "http://localhost:8000/en/account/signup/" in mail.outbox[0].body
