"""Serial numbers as people type them, and the vehicle identification number (ISO 3779, 3780)."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

VIN_LENGTH = 17
_CHECK_PLACE = 8
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_SERIAL = re.compile(r"[A-Z0-9](?:[A-Z0-9 ./_-]{0,76}[A-Z0-9])?")

# Capitals of other scripts that look like a Latin one: Cyrillic, then Greek.
STRANGE = "АВЕКМНОРСТУХІЈЅ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
LATIN = "ABEKMHOPCTYXIJS" + "ABEZHIKMNOPTYX"
_READ_AS = str.maketrans(STRANGE, LATIN)
# What two numbers may differ in and still be one: how they are spaced, and letters like digits.
SAME = "OQI"
SAME_AS = "001"
SPACING = " ./_-"
_FOLDED = str.maketrans(STRANGE + SAME, LATIN.translate(str.maketrans(SAME, SAME_AS)) + SAME_AS,
                        SPACING)  # fmt: skip

# 49 CFR 565.15(c): what each sign counts, by what its place weighs.
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
                   [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)],
                   strict=True))  # fmt: skip
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# The first sign of makers in North America (ISO 3780), where the check digit is law.
_NORTH_AMERICA = frozenset("12345")


def in_latin(text: str) -> str:
    """Text in capitals, its letters of other scripts that look like Latin ones as those."""
    return text.upper().translate(_READ_AS)


class BadSerial(ValueError):
    """`code` says why: `empty`, `vin_length`, `vin_letters`, `vin_ioq`, `vin_check`, `form`."""

    def __init__(self, code: str, typed: str) -> None:
        super().__init__(f"{code}: {typed!r}")
        self.code = code
        self.typed = typed


class Doubt(StrEnum):
    """What to tell about a number that was taken."""

    STRANGE_LETTERS = "strange_letters"
    CHECK_DIGIT = "check_digit"


@dataclass(frozen=True, slots=True)
class Plate:
    """A number as it is kept, and what about it is worth a second look at the plate."""

    number: str
    # The letters of another script that were read as Latin ones, as they were typed.
    strange: str = ""
    doubts: tuple[Doubt, ...] = ()


def read_plate(typed: str, *, is_vehicle: bool) -> Plate:
    """Read a number in capitals; a vehicle's has 17 signs, never I, O or Q. Raises BadSerial.

    Letters that only look Latin are read as Latin ones. A check digit that does not fit is an
    error where the law asks for one (North America), and a doubt elsewhere.
    """
    upper = " ".join(unicodedata.normalize("NFKC", typed).upper().split())
    if not upper:
        raise BadSerial("empty", typed)
    text = upper.translate(_READ_AS)
    strange = "".join(dict.fromkeys(letter for letter in upper if letter in STRANGE))
    doubts = [Doubt.STRANGE_LETTERS] if strange else []
    if not is_vehicle:
        if not _SERIAL.fullmatch(text):
            raise BadSerial("form", typed)
        return Plate(text, strange, tuple(doubts))
    text = re.sub(r"[ -]", "", text)
    _expect_vin(text, typed)
    if text[_CHECK_PLACE] in "0123456789X" and text[_CHECK_PLACE] != check_digit(text):
        if text[0] in _NORTH_AMERICA:
            raise BadSerial("vin_check", typed)
        doubts.append(Doubt.CHECK_DIGIT)
    return Plate(text, strange, tuple(doubts))


def _expect_vin(text: str, typed: str) -> None:
    if len(text) != VIN_LENGTH:
        raise BadSerial("vin_length", typed)
    if _VIN.fullmatch(text):
        is_letter_for_check = text[0] in _NORTH_AMERICA and text[_CHECK_PLACE] not in "0123456789X"
        if is_letter_for_check:
            raise BadSerial("vin_check", typed)
        return
    is_only_ioq = _VIN.fullmatch(re.sub("[IOQ]", "1", text))
    raise BadSerial("vin_ioq" if is_only_ioq else "vin_letters", typed)


def check_digit(vin: str) -> str:
    """The ninth sign that the sixteen others of a VIN ask for: 0 to 9, or X for ten."""
    rest = sum(_VALUES[sign] * weight for sign, weight in zip(vin, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def normal_serial(typed: str, *, is_vehicle: bool) -> str:
    """The number of `read_plate` alone. Raises BadSerial."""
    return read_plate(typed, is_vehicle=is_vehicle).number


def folded(serial: str) -> str:
    """What two numbers have in common that one plate may bear: no spacing, O and Q are 0, I is 1.

    The database keeps the same of every thing (`Unit.serial_key`) and refuses it twice.
    """
    return unicodedata.normalize("NFKC", serial).upper().translate(_FOLDED)
