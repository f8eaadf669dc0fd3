"""A donor's own place, in a browser on a running Twinhood: coming in, looking, being forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESK, Site, asked_inside
from tests.journeys.test_pages import LOOKS, faults
from twinhood.kit import clock

Become = Callable[..., Page]
LINK = """
from twinhood.giving import visits
from twinhood.giving.models import Visit
visit = Visit.objects.order_by("-id").first()
print(visits.entry_token(visit.pk) if visit else "")
"""


def gift_with_address(tom: Page, site: Site, email: str) -> None:
    """Tom enters a cash gift of somebody who gave their address."""
    tom.goto(site.at(DESK + "gifts/new/"))
    tom.get_by_label("Amount").fill("25.00")
    tom.get_by_label("Day received").fill(clock.today_in("America/New_York").isoformat())
    tom.get_by_label("Counted with you by").select_option(index=1)
    tom.get_by_label("Name of who gave").fill("Anna (example)")
    tom.get_by_label("E-mail").fill(email)
    with tom.expect_navigation():
        tom.get_by_role("button", name="Take the gift in").click()


def come_in(page: Page, site: Site, email: str) -> None:
    page.goto(site.at("/giver/"))
    page.get_by_label("E-mail address").fill(email)
    with page.expect_navigation():
        page.get_by_role("button", name="Send me the link").click()
    assert "Look into your mail" in page.content()
    page.goto(site.at(f"/giver/open/{asked_inside(site, LINK)}/"))
    with page.expect_navigation():
        page.get_by_role("button", name="Open").click()


@pytest.mark.slow
def test_s11_anna_comes_in_without_scripts_and_is_forgotten(
    site: Site, be: Become, browser: Browser
) -> None:
    gift_with_address(be("Tom"), site, "anna@example.org")
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    anna = context.new_page()

    come_in(anna, site, "Anna@example.org")
    inside = anna.locator("main").inner_text()
    looks = _looked_at(browser, site, context.cookies())
    anna.goto(site.at("/giver/settings/"))
    with anna.expect_download() as fetched:
        anna.get_by_role("button", name="Download my data").click()
    anna.get_by_role("link", name="Forget me").click()
    anna.get_by_role("button", name="Go on").click()
    anna.get_by_label("Yes, forget me").check()
    with anna.expect_navigation():
        anna.get_by_role("button", name="Destroy the key").click()
    last = anna.locator("main").inner_text()
    anna.goto(site.at("/giver/gifts/"))

    assert "$25.00" in inside
    assert looks == []
    assert fetched.value.suggested_filename == "twinhood-my-data.zip"
    assert "You are forgotten" in last
    assert "Send me the link" in anna.content()
    context.close()


def _looked_at(browser: Browser, site: Site, cookies: Any) -> list[str]:
    """What axe finds on the pages of the place, as phone and desktop show them."""
    wrong: list[str] = []
    for language, width, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.add_cookies(cookies)
        page = context.new_page()
        for tail in ("gifts/", "receipts/", "monthly/", "settings/", "sent/", "open/1.x/"):
            page.goto(site.at(f"/giver/{tail}", language))
            wrong += [f"{tail}: {fault}" for fault in faults(page, language)]
        context.close()
    return wrong
