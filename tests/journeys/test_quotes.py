"""S6, before the order: three suppliers are asked, and their answers compared in one currency."""

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Locator, Page

from tests.journeys.conftest import DESK, Site, read
from tests.journeys.test_purchase import press, state_rate, today, trucks
from twinhood.kit import clock

Become = Callable[..., Page]
ASKED = ("Example Motors (made up)", "Example Medical (made up)", "Steiger & Söhne")


def asked_row(page: Page, supplier: str) -> Locator:
    return page.get_by_role("region", name="Who was asked").get_by_role(
        "listitem"
    ).filter(has_text=supplier).first  # fmt: skip


def ask_three(page: Page, site: Site, need: int) -> str:
    page.goto(site.at(f"{DESK}needs/{need}/comparison/request/"))
    page.get_by_label("How many").fill("1")
    page.get_by_label("Answers by").fill((clock.now() + timedelta(days=14)).date().isoformat())
    for number, name in enumerate(ASKED[:2], start=1):
        page.locator(f"#id_s{number}-supplier").select_option(label=name)
    page.locator("#id_s3-name").fill(ASKED[2])
    page.locator("#id_s3-language").select_option("uk")
    return press(page, "Ask")


def record(page: Page, supplier: str, price: str, currency: str) -> str:
    row = asked_row(page, supplier)
    row.locator("summary", has_text="Record their quote").click()
    row.get_by_label("Price of one").fill(price)
    row.get_by_label("Currency").select_option(currency)
    row.get_by_label("Value added tax").select_option(label="not due")
    row.get_by_label("Delivery, in days").fill("30")
    row.get_by_label("Warranty, in months").fill("24")
    with page.expect_navigation():
        row.get_by_role("button", name="Record the quote").click()
    return page.locator("main").inner_text()


def test_s6_three_are_asked_and_the_order_is_proposed_from_the_comparison(
    site: Site, be: Become
) -> None:
    iryna, tom = be("Iryna"), be("Tom")
    need = trucks(site)
    compared = site.at(f"{DESK}needs/{need}/comparison/")

    asked = ask_three(iryna, site, need)
    letter = asked_row(iryna, ASKED[2])
    letter.locator("summary", has_text="The letter").click()
    in_ukrainian = letter.inner_text()
    record(iryna, ASKED[0], "70,000.00", "USD")
    record(iryna, ASKED[2], "62,000.00", "EUR")
    iryna.locator("summary", has_text="State the rate of EUR").click()
    iryna.locator("#id_rate-EUR-rate").fill("1.0850")
    iryna.locator("#id_rate-EUR-rate_said_by").fill("European Central Bank")
    iryna.locator("#id_rate-EUR-rate_date").fill(today())
    stated = press(iryna, "State the rate")
    tom.goto(compared)
    other = record(tom, ASKED[1], "71,500.00", "USD")
    lowest = tom.get_by_role("listitem").filter(has_text="The lowest")
    chosen = lowest.inner_text()
    with tom.expect_navigation():
        lowest.get_by_role("link", name="Propose an order with it").click()
    tom.get_by_label("How many").fill("1")
    tom.get_by_label("Terms of delivery").fill("DAP Kramatorsk, within thirty days.")
    usd = tom.get_by_label("Paid with").locator("option", has_text="kramatorsk-usd")
    tom.get_by_label("Paid with").select_option(value=usd.get_attribute("value"))
    rate_offered = tom.get_by_label("Rate", exact=True).input_value()
    state_rate(tom, "1.0850")
    tom.get_by_label("No", exact=True).check()
    proposed = press(tom, "Propose")

    assert "3 suppliers are asked." in asked
    assert "Кому: Steiger & Söhne" in in_ukrainian
    assert "1 EUR = 1.0850 USD (European Central Bank" in stated
    assert other.count("Answered") == stated.count("Answered") + 1
    assert ASKED[2] in chosen
    assert "$67,270.00" in chosen
    assert rate_offered == "1.0850"
    assert "€62,000.00" in proposed
    assert ASKED[2] in proposed
    assert "$67,270.00" in proposed


def test_s6_a_wrong_answer_comes_back_as_typed_without_a_script(site: Site, be: Become) -> None:
    page = be("Iryna", has_script=False)
    need = trucks(site)
    ask_three(page, site, need)

    said = record(page, ASKED[1], "seventy", "USD")

    row = asked_row(page, ASKED[1])
    assert page.title().startswith("Problem:")
    assert row.get_by_label("Price of one").input_value() == "seventy"
    assert row.get_by_label("Warranty, in months").input_value() == "24"
    assert "The quote is recorded." not in said
    assert "seventy" not in read(page, site.at(f"{DESK}needs/{need}/comparison/"))
