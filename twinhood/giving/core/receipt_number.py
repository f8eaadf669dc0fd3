"""Numbers of receipts: for each organisation and year 1, 2, 3 … without a gap.

The counter is a row that is locked while a receipt is written (a database's sequence would leave
gaps when a transaction is rolled back); what it counts is here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

SERIAL_MAX = 10**9 - 1
_FORM = re.compile(r"([A-Z][A-Z0-9]{0,7})-([0-9]{4})-([0-9]{4,9})")


@dataclass(frozen=True, slots=True, order=True)
class ReceiptNumber:
    """Written "R-2023-0042": the organisation's letters, the year in its own zone, the count.

    Raises ValueError for letters, year or count that cannot be.
    """

    letters: str
    year: int
    serial: int

    def __post_init__(self) -> None:
        if self.serial > SERIAL_MAX or not _FORM.fullmatch(str(self)) or self.serial < 1:
            raise ValueError(str(self))

    def __str__(self) -> str:
        return f"{self.letters}-{self.year:04d}-{self.serial:04d}"

    @property
    def next(self) -> "ReceiptNumber":
        return ReceiptNumber(self.letters, self.year, self.serial + 1)


def read_number(text: str) -> ReceiptNumber:
    """The number as written, small letters allowed. Raises ValueError; "R-2023-00042" is none."""
    match = _FORM.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError(text)
    number = ReceiptNumber(match[1], int(match[2]), int(match[3]))
    if str(number) != match[0]:
        raise ValueError(text)
    return number


def year_of(moment: datetime, zone: ZoneInfo) -> int:
    """The year to which a receipt belongs: as the organisation's own calendar says.

    `moment` is aware (UTC); raises ValueError if it is not.
    """
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment.astimezone(UTC).astimezone(zone).year


def first_gap(serials: Iterable[int]) -> int | None:
    """The lowest count from 1 on that is missing or stands twice; None if all is in order."""
    for expected, serial in enumerate(sorted(serials), start=1):
        if serial != expected:
            return min(serial, expected)
    return None
