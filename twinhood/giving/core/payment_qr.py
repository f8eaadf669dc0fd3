"""QR codes that fill in a bank transfer on the donor's phone: SEPA (EPC) and Ukraine (NBU).

Both say who is paid, how much and with which reference; nothing about the donor.
"""

import io
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

import segno
from segno.helpers import make_epc_qr

from twinhood.giving.core.iban import read_bic, read_iban
from twinhood.giving.core.reference import is_iso_11649
from twinhood.kit.money import major

NBU_ADDRESS = "https://bank.gov.ua/qr/"
# EPC069-12, 2.1: up to 999,999,999.99 euro. NBU: one UAH amount of up to 15 characters.
EPC_MINOR_MAX = 99_999_999_999
NBU_MINOR_MAX = 999_999_999_99
NBU_VERSIONS = range(10, 21)
NAME_MAX = 70
PURPOSE_MAX = 140
# Modules of white around a code (ISO/IEC 18004, 5.3.8).
QUIET_MODULES = 4


class BadPayment(ValueError):
    """What a QR code for a transfer cannot say. `code` says why: currency, amount, reference,
    name, purpose, registry_code, country. A wrong account raises iban.BadBankNumber."""

    def __init__(self, code: str, fact: object) -> None:
        super().__init__(f"{code}: {fact!r}")
        self.code = code
        self.fact = fact


@dataclass(frozen=True, slots=True)
class Payee:
    """Whose account it is. `registry_code` is the ЄДРПОУ in Ukraine; the BIC may be left out."""

    name: str
    iban: str
    bic: str = ""
    registry_code: str = ""


def epc_qr(*, payee: Payee, amount_minor: int, currency: str, reference: str) -> segno.QRCode:
    """The code for a SEPA transfer in euro (EPC069-12, version 002, UTF-8, error level M).

    Raises BadPayment and BadBankNumber.
    """
    if currency != "EUR":
        raise BadPayment("currency", currency)
    if not 0 < amount_minor <= EPC_MINOR_MAX:
        raise BadPayment("amount", amount_minor)
    if not is_iso_11649(reference):
        raise BadPayment("reference", reference)
    return make_epc_qr(
        name=_one_line(payee.name, NAME_MAX, "name"),
        iban=read_iban(payee.iban),
        bic=read_bic(payee.bic) if payee.bic else None,
        amount=major(amount_minor, currency),
        reference=reference,
        encoding="UTF-8",
    )


def nbu_address(*, payee: Payee, amount_minor: int, currency: str, purpose: str) -> str:
    """The address in a Ukrainian code; a phone opens it in the donor's bank (NBU, format 002).

    Behind it stand 13 lines in base64url: mark, version, encoding (1 = UTF-8), function, reserved,
    payee, IBAN, amount, ЄДРПОУ, two reserved, purpose, reserved. The reference belongs in
    `purpose`: the format has no line of its own for it. Raises BadPayment and BadBankNumber.
    """
    iban = read_iban(payee.iban)
    if not iban.startswith("UA"):
        raise BadPayment("country", iban)
    if currency != "UAH":
        raise BadPayment("currency", currency)
    if not 0 < amount_minor <= NBU_MINOR_MAX:
        raise BadPayment("amount", amount_minor)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{10}", payee.registry_code):
        raise BadPayment("registry_code", payee.registry_code)
    lines = (
        "BCD", "002", "1", "UCT", "",
        _one_line(payee.name, NAME_MAX, "name"), iban, f"UAH{major(amount_minor, currency)}",
        payee.registry_code, "", "", _one_line(purpose, PURPOSE_MAX, "purpose"), "",
    )  # fmt: skip
    return NBU_ADDRESS + urlsafe_b64encode("\n".join(lines).encode()).decode().rstrip("=")


def nbu_qr(*, payee: Payee, amount_minor: int, currency: str, purpose: str) -> segno.QRCode:
    """The code for a transfer in hryvnias; `hryvnia_svg` draws it. Raises as `nbu_address` does.

    Versions 10 to 20; of the levels Q, M and L the strongest that the text leaves room for (NBU,
    resolution 97 of 2025), so that the sign in the middle does not harm.
    """
    address = nbu_address(
        payee=payee, amount_minor=amount_minor, currency=currency, purpose=purpose
    )
    for level in ("q", "m", "l"):
        code = segno.make_qr(address, error=level, boost_error=False)
        if int(code.version) < NBU_VERSIONS.start:
            return segno.make_qr(
                address, error=level, boost_error=False, version=NBU_VERSIONS.start
            )
        if int(code.version) in NBU_VERSIONS:
            return code
    raise BadPayment("purpose", purpose)


def address_qr(address: str) -> segno.QRCode:
    """The code of any address of ours: a trace, a page to give."""
    return segno.make_qr(address, error="m")


def svg(code: segno.QRCode, *, title: str) -> str:
    """An SVG for a page, without size, style or script; `title` is what a screen reader says.

    Black on white in both themes: scanners want dark on light.
    """
    out = io.BytesIO()
    code.save(
        out, kind="svg", xmldecl=False, svgns=True, border=QUIET_MODULES, dark="#000",
        light="#fff", omitsize=True, title=title, nl=False, svgclass="qr", lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def hryvnia_svg(code: segno.QRCode, *, title: str) -> str:
    """As `svg`, with the hryvnia sign in a white circle in the middle, as the NBU asks.

    The circle hides one module in fifty; level L mends one in fourteen. The strokes are thin and
    the bars far apart: thick ones look to a scanner like a corner of a code (1 : 1 : 3 : 1 : 1).
    """
    middle = (len(code.matrix) + 2 * QUIET_MODULES) / 2
    radius = len(code.matrix) * 0.08
    sign = (
        f'<g transform="translate({middle} {middle}) scale({radius:.2f})">'
        '<circle r="1" fill="#fff"/><path fill="none" stroke="#000" stroke-width=".09" d="'
        "M-.34-.34C-.28-.62.38-.7.38-.33.38.02-.38-.02-.38.33-.38.7.28.62.36.3"
        'M-.6-.17H.6M-.6.17H.6"/></g>'
    )
    return svg(code, title=title).replace("</svg>", f"{sign}</svg>")


def _one_line(text: str, length_max: int, code: str) -> str:
    """Refused rather than cut: half a purpose may say another thing."""
    line = " ".join(text.split())
    if not line or len(line) > length_max or not line.isprintable():
        raise BadPayment(code, line)
    return line
