"""What a bank's CSV seems to be, shown to a person who confirms it. Nothing is decided here."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import BinaryIO

from twinhood.kit.money import CURRENCIES
from twinhood.treasury.core.csv_rows import (
    DELIMITERS,
    ENCODINGS,
    Row,
    bytes_of,
    decoded,
    marked_encoding,
    rows_in,
)
from twinhood.treasury.core.csv_statement import (
    FOOTER_MAX,
    Column,
    DateForm,
    Marks,
    amount_of,
    day_of,
    direction_of,
    figures_of,
)
from twinhood.treasury.core.statement import BadStatement, tidy

PREVIEW_ROWS = 12
_SAMPLE_ROWS = 500
_HEADINGS_WITHIN = 30
_SAMPLE_BYTES = 64 * 1024
_AMOUNTS = (Column.AMOUNT, Column.CREDIT, Column.DEBIT, Column.BALANCE)
_HOMELY = frozenset(
    "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэёъ"
    "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЬЮЯЫЭЁЪ"
    "äöüßÄÖÜéèêàâçôûñóáíúąćęłńóśźżĄĆĘŁŃÓŚŹŻ«»„“”’–—№€£§°\u00a0"
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file seems to be.

    `encodings` can all read it, the likeliest first; only a mark at its beginning, or plain ASCII,
    makes `is_encoding_sure`. `rows` are its beginning, read by the first. `heading_row` is the
    place (from 0) of the row that names the columns, None if none does. All `date_forms` and
    `marks` fit every cell of their columns: where there are several, only a person knows, unless
    all `marks` read the same figures (`are_marks_clear`). `footers` are the last rows, without a
    day: sums, mostly. `currency` is the one that the file names, "" if it names none or several.
    """

    encodings: tuple[str, ...]
    is_encoding_sure: bool
    delimiter: str
    rows: tuple[Row, ...]
    heading_row: int | None
    columns: dict[Column, int]
    date_forms: tuple[DateForm, ...]
    marks: tuple[Marks, ...]
    are_marks_clear: bool
    footers: tuple[Row, ...]
    currency: str


HEADINGS: dict[Column, frozenset[str]] = {
    Column.BOOKED_DATE: frozenset(
        {"date", "booking date", "booked", "posting date", "transaction date", "post date",
         "buchungstag", "buchungsdatum", "datum", "transaction posted date",
         "completed date", "posted date", "дата",
         "дата операції", "дата проведення", "дата документа",
         "дата і час операції", "дата та час операції"}
    ),
    Column.VALUE_DATE: frozenset({"value date", "valuta", "valutadatum", "wertstellung",
         "дата валютування"}),
    Column.AMOUNT: frozenset(
        {"amount", "sum", "betrag", "umsatz", "сума", "сума операції", "сума у валюті рахунку",
         "сума в валюті картки", "сума в валюті рахунку", "amount in account currency"}
    ),
    Column.CREDIT: frozenset(
        {"credit", "credits", "paid in", "money in", "deposit", "deposits", "haben",
         "gutschrift", "кредит",
         "надходження", "зарахування"}
    ),
    Column.DEBIT: frozenset(
        {"debit", "debits", "paid out", "money out", "withdrawal", "withdrawals", "soll",
         "belastung", "lastschrift", "дебет",
         "видатки", "списання"}
    ),
    Column.DIRECTION: frozenset(
        {"dr/cr", "cr/dr", "d/c", "c/d", "debit/credit", "credit/debit", "soll/haben", "s/h",
         "debit or credit", "credit debit indicator", "direction", "type", "transaction type",
         "дт/кт", "дебет/кредит", "тип", "тип операції"}
    ),
    Column.BALANCE: frozenset(
        {"balance", "running balance", "running bal", "account balance", "saldo", "kontostand",
         "залишок", "баланс",
         "залишок після операції"}
    ),
    Column.CURRENCY: frozenset({"currency", "ccy", "währung", "waehrung", "валюта"}),
    Column.BANK_REF: frozenset(
        {"bank reference", "transaction id", "transferwise id", "fitid", "transaction number",
         "id", "номер документа",
         "№ документа", "№ док", "референс"}
    ),
    Column.REFERENCE: frozenset({"reference", "payment reference", "creditor reference"}),
    Column.TEXT: frozenset(
        {"description", "details", "text", "purpose", "memo", "narrative",
         "remittance information", "verwendungszweck", "призначення", "призначення платежу",
         "опис", "опис операції", "деталі операції"}
    ),
    Column.OTHER_NAME: frozenset(
        {"name", "payer", "counterparty", "counterparty name", "payee", "beneficiary",
         "payer name", "beguenstigter/zahlungspflichtiger", "auftraggeber/empfänger",
         "name zahlungsbeteiligter", "контрагент",
         "платник", "назва контрагента", "кореспондент", "найменування контрагента"}
    ),
    Column.OTHER_ACCOUNT: frozenset(
        {"iban", "kontonummer/iban", "iban zahlungsbeteiligter", "counterparty account",
         "counterparty iban", "account number",
         "рахунок контрагента", "рахунок кореспондента"}
    ),
}  # fmt: skip


def look(stream: BinaryIO, *, encoding: str = "", delimiter: str = "") -> Look:
    """What the file seems to be; with `encoding` and `delimiter` as a person chose them from an
    earlier look.

    Raises BadStatement: bytes, empty, encoding (none can read it), nul, long, rows, columns, quote.
    """
    data = bytes_of(stream)
    encodings, is_sure = encodings_of(data)
    if not encodings:
        raise BadStatement("encoding", 1)
    text = decoded(data, encoding or encodings[0])
    delimiter = delimiter or _delimiter_of(text)
    rest = rows_in(text, delimiter)
    rows = list(islice(rest, _SAMPLE_ROWS))
    heading_row, columns = _headings_in(rows[:_HEADINGS_WITHIN])
    body = rows if heading_row is None else rows[heading_row + 1 :]
    footers = _footers_in([*body[-FOOTER_MAX - 1 :], *_tail(rest)], columns)
    body = [row for row in body if row not in footers]
    columns = _without_idle_direction(columns, body)
    amounts = _cells(body, columns, _AMOUNTS)
    marks = marks_of(amounts)
    return Look(
        encodings=encodings,
        is_encoding_sure=is_sure,
        delimiter=delimiter,
        rows=tuple(rows[:PREVIEW_ROWS]),
        heading_row=heading_row,
        columns=columns,
        date_forms=date_forms_of(_cells(body, columns, [Column.BOOKED_DATE])),
        marks=marks,
        are_marks_clear=len({tuple(_figures(c, one) for c in amounts) for one in marks}) == 1,
        footers=footers,
        currency=_currency_in(rows, heading_row, columns, body),
    )


def _tail(rest: Iterator[Row]) -> Iterable[Row]:
    """The last rows of the file; none if something on the way to them cannot be read."""
    try:
        return deque(rest, FOOTER_MAX + 1)
    except BadStatement:
        return ()


def _footers_in(rows: Sequence[Row], columns: dict[Column, int]) -> tuple[Row, ...]:
    """The last rows that hold something, and no figure where the day should stand."""
    found: list[Row] = []
    place = columns.get(Column.BOOKED_DATE)
    if place is None:
        return ()
    for row in reversed(rows):
        cell = row.cells[place] if place < len(row.cells) else ""
        if any(mark.isdigit() for mark in cell):
            return tuple(reversed(found)) if len(found) <= FOOTER_MAX else ()
        if not row.is_empty:
            found.append(row)
    return ()


def _without_idle_direction(columns: dict[Column, int], body: Iterable[Row]) -> dict[Column, int]:
    """Leave the direction out where its words say none, or the amounts have signs already."""
    if Column.DIRECTION not in columns:
        return columns
    rows = list(body)
    words = _cells(rows, columns, [Column.DIRECTION])
    amounts = _cells(rows, columns, [Column.AMOUNT])
    is_signed = any(re.search(r"[-−(]", cell) for cell in amounts)
    if words and amounts and all(map(direction_of, words)) and not is_signed:
        return columns
    return {column: place for column, place in columns.items() if column != Column.DIRECTION}


def _currency_in(
    rows: Sequence[Row], heading_row: int | None, columns: dict[Column, int], body: Iterable[Row]
) -> str:
    """As its own column says, or the headings of the amounts: "Amount (EUR)"."""
    said = {cell.strip().upper() for cell in _cells(body, columns, [Column.CURRENCY])}
    if not said and heading_row is not None:
        cells = rows[heading_row].cells
        heads = " ".join(cells[columns[c]] for c in _AMOUNTS if c in columns)
        said = {code for code in CURRENCIES if re.search(rf"\b{code}\b", heads)}
    return said.pop() if len(said) == 1 and said <= set(CURRENCIES) else ""


def encodings_of(data: bytes) -> tuple[tuple[str, ...], bool]:
    """Encodings that can read all of `data`, the likeliest first, and whether there is no doubt."""
    marked = marked_encoding(data)
    if marked:
        return tuple(e for e in (marked,) if _can_read(data, e)), True
    if b"\x00" in data:
        # UTF-16 without its mark, or no text at all: a person sees which.
        return tuple(e for e in ("utf-16",) if _can_read(data, e)), False
    if data.isascii():
        return ("utf-8",), True
    fitting = [e for e in ENCODINGS if e != "utf-16" and _can_read(data, e)]
    return tuple(sorted(fitting, key=_oddness_in(data))), False


def _can_read(data: bytes, encoding: str) -> bool:
    try:
        return "\x00" not in data.decode(encoding)
    except UnicodeDecodeError:
        return False


def _oddness_in(data: bytes) -> Callable[[str], int]:
    """How unlike our languages the beginning looks; what is valid UTF-8 hardly ever is another."""
    sample = data[:_SAMPLE_BYTES]

    def oddness(encoding: str) -> int:
        return -1 if encoding == "utf-8" else _oddness(sample.decode(encoding, "replace"))

    return oddness


def _oddness(text: str) -> int:
    strange = sum(1 for c in text if not c.isascii() and c not in _HOMELY)
    return strange + sum(1 for left, right in pairwise(text) if _is_odd_pair(left, right))


def _is_odd_pair(left: str, right: str) -> bool:
    """Letters of two scripts side by side, or a capital after a small letter."""
    if not (left.isalpha() and right.isalpha()) or (left.isascii() and right.isascii()):
        return False
    return (left > "\u0400") != (right > "\u0400") or (left.islower() and right.isupper())


def _delimiter_of(text: str) -> str:
    """The mark that parts most lines into equally many cells, at least two."""
    lines = [line for line in text[:_SAMPLE_BYTES].splitlines()[:50] if line.strip()]
    if not lines:
        raise BadStatement("empty")

    def evenness(mark: str) -> tuple[int, int]:
        counts = [line.count(mark) for line in lines if mark in line]
        usual = max(set(counts), key=counts.count, default=0)
        return counts.count(usual), usual

    return max(DELIMITERS, key=evenness)


def _headings_in(rows: Sequence[Row]) -> tuple[int | None, dict[Column, int]]:
    """The first row with a day and an amount among its headings; a heading counts once."""
    for place, row in enumerate(rows):
        columns: dict[Column, int] = {}
        for index, cell in enumerate(row.cells):
            word = _heading(cell)
            named = next((c for c, words in HEADINGS.items() if word in words), None)
            if named is not None:
                columns.setdefault(named, index)
        if Column.AMOUNT in columns:
            # One signed column is enough, and two more would contradict it.
            columns.pop(Column.CREDIT, None)
            columns.pop(Column.DEBIT, None)
        else:
            columns.pop(Column.DIRECTION, None)
        if Column.BOOKED_DATE in columns and columns.keys() & set(_AMOUNTS[:3]):
            return place, columns
    return None, {}


def _heading(cell: str) -> str:
    """A heading as it is compared; a Latin i among Cyrillic letters is what one bank writes."""
    word = tidy([cell]).casefold().strip(" .:").replace("’", "'")
    word = word.partition("(")[0].partition(",")[0].strip()
    return word.replace("i", "і") if re.search("[а-яєіїґ]", word) else word


def _cells(rows: Iterable[Row], columns: dict[Column, int], wanted: Iterable[Column]) -> list[str]:
    places = [columns[column] for column in wanted if column in columns]
    found = [row.cells[place] for row in rows for place in places if place < len(row.cells)]
    return [cell for cell in found if cell.strip()]


def date_forms_of(cells: Sequence[str]) -> tuple[DateForm, ...]:
    """All forms in which every one of `cells` is a day; none if there is no cell."""
    return tuple(form for form in DateForm if cells and all(_fits_day(c, form) for c in cells))


def marks_of(cells: Sequence[str]) -> tuple[Marks, ...]:
    """All ways in which every one of `cells` is an amount; none if there is no cell."""
    return tuple(marks for marks in Marks if cells and all(_fits_amount(c, marks) for c in cells))


def _fits_day(cell: str, form: DateForm) -> bool:
    try:
        day_of(cell, form)
    except ValueError:
        return False
    return True


def _fits_amount(cell: str, marks: Marks) -> bool:
    return any(_is_amount(cell, marks, currency) for currency in CURRENCIES)


def _figures(cell: str, marks: Marks) -> tuple[int, str, str]:
    """What a cell says when it is read so, without its unit."""
    for currency in CURRENCIES:
        try:
            sign, whole, fraction = figures_of(cell, marks, currency)
        except ValueError:
            continue
        return sign, whole.lstrip("0"), fraction.rstrip("0")
    return 0, "", ""


def _is_amount(cell: str, marks: Marks, currency: str) -> bool:
    """Whether it is written as an amount; how many digits are too many is another question."""
    try:
        amount_of(cell, marks, currency)
    except ValueError as problem:
        return str(problem) == "digits"
    return True
