"""What an official list says of a place on dates: how near the fighting is, who holds it.

Ukraine's ministry keeps such a list (order no. 376 of 28 February 2025) in four classes, with the
day on which each began and ended. A list changes what may be paid and shown; it never ends a bond.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Danger(StrEnum):
    """The classes of the list, the worst last."""

    POSSIBLE = "possible"
    ACTIVE = "active"
    # As ACTIVE, but the state's registers still work there.
    REGISTERS = "registers"
    OCCUPIED = "occupied"


# From the mildest on. Where the state's registers work, it is no milder for people.
SEVERITY = (Danger.POSSIBLE, Danger.REGISTERS, Danger.ACTIVE, Danger.OCCUPIED)
# Where people fight: public places go coarser, and a delivery needs two confirmations.
FIGHTING = frozenset({Danger.ACTIVE, Danger.REGISTERS, Danger.OCCUPIED})
# Who keeps the list calls the classes so; ours stand first.
NAMES = {
    "possible": Danger.POSSIBLE,
    "active": Danger.ACTIVE,
    "registers": Danger.REGISTERS,
    "occupied": Danger.OCCUPIED,
    "території можливих бойових дій": Danger.POSSIBLE,
    "території активних бойових дій": Danger.ACTIVE,
    "території активних бойових дій, на яких функціонують державні електронні інформаційні"
    " ресурси": Danger.REGISTERS,
    "тимчасово окуповані російською федерацією території україни": Danger.OCCUPIED,
}
COLUMNS = ("code", "status", "since", "until")
# Ukraine's codifier of places: KATOTTG.
CODE = re.compile(r"UA[0-9]{17}")
LIST_BYTES_MAX = 8_000_000
ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: a territory, its class, from a day to the day on which it ended."""

    code: str
    danger: Danger
    since_date: date
    until_date: date | None = None
    geoname_id: int | None = None

    def holds_on(self, day: date) -> bool:
        return self.since_date <= day and (self.until_date is None or day < self.until_date)


class UnreadableList(ValueError):
    """A list that cannot be read; `line` counts from 1. `why` is a code: words.py says it."""

    def __init__(self, line: int, why: str, text: str = "") -> None:
        super().__init__(f"line {line}: {why} {text!r}")
        self.line = line
        self.why = why
        self.text = text


def worst(found: Iterable[Danger]) -> Danger | None:
    """Lists overlap while they change; the worst of what they say counts."""
    return max(found, key=SEVERITY.index, default=None)


def read_list(data: bytes) -> list[Row]:
    """Read a list in CSV, in UTF-8: columns code, status, since, until, and geoname_id if you like.

    Days are 2025-07-17 or 17.07.2025; the separator is a comma or a semicolon. Nothing is guessed:
    raises UnreadableList for the first line that is not understood.
    """
    if len(data) > LIST_BYTES_MAX:
        raise UnreadableList(0, "large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise UnreadableList(data[: problem.start].count(b"\n") + 1, "encoding") from problem
    if "\0" in text:
        raise UnreadableList(text[: text.index("\0")].count("\n") + 1, "encoding")
    head = text.partition("\n")[0]
    lines = csv.reader(io.StringIO(text), delimiter=";" if ";" in head else ",", strict=True)
    return list(_rows(lines))


def _rows(lines: Iterator[list[str]]) -> Iterator[Row]:
    try:
        head = [name.strip().lower() for name in next(lines, [])]
        if missing := [name for name in COLUMNS if name not in head]:
            raise UnreadableList(1, "columns", ", ".join(missing))
        for number, cells in enumerate(lines, start=2):
            if number > ROWS_MAX:
                raise UnreadableList(number, "large")
            if any(cell.strip() for cell in cells):
                yield _row(number, dict(zip(head, (c.strip() for c in cells), strict=False)))
    except csv.Error as problem:
        raise UnreadableList(0, "csv", str(problem)) from problem


def _row(number: int, cells: dict[str, str]) -> Row:
    code, status = cells.get("code", ""), " ".join(cells.get("status", "").lower().split())
    if not CODE.fullmatch(code):
        raise UnreadableList(number, "code", code)
    if status not in NAMES:
        raise UnreadableList(number, "status", cells.get("status", ""))
    since = _day(number, cells.get("since", ""))
    until = _day(number, cells["until"]) if cells.get("until") else None
    if until is not None and until <= since:
        raise UnreadableList(number, "order", cells["until"])
    place = cells.get("geoname_id", "")
    if place and not re.fullmatch(r"[0-9]{1,9}", place):
        raise UnreadableList(number, "place", place)
    return Row(code, NAMES[status], since, until, int(place) if place else None)


def _day(number: int, text: str) -> date:
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
    raise UnreadableList(number, "day", text)
