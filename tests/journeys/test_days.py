"""Users' days, in a browser on a running Twinhood. The names are those of the scenarios."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import CHECKOUT_DIR, DESK, P, Site, read
from twinhood.kit import clock

Become = Callable[..., Page]


def sign_of(page: Page) -> str:
    return page.locator("main").inner_text()


def enter_cash(page: Page, site: Site, amount: str, name: str) -> str:
    """Enter a cash gift counted with somebody else; return the donor's link."""
    page.goto(site.at(DESK + "gifts/new/"))
    page.get_by_label("Amount").fill(amount)
    today = clock.today_in("America/New_York").isoformat()
    page.get_by_label("Day received").fill(today)
    page.get_by_label("Counted with you by").select_option(index=1)
    page.get_by_label("Name of who gave").fill(name)
    with page.expect_navigation():
        page.get_by_role("button", name="Take the gift in").click()
    link = re.search(r"http://[^\s\"<]+/t/[a-z0-9]+/?", page.content())
    assert link, sign_of(page)
    return link[0]


@pytest.mark.parametrize("has_script", [True, False], ids=["with scripts", "without"])
def test_s5_a_treasurer_enters_a_gift_and_sees_it_on_the_line(
    site: Site, be: Become, has_script: bool
) -> None:
    tom = be("Tom", has_script=has_script)

    link = enter_cash(tom, site, "25.00", "Anna (example)")
    deadline = time.monotonic() + 30
    while "has arrived" in read(tom, link) and time.monotonic() < deadline:
        time.sleep(0.5)

    said = sign_of(tom)
    assert "Your $25 is waiting to be used" in said
    assert "Your gift lies at [$" in said
    assert "Anna" not in said
    # A page may be some seconds old: a burst of readers is answered with one drawing.
    while "$25.00 given, anonymous" not in read(tom, site.at(P)):
        assert time.monotonic() < deadline + 15
        time.sleep(1)


def test_s6_two_people_of_two_organisations_approve_and_the_order_is_placed(
    site: Site, be: Become
) -> None:
    tom, lesia = be("Tom"), be("Lesia")
    orders = site.at(DESK + "orders/4/")

    approve(tom, orders, "165,000.00")
    assert "1 of 2" in sign_of(tom)
    tom.goto(orders)
    assert tom.get_by_role("button", name="Approve").count() == 0
    approve(lesia, orders, "165,000.00")

    assert "Placed" in sign_of(lesia)
    time.sleep(6)  # a drawing is at most five seconds old
    assert "bought: 4" in read(lesia, site.at(P))


def approve(page: Page, order: str, typed: str) -> None:
    page.goto(order)
    page.get_by_label("Type the sum that you approve").fill(typed)
    page.get_by_label("Neither I nor anybody close to me").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Approve").click()


def test_s2_a_clerk_writes_a_need_and_two_others_verify_it(site: Site, be: Become) -> None:
    iryna = be("Iryna")

    iryna.goto(site.at(DESK + "needs/4/"))
    assert iryna.get_by_role("button", name="It is true: verify").count() == 0
    second = be("Second verifier")
    second.goto(site.at(DESK + "needs/4/"))
    second.get_by_label("Called them").check()
    second.get_by_label("Where did the number").fill("The ministry's list.")
    second.get_by_label("What did you see or ask?").fill("Spoke with the pump station.")
    with second.expect_navigation():
        second.get_by_role("button", name="It is true: verify").click()

    assert "Verified" in sign_of(second)


def test_s11_a_stranger_replays_the_journal_and_finds_the_balances(site: Site, be: Become) -> None:
    tom = be("Tom")
    for _ in range(6):  # A page may be some seconds older than the books.
        journal, found = _replayed(site)
        funds = [fund for fund in found["funds"].values() if fund["currency"] == "USD"]
        left = f"{sum(fund['free'] for fund in funds) / 100:,.2f}"
        tom.goto(site.at(P))
        if left in sign_of(tom):
            break
        tom.wait_for_timeout(2_000)

    assert left in sign_of(tom)
    assert found["rejected"] == []
    assert len(funds) == 2
    for fund in funds:
        assert fund["head"] - sum(u["end"] - u["start"] for u in fund["uses"]) == fund["free"]
    assert b"example)" not in journal


def _replayed(site: Site) -> tuple[bytes, Any]:
    """The journal, and what `twinhood replay` makes of it."""
    with urllib.request.urlopen(f"{site.url}{P}journal.jsonl", timeout=30) as answer:  # noqa: S310
        journal: bytes = answer.read()
    replayed = subprocess.run(
        [sys.executable, "-m", "twinhood", "replay", "-"],
        input=journal, capture_output=True, cwd=CHECKOUT_DIR, check=True,
    )  # fmt: skip
    return journal, json.loads(replayed.stdout)


def test_s4_anna_sees_which_two_ambulances_her_25_dollars_paid_for(site: Site, be: Become) -> None:
    anna = be("Dana")

    anna.goto(site.at(site.trace_path()))

    expect(anna.get_by_role("heading", level=1)).to_contain_text("Ambulance 4, Ambulance 5")
    assert "$10.00" in sign_of(anna)
    assert "$15.00" in sign_of(anna)
    assert "Anna" not in sign_of(anna)


def test_an_amount_in_another_language_s_form_is_refused_and_nothing_typed_is_lost(
    site: Site, be: Become
) -> None:
    tom = be("Tom")
    tom.goto(site.at(DESK + "gifts/new/"))

    tom.get_by_label("Amount").fill("1.234,56")
    tom.get_by_label("Name of who gave").fill("Boris (example)")
    with tom.expect_navigation():
        tom.get_by_role("button", name="Take the gift in").click()

    assert "problem" in sign_of(tom)
    assert tom.get_by_label("Amount").input_value() == "1.234,56"
    assert tom.get_by_label("Name of who gave").input_value() == "Boris (example)"


def test_a_person_signs_in_by_a_code_and_the_server_counts_the_tries(
    site: Site, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(site.at("/account/login/"))

    page.locator("main input[type=email]").first.fill("nobody@twinhood.example")
    with page.expect_navigation():
        page.locator("main form").first.get_by_role("button").first.click()

    assert page.url.endswith("/account/login/code/")
    page.close()
