"""The example's bank: the last weeks as a statement shows them, and what waits for Tom."""

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from uuid import UUID

from twinhood.giving import pledging
from twinhood.giving.core.pledged import Choice, Told
from twinhood.kit import clock
from twinhood.kit.money import major
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership, Person
from twinhood.treasury import bank, entries, statements
from twinhood.treasury.core.csv_statement import Column, DateForm, Mapping, Marks
from twinhood.treasury.entries import Moved
from twinhood.treasury.models import BankAccount, StatementLine

# Invented, and no bank's: an American account has no IBAN.
NUMBER = "EXAMPLE-0001"
WEEKS = timedelta(days=21)
FORM_KEY = UUID("00000000-0000-4000-8000-00000000ba4c")
PLEDGED_MINOR = 5_000


def show_bank(partnership: Partnership, *, fund_code: str, person: Person) -> None:
    """Take in a statement of the last three weeks of the books, with three lines that wait.

    One names a pledge's reference, one nobody knows, and one is the bank's charge. What stood in
    the books is matched. Each of its gifts must be posted.
    """
    fund = Fund.objects.select_related("account").get(partnership=partnership, code=fund_code)
    account = BankAccount(partnership=partnership, number=NUMBER, currency=fund.currency)
    _, moved = entries.unmatched_around(account, None)
    if not moved:
        return
    since = moved[-1].happened_at.date() - WEEKS
    shown = [one for one in moved if one.happened_at.date() >= since]
    end = shown[-1].happened_at.date()
    with clock.showing(datetime.combine(end, time(9), UTC)):
        reference = _pledge(fund)
    with clock.showing(datetime.combine(end + timedelta(days=1), time(15), UTC)):
        rows = [*(_row(one) for one in shown), *_waiting(end, reference)]
        lines = _taken_in(account, rows, entries.book_minor(account), shown, person)
        for line, one in zip(lines, shown, strict=False):
            bank.match_entries(line=line, keys=[one.key], person=person)


def _pledge(fund: Fund) -> str:
    choice = Choice(
        fund_id=fund.pk,
        need_id=None,
        rail="transfer",
        amount_minor=PLEDGED_MINOR,
        currency=fund.currency,
        purpose="Ambulances (example)",
        told=Told(name="Robin T. (example)"),
    )
    made = pledging.make(
        partnership=fund.partnership, form_key=FORM_KEY, choice=choice, number_below=lambda _: 4711
    )
    pledging.start(made.pledge, rail_ref="")
    return made.pledge.reference


type Row = tuple[date, int, str, str]


def _row(one: Moved) -> Row:
    words = "Deposit" if one.amount_minor > 0 else "Payment"
    return one.happened_at.date(), one.amount_minor, words, ""


def _waiting(end: date, reference: str) -> list[Row]:
    return [
        (end, PLEDGED_MINOR, f"Gift {reference} for Kramatorsk", "Robin T. (example)"),
        (end, 10_000, "For the ambulances, from all of us", "Harbor Point choir (example)"),
        (end, -150, "Account charge", ""),
    ]


def _taken_in(
    account: BankAccount, rows: list[Row], book_minor: int, shown: list[Moved], person: Person
) -> list[StatementLine]:
    opening_minor = book_minor - sum(one.amount_minor for one in shown)
    text = "Date,Amount,Details,Name,Number\n" + "".join(
        f'{day},{major(amount_minor, account.currency)},"{words}","{name}",{number}\n'
        for number, (day, amount_minor, words, name) in enumerate(rows, 1)
    )
    file = statements.keep(
        partnership=account.partnership,
        name="example-statement.csv",
        stream=BytesIO(text.encode()),
        person=person,
    )
    mapping = Mapping(
        encoding="utf-8",
        delimiter=",",
        skipped_rows=1,
        columns={
            Column.BOOKED_DATE: 0,
            Column.AMOUNT: 1,
            Column.TEXT: 2,
            Column.OTHER_NAME: 3,
            Column.BANK_REF: 4,
        },
        date_form=DateForm.YEAR_FIRST,
        marks=Marks.COMMA_POINT,
        account=account.number,
        currency=account.currency,
    )
    read = statements.read_csv(
        file,
        mapping,
        opening_minor=opening_minor,
        closing_minor=opening_minor + sum(amount_minor for _, amount_minor, _, _ in rows),
    )
    statements.take_in(file=file, statements=read, source="csv:example", person=person)
    found = StatementLine.objects.filter(statement__file=file).select_related("account")
    return list(found.order_by("row"))
