"""S6: an order in euro paid from dollars, and the frauds that are tried on it, in browsers.

A truck of the example stands for the ambulance: what is bought costs EUR 62,000.00.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import psycopg
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, Site, asked_inside
from twinhood.ops.world.cast import SINCE

Become = Callable[..., Page]


def press(page: Page, name: str) -> str:
    """Press a button; return what the page says then."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
    return page.locator("main").inner_text()


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def trucks(site: Site) -> int:
    with psycopg.connect(site.database_url) as database:
        found = database.execute(
            "SELECT number FROM needs_need WHERE category = 'truck' ORDER BY id LIMIT 1"
        ).fetchone()
    assert found is not None
    return int(found[0])


def quote(page: Page, site: Site, need: int, price: str) -> None:
    page.goto(site.at(f"{DESK}needs/{need}/"))
    page.locator("summary", has_text="Add a quote").click()
    page.locator("#id_quote-supplier").select_option(label="Example Motors (made up)")
    page.locator("#id_quote-unit_price").fill(price)
    page.locator("#id_quote-currency").select_option("EUR")
    page.locator("#id_quote-quoted_date").fill(today())
    press(page, "Add the quote")


def propose(page: Page, site: Site, need: int, rate: str) -> str:
    page.goto(site.at(f"{DESK}orders/new/?need={need}"))
    page.get_by_label("€62,000.00").first.check()
    page.get_by_label("How many").fill("1")
    page.get_by_label("Reason").fill("In stock, in the size that the city drives.")
    page.get_by_label("Terms of delivery").fill("DAP Kramatorsk, within thirty days.")
    usd = page.get_by_label("Paid with").locator("option", has_text="kramatorsk-usd")
    page.get_by_label("Paid with").select_option(value=usd.get_attribute("value"))
    state_rate(page, rate)
    page.get_by_label("No", exact=True).check()
    return press(page, "Propose")


def state_rate(page: Page, rate: str) -> None:
    if not page.get_by_label("Rate", exact=True).is_visible():
        page.locator("summary", has_text="Money is changed for it").click()
    page.get_by_label("Rate", exact=True).fill(rate)
    page.get_by_label("Whose rate").fill("European Central Bank")
    page.get_by_label("Day of the rate").fill(today())


def approve(page: Page, url: str) -> str:
    page.goto(url)
    page.get_by_label("Type the sum that you approve").fill("62,000.00")
    page.get_by_label("Neither I nor anybody close to me").check()
    return press(page, "Approve")


@pytest.mark.parametrize("width", [390, 1280])
def test_s6_an_order_in_euro_stops_above_its_ceiling_and_goes_under_it(
    site: Site, be: Become, width: int
) -> None:
    iryna, tom, lesia = be("Iryna"), be("Tom"), be("Lesia")
    for page in (iryna, tom, lesia):
        page.set_viewport_size({"width": width, "height": 844})
    need = trucks(site)
    for price in ("62,000.00", "62,900.00", "64,100.00"):
        quote(iryna, site, need, price)

    proposed = propose(iryna, site, need, "1.0850")
    url = iryna.url
    # (b) Tom presses in two tabs at once: one approval.
    approvals = approve_in_two_tabs(tom, url)
    # (d) the proposal is changed: the approval is void.
    iryna.goto(f"{url}edit/")
    iryna.get_by_label("Terms of delivery").fill("DAP Kramatorsk, within twenty days.")
    press(iryna, "Save the change")
    first = approve(tom, url)
    # (a) Tom comes back with a second account, of another organisation.
    twice = approve(second_account_of_tom(site, be), url)
    lesia.goto(url)
    logged = lesia.locator("main").inner_text()
    second = approve(lesia, url)

    tom.goto(url)
    tom.get_by_label("Taken from the fund’s account").fill("71,300.00")
    stopped = press(tom, "Record the exchange and place the order")
    tom.get_by_label("Taken from the fund’s account").fill("68,944.00")
    tom.get_by_label("The bank’s charge beside it").fill("25.00")
    placed = press(tom, "Record the exchange and place the order")

    assert "$67,270.00" in proposed
    assert "$70,633.50" in proposed
    assert approvals == 1
    assert "One more person, of another organisation, decides." in first
    assert "One person is one voice; the attempt is recorded." in twice
    assert "tried to approve again with another account of the same person" in logged
    assert "its ceiling is set aside" in second
    assert "$71,300.00 is more than the approved ceiling of $70,633.50." in stopped
    assert "the order is placed" in placed
    assert "$1,674.00" in placed
    assert "$25.00" in placed
    assert tom.evaluate("document.documentElement.scrollWidth <= innerWidth")


MILLER = """
from twinhood.ops.world.cast import SINCE
from twinhood.people.models import Person, Role
grant = Role.objects.get(person__email="grant@twinhood.example")
miller = Person.objects.filter(name="T. Miller (example)").first()
if miller is None:
    miller = Person.objects.create_user(
        "miller@twinhood.example", name="T. Miller (example)", is_example=True
    )
    Role.objects.create(
        person=miller, organisation=grant.organisation, partnership=grant.partnership,
        name="approver", since_date=SINCE,
    )
print(miller.pk)
"""


def second_account_of_tom(site: Site, be: Become) -> Page:
    """The operator gave "T. Miller" a role; two people looked at the document, which is Tom's."""
    miller = asked_inside(site, MILLER)
    for checker in ("Dana", "Iryna"):
        page = be(checker)
        page.goto(site.at(f"{DESK}people/"))
        known = page.locator("dl div", has_text="T. Miller").get_by_text("Known", exact=True)
        if known.count():
            break
        page.goto(site.at(f"{DESK}people/{miller}/"))
        page.get_by_label("Document", exact=True).select_option(label="Passport")
        page.get_by_label("Surname").fill("TOM")
        page.get_by_label("All given names").fill("EXAMPLE")
        page.get_by_label("Day of birth").fill(SINCE.isoformat())
        page.get_by_label("I saw the person").check()
        assert "What you typed is not kept." in press(page, "Record it")
    return be("T. Miller")


def approve_in_two_tabs(page: Page, url: str) -> int:
    """Send one approval twice at once, as two tabs would; say how many approvals there are."""
    page.goto(url)
    return int(page.evaluate(
        """async url => {
            const count = text => new DOMParser().parseFromString(text, "text/html")
                .querySelectorAll(".check-said").length;
            const form = document.querySelector("form[action$='/approval/']");
            const data = new URLSearchParams(new FormData(form));
            data.set("approval-typed_sum", "62,000.00");
            data.set("approval-no_interest", "on");
            const send = () => fetch(form.action, {method: "POST", body: data});
            await Promise.all([send(), send()]);
            return count(await (await fetch(url)).text());
        }""",
        url,
    ))  # fmt: skip


def test_s6_new_bank_details_are_called_about_approved_and_wait(site: Site, be: Become) -> None:
    iryna, tom, lesia = be("Iryna"), be("Tom"), be("Lesia")
    iryna.goto(site.at(f"{DESK}payees/new/"))
    iryna.get_by_label("Supplier", exact=True).select_option(label="Example Motors (made up)")
    iryna.get_by_label("IBAN").fill("DE89 3704 0044 0532 0130 00")
    iryna.get_by_label("Holder of the account").fill("Example Motors (made up)")
    iryna.get_by_label("How the details came").fill("A mail that says “new bank details”.")
    recorded = press(iryna, "Record it")
    url = iryna.url

    tom.goto(url)
    tom.get_by_label("Number that was called").fill("+1 203 555 0100")
    tom.get_by_label("Who answered").fill("Their bookkeeper, who knew of it.")
    press(tom, "Record the call")
    press(tom, "Approve")
    lesia.goto(url)
    waits = press(lesia, "Approve")
    tom.goto(site.at(f"{DESK}orders/2/"))

    assert "Mails with “new bank details” are the commonest fraud there is." in recorded
    assert "It may be paid to from" in waits
    assert "DE89" not in tom.content()


def test_s6_the_database_takes_no_approval_of_who_proposed(site: Site) -> None:
    with psycopg.connect(site.database_url) as database, pytest.raises(psycopg.IntegrityError):
        database.execute(
            "INSERT INTO deliveries_approval (order_id, content_hash, proposed_by_id,"
            " approved_by_id, organisation_id, approved_at, statement) SELECT id, content_hash,"
            " proposed_by_id, proposed_by_id, proposed_for_id, now(), 'no-interest-1'"
            " FROM deliveries_order WHERE state = 'proposed' LIMIT 1"
        )
