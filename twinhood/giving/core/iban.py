"""Numbers of accounts and banks as people type them, checked: IBAN (ISO 13616), BIC (ISO 9362)."""

from schwifty import BIC, IBAN
from schwifty.exceptions import (
    InvalidChecksumDigits,
    InvalidCountryCode,
    InvalidLength,
    SchwiftyException,
)

TYPED_MAX = 60


class BadBankNumber(ValueError):
    """What cannot be an account or a bank; `code` says why: length, check, country or form."""

    def __init__(self, code: str, typed: str) -> None:
        super().__init__(f"{code}: {typed!r}")
        self.code = code
        self.typed = typed


def read_iban(typed: str) -> str:
    """The IBAN in its electronic form: "DE89370400440532013000". Raises BadBankNumber.

    Spaces and small letters do not matter. Its length, form and check digits are right for its
    country; whether the account exists only the bank knows.
    """
    text = _plain(typed)
    try:
        return str(IBAN(text))
    except SchwiftyException as problem:
        raise BadBankNumber(_code_of(problem), typed) from problem


def read_bic(typed: str) -> str:
    """The BIC in capitals, 8 or 11 characters. Raises BadBankNumber; a BIC has no check digit."""
    text = _plain(typed)
    try:
        return str(BIC(text))
    except SchwiftyException as problem:
        raise BadBankNumber(_code_of(problem), typed) from problem


def spaced(iban: str) -> str:
    """In groups of four, as it is printed."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _plain(typed: str) -> str:
    text = "".join(typed.split()).upper()
    if not text.isascii() or not text.isalnum() or len(typed) > TYPED_MAX:
        raise BadBankNumber("form", typed[:TYPED_MAX])
    return text


def _code_of(problem: SchwiftyException) -> str:
    if isinstance(problem, InvalidLength):
        return "length"
    if isinstance(problem, InvalidChecksumDigits):
        return "check"
    return "country" if isinstance(problem, InvalidCountryCode) else "form"
