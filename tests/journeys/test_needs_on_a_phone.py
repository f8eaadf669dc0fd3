"""S2: Iryna writes a need on her phone between power cuts; others check it; the world reads it."""

import gzip
import io
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as house
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.journeys.test_pages import faults
from tests.line import Line
from twinhood.documents.models import StoredFile
from twinhood.kit import clock
from twinhood.needs.models import Evidence, Need
from twinhood.needs.tests.world import World
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
LINE_BYTES_PER_S = 250_000
WHY = "Two burnt out in spring; one drives for the whole city."


@pytest.fixture
def line(live_server: LiveServer) -> Iterator[Line]:
    """The mobile network between the phone and the server."""
    found = Line(urlsplit(live_server.url).port or 0, bytes_per_s=LINE_BYTES_PER_S)
    yield found
    found.close()


@pytest.fixture
def phone(browser: Browser, line: Line, tmp_path: Path) -> Iterator[Callable[..., BrowserContext]]:
    """Give a function that switches somebody's phone on; what lies on it stays while it is off."""
    switched_on: list[BrowserContext] = []

    def switch_on(person: Person, *, has_script: bool = True) -> BrowserContext:
        context = browser.browser_type.launch_persistent_context(
            tmp_path / f"phone-{person.pk}-{has_script}",
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
            viewport={"width": 390, "height": 844},
            base_url=f"http://localhost:{line.port}",
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        client = Client()
        client.force_login(person)
        name = house.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "domain": "localhost", "path": "/"}])
        context.set_default_timeout(20_000)
        switched_on.append(context)
        return context

    yield switch_on
    for context in switched_on:
        context.close()


def a_photo(folder: Path, number: int) -> Path:
    """About half a megabyte of noise, with the place where it was taken."""
    noise = random.Random(number).randbytes(3 * 500 * 400)  # noqa: S311 (a picture)
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (48.0, 44.0, 0.0), 3: "E", 4: (37.0, 33.0, 0.0)}
    out = io.BytesIO()
    Image.frombytes("RGB", (500, 400), noise).save(out, "JPEG", quality=95, exif=exif)
    path = folder / f"photo-{number}.jpg"
    path.write_bytes(out.getvalue())
    return path


def desk(world: World, tail: str = "") -> str:
    return f"/en/desk/{world.partnership.slug}/needs/{tail}"


def fill(page: Page, world: World) -> None:
    page.get_by_label("How many", exact=True).fill("2")
    page.get_by_label("Who receives it").select_option(str(world.hospital.pk))
    page.get_by_label("Why", exact=True).fill(WHY)
    page.get_by_label("Price of one").fill("62,000.00")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_label("No", exact=True).check()


def weight(page: Page) -> int:
    """What the page and all that it loaded weigh on the line, fonts apart."""
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    files = [page.request.get(url).body() for url in set(loaded) if not url.endswith(".woff2")]
    return sum(len(gzip.compress(body)) for body in [page.content().encode(), *files])


def rows(page: Page) -> list[str]:
    return [str(row) for row in page.locator("[data-photo]").evaluate_all(
        "rows => rows.map(row => row.dataset.state || '')"
    )]  # fmt: skip


def wait_for(page: Page, is_so: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.wait_for_timeout(100)


def test_s2_a_need_survives_a_power_cut_and_is_written_once(
    phone: Callable[..., BrowserContext], line: Line, tmp_path: Path
) -> None:
    world = World()
    photos = [a_photo(tmp_path, number) for number in range(3)]
    size = sum(path.stat().st_size for path in photos)
    iryna = phone(world.iryna)
    page = iryna.pages[0]

    page.goto(desk(world, "new/"))
    with page.expect_navigation():
        page.get_by_role("link", name="Ambulances, type B").click()
    weighs = weight(page)
    looks = faults(page, "en")
    fill(page, world)
    before = line.sent_bytes
    page.locator("input[type=file]").first.set_input_files(photos)
    wait_for(page, lambda: "here" in rows(page))
    page.wait_for_timeout(700)
    # The power goes while the second photo is on its way.
    line.cut()
    page.wait_for_timeout(500)
    cut = rows(page)
    iryna.close()

    # Five hours later.
    line.mend()
    page = phone(world.iryna).pages[0]
    page.goto(desk(world, "new/?kind=ambulance-b"))
    page.get_by_text("What you wrote here is still there").wait_for()
    again = page.get_by_label("Why", exact=True).input_value()
    wait_for(page, lambda: rows(page) == ["here"] * 3)
    sent = line.sent_bytes - before
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url("**/needs/1/")
    page.wait_for_load_state()

    assert weighs <= 60_000
    assert looks == []
    assert "here" in cut
    assert cut.count("here") < 3
    assert again == WHY
    need = Need.objects.get()
    assert (need.quantity, need.kind, need.unit_price_minor) == (2, "ambulance-b", 6_200_000)
    assert Evidence.objects.filter(need=need).count() == StoredFile.objects.count() == 3
    assert all(file.had_place for file in StoredFile.objects.all())
    # Pages and forms go over the same line; the rest is photos.
    assert sent <= 1.1 * size + 60_000
    assert faults(page, "en") == []


def test_s2_without_a_script_the_plain_form_does_the_same(
    phone: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    world = World()
    page = phone(world.iryna, has_script=False).pages[0]

    page.goto(desk(world, "new/?kind=ambulance-b"))
    fill(page, world)
    page.locator("input[type=file]").first.set_input_files([a_photo(tmp_path, 1)])
    page.get_by_label("Price of one").fill("sixty")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("There is a problem").wait_for()
    kept = page.get_by_label("Why", exact=True).input_value()
    page.get_by_label("Price of one").fill("62,000.00")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/needs/1/")
    page.get_by_role("button", name="Submit for checking").click()
    page.get_by_text("Others check it now").wait_for()

    assert kept == WHY
    need = Need.objects.get()
    assert (need.state, need.evidence.count()) == (Need.State.SUBMITTED, 1)


def test_s2_it_is_checked_by_others_and_read_after_three_days(
    phone: Callable[..., BrowserContext],
) -> None:
    world = World()
    # She may check needs of others.
    world.give_role(world.iryna, world.city_k, RoleName.VERIFIER)
    iryna = phone(world.iryna).pages[0]
    iryna.goto(desk(world, "new/?kind=ambulance-b"))
    fill(iryna, world)
    iryna.get_by_role("button", name="Save").click()
    iryna.wait_for_url("**/needs/1/")
    iryna.get_by_role("button", name="Submit for checking").click()
    iryna.get_by_text("Others check it now").wait_for()
    own = iryna.locator("main").inner_text()
    seen = {"seen_revision": "1", "checked": ["called"], "register": "a list"}
    seen |= {"what_was_seen": "I know it.", "until_date": ""}
    answer = world.signed_in(world.iryna).post(desk(world, "1/verification/"), seen)
    # A quote that holds until tomorrow.
    iryna.get_by_text("Add a quote").click()
    quote = iryna.locator("form[action$='/quotes/']")
    quote.get_by_label("Name of another supplier").fill("Example Motors")
    quote.get_by_label("Price of one").fill("62,000.00")
    tomorrow = clock.now().date() + timedelta(days=1)
    quote.get_by_label("Valid until").fill(tomorrow.isoformat())
    quote.get_by_role("button", name="Add the quote").click()
    iryna.get_by_role("cell", name="Example Motors").wait_for()
    fresh = iryna.locator("main").inner_text()

    # The hospital types the same again.
    bondar = phone(world.bondar).pages[0]
    bondar.goto(desk(world, "new/?kind=ambulance-b"))
    fill(bondar, world)
    bondar.locator("#similar").get_by_text("N-1").wait_for()
    bondar.get_by_role("button", name="Save").click()
    bondar.get_by_text("This looks like need N-1").first.wait_for()

    for person in (world.oleh, world.dana):
        checker = phone(person).pages[0]
        checker.goto(desk(world, "1/"))
        checker.get_by_label("Called them").check()
        checker.get_by_label("The price fits the quotes").check()
        checker.get_by_label("Where did the number").fill("the ministry's list")
        checker.get_by_label("What did you see or ask?").fill("Spoke with the head.")
        checker.get_by_role("button", name="It is true: verify").click()
        checker.get_by_text("Your check is recorded").wait_for()
        looks = faults(checker, "en")
        assert looks == []

    need = Need.objects.get()
    assert "somebody else must check it" in own
    assert "somebody else must check it" in answer.content.decode()
    assert not need.verifications.filter(verified_by=world.iryna).exists()
    assert "Price out of date" not in fresh
    assert "It is true: verify" not in own
    assert need.state == Need.State.VERIFIED
    assert need.confirmed_until_date == clock.now().date() + timedelta(days=60)
    public = f"/en/p/{world.partnership.slug}/needs/1/"
    assert read(public, timedelta(hours=71)).status_code == 404
    page = read(public, timedelta(hours=73)).content.decode()
    assert "Kramatorsk hromada" in page
    assert "Price out of date" in page
    assert world.iryna.name not in page


def read(address: str, after: timedelta) -> Any:
    """What the world reads some time from now."""
    with clock.showing(clock.now() + after):
        return Client().get(address)
