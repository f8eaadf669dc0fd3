"""A passkey, with a real browser and chromium's virtual authenticator."""

import re
from collections.abc import Iterator

import pytest
from django.core import mail
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from twinhood.people.tests.cast import a_partnership, a_person, gives_role

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("twinhood.people.tests.urls"),
]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    opened.set_default_timeout(15_000)
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text))
    has_authenticator(opened)
    yield opened
    opened.close()
    assert [said for said in complaints if "Policy" in said] == []


def has_authenticator(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enters_by_mail(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/en/account/login/")
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").wait_for()
    code = re.search(r"^\w{3,}-?\w+$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.get_by_label("Code from the mail").fill(code[0])
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("desk of").wait_for()


def adds_a_passkey(page: Page) -> None:
    page.get_by_label("A name for this passkey").fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    # Whoever added it shows that they hold it, and sees the recovery codes.
    page.get_by_role("button", name="Use the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def test_somebody_adds_a_passkey_enters_with_it_and_may_move_money(
    page: Page, live_server: LiveServer
) -> None:
    lesia = a_person("Lesia")
    gives_role(lesia, a_partnership())
    site = live_server.url.replace("127.0.0.1", "localhost")
    enters_by_mail(page, site, lesia.email)
    page.goto(f"{site}/en/account/security/passkeys/new/")
    adds_a_passkey(page)
    page.context.clear_cookies()

    page.goto(f"{site}/en/account/login/?next=/en/account/second-factor/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    page.get_by_text("You have shown your second key").wait_for()
    assert len([message for message in mail.outbox if "passkey" in str(message.body)]) == 1


def test_after_a_code_by_mail_the_passkey_is_asked_for(page: Page, live_server: LiveServer) -> None:
    anna = a_person("Anna")
    site = live_server.url.replace("127.0.0.1", "localhost")
    enters_by_mail(page, site, anna.email)
    page.goto(f"{site}/en/account/security/passkeys/new/")
    adds_a_passkey(page)
    page.context.clear_cookies()
    page.goto(f"{site}/en/account/login/")
    page.get_by_label("Email address").fill(anna.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").wait_for()
    code = re.search(r"^\w{3,}-?\w+$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.get_by_label("Code from the mail").fill(code[0])
    page.get_by_role("button", name="Continue").click()

    page.get_by_role("button", name="Use the passkey").click()

    page.get_by_text("desk of Anna").wait_for()
