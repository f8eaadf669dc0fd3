"""Rows copied from a spreadsheet, read into gifts: each row is understood or says why not.

Nothing is guessed: cells are parted by the first of tab, semicolon, comma that stands in at least
half of the first rows; amounts are read by one chosen language; a day written with slashes only if
the reader said what comes first. Quotes as in RFC 4180.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from twinhood.giving.core.text import BadText, tidy_line
from twinhood.kit.money import BadAmount, parse_minor, without_unit

ROWS_MAX = 2_000
BYTES_MAX = 256 * 1024
COLUMNS_MAX = 20
# How far down the headings are looked for: titles of a sheet stand above them.
HEADINGS_WITHIN = 10
# No gift of ours is older; two-digit years and slips of the keyboard are.
EARLIEST = date(2000, 1, 1)


class Column(StrEnum):
    """What a column of the sheet says; SKIP is not read."""

    SKIP = ""
    AMOUNT = "amount"
    DATE = "received_date"
    NAME = "name"
    EMAIL = "email"
    SHOWS_NAME = "shows_name"
    FEE = "fee"
    CURRENCY = "currency"
    REFERENCE = "reference"
    NOTE = "note"


class DayOrder(StrEnum):
    """How days are written with figures; only with slashes is it open what comes first."""

    POINTS = "day"
    DAY_FIRST = "slash"
    MONTH_FIRST = "month"


REQUIRED = (Column.AMOUNT, Column.DATE)
HEADINGS: dict[Column, frozenset[str]] = {
    Column.AMOUNT: frozenset(
        {"amount", "sum", "gift", "gross", "total", "сума", "внесок", "розмір"}
    ),
    Column.DATE: frozenset(
        {"date", "received", "received date", "day", "дата", "отримано", "дата отримання"}
    ),
    Column.NAME: frozenset(
        {"name", "donor", "giver", "full name", "from", "ім'я", "імя", "благодійник", "від кого",
         "піб"}
    ),
    Column.EMAIL: frozenset({"email", "e-mail", "mail", "ел. пошта", "пошта", "електронна пошта"}),
    Column.SHOWS_NAME: frozenset(
        {"shows name", "show name", "name shown", "public", "показати ім'я", "публічно"}
    ),
    Column.FEE: frozenset({"fee", "bank fee", "комісія", "комісія банку"}),
    Column.CURRENCY: frozenset({"currency", "валюта"}),
    Column.REFERENCE: frozenset(
        {"reference", "number", "cheque number", "check number", "cheque", "check", "номер",
         "номер чека", "призначення", "референс"}
    ),
    Column.NOTE: frozenset({"note", "notes", "comment", "memo", "примітка", "коментар"}),
}  # fmt: skip
_FACTS: dict[str, str] = {Column.AMOUNT: "amount_minor", Column.FEE: "fee_minor"}
LENGTH_MAX = {Column.NAME: 200, Column.EMAIL: 254, Column.REFERENCE: 80, Column.NOTE: 300}
_SAMPLE_CHARS = 16 * 1024
YES = frozenset({"yes", "y", "true", "1", "x", "так", "т", "+", "✓"})
NO = frozenset({"", "no", "n", "false", "0", "ні", "н", "-", "–"})
EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")


class BadSheet(ValueError):
    """A paste that cannot be read at all; `code` says why, `number` is the row (from 1) or 0.

    Codes: empty, bytes, rows, columns, quote, one_column.
    """

    def __init__(self, code: str, number: int = 0) -> None:
        super().__init__(f"{code} at row {number}")
        self.code = code
        self.number = number


@dataclass(frozen=True, slots=True)
class Line:
    """One row as pasted; `number` counts all rows from 1, as the spreadsheet does."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    delimiter: str
    lines: tuple[Line, ...]

    @property
    def width(self) -> int:
        return max(len(line.cells) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read the cells. `today` is the last day that a gift may have arrived."""

    columns: tuple[Column, ...]
    has_header: bool
    language: str
    currency: str
    day_order: DayOrder
    today: date


@dataclass(frozen=True, slots=True)
class RowGift:
    """A row that was understood; amounts are minor units of the reading's currency."""

    amount_minor: int
    received_date: date
    fee_minor: int = 0
    name: str = ""
    email: str = ""
    shows_name: bool = False
    reference: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell was not understood. `code` is a BadAmount's, a BadText's or one of ours:
    date, slash, future, old, email, yes_no, currency, fee, nameless, cells, missing."""

    column: Column
    code: str
    typed: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    number: int
    gift: RowGift | None
    problems: tuple[Problem, ...] = field(default=())


def split_rows(text: str) -> Table:
    """Part `text` into rows of cells; empty rows are left out but counted. Raises BadSheet."""
    if len(text.encode("utf-8", "replace")) > BYTES_MAX:
        raise BadSheet("bytes")
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    delimiter = _delimiter(plain)
    lines = tuple(_lines(plain, delimiter))
    if not lines:
        raise BadSheet("empty")
    return Table(delimiter, lines)


def _delimiter(text: str) -> str:
    bare = re.sub(r'"(?:[^"]|"")*"', "", text[:_SAMPLE_CHARS])
    lines = [line for line in bare.split("\n") if line.strip()][:20]
    if not lines:
        raise BadSheet("empty")
    for mark in "\t;,":
        if 2 * sum(mark in line for line in lines) >= len(lines):
            return mark
    raise BadSheet("one_column", 1)


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = kept = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise BadSheet("quote", number) from problem
        if not any(cell.strip() for cell in cells):
            continue
        kept += 1
        if kept > ROWS_MAX + 1:
            raise BadSheet("rows", number)
        if len(cells) > COLUMNS_MAX:
            raise BadSheet("columns", number)
        yield Line(number, tuple(cells))


def columns_of(heading: Sequence[str]) -> tuple[Column, ...] | None:
    """Read a row as headings in English or Ukrainian; None if amount and day are not among them.

    A heading that nobody knows, or that stands twice, is skipped.
    """
    columns: list[Column] = []
    for cell in heading:
        word = re.sub(r"\s+", " ", cell).strip().casefold().replace("’", "'").replace("ʼ", "'")
        named = next((c for c, words in HEADINGS.items() if word in words), Column.SKIP)
        columns.append(Column.SKIP if named in columns else named)
    return tuple(columns) if all(column in columns for column in REQUIRED) else None


def heading_place(table: Table) -> int | None:
    """Which of the first rows (from 0) is the one with the headings; None if none is."""
    for place, line in enumerate(table.lines[:HEADINGS_WITHIN]):
        if columns_of(line.cells) is not None:
            return place
    return None


def read_rows(table: Table, reading: Reading) -> list[ReadRow]:
    """Read every row but the header, in order. Raises BadSheet if there are too many or none."""
    lines = table.lines[1:] if reading.has_header else table.lines
    if not lines:
        raise BadSheet("empty")
    if len(lines) > ROWS_MAX:
        raise BadSheet("rows", lines[ROWS_MAX].number)
    return [_read_row(line, reading) for line in lines]


def _read_row(line: Line, reading: Reading) -> ReadRow:
    cells = dict(zip(reading.columns, line.cells, strict=False))
    cells.pop(Column.SKIP, None)
    problems: list[Problem] = []
    if any(cell.strip() for cell in line.cells[len(reading.columns) :]):
        problems.append(Problem(Column.SKIP, "cells"))
    values: dict[str, object] = {}
    for column, typed in cells.items():
        try:
            values[column] = _READERS[column](typed, reading)
        except (BadAmount, BadText, _BadCell) as problem:
            problems.append(Problem(column, problem.code, typed))
    problems += _contradictions(values, cells)
    if problems:
        return ReadRow(line.number, None, tuple(problems))
    facts = {_FACTS.get(column, column): value for column, value in values.items()}
    facts.pop(Column.CURRENCY, None)
    return ReadRow(line.number, RowGift(**facts))  # type: ignore[arg-type]


def _contradictions(values: dict[str, object], cells: dict[Column, str]) -> Iterable[Problem]:
    for column in REQUIRED:
        if column not in cells:
            yield Problem(column, "missing")
    amount, fee = values.get(Column.AMOUNT), values.get(Column.FEE)
    if isinstance(amount, int) and isinstance(fee, int) and fee >= amount:
        yield Problem(Column.FEE, "fee", cells[Column.FEE])
    if values.get(Column.SHOWS_NAME) and not values.get(Column.NAME):
        yield Problem(Column.NAME, "nameless")


class _BadCell(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _amount(typed: str, reading: Reading) -> int:
    return parse_minor(typed, reading.currency, reading.language)


def _fee(typed: str, reading: Reading) -> int:
    try:
        return parse_minor(typed, reading.currency, reading.language)
    except BadAmount as problem:
        if problem.code in {"empty", "zero"}:
            return 0
        raise


_MONTHS = (
    ("jan", "january", "січня"), ("feb", "february", "лютого"), ("mar", "march", "березня"),
    ("apr", "april", "квітня"), ("may", "may", "травня"), ("jun", "june", "червня"),
    ("jul", "july", "липня"), ("aug", "august", "серпня"), ("sep", "september", "вересня"),
    ("oct", "october", "жовтня"), ("nov", "november", "листопада"), ("dec", "december", "грудня"),
)  # fmt: skip
_NUMBERS = {name: str(number) for number, names in enumerate(_MONTHS, 1) for name in names}
_D, _Y = "(?P<d>[0-9]{1,2})", "(?P<y>[0-9]{4})"
# A spreadsheet adds a midnight to days; a word for the year may follow a month's name.
_DAYS = [
    re.compile(form)
    for form in (
        rf"{_Y}([-/])(?P<m>[0-9]{{2}})\2(?P<d>[0-9]{{2}})(?:[T ]00:00(?::00)?)?",
        rf"{_D}\.(?P<m>[0-9]{{1,2}})\.{_Y}(?: 0?0:00(?::00)?)?",
        rf"{_D}[ -](?P<m>[^\W\d]+)\.?[ -](?P<y>[0-9]{{4}}|[0-9]{{2}})(?: р\.?| року)?",
        rf"(?P<m>[^\W\d]+)\.? {_D}, ?{_Y}",
    )
]
_SLASHES = {
    DayOrder.DAY_FIRST: re.compile(rf"{_D}/(?P<m>[0-9]{{1,2}})/{_Y}"),
    DayOrder.MONTH_FIRST: re.compile(rf"(?P<m>[0-9]{{1,2}})/{_D}/{_Y}"),
}


def read_date(typed: str, order: DayOrder) -> date:
    """Read 2023-04-06, 06.04.2023, 6 April 2023 or, in the order that was said, 4/6/2023.

    Raises ValueError; its code is "slash" where only the order is missing.
    """
    text = re.sub(r"\s+", " ", typed).strip()
    forms = [*_DAYS, *([_SLASHES[order]] if order in _SLASHES else [])]
    match = next((found for form in forms if (found := form.fullmatch(text))), None)
    if match is None:
        is_open = order not in _SLASHES and _SLASHES[DayOrder.DAY_FIRST].fullmatch(text)
        raise _BadCell("slash" if is_open else "date")
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
    month = _NUMBERS.get(match["m"].casefold(), match["m"])
    try:
        return date(year, int(month), int(match["d"]))
    except ValueError as problem:
        raise _BadCell("date") from problem


def _date(typed: str, reading: Reading) -> date:
    day = read_date(typed, reading.day_order)
    if day > reading.today:
        raise _BadCell("future")
    if day < EARLIEST:
        raise _BadCell("old")
    return day


type _Reader = Callable[[str, Reading], object]


def _text(column: Column, typed: str) -> str:
    return tidy_line(typed, LENGTH_MAX[column])


def _text_of(column: Column) -> _Reader:
    return lambda typed, reading: _text(column, typed)


def _email(typed: str, reading: Reading) -> str:
    address = _text(Column.EMAIL, typed)
    if address and not EMAIL.fullmatch(address):
        raise _BadCell("email")
    return address


def _shows_name(typed: str, reading: Reading) -> bool:
    word = typed.strip().casefold()
    if word not in YES | NO:
        raise _BadCell("yes_no")
    return word in YES


def _currency(typed: str, reading: Reading) -> str:
    if without_unit(typed, reading.currency):
        raise _BadCell("currency")
    return reading.currency


_READERS: dict[Column, _Reader] = {
    Column.AMOUNT: _amount,
    Column.DATE: _date,
    Column.NAME: _text_of(Column.NAME),
    Column.EMAIL: _email,
    Column.SHOWS_NAME: _shows_name,
    Column.FEE: _fee,
    Column.CURRENCY: _currency,
    Column.REFERENCE: _text_of(Column.REFERENCE),
    Column.NOTE: _text_of(Column.NOTE),
}
