"""S4: Anna gives on a phone. A running Twinhood, its practice card page, and a real browser."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import P, Site

GIVE = P + "give/"
PHONE = {"width": 390, "height": 844}
WORDS = {
    "en": {"thanks": "Thank you", "wait": "being confirmed", "sum": "$25.00"},
    "uk": {"thanks": "Дякуємо", "wait": "підтверджують", "sum": "25,00 $"},
}

type OnPhone = Callable[..., Page]


@pytest.fixture
def on_phone(browser: Browser) -> Iterator[OnPhone]:
    """Give a function that opens a browser of its own, as on a telephone."""
    contexts: list[BrowserContext] = []

    def opened(*, has_script: bool = True) -> Page:
        context = browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]
            java_script_enabled=has_script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def said(page: Page) -> str:
    return page.locator("main").inner_text()


def pay(page: Page, number: str) -> None:
    """Fill in the practice page of the card service."""
    page.locator("#number").fill(number)
    page.locator("#expiry").fill("12/40")
    page.locator("#cvc").fill("123")
    with page.expect_navigation():
        page.locator("main form button").first.click()


def by_card(page: Page) -> None:
    with page.expect_navigation():
        page.locator("button[name=rail][value=card]:visible").click()


def until_thanked(page: Page, language: str) -> None:
    deadline = time.monotonic() + 40
    while WORDS[language]["thanks"] not in said(page):
        assert time.monotonic() < deadline, said(page)
        time.sleep(1)
        page.reload()


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("language", ["en", "uk"])
def test_s4_a_donor_gives_on_a_phone_and_gets_the_link_to_each_cent(
    site: Site, on_phone: OnPhone, language: str, has_script: bool
) -> None:
    page = on_phone(has_script=has_script)
    page.goto(site.at(GIVE, language))

    page.locator("#id_email").fill("anna@example.org")
    by_card(page)
    pay(page, "4242 4242 4242 4242")
    until_thanked(page, language)

    link = re.search(r"https?://[^\s\"<]+/t/[a-z0-9]+/", page.content())
    assert link, said(page)
    assert WORDS[language]["sum"].replace(" ", "\u00a0") in said(page).replace(" ", "\u00a0")
    page.goto(link[0])
    assert "anna" not in page.content().lower()
    overflow = (
        page.evaluate("document.documentElement.scrollWidth > innerWidth") if has_script else False
    )
    assert not overflow


def test_a_typed_sum_with_its_fee_is_shown_before_it_is_paid_without_scripts(
    site: Site, on_phone: OnPhone
) -> None:
    page = on_phone(has_script=False)
    page.goto(site.at(GIVE + "?amount=40"))

    page.locator("#id_cover").check()
    by_card(page)
    shown = said(page)
    by_card(page)

    assert "$41.50" in shown
    assert "$41.50" in page.locator("main").inner_text()


def test_with_scripts_the_button_itself_says_the_sum(site: Site, on_phone: OnPhone) -> None:
    page = on_phone()
    page.goto(site.at(GIVE))

    page.locator("#id_amount label").last.click()
    page.locator("#id_other").fill("40")
    page.locator("#id_cover").check()
    button = page.locator("button[name=rail][value=card]:visible").inner_text()
    by_card(page)

    assert "$41.50" in button
    assert "PRACTICE" in page.content()


def test_a_declined_card_a_way_back_and_another_try_lose_nothing(
    site: Site, on_phone: OnPhone
) -> None:
    page = on_phone()
    page.goto(site.at(GIVE))
    page.locator("#id_name").fill("Anna (example)")
    by_card(page)
    pay(page, "4000 0000 0000 0002")

    with page.expect_navigation():
        page.locator("a[href*='back=1']").click()
    returned = said(page)
    with page.expect_navigation():
        page.locator("form[action*='/give/'] button").last.click()

    assert "charged" in returned
    assert page.locator("#id_name").input_value() == "Anna (example)"
    assert page.locator("#id_other").input_value() == "25.00"
