"""Serial numbers as people type them, and the vehicle identification number (ISO 3779)."""

import re
import unicodedata

VIN_LENGTH = 17
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_SERIAL = re.compile(r"[A-Z0-9](?:[A-Z0-9 ./_-]{0,76}[A-Z0-9])?")


class BadSerial(ValueError):
    """`code` says why: `empty`, `vin_length`, `vin_letters`, `form`."""

    def __init__(self, code: str, typed: str) -> None:
        super().__init__(f"{code}: {typed!r}")
        self.code = code
        self.typed = typed


def normal_serial(typed: str, *, is_vehicle: bool) -> str:
    """Return the number in capitals; a vehicle's has 17 characters, never I, O or Q.

    Raises BadSerial. Letters of other scripts that only look like Latin ones are refused.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed).upper().split())
    if not text:
        raise BadSerial("empty", typed)
    if not is_vehicle:
        if not _SERIAL.fullmatch(text):
            raise BadSerial("form", typed)
        return text
    text = re.sub(r"[ -]", "", text)
    if len(text) != VIN_LENGTH:
        raise BadSerial("vin_length", typed)
    if not _VIN.fullmatch(text):
        raise BadSerial("vin_letters", typed)
    return text
