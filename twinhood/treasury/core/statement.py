"""A bank statement as values, whatever file it came in, and when it must be held.

Amounts are signed minor units of the statement's currency: what came in is positive.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from twinhood.kit.money import CURRENCIES, MINOR_MAX, digits_of

TEXT_MAX = 10_000
LINES_MAX = 100_000
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


# White space, controls (also C1) and halves of surrogates.
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


class BadStatement(ValueError):
    """A file that cannot be read as a statement, whole or not at all.

    `code` says why, `row` which line of the file (from 1; 0 where no line can be named), `what`
    which part of it. The codes stand with the readers, `camt` and `csv_statement`.
    """

    def __init__(self, code: str, row: int = 0, what: str = "") -> None:
        super().__init__(f"line {row}: {code} {what[:100]!r}")
        self.code = code
        self.row = row
        self.what = what[:100]


@dataclass(frozen=True, slots=True)
class Detail:
    """One payment inside a line: banks write several that came together as one line.

    `amount_minor` is None where the bank does not say it in the account's currency.
    """

    amount_minor: int | None
    bank_ref: str = ""
    end_to_end_id: str = ""
    reference: str = ""
    text: str = ""
    other_name: str = ""
    other_account: str = ""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement of the account. `row` is where it stands in the file.

    `reference` is the structured creditor reference (ISO 11649), `text` all that was written
    freely, `other_*` who stands on the other side. `is_reversal`: it takes an earlier one back.
    """

    row: int
    amount_minor: int
    booked_date: date
    value_date: date | None = None
    bank_ref: str = ""
    end_to_end_id: str = ""
    reference: str = ""
    text: str = ""
    other_name: str = ""
    other_account: str = ""
    is_reversal: bool = False
    details: tuple[Detail, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the details, if there are any, add up to the line."""
        amounts = [detail.amount_minor for detail in self.details]
        known = [amount for amount in amounts if amount is not None]
        return not amounts or (len(known) == len(amounts) and sum(known) == self.amount_minor)


@dataclass(frozen=True, slots=True)
class Balance:
    amount_minor: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of one account between two balances. `name` is the bank's own number for it.

    `pending_count` lines were announced but not booked; they are left out.
    """

    name: str
    account: str
    currency: str
    opening: Balance | None
    closing: Balance | None
    lines: tuple[StatementLine, ...] = ()
    pending_count: int = 0
    # The first row at which the bank's own running balance breaks, for files that have one.
    broken_row: int | None = field(default=None)

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)


class Reason(StrEnum):
    """Why a statement is held for a person instead of being taken in."""

    NO_BALANCE = "no_balance"
    # Opening and lines do not make closing.
    BALANCE = "balance"
    # It does not begin where the one before it ended.
    GAP = "gap"
    # The bank's running balance breaks at a row: lines are missing or out of order.
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Hold:
    """`expected_minor` by our sum, `stated_minor` by the bank; `row` where it breaks, if known."""

    reason: Reason
    expected_minor: int = 0
    stated_minor: int = 0
    row: int = 0


def holds(statement: Statement, *, closing_before_minor: int | None = None) -> tuple[Hold, ...]:
    """Why `statement` cannot be taken in yet; empty if it adds up.

    `closing_before_minor` is where the statement before it ended, None if there is none.
    """
    opening, closing = statement.opening, statement.closing
    found = []
    if statement.broken_row is not None:
        found.append(Hold(Reason.RUNNING, row=statement.broken_row))
    if opening is None or closing is None:
        return (*found, Hold(Reason.NO_BALANCE))
    expected_minor = opening.amount_minor + statement.total_minor
    if expected_minor != closing.amount_minor:
        found.append(Hold(Reason.BALANCE, expected_minor, closing.amount_minor))
    if closing_before_minor not in {None, opening.amount_minor}:
        found.append(Hold(Reason.GAP, closing_before_minor or 0, opening.amount_minor))
    return tuple(found)


def exact_minor(whole: str, fraction: str, currency: str) -> int:
    """Minor units of a plain decimal number's two parts; never rounded.

    Raises ValueError with `currency`, `digits` (more than the currency has) or `large`.
    """
    if currency not in CURRENCIES:
        raise ValueError("currency")
    digits = digits_of(currency)
    if fraction[digits:].strip("0"):
        raise ValueError("digits")
    whole = whole.lstrip("0")
    if len(whole) > 19:
        raise ValueError("large")
    amount_minor = int((whole or "0") + fraction[:digits].ljust(digits, "0"))
    if amount_minor > MINOR_MAX:
        raise ValueError("large")
    return amount_minor


def tidy(texts: Iterable[str]) -> str:
    """Free texts as one line in NFC, without controls; what banks break over lines is joined."""
    text = " ".join(unicodedata.normalize("NFC", text) for text in texts)
    return _BLANKS.sub(" ", text).strip()
