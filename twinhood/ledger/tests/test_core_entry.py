"""Entries: a wrong one cannot be built, and each kind books what the table of accounts says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.ledger.core import entry
from twinhood.ledger.core.entry import AccountName, Entry, Transfer

BANK = AccountName("assets:bank:main", "USD")
FUND = AccountName("fund:kramatorsk-usd", "USD")
HRYVNIA_FUND = AccountName("fund:kramatorsk-uah", "UAH")


def moves(booked: Entry) -> list[tuple[str, str, int]]:
    return [(t.debit.code, t.credit.code, t.amount_minor) for t in booked.transfers]


@pytest.mark.parametrize(
    ("debit", "credit", "amount_minor"),
    [
        (BANK, FUND, 0),
        (BANK, FUND, -1),
        (BANK, FUND, True),
        (BANK, FUND, 5.0),
        (BANK, BANK, 5),
        (BANK, HRYVNIA_FUND, 5),
    ],
)
def test_a_transfer_that_cannot_be_is_not_built(
    debit: AccountName, credit: AccountName, amount_minor: int
) -> None:
    with pytest.raises(ValueError, match="a transfer"):
        Transfer(debit, credit, amount_minor)


def test_an_entry_moves_something() -> None:
    with pytest.raises(ValueError, match="an entry moves something"):
        Entry("gift:A", "gift", ())


def test_a_gift_reaches_the_fund_net_and_the_fee_stands_beside_it() -> None:
    booked = entry.gift_settled(
        key="gift:A", fund_code="kramatorsk-usd", currency="USD",
        arrives_at="assets:clearing:card", rail="card", amount_minor=2500, fee_minor=98,
    )  # fmt: skip

    assert moves(booked) == [
        ("assets:clearing:card", "fund:kramatorsk-usd", 2402),
        ("expenses:fees:card", "income:fees-covered:card", 98),
    ]


def test_a_gift_without_a_fee_is_one_transfer() -> None:
    booked = entry.gift_settled(
        key="gift:B", fund_code="kramatorsk-usd", currency="USD",
        arrives_at="assets:bank:main", rail="bank", amount_minor=10000,
    )  # fmt: skip

    assert moves(booked) == [("assets:bank:main", "fund:kramatorsk-usd", 10000)]


def test_an_order_moves_from_each_fund_to_its_commitment_and_a_cancelled_unit_back() -> None:
    placed = entry.order_placed(key="order:X", parts=[("a", 60), ("b", 30)], currency="USD")
    cancelled = entry.unit_cancelled(
        key="cancel:1", order_key="order:X", parts=[("b", 30)], currency="USD"
    )

    assert moves(placed) == [("fund:a", "commitments:X", 60), ("fund:b", "commitments:X", 30)]
    assert moves(cancelled) == [("commitments:X", "fund:b", 30)]


def test_a_supplier_is_paid_from_the_orders_commitment() -> None:
    booked = entry.supplier_paid(
        key="payment:1", order_key="order:X", bank="assets:bank:main",
        amount_minor=90, currency="USD",
    )  # fmt: skip

    assert moves(booked) == [("commitments:X", "assets:bank:main", 90)]


def test_a_refund_books_its_advance_the_funds_cents_and_what_the_organisation_bears() -> None:
    booked = entry.refunded(
        key="refund:R", fund_code="a", currency="USD", paid_from="assets:clearing:card",
        amount_minor=10000, operating="operating:7", operating_minor=320,
        guarantor="due-from:9", advance_minor=1598,
    )  # fmt: skip

    assert moves(booked) == [
        ("due-from:9", "fund:a", 1598),
        ("fund:a", "assets:clearing:card", 10000),
        ("operating:7", "assets:clearing:card", 320),
    ]


def exchanged(to_currency: str, received_minor: int) -> Entry:
    return entry.exchanged(
        key="exchange:1", fund_code="a", currency="USD", amount_minor=100, to_code="b",
        to_currency=to_currency, received_minor=received_minor, bank="assets:bank:main",
    )  # fmt: skip


def test_a_move_between_funds_of_one_currency_is_one_transfer() -> None:
    assert moves(exchanged("USD", 100)) == [("fund:a", "fund:b", 100)]


@given(received_minor=st.integers(1, 10**20))
def test_an_exchange_has_two_legs_and_leaves_both_exchange_accounts_at_zero(
    received_minor: int,
) -> None:
    booked = exchanged("UAH", received_minor)

    for currency in ("USD", "UAH"):
        account = AccountName(f"exchange:{currency}", currency)
        came = sum(t.amount_minor for t in booked.transfers if t.credit == account)
        went = sum(t.amount_minor for t in booked.transfers if t.debit == account)
        assert came == went > 0
    assert moves(booked)[0] == ("fund:a", "exchange:USD", 100)
    assert moves(booked)[-1] == ("exchange:UAH", "fund:b", received_minor)
