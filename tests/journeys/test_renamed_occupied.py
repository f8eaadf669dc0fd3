"""S9 in browsers: a city gets another name and its own back, and an official list says occupied."""

import re
import time
from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESK, P, Site, asked_inside
from twinhood.kit import clock

type Become = Callable[..., Page]
TAKEN = """
from datetime import date
from twinhood.places.standing import take_list
ROWS = "code,status,since,until,geoname_id\\nUA14120110000000001,occupied,{since},{until},704508"
data = ROWS.encode()
print(take_list(data, source="Order no. 376 (journey)", published_date=date.today()))
"""


def said(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator("main").inner_text())


def until_says(page: Page, address: str, words: str) -> str:
    """Ask again for some seconds: bursts are answered with what was drawn just now."""
    deadline = time.monotonic() + 60
    while words not in (text := open_page(page, address)):
        assert time.monotonic() < deadline, text
        time.sleep(1)
    return text


def open_page(page: Page, address: str) -> str:
    answer = page.goto(address)
    assert answer is not None
    return said(page) if answer.status == 200 else f"{answer.status} {page.title()}"


def renamed(page: Page, address: str, english: str, ukrainian: str, day: date) -> None:
    page.goto(address)
    page.get_by_text("The city has another name by law").click()
    page.get_by_label("New name in English").fill(english)
    page.get_by_label("New name in Ukrainian").fill(ukrainian)
    page.get_by_label("In force since").fill(day.isoformat())
    page.get_by_label("By which act").fill("Resolution of parliament no. 1 (journey)")
    with page.expect_navigation():
        page.get_by_role("button", name="Record the name").click()


def test_s9_a_renamed_city_is_found_at_its_old_address_and_by_both_names(
    site: Site, be: Become
) -> None:
    today = clock.today_in("Europe/Kyiv")
    iryna = be("Iryna")

    renamed(iryna, site.at(f"{DESK}city/"), "Kramatorsk", "Novohrad", today)
    refused = said(iryna)
    renamed(iryna, site.at(f"{DESK}city/"), "Novohrad", "Новоград", today)
    try:
        assert "in the letters of its language" in refused
        assert iryna.url.endswith("/desk/stamford-novohrad/city/")
        until_says(iryna, site.at(P), "Novohrad")
        assert iryna.url.endswith("/p/stamford-novohrad/")
        for typed in ("Novohrad", "Краматорськ", "Kramtorsk", "Новогрд"):
            assert "Novohrad" in open_page(iryna, site.at(f"/registry/?q={typed}")), typed
    finally:
        here = site.at("/desk/stamford-novohrad/city/")
        renamed(iryna, here, "Kramatorsk", "Краматорськ", today)
    assert iryna.url.endswith("/desk/stamford-kramatorsk/city/")


def test_s9_an_official_list_pauses_and_two_others_vouch_and_the_board_decides(
    site: Site, be: Become, browser: Browser
) -> None:
    yesterday = clock.today_in("Europe/Kyiv") - timedelta(days=1)
    iryna, dana, tom = be("Iryna"), be("Dana"), be("Tom")
    anybody = browser.new_page(viewport={"width": 1280, "height": 900})
    widget = f"{site.url}/embed/stamford-kramatorsk/progress.en.html"

    asked_inside(site, TAKEN.format(since=yesterday, until=""))
    try:
        public = until_says(anybody, site.at(P), "The campaign is paused")
        assert "Temporarily occupied" in public
        assert "The bond of the two cities stays official." in public
        until_says(anybody, site.at(f"{P}give/"), "Nothing is asked for at the moment")
        until_says(anybody, widget, "No gifts are taken for now.")

        assert open_page(iryna, site.at(f"{DESK}needs/new/")).startswith("403")
        dana.goto(site.at(f"{DESK}city/"))
        dana.get_by_label("Body").select_option(label="Kramatorsk city administration (example)")
        dana.get_by_label("How you made sure").fill("Called the ministry’s number back.")
        with dana.expect_navigation():
            dana.get_by_role("button", name="I made sure").click()
        assert "A second person is awaited" in said(dana)
        assert "Confirm" not in [button.inner_text() for button in dana.get_by_role("button").all()]
        open_page(tom, site.at(DESK))
        assert "Who acts for a body now" in said(tom)
        tom.goto(site.at(f"{DESK}city/"))
        with tom.expect_navigation():
            tom.get_by_role("button", name="Confirm").first.click()
        assert "Confirmed by two" in said(tom)
        assert not open_page(iryna, site.at(f"{DESK}needs/new/")).startswith("403")

        tom.goto(site.at(f"{DESK}campaign/"))
        tom.get_by_label("The campaign goes on").check()
        tom.locator("#id_decide-minutes_number").fill("EX-9")
        tom.locator("#id_decide-decided_date").fill(yesterday.isoformat())
        with tom.expect_navigation():
            tom.get_by_role("button", name="Record the decision").click()
        assert "The board lets the campaign go on" in said(tom)
        until_says(anybody, widget, "Give")
        sideways = tom.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0
    finally:
        today = clock.today_in("Europe/Kyiv")
        asked_inside(site, TAKEN.format(since=yesterday, until=today))
        anybody.close()
