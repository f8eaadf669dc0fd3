"""How a donor is led to a bank transfer, and what their telephone reads from the page."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser

from twinhood.giving.core.reference import read, spaced
from twinhood.giving.errors import RailRefuses
from twinhood.giving.models import Gift, Issuer, Pledge, RecurringGift
from twinhood.giving.rails.transfer.instructions import instructions
from twinhood.giving.rails.transfer.rail import TRANSFER, Transfer
from twinhood.giving.tests import pledges, world
from twinhood.giving.tests.test_payment_qr import nbu_lines, seen_in
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
GERMAN, UKRAINIAN = "DE89370400440532013000", "UA213223130000026007233566001"
RAIL = Transfer()


@pytest.fixture
def pair() -> Partnership:
    return world.partnership()


def issuer(of: Partnership, **facts: object) -> Issuer:
    plain: dict[str, object] = {
        "organisation": of.recipient,
        "legal_name": "Friends of Kramatorsk e.V.",
        "registry_code": "VR 12345",
        "iban": GERMAN,
    }
    return Issuer.objects.create(**(plain | facts))


def pledge(of: Partnership, currency: str = "EUR") -> Pledge:
    fund = world.fund(of, f"kramatorsk-{currency.lower()}", currency)
    return pledges.made(fund, rail="transfer").pledge


def test_it_is_offered_once_somebody_names_an_account(pair: Partnership) -> None:
    before = RAIL.is_ready()

    issuer(pair)

    assert (before, RAIL.is_ready()) == (False, True)
    assert RAIL.currencies() == frozenset()
    assert not TRANSFER.takes_monthly


def test_an_account_without_iban_counts_and_one_without_anything_does_not(
    pair: Partnership,
) -> None:
    named = issuer(pair, iban="", bank_lines="")
    before = RAIL.is_ready()

    Issuer.objects.filter(pk=named.pk).update(bank_lines="Routing number 021000021\nAccount 123")

    assert (before, RAIL.is_ready()) == (False, True)
    told = instructions(pledge(pair, "USD"))
    assert told is not None
    assert told.lines == ("Routing number 021000021", "Account 123")
    assert (told.iban, told.qr) == ("", "")


def test_to_begin_leads_to_the_pledges_own_page_and_says_that_it_waits(pair: Partnership) -> None:
    issuer(pair)
    made = pledge(pair)

    urls = {RAIL.begin(made, back_url="/en/give/", thanks_url="/en/give/x/") for _ in range(2)}

    assert urls == {"/en/give/x/"}
    made.refresh_from_db()
    assert made.state == Pledge.State.STARTED


def test_without_an_account_it_refuses_and_says_so(pair: Partnership) -> None:
    made = pledge(pair)

    with pytest.raises(RailRefuses) as refused:
        RAIL.begin(made, back_url="/en/give/", thanks_url="/en/give/x/")

    assert refused.value.code == "no_account"
    page = render_to_string("giving/_transfer.html", {"pledge": made})
    assert "names no bank account" in page


def test_what_only_a_person_can_do_it_refuses(pair: Partnership) -> None:
    recurring, gift = RecurringGift(), Gift()
    refusals: list[Callable[[], object]] = [
        lambda: RAIL.refund(gift, amount_minor=1, key="k"),
        lambda: RAIL.change(recurring, amount_minor=1),
        lambda: RAIL.pause(recurring, until=date(2023, 5, 1)),
        lambda: RAIL.resume(recurring),
        lambda: RAIL.skip(recurring),
        lambda: RAIL.end(recurring),
    ]

    for refusal in refusals:
        with pytest.raises(RailRefuses) as refused:
            refusal()
        assert refused.value.code == "by_hand"
    RAIL.look(pledge(pair))  # and there is nothing to look at


def test_everything_stands_on_the_page_as_text(pair: Partnership) -> None:
    issuer(pair, bic="COBADEFFXXX")
    made = pledge(pair)

    page = render_to_string("giving/_transfer.html", {"pledge": made})

    for words in (
        "€25.00", spaced(made.reference), "DE89 3704 0044 0532 0130 00", "COBADEFFXXX",
        "Friends of Kramatorsk e.V.",
    ):  # fmt: skip
        assert words in page
    assert read(spaced(made.reference)) == made.reference
    # What needs a script stays hidden until the script is there.
    assert page.count("<button") == page.count(" hidden data-copy=")


@pytest.mark.parametrize(
    ("iban", "currency", "kind"),
    [
        (GERMAN, "EUR", "epc"),
        (UKRAINIAN, "UAH", "nbu"),
        (UKRAINIAN, "EUR", ""),
        (GERMAN, "USD", ""),
        (GERMAN, "UAH", ""),
        ("", "EUR", ""),
    ],
)
def test_a_code_is_drawn_only_where_its_standard_holds(
    iban: str, currency: str, kind: str, pair: Partnership
) -> None:
    issuer(pair, iban=iban, bank_lines="Bank", registry_code="ЄДРПОУ 12345678")

    told = instructions(pledge(pair, currency))

    assert told is not None
    assert (told.qr_kind, bool(told.qr)) == (kind, bool(kind))


def test_a_name_that_the_code_cannot_hold_leaves_the_text(pair: Partnership) -> None:
    issuer(pair, legal_name="Friends " * 12)

    told = instructions(pledge(pair))

    assert told is not None
    assert (told.qr, told.iban) == ("", "DE89 3704 0044 0532 0130 00")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("iban", "currency"), [(GERMAN, "EUR"), (UKRAINIAN, "UAH")])
def test_a_telephone_reads_the_code_as_the_page_shows_it(
    iban: str, currency: str, width: int, pair: Partnership, browser: Browser, tmp_path: Path
) -> None:
    issuer(pair, iban=iban, registry_code="12345678")
    made = pledge(pair, currency)
    css = Path(__file__).parents[1] / "static" / "giving" / "giving.css"
    page = browser.new_page(viewport={"width": width, "height": 1000})
    page.set_content(render_to_string("giving/_transfer.html", {"pledge": made}))
    page.add_style_tag(path=css)

    page.locator(".transfer-qr svg").screenshot(path=tmp_path / "code.png")
    box = page.locator(".transfer-qr svg").bounding_box()
    page.close()

    assert box is not None
    assert box["width"] >= 250
    seen = seen_in(tmp_path / "code.png").rstrip("\n")
    if currency == "EUR":
        assert seen.split("\n")[6:] == [iban, "EUR25", "", made.reference]
    else:
        lines = nbu_lines(seen)
        assert lines[6:9] == [iban, "UAH25.00", "12345678"]
        assert made.reference in lines[11]
