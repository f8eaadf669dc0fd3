"""Advances repaid, suppliers' credits, costs borne, holds; and a month of all of it."""

import pytest
from django.db import DatabaseError, connection, transaction

from twinhood.ledger import actions, dues, errors, freeing, queries
from twinhood.ledger.models import Account, Fund, Hold, Transfer
from twinhood.ledger.tests.world import AT, CASH, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db
BANK = "assets:bank:main"


@pytest.fixture
def stamford() -> Partnership:
    """The worked example after its refund: the guarantor has advanced 1598."""
    partnership = a_partnership()
    open_funds(partnership, usd="USD", mri="USD")
    give(partnership, "usd", ("A", 2500, 98), ("B", 10000, 0), ("C", 5000, 0))
    order(partnership, "X", ["usd"], ("ambulance-1", 9000))
    refund(partnership, "R", "B", 10000)
    return partnership


def fund(partnership: Partnership, code: str = "usd") -> Fund:
    return Fund.objects.select_related("account").get(partnership=partnership, code=code)


def balance(partnership: Partnership, code: str) -> int:
    found = Account.objects.filter(partnership=partnership, code__startswith=code)
    return sum(account.balance_minor for account in found)


def repay(partnership: Partnership, key: str, amount_minor: int) -> None:
    dues.repay_advance(
        partnership=partnership, key=key, advance_key="advance:R", amount_minor=amount_minor, at=AT
    )


def test_an_advance_is_repaid_from_what_later_gifts_made_free(stamford: Partnership) -> None:
    (lent,) = queries.advances(stamford)
    assert (lent.amount_minor, lent.left_minor) == (1598, 1598)
    assert balance(stamford, "due-from:") == 1598
    give(stamford, "usd", ("D", 1000, 0))

    repay(stamford, "repay:1", 1000)

    (lent,) = queries.advances(stamford)
    assert (lent.repaid_minor, lent.left_minor) == (1000, 598)
    assert balance(stamford, "due-from:") == 598
    assert fund(stamford).free_minor == fund(stamford).account.balance_minor == 0
    # D's money is in the ambulance now, where the guarantor's was.
    assert queries.sources(partnership=stamford, order_key="X") == [
        {"unit": "ambulance-1", "key": "A", "amount": 2402},
        {"unit": "ambulance-1", "key": "C", "amount": 5000},
        {"unit": "ambulance-1", "key": "D", "amount": 1000},
        {"unit": "ambulance-1", "key": "advance:R", "amount": 598},
    ]


def test_an_advance_is_not_repaid_by_another_advance(stamford: Partnership) -> None:
    give(stamford, "usd", ("D", 1000, 0))

    with pytest.raises(errors.FundTooSmall) as problem:
        repay(stamford, "repay:1", 1001)

    assert problem.value.free_minor == 1000
    assert queries.advances(stamford)[0].repaid_minor == 0


def test_more_than_was_advanced_is_not_repaid(stamford: Partnership) -> None:
    give(stamford, "usd", ("D", 5000, 0))

    with pytest.raises(errors.MoreThanIsLeft):
        repay(stamford, "repay:1", 1599)
    with pytest.raises(errors.Unknown):
        dues.repay_advance(
            partnership=stamford, key="repay:2", advance_key="A", amount_minor=5, at=AT
        )


def pay(partnership: Partnership, amount_minor: int) -> None:
    actions.pay_supplier(
        partnership=partnership, key="P", order_key="X", amount_minor=amount_minor,
        currency="USD", bank_code=BANK, at=AT,
    )  # fmt: skip


def credit(partnership: Partnership, amount_minor: int) -> None:
    dues.credit_from_supplier(
        partnership=partnership, key="credit:1", order_key="X", amount_minor=amount_minor,
        currency="USD", bank_code=BANK, at=AT,
    )  # fmt: skip


def test_a_supplier_gives_back_what_was_paid_and_its_unit_can_be_cancelled(
    stamford: Partnership,
) -> None:
    pay(stamford, 9000)

    credit(stamford, 9000)
    freed = freeing.cancel(partnership=stamford, key="K", order_key="X", unit=None, at=AT)

    assert freed == fund(stamford).free_minor == 9000
    assert balance(stamford, "commitments:X") == balance(stamford, BANK) == 0


def test_a_supplier_gives_back_no_more_than_was_paid(stamford: Partnership) -> None:
    pay(stamford, 8000)

    with pytest.raises(errors.MoreThanIsLeft) as problem:
        credit(stamford, 8001)

    assert problem.value.left_minor == 8000


def test_a_cost_is_borne_and_comes_back_without_touching_a_fund(stamford: Partnership) -> None:
    dues.bear(
        partnership=stamford, key="fee:1", amount_minor=1500, currency="USD", paid_from=CASH, at=AT
    )
    assert balance(stamford, "operating:") == 1500

    dues.bear_no_more(
        partnership=stamford, key="fee:2", amount_minor=1500, currency="USD", arrives_at=CASH, at=AT
    )

    assert balance(stamford, "operating:") == 0


def test_what_is_held_may_not_be_ordered_until_it_is_released(stamford: Partnership) -> None:
    give(stamford, "usd", ("D", 5000, 0))
    reserve = queries.reserve_minor(fund=fund(stamford), at=AT)

    for _ in range(2):  # the bank says it twice
        dues.hold(partnership=stamford, key="dispute:1", fund_code="usd", amount_minor=3000, at=AT)

    assert queries.orderable_minor(fund=fund(stamford), at=AT) == 2000 - reserve
    assert fund(stamford).free_minor == 5000
    for _ in range(2):
        dues.release(partnership=stamford, key="dispute:1", at=AT)
    assert queries.orderable_minor(fund=fund(stamford), at=AT) == 5000 - reserve


def test_a_hold_keeps_what_it_said(stamford: Partnership) -> None:
    dues.hold(partnership=stamford, key="dispute:1", fund_code="usd", amount_minor=3000, at=AT)

    with pytest.raises(errors.KeyUsed):
        dues.hold(partnership=stamford, key="dispute:1", fund_code="usd", amount_minor=1, at=AT)
    with pytest.raises(errors.Unknown):
        dues.release(partnership=stamford, key="dispute:2", at=AT)
    for statement in ("UPDATE ledger_hold SET amount_minor = 1", "DELETE FROM ledger_hold"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Hold.objects.get().amount_minor == 3000


def test_a_move_between_funds_of_one_currency_keeps_each_cent_in_sight(
    stamford: Partnership,
) -> None:
    give(stamford, "usd", ("D", 5000, 0))

    actions.exchange(
        partnership=stamford, key="M", fund_code="usd", amount_minor=3000, to_code="mri",
        received_minor=3000, at=AT,
    )  # fmt: skip
    order(stamford, "Y", ["mri"], ("scanner", 2000))

    found = queries.trace(partnership=stamford, key="D")
    assert found is not None
    assert [(row["to"], row["key"], row["amount"]) for row in found.rows()] == [
        ("exchange", "M", 3000), ("free", "mri", 1000), ("free", "usd", 2000),
        ("order", "Y", 2000),
    ]  # fmt: skip
    (moved,) = Transfer.objects.filter(entry__key="M").select_related("debit", "credit")
    assert (moved.debit.code, moved.credit.code) == ("fund:usd", "fund:mri")


def test_a_month_of_exchange_refund_dispute_and_repayment_ends_at_zero_everywhere(
    db: None,
) -> None:
    """Anna, Boris, St Basil, Rotary, Clara and the city's staff: one ambulance in euros."""
    partnership = a_partnership()
    open_funds(partnership, usd="USD", eur="EUR")
    give(
        partnership, "usd", ("anna", 2500, 103), ("boris", 10000, 320), ("basil", 250000, 0),
        ("rotary", 5000000, 1500), ("clara", 500000, 14530), ("drive", 1500000, 0),
    )  # fmt: skip
    assert fund(partnership).free_minor == 7246047
    actions.exchange(
        partnership=partnership, key="fx", fund_code="usd", amount_minor=6894400, to_code="eur",
        received_minor=6200000, at=AT,
    )  # fmt: skip
    order(partnership, "amb", ["eur"], ("ambulance", 6200000))
    order(partnership, "bankfee", ["usd"], ("bank fee", 2500))
    assert fund(partnership).free_minor == 349147

    refund(partnership, "rb", "boris", 9680)
    assert fund(partnership).free_minor == 339467
    refund(partnership, "rc", "clara", 485470)
    assert fund(partnership).free_minor == 0
    assert [lent.left_minor for lent in queries.advances(partnership)] == [146003]
    with pytest.raises(errors.FundTooSmall):
        order(partnership, "more", ["usd"], ("pump", 1))

    give(partnership, "usd", ("clara-won", 500000, 14530))
    dues.repay_advance(
        partnership=partnership, key="repay", advance_key="advance:rc", amount_minor=146003, at=AT
    )

    assert balance(partnership, "due-from:") == balance(partnership, "exchange:") == 0
    assert fund(partnership).free_minor == 485470 - 146003
    anna = queries.trace(partnership=partnership, key="anna")
    assert anna is not None
    assert [(row["to"], row["amount"]) for row in anna.rows()] == [
        ("exchange", 2397), ("order", 2155),
    ]  # fmt: skip
