"""Rows from a spreadsheet are understood as their owner meant them, or say why not."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core import sheet
from twinhood.giving.core.sheet import BadSheet, Column, DayOrder, Problem, Reading, ReadRow
from twinhood.giving.core.text import csv_cell

TODAY = date(2023, 9, 30)


def read(
    text: str,
    *,
    language: str = "en",
    currency: str = "USD",
    day_order: DayOrder = DayOrder.POINTS,
    columns: tuple[Column, ...] | None = None,
) -> list[ReadRow]:
    table = sheet.split_rows(text)
    guessed = sheet.columns_of(table.lines[0].cells)
    reading = Reading(
        columns=columns or guessed or (),
        has_header=columns is None,
        language=language,
        currency=currency,
        day_order=day_order,
        today=TODAY,
    )
    return sheet.read_rows(table, reading)


def problems(text: str, **how: object) -> list[Problem]:
    return [problem for row in read(text, **how) for problem in row.problems]  # type: ignore[arg-type]


def one_amount(typed: str, **how: object) -> int | str:
    """The amount read from a cell, or the code of why not."""
    (row,) = read(f'date\tamount\n2023-04-06\t"{typed}"', **how)  # type: ignore[arg-type]
    return row.gift.amount_minor if row.gift else row.problems[0].code


def one_date(typed: str, **how: object) -> date | str:
    (row,) = read(f"date;amount\n{typed};25", **how)  # type: ignore[arg-type]
    return row.gift.received_date if row.gift else row.problems[0].code


@pytest.mark.parametrize("mark", ["\t", ";", ","])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_cells_are_parted_by_tab_semicolon_or_comma(mark: str, end: str) -> None:
    lines = [["date", "amount", "name"], ["2023-04-06", "25.00", "Anna"]]

    (row,) = read(end.join(mark.join(cells) for cells in lines))

    assert row.gift is not None
    assert (row.gift.amount_minor, row.gift.name) == (2500, "Anna")


def test_headings_are_known_in_ukrainian_too() -> None:
    text = "Дата\tСума\tІм’я\tЕл. пошта\tКомісія\n06.04.2023\t1 250,50\tБорис\tb@example.org\t1,20"

    (row,) = read(text, language="uk")

    assert row.gift == sheet.RowGift(
        amount_minor=125050,
        received_date=date(2023, 4, 6),
        fee_minor=120,
        name="Борис",
        email="b@example.org",
    )


def test_quotes_keep_marks_line_ends_and_quotes() -> None:
    text = 'date,amount,name,note\n2023-04-06,"1,250.00","Boris ""B"" K.","first line\nsecond"'

    (row,) = read(text)

    assert row.gift is not None
    assert row.gift.amount_minor == 125000
    assert row.gift.name == 'Boris "B" K.'
    assert row.gift.note == "first line second"


@pytest.mark.parametrize(
    ("typed", "language", "currency", "understood"),
    [
        ("25", "en", "USD", 2500),
        ("25.5", "en", "USD", 2550),
        ("1,234.56", "en", "USD", 123456),
        ("$25.00", "en", "USD", 2500),
        ("25 USD", "en", "USD", 2500),
        ("1 234,56 грн", "uk", "UAH", 123456),
        ("€25", "en", "USD", "currency"),
        ("25 ₴", "uk", "USD", "currency"),
        ("25 EUR", "en", "USD", "currency"),
        ("US$25", "en", "EUR", "currency"),
        ("₹25", "en", "USD", "currency"),
        ("$$25", "en", "USD", "form"),
        ("1 234,56", "uk", "UAH", 123456),
        ("1\u00a0234,56", "uk", "UAH", 123456),
        ("25", "en", "JPY", 25),
        ("25.505", "en", "KWD", 25505),
        ("1.234,56", "en", "USD", "form"),
        ("1.234,56", "uk", "UAH", "form"),
        ("1,234.56", "uk", "UAH", "form"),
        ("1 234,56", "en", "USD", "form"),
        ("25,00", "en", "USD", "form"),
        ("١٢٣", "en", "USD", "form"),
        ("25.505", "en", "USD", "digits"),
        ("25.50", "en", "JPY", "digits"),
        ("0", "en", "USD", "zero"),
        ("0.00", "en", "USD", "zero"),
        ("-1", "en", "USD", "negative"),
        ("−0", "en", "USD", "negative"),
        ("", "en", "USD", "empty"),
        (" ", "en", "USD", "empty"),
        ("null", "en", "USD", "form"),
        ("NaN", "en", "USD", "form"),
        ("Infinity", "en", "USD", "form"),
        ("1e18", "en", "USD", "form"),
        ("2.51e1", "en", "USD", "form"),
        ("1e400", "en", "USD", "form"),
        ("9223372036854775808", "en", "USD", "large"),
        ("1" + "0" * 30, "en", "USD", "large"),
        ("=1+1", "en", "USD", "form"),
        ("#REF!", "en", "USD", "form"),
    ],
)
def test_an_amount_is_read_by_the_chosen_language_only(
    typed: str, language: str, currency: str, understood: int | str
) -> None:
    assert one_amount(typed, language=language, currency=currency) == understood


@pytest.mark.parametrize(
    ("typed", "day_order", "understood"),
    [
        ("2023-04-06", "day", date(2023, 4, 6)),
        ("2023/04/06", "month", date(2023, 4, 6)),
        ("2023-04-06 00:00:00", "day", date(2023, 4, 6)),
        ("06.04.2023", "day", date(2023, 4, 6)),
        ("6.4.2023", "day", date(2023, 4, 6)),
        ("4/6/2023", "month", date(2023, 4, 6)),
        ("6/4/2023", "slash", date(2023, 4, 6)),
        ("4/6/2023", "day", "slash"),
        ("13/6/2023", "month", "date"),
        ("6/13/2023", "slash", "date"),
        ("6 April 2023", "day", date(2023, 4, 6)),
        ("6-Apr-23", "day", date(2023, 4, 6)),
        ("Apr 6, 2023", "day", date(2023, 4, 6)),
        ("6 квітня 2023 р.", "day", date(2023, 4, 6)),
        ("6 Aprilis 2023", "day", "date"),
        ("2023-04-06 18:22", "day", "date"),
        ("2023-02-30", "day", "date"),
        ("45022", "day", "date"),
        ("06.04.23", "day", "date"),
        ("٠٦.٠٤.٢٠٢٣", "day", "date"),
        ("2023-10-01", "day", "future"),
        ("9999-12-31", "day", "future"),
        ("1923-04-06", "day", "old"),
        ("", "day", "date"),
    ],
)
def test_a_day_is_never_guessed(typed: str, day_order: str, understood: date | str) -> None:
    assert one_date(typed, day_order=DayOrder(day_order)) == understood


def test_cells_are_parted_by_the_mark_of_most_rows() -> None:
    titled = "Gifts, September\t\t\ndate\tname\tamount\n2023-09-14\tAnna\t25\n"

    table = sheet.split_rows(titled)

    assert table.delimiter == "\t"
    assert sheet.heading_place(table) == 1


def test_a_problem_names_its_row_and_column() -> None:
    text = "date;amount;email\n2023-04-06;25;a@example.org\n\n2023-04-06;x;nobody\n;;"

    rows = read(text)

    assert [(row.number, row.gift is not None) for row in rows] == [(2, True), (4, False)]
    assert rows[1].problems == (
        Problem(Column.AMOUNT, "form", "x"),
        Problem(Column.EMAIL, "email", "nobody"),
    )


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("25;2023-04-06;;;;;25", Column.FEE, "fee"),
        ("25;2023-04-06;;;;EUR;", Column.CURRENCY, "currency"),
        ("25;2023-04-06;;;maybe;;", Column.SHOWS_NAME, "yes_no"),
        ("25;2023-04-06;;;yes;;", Column.NAME, "nameless"),
        ("25;2023-04-06;An\x00na;;;;", Column.NAME, "control"),
        ("25;2023-04-06;An\x1bna;;;;", Column.NAME, "control"),
        ("25;2023-04-06;An\ufffdna;;;;", Column.NAME, "unreadable"),
        (f"25;2023-04-06;A{'\u0301' * 40};;;;", Column.NAME, "marks"),
        (f"25;2023-04-06;{'A' * 201};;;;", Column.NAME, "long"),
        ("25;2023-04-06;;;;;;more", Column.SKIP, "cells"),
    ],
)
def test_a_row_that_cannot_be_meant_is_refused(row: str, column: Column, code: str) -> None:
    heading = "amount;date;name;email;show name;currency;fee"

    found = problems(f"{heading}\n{row}")

    assert [(p.column, p.code) for p in found] == [(column, code)]


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\u202eannA", "<script>"])
def test_odd_text_is_kept_as_text(text: str) -> None:
    (row,) = read(f"date;amount;name\n2023-04-06;25;{text}")

    assert row.gift is not None
    assert row.gift.name == text


@pytest.mark.parametrize(
    ("text", "code", "number"),
    [
        ("", "empty", 0),
        (" \n \n", "empty", 0),
        ("date;amount", "empty", 0),
        ("amount\n25", "one_column", 1),
        ('date;amount;name\n2023-04-06;25;"Anna', "quote", 2),
        ('date;amount;name\n2023-04-06;25;"An"na', "quote", 2),
        ("a;" * 21, "columns", 1),
        ("x" * (sheet.BYTES_MAX + 1), "bytes", 0),
        ("я" * (sheet.BYTES_MAX // 2 + 1), "bytes", 0),
        ("date;amount\n" + "2023-04-06;1\n" * 2_001, "rows", 2_002),
        (f'date;amount\n2023-04-06;"{"1" * 140_000}"', "quote", 2),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(text: str, code: str, number: int) -> None:
    with pytest.raises(BadSheet) as refused:
        read(text)

    assert (refused.value.code, refused.value.number) == (code, number)


def test_two_thousand_rows_are_read() -> None:
    rows = read("date;amount\n" + "2023-04-06;1\n" * 2_000)

    assert sum(row.gift.amount_minor for row in rows if row.gift) == 200_000


def test_without_headings_the_columns_are_chosen() -> None:
    table = sheet.split_rows("Anna;25;2023-04-06")
    assert sheet.columns_of(table.lines[0].cells) is None

    (row,) = read("Anna;25;2023-04-06", columns=(Column.NAME, Column.AMOUNT, Column.DATE))

    assert row.gift is not None
    assert (row.gift.name, row.gift.amount_minor) == ("Anna", 2500)


def test_a_column_that_is_needed_and_not_chosen_is_named() -> None:
    found = problems("Anna;25", columns=(Column.NAME, Column.AMOUNT))

    assert found == [Problem(Column.DATE, "missing")]


@given(st.text(max_size=400))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    try:
        rows = read(text, columns=(Column.AMOUNT, Column.DATE, Column.NAME))
    except BadSheet:
        return

    assert all((row.gift is None) == bool(row.problems) for row in rows)


@given(st.text(max_size=60))
def test_no_cell_of_an_exported_csv_is_a_formula(text: str) -> None:
    cell = csv_cell(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert not set(cell) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
