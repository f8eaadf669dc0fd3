"""What a phone reads from our codes is what the donor means to pay; read back by zbarimg."""

import os
import shutil
import subprocess
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from twinhood.giving.core.iban import BadBankNumber, read_bic, read_iban, spaced
from twinhood.giving.core.payment_qr import (
    EPC_MINOR_MAX,
    NBU_ADDRESS,
    NBU_VERSIONS,
    BadPayment,
    Payee,
    address_qr,
    epc_qr,
    hryvnia_svg,
    nbu_address,
    nbu_qr,
    svg,
)
from twinhood.giving.core.reference import reference_for

FRIENDS = Payee("Friends of Kramatorsk e.V.", "DE89 3704 0044 0532 0130 00", bic="COBADEFFXXX")
FUND = Payee(
    "БФ «Друзі Краматорська»", "UA21 3223 1300 0002 6007 2335 6600 1", registry_code="12345678"
)
REFERENCE = reference_for(42)
PURPOSE = f"Благодійний внесок, {REFERENCE}"


def scanned(code: segno.QRCode, folder: Path) -> str:
    """What an independent reader sees in a picture of the code."""
    picture = folder / "code.png"
    code.save(str(picture), scale=6, border=4)
    return seen_in(picture)


def seen_in(picture: Path) -> str:
    if shutil.which("zbarimg") is None:
        assert not os.environ.get("CI"), "zbarimg is missing: apt-get install zbar-tools"
        pytest.skip("zbarimg (zbar-tools) is not installed")
    command = ["zbarimg", "--quiet", "--raw", "-Sbinary", str(picture)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def nbu_lines(address: str) -> list[str]:
    payload = address.removeprefix(NBU_ADDRESS)
    return urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode().split("\n")


@pytest.mark.parametrize(
    ("amount_minor", "written"),
    [(2500, "EUR25"), (10, "EUR0.1"), (99_999_999_999, "EUR999999999.99")],
)
def test_a_sepa_code_read_back_says_whom_how_much_and_which_reference(
    amount_minor: int, written: str, tmp_path: Path
) -> None:
    code = epc_qr(payee=FRIENDS, amount_minor=amount_minor, currency="EUR", reference=REFERENCE)

    assert scanned(code, tmp_path).rstrip("\n").split("\n") == [
        "BCD", "002", "1", "SCT", "COBADEFFXXX", "Friends of Kramatorsk e.V.",
        "DE89370400440532013000", written, "", REFERENCE,
    ]  # fmt: skip
    assert (code.error, int(code.version) <= 13) == ("M", True)


def test_a_ukrainian_code_read_back_opens_the_donors_bank(tmp_path: Path) -> None:
    code = nbu_qr(payee=FUND, amount_minor=2500, currency="UAH", purpose=PURPOSE)

    address = scanned(code, tmp_path)

    assert address.startswith("https://bank.gov.ua/qr/")
    assert nbu_lines(address) == [
        "BCD", "002", "1", "UCT", "", "БФ «Друзі Краматорська»",
        "UA213223130000026007233566001", "UAH25.00", "12345678", "", "", PURPOSE, "",
    ]  # fmt: skip


@pytest.mark.parametrize("length", [1, 10, 20, 30, 40, 50, 60, 70])
def test_with_the_sign_in_its_middle_it_is_still_read(
    length: int, browser: Browser, tmp_path: Path
) -> None:
    payee = replace(FUND, name="Ї" * length)
    payment = {"amount_minor": 10**11 - 1, "currency": "UAH", "purpose": "Ґ" * 2 * length}
    code = nbu_qr(payee=payee, **payment)  # type: ignore[arg-type]
    page = browser.new_page(viewport={"width": 400, "height": 400})
    page.set_content(hryvnia_svg(code, title="Pay 25 hryvnias"))
    page.screenshot(path=tmp_path / "code.png")
    page.close()

    assert seen_in(tmp_path / "code.png") == nbu_address(payee=payee, **payment)  # type: ignore[arg-type]
    assert int(code.version) in NBU_VERSIONS


def test_the_address_of_a_trace_is_read_back(tmp_path: Path) -> None:
    address = "https://give.example/uk/gifts/7q2f9k0b/"

    assert scanned(address_qr(address), tmp_path) == address


@given(st.integers(1, EPC_MINOR_MAX))
def test_every_amount_is_written_with_two_digits(amount_minor: int) -> None:
    address = nbu_address(
        payee=FUND, amount_minor=amount_minor % 10**9 + 1, currency="UAH", purpose=PURPOSE
    )

    whole, _, fraction = nbu_lines(address)[7].removeprefix("UAH").partition(".")
    assert int(whole) * 100 + int(fraction) == amount_minor % 10**9 + 1
    assert len(fraction) == 2


@pytest.mark.parametrize(
    ("payee", "amount_minor", "currency", "purpose", "code"),
    [
        (FUND, 0, "UAH", PURPOSE, "amount"),
        (FUND, -1, "UAH", PURPOSE, "amount"),
        (FUND, 10**11, "UAH", PURPOSE, "amount"),
        (FUND, 2500, "USD", PURPOSE, "currency"),
        (FRIENDS, 2500, "UAH", PURPOSE, "country"),
        (Payee(FUND.name, FUND.iban), 2500, "UAH", PURPOSE, "registry_code"),
        (FUND, 2500, "UAH", "", "purpose"),
        (FUND, 2500, "UAH", "x" * 141, "purpose"),
        (FUND, 2500, "UAH", "a\x00b", "purpose"),
        (Payee(" ", FUND.iban, registry_code="12345678"), 2500, "UAH", PURPOSE, "name"),
    ],
)
def test_what_a_ukrainian_code_cannot_say_is_refused(
    payee: Payee, amount_minor: int, currency: str, purpose: str, code: str
) -> None:
    with pytest.raises(BadPayment) as refusal:
        nbu_address(payee=payee, amount_minor=amount_minor, currency=currency, purpose=purpose)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("amount_minor", "currency", "reference", "code"),
    [
        (0, "EUR", REFERENCE, "amount"),
        (EPC_MINOR_MAX + 1, "EUR", REFERENCE, "amount"),
        (2500, "USD", REFERENCE, "currency"),
        (2500, "EUR", "RF00123", "reference"),
        (2500, "EUR", "Ambulances", "reference"),
    ],
)
def test_what_a_sepa_code_cannot_say_is_refused(
    amount_minor: int, currency: str, reference: str, code: str
) -> None:
    with pytest.raises(BadPayment) as refusal:
        epc_qr(payee=FRIENDS, amount_minor=amount_minor, currency=currency, reference=reference)

    assert refusal.value.code == code


def test_a_line_end_in_a_name_starts_no_line_of_its_own() -> None:
    payee = Payee("Friends\nUAH9999.00", FUND.iban, registry_code="12345678")

    lines = nbu_lines(nbu_address(payee=payee, amount_minor=1, currency="UAH", purpose=PURPOSE))

    assert (len(lines), lines[5], lines[7]) == (13, "Friends UAH9999.00", "UAH0.01")


def test_the_picture_is_one_svg_with_an_escaped_title() -> None:
    code = epc_qr(payee=FRIENDS, amount_minor=2500, currency="EUR", reference=REFERENCE)

    drawing = svg(code, title="Pay €25 <script>")

    root = ElementTree.fromstring(drawing)  # noqa: S314 (our own drawing)
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert names == ["svg", "title", "path", "path"]
    assert root[0].text == "Pay €25 <script>"
    assert not {"style", "width", "onload"} & set(root.keys())


@pytest.mark.parametrize(
    "typed",
    ["DE89370400440532013000", "de89 3704 0044 0532 0130 00", "\u00a0DE8937040044 0532013000"],
)
def test_an_account_is_read_however_it_was_typed(typed: str) -> None:
    assert read_iban(typed) == "DE89370400440532013000"
    assert spaced(read_iban(typed)) == "DE89 3704 0044 0532 0130 00"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("DE88370400440532013000", "check"),
        ("DE8937040044053201300", "length"),
        ("XX89370400440532013000", "country"),
        ("DE89 3704 0044 0532 0130 0O", "form"),
        ("ДЕ89370400440532013000", "form"),
        ("", "form"),
        ("DE" + " " * 100, "form"),
    ],
)
def test_a_wrong_account_says_why(typed: str, code: str) -> None:
    with pytest.raises(BadBankNumber) as refusal:
        read_iban(typed)

    assert refusal.value.code == code


@given(st.text(max_size=80))
def test_any_text_is_an_account_or_refused(typed: str) -> None:
    for reading in (read_iban, read_bic):
        with suppress(BadBankNumber):
            assert reading(typed).isalnum()


@pytest.mark.parametrize("typed", ["COBADEFFXXX", "cobadeff", "COBA DE FF XXX"])
def test_a_bank_is_read_however_it_was_typed(typed: str) -> None:
    assert read_bic(typed).startswith("COBADEFF")


@pytest.mark.parametrize("typed", ["COBA", "COBADEFFXX", "1OBAXXFF", "COBAXXFFXXX"])
def test_a_wrong_bank_is_refused(typed: str) -> None:
    with pytest.raises(BadBankNumber):
        read_bic(typed)
