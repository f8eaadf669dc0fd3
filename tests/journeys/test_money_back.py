"""S8 and S10: money that goes back, in browsers on a running Twinhood."""

import re
import time
from collections.abc import Callable
from html import unescape

from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESK, P, Site, asked_inside, oldest_whole, read
from tests.journeys.test_giving import by_card, pay, until_thanked

Become = Callable[..., Page]

CHOICE_LINK = """
from twinhood.giving import reallocation
from twinhood.giving.models import Gift
gift = Gift.objects.filter(fund__need__title__en="MRI scanner", rail="card").latest("id")
found = reallocation.of_gift(gift) if gift.stage == "posted" else None
print(f"/t/{reallocation.token_of(found, gift)}/choice/" if found else "")
"""


def figure(page: Page, address: str, pattern: str) -> str:
    """A sum that a page shows, as it writes it."""
    page.goto(address)
    found = re.search(pattern, unescape(page.content()))
    assert found, page.content()
    return found[1]


def press(page: Page, name: str) -> str:
    """Press a button; return what the page says then."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()
    return page.locator("main").inner_text()


def test_s8_boris_has_his_spent_gift_back_and_claras_bank_takes_hers_and_loses(
    site: Site, be: Become
) -> None:
    tom = be("Tom")
    boris, clara = oldest_whole(site, 10_000), oldest_whole(site, 500_000)

    tom.goto(site.at(f"{DESK}gifts/{boris}/refund/"))
    tom.get_by_label("Amount to give back").fill("100.00")
    tom.get_by_label("Reason").fill("Asked for it back.")
    planned = press(tom, "See what it would do")
    tom.get_by_label("Type the amount once more").fill("100.00")
    press(tom, "Book the refund")
    given_back = read(tom, site.at(f"{DESK}gifts/{boris}/"))

    tom.goto(site.at(f"{DESK}gifts/{clara}/disputes/"))
    tom.get_by_label("The bank’s number for the dispute").fill("dp-s8")
    tom.get_by_label("Amount in dispute").fill("5,000.00")
    tom.get_by_label("Reason that the bank gives").fill("fraudulent")
    opened = press(tom, "Record the dispute")
    lost = ended(tom, "It has ended", "The bank takes the money", amount="5,000.00", fee="15.00")
    won = ended(tom, "It was won after all", "The bank agrees with us")

    assert "Cents that were spent" in planned
    assert "What was bought stays bought." in planned
    assert "The whole gift was given back." in given_back
    assert "What it may take is held." in opened
    assert "What the bank took is booked." in lost
    assert "Nothing is held any more." in won
    time.sleep(6)  # a drawing is at most five seconds old
    on_page = figure(tom, site.at(P), r">(\$[\d,.]+) given<")
    in_widget = figure(
        tom, f"{site.url}/embed/stamford-kramatorsk/progress.en.html", r"(\$[\d,.]+) of \$"
    )
    assert on_page == in_widget


def ended(page: Page, summary: str, outcome: str, *, amount: str = "", fee: str = "") -> str:
    page.locator("summary", has_text=summary).click()
    page.get_by_label(outcome).check()
    if amount:
        page.get_by_label("Amount that the bank took").fill(amount)
        page.get_by_label("Fee that the bank asks").fill(fee)
    return press(page, "Record how it ended")


def test_s10_a_funded_need_is_withdrawn_its_donor_chooses_and_two_people_move_the_rest(
    site: Site, be: Become, browser: Browser
) -> None:
    anna = browser.new_page(viewport={"width": 390, "height": 844})
    anna.goto(site.at(P + "give/?need=3"))
    anna.locator("#id_email").fill("s10@example.org")
    by_card(anna)
    pay(anna, "4242 4242 4242 4242")
    until_thanked(anna, "en")
    way = re.search(r"https?://[^\s\"<]+/t/[a-z0-9]+/", anna.content())
    assert way
    money = site.at(DESK + "needs/3/money/")

    bondar = be("Dr Bondar")
    bondar.goto(money)
    bondar.get_by_label("Why it is no longer needed").fill("A state donor brings one.")
    bondar.get_by_label("Which paper shows it").fill("Letter 114/2 of the ministry")
    press(bondar, "Ask to withdraw it")
    verifier = be("First verifier")
    verifier.goto(money)
    withdrawn = press(verifier, "Confirm: it is withdrawn")

    choice = asked_inside(site, CHOICE_LINK)
    shown_around = read(anna, way[0] + "choice/")
    anna.goto(site.at(choice))
    anna.get_by_label("I want it back").check()
    chosen = press(anna, "Choose")
    anna.goto(site.at(P + "give/?need=3"))
    offered = anna.locator("main form").first.inner_text()

    tom = be("Tom")
    tom.goto(money)
    back = press(tom, "Give back what was asked for")
    until_given_back(tom, money)
    tom.goto(money)
    too_early = tom.get_by_label("What the board decided").count()
    site.let_days_pass(29)
    on_the_last_day = read(tom, money)
    site.let_days_pass(31)
    tom.goto(money)
    tom.get_by_label("What the board decided").fill("Minutes 12")
    recorded = press(tom, "Record the resolution")
    lesia = be("Lesia")
    assert "Move what was left of a withdrawn need" in read(lesia, site.at(DESK))
    lesia.goto(money)
    moved = press(lesia, "Move $")

    assert "takes no gift any more" in withdrawn
    assert "I want it back" not in shown_around
    assert "Send me the letter again" in shown_around
    assert "You asked for $25.00 back" in chosen
    assert "MRI scanner" not in offered
    assert "Given back: 1." in back or "Waiting: 1." in back
    assert too_early == 0
    assert "What the board decided" not in on_the_last_day
    assert "It waits for another person" in recorded
    assert "donors who stayed are told" in moved
    assert "given back" in read(anna, way[0])
    anna.close()


def until_given_back(page: Page, address: str) -> None:
    """A card's refund is booked when the processor says that the money went."""
    deadline = time.monotonic() + 15
    while "not yet" in read(page, address):
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        time.sleep(1)
