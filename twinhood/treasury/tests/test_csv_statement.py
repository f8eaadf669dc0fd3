"""A bank’s CSV is read as a person said, exactly; what does not fit is named, never guessed."""

from datetime import date
from io import BytesIO, RawIOBase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.giving.core.reference import reference_for
from twinhood.treasury.core import csv_rows
from twinhood.treasury.core.csv_look import date_forms_of, encodings_of, look, marks_of
from twinhood.treasury.core.csv_statement import (
    PROBLEMS_MAX,
    BadRows,
    Column,
    DateForm,
    Mapping,
    Marks,
    Problem,
    amount_of,
    day_of,
    read,
)
from twinhood.treasury.core.statement import BadStatement, Hold, Reason, Statement, holds

ANNAS = reference_for(4711)
UKRAINIAN = (
    "Виписка за вересень 2023;;;;;\r\n"
    "Дата операції;Контрагент;Призначення платежу;Дебет;Кредит;Залишок\r\n"
    "14.09.2023;Анна Коваленко;Благодійний внесок " + ANNAS + ";;1 250,50;11 250,50\r\n"
    '15.09.2023;"ТОВ ""Світло""";Комісія банку;"1,20";;11 249,30\r\n'
    "\r\n"
)
OF_UKRAINIAN = Mapping(
    encoding="cp1251",
    delimiter=";",
    skipped_rows=2,
    columns={
        Column.BOOKED_DATE: 0,
        Column.OTHER_NAME: 1,
        Column.TEXT: 2,
        Column.DEBIT: 3,
        Column.CREDIT: 4,
        Column.BALANCE: 5,
    },
    date_form=DateForm.DAY_FIRST,
    marks=Marks.SPACE_COMMA,
    account="UA213223130000026007233566001",
    currency="UAH",
)
SIMPLE = Mapping(
    encoding="utf-8",
    delimiter=",",
    skipped_rows=1,
    columns={Column.BOOKED_DATE: 0, Column.AMOUNT: 1, Column.TEXT: 2},
    date_form=DateForm.YEAR_FIRST,
    marks=Marks.COMMA_POINT,
    account="00123456",
    currency="USD",
)


def read_text(text: str, mapping: Mapping = SIMPLE, **balances: int) -> Statement:
    data = text.encode(mapping.encoding)
    return read(BytesIO(data), mapping, **balances)  # type: ignore[arg-type]


def changed(mapping: Mapping, **changes: object) -> Mapping:
    facts = {name: getattr(mapping, name) for name in Mapping.__slots__}
    return Mapping(**{**facts, **changes})


def problems_of(text: str, mapping: Mapping = SIMPLE) -> tuple[Problem, ...]:
    with pytest.raises(BadRows) as refusal:
        read_text(text, mapping)
    return refusal.value.problems


def refusal_of(data: bytes, mapping: Mapping = SIMPLE) -> str:
    with pytest.raises(BadStatement) as refusal:
        read(BytesIO(data), mapping)
    return refusal.value.code


def test_a_ukrainian_statement_is_read_by_its_mapping() -> None:
    statement = read_text(UKRAINIAN, OF_UKRAINIAN)

    anna, fee = statement.lines
    assert (anna.amount_minor, anna.booked_date, anna.row) == (125_050, date(2023, 9, 14), 3)
    assert (anna.other_name, anna.text) == ("Анна Коваленко", f"Благодійний внесок {ANNAS}")
    assert (fee.amount_minor, fee.other_name) == (-120, 'ТОВ "Світло"')
    assert statement.opening is not None
    assert (statement.opening.amount_minor, holds(statement)) == (1_000_000, ())


def test_the_same_file_from_the_newest_gives_the_same_lines() -> None:
    head, columns, first, second, *_ = UKRAINIAN.split("\r\n")

    turned = read_text("\r\n".join([head, columns, second, first]), OF_UKRAINIAN)

    amounts = [line.amount_minor for line in turned.lines]
    assert amounts == [125_050, -120]
    assert holds(turned) == ()


def test_of_one_day_the_running_balance_tells_the_order() -> None:
    mapping = changed(SIMPLE, columns={**SIMPLE.columns, Column.BALANCE: 3})
    text = "h\n2023-09-14,3.00,c,16.00\n2023-09-14,2.00,b,13.00\n2023-09-14,1.00,a,11.00\n"

    statement = read_text(text, mapping)

    assert [line.text for line in statement.lines] == ["a", "b", "c"]
    assert holds(statement) == ()


def test_a_missing_line_shows_in_the_running_balance() -> None:
    text = UKRAINIAN.replace("11 249,30", "11 000,00")

    statement = read_text(text, OF_UKRAINIAN)

    assert Hold(Reason.RUNNING, row=4) in holds(statement)
    assert Hold(Reason.BALANCE, 1_124_930, 1_100_000) in holds(statement)


def test_balances_come_from_paper_where_the_file_has_none() -> None:
    text = "date,amount,text\n2023-09-14,25.00,gift\n"

    assert holds(read_text(text)) == (Hold(Reason.NO_BALANCE),)
    assert holds(read_text(text, opening_minor=100, closing_minor=2600)) == ()
    assert holds(read_text(text, opening_minor=100, closing_minor=2601)) == (
        Hold(Reason.BALANCE, 2600, 2601),
    )


def test_a_structured_reference_is_kept_and_any_other_is_text() -> None:
    mapping = changed(SIMPLE, columns={**SIMPLE.columns, Column.REFERENCE: 3})
    text = f"h\n2023-09-14,25.00,gift,{ANNAS.lower()}\n2023-09-14,25.00,gift,Anna K\n"

    first, second = read_text(text, mapping).lines

    assert (first.reference, first.text) == (ANNAS, "gift")
    assert (second.reference, second.text) == ("", "gift Anna K")


def test_a_bank_that_writes_income_as_negative_is_turned() -> None:
    mapping = changed(SIMPLE, is_sign_turned=True)

    (line,) = read_text("h\n2023-09-14,-25.00,gift\n", mapping).lines

    assert line.amount_minor == 2500


@pytest.mark.parametrize(
    ("typed", "marks", "amount_minor"),
    [
        ("1,234.56", Marks.COMMA_POINT, 123_456),
        ("1234.5", Marks.COMMA_POINT, 123_450),
        ("-1.234,56", Marks.POINT_COMMA, -123_456),
        ("1.234.567,8", Marks.POINT_COMMA, 123_456_780),
        ("1\u00a0234,56", Marks.SPACE_COMMA, 123_456),
        ("1\u202f234,56", Marks.SPACE_COMMA, 123_456),
        ("+25,00", Marks.SPACE_COMMA, 2500),
        ("−25,00", Marks.SPACE_COMMA, -2500),
        ("25,00-", Marks.SPACE_COMMA, -2500),
        ("(25.00)", Marks.COMMA_POINT, -2500),
        ("1’234.56", Marks.APOSTROPHE_POINT, 123_456),
        ("1 234.56", Marks.SPACE_POINT, 123_456),
        ("25.000", Marks.COMMA_POINT, 2500),
        ("$1,025.00", Marks.COMMA_POINT, 102_500),
        ("-$25.00", Marks.COMMA_POINT, -2500),
        ("($25.00)", Marks.COMMA_POINT, -2500),
        ("25,00 USD", Marks.POINT_COMMA, 2500),
    ],
)
def test_amounts_are_read_by_their_marks(typed: str, marks: Marks, amount_minor: int) -> None:
    assert amount_of(typed, marks, "USD") == amount_minor


@pytest.mark.parametrize(
    ("typed", "marks", "code"),
    [
        ("1.234,56", Marks.COMMA_POINT, "amount"),
        ("1,23", Marks.COMMA_POINT, "amount"),
        ("12,34.56", Marks.COMMA_POINT, "amount"),
        ("1234,56.7", Marks.COMMA_POINT, "amount"),
        ("25.001", Marks.COMMA_POINT, "digits"),
        ("€25", Marks.COMMA_POINT, "currency"),
        ("$$25", Marks.COMMA_POINT, "amount"),
        ("25 грн", Marks.COMMA_POINT, "currency"),
        ("1e3", Marks.COMMA_POINT, "amount"),
        ("--5", Marks.COMMA_POINT, "amount"),
        ("-5-", Marks.COMMA_POINT, "amount"),
        ("()", Marks.COMMA_POINT, "amount"),
        (".", Marks.COMMA_POINT, "amount"),
        ("٢٥", Marks.COMMA_POINT, "amount"),
        ("=1+1", Marks.COMMA_POINT, "amount"),
        ("9" * 18, Marks.COMMA_POINT, "large"),
        ("9" * 90, Marks.COMMA_POINT, "large"),
        ("a" + " " * 60_000 + "b", Marks.COMMA_POINT, "amount"),
    ],
)
def test_an_amount_in_other_marks_is_refused(typed: str, marks: Marks, code: str) -> None:
    with pytest.raises(ValueError, match=f"^{code}$"):
        amount_of(typed, marks, "USD")


@given(st.integers(-(10**15), 10**15), st.sampled_from(Marks))
def test_every_amount_written_is_the_amount_read(amount_minor: int, marks: Marks) -> None:
    whole, cents = divmod(abs(amount_minor), 100)
    written = f"{whole:,}".replace(",", marks.group) + f"{marks.point}{cents:02d}"

    assert amount_of("-" * (amount_minor < 0) + written, marks, "EUR") == amount_minor


@pytest.mark.parametrize("form", DateForm)
def test_every_form_of_a_day_reads_its_own_example(form: DateForm) -> None:
    assert day_of(form.value, form) == date(2023, 9, 14)
    assert day_of(f" {form.value} 23:59:59 ", form) == date(2023, 9, 14)


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("2023-02-29", DateForm.YEAR_FIRST),
        ("14.09.0023", DateForm.DAY_FIRST),
        ("14.09.23", DateForm.DAY_FIRST),
        ("13/14/2023", DateForm.MONTH_FIRST),
        ("14/13/2023", DateForm.DAY_FIRST_SLASHES),
        ("45183", DateForm.YEAR_FIRST_BARE),
        ("", DateForm.YEAR_FIRST),
    ],
)
def test_a_day_in_another_form_is_refused(typed: str, form: DateForm) -> None:
    with pytest.raises(ValueError, match=r"^date$"):
        day_of(typed, form)


def test_every_row_that_does_not_fit_is_named() -> None:
    text = (
        "h,h,h\n2023-09-14,25.00,a\n14.09.2023,25.00,b\n2023-09-14,25,5,c\n2023-09-15,,d\n,1,e\nx\n"
    )

    found = problems_of(text)

    assert [(problem.row, problem.column, problem.code) for problem in found] == [
        (3, Column.BOOKED_DATE, "date"),
        (5, Column.AMOUNT, "missing"),
        (6, Column.BOOKED_DATE, "missing"),
        (7, Column.BOOKED_DATE, "date"),
        (7, Column.AMOUNT, "columns"),
        (7, Column.TEXT, "columns"),
    ]


def test_a_file_of_another_shape_names_only_the_first_problems() -> None:
    assert len(problems_of("h\n" + "x,y,z\n" * 1000)) == PROBLEMS_MAX


def test_money_cannot_come_in_and_go_out_in_one_row() -> None:
    mapping = changed(OF_UKRAINIAN, encoding="utf-8", skipped_rows=0)

    assert problems_of("14.09.2023;a;b;1,00;2,00;\n", mapping)[0].code == "both"
    assert problems_of("14.09.2023;a;b;;;\n", mapping)[0].code == "missing"
    zero = read_text("14.09.2023;a;b;0,00;2,00;\n14.09.2023;a;b;-3,00;;\n", mapping)
    assert [line.amount_minor for line in zero.lines] == [200, -300]


def test_another_currency_in_a_row_is_refused() -> None:
    mapping = changed(SIMPLE, columns={**SIMPLE.columns, Column.CURRENCY: 3})

    assert problems_of("h\n2023-09-14,25.00,a,EUR\n", mapping)[0].code == "currency"
    assert len(read_text("h\n2023-09-14,25.00,a,usd\n", mapping).lines) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind_also_inside_quotes(end: str) -> None:
    text = end.join(["h,h,h", '2023-09-14,"1,025.00","first', 'second"', "2023-09-15,1,x", ""])

    first, second = read_text(text).lines

    assert (first.amount_minor, first.text, second.row) == (102_500, "first second", 4)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"date,amount,text\n", "empty"),
        (b'h\n2023-09-14,1,"never closed\n' + b"2023-09-15,1,x\n" * 3000, "quote"),
        (b'h\n2023-09-14,1,"never closed\n' + b"2023-09-15,1,x\n" * 9000, "long"),
        (b'h\n2023-09-14,1,"a"b\n', "quote"),
        (b"h\n" + b"x" * 10_000_000, "long"),
        (b"h\n2023-09-14,1,a\x00b\n", "nul"),
        (b"h\n2023-09-14,1,\xe0\xed\xed\xe0\n", "encoding"),
        ("h\n2023-09-14,1,a\n".encode("utf-16"), "encoding"),
        (b"h\n" + b"," * 100 + b"\n", "columns"),
        (b"\n" * 60_000, "empty"),
        (b"h\n" + b"2023-09-14,1,x\n" * 50_001, "rows"),
    ],
)  # fmt: skip
def test_hostile_files_are_refused_within_their_bounds(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


def test_where_a_quote_opens_that_never_closes_is_named() -> None:
    with pytest.raises(BadStatement) as refusal:
        read_text('h\n2023-09-14,1,x\n2023-09-15,1,"y\n2023-09-16,1,z\n')

    assert (refusal.value.code, refusal.value.row) == ("quote", 3)


def test_a_file_of_a_gigabyte_is_not_read_to_its_end() -> None:
    class Gigabyte(RawIOBase):
        given_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.given_bytes += size
            return b"x" * size

    stream = Gigabyte()

    with pytest.raises(BadStatement) as refusal:
        read(stream, SIMPLE)  # type: ignore[arg-type]

    assert refusal.value.code == "bytes"
    assert stream.given_bytes == csv_rows.BYTES_MAX + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"encoding": "idna"},
        {"delimiter": "x"},
        {"skipped_rows": -1},
        {"columns": {Column.BOOKED_DATE: 0}},
        {"columns": {Column.AMOUNT: 0}},
        {"columns": {Column.BOOKED_DATE: 0, Column.AMOUNT: 0}},
        {"columns": {Column.BOOKED_DATE: 0, Column.AMOUNT: 1, Column.CREDIT: 2}},
        {"columns": {Column.BOOKED_DATE: 0, Column.AMOUNT: 999}},
    ],
)
def test_a_mapping_that_cannot_be_is_refused(changes: dict[str, object]) -> None:
    assert refusal_of(b"h\n2023-09-14,1,x\n", changed(SIMPLE, **changes)) == "mapping"


OTHERS = {
    "an American bank's": (
        "Account,Checking\n\nDate,Description,Amount,Running Bal.\n"
        '09/14/2023,"ZELLE ANNA K","$1,025.00","1,125.00"\n09/15/2023,FEE,"-$25.00","1,100.00"\n'
    ),
    "a German bank's": (
        '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";'
        '"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"Betrag";"Waehrung"\n'
        '"DE89";"14.09.23";"14.09.23";"GUTSCHR";"SPENDE";"Anna K";"DE02";"1.025,00";"EUR"\n'
        '"DE89";"15.09.23";"15.09.23";"ENTGELT";"Gebühr";"";"";"-25,00";"EUR"\n'
    ),
    "a British bank's": (
        "Date,Type,Description,Paid out,Paid in,Balance\n"
        '14 Sep 2023,FPI,ANNA K,,"£1,025.00","£1,125.00"\n15 Sep 2023,CHG,FEE,£25.00,,"£1,100.00"\n'
    ),
    "a Ukrainian card's": (
        '"Дата і час операції","Деталі операції",MCC,"Сума в валюті картки (UAH)",'
        '"Залишок після операції"\n'
        '"14.09.2023 10:00:00","Від: Анна К",4829,1025.0,1125.0\n'
        '"15.09.2023 11:00:00","Комісія",4829,-25.0,1100.0\n'
    ),
}


@pytest.mark.parametrize(
    ("bank", "currency"), list(zip(OTHERS, ["USD", "EUR", "GBP", "UAH"], strict=True))
)
def test_what_a_look_suggests_reads_files_of_other_banks(bank: str, currency: str) -> None:
    data = OTHERS[bank].encode()
    found = look(BytesIO(data))
    assert found.heading_row is not None
    mapping = Mapping(
        found.encodings[0], found.delimiter, found.heading_row + 1, found.columns,
        found.date_forms[0], found.marks[0], "1", currency,
    )  # fmt: skip

    statement = read(BytesIO(data), mapping)

    assert [line.amount_minor for line in statement.lines] == [102_500, -2500]
    assert [line.booked_date.day for line in statement.lines] == [14, 15]
    assert statement.lines[0].text
    assert statement.broken_row is None


# --- what a file seems to be


@pytest.mark.parametrize(
    ("data", "encodings", "is_sure"),
    [
        (b"Date;Amount\n", ("utf-8",), True),
        ("\ufeffДата;Сума\n".encode(), ("utf-8",), True),
        ("Дата;Сума\n".encode("utf-16"), ("utf-16",), True),
        ("Дата;Сума\n".encode("utf-16-le"), ("utf-16",), False),
        (b"\xef\xbb\xbf\xff", (), True),
    ],
)
def test_a_mark_or_plain_letters_leave_no_doubt(
    data: bytes, encodings: tuple[str, ...], is_sure: bool
) -> None:
    assert encodings_of(data) == (encodings, is_sure)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-u", "cp1252"])
def test_without_a_mark_the_likeliest_comes_first_and_is_never_sure(encoding: str) -> None:
    text = "Überweisung für Müller" if encoding == "cp1252" else "Благодійний внесок, Їжак Ґудзь"

    encodings, is_sure = encodings_of(text.encode(encoding))

    assert (encodings[0], is_sure) == (encoding, False)


def test_a_look_shows_the_file_and_finds_its_columns() -> None:
    found = look(BytesIO(UKRAINIAN.encode("cp1251")))

    assert (found.encodings[0], found.is_encoding_sure) == ("cp1251", False)
    assert (found.delimiter, found.heading_row) == (";", 1)
    assert found.columns == OF_UKRAINIAN.columns
    assert found.rows[2].cells[1] == "Анна Коваленко"
    assert found.date_forms == (DateForm.DAY_FIRST,)
    assert found.marks == (Marks.SPACE_COMMA,)


def test_a_look_in_an_encoding_that_a_person_chose_shows_that() -> None:
    data = UKRAINIAN.encode("cp1251")

    assert look(BytesIO(data), encoding="koi8-u").rows[2].cells[1] != "Анна Коваленко"
    assert look(BytesIO(data), encoding="cp1251").rows[2].cells[1] == "Анна Коваленко"


def test_what_can_be_read_in_two_ways_is_left_to_a_person() -> None:
    assert set(date_forms_of(["04/06/2023"])) == {DateForm.DAY_FIRST_SLASHES, DateForm.MONTH_FIRST}
    assert date_forms_of(["04/06/2023", "04/16/2023"]) == (DateForm.MONTH_FIRST,)
    assert set(marks_of(["1,234"])) == {Marks.COMMA_POINT, Marks.POINT_COMMA, Marks.SPACE_COMMA}
    assert marks_of(["1,234", "1,234.56"]) == (Marks.COMMA_POINT,)
    assert (date_forms_of([]), marks_of([])) == ((), ())


@pytest.mark.parametrize("delimiter", csv_rows.DELIMITERS)
def test_the_mark_between_cells_is_found(delimiter: str) -> None:
    rows = [["Date", "Amount", "Details"], ["2023-09-14", "25.00", "a"], ["2023-09-15", "1", "b"]]

    found = look(BytesIO("\n".join(delimiter.join(row) for row in rows).encode()))

    assert (found.delimiter, found.heading_row) == (delimiter, 0)


def test_decimal_commas_between_semicolons_part_nothing() -> None:
    text = "Date;Amount\n" + "14.09.2023;1.234,50\n" * 5

    assert look(BytesIO(text.encode())).delimiter == ";"


@given(st.binary(max_size=300))
def test_any_bytes_are_looked_at_or_refused_in_words(data: bytes) -> None:
    for reading in (look, lambda stream: read(stream, SIMPLE)):
        try:
            reading(BytesIO(data))
        except BadStatement as problem:
            assert problem.code  # noqa: PT017 (either outcome is right)


@given(st.text(max_size=300), st.integers(0, 400))
def test_junk_put_in_anywhere_raises_nothing_else(junk: str, place: int) -> None:
    text = UKRAINIAN[:place] + junk + UKRAINIAN[place:]
    data = text.encode("utf-8", "replace")

    try:
        statement = read(BytesIO(data), changed(OF_UKRAINIAN, encoding="utf-8"))
    except BadStatement:
        return
    assert all(line.amount_minor is not None for line in statement.lines)
