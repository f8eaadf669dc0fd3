"""S1: two cities come in and find each other, agree on a text, freeze it, and sign it on their
phones, each with a passkey.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as house
from django.core import mail
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from tests.journeys.conftest import PATIENCE_MS
from twinhood.documents.models import Document, Signature
from twinhood.documents.tests import tsa
from twinhood.joining.models import Claim
from twinhood.joining.tests.people import House, a_person, link_in_the_letter
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person, Role
from twinhood.places.tests.few import KRAMATORSK, STAMFORD, load_few
from twinhood.twinnings.actions import load_facts
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft, Milestone, Twinning
from twinhood.twinnings.tests.world import Cities, stamford_and_kramatorsk

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: ViewportSize = {"width": 390, "height": 844}
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
SLUG = "stamford-kramatorsk"
AGREEMENT = f"/en/desk/{SLUG}/agreements/1/"
CEREMONY = f"/en/p/{SLUG}/ceremony/1/"
CLOSED_PORT = "http://127.0.0.1:9/"
type Phone = Callable[[Person | None], Page]


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Phone]:
    """Give a function that hands somebody a phone, with an authenticator of its own.

    Addresses on it may leave out the site. Whoever is named is signed in already.
    """
    site = live_server.url.replace("127.0.0.1", "localhost")
    contexts = []

    def handed(person: Person | None = None) -> Page:
        context = browser.new_context(viewport=PHONE, base_url=site)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            name = house.SESSION_COOKIE_NAME
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        return page

    yield handed
    for context in contexts:
        context.close()


def said(page: Page, address: str = "") -> str:
    if address:
        page.goto(address)
    return " ".join(page.locator("main").inner_text().split())


# --- coming in


def claims(page: Page, address: str, **typed: str) -> Claim:
    """Somebody says that they act for a city; the letter to it is sent as the worker would."""
    page.goto(address)
    for label, text in typed.items():
        page.locator("main").get_by_label(LABELS[label]).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Taken in. A letter to that address is on its way.").wait_for()
    return Claim.objects.latest("pk")


LABELS = {
    "city": "City", "name": "Who governs it", "code": "Its code in that register",
    "website": "Official website", "email": "Address at the domain", "office": "Your office there",
}  # fmt: skip


def opens_the_letter(page: Page, claim: Claim) -> None:
    page.goto(link_in_the_letter(claim))
    page.get_by_role("button").and_(page.locator(".go")).click()
    claim.refresh_from_db()
    expect(page.locator("main .note")).to_be_visible()


def calls(page: Page, claim: Claim, answer: str) -> None:
    page.goto(f"/en/join/claims/{claim.pk}/")
    page.get_by_label("Number that you called").fill("+380 6264 1-22-33")
    page.get_by_label("Register where it stands").fill("The ministry’s register")
    page.get_by_label("Who answered, and what they said").fill(answer)
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("Recorded. A second person looks at it and confirms.").wait_for()


def confirms(page: Page, claim: Claim) -> None:
    page.goto(f"/en/join/claims/{claim.pk}/")
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.get_by_text("Confirmed. The city can be brought together with others now.").wait_for()


def accepts(page: Page, claim: Claim) -> None:
    page.goto(f"/en/join/claims/{claim.pk}/")
    page.get_by_role("button", name="Accept for your city").click()
    page.get_by_text("Your city’s answer is recorded.").wait_for()


def proposes_a_partnership(page: Page, claim: Claim) -> str:
    """The matchmaker reads why two cities might fit, and proposes it; what was read."""
    reasons = said(page, f"/en/join/claims/{claim.pk}/suggestions/")
    page.get_by_role("link", name="Propose a partnership").click()
    page.get_by_label("Kramatorsk").check()
    page.get_by_role("button", name="Propose", exact=True).click()
    page.get_by_text("Proposed. Each city answers on its own page.").wait_for()
    return reasons


# --- the agreement


def records_powers(
    page: Page, office: str, *, signs_in_as: str, act: str, since_date: date = date(2023, 1, 1)
) -> None:
    page.goto(f"/en/desk/{SLUG}/offices/")
    for label, text in (
        ("Office", office), ("Name", "DEMO"), ("Legal basis", "The law"), ("Number of the act", act)
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("First day").last.fill(since_date.isoformat())
    page.get_by_label("Signs in here as").select_option(label=signs_in_as)
    page.get_by_role("button", name="Record", exact=True).last.click()
    page.get_by_text("Recorded.", exact=True).wait_for()


def begins_a_draft(page: Page) -> None:
    page.goto(f"/en/desk/{SLUG}/agreements/new/")
    # Nobody has said here yet what Ukrainian papers call the two.
    page.get_by_label("Stamford in this language").fill("Стемфорд")
    page.get_by_label("Kramatorsk in this language").fill("Краматорськ")
    page.get_by_role("button", name="Begin", exact=True).click()
    page.get_by_role("heading", name="Who agrees to this version").wait_for()


def records_the_resolution(page: Page) -> None:
    page.goto(AGREEMENT)
    page.get_by_text("Record a decision or approval of your city").click()
    page.get_by_label("Number").fill("DEMO-1")
    page.get_by_label("Date", exact=True).fill("2023-04-03")
    page.get_by_label("Who decided").fill("Board of Representatives")
    page.get_by_label("Where it can be read").fill("Minutes of the board")
    page.get_by_role("button", name="Record", exact=True).click()
    page.get_by_text("Recorded.", exact=True).wait_for()


def at_work(draft: Draft | None) -> str:
    """Where an agreement is written; the first one, if none is named."""
    return AGREEMENT if draft is None else f"/en/desk/{SLUG}/agreements/{draft.number}/"


def agrees(page: Page, draft: Draft | None = None) -> None:
    page.goto(at_work(draft))
    page.get_by_role("button", name="We agree to exactly this version").click()
    page.get_by_text("Marked: your city agrees to exactly this version.").wait_for()


def freezes(page: Page, draft: Draft | None = None) -> None:
    page.goto(at_work(draft))
    page.get_by_role("link", name="Freeze the text").click()
    page.get_by_role("button", name="Freeze", exact=True).click()
    page.get_by_text("Frozen. Whoever signs gets a letter with the link.").wait_for()


def announces(page: Page) -> None:
    page.goto(f"{AGREEMENT}signing/")
    page.get_by_role("button", name="Make the page of the ceremony public").click()
    page.get_by_text("The page of the ceremony is public now.").wait_for()


def opens_the_paper(page: Page, city: str, draft: Draft | None = None) -> None:
    page.goto(f"{at_work(draft)}signing/")
    page.get_by_role("link", name=f"Read the paper — {city}").click()
    page.get_by_role("heading", name=city, exact=True).wait_for()


def enters_with_a_passkey(page: Page, person: Person) -> None:
    """Sign in by a code from a letter, and add a passkey to the account."""
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    page.goto("/en/account/login/")
    page.get_by_label("Email address").fill(person.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code from the mail").wait_for()
    code = re.search(r"^\w{3,}-?\w+$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code
    page.get_by_label("Code from the mail").fill(code[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/en/account/security/passkeys/new/")
    page.get_by_label("A name for this passkey").fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Use the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()


def signs(page: Page, city: str) -> None:
    opens_the_paper(page, city)
    page.get_by_role("button", name="Sign", exact=True).click()
    page.get_by_role("button", name="Sign with my passkey").click()
    page.get_by_text("Signed. The signature is on the paper.").wait_for()


def signs_the_specimen(page: Page, city: str, draft: Draft | None = None) -> None:
    opens_the_paper(page, city, draft)
    page.get_by_role("button", name="Sign the specimen").click()
    page.get_by_text("Signed. The signature is on the paper.").wait_for()


def proposes(page: Page, text: str) -> None:
    page.get_by_label("Text").first.fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Propose", exact=True).first.click()


def ends_the_powers(page: Page, until_date: date, slug: str = SLUG) -> None:
    page.goto(f"/en/desk/{slug}/offices/")
    page.get_by_text("These powers end").click()
    page.get_by_label("Last day").first.fill(until_date.isoformat())
    page.get_by_label("Reason").first.fill("A new head is in office.")
    page.get_by_role("button", name="Record", exact=True).first.click()
    page.get_by_text("Recorded.", exact=True).wait_for()


def opens_the_text_again(page: Page) -> None:
    page.goto(f"{AGREEMENT}signing/")
    page.get_by_text("Change the text after all").click()
    page.get_by_role("button", name="Open the text again").click()
    page.get_by_text("The text can be changed again. The old paper is kept.").wait_for()


def levels() -> list[set[str]]:
    return [
        set(signature.levels.values_list("level", flat=True))
        for signature in Signature.objects.order_by("pk")
    ]


def state_of_the_bond() -> str:
    return str(Twinning.objects.get(partnership__slug=SLUG).state)


def trusted(server: tsa.Tsa, folder: Path) -> Path:
    """The operator trusts the timestamp server's root; its certificate."""
    root = folder / "timestamps.crt"
    root.write_bytes(server.root.certificate)
    call_command("trust_issuer", str(root), "--for", "timestamps", "--source", "its own page")
    return root


def saved(page: Page, address: str, path: Path) -> Path:
    answer = page.request.get(address)
    assert answer.ok
    path.write_bytes(answer.body())
    return path


def two_cities() -> Cities:
    """Their clerks and signatories, with powers in two offices, and a draft that Dana began."""
    load_few()
    load_facts()
    cities = Cities(stamford_and_kramatorsk())
    cities.term(Side.GIVING, cities.mayor)
    cities.term(Side.RECEIVING, cities.head)
    cities.draft()
    return cities


def two_cities_come_in(phone: Phone) -> tuple[Page, Page]:
    """S1.1 and S1.2: vetted by two people, proposed with reasons, accepted by each; both clerks."""
    load_few()
    house = House()
    dana, iryna, anybody = phone(house.dana), phone(house.iryna), phone(None)
    olha, sasha = phone(house.olha), phone(house.sasha)

    invented = claims(
        phone(a_person("Applicant")), "/en/join/", city="Zzkailania",
        name="United Republic of Kailania", website="kailania.example",
        email="pope@kailania.example", office="Pope",
    )  # fmt: skip
    stamford = claims(
        dana, f"/en/join/{STAMFORD}/", name="City of Stamford", code="06-6001887",
        website="https://www.stamfordct.gov", email="clerk@stamfordct.gov", office="Clerk",
    )  # fmt: skip
    kramatorsk = claims(
        iryna, f"/en/join/{KRAMATORSK}/", name="Краматорська міська рада", code="04052790",
        website="krm.gov.ua", email="rada@krm.gov.ua", office="Clerk",
    )  # fmt: skip
    for claim in (invented, stamford, kramatorsk):
        opens_the_letter(anybody, claim)
        calls(olha, claim, "The secretary: yes, they work here.")
    confirms(sasha, stamford)
    confirms(sasha, kramatorsk)
    # Whoever owns a domain can confirm its mail. Without a register's code all stays private.
    refused = said(sasha, f"/en/join/claims/{invented.pk}/")
    assert "It has no code in an official register of legal persons." in refused
    assert sasha.get_by_role("button", name="Confirm", exact=True).count() == 0
    invented.refresh_from_db()
    assert invented.state == Claim.State.OPEN
    assert "Kailania" not in said(dana, "/en/join/claims/")

    reasons = proposes_a_partnership(olha, stamford)
    assert "Kramatorsk" in reasons
    assert "No partner of it in this country is recorded yet." in reasons
    assert "Kailania" not in reasons
    accepts(iryna, kramatorsk)
    assert not Partnership.objects.exists()
    accepts(dana, stamford)
    dana.get_by_role("link", name="Open the desk").click()
    dana.wait_for_url(f"**/desk/{SLUG}/")
    return dana, iryna


def signatory(name: str, city: int) -> Person:
    """Somebody who may sign for a city; the operator gives the role, as the manual says."""
    organisation = Claim.objects.get(place__geoname_id=city).organisation
    assert organisation is not None
    person = a_person(name.split("’")[0])
    person.name = name
    person.save(update_fields=["name"])
    Role.objects.create(
        person=person, organisation=organisation, partnership=Partnership.objects.get(slug=SLUG),
        name=RoleName.SIGNATORY, since_date=clock.now().date(),
    )  # fmt: skip
    return person


def test_two_cities_agree_and_sign_on_their_phones_and_anybody_can_check_the_paper(
    phone: Phone, settings: Any, tmp_path: Path
) -> None:
    dana, iryna = two_cities_come_in(phone)
    assert state_of_the_bond() == Twinning.State.PROPOSED
    head, mayor = phone(None), phone(None)
    enters_with_a_passkey(head, signatory("Head’s office", KRAMATORSK))
    enters_with_a_passkey(mayor, signatory("Mayor’s office", STAMFORD))

    records_powers(dana, "Mayor", signs_in_as="Mayor’s office", act="Charter")
    records_powers(
        iryna, "Head of the city military administration", signs_in_as="Head’s office",
        act="Decree DEMO-2",
    )  # fmt: skip
    begins_a_draft(dana)
    records_the_resolution(dana)
    agrees(dana)
    agrees(iryna)
    freezes(dana)
    announces(dana)
    settings.TSA_URL = CLOSED_PORT
    signs(head, "Kramatorsk")

    # Nobody's timestamp was to be had, and the signature is there all the same.
    assert levels() == [{"B-B"}]
    assert state_of_the_bond() == Twinning.State.HALF_SIGNED
    half = said(phone(None), CEREMONY)
    assert "Signed by one city. Waiting for Stamford." in half
    assert "No approval of the ministry is recorded" in half

    with tsa.running() as server:
        settings.TSA_URL, settings.TSA_TIMEOUT_S = server.url, 20.0
        root_of_time = trusted(server, tmp_path)
        signs(mayor, "Stamford")

    assert levels() == [{"B-B", "B-T", "B-LT", "B-LTA"}] * 2
    assert Draft.objects.get().state == Draft.State.SIGNED
    assert state_of_the_bond() == Twinning.State.IN_FORCE
    assert Milestone.objects.filter(kind="signed", place__isnull=False).count() == 2
    # A browser may keep the page for five seconds, so somebody else looks.
    anybody = phone(None)
    whole = said(anybody, CEREMONY)
    assert "Both cities signed" in whole
    assert "(Kyiv)" in whole
    assert "(New York)" in whole
    for city in (STAMFORD, KRAMATORSK):
        assert "in force" in said(anybody, f"/en/registry/{city}/")
    document = Document.objects.get()
    assert "The paper holds" in said(anybody, f"/en/v/{document.code}/")
    link = anybody.get_by_role("link", name="Save the paper (PDF)").get_attribute("href")
    assert link
    paper = saved(anybody, link, tmp_path / "paper.pdf")
    root = saved(anybody, "/ca/root.crt", tmp_path / "root.crt")
    verify(paper, root, root_of_time)
    if shutil.which("pdfsig") is None:
        pytest.skip("both signed; pdfsig (poppler-utils) is not here to judge the paper")
    judged = subprocess.run(["pdfsig", paper], capture_output=True, text=True, check=False).stdout
    _, first, second, *_timestamp = judged.split("Signature #")
    assert "Signature is Valid" in first
    assert "Signature is Valid" in second


def verify(paper: Path, *roots: Path) -> None:
    """The check without the server: the same answer from the downloaded file alone."""
    trust = [argument for root in roots for argument in ("--trust", str(root))]
    ran = subprocess.run(
        [sys.executable, "-m", "twinhood", "verify", str(paper), *trust],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said_first = ran.stdout.splitlines()[0]
    assert said_first.startswith("Holds.")
    assert "Kramatorsk" in said_first
    assert "Stamford" in said_first


def test_whose_term_ended_does_not_sign_and_a_changed_text_is_signed_anew(phone: Phone) -> None:
    cities = two_cities()
    dana, iryna = phone(cities.dana), phone(cities.iryna)
    head, mayor = phone(cities.head), phone(cities.mayor)
    today = clock.today_in("Europe/Kyiv")
    late = dana.context.new_page()
    late.goto(f"{AGREEMENT}articles/3/")
    agrees(dana)
    agrees(iryna)
    freezes(dana)
    signs_the_specimen(mayor, "Stamford")

    proposes(late, "Other words than the mayor signed.")
    assert "This has moved on meanwhile, so nothing was changed." in said(late)
    assert late.get_by_label("Text").first.input_value() == "Other words than the mayor signed."

    ends_the_powers(iryna, today - timedelta(days=1))
    opens_the_paper(head, "Kramatorsk")
    assert "The powers of this office have ended" in said(head)
    assert head.get_by_role("button", name="Sign the specimen").count() == 0
    assert Signature.objects.count() == 1

    # A new head, other words: a new paper, which both sign. The old one stays what it was.
    opens_the_text_again(dana)
    opens_the_paper(mayor, "Stamford")
    cities.term(Side.RECEIVING, cities.head, since=today)
    cities.reword(Draft.objects.get(), 3, "Other words", cities.dana, Side.GIVING)
    agrees(dana)
    agrees(iryna)
    freezes(dana)
    assert "Waiting for Stamford" in said(dana)
    signs_the_specimen(head, "Kramatorsk")

    signed = Signature.objects.order_by("pk").values_list("slot__document", "slot__field_name")
    old, new = Document.objects.order_by("pk")
    assert list(signed) == [(old.pk, "GivingSide"), (new.pk, "ReceivingSide")]
    assert Draft.objects.get().state == Draft.State.FROZEN
