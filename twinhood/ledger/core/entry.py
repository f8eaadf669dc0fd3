"""Entries of transfers: debits equal credits because nothing else can be written.

Amounts are minor units of the accounts' currency. What may happen, and which accounts it moves
money between, is the whole of this module: docs/concepts/money.md has the same as a table.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# What a refund's advance is called: this and the refund's key.
ADVANCE = "advance:"
IN_KIND_ASSETS = "assets:in-kind"
IN_KIND_INCOME = "income:in-kind"


@dataclass(frozen=True, slots=True, order=True)
class AccountName:
    """An account of one currency, e.g. `fund:kramatorsk-usd` in USD."""

    code: str
    currency: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount_minor` > 0 moved from the credited to the debited account."""

    debit: AccountName
    credit: AccountName
    amount_minor: int

    def __post_init__(self) -> None:
        if type(self.amount_minor) is not int or self.amount_minor <= 0:
            raise ValueError(f"a transfer moves a positive whole amount: {self.amount_minor!r}")
        if self.debit == self.credit:
            raise ValueError(f"a transfer joins two accounts: {self.debit.code}")
        if self.debit.currency != self.credit.currency:
            raise ValueError(f"a transfer stays in one currency: {self.debit}, {self.credit}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: a unique key, a kind, and the transfers that book it."""

    key: str
    kind: str
    transfers: tuple[Transfer, ...]

    def __post_init__(self) -> None:
        if not self.transfers:
            raise ValueError(f"an entry moves something: {self.key}")
        if self.key.startswith(ADVANCE):
            raise ValueError(f"keys of advances are made, not given: {self.key}")


def _move(debit: str, credit: str, amount_minor: int, currency: str) -> tuple[Transfer, ...]:
    """One transfer, or none where there is nothing to move."""
    if amount_minor == 0:
        return ()
    return (Transfer(AccountName(debit, currency), AccountName(credit, currency), amount_minor),)


def gift_settled(
    *,
    key: str,
    fund_code: str,
    currency: str,
    arrives_at: str,
    rail: str,
    amount_minor: int,
    fee_minor: int = 0,
) -> Entry:
    """Book a settled gift: net to the fund, and what the rail kept as income and expense beside it.

    `arrives_at` is the account where the money is: clearing, bank or cash.
    """
    return Entry(
        key,
        "gift",
        (
            *_move(arrives_at, f"fund:{fund_code}", amount_minor - fee_minor, currency),
            *_move(f"expenses:fees:{rail}", f"income:fees-covered:{rail}", fee_minor, currency),
        ),
    )


def commitment_of(order_key: str) -> str:
    """The account that holds what an order is bound to pay: `commitments:O-7` for `order:O-7`."""
    return f"commitments:{order_key.removeprefix('order:')}"


def order_placed(*, key: str, parts: Sequence[tuple[str, int]], currency: str) -> Entry:
    """Move what the order takes from each fund of `parts` (code, amount) into its commitment."""
    moves = (
        transfer
        for code, amount_minor in parts
        for transfer in _move(f"fund:{code}", commitment_of(key), amount_minor, currency)
    )
    return Entry(key, "order", tuple(moves))


def unit_cancelled(
    *, key: str, order_key: str, parts: Sequence[tuple[str, int]], currency: str
) -> Entry:
    """Give what a cancelled unit had taken back to each fund of `parts`."""
    moves = (
        transfer
        for code, amount_minor in parts
        for transfer in _move(commitment_of(order_key), f"fund:{code}", amount_minor, currency)
    )
    return Entry(key, "cancel", tuple(moves))


def unit_reduced(
    *, key: str, order_key: str, parts: Sequence[tuple[str, int]], currency: str
) -> Entry:
    """Give what a unit costs less than was set aside back to each fund of `parts`."""
    freed = unit_cancelled(key=key, order_key=order_key, parts=parts, currency=currency)
    return Entry(key, "reduction", freed.transfers)


def supplier_paid(
    *, key: str, order_key: str, bank: str, amount_minor: int, currency: str
) -> Entry:
    return Entry(key, "payment", _move(commitment_of(order_key), bank, amount_minor, currency))


def supplier_credited(
    *, key: str, order_key: str, bank: str, amount_minor: int, currency: str
) -> Entry:
    """Book what a supplier gives back: committed again, until its unit gives it back."""
    return Entry(key, "payment", _move(bank, commitment_of(order_key), amount_minor, currency))


def borne(*, key: str, operating: str, paid_from: str, amount_minor: int, currency: str) -> Entry:
    """Book a cost that touches no fund: the organisation's `operating` account bears it."""
    return Entry(key, "payment", _move(operating, paid_from, amount_minor, currency))


def borne_no_more(
    *, key: str, operating: str, arrives_at: str, amount_minor: int, currency: str
) -> Entry:
    """Book a cost that came back."""
    return Entry(key, "payment", _move(arrives_at, operating, amount_minor, currency))


def refunded(
    *,
    key: str,
    fund_code: str,
    currency: str,
    paid_from: str,
    amount_minor: int,
    operating: str,
    operating_minor: int = 0,
    guarantor: str = "",
    advance_minor: int = 0,
) -> Entry:
    """Book a refund: the advance that it needs first, then the cents that leave the fund.

    `operating_minor` leaves with them, borne by the organisation's `operating` account: fees that
    the rail does not give back.
    """
    return Entry(
        key,
        "refund",
        (
            *_move(guarantor, f"fund:{fund_code}", advance_minor, currency),
            *_move(f"fund:{fund_code}", paid_from, amount_minor, currency),
            *_move(operating, paid_from, operating_minor, currency),
        ),
    )


def exchanged(
    *,
    key: str,
    fund_code: str,
    currency: str,
    amount_minor: int,
    to_code: str,
    to_currency: str,
    received_minor: int,
    bank: str,
) -> Entry:
    """Book an exchange in both currencies, or a move between two funds of one.

    Each currency's exchange account is brought back to zero by the bank's own line.
    """
    if currency == to_currency:
        moves = _move(f"fund:{fund_code}", f"fund:{to_code}", amount_minor, currency)
        return Entry(key, "exchange", moves)
    sold, bought = f"exchange:{currency}", f"exchange:{to_currency}"
    return Entry(
        key,
        "exchange",
        (
            *_move(f"fund:{fund_code}", sold, amount_minor, currency),
            *_move(sold, bank, amount_minor, currency),
            *_move(bank, bought, received_minor, to_currency),
            *_move(bought, f"fund:{to_code}", received_minor, to_currency),
        ),
    )


def given_in_kind(*, key: str, amount_minor: int, currency: str) -> Entry:
    """Book a thing that was given, at its fair value; it lies on no line."""
    return Entry(key, "in kind", _move(IN_KIND_ASSETS, IN_KIND_INCOME, amount_minor, currency))


def in_kind_undone(*, key: str, amount_minor: int, currency: str) -> Entry:
    """Take back an entry of a thing that was not given, or was entered wrongly."""
    return Entry(key, "in kind", _move(IN_KIND_INCOME, IN_KIND_ASSETS, amount_minor, currency))


def in_kind_handed_over(*, key: str, amount_minor: int, currency: str) -> Entry:
    """Book that a thing given in kind reached whom it is for: aid, at the same value."""
    return Entry(key, "in kind", _move("expenses:aid", IN_KIND_ASSETS, amount_minor, currency))
