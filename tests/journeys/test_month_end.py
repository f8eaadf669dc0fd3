"""S5: Tom's month end in a browser: a wrong match, put right; files again; every cent explained."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import DESK, P, Site
from twinhood.treasury.tests.camt_files import Movement, file_of, one

BANK = DESK + "bank/"
TODAY = datetime.now(UTC).date()
type Become = Callable[..., Page]


def said(page: Page) -> str:
    return re.sub(r"\s+", " ", page.locator("main").inner_text())


def pledged(site: Site, browser: Browser, width: int) -> str:
    """Anna pledges $25 by transfer; the reference that her page shows."""
    with browser.new_context(viewport={"width": width, "height": 844}) as context:
        page = context.new_page()
        page.goto(site.at(P + "give/"))
        page.locator("#id_email").fill(f"anna{width}@example.org")
        page.locator("#id_name").fill(f"Anna K{width}")
        with page.expect_navigation():
            page.locator("button[name=rail][value=transfer]:visible").click()
        return page.locator("#transfer-reference").inner_text()


def statement(width: int, movements: list[Movement], opening_minor: int, name: str) -> bytes:
    """A statement of an account that only this browser uses, of these three days."""
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="USD">{amount_minor / 100:.2f}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Dt><Dt>{day.isoformat()}</Dt></Dt></Bal>"
        for kind, amount_minor, day in (
            ("OPBD", opening_minor, TODAY - timedelta(days=2)),
            ("CLBD", opening_minor + sum(m.amount_minor for m in movements), TODAY),
        )
    )
    account = f"<Othr><Id>S5-{width}</Id></Othr>"
    return file_of(movements, currency="USD", account=account, balances=balances, name=name)


def take_in(page: Page, site: Site, folder: Path, name: str, data: bytes) -> str:
    """Upload, look, take in what is new; what the page says of the file."""
    path = folder / name
    path.write_bytes(data)
    page.goto(site.at(BANK))
    page.locator("input[type=file]").set_input_files(path)
    with page.expect_navigation():
        page.get_by_role("button", name="Look at it").click()
    looked = said(page)
    take = page.get_by_role("button", name="Take the new lines in")
    if take.count():
        with page.expect_navigation():
            take.click()
    return looked


def open_line(page: Page, site: Site, words: str) -> None:
    page.goto(site.at(BANK))
    with page.expect_navigation():
        page.locator("tr", has_text=words).first.get_by_role("link").first.click()


def receipts_of(page: Page, site: Site, gift: str, count: int) -> list[str]:
    """The numbers of a gift's receipts, oldest first, once the worker has written so many."""
    deadline = time.monotonic() + 60
    while True:
        page.goto(site.at(DESK + "receipts/"))
        rows = page.locator("tbody tr", has_text=gift).all()
        if len(rows) >= count:
            return [row.locator("th").inner_text() for row in rows][::-1]
        assert time.monotonic() < deadline, said(page)
        time.sleep(1)


@pytest.mark.parametrize("width", [390, 1280])
def test_s5_a_wrong_match_is_put_right_and_every_cent_is_explained(
    site: Site, be: Become, browser: Browser, tmp_path: Path, width: int
) -> None:
    reference = pledged(site, browser, width)
    # Two true equal lines of one day; and the parish's cheque, which names Anna.
    twin = one(2500, day=TODAY.isoformat(), texts=(f"Sister city {width}",))
    cheque = one(
        250_000, bank_ref=f"C-{width}", day=(TODAY - timedelta(days=1)).isoformat(),
        texts=(f"AMBULANCE ANNA K{width}",),
    )  # fmt: skip
    september = statement(width, [cheque, twin, twin], 0, f"September {width}")
    overlapping = statement(width, [twin, twin], 250_000, f"Late {width}")
    tom = be("Tom")
    tom.set_viewport_size({"width": width, "height": 900})

    # Tom takes the file in, and the suggestion for Anna's pledge by mistake.
    assert "3 new lines." in take_in(tom, site, tmp_path, "september.xml", september)
    open_line(tom, site, f"AMBULANCE ANNA K{width}")
    line_url = tom.url
    suggestion = tom.locator("li.task", has_text=reference)
    assert "another amount was pledged" in suggestion.inner_text()
    with tom.expect_navigation():
        suggestion.get_by_role("button", name="Accept").click()
    gift = re.search(r"Gift (\w+)", said(tom))
    assert gift is not None
    (wrong,) = receipts_of(tom, site, gift[1], 1)

    # The next day he sees it, and puts it right: without a reason nothing happens.
    tom.goto(line_url)
    tom.get_by_text("Undo this match").click()
    with tom.expect_navigation():
        tom.get_by_role("button", name="Undo it").click()
    assert "Say why. It stays beside the line." in said(tom)
    tom.locator("input[name=undo-reason]:visible").fill("The cheque names Anna; the parish gave it")
    with tom.expect_navigation():
        tom.get_by_role("button", name="Undo it").click()
    assert f"This money is the gift {gift[1]} already" in said(tom)
    tom.get_by_text("Name the giver").click()
    tom.locator("input[name=giver-name]").fill("St Basil parish")
    tom.locator("input[name=giver-email]").fill(f"basil{width}@example.org")
    with tom.expect_navigation():
        tom.get_by_role("button", name="This is who gave").click()
    assert "The cheque names Anna; the parish gave it" in said(tom)

    # R-1041 is cancelled by R-1042, and R-1043 goes to the parish.
    chain = receipts_of(tom, site, gift[1], 3)
    # (With others in between, where other gifts came in meanwhile.)
    numbers = [int(number.rpartition("-")[2]) for number in chain]
    assert chain[0] == wrong
    assert numbers == sorted(set(numbers))
    tom.goto(site.at(DESK + f"receipts/{chain[1]}/"))
    assert chain[0] in said(tom)

    # The same file, and one that overlaps: nothing new, and both twins stay.
    assert "0 new lines." in take_in(tom, site, tmp_path, "again.xml", september)
    assert "0 new lines." in take_in(tom, site, tmp_path, "late.xml", overlapping)
    tom.goto(site.at(BANK))
    assert tom.locator("tr", has_text=f"Sister city {width}").count() == 2

    # The account explains itself to the cent.
    with tom.expect_navigation():
        tom.get_by_role("link", name=f"S5-{width}").click()
    assert "$0.00 unexplained." in said(tom)
    assert tom.evaluate("document.documentElement.scrollWidth") <= width
