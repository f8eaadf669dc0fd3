"""The same transfers in the words of other people's accounting programs: beancount and hledger.

Both want accounts of five kinds with capitalised names. Each of ours gets such a name when it is
first met, and keeps ours beside it; two of ours never share one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from twinhood.opendata.core.amounts import digits_of, signed
from twinhood.opendata.core.cells import books_text, cell

# The first word of our accounts → where they belong; what is not here is set apart as equity.
_KINDS = {
    "assets": "Assets",
    "due-from": "Assets:Due-From",
    "commitments": "Liabilities:Commitments",
    "payables": "Liabilities:Payables",
    "income": "Income",
    "expenses": "Expenses",
    "operating": "Expenses:Operating",
    "fund": "Equity:Fund",
    "exchange": "Equity:Exchange",
}
_ODD = re.compile(r"[^A-Za-z0-9]+")
# Before every entry: an account must be open when its first transfer comes, in any order of days.
OPENED_DATE = "1900-01-01"


@dataclass(slots=True, eq=False)
class Account:
    """One account in one currency, with what was debited and credited so far, in minor units."""

    code: str
    currency: str
    name: str
    code_cell: str
    digits: int
    debits: int = 0
    credits: int = 0

    @property
    def balance_minor(self) -> int:
        """Debits less credits, as beancount and hledger count."""
        return self.debits - self.credits


class Chart:
    """The accounts met so far, in the order in which they were met."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], Account] = {}
        self._names: dict[str, str] = {}
        self._taken: set[str] = set()

    def open(self, code: str, currency: str) -> tuple[Account, bool]:
        """Give an account that was not met yet its place; and whether its name is new."""
        is_new = code not in self._names
        name = self._new_name(code) if is_new else self._names[code]
        found = Account(code, currency, name, cell(code), digits_of(currency))
        self.accounts[code, currency] = found
        return found, is_new

    def _new_name(self, code: str) -> str:
        """Two codes may differ only in what names cannot hold: then the later gets a number."""
        kind, _, rest = code.partition(":")
        begin = _KINDS.get(kind)
        words = rest.split(":") if begin else code.split(":")
        name = ":".join([begin or "Equity:Other", *map(_capitalised, words)])
        chosen, number = name, 1
        while chosen.lower() in self._taken:
            number += 1
            chosen = f"{name}-{number}"
        self._taken.add(chosen.lower())
        self._names[code] = chosen
        return chosen


def _capitalised(word: str) -> str:
    text = _ODD.sub("-", word).strip("-") or "X"
    return text[0].upper() + text[1:]


def beancount_opening(account: Account) -> str:
    return f'{OPENED_DATE} open {account.name}\n  code: "{books_text(account.code)}"\n'


def hledger_opening(account: Account) -> str:
    return f"account {account.name}  ; code:{books_text(account.code)}\n"


def hledger_commodity(currency: str) -> str:
    """How amounts of a currency are written: with its digits, and at least the decimal point."""
    digits = digits_of(currency)
    return f"commodity 1000.{'0' * digits} {currency}\n"


def beancount_balances(accounts: Sequence[Account], last_date: str) -> str:
    """Assertions of every balance, exact, for the morning after the last day.

    beancount counts what lies in the accounts below one too.
    """
    sums: dict[tuple[str, str], int] = {}
    for account in accounts:
        words = account.name.split(":")
        for length in range(1, len(words) + 1):
            key = ":".join(words[:length]), account.currency
            sums[key] = sums.get(key, 0) + account.balance_minor
    day = _day_after(last_date)
    lines = []
    for account in accounts:
        amount = signed(sums[account.name, account.currency], account.digits)
        lines.append(f"{day} balance {account.name}  {amount} ~ 0 {account.currency}\n")
    return "".join(lines)


def hledger_balances(accounts: Sequence[Account], last_date: str) -> str:
    """The same for hledger, which counts each account by itself."""
    lines = [
        f"  {a.name}  0 {a.currency} = {signed(a.balance_minor, a.digits)} {a.currency}\n"
        for a in accounts
    ]
    return f"{_day_after(last_date)} * balances\n{''.join(lines)}"


def _day_after(day: str) -> str:
    known = date.fromisoformat(day)
    return (known if known == date.max else known + timedelta(days=1)).isoformat()
