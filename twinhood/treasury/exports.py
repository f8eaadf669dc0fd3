"""What leaves the books for others: entries, balances as of a day, and how funds are restricted.

Days are those of the giving side's clocks. Amounts are minor units of the currency beside them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from twinhood.giving.core.text import csv_cell
from twinhood.kit.money import major
from twinhood.ledger.models import Entry, Fund, Transfer
from twinhood.people.models import Partnership
from twinhood.treasury.checks import balances_at

CREDIT_NORMAL = ("fund:", "commitments:", "payables:", "income:", "exchange:")


def day_begins(partnership: Partnership, day: date) -> datetime:
    """The first moment of a day where the giving side lives."""
    return datetime.combine(day, time(), ZoneInfo(partnership.giving_place.time_zone))


def day_ends(partnership: Partnership, day: date) -> datetime:
    """The first moment after a day."""
    return day_begins(partnership, day + timedelta(days=1))


# --- entries


def entries(partnership: Partnership, first: date, last: date) -> Iterator[Entry]:
    """Entries dated from `first` to `last`, both included, in posting order, with transfers."""
    moves = Transfer.objects.select_related("debit", "credit").order_by("id")
    found = Entry.objects.filter(
        partnership=partnership,
        happened_at__gte=day_begins(partnership, first),
        happened_at__lt=day_ends(partnership, last),
    ).order_by("seq")
    return found.prefetch_related(Prefetch("transfers", moves)).iterator(chunk_size=1_000)


ENTRY_HEADS = [
    "seq", "key", "kind", "happened_at", "posted_at", "debit", "credit", "currency", "amount",
]  # fmt: skip


def entry_lines(partnership: Partnership, first: date, last: date) -> Iterator[list[str]]:
    """One line a transfer, with its entry beside it."""
    yield ENTRY_HEADS
    for entry in entries(partnership, first, last):
        for move in entry.transfers.all():
            yield [
                str(entry.seq),
                csv_cell(entry.key),
                entry.kind,
                entry.happened_at.isoformat(),
                entry.posted_at.isoformat(),
                csv_cell(move.debit.code),
                csv_cell(move.credit.code),
                move.currency,
                f"{major(move.amount_minor, move.currency):f}",
            ]


# --- balances


@dataclass(frozen=True, slots=True)
class Balance:
    """One account's balance, on the side where it stands."""

    code: str
    currency: str
    debit_minor: int
    credit_minor: int


def trial_balance(partnership: Partnership, day: date) -> list[Balance]:
    """Every account that is not at zero at the end of a day; debits equal credits."""
    found = balances_at(partnership, day_ends(partnership, day))
    rows = []
    for (code, currency), minor in found.items():
        on_credit = minor if code.startswith(CREDIT_NORMAL) else -minor
        if minor:
            rows.append(Balance(code, currency, max(0, -on_credit), max(0, on_credit)))
    return rows


def totals(rows: list[Balance]) -> list[Balance]:
    """Debits and credits of each currency."""
    currencies = sorted({row.currency for row in rows})
    return [
        Balance(
            "",
            currency,
            sum(row.debit_minor for row in rows if row.currency == currency),
            sum(row.credit_minor for row in rows if row.currency == currency),
        )
        for currency in currencies
    ]


def balance_lines(partnership: Partnership, day: date) -> Iterator[list[str]]:
    yield ["account", "currency", "debit", "credit"]
    for row in trial_balance(partnership, day):
        yield [
            csv_cell(row.code),
            row.currency,
            f"{major(row.debit_minor, row.currency):f}",
            f"{major(row.credit_minor, row.currency):f}",
        ]


# --- restrictions


@dataclass(frozen=True, slots=True)
class Restricted:
    """A fund at the end of a day: free, and bound by orders that are not paid."""

    code: str
    currency: str
    free_minor: int


@dataclass(frozen=True, slots=True)
class Split:
    """Net assets of one currency by class (ASC 958): with and without donor restrictions."""

    currency: str
    funds: list[Restricted]
    committed_minor: int
    operating_minor: int

    @property
    def free_minor(self) -> int:
        return sum(fund.free_minor for fund in self.funds)

    @property
    def with_minor(self) -> int:
        return self.free_minor + self.committed_minor


def split(partnership: Partnership, day: date) -> list[Split]:
    """What is restricted to each fund's purpose, and what is not, at the end of a day.

    Every gift lies in a fund and is restricted to it until it is spent; what the recipient bore
    itself (fees, disputes) is its own money and stands as a negative balance without restrictions.
    """
    found = balances_at(partnership, day_ends(partnership, day))
    opened = Fund.objects.filter(
        partnership=partnership, opened_by__happened_at__lt=day_ends(partnership, day)
    ).order_by("code")
    currencies = sorted({currency for _, currency in found})
    return [
        Split(
            currency=currency,
            funds=[
                Restricted(fund.code, currency, found.get((f"fund:{fund.code}", currency), 0))
                for fund in opened
                if fund.currency == currency
            ],
            committed_minor=_sum(found, "commitments:", currency),
            operating_minor=-_sum(found, "operating:", currency),
        )
        for currency in currencies
    ]


def _sum(found: dict[tuple[str, str], int], prefix: str, currency: str) -> int:
    return sum(
        minor for (code, of), minor in found.items() if of == currency and code.startswith(prefix)
    )


def split_lines(partnership: Partnership, day: date) -> Iterator[list[str]]:
    yield ["currency", "class", "fund", "amount"]
    for one in split(partnership, day):
        for fund in one.funds:
            amount = f"{major(fund.free_minor, one.currency):f}"
            yield [one.currency, "with donor restrictions", csv_cell(fund.code), amount]
        rest = (
            ("with donor restrictions", "committed to orders", one.committed_minor),
            ("without donor restrictions", "operating", one.operating_minor),
        )
        for class_, name, minor in rest:
            yield [one.currency, class_, name, f"{major(minor, one.currency):f}"]


# --- beancount


ROOTS = {
    "assets": "Assets", "due-from": "Assets:DueFrom", "expenses": "Expenses",
    "operating": "Equity:Operating", "income": "Income", "fund": "Equity:Fund",
    "commitments": "Liabilities:Commitments", "payables": "Liabilities:Payables",
    "exchange": "Equity:Exchange",
}  # fmt: skip


def beancount_name(code: str) -> str:
    """An account as beancount writes it: `assets:bank:main` is Assets:Bank:Main."""
    root, *parts = code.split(":")
    names = ["".join(c if c.isalnum() else "-" for c in part) for part in parts if part]
    names = [name[:1].upper() + name[1:] for name in names]
    return ":".join([ROOTS.get(root, "Equity:Other"), *names])


def beancount_lines(partnership: Partnership, first: date, last: date) -> Iterator[str]:
    """The entries of some days as a beancount file, with what stood before as opening balances."""
    zone = ZoneInfo(partnership.giving_place.time_zone)
    yield f'option "title" "{partnership.slug}"\n'
    before = balances_at(partnership, day_begins(partnership, first))
    names = {(code, currency) for code, currency in balances_at(
        partnership, day_ends(partnership, last)
    )}  # fmt: skip
    accounts = {beancount_name(code) for code, _ in names} | {"Equity:Opening-Balances"}
    for name in sorted(accounts):
        yield f"1970-01-01 open {name}\n"
    for (code, currency), minor in before.items():
        signed = -minor if code.startswith(CREDIT_NORMAL) else minor
        if signed:
            amount = f"{major(signed, currency):f}"
            yield f'\n{first} * "opening"\n  {beancount_name(code)}  {amount} {currency}\n'
            yield "  Equity:Opening-Balances\n"
    for entry in entries(partnership, first, last):
        moves = list(entry.transfers.all())
        if not moves:
            continue
        on = entry.happened_at.astimezone(zone).date()
        key = entry.key.replace("\\", "").replace('"', "'")
        yield f'\n{on} * "{key}"\n'
        for move in moves:
            amount = f"{major(move.amount_minor, move.currency):f}"
            yield f"  {beancount_name(move.debit.code)}  {amount} {move.currency}\n"
            yield f"  {beancount_name(move.credit.code)}  -{amount} {move.currency}\n"
