"""Money moves only after a passkey or TOTP."""

import base64
import hmac
import time
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from twinhood.people.models import Person
from twinhood.people.tests.cast import a_partnership, a_person, gives_role
from twinhood.people.tests.test_sign_in import asks_for_code, code_in_mail, signs_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("twinhood.people.tests.urls")]

SECRET = "JBSWY3DPEHPK3PXP"
APPROVAL = "/en/desk/lviv-freiburg/approval/"


@pytest.fixture
def lesia() -> Person:
    person = a_person("Lesia")
    gives_role(person, a_partnership())
    return person


def has_app(person: Person) -> Authenticator:
    made: Authenticator = TOTP.activate(person, SECRET).instance
    return made


def code_of_app(secret: str = SECRET) -> str:
    """The code that an app shows now (RFC 6238 over RFC 4226, 5.3)."""
    step = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), step, "sha1")
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"


def approves(client: Client, **headers: Any) -> Any:
    return client.post(APPROVAL, **headers)


def test_a_session_opened_by_mail_alone_looks_but_moves_no_money(
    client: Client, lesia: Person
) -> None:
    signs_in(client, lesia.email)

    seen, sent = client.get(APPROVAL), approves(client)

    assert seen.content == b"to approve"
    assert sent.status_code == 302
    assert sent["Location"].startswith("/en/account/second-factor/")


def test_the_page_says_why_and_knows_the_way_back(client: Client, lesia: Person) -> None:
    signs_in(client, lesia.email)
    sent = approves(client, HTTP_REFERER=f"http://testserver{APPROVAL}?step=2")

    page = client.get(sent["Location"]).content.decode()

    assert "This step moves money" in page
    assert 'href="/en/account/security/passkeys/new/"' in page
    assert f'href="{APPROVAL}?step=2"' in page


def test_the_way_back_leads_to_no_other_site(client: Client, lesia: Person) -> None:
    signs_in(client, lesia.email)

    sent = approves(client, HTTP_REFERER="https://evil.example/en/desk/")
    page = client.get("/en/account/second-factor/?next=//evil.example")

    assert sent["Location"] == "/en/account/second-factor/"
    assert b'href="//evil' not in page.content


def test_whoever_has_a_second_key_is_asked_for_it_after_the_code(
    client: Client, lesia: Person
) -> None:
    has_app(lesia)

    answer = signs_in(client, lesia.email)
    before = client.get("/en/desk/").content
    client.post(answer["Location"], {"code": code_of_app()})

    assert answer["Location"] == "/en/account/login/second/"
    assert before == b"desk of AnonymousUser"
    assert approves(client).content == b"approved"


def test_a_code_of_the_app_works_once(client: Client, lesia: Person) -> None:
    has_app(lesia)
    code = code_of_app()
    answer = signs_in(client, lesia.email)
    client.post(answer["Location"], {"code": code})

    other = Client()
    answer = signs_in(other, lesia.email)
    other.post(answer["Location"], {"code": code})

    assert other.get("/en/desk/").content == b"desk of AnonymousUser"


def test_guessing_codes_of_the_app_ends_soon(client: Client, lesia: Person) -> None:
    has_app(lesia)
    where = signs_in(client, lesia.email)["Location"]

    for guess in range(6):
        client.post(where, {"code": f"{guess:06}"})
    client.post(where, {"code": code_of_app()})

    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_recovery_code_opens_the_account_but_moves_no_money(
    client: Client, lesia: Person
) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    has_app(lesia)
    code = RecoveryCodes.activate(lesia).get_unused_codes()[0]
    where = signs_in(client, lesia.email)["Location"]

    client.post(where, {"code": code})

    assert client.get("/en/desk/").content == b"desk of Lesia"
    assert approves(client).status_code == 302


def test_an_app_added_now_must_be_shown_once_before_it_counts(
    client: Client, lesia: Person
) -> None:
    signs_in(client, lesia.email)
    has_app(lesia)
    before = approves(client).status_code

    again = client.post(
        "/en/account/security/again/", {"code": code_of_app(), "next": "/en/account/second-factor/"}
    )

    assert before == 302
    assert again["Location"] == "/en/account/second-factor/"
    assert approves(client).content == b"approved"


def test_a_removed_key_stops_counting_in_open_sessions(client: Client, lesia: Person) -> None:
    app = has_app(lesia)
    client.post(signs_in(client, lesia.email)["Location"], {"code": code_of_app()})

    app.delete()

    assert approves(client).status_code == 302


def test_a_second_factor_grows_old(client: Client, lesia: Person) -> None:
    has_app(lesia)
    client.post(signs_in(client, lesia.email)["Location"], {"code": code_of_app()})
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 13 * 60 * 60
    session.save()

    assert approves(client).status_code == 302


def test_adding_an_app_is_told_by_mail_and_shows_its_picture(
    client: Client, lesia: Person, mailoutbox: list[Any]
) -> None:
    signs_in(client, lesia.email)

    page = client.get("/en/account/security/app/")
    secret = page.context["form"].secret
    client.post("/en/account/security/app/", {"code": code_of_app(secret)})

    assert b"data:image/svg+xml" in page.content
    assert Authenticator.objects.filter(user=lesia, type="totp").count() == 1
    assert mailoutbox[-1].to == [lesia.email]


def test_a_passkey_belongs_to_the_configured_address() -> None:
    assert get_adapter().get_public_key_credential_rp_entity()["id"] == "localhost"


@pytest.mark.parametrize(
    "credential",
    ["", "{}", "[]", "null", '{"id": 1}', '{"id":"AA","rawId":"AA","type":"public-key"}', "[" * 50],
)
def test_junk_in_place_of_a_passkey_is_refused(client: Client, credential: str) -> None:
    client.get("/en/account/login/passkey/", HTTP_ACCEPT="application/json")

    answer = client.post("/en/account/login/passkey/", {"credential": credential})

    assert answer.status_code == 302
    assert client.get("/en/desk/").content == b"desk of AnonymousUser"


def test_a_code_by_mail_for_somebody_with_a_key_shows_nothing_of_them(
    client: Client, lesia: Person
) -> None:
    has_app(lesia)

    with_key = asks_for_code(client, lesia.email)

    assert with_key["Location"] == "/en/account/login/code/"
    assert code_in_mail()


def test_a_challenge_waits_five_minutes_and_for_one_answer(client: Client) -> None:
    def asks() -> None:
        client.get("/en/account/login/passkey/", HTTP_ACCEPT="application/json")

    asks()
    asked = "mfa.webauthn.state" in client.session
    client.post("/en/account/login/passkey/", {"credential": '{"id": "AA"}'})
    answered = "mfa.webauthn.state" in client.session

    asks()
    session = client.session
    session["passkey_asked_at"] = time.time() - 301
    session.save()
    client.post("/en/account/login/passkey/", {"credential": '{"id": "AA"}'})

    assert (asked, answered) == (True, False)
    assert "mfa.webauthn.state" not in client.session
