"""Money on screen and from forms. Amounts are whole minor units; rounding happens only here."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from babel.core import Locale
from babel.numbers import format_currency, get_currency_precision

NBSP = "\u00a0"
# ISO 4217 currencies that this software books; others are refused, never guessed.
CURRENCIES = ("USD", "EUR", "UAH", "GBP", "PLN", "JPY", "KWD")
# How each is written beside an amount, in figures and in letters; the longest first.
UNITS = {
    "USD": ("US$", "USD", "$"),
    "EUR": ("EUR", "€"),
    "UAH": ("грн.", "грн", "UAH", "₴"),
    "GBP": ("GBP", "£"),
    "PLN": ("PLN", "zł"),
    "JPY": ("JPY", "¥"),
    "KWD": ("KWD", "KD"),
}
# The largest amount that the database can hold (bigint), in minor units.
MINOR_MAX = 2**63 - 1


class BadAmount(ValueError):
    """A typed amount that cannot be taken; `code` says why, for the form's sentence."""

    def __init__(self, code: str, typed: str) -> None:
        super().__init__(f"{code}: {typed!r}")
        self.code = code
        self.typed = typed


@cache
def digits_of(currency: str) -> int:
    """How many digits the minor unit has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD."""
    if currency not in CURRENCIES:
        raise BadAmount("currency", currency)
    return get_currency_precision(currency)


def major(amount_minor: int, currency: str) -> Decimal:
    """The amount in major units, exact."""
    return Decimal(amount_minor).scaleb(-digits_of(currency))


def minor_from_major(amount: int, currency: str) -> int:
    return int(amount) * int(10 ** digits_of(currency))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse({"en": "en_US", "uk": "uk_UA"}.get(language, language))


def format_money(amount_minor: int, currency: str, language: str, *, short: bool = False) -> str:
    """Write an amount for a reader: "$25.00", «25,00 $» (with no-break spaces).

    `short` leaves the minor digits out where they are zero ("$25"). CLDR would write «25,00 USD»
    in Ukrainian; the narrow sign is what people there read and write.
    """
    digits = digits_of(currency)
    value = major(amount_minor, currency)
    whole = short and value == value.to_integral_value()
    fraction = "" if whole or not digits else "." + "0" * digits
    before = language == "en"
    pattern = (
        f"¤#,##0{fraction};−¤#,##0{fraction}" if before else f"#,##0{fraction} ¤;−#,##0{fraction} ¤"
    )
    text = format_currency(
        value, currency, format=pattern, locale=_locale(language), currency_digits=False
    )
    sign = _sign(currency)
    return text.replace("US$", sign).replace(currency, sign).replace(" ", NBSP)


def _sign(currency: str) -> str:
    return {"USD": "$", "EUR": "€", "UAH": "₴", "GBP": "£", "PLN": "zł", "JPY": "¥"}.get(
        currency, currency
    )


def format_number(amount_minor: int, currency: str, language: str) -> str:
    """The amount without a sign, for columns: "1,234.56", «1 234,56»; a minus is U+2212."""
    text = format_money(abs(amount_minor), currency, language).replace(_sign(currency), "")
    return ("−" if amount_minor < 0 else "") + text.strip(NBSP + " ")


def without_unit(text: str, currency: str) -> str:
    """`text` without the currency's own sign or code before or behind it.

    Raises BadAmount with the code `currency` if another's stands there: 25 € are never $25.
    """
    own = UNITS.get(currency, ())
    bare = _cut(text.strip(), own)
    others = [unit for code, units in UNITS.items() if code != currency for unit in units]
    signs = {mark for mark in bare if unicodedata.category(mark) == "Sc"}
    if _cut(bare, others) != bare or signs - set(own):
        raise BadAmount("currency", text)
    return bare


def _cut(text: str, units: Iterable[str]) -> str:
    folded = text.casefold()
    for unit in units:
        if folded.startswith(unit.casefold()):
            return text[len(unit) :].strip()
        if folded.endswith(unit.casefold()):
            return text[: -len(unit)].strip()
    return text


def parse_minor(typed: str, currency: str, language: str) -> int:
    """Read an amount as typed, by the form's language only; never guess, never round.

    English takes "1,234.56" and "1234.56"; Ukrainian takes «1 234,56», «1234,56» and, because
    phones offer only a full stop, «1234.56» where it cannot be mistaken for a group mark.

    The currency's own sign or code may stand beside it, no other's. Raises BadAmount with the code
    `empty`, `form`, `digits`, `zero`, `negative`, `large` or `currency`.
    """
    text = unicodedata.normalize("NFC", typed).strip().replace("\u202f", " ").replace(NBSP, " ")
    if not text:
        raise BadAmount("empty", typed)
    text = without_unit(text, currency)
    if re.fullmatch(r"[-−]\s*[\d., ]+", text) or re.fullmatch(r"\([\d., ]+\)", text):
        raise BadAmount("negative", typed)
    groups, point = (",", r"\.") if language == "en" else (" ", "[,.]")
    match = re.fullmatch(rf"([0-9]{{1,3}}(?:{groups}[0-9]{{3}})+|[0-9]+)(?:{point}([0-9]+))?", text)
    if match is None:
        raise BadAmount("form", typed)
    whole, fraction = match[1].replace(groups, ""), match[2] or ""
    return _minor(whole, fraction, typed, digits_of(currency))


def _minor(whole: str, fraction: str, typed: str, digits: int) -> int:
    if len(fraction) > digits:
        raise BadAmount("digits", typed)
    if len(whole) > 19:
        raise BadAmount("large", typed)
    amount = int(whole + fraction.ljust(digits, "0"))
    if amount == 0:
        raise BadAmount("zero", typed)
    if amount > MINOR_MAX:
        raise BadAmount("large", typed)
    return amount


def per_head_minor(total_minor: int, heads: int, currency: str) -> int:
    """What each of `heads` people would give to reach `total_minor`, rounded up to a minor unit."""
    digits_of(currency)
    return -(-total_minor // heads)


def converted_minor(amount_minor: int, *, of_minor: int, to_minor: int) -> int:
    """What an amount is worth where `of_minor` of its currency is `to_minor` of another's.

    To the nearest minor unit, halves up. Only to be shown beside the amount: what is exchanged is
    mapped cent by cent (docs/concepts/line.md).
    """
    return (2 * amount_minor * to_minor + of_minor) // (2 * of_minor)
