"""A telephone, a power cut and a line that breaks: what was written is sent once.

Through a line of real TCP that is cut, in a browser that is closed and opened again.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE_MS, Site
from tests.line import Line
from twinhood.documents.tests.photos import jpeg

NEW_NEED = "/desk/stamford-kramatorsk/needs/new/?kind=other"
NEED = {
    "title_en": "Lifts for the wards",
    "unit_title_en": "lift",
    "quantity": "3",
    "why_en": "The old one burnt.",
    "unit_price": "12000",
}


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    made = Line(int(site.url.rpartition(":")[2]))
    yield made
    made.close()


@pytest.fixture
def profile() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="twinhood-telephone-") as folder:
        yield Path(folder)


@contextmanager
def telephone(browser: Browser, profile: Path) -> Iterator[Page]:
    """A browser whose memory outlives it. Closing is a power cut: nothing is said to the page."""
    program = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=_program(),
        args=["--no-sandbox"],
        viewport={"width": 390, "height": 844},
        reduced_motion="reduce",
    )
    program.set_default_timeout(20_000)
    try:
        yield program.pages[0]
    finally:
        program.close()


def _program() -> str:
    import shutil

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found is not None
    return found


def become(page: Page, line: Line, name: str) -> str:
    base = f"http://localhost:{line.port}/en"
    page.goto(f"{base}/who/")
    page.get_by_role("button", name=name).first.click()
    page.wait_for_url("**/desk/**")
    return base


def state_of(page: Page) -> str:
    return page.locator("[data-kept-line]").inner_text()


def rows(site: Site, query: str) -> int:
    with psycopg.connect(site.database_url) as database:
        found = database.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def until(page: Page, answer: str) -> None:
    """Ask the page until the promise is kept with a yes: `wait_for_function` takes any promise."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(answer):
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        page.wait_for_timeout(100)


def wait_until_kept(page: Page) -> None:
    """Until the worker has the page and everything that it is made of."""
    until(
        page,
        "async () => (await (await caches.open('kept-pages-1')).keys()).length > 5"
        " && (await navigator.serviceWorker.getRegistrations()).some((one) => one.active)",
    )


def test_a_need_survives_a_power_cut_and_is_sent_once(
    browser: Browser, site: Site, line: Line, profile: Path
) -> None:
    lifts = "SELECT count(*) FROM needs_need WHERE title->>'en' = 'Lifts for the wards'"
    with telephone(browser, profile) as page:
        base = become(page, line, "Iryna")
        page.goto(base + NEW_NEED)
        wait_until_kept(page)
        page.locator("[name=title_en]").fill("Lifts for the wards")
        page.locator("[name=why_en]").fill("The old one burnt.")
        expect(page.locator("[data-kept-line]")).to_contain_text("Kept on this device at")
        line.cut()

    with telephone(browser, profile) as page:
        # No line: the page opens from the telephone, with what was written.
        page.goto(base + NEW_NEED)
        expect(page.locator("[name=why_en]")).to_have_value("The old one burnt.")
        assert "still there" in state_of(page)
        for name, value in NEED.items():
            page.locator(f"[name={name}]").fill(value)
        page.locator("[name=beneficiary]").select_option(index=1)
        if page.locator("[name=has_relation]").count():
            page.locator("[name=has_relation]").first.check()
        page.get_by_role("button", name="Save").click()
        expect(page.locator("[data-kept-line]")).to_contain_text("goes by itself")
        # Impatience: it is one form.
        page.get_by_role("button", name="Save").click()

    assert rows(site, lifts) == 0
    line.mend()
    with telephone(browser, profile) as page:
        page.goto(f"{base}/desk/stamford-kramatorsk/needs/")
        until(
            page,
            "async () => { const all = await new Promise((done) => {"
            " const asked = indexedDB.open('kept');"
            " asked.onsuccess = () => asked.result.transaction('drafts').objectStore('drafts')"
            ".getAll().onsuccess = (event) => done(event.target.result); });"
            " return all.length && all.every((one) => one.state === 'sent' && !one.fields); }",
        )
        page.reload()
        assert page.get_by_text("Lifts for the wards").count() == 1
        # The page kept from before is not sent under the same name again.
        page.goto(base + NEW_NEED)
        assert page.locator("[name=why_en]").input_value() == ""

    assert rows(site, lifts) == 1


def test_what_is_wrong_is_said_in_the_form_and_nothing_typed_is_lost(
    browser: Browser, line: Line, profile: Path
) -> None:
    with telephone(browser, profile) as page:
        base = become(page, line, "Iryna")
        page.goto(base + NEW_NEED)
        page.locator("[name=why_en]").fill("Half a form.")
        page.get_by_role("button", name="Save").click()

        expect(page.locator("#problems")).to_be_focused()
        assert page.locator("[name=why_en]").input_value() == "Half a form."
        assert page.title().startswith("Problem:")


def test_who_signs_out_leaves_nothing_on_the_telephone(
    browser: Browser, line: Line, profile: Path
) -> None:
    with telephone(browser, profile) as page:
        base = become(page, line, "Iryna")
        page.goto(base + NEW_NEED)
        wait_until_kept(page)
        page.locator("[name=why_en]").fill("On a shared telephone.")
        expect(page.locator("[data-kept-line]")).to_contain_text("Kept on this device")
        page.get_by_role("button", name="Leave").click()
        page.wait_for_url("**/who/")

        left = page.evaluate(
            "async () => [(await indexedDB.databases()).length, (await caches.keys()).length,"
            " (await navigator.serviceWorker.getRegistrations()).length]"
        )

    assert left == [0, 0, 0]


def test_a_photo_goes_on_where_the_line_broke(
    browser: Browser, site: Site, line: Line, profile: Path
) -> None:
    chosen = profile / "ceremony.jpg"
    chosen.write_bytes(jpeg(6000, 4500) + b"\0" * 700_000)
    photos = "SELECT count(*) FROM twinnings_ceremonyphoto WHERE credit = 'Newsroom'"
    line.bytes_per_s = 200_000
    with telephone(browser, profile) as page:
        base = become(page, line, "Iryna")
        page.goto(f"{base}/desk/stamford-kramatorsk/agreements/")
        page.get_by_role("main").locator("a[href$='/agreements/1/']").first.click()
        page.wait_for_url("**/agreements/1/")
        page.goto(page.url + "photos/")
        address = page.url
        before = line.sent_bytes
        page.locator("input[type=file]").set_input_files(chosen)
        row = page.locator(".kept-file")
        expect(row).to_contain_text("it goes on")
        line.cut()
        expect(row).to_contain_text("On this device")

    line.mend()
    with telephone(browser, profile) as page:
        page.goto(address)
        expect(page.locator(".kept-file")).to_contain_text("ceremony.jpg")
        expect(page.locator(".kept-file")).to_contain_text("On the server.", timeout=30_000)
        page.locator("[name=caption_en]").fill("Both mayors")
        page.locator("[name=alt_en]").fill("Two people at a table")
        page.locator("[name=credit]").fill("Newsroom")
        page.get_by_role("button", name="Add the photo").click()
        expect(page.get_by_role("status").first).to_contain_text("The photo is kept.")
        expect(page.locator("figure.file img")).to_have_attribute("alt", "Two people at a table")

    size = chosen.stat().st_size
    assert size < line.sent_bytes - before < 1.5 * size
    assert rows(site, photos) == 1
