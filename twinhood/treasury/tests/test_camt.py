"""Statements in XML are read exactly, as every version writes them, and refused if hostile."""

from datetime import date
from io import BytesIO, RawIOBase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.treasury.core import camt
from twinhood.treasury.core.statement import (
    BadStatement,
    Detail,
    Hold,
    Reason,
    Statement,
    holds,
)
from twinhood.treasury.tests.camt_files import (
    ANNAS,
    IBAN,
    SEPTEMBER,
    VERSIONS,
    Movement,
    document,
    file_of,
    one,
    read,
)

amounts = st.integers(-(10**12), 10**12)


def refusal_of(data: bytes) -> BadStatement:
    with pytest.raises(BadStatement) as refusal:
        read(data)
    return refusal.value


def september(version: int = 8) -> Statement:
    (statement,) = read(file_of(SEPTEMBER, version=version))
    return statement


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_says_the_same(version: int) -> None:
    statement = september(version)

    assert (statement.account, statement.currency, statement.name) == (IBAN, "EUR", "2023-09")
    assert [line.amount_minor for line in statement.lines] == [2500, 250_000, 7500, -150, -2500]
    assert statement.pending_count == 1
    assert holds(statement) == ()
    anna = statement.lines[0]
    assert (anna.booked_date, anna.value_date) == (date(2023, 9, 14), date(2023, 9, 14))
    assert (anna.bank_ref, anna.end_to_end_id, anna.reference) == ("A-1", "E-77", ANNAS)
    assert (anna.other_name, anna.other_account) == ("Anna Коваленко", "DE02120300000000202051")
    assert (anna.is_reversal, anna.details) == (False, ())


def test_free_text_is_joined_and_what_was_not_provided_is_empty() -> None:
    cheque = september().lines[1]

    assert (cheque.text, cheque.end_to_end_id) == ("AMBULANCE ANNA K", "")
    assert september().lines[3].text == "Account fee"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_keeps_its_payments(version: int) -> None:
    batch = september(version).lines[2]

    assert batch.details == (
        Detail(2500, text="gift & thanks", other_name="Boris"),
        Detail(3000, other_name="Clara"),
        Detail(2000, other_name="王伟"),
    )
    assert batch.is_whole
    assert batch.other_name == ""


def test_a_payment_taken_back_keeps_the_donors_name() -> None:
    reversal = september().lines[4]

    assert (reversal.amount_minor, reversal.is_reversal) == (-2500, True)
    assert reversal.other_name == "Anna Коваленко"


@given(st.integers(-(10**14), 10**14), st.lists(amounts, max_size=8))
def test_amounts_are_exact_and_opening_and_lines_make_closing(
    opening_minor: int, amounts_minor: list[int]
) -> None:
    movements = [Movement(amount) for amount in amounts_minor]

    (statement,) = read(file_of(movements, opening_minor=opening_minor))

    assert [line.amount_minor for line in statement.lines] == amounts_minor
    assert statement.opening is not None
    assert statement.opening.amount_minor == opening_minor
    assert holds(statement) == ()


@given(st.lists(amounts, max_size=4), amounts.filter(bool))
def test_what_does_not_add_up_is_held(amounts_minor: list[int], wrong_minor: int) -> None:
    movements = [Movement(amount) for amount in amounts_minor]
    right = 100_000 + sum(amounts_minor)

    (statement,) = read(file_of(movements, closing_minor=right + wrong_minor))

    assert holds(statement) == (Hold(Reason.BALANCE, right, right + wrong_minor),)


def test_a_statement_begins_where_the_one_before_it_ended() -> None:
    statement = september()

    assert holds(statement, closing_before_minor=100_000) == ()
    assert holds(statement, closing_before_minor=99_999) == (Hold(Reason.GAP, 99_999, 100_000),)


def test_without_balances_it_is_held() -> None:
    (statement,) = read(file_of([one(2500)], balances="<!-- none -->"))

    assert holds(statement) == (Hold(Reason.NO_BALANCE),)


def test_interim_balances_stand_in_on_the_pages_of_a_long_statement() -> None:
    def interim(amount: str) -> str:
        return (
            "<Bal><Tp><CdOrPrtry><Cd>ITBD</Cd></CdOrPrtry></Tp>"
            f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
            "<Dt><Dt>2023-09-14</Dt></Dt></Bal>"
        )

    (page,) = read(file_of([one(2500)], balances=interim("10") + interim("35.00")))

    assert holds(page) == ()


def test_balances_that_are_not_booked_are_passed_over() -> None:
    forecast = (
        '<Bal><Tp><CdOrPrtry><Cd>FWAV</Cd></CdOrPrtry></Tp><Amt Ccy="CHF">7</Amt>'
        "<CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2023-10-02</Dt></Dt></Bal>"
    )

    (statement,) = read(BASE.replace(b"<Ntry>", forecast.encode() + b"<Ntry>"))

    assert holds(statement) == ()


def test_a_file_of_several_statements_keeps_them_apart() -> None:
    first, second = file_of([one(1)], name="first"), file_of([one(2), one(3)], name="second")
    statements = b"".join(
        data[data.index(b"<Stmt>") : data.index(b"</BkToCstmrStmt>")] for data in (first, second)
    )

    found = read(document(statements.decode()))

    assert [(one.name, len(one.lines)) for one in found] == [("first", 1), ("second", 2)]


def test_an_account_without_an_iban_keeps_the_banks_own_number() -> None:
    account = "<Othr><Id>00 123-456</Id></Othr>"

    (statement,) = read(file_of([one(2500)], account=account, currency="USD"))

    assert (statement.account, statement.currency) == ("00123-456", "USD")


@pytest.mark.parametrize(
    ("currency", "written", "amount_minor"),
    [
        ("EUR", "25", 2500),
        ("EUR", "25.5", 2550),
        ("EUR", "25.50000", 2550),
        ("EUR", ".5", 50),
        ("EUR", "0", 0),
        ("JPY", "25.0", 25),
        ("KWD", "1.234", 1234),
    ],
)
def test_amounts_are_whole_minor_units(currency: str, written: str, amount_minor: int) -> None:
    data = file_of([Movement(0)], currency=currency, balances="<!-- none -->")
    start, end = data.index(b'">', data.index(b"<Ntry>")) + 2, data.index(b"</Amt>")

    (statement,) = read(data[:start] + written.encode() + data[end:])

    assert statement.lines[0].amount_minor == amount_minor


BASE = file_of([one(2500, bank_ref="A-1")])


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("25.00", "25.001", "digits"),
        ("25.00", "-25.00", "amount"),
        ("25.00", "25,00", "amount"),
        ("25.00", "2.5E1", "amount"),
        ("25.00", "NaN", "amount"),
        ("25.00", "", "amount"),
        ("25.00", ".", "amount"),
        ("25.00", "٢٥", "amount"),
        ("25.00", "99999999999999999", "large"),
        ("25.00", "9" * 40, "amount"),
        ('Ccy="EUR">25', 'Ccy="USD">25', "currency"),
        ('Ccy="EUR"', 'Ccy="XXX"', "currency"),
        ('Ccy="EUR"', "", "missing"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<CdtDbtInd>crdt</CdtDbtInd><Sts>", "sign"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>", "missing"),
        ("<Sts><Cd>BOOK</Cd></Sts>", "", "status"),
        ("<BookgDt><Dt>2023-09-14", "<BookgDt><Dt>2023-02-29", "date"),
        ("<BookgDt><Dt>2023-09-14", "<BookgDt><Dt>14.09.2023", "date"),
        ("<BookgDt><Dt>2023-09-14", "<BookgDt><Dt>0001-01-01", "date"),
        ("CLBD", "OPBD", "twice"),
        ("<Acct>", "<Konto>", "xml"),
        (f"<IBAN>{IBAN}</IBAN>", "", "missing"),
        ("camt.053.001.08", "camt.053.001.01", "version"),
        ("camt.053.001.08", "camt.053.001.99", "version"),
        ("camt.053.001.08", "camt.054.001.08", "kind"),
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "", "kind"),
        ("<Acct>", '<Acct xmlns="urn:other">', "namespace"),
        ("<Acct>", "<i:include xmlns:i='http://www.w3.org/2001/XInclude'/><Acct>", "namespace"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(old: str, new: str, code: str) -> None:
    assert old.encode() in BASE

    refusal = refusal_of(BASE.replace(old.encode(), new.encode()))

    assert refusal.code == code
    assert 1 <= refusal.row <= 5


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE Document [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]>',
        "<!DOCTYPE Document>",
    ],
)
def test_document_types_and_entities_are_refused(head: str) -> None:
    data = BASE.replace(b"<Document", head.encode() + b"<Document")

    assert refusal_of(data).code == "dtd"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "xml"),
        (b"\x00" * 100, "xml"),
        (b"<?xml version='1.0' encoding='x-unknown'?><Document/>", "xml"),
        (b"<?xml version='1.0' encoding='utf-7'?><Document/>", "xml"),
        (BASE[:-20], "xml"),
        (BASE + b"<Document/>", "xml"),
        (BASE.replace(b"A-1", b"&#0;"), "xml"),
        (BASE.replace(b"A-1", b"&#xD800;"), "xml"),
        (BASE.replace(b"A-1", b"&unknown;"), "xml"),
        (BASE.replace(b"A-1", b"\xff\xfe"), "xml"),
        (document(""), "empty"),
        (b"<a>" * 100_000, "kind"),
        (BASE.replace(b"<Acct>", b"<Acct>" + b"<a>" * 100), "depth"),
        (BASE.replace(b"<Acct>", b"<Acct>" + b"<a/>" * 300_000), "elements"),
        (BASE.replace(b"<Acct>", b"<Acct " + b" ".join(b"a%d=''" % n for n in range(50)) + b">"),
         "attributes"),
        (BASE.replace(b"<Acct>", b"<Acct " + b" ".join(b"a%d=''" % n for n in range(10**6)) + b">"),
         "stretch"),
        (BASE.replace(b"A-1", b"A" * 200_000), "stretch"),
        (BASE.replace(b"A-1", (b"A" * 9_000 + b"<!-- -->") * 100), "long"),
        (BASE.replace(b"<Acct>", b"<Acct " + b"a='' " * 2 + b">"), "xml"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_hostile_files_are_refused_within_their_bounds(data: bytes, code: str) -> None:
    assert refusal_of(data).code == code


def test_a_file_that_never_ends_is_not_read_to_its_end() -> None:
    class Endless(RawIOBase):
        given_bytes = 0

        def read(self, size: int = -1) -> bytes:
            self.given_bytes += size
            return b"<!-- -->" * (size // 8)

    stream = Endless()

    with pytest.raises(BadStatement) as refusal:
        camt.read(stream)  # type: ignore[arg-type]

    assert refusal.value.code == "bytes"
    assert stream.given_bytes < camt.BYTES_MAX + 2 * camt.STRETCH_MAX


def test_an_envelope_of_another_schema_is_passed_over() -> None:
    envelope = (
        '<SplmtryData><Envlp><x:a xmlns:x="urn:bank"><x:b>1</x:b></x:a></Envlp></SplmtryData>'
    )
    data = BASE.replace(b"</Ntry>", envelope.encode() + b"</Ntry>")

    assert read(data) == read(BASE)


def test_controls_do_not_come_in_with_a_name() -> None:
    (statement,) = read(file_of([one(1, name="A\u0085\tnna\n K")]))

    assert statement.lines[0].other_name == "A nna K"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    assert refusal_of(data).code in {"xml", "kind", "dtd"}


@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    whole = file_of(SEPTEMBER[:3])
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255))

    damaged = whole[:place] + bytes([byte]) + whole[place + 1 :]

    try:
        statements = read(damaged)
    except BadStatement:
        return
    assert len(statements) == 1


@given(st.binary(max_size=300), st.integers(0, 3000))
def test_bytes_put_in_anywhere_raise_nothing_else(junk: bytes, place: int) -> None:
    whole = file_of(SEPTEMBER[:3])

    try:
        camt.read(BytesIO(whole[:place] + junk + whole[place:]))
    except BadStatement as problem:
        shown = str(problem)
        assert problem.code in shown  # noqa: PT017 (either outcome is right)
