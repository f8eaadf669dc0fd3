"""S7: a hand-over on a phone whose line and battery give up, and what may not be done.

The names are those of the scenarios.
"""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import DESK, PATIENCE_MS, P, Site, read
from twinhood.kit import clock

Become = Callable[..., Page]
SIGNERS = ("giver", "receiver", "member_1", "member_2", "member_3")


def acts_in(site: Site) -> list[tuple[int, bool]]:
    """Number of each act and whether it is complete, as the database has them."""
    with psycopg.connect(site.database_url) as database:
        return database.execute(
            "SELECT number, completed_at IS NOT NULL FROM deliveries_handoveract ORDER BY number"
        ).fetchall()


def draw(page: Page, key: str, shift: int) -> None:
    """Sign on the glass with a finger."""
    glass = page.locator(f".glass:has([name={key}_strokes]) canvas")
    glass.scroll_into_view_if_needed()
    box = glass.bounding_box()
    assert box is not None
    left, top = box["x"], box["y"]
    page.mouse.move(left + 20 + shift, top + box["height"] / 2)
    page.mouse.down()
    for x, y in ((60, 20), (110, 70), (160, 30), (220, 60)):
        page.mouse.move(left + x + shift, top + y)
    page.mouse.up()


def fill_in(page: Page, *, signatures: int) -> None:
    """Tick the sixth ambulance as damaged; name five who sign, and let so many of them sign."""
    page.get_by_label("Ambulance 6").check()
    page.get_by_label("Condition").first.select_option("damaged")
    page.get_by_label("What is damaged or missing").first.fill("The left mirror is broken.")
    page.get_by_label("Day of the hand-over").fill(clock.today_in("Europe/Kyiv").isoformat())
    page.get_by_label("Handed over by", exact=True).select_option(index=1)
    page.get_by_label("Received by", exact=True).select_option(
        label="Kramatorsk hospital (example)"
    )
    for number, key in enumerate(SIGNERS, 1):
        page.locator(f"[name={key}_office]").fill(f"Office {number}")
        page.locator(f"[name={key}_name]").fill(f"DEMO {number}")
        if number <= signatures:
            draw(page, key, number)


def test_s7_a_hand_over_without_a_line_arrives_once_and_counts_when_all_have_signed(
    site: Site, be: Become, browser: Browser, tmp_path: Path
) -> None:
    before = acts_in(site)
    thing = be("Iryna")
    thing.goto(site.at(P + "needs/1/"))
    thing.get_by_role("link", name="Ambulance 6").click()
    public_page = thing.url

    # Before it is paid it is not handed over, and nothing that was typed or drawn is lost.
    early = be("Iryna")
    early.goto(site.at(DESK + "hand-over/"))
    fill_in(early, signatures=5)
    early.get_by_role("button", name="Record the act").click()
    expect(early.get_by_role("alert")).to_contain_text("is not paid yet")
    expect(early.get_by_label("Condition").first).to_have_value("damaged")
    assert early.locator("[name=member_3_strokes]").input_value().startswith("M")
    assert acts_in(site) == before

    tom = be("Tom")
    tom.goto(site.at(DESK + "orders/2/"))
    tom.get_by_text("Record an invoice").click()
    tom.get_by_label("Number of the invoice").fill("EX-2026-6")
    tom.get_by_label("What it asks for").fill("82,500.00")
    tom.get_by_label("Date of the invoice").fill(datetime.now(UTC).date().isoformat())
    with tom.expect_navigation():
        tom.get_by_role("button", name="Record the invoice").click()
    tom.get_by_text("Record a payment").click()
    tom.get_by_label("Amount paid").fill("82,500.00")
    with tom.expect_navigation():
        tom.get_by_role("button", name="Record the payment").click()

    def phone() -> Page:
        context = browser.browser_type.launch_persistent_context(
            tmp_path / "phone",
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"],
            viewport={"width": 390, "height": 844},
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        return context.pages[0]

    # The line goes; four of five sign; then the phone dies.
    dying = phone()
    dying.goto(site.at("/who/"))
    with dying.expect_navigation():
        dying.get_by_role("button", name="Iryna").first.click()
    dying.goto(site.at(DESK + "hand-over/"))
    dying.context.set_offline(True)
    fill_in(dying, signatures=4)
    dying.get_by_role("button", name="Record the act").click()
    expect(dying.locator("[data-kept-words]")).to_contain_text("No line.")
    dying.context.close()
    assert acts_in(site) == before

    # Next day there is a line: it goes by itself, once.
    woken = phone()
    woken.goto(site.at(DESK))
    for _ in range(100):
        if len(acts_in(site)) > len(before):
            break
        woken.wait_for_timeout(200)
    woken.goto(site.at(DESK + "hand-over/"))
    woken.wait_for_timeout(1500)
    added = acts_in(site)[len(before) :]
    assert len(added) == 1
    number, is_complete = added[0]
    assert not is_complete

    # Two of three of the commission are not three: everything public reads as before.
    act_page = site.at(f"{DESK}acts/{number}/")
    said = read(woken, act_page)
    assert "Of the commission 2 of 3 have signed." in said
    assert "The left mirror is broken." in said
    assert said.count("SHA-256") == 4
    assert "Bought" in read(be("Dana"), public_page)

    woken.goto(site.at(f"{DESK}acts/{number}/signers/5/"))
    draw(woken, "one", 5)
    with woken.expect_navigation():
        woken.get_by_role("button", name="Sign", exact=True).click()
    assert "Confirmed by 0 of 2 others" in read(woken, act_page)
    assert "Confirm for" not in read(woken, act_page)
    for name in ("Dr Bondar", "Dana"):
        other = be(name)
        other.goto(act_page)
        with other.expect_navigation():
            other.get_by_role("button", name="Confirm for").click()
    assert acts_in(site)[-1] == (number, True)
    assert "Bought" in read(be("Dana"), public_page)
    woken.context.close()
