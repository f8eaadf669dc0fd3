"""Bank statements in CSV. Every bank writes its own: a person says once how to read it.

Reading follows a mapping that a person has confirmed (`csv_look` shows what a file seems to be)
and is strict: what does not fit is named with its row, and nothing of the file is taken.
"""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import BinaryIO

from twinhood.giving.core.reference import is_iso_11649
from twinhood.kit.money import BadAmount, without_unit
from twinhood.treasury.core.csv_rows import (
    COLUMNS_MAX,
    DELIMITERS,
    ENCODINGS,
    ROWS_MAX,
    Row,
    bytes_of,
    decoded,
    rows_in,
)
from twinhood.treasury.core.statement import (
    EARLIEST,
    LATEST,
    TEXT_MAX,
    BadStatement,
    Balance,
    Statement,
    StatementLine,
    exact_minor,
    tidy,
)

PROBLEMS_MAX = 20
# Sums and remarks behind the last line.
FOOTER_MAX = 20
# No day and no amount is longer.
CELL_MAX = 100


class Column(StrEnum):
    """What a column says. AMOUNT is signed; else CREDIT (came in) and DEBIT (went out) are two, or
    DIRECTION says of each amount which way it went.
    """

    BOOKED_DATE = "booked_date"
    VALUE_DATE = "value_date"
    AMOUNT = "amount"
    CREDIT = "credit"
    DEBIT = "debit"
    DIRECTION = "direction"
    BALANCE = "balance"
    CURRENCY = "currency"
    BANK_REF = "bank_ref"
    REFERENCE = "reference"
    TEXT = "text"
    OTHER_NAME = "other_name"
    OTHER_ACCOUNT = "other_account"


class DateForm(StrEnum):
    """How days are written; a time of day behind them is passed over."""

    YEAR_FIRST = "2023-09-14"
    YEAR_FIRST_SLASHES = "2023/09/14"
    YEAR_FIRST_BARE = "20230914"
    DAY_FIRST = "14.09.2023"
    DAY_FIRST_SHORT = "14.09.23"
    DAY_FIRST_SLASHES = "14/09/2023"
    DAY_FIRST_HYPHENS = "14-09-2023"
    DAY_FIRST_SLASHES_SHORT = "14/09/23"
    MONTH_FIRST = "09/14/2023"
    MONTH_FIRST_SHORT = "09/14/23"
    MONTH_NAMED = "14 Sep 2023"
    MONTH_NAMED_FIRST = "Sep 14, 2023"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_NAME = f"(?P<m>{'|'.join((*_MONTHS, *(name[:3] for name in _MONTHS)))})"
_Y, _YY, _M, _D = "(?P<y>[0-9]{4})", "(?P<y>[0-9]{2})", "(?P<m>[0-9]{1,2})", "(?P<d>[0-9]{1,2})"
_TIME = r"(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?)?"
_DATE_FORMS: dict[DateForm, re.Pattern[str]] = {
    form: re.compile(pattern + _TIME, re.IGNORECASE)
    for form, pattern in {
        DateForm.YEAR_FIRST: f"{_Y}-{_M}-{_D}",
        DateForm.YEAR_FIRST_SLASHES: f"{_Y}/{_M}/{_D}",
        DateForm.YEAR_FIRST_BARE: f"{_Y}(?P<m>[0-9]{{2}})(?P<d>[0-9]{{2}})",
        DateForm.DAY_FIRST: rf"{_D}\.{_M}\.{_Y}",
        DateForm.DAY_FIRST_SHORT: rf"{_D}\.{_M}\.{_YY}",
        DateForm.DAY_FIRST_SLASHES: f"{_D}/{_M}/{_Y}",
        DateForm.DAY_FIRST_HYPHENS: f"{_D}-{_M}-{_Y}",
        DateForm.DAY_FIRST_SLASHES_SHORT: f"{_D}/{_M}/{_YY}",
        DateForm.MONTH_FIRST: f"{_M}/{_D}/{_Y}",
        DateForm.MONTH_FIRST_SHORT: f"{_M}/{_D}/{_YY}",
        DateForm.MONTH_NAMED: f"{_D}[ -]{_NAME}[ -]{_Y}",
        DateForm.MONTH_NAMED_FIRST: f"{_NAME} {_D}, ?{_Y}",
    }.items()
}


CAME_IN = frozenset(
    {"c", "cr", "crdt", "credit", "h", "haben", "in", "incoming", "money in", "income", "deposit",
     "+", "к", "кт", "кредит", "надходження", "зарахування", "прихід"}
)  # fmt: skip
WENT_OUT = frozenset(
    {"d", "dr", "dbit", "debit", "s", "soll", "out", "outgoing", "money out", "expense",
     "withdrawal", "-", "д", "дт", "дебет", "видаток", "видатки", "списання"}
)  # fmt: skip


class Marks(StrEnum):
    """How amounts are written: the mark between thousands, and that before the cents."""

    COMMA_POINT = "1,234.56"
    POINT_COMMA = "1.234,56"
    SPACE_COMMA = "1 234,56"
    SPACE_POINT = "1 234.56"
    APOSTROPHE_POINT = "1'234.56"

    @property
    def group(self) -> str:
        return self.value[1]

    @property
    def point(self) -> str:
        return self.value[5]


_PLAIN = str.maketrans(
    {**dict.fromkeys("\u00a0\u202f\u2009", " "), **dict.fromkeys("−‒–", "-"), "’": "'"}
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one bank writes its files, as a person confirmed it.

    `skipped_rows` stand before the first line of the statement, headings among them; the last
    `footer_rows` that are not empty are no lines either. `columns` count from 0.
    `is_sign_turned`: the bank writes what came in as negative.
    """

    encoding: str
    delimiter: str
    skipped_rows: int
    columns: dict[Column, int]
    date_form: DateForm
    marks: Marks
    account: str
    currency: str
    is_sign_turned: bool = False
    footer_rows: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell was not understood. `row` is the line of the file on which its row begins.

    Codes: date, amount, digits, large, currency, both, direction, missing, long, columns (too few).
    """

    row: int
    column: Column
    code: str
    typed: str = ""


class BadRows(BadStatement):
    """Rows that do not fit the mapping: the first PROBLEMS_MAX problems, in order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("rows_unread", problems[0].row, problems[0].code)
        self.problems = tuple(problems)


def read(
    stream: BinaryIO,
    mapping: Mapping,
    *,
    name: str = "",
    opening_minor: int | None = None,
    closing_minor: int | None = None,
) -> Statement:
    """The statement, lines from the oldest; balances are those that a person typed from paper.

    Where a column holds the running balance, balances that were not typed come from it, and each
    row is checked against the next (`broken_row`). Raises BadRows, and BadStatement with the
    codes: bytes, encoding, nul, long, rows, columns, quote, empty, mapping.
    """
    _check(mapping)
    text = decoded(bytes_of(stream), mapping.encoding)
    read_rows: list[_ReadRow] = []
    problems: list[Problem] = []
    for row in _lines_in(text, mapping):
        try:
            read_rows.append(_read_row(_Cells(row, mapping)))
        except _Unread as problem:
            problems += problem.problems
        if len(problems) >= PROBLEMS_MAX:
            break
    if problems:
        raise BadRows(problems[:PROBLEMS_MAX])
    if not read_rows:
        raise BadStatement("empty")
    return _statement(_oldest_first(read_rows), mapping, name, opening_minor, closing_minor)


def _lines_in(text: str, mapping: Mapping) -> Iterator[Row]:
    """The rows that are lines of the statement; where the last heading is that of the text, with
    what the bank wrote into it without quotes joined again.
    """
    held: deque[Row] = deque()
    width = 0
    for index, row in enumerate(rows_in(text, mapping.delimiter)):
        if index < mapping.skipped_rows:
            width = len(row.cells)
            continue
        if row.is_empty:
            continue
        is_text_last = mapping.columns.get(Column.TEXT) == width - 1
        held.append(_joined(row, width, mapping.delimiter) if is_text_last else row)
        if len(held) > mapping.footer_rows:
            yield held.popleft()


def _joined(row: Row, width: int, delimiter: str) -> Row:
    head, tail = row.cells[: width - 1], row.cells[width - 1 :]
    return replace(row, cells=(*head, delimiter.join(tail).rstrip(delimiter))) if tail else row


def day_of(typed: str, form: DateForm) -> date:
    """The day as written in `form`; raises ValueError("date"). Two digits are years from 2000."""
    match = _DATE_FORMS[form].fullmatch(typed.strip()) if len(typed) <= CELL_MAX else None
    if match is None:
        raise ValueError("date")
    year = int(match["y"]) + (2000 if len(match["y"]) == 2 else 0)
    try:
        day = date(year, _month_of(match["m"]), int(match["d"]))
    except ValueError as problem:
        raise ValueError("date") from problem
    if not EARLIEST <= day <= LATEST:
        raise ValueError("date")
    return day


def _month_of(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(text.title()))


def amount_of(typed: str, marks: Marks, currency: str) -> int:
    """Signed minor units: "-1,234.56", "1.234,56-", "(25.00)", "25.00 DR", "$25.00"; never rounded.

    The currency's own code or sign may stand before or behind, no other. Raises ValueError with
    `amount`, `digits`, `large` or `currency`.
    """
    sign, whole, fraction = figures_of(typed, marks, currency)
    return sign * exact_minor(whole, fraction, currency)


def figures_of(typed: str, marks: Marks, currency: str) -> tuple[int, str, str]:
    """Sign (1 or -1), whole digits and fraction as they stand; raises ValueError."""
    if len(typed) > CELL_MAX:
        raise ValueError("amount")
    text, sign = _signed(typed.translate(_PLAIN).strip())
    text = _bare(text, currency)
    if not sign:
        # The sign may stand between the currency's and the figures.
        text, sign = _signed(text)
    group, point = re.escape(marks.group), re.escape(marks.point)
    number = re.fullmatch(
        rf"\+?([0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]*)(?:{point}([0-9]*))?", text.strip()
    )
    if number is None or not (number[1] or number[2]):
        raise ValueError("amount")
    return sign or 1, number[1].replace(marks.group, ""), number[2] or ""


def _signed(text: str) -> tuple[str, int]:
    """What stands inside its sign, and 1 or -1; 0 if it has none."""
    if match := re.fullmatch(r"\((.+)\)|-\s*(.+)|(.+?)\s*-|(.+?)\s*DR\.?", text, re.IGNORECASE):
        return next(part for part in match.groups() if part is not None), -1
    if match := re.fullmatch(r"(.+?)\s*CR\.?", text, re.IGNORECASE):
        return match[1], 1
    return text, 0


def _bare(text: str, currency: str) -> str:
    try:
        return without_unit(text, currency)
    except BadAmount as problem:
        raise ValueError(problem.code) from problem


def _check(mapping: Mapping) -> None:
    """A mapping from the database or a form says something that can be read at all."""
    columns = mapping.columns
    has_two = Column.CREDIT in columns or Column.DEBIT in columns
    is_good = (
        mapping.encoding in ENCODINGS
        and mapping.delimiter in DELIMITERS
        and 0 <= mapping.skipped_rows <= ROWS_MAX
        and 0 <= mapping.footer_rows <= FOOTER_MAX
        and Column.BOOKED_DATE in columns
        and (Column.AMOUNT in columns) != has_two
        and not (has_two and Column.DIRECTION in columns)
        and all(0 <= place < COLUMNS_MAX for place in columns.values())
        and len(set(columns.values())) == len(columns)
    )
    if not is_good:
        raise BadStatement("mapping")


@dataclass(frozen=True, slots=True)
class _ReadRow:
    line: StatementLine
    balance_minor: int | None


class _Unread(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(slots=True)
class _Cells:
    """One row seen through the mapping; what is not understood gathers in `problems`."""

    row: Row
    mapping: Mapping
    problems: list[Problem] = field(default_factory=list)

    def text(self, column: Column) -> str:
        """The cell, tidy; empty if the mapping has no such column."""
        place = self.mapping.columns.get(column)
        if place is None:
            return ""
        if place >= len(self.row.cells):
            self.wrong(column, "columns")
            return ""
        text = tidy([self.row.cells[place]])
        if len(text) > TEXT_MAX:
            self.wrong(column, "long")
        return text

    def wrong(self, column: Column, code: str, typed: str = "") -> None:
        self.problems.append(Problem(self.row.number, column, code, typed[:60]))

    def read[T](self, column: Column, how: Callable[[str], T]) -> T | None:
        """The cell as `how` reads it, None if it is empty or wrong."""
        typed = self.text(column)
        if not typed:
            return None
        try:
            return how(typed)
        except ValueError as problem:
            self.wrong(column, str(problem), typed)
            return None

    def day(self, column: Column) -> date | None:
        return self.read(column, lambda typed: day_of(typed, self.mapping.date_form))

    def amount(self, column: Column) -> int | None:
        currency, marks = self.mapping.currency, self.mapping.marks
        return self.read(column, lambda typed: amount_of(typed, marks, currency))


def _read_row(cells: _Cells) -> _ReadRow:
    booked = cells.day(Column.BOOKED_DATE)
    amount_minor = _amount(cells)
    if booked is None and not cells.problems:
        cells.wrong(Column.BOOKED_DATE, "missing")
    currency = cells.text(Column.CURRENCY).upper()
    if currency not in {"", cells.mapping.currency}:
        cells.wrong(Column.CURRENCY, "currency", currency)
    value_date, balance = cells.day(Column.VALUE_DATE), cells.amount(Column.BALANCE)
    reference, text = _references(cells)
    bank_ref, other_name = cells.text(Column.BANK_REF), cells.text(Column.OTHER_NAME)
    other_account = _squeezed(cells.text(Column.OTHER_ACCOUNT))
    if cells.problems or booked is None or amount_minor is None:
        raise _Unread(cells.problems)
    line = StatementLine(
        row=cells.row.number,
        amount_minor=amount_minor,
        booked_date=booked,
        value_date=value_date,
        bank_ref=bank_ref,
        reference=reference,
        text=text,
        other_name=other_name,
        other_account=other_account,
    )
    return _ReadRow(line, balance)


def _references(cells: _Cells) -> tuple[str, str]:
    """The structured reference and the free text: banks put either into a "reference"."""
    typed = cells.text(Column.REFERENCE)
    reference = _squeezed(typed)
    if is_iso_11649(reference):
        return reference, cells.text(Column.TEXT)
    return "", tidy([cells.text(Column.TEXT), typed])


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text).upper()


def _amount(cells: _Cells) -> int | None:
    """The signed amount; of two columns exactly one says something (a zero says nothing)."""
    turned = -1 if cells.mapping.is_sign_turned else 1
    if Column.AMOUNT in cells.mapping.columns:
        amount = cells.amount(Column.AMOUNT)
        if amount is None and not cells.problems:
            cells.wrong(Column.AMOUNT, "missing")
        if amount is not None and Column.DIRECTION in cells.mapping.columns:
            amount = _directed(cells, amount)
        return None if amount is None else amount * turned
    credit, debit = cells.amount(Column.CREDIT), cells.amount(Column.DEBIT)
    if cells.problems:
        return None
    if credit and debit:
        cells.wrong(Column.DEBIT, "both", cells.text(Column.DEBIT))
        return None
    if credit is None and debit is None:
        cells.wrong(Column.CREDIT, "missing")
        return None
    # Some banks write what went out with a minus also in the column of what went out.
    return turned * (credit or -abs(debit or 0))


def _directed(cells: _Cells, amount_minor: int) -> int | None:
    """The amount with the sign that another column says; the two must not contradict each other."""
    typed = cells.text(Column.DIRECTION)
    sign = direction_of(typed)
    if not sign or (sign > 0 > amount_minor):
        cells.wrong(Column.DIRECTION, "direction" if typed else "missing", typed)
        return None
    return sign * abs(amount_minor)


def direction_of(typed: str) -> int:
    """1 for what came in, -1 for what went out, 0 if the word says neither."""
    word = typed.strip().casefold().rstrip(".")
    return 1 if word in CAME_IN else -1 if word in WENT_OUT else 0


def _oldest_first(rows: list[_ReadRow]) -> list[_ReadRow]:
    """Banks list from the oldest or from the newest; the days say which, else the balances do."""
    first, last = rows[0].line.booked_date, rows[-1].line.booked_date
    if first == last:
        is_newest_first = _break_in(rows) is not None and _break_in(rows[::-1]) is None
    else:
        is_newest_first = first > last
    return rows[::-1] if is_newest_first else rows


def _break_in(rows: Sequence[_ReadRow]) -> int | None:
    """The first row whose running balance does not follow from the one before it."""
    expected: int | None = None
    for row in rows:
        if expected is not None:
            expected += row.line.amount_minor
        if row.balance_minor is None:
            continue
        if expected not in {None, row.balance_minor}:
            return row.line.row
        expected = row.balance_minor
    return None


def _statement(
    rows: list[_ReadRow],
    mapping: Mapping,
    name: str,
    opening_minor: int | None,
    closing_minor: int | None,
) -> Statement:
    first, last = rows[0], rows[-1]
    if opening_minor is None and first.balance_minor is not None:
        opening_minor = first.balance_minor - first.line.amount_minor
    if closing_minor is None:
        closing_minor = last.balance_minor
    return Statement(
        name=name,
        account=mapping.account,
        currency=mapping.currency,
        opening=None if opening_minor is None else Balance(opening_minor, first.line.booked_date),
        closing=None if closing_minor is None else Balance(closing_minor, last.line.booked_date),
        lines=tuple(row.line for row in rows),
        broken_row=_break_in(rows),
    )
