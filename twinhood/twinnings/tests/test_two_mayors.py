"""Two mayors sign one paper on their phones, each with a passkey; a real browser does it."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer

from twinhood.documents import actions as documents
from twinhood.documents.models import Document
from twinhood.documents.store import the_store
from twinhood.kit import clock
from twinhood.people.models import Partnership, Person
from twinhood.twinnings import drafting, signing
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft, Milestone, Twinning
from twinhood.twinnings.tests.world import Cities

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: ViewportSize = {"width": 390, "height": 844}
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def phones(browser: Browser) -> Iterator[list[Page]]:
    """Two phones, each with an authenticator of its own."""
    contexts = [browser.new_context(viewport=PHONE) for _ in range(2)]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(30_000)
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    yield pages
    for context in contexts:
        context.close()


def frozen(partnership: Partnership) -> tuple[Cities, Draft]:
    """A real paper, no specimen: its partnership is not of the example."""
    Partnership.objects.update(is_example=False)
    partnership.refresh_from_db()
    Twinning.objects.filter(partnership=partnership).update(state=Twinning.State.RESOLVED)
    cities, at = Cities(partnership, is_example=False), clock.now()
    terms = {
        Side.GIVING: cities.term(Side.GIVING, cities.mayor),
        Side.RECEIVING: cities.term(Side.RECEIVING, cities.head),
    }
    draft = cities.draft()
    seen = drafting.last_version(draft).sha256
    for side, by in ((Side.GIVING, cities.dana), (Side.RECEIVING, cities.iryna)):
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=at)
    signing.freeze(draft=draft, terms=terms, by=cities.dana, at=at)
    return cities, draft


def enters_with_a_passkey(page: Page, site: str, person: Person) -> None:
    """Sign in by a code from a letter, and add a passkey to the account."""
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    page.goto(f"{site}/en/account/login/")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").wait_for()
    code = re.search(r"^\w{3,}-?\w+$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.get_by_label("Code from the mail").fill(code[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{site}/en/account/security/passkeys/new/")
    page.get_by_label("A name for this passkey").fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Use the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def signs(page: Page, site: str, city: str) -> None:
    page.goto(f"{site}/en/desk/stamford-kramatorsk/agreements/1/signing/")
    page.get_by_role("link", name=f"Read the paper — {city}").click()
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("button", name="Sign with my passkey").click()
    page.get_by_text("Signed. The signature is on the paper.").wait_for()


def test_two_mayors_sign_one_paper_on_their_phones(
    phones: list[Page], live_server: LiveServer, partnership: Partnership, tmp_path: Path
) -> None:
    cities, draft = frozen(partnership)
    site = live_server.url.replace("127.0.0.1", "localhost")
    head, mayor = phones
    enters_with_a_passkey(head, site, cities.head)
    enters_with_a_passkey(mayor, site, cities.mayor)

    signs(head, site, "Kramatorsk")
    assert Twinning.objects.get(partnership=partnership).state == Twinning.State.HALF_SIGNED
    signs(mayor, site, "Stamford")

    draft.refresh_from_db()
    assert draft.state == Draft.State.SIGNED
    assert Twinning.objects.get(partnership=partnership).state == Twinning.State.IN_FORCE
    assert Milestone.objects.filter(kind="signed", place__isnull=False).count() == 2
    document = Document.objects.get()
    assert [slot.signature.method for slot in document.slots.order_by("position")] == ["here"] * 2
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(the_store().get(documents.last_revision(document).sha256))
    if shutil.which("pdfsig") is None:
        pytest.skip("both signed; pdfsig (poppler-utils) is not here to judge the paper")
    said = subprocess.run(["pdfsig", paper], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid") == 2
